"""app.yaml to settings: what the sample team says arrives as core objects."""

from __future__ import annotations

from datetime import date, time, timedelta
from pathlib import Path

import pytest

from bot.config.holiday_years import country_days, unknown_years
from bot.config.load import load_settings
from bot.config.problems import SettingsRefusedError
from bot.core.contacts import Priority
from bot.core.courses import Measure
from bot.core.escalation import Notify
from bot.core.ids import QueueId, TeamId
from bot.core.people import Role, Team
from bot.core.queues import Channel
from bot.core.settings import Settings
from bot.core.sla import Counted
from bot.i18n.catalog import Translator
from scheduler.staffing.shrinkage import ShrinkageCause, ShrinkagePlan

SAMPLE = Path(__file__).parents[3] / "app.yaml"
TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def harbour() -> Settings:
    return load_settings(SAMPLE, today=TODAY).settings


def test_the_sample_is_complete(harbour: Settings) -> None:
    assert set(harbour.queues) == {"phone", "chat", "email"}
    assert harbour.zone == "Asia/Shanghai"
    assert harbour.staffing.interval == timedelta(minutes=15)
    assert harbour.staffing.targets["phone-80-20"].share == 0.80
    assert harbour.staffing.targets["phone-80-20"].within_seconds == 20
    assert harbour.staffing.targets["email-90-3h"].within_seconds == 3 * 3600


def test_queues_carry_what_staffing_needs(harbour: Settings) -> None:
    phone, chat, email = (harbour.queues[QueueId(name)] for name in ("phone", "chat", "email"))
    assert (phone.channel, phone.aht_seconds, phone.patience_seconds) == (Channel.PHONE, 240, 180)
    assert chat.concurrency == 2
    assert email.patience_seconds is None


def test_policies_keep_their_conditions_and_how_each_promise_is_counted(harbour: Settings) -> None:
    policies = {policy.name: policy for policy in harbour.policies}
    standard = {target.measure: target for target in policies["standard"].targets}
    response, resolution = standard[Measure.FIRST_RESPONSE], standard[Measure.RESOLUTION]
    # A promise may carry a unit of its own.
    call_back = standard[Measure.CALL_BACK]
    assert (call_back.counted, call_back.within) == (Counted.ELAPSED, timedelta(minutes=30))
    assert (response.measure, response.counted, response.within) == (
        Measure.FIRST_RESPONSE,
        Counted.BUSINESS,
        timedelta(minutes=30),
    )
    assert (resolution.counted, resolution.working_days) == (Counted.WORKING_DAYS, 3)
    assert policies["urgent"].priorities == {Priority.URGENT}
    assert policies["urgent"].targets[0].counted is Counted.ELAPSED
    assert policies["urgent-call"].channels == {Channel.PHONE}
    assert policies["email"].priorities == {Priority.MEDIUM, Priority.LOW}


def test_roles_teams_and_chains(harbour: Settings) -> None:
    assert harbour.roles.role_of("Ada@Harbour.example") is Role.ADMIN
    assert harbour.roles.role_of("lin@harbour.example") is Role.LEAD
    assert harbour.roles.role_of("somebody@harbour.example") is Role.AGENT
    team = harbour.teams[TeamId("harbour")]
    assert team.channels == {"alerts": "harbour-alerts", "standup": "harbour-standup"}
    assert team.stand_up is not None
    assert (team.stand_up.at, team.stand_up.weekdays) == (time(9, 30), frozenset(range(5)))
    assert team.board_every is None
    chain = harbour.chains["harbour"]
    assert [(s.after, s.notify) for s in chain.steps] == [
        (timedelta(0), Notify.CHANNEL),
        (timedelta(minutes=10), Notify.LEAD_ON_DUTY),
    ]


def test_groups_and_a_topic_may_follow_who_is_on_shift(tmp_path: Path) -> None:
    sample = SAMPLE.read_text(encoding="utf-8")
    roles = "\npeople:\n  slack_user_groups: {lead: S0LEADERS, planner: Planners-Now}\n"

    def loaded(on_shift: str) -> Team:
        path = tmp_path / "app.yaml"
        text = sample.replace("\n    stand_up:", f"\n    on_shift: {on_shift}\n    stand_up:", 1)
        path.write_text(text.replace("\npeople:\n", roles, 1), "utf-8")
        return load_settings(path, today=TODAY).settings.teams[TeamId("harbour")]

    team = loaded('{group: "@harbour-now", by_skill: {english: S0ENGLISH}, topic: "#harbour-floor"}')
    assert [(g.group, g.skill, g.shown) for g in team.on_shift_groups] == [
        ("harbour-now", None, "@harbour-now"),
        ("S0ENGLISH", "english", "S0ENGLISH"),
    ]
    assert team.on_shift_topic == "harbour-floor"
    assert loaded("{topic: harbour-floor}").on_shift_groups == ()
    assert loaded('{group: "@Harbour-Now"}').on_shift_groups[0].group == "harbour-now"
    for wrong, kind, path in (
        ("{}", "on_shift_empty", "teams.harbour.on_shift"),
        ("{group: Harbour Now}", "slack_group", "teams.harbour.on_shift.group"),
        ("{group: S0LEADERS}", "on_shift_gives_role", "teams.harbour.on_shift.group"),
        ('{group: "@planners-now"}', "on_shift_gives_role", "teams.harbour.on_shift.group"),
        (
            "{by_skill: {english: S0LEADERS}}",
            "on_shift_gives_role",
            "teams.harbour.on_shift.by_skill.english",
        ),
        ('{topic: "a b"}', "slack_channel", "teams.harbour.on_shift.topic"),
    ):
        with pytest.raises(SettingsRefusedError) as refused:
            loaded(wrong)
        (problem,) = refused.value.problems
        assert (problem.kind, problem.path) == (kind, path)
        for locale in ("en", "zh-Hans"):
            assert "{" not in problem.text(Translator(locale))


def test_one_topic_is_for_one_team(tmp_path: Path) -> None:
    sample = SAMPLE.read_text(encoding="utf-8")
    head, _, rest = sample.partition("\nteams:\n")
    own, _, after = rest.partition("\nqueues:\n")
    own = own.replace("    stand_up:", '    on_shift: {group: "@now", topic: floor}\n    stand_up:', 1)
    path = tmp_path / "app.yaml"

    def load(second: str) -> Settings:
        path.write_text(f"{head}\nteams:\n{own}\n{second}\nqueues:\n{after}", "utf-8")
        return load_settings(path, today=TODAY).settings

    second = own.replace("harbour:", "quay:", 1)
    with pytest.raises(SettingsRefusedError) as refused:
        load(second)
    (problem,) = refused.value.problems
    assert (problem.kind, problem.path) == ("on_shift_topic_twice", "teams.quay.on_shift.topic")
    # A group is for as many as name it.
    teams = load(second.replace("topic: floor", "topic: wall", 1)).teams.values()
    assert [g.group for team in teams for g in team.on_shift_groups] == ["now", "now"]


def test_a_team_may_have_its_board_posted(tmp_path: Path) -> None:
    sample = SAMPLE.read_text(encoding="utf-8")

    def loaded(board: str) -> Settings:
        path = tmp_path / "app.yaml"
        path.write_text(sample.replace("\n    stand_up:", f"\n    board: {board}\n    stand_up:", 1), "utf-8")
        return load_settings(path, today=TODAY).settings

    team = loaded('{channel: "#harbour-floor"}').teams[TeamId("harbour")]
    assert (team.channels["board"], team.board_every) == ("harbour-floor", timedelta(minutes=1))
    assert loaded("{channel: wall, every: 5m}").teams[TeamId("harbour")].board_every == timedelta(minutes=5)
    for wrong, kind, bound in (
        ("{every: 5m}", "missing_key", None),
        ("{channel: wall, every: 5s}", "at_least", "30s"),
        ("{channel: wall, every: 2h}", "at_most", "1h"),
    ):
        with pytest.raises(SettingsRefusedError) as refused:
            loaded(wrong)
        assert [(p.kind, p.data.get("bound")) for p in refused.value.problems] == [(kind, bound)]


def test_templates_and_contracts_can_be_rostered(harbour: Settings) -> None:
    day = harbour.roster.templates["day"]
    assert (day.earliest_start, day.latest_start) == (time(8), time(13))
    assert day.paid(timedelta(hours=9)) == timedelta(hours=8)
    assert [p.activity for p in day.breaks.pauses(timedelta(hours=9))] == ["break", "lunch", "break"]
    full = harbour.roster.contracts["full-time"]
    assert (full.min_hours_per_week, full.max_hours_per_week, full.templates) == (32, 40, ("day",))
    assert harbour.roster.rules.rest is not None
    assert harbour.roster.rules.rest.hours == 11


def test_the_calendar_knows_public_holidays_makeup_workdays_and_own_days(harbour: Settings) -> None:
    calendar = harbour.calendars["harbour-hours"]
    assert calendar.weekly[6] == ((time(8), time(22)),)
    # State Council notice for 2026: National Day 1 to 7 October (the 4th is a Sunday and listed as no more
    # than that), with work on 20 September and 10 October.
    assert {date(2026, 10, d) for d in (1, 2, 3, 5, 6, 7)} <= set(calendar.holidays)
    assert {date(2026, 9, 20), date(2026, 10, 10)} <= set(calendar.makeup_workdays)
    assert calendar.special_days[date(2027, 2, 6)].periods == ((time(9), time(18)),)
    assert not calendar.special_days[date(2027, 2, 6)].working


def test_own_days_of_next_year_settle_the_warning_about_its_holidays(tmp_path: Path) -> None:
    assert load_settings(SAMPLE, today=TODAY).warnings == ()
    lines = [line for line in SAMPLE.read_text(encoding="utf-8").splitlines() if "2027-02-" not in line]
    bare = tmp_path / "app.yaml"
    bare.write_text("\n".join(lines).replace("    days:  ", "    #days:  "), encoding="utf-8")
    warnings = load_settings(bare, today=TODAY).warnings
    assert [(w.kind, w.path) for w in warnings] == [
        ("holidays_unknown", "calendars.harbour-hours.holidays"),
        ("holidays_unknown", "calendars.office-hours.holidays"),
    ]
    assert warnings[0].data == {"country": "CN", "years": "2027"}
    assert load_settings(bare, today=date(2026, 9, 30)).warnings == ()


def test_strays_of_other_years_are_left_out_of_a_countrys_days() -> None:
    days = country_days("CN", range(2025, 2028))
    assert {d.year for d in days.makeup_workdays} == {2025, 2026}
    assert days.without_makeup == {2027}
    assert unknown_years(days, date(2026, 10, 1)) == (2027,)
    assert unknown_years(days, date(2026, 9, 30)) == ()


def test_a_country_without_makeup_workdays_gives_no_warning() -> None:
    days = country_days("PT", range(2026, 2028))
    assert date(2026, 4, 25) in days.holidays
    assert unknown_years(days, TODAY) == ()


def test_what_may_be_left_out_has_the_documented_default(tmp_path: Path) -> None:
    small = tmp_path / "app.yaml"
    small.write_text(SMALL, encoding="utf-8")
    settings = load_settings(small, today=TODAY).settings
    queue = settings.queues[QueueId("hotline")]
    assert (queue.skill, queue.calendar, queue.concurrency) == ("hotline", "hours", 1)
    team = settings.teams[TeamId("desk")]
    assert (team.zone, team.locale, team.stand_up) == ("Europe/Lisbon", "en", None)
    assert settings.policies == ()
    assert settings.roster.publish.certificate == 0.85
    assert settings.retention.contacts == timedelta(days=730)
    assert settings.timetable.forecast == time(2, 10)


def test_rules_can_be_switched_off(tmp_path: Path) -> None:
    file = tmp_path / "app.yaml"
    file.write_text(SMALL + "  rules: {rest: none, days_in_a_row: none, rest_days_per_week: none}\n")
    rules = load_settings(file, today=TODAY).settings.roster.rules
    assert (rules.rest, rules.consecutive_days, rules.weekly_rest) == (None, None, None)
    assert rules.weekly_hours is not None


def test_anchors_and_merges_are_plain_yaml(tmp_path: Path) -> None:
    text = SMALL.replace(
        "queues:\n  hotline: {team: desk, channel: phone, target: fast, aht: 4m}\n",
        "queues:\n  hotline: &q {team: desk, channel: phone, target: fast, aht: 4m}\n"
        "  returns: {<<: *q, aht: 6m}\n",
    )
    file = tmp_path / "app.yaml"
    file.write_text(text)
    queues = load_settings(file, today=TODAY).settings.queues
    assert queues[QueueId("returns")].aht_seconds == 360
    assert queues[QueueId("returns")].team == "desk"


def test_peak_windows_are_a_queues_own_and_each_weekday_stands_once(tmp_path: Path) -> None:
    text = SMALL.replace("aht: 4m}", 'aht: 4m, peaks: {mon-fri: ["10:00-12:00", "15:00-16:30"]}}')
    file = tmp_path / "app.yaml"
    file.write_text(text)
    peaks = load_settings(file, today=TODAY).settings.queues[QueueId("hotline")].peaks
    assert set(peaks) == {0, 1, 2, 3, 4}
    assert peaks[0] == ((time(10), time(12)), (time(15), time(16, 30)))
    file.write_text(text.replace("peaks: {mon-fri", 'peaks: {tue: ["09:00-10:00"], mon-fri'))
    with pytest.raises(SettingsRefusedError):
        load_settings(file, today=TODAY)


def test_shrinkage_is_one_share_or_causes_with_their_hours(tmp_path: Path) -> None:
    def loaded(shrinkage: str) -> ShrinkagePlan:
        file = tmp_path / "app.yaml"
        file.write_text(
            SMALL.replace("staffing:\n", f"staffing:\n  shrinkage: {shrinkage}\n"), encoding="utf-8"
        )
        return load_settings(file, today=TODAY).settings.staffing.shrinkage

    assert loaded("0.08") == ShrinkagePlan.flat(0.08)
    assert loaded("0") == loaded("[]") == ShrinkagePlan()
    causes = """
    - {name: sickness, share: 0.05}
    - {name: training, share: 0.1, planned: true, days: "mon,wed", hours: "13:00-15:00"}"""
    assert loaded(causes).causes == (
        ShrinkageCause(name="sickness", share=0.05),
        ShrinkageCause(
            name="training", share=0.1, planned=True, days=frozenset({0, 2}), hours=(time(13), time(15))
        ),
    )


SMALL = """\
version: 1
zone: Europe/Lisbon
people: {admins: [ada@example.com]}
calendars:
  hours: {zone: Europe/Lisbon, hours: {mon-fri: ["09:00-18:00"]}}
teams:
  desk: {calendar: hours, channels: {alerts: alerts, standup: standup}, escalation: chain}
queues:
  hotline: {team: desk, channel: phone, target: fast, aht: 4m}
escalation:
  chain: {steps: [{after: 0m, notify: channel}], last_resort: ada@example.com}
staffing:
  targets: {fast: {share: 0.8, within: 20s}}
roster:
  templates: {day: {start: "09:00", step: 30m, lengths: [8h]}}
  contracts: {full: {hours: 40, days: 5, templates: [day]}}
"""
