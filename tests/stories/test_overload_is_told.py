"""ST11, TI5: overload reaches the lead as a count, and the person alone, with somebody to talk to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from bot.core.kpis.settings import KpiSettings
from bot.core.settings import Settings
from bot.playground import Message
from tests.stories.service import Service, Setting, publish, running
from tests.support.builders import TEAM, at, settings

WEEK = date(2026, 11, 16)
MONDAY = WEEK + timedelta(days=7)
LINE = "Employee line, 24 h: 400-800-1000"


def caring(**more: object) -> Settings:
    made = settings()
    team = replace(made.teams[TEAM], counselling=LINE)
    return replace(made, teams={TEAM: team}, **more)  # type: ignore[arg-type]


def full_week(service: Service, tired: str = "bo") -> None:
    """Everybody works from Tuesday to Thursday; one of them on all seven days."""
    days = [WEEK + timedelta(days=n) for n in range(7)]
    shifts = [(tired, at(9, day=d), at(18, day=d)) for d in days]
    others = {"lin", "bo", "chen"} - {tired}
    shifts += [(who, at(9, day=d), at(18, day=d)) for who in sorted(others) for d in days[1:4]]
    publish(service.store, shifts, first=WEEK)


def look(service: Service, instant: datetime) -> None:
    service.clock.forward_to(instant)
    service.application.runner.wake("packs", "deliver")


def told(service: Service, who: str, words: str) -> list[Message]:
    return [m for m in service.direct(who) if words in m.text]


def typed(service: Service, who: str, command: str, words: str) -> str:
    return service.slack.render(service.slack.user(who).command(command, words).answer(), who)


def test_the_lead_gets_a_count_the_person_their_own_and_nobody_a_name(tmp_path: Path) -> None:
    with (
        running(tmp_path, Setting(start=at(9, day=MONDAY), settings=caring())) as service,
        service.replica() as replica,
    ):
        full_week(service)
        look(service, at(9, 59, day=MONDAY))
        service.settle()
        assert told(service, "lin", "pattern of overload") == []
        look(service, at(10, day=MONDAY))
        replica.application.runner.wake("packs", "deliver")
        (card,) = service.wait(lambda: told(service, "lin", "pattern of overload"), "the lead's card")
        text = service.slack.render(card, "lin")
        bo = service.slack.user("bo").user.id
        assert "1 person of 3 shows a pattern" in text
        assert "1 person: 7 days in a row or more" in text
        assert "@bo" not in text
        assert bo not in text
        (own,) = service.wait(lambda: told(service, "bo", "shows:"), "bo's own")
        said = service.slack.render(own, "bo")
        assert "7 days in a row or more" in said
        assert LINE in said
        service.settle()
        assert len(told(service, "lin", "pattern of overload")) == 1
        assert len(told(service, "bo", "shows:")) == 1
        assert told(service, "chen", "过载") == []
        # The link to look: the lead of these people sees whose it is.
        shown = service.slack.render(service.slack.user("lin").press(card, "Look").answer(), "lin")
        assert "Days in a row: 3 – 7, median 3" in shown
        assert "@bo: 7 days in a row or more" in shown
        mine = service.slack.render(service.slack.user("bo").press(own, "My weeks").answer(), "bo")
        assert "Days in a row: 7" in mine
        assert "Hours: 56 h" in mine
        assert LINE in mine


def test_names_are_for_the_lead_and_figures_of_others_are_refused(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(11, day=MONDAY), settings=caring())) as service:
        full_week(service)
        bo, chen = (f"<@{service.slack.user(n).user.id}>" for n in ("bo", "chen"))
        assert "Days in a row: 7" in typed(service, "lin", "/muster", f"load {bo}")
        assert "needs the role lead" in typed(service, "bo", "/muster", "load")
        assert "another team or person" in typed(service, "ada", "/muster", f"load {bo}")
        assert "needs the role lead" in typed(service, "bo", "/muster", f"load {chen}")
        # An admin who leads nobody sees ranges, and no name.
        ranges = typed(service, "ada", "/muster", "load")
        assert "1 person of 3 shows a pattern." in ranges
        assert "@bo" not in ranges
        assert "no week" in typed(service, "lin", "/muster", "load soon")
        assert "has not begun" in typed(service, "lin", "/muster", "load 2027-W10")
        assert "nothing was changed" in typed(service, "bo", "/shift", "load much")
        assert "连续工作天数：3" in typed(service, "chen", "/shift", "load")


def test_the_counselling_stands_in_the_home_of_everybody(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(11, day=MONDAY), settings=caring())) as service:
        for who in ("bo", "lin", "chen"):
            user = service.slack.user(who)
            shown = service.slack.render(user.open_home().home(), who)
            assert LINE in shown


def test_who_does_not_want_it_is_not_told(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(9, day=MONDAY), settings=caring())) as service:
        full_week(service)
        assert "not told of patterns" in typed(service, "bo", "/shift", "load off")
        look(service, at(10, day=MONDAY))
        service.wait(lambda: told(service, "lin", "1 person of 3"), "the lead's card")
        service.settle()
        assert told(service, "bo", "shows:") == []


def test_where_figures_of_one_person_are_off_there_are_counts_alone(tmp_path: Path) -> None:
    off = caring(kpis=KpiSettings(individual=False))
    with running(tmp_path, Setting(start=at(9, day=MONDAY), settings=off)) as service:
        full_week(service)
        look(service, at(10, day=MONDAY))
        (card,) = service.wait(lambda: told(service, "lin", "1 person of 3"), "the lead's card")
        service.settle()
        assert told(service, "bo", "shows:") == []
        shown = service.slack.render(service.slack.user("lin").press(card, "Look").answer(), "lin")
        assert "@bo" not in shown
        assert "switched off" in typed(service, "bo", "/shift", "load")


def test_a_calm_week_tells_nobody(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(9, day=MONDAY), settings=caring())) as service:
        days = [WEEK + timedelta(days=n) for n in range(4)]
        shifts = [(who, at(9, day=d), at(18, day=d)) for who in ("lin", "bo", "chen") for d in days]
        publish(service.store, shifts, first=WEEK)
        look(service, at(10, day=MONDAY))
        service.settle()
        assert told(service, "lin", "overload") == []
        assert "Nobody shows a pattern of overload." in typed(service, "lin", "/muster", "load")


def test_a_day_too_late_nobody_is_told(tmp_path: Path) -> None:
    with running(
        tmp_path, Setting(start=at(11, day=MONDAY + timedelta(days=1)), settings=caring())
    ) as service:
        full_week(service)
        look(service, at(12, day=MONDAY + timedelta(days=1)))
        service.settle()
        assert told(service, "lin", "overload") == []
