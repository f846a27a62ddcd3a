"""Rules of rosters in app.yaml: they reach the solver's words, and names that do not exist are refused."""

from __future__ import annotations

from datetime import date, time, timedelta
from pathlib import Path

import pytest

from bot.config.load import load_settings
from bot.config.problems import SettingsRefusedError
from bot.core.planned_activities import Every
from bot.core.settings import RosterSettings

SAMPLE = (Path(__file__).parents[3] / "app.yaml").read_text(encoding="utf-8")
CONTRACT = "full-time: {hours: 32-40, days: 5, templates: [day]}"
RULES = "rules: {rest: 11h, days_in_a_row: 6, rest_days_per_week: 1}"


def roster(tmp_path: Path, *, contract: str = "", rules: str = "") -> RosterSettings:
    text = SAMPLE
    for old, more in ((CONTRACT, contract), (RULES, rules)):
        assert text.count(old) == 1
        text = text.replace(old, f"{old[:-1]}, {more}}}" if more else old)
    file = tmp_path / "app.yaml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file, today=date(2026, 11, 22)).settings.roster


def test_contracts_limit_runs_weekends_and_kinds_of_shift(tmp_path: Path) -> None:
    more = (
        "days_in_a_row: 5, least_days_in_a_row: 2, least_days_off_in_a_row: 2, weekends: 2, "
        "complete_weekends: true, every_nth_weekend: 2, most_shifts: [{templates: [half], most: 4}]"
    )
    held = roster(tmp_path, contract=more).contracts["full-time"]
    assert (held.max_consecutive_days, held.min_consecutive_days, held.min_consecutive_days_off) == (5, 2, 2)
    assert (held.max_weekends, held.complete_weekends, held.weekend_rotation) == (2, True, 2)
    assert [(limit.templates, limit.most) for limit in held.shift_limits] == [(("half",), 4)]


def test_rules_for_everybody_can_be_hard_or_have_a_price(tmp_path: Path) -> None:
    more = (
        "never_after: [{after: half, never: [day, lisbon]}], steady_starts: {within: 2h, price: 40}, "
        "presence: [{name: a lead, attribute: lead, least: 1, queues: [phone]}, {name: seats, most: 20}], "
        "soft: {max_weekends: 200}"
    )
    held = roster(tmp_path, rules=more)
    assert held.rules.successions is not None
    assert held.rules.successions.pairs == {("half", "day"), ("half", "lisbon")}
    assert held.rules.steady_starts is not None
    assert (held.rules.steady_starts.hours, held.rules.steady_starts.weight) == (2.0, 40)
    assert held.rules.price("max_weekends") == 200
    assert [(p.name, p.least, p.most, p.queues) for p in held.presence] == [
        ("a lead", 1, None, ("phone",)),
        ("seats", 0, 20, ()),
    ]


def test_preparing_belongs_to_a_kind_of_shift(tmp_path: Path) -> None:
    file = tmp_path / "app.yaml"
    file.write_text(
        SAMPLE.replace("      lengths: [9h]\n", "      lengths: [9h]\n      prepare: 5m\n"), encoding="utf-8"
    )
    held = load_settings(file, today=date(2026, 11, 22)).settings.roster
    assert held.templates["day"].prepare == timedelta(minutes=5)


ACTIVITIES = """  activities:
    stand-up: {kind: stand_up, length: 15m, days: [mon-fri], between: "09:00-11:00", price: 40}
    refunds: {kind: training, length: 1h, every: week, skill: phone, group: 6, led_by: trainer,
              teaches: refunds, level: 0.8}
    talk: {kind: one_to_one, length: 30m, every: roster, group: 1, led_by: lead, share: 0.5}
"""


def with_activities(tmp_path: Path, old: str = "", new: str = "") -> RosterSettings:
    file = tmp_path / "app.yaml"
    text = SAMPLE.replace("  contracts:   ", ACTIVITIES.replace(old, new) + "  contracts:   ")
    assert text != SAMPLE
    file.write_text(text, encoding="utf-8")
    return load_settings(file, today=date(2026, 11, 22)).settings.roster


def test_activities_say_who_meets_how_often_and_when(tmp_path: Path) -> None:
    stand_up, refunds, talk = with_activities(tmp_path).activities
    assert (stand_up.name, stand_up.kind, stand_up.every, stand_up.weight) == (
        "stand-up", "stand_up", Every.DAY, 40
    )  # fmt: skip
    assert (stand_up.weekdays, stand_up.between) == (frozenset(range(5)), (time(9), time(11)))
    assert (refunds.every, refunds.skill, refunds.group, refunds.leader) == (
        Every.WEEK, "phone", 6, "skill:trainer"
    )  # fmt: skip
    assert (refunds.teaches, refunds.level, talk.teaches, talk.level) == ("refunds", 0.8, None, None)
    assert (talk.every, talk.leader, talk.share, talk.between) == (
        Every.ROSTER, "lead", 0.5, (time(0), time(0))
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "kind", "path"),
    [
        ("length: 15m", "length: 10m", "activity_length", "stand-up.length"),
        ("length: 15m", "length: soon", "duration", "stand-up.length"),
        ("kind: training", "kind: party", "not_allowed", "refunds.kind"),
        ("every: week", "every: year", "not_allowed", "refunds.every"),
        ("share: 0.5", "share: 0", None, "talk.share"),
        ("group: 1", "group: 0", None, "talk.group"),
        ("mon-fri", "mon-fry", "weekday", "stand-up.days"),
        ("level: 0.8", "level: 2.5", None, "refunds.level"),
        ("teaches: refunds, ", "", "activity_level", "refunds.level"),
        ("price: 40", "teaches: tone", "activity_teaches", "stand-up.teaches"),
    ],
)
def test_activities_that_cannot_be_placed_are_refused(
    tmp_path: Path, old: str, new: str, kind: str | None, path: str
) -> None:
    with pytest.raises(SettingsRefusedError) as refused:
        with_activities(tmp_path, old, new)
    found = [(p.kind, p.path) for p in refused.value.problems]
    assert [p for _, p in found] == [f"roster.activities.{path}"]
    assert kind in (None, found[0][0])


@pytest.mark.parametrize(
    ("contract", "rules", "where"),
    [
        (
            "most_shifts: [{templates: [halv], most: 4}]",
            "",
            "roster.contracts.full-time.most_shifts[1].templates[1]",
        ),
        ("", "never_after: [{after: dai, never: [half]}]", "roster.rules.never_after[1].after"),
        ("", "presence: [{name: x, most: 3, queues: [fone]}]", "roster.rules.presence[1].queues[1]"),
        ("", "presence: [{name: x, least: 1, attribute: leed}]", "roster.rules.presence[1].attribute"),
        (
            "",
            "presence: [{name: x, least: 1, attribute: lead, skill: english}]",
            "roster.rules.presence[1]",
        ),
        ("", "presence: [{name: x, least: 3, most: 2}]", "roster.rules"),
        ("", "presence: [{name: x, most: 3}, {name: x, most: 4}]", "roster.rules"),
        ("", "soft: {max_weekend: 3}", "roster.rules"),
    ],
)
def test_names_that_do_not_exist_are_refused(tmp_path: Path, contract: str, rules: str, where: str) -> None:
    with pytest.raises(SettingsRefusedError) as refused:
        roster(tmp_path, contract=contract, rules=rules)
    assert [p.path for p in refused.value.problems] == [where]
