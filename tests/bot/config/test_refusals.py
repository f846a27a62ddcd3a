"""Bad app.yaml: refused with file, line, key, what is allowed and what was meant; all at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.config.load import load_settings
from bot.config.problems import Problem, SettingsRefusedError
from bot.i18n.catalog import Translator

SAMPLE = (Path(__file__).parents[3] / "app.yaml").read_text(encoding="utf-8")
Refuse = Callable[[str | bytes], tuple[Problem, ...]]


@pytest.fixture
def refuse(tmp_path: Path) -> Refuse:
    def refused(text: str | bytes) -> tuple[Problem, ...]:
        file = tmp_path / "app.yaml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(SettingsRefusedError) as error:
            load_settings(file, today=date(2026, 11, 22))
        for problem in error.value.problems:
            for locale in ("en", "zh-Hans"):
                assert "{" not in problem.text(Translator(locale)).replace("{share", "")
        return error.value.problems

    return refused


def changed(old: str, new: str) -> tuple[str, int]:
    """The sample with one change, and the line it is in."""
    assert SAMPLE.count(old) == 1, f"{SAMPLE.count(old)} places for {old!r}"
    return SAMPLE.replace(old, new), SAMPLE[: SAMPLE.index(old)].count("\n") + 1


def test_a_typo_in_a_key_names_file_line_path_allowed_and_meant(refuse: Refuse, tmp_path: Path) -> None:
    text, line = changed("shrinkage: 0.08", "shrinkag: 0.08")
    (problem,) = refuse(text)
    assert (problem.kind, problem.line, problem.path) == ("unknown_key", line, "staffing.shrinkag")
    assert problem.suggestion == "shrinkage"
    assert problem.allowed == (
        "interval",
        "targets",
        "probability",
        "shrinkage",
        "late_start",
        "volume_error",
        "minimum_agents",
        "extra_models",
        "handling_times",
    )
    said = problem.text(Translator("en"))
    assert said.startswith(f"{tmp_path / 'app.yaml'}:{line}: staffing.shrinkag: ")
    assert "Did you mean: shrinkage?" in said
    assert "您是不是想写：shrinkage？" in problem.text(Translator("zh-Hans"))


@pytest.mark.parametrize(
    ("old", "new", "path", "meant"),
    [
        ("target: phone-80-20", "target: phone-80-2", "queues.phone.target", "phone-80-20"),
        ("escalation: harbour\n", "escalation: harbor\n", "teams.harbour.escalation", "harbour"),
        (
            "full-time: {hours: 32-40, days: 5, templates: [day]}",
            "full-time: {hours: 32-40, days: 5, templates: [days]}",
            "roster.contracts.full-time.templates[1]",
            "day",
        ),
        ("  email:\n    team: harbour\n", "  email:\n    team: harbur\n", "queues.email.team", "harbour"),
    ],
)
def test_a_broken_reference_names_what_exists(
    refuse: Refuse, old: str, new: str, path: str, meant: str
) -> None:
    text, _ = changed(old, new)
    (problem,) = refuse(text)
    assert (problem.kind, problem.path, problem.suggestion) == ("unknown_name", path, meant)
    assert meant in problem.allowed
    assert problem.line is not None
    assert new.rpartition(" ")[2].strip("[]}\n ") in text.splitlines()[problem.line - 1]


@pytest.mark.parametrize(
    ("old", "new", "kind", "path"),
    [
        ("channel: chat\n", "channel: chatt\n", "not_allowed", "queues.chat.channel"),
        ("aht: 4m  ", "aht: 4 minutes  ", "duration", "queues.phone.aht"),
        ("aht: 4m  ", "aht: 0m  ", "not_positive", "queues.phone.aht"),
        ("aht: 4m  ", "aht: 240  ", "duration", "queues.phone.aht"),
        (
            "shrinkage: 0.08",
            "shrinkage: 0.08\n  handling_times: {order: 8m-5m}",
            "duration_range",
            "staffing.handling_times.order",
        ),
        ("concurrency: 2 ", "concurrency: two ", "expected_whole_number", "queues.chat.concurrency"),
        ("concurrency: 2 ", "concurrency: true ", "expected_whole_number", "queues.chat.concurrency"),
        ("concurrency: 2 ", "concurrency: 99 ", "at_most", "queues.chat.concurrency"),
        (
            "channel: phone           # phone, chat",
            "channel: phone\n    concurrency: 3 # phone, chat",
            "concurrency",
            "queues.phone.concurrency",
        ),
        ("shrinkage: 0.08", "shrinkage: 8%", "expected_number", "staffing.shrinkage"),
        ("shrinkage: 0.08", "shrinkage: 1.08", "below", "staffing.shrinkage"),
        (
            "shrinkage: 0.08",
            "shrinkage: [{name: sick, share: 1.08}]",
            "below",
            "staffing.shrinkage[1].share",
        ),
        (
            "shrinkage: 0.08",
            "shrinkage: [{name: sick, share: 0.1, hour: '9:00-10:00'}]",
            "unknown_key",
            "staffing.shrinkage[1].hour",
        ),
        (
            "shrinkage: 0.08",
            "shrinkage: [{name: sick, share: 0.1}, {name: sick, share: 0.2}]",
            "shrinkage_twice",
            "staffing.shrinkage",
        ),
        (
            "shrinkage: 0.08",
            "shrinkage: [{name: sick, share: 0.6}, {name: meeting, share: 0.4, hours: '22:00-01:00'}]",
            "shrinkage_all",
            "staffing.shrinkage",
        ),
        (
            "{share: 0.80, within: 30s}",
            "{share: 80, within: 30s}",
            "below",
            "staffing.targets.chat-80-30.share",
        ),
        ("interval: 15m  ", "interval: 7m  ", "not_allowed", "staffing.interval"),
        ("zone: Asia/Shanghai          #", "zone: Asia/Beijing          #", "zone", "zone"),
        ("warn_at: [0.5, 0.8]", "warn_at: [0.5, 1.5]", "below", "sla.warn_at[2]"),
        ("warn_at: [0.5, 0.8]", "warn_at: 0.5", "expected_list", "sla.warn_at"),
        (
            "priority: urgent, first_response: 5m",
            "priority: urgnt, first_response: 5m",
            "not_allowed",
            "sla.policies[1].priority",
        ),
        (
            "next_response: 30m, resolution: 3 working days",
            "next_response: 30m, resolution: 3 working dayz",
            "duration",
            "sla.policies[4].resolution",
        ),
        ("notify: lead_on_duty", "notify: lead", "not_allowed", "escalation.harbour.steps[2].notify"),
        ("notify: lead_on_duty", "notify: person", "step_email", "escalation.harbour.steps[2]"),
        ("{after: 10m, notify", "{after: 0m, notify", "steps_order", "escalation.harbour.steps"),
        ("last_resort: ada@harbour.example", "last_resort: ada", "email", "escalation.harbour.last_resort"),
        ("holidays: CN ", "holidays: China ", "country", "calendars.harbour-hours.holidays"),
        ('mon-sun: ["08:00-22:00"]', 'mon-son: ["08:00-22:00"]', "weekday", "calendars.harbour-hours.hours"),
        (
            'mon-sun: ["08:00-22:00"]',
            'mon-sun: ["22:00-06:00"]',
            "window_backwards",
            "calendars.harbour-hours.hours.mon-sun[1]",
        ),
        (
            'mon-sun: ["08:00-22:00"]',
            'mon-sun: ["08:00-12:00", "11:00-18:00"]',
            "windows_overlap",
            "calendars.harbour-hours.hours",
        ),
        (
            'mon-sun: ["08:00-22:00"]',
            'mon-sun: ["08:00-22:00"]\n      sat: []',
            "weekday_twice",
            "calendars.harbour-hours.hours",
        ),
        (
            '2027-02-06: {name: "Spring Festival eve", hours: ["09:00-18:00"]',
            '2027-02-30: {name: "Spring Festival eve", hours: ["09:00-18:00"]',
            "day",
            "calendars.harbour-hours.days.2027-02-30",
        ),
        (
            "channels: {alerts: harbour-alerts,",
            "channels: {alerts: Harbour Alerts,",
            "slack_channel",
            "teams.harbour.channels.alerts",
        ),
        ("hours: 32-40", "hours: 40-32", "hours", "roster.contracts.full-time.hours"),
        (
            "lunch: {length: 60m, after: 3h, before: 5h30m}",
            "lunch: {length: 60m, after: 8h30m, before: 8h45m}",
            "cannot_be",
            "roster.templates.day",
        ),
        ("rest: 11h", "rest: 72h", "cannot_be", "roster.rules"),
        ("admins: [ada@harbour.example]", "admins: []", "empty_list", "people.admins"),
        (
            "planners: [pei@harbour.example]",
            "planners: [ada@harbour.example]",
            "role_twice",
            "people.planners[1]",
        ),
        ("version: 1\n", "version: 2\n", "not_allowed", "version"),
        ("version: 1\n", "", "missing_key", "version"),
        ("language: en                 #", "language:                 #", "no_value", "language"),
        ("  chat:\n    team", "  lunch:\n    team", "reserved_queue", "queues.lunch"),
        ("name: high, priority: high", "name: high, priority: urgent", "policies_alike", "sla.policies[3]"),
        ("name: high, priority", "name: urgent, priority", "policy_name_twice", "sla.policies[3].name"),
    ],
)
def test_a_wrong_value_is_refused_at_its_key(
    refuse: Refuse, old: str, new: str, kind: str, path: str
) -> None:
    text, _ = changed(old, new)
    problems = refuse(text)
    assert (kind, path) in [(p.kind, p.path) for p in problems]
    assert all(p.line is not None for p in problems if p.path != "version")


def test_an_unknown_time_zone_is_answered_with_the_nearest(refuse: Refuse) -> None:
    text, line = changed("zone: Asia/Shanghai          #", "zone: Asia/Shanghia          #")
    (problem,) = refuse(text)
    assert (problem.kind, problem.line, problem.suggestion) == ("zone", line, "Asia/Shanghai")


def test_everything_wrong_is_listed_at_once_in_the_order_of_the_file(refuse: Refuse) -> None:
    text = SAMPLE
    for old, new in (
        ("target: chat-80-30", "target: chat-80"),
        ("shrinkage: 0.08", "shrinkag: 0.08"),
        ("rest: 11h", "rest: eleven hours"),
        ("last_resort: ada@harbour.example", "last_resort: ada"),
    ):
        assert old in text
        text = text.replace(old, new)
    problems = refuse(text + "zone: UTC\n")
    assert [p.kind for p in problems] == ["unknown_name", "email", "unknown_key", "duration", "duplicate_key"]
    assert [p.line for p in problems] == sorted(p.line or 0 for p in problems)


def test_every_duplicate_key_is_named_with_its_first_line(refuse: Refuse) -> None:
    text = SAMPLE.replace("  phone:\n", "  phone:\n    team: harbour\n", 1) + "language: en\n"
    problems = refuse(text)
    assert [(p.kind, p.path) for p in problems] == [
        ("duplicate_key", "queues.phone.team"),
        ("duplicate_key", "language"),
    ]
    assert problems[1].data["first"] == SAMPLE[: SAMPLE.index("language: en")].count("\n") + 1


def test_indentation_by_tabs_is_called_that(refuse: Refuse) -> None:
    text, line = changed("  interval: 15m ", "\tinterval: 15m ")
    (problem,) = refuse(text)
    assert (problem.kind, problem.line) == ("tab", line)


@pytest.mark.parametrize(
    "text", ["zone: [Asia/Shanghai\nversion: 1\n", "a: b: c\n", "a: 'open\n", "a: *nowhere\n"]
)
def test_what_is_not_yaml_is_refused_with_a_line(refuse: Refuse, text: str) -> None:
    (problem,) = refuse(text)
    assert problem.kind == "syntax"
    assert problem.line is not None


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n"])
def test_an_empty_file_is_called_that(refuse: Refuse, text: str) -> None:
    (problem,) = refuse(text)
    assert problem.kind == "empty_file"


@pytest.mark.parametrize("text", ["- a\n- b\n", "just words\n"])
def test_a_list_or_a_text_is_no_configuration(refuse: Refuse, text: str) -> None:
    (problem,) = refuse(text)
    assert problem.kind == "no_mapping"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_another_encoding_is_refused_with_the_line(refuse: Refuse, encoding: str) -> None:
    (problem,) = refuse("version: 1\n# 时区\nzone: UTC\n".encode(encoding))
    assert problem.kind == "encoding"
    assert problem.line == (2 if encoding == "gb18030" else 1)


def test_a_byte_order_mark_is_no_obstacle(tmp_path: Path) -> None:
    file = tmp_path / "app.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + SAMPLE.encode())
    assert load_settings(file, today=date(2026, 11, 22)).settings.zone == "Asia/Shanghai"


def test_a_missing_file_is_answered_with_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefusedError, match="muster init"):
        load_settings(tmp_path / "app.yaml", today=date(2026, 11, 22))


def test_a_folder_instead_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefusedError) as error:
        load_settings(tmp_path, today=date(2026, 11, 22))
    assert [p.kind for p in error.value.problems] == ["unreadable"]


def test_an_alias_that_contains_itself_ends(refuse: Refuse) -> None:
    problems = refuse(SAMPLE.replace("  planners: [pei@harbour.example]", "  planners: &p [*p]"))
    assert "circular" in [p.kind for p in problems]


def test_code_in_tags_is_not_run(refuse: Refuse) -> None:
    text, _ = changed("language: en                 #", "language: !!python/object/apply:os.getcwd [] #")
    assert refuse(text)
