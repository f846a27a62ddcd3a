"""TI1, TI2, TI7, TI10: who was at a training, what people can do since when, and talks that are booked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

from bot.core.ids import AgentId, RosterId
from bot.core.planned_activities import ActivitySettings, Every
from bot.core.requests import Cause
from bot.playground import Message
from bot.usecases import report_absence, train
from scheduler.roster.roster import Assignment, Roster, RosterPeriod
from scheduler.roster.shifts import Segment, SessionKind, Shift
from tests.store.test_incident_repository import plan
from tests.stories.service import DAY, Service, Setting, running, shift
from tests.stories.test_shifts_change_hands import needed, with_rules
from tests.support.builders import SHANGHAI, at

BOOK = "coach.book.1"
TRAINED = ("lin", "bo", "chen")
REFUNDS = ActivitySettings(
    name="refunds",
    kind=SessionKind.TRAINING,
    length=timedelta(hours=1),
    every=Every.WEEK,
    weekdays=frozenset(range(7)),
    between=(time(0), time(0)),
    skill=None,
    group=None,
    leader="lead",
    share=1.0,
    weight=20,
    teaches="refunds",
    level=0.8,
)


def trained(start: datetime, end: datetime, session: datetime) -> Shift:
    """A shift with an hour of training in it."""
    plain = shift(start, end)
    until = session + timedelta(hours=1)
    parts: list[Segment] = []
    for one in plain.segments:
        if one.start <= session and until <= one.end:
            parts += [replace(one, end=session)] if session > one.start else []
            parts.append(Segment(activity=SessionKind.TRAINING, start=session, end=until, paid=True))
            parts += [replace(one, start=until)] if until < one.end else []
        else:
            parts.append(one)
    return replace(plain, segments=tuple(parts))


@contextmanager
def training_day(tmp_path: Path, people: Sequence[str] = TRAINED) -> Iterator[Service]:
    """It is 9:00; at 10:00 everybody has an hour about refunds, which lin gives."""
    chosen = with_rules()
    chosen = replace(chosen, roster=replace(chosen.roster, activities=(REFUNDS,)))
    with running(tmp_path, Setting(start=at(9), settings=chosen)) as service:
        roster = Roster(
            period=RosterPeriod(first=DAY, days=7, zone=SHANGHAI),
            assignments=tuple(Assignment(agent=a, shift=trained(at(8), at(17), at(10))) for a in people),
        )
        with service.store.unit() as uow:
            number = uow.rosters.save_draft(roster, made_at=at(8))
            uow.rosters.publish(number, by="pei", at=at(8), accepted_because=None)
            uow.commit()
        yield service


def over(service: Service) -> Message:
    """The card the lead gets once the hour is over."""
    service.clock.forward_to(at(11, 1))
    service.application.runner.wake("reviews")
    return told(service, "lin", "Who was there?")


def told(service: Service, who: str, words: str) -> Message:
    found = service.wait(lambda: [m for m in service.direct(who) if words in m.text], words)
    message: Message = found[0]
    return message


def typed(service: Service, who: str, words: str) -> str:
    return service.slack.render(service.slack.user(who).command("/muster", words).answer(), who)


def shown(service: Service, message: Message, who: str) -> str:
    return service.slack.render(message, who)


def skills(service: Service, who: str) -> dict[str, float]:
    with service.store.read() as uow:
        agent = uow.people.get(AgentId(who))
    assert agent is not None
    return dict(agent.skills)


def test_the_lead_says_who_was_there_and_grants_what_they_learned(tmp_path: Path) -> None:
    with training_day(tmp_path) as service:
        card = over(service)
        text = shown(service, card, "lin")
        assert "training refunds, Tue 24 Nov 10:00–11:00" in text
        assert "Taken to have been there until you say otherwise: @bo and @chen" in text
        assert "the skill refunds (level 0.8)" in text
        lin = service.slack.user("lin")
        form = lin.press(card, "Somebody was not, or more to say").modal()
        done = lin.submit(form, {"there": ["bo"], "topic": "refunds", "skill": "refunds", "level": "0.8"})
        assert "1 of 2 were there" in shown(service, done.modal(), "lin")
        # Nothing about who may work where changes by itself.
        assert skills(service, "bo") == {"chat": 1.0}
        assert "1 of 2 there" in typed(service, "lin", "training")
        assert "waits for a lead" in typed(service, "bo", "training")
        listed = lin.command("/muster", "training").answer()
        assert "@bo learned refunds (level 0.8)" in shown(service, listed, "lin")
        granted = lin.press(listed, "Grant").answer()
        assert "Granted" in granted.text
        assert skills(service, "bo") == {"chat": 1.0, "refunds": 0.8}
        assert skills(service, "chen") == {"chat": 1.0}
        assert "refunds (level 0.8)" in shown(service, told(service, "bo", "New on your list"), "bo")
        again = lin.press(listed, "Grant", seen=0).answer()
        assert "decided already; nothing was changed" in shown(service, again, "lin")
        assert "未参加" in typed(service, "chen", "training")
        bo = service.slack.user("bo").user.id
        assert "granted" in typed(service, "lin", f"training <@{bo}>")
        lin_id = service.slack.user("lin").user.id
        assert "another team or person" in typed(service, "bo", f"training <@{lin_id}>")
        with service.store.read() as uow:
            kinds = {entry.action for entry in uow.audit.entries()}
        assert {"training.recorded", "skill.granted"} <= kinds


def test_one_press_records_all_but_who_was_reported_absent(tmp_path: Path) -> None:
    with training_day(tmp_path) as service:
        report_absence.report(service.store, service.settings, AgentId("bo"), by="bo", now=at(9, 5))
        card = over(service)
        assert "Reported absent, so not there: @bo" in shown(service, card, "lin")
        lin = service.slack.user("lin")
        done = lin.press(card, "The others were there").answer()
        assert "1 of 2 were there" in shown(service, done, "lin")
        not_now = lin.press(done, "Not now").answer()
        assert "stays on record" in shown(service, not_now, "lin")
        assert "refunds" not in skills(service, "chen")
        again = lin.press(card, "The others were there", seen=0).answer()
        assert "has recorded it already; nothing was changed" in shown(service, again, "lin")
        assert "not there" in typed(service, "bo", "training me")


def test_two_replicas_ask_once_and_an_agent_records_nothing(tmp_path: Path) -> None:
    with training_day(tmp_path) as service:
        over(service)
        service.clock.forward_to(at(11, 2))
        assert train.ask(service.store, service.settings, now=service.clock()) == 0
        service.settle()
        assert len([m for m in service.direct("lin") if "Who was there?" in m.text]) == 1
        assert "Only leads may do that" in typed(service, "bo", "training 1")
        assert "no such training" in typed(service, "lin", "training 99")
        assert "Nothing was changed" in typed(service, "bo", "training everybody")


def test_drills_stand_in_the_record(tmp_path: Path) -> None:
    with training_day(tmp_path) as service:
        with service.store.unit() as uow:
            drill = uow.incidents.add(plan(drill=True))
            assert uow.incidents.finish_step(drill.incident, 1, by="bo", now=at(9))
            uow.commit()
        text = typed(service, "bo", "training")
        assert f"{drill.scenario}, steps done 1" in text


FREE = [("lin", at(8), at(17)), ("bo", at(8), at(17)), ("chen", at(8), at(17))]


@contextmanager
def quiet_day(tmp_path: Path) -> Iterator[Service]:
    """Chat needs all three but from 14:00 to 15:00, when one is enough."""
    with running(tmp_path, Setting(start=at(9), shifts=FREE, settings=with_rules())) as service:
        needed(service, {(at(8), at(14)): 3, (at(14), at(15)): 1, (at(15), at(17)): 3})
        yield service


def talks(service: Service, who: str) -> list[tuple[datetime, datetime]]:
    with service.store.read() as uow:
        found = uow.rosters.shifts_of(AgentId(who), at(0), at(23))
    return [(s.start, s.end) for one in found for s in one.segments if s.activity == SessionKind.ONE_TO_ONE]


def test_a_talk_is_booked_where_nobody_is_missed_and_called_off(tmp_path: Path) -> None:
    with quiet_day(tmp_path) as service:
        lin, bo = service.slack.user("lin"), service.slack.user("bo")
        offered = lin.command("/muster", f"coach <@{bo.user.id}> 30").answer()
        text = shown(service, offered, "lin")
        assert "14:00–14:30, @bo with @lin" in text
        assert "14:30–15:00, @bo with @lin" in text
        assert text.count("@bo with @lin") == 2
        assert "As many as needed stay at the queues" in text
        assert talks(service, "bo") == []
        booked = lin.press(offered, "coach.book.1").answer()
        assert "Booked" in booked.text
        assert talks(service, "bo") == talks(service, "lin") == [(at(14), at(14, 30))]
        note = told(service, "bo", "Your shift")
        assert "with a talk on Tue 24 Nov 14:00–14:30" in shown(service, note, "bo")
        told(service, "lin", "Your shift")
        service.settle()
        assert not service.direct("chen")
        again = lin.press(offered, "coach.book.1", seen=0).answer()
        assert "That time has gone" in shown(service, again, "lin")
        off = bo.press(note, "Call it off").answer()
        assert "Off:" in off.text
        assert talks(service, "bo") == talks(service, "lin") == []
        with service.store.read() as uow:
            (own,) = uow.rosters.shifts_of(AgentId("bo"), at(0), at(23))
        assert own == shift(at(8), at(17))
        assert "is off already" in shown(service, bo.press(note, "Call it off", seen=0).answer(), "bo")


def test_a_talk_is_asked_about_unless_the_agent_was_away(tmp_path: Path) -> None:
    with quiet_day(tmp_path) as service:
        lin, bo = service.slack.user("lin"), service.slack.user("bo")
        first = bo.press(bo.command("/muster", "coach").answer(), "coach.book.1").answer()
        assert "Booked" in first.text
        chen = service.slack.user("chen")
        chen.press(chen.command("/muster", "coach").answer(), "coach.book.1").answer()
        assert len(talks(service, "lin")) == 2
        report_absence.report(service.store, service.settings, AgentId("bo"), by="bo", now=at(9, 5))
        service.clock.forward_to(at(15, 1))
        service.application.runner.wake("reviews")
        card = told(service, "lin", "Who was there?")
        assert "one-to-one, Tue 24 Nov 14:30–15:00" in shown(service, card, "lin")
        assert "@bo" not in shown(service, card, "lin")
        begun = chen.press(told(service, "chen", "个班次变动"), "coach.cancel").answer()
        assert "已开始或已结束" in shown(service, begun, "chen")
        lin.press(card, "All were there").answer()
        service.settle()
        assert len([m for m in service.direct("lin") if "Who was there?" in m.text]) == 1
        assert "one-to-one, not there" in typed(service, "bo", "training")
        assert "一对一" in typed(service, "chen", "training")


def test_an_agent_asks_for_help_and_others_cannot_book_for_them(tmp_path: Path) -> None:
    with quiet_day(tmp_path) as service:
        bo, chen = service.slack.user("bo"), service.slack.user("chen")
        offered = bo.command("/muster", "coach 30").answer()
        assert "14:00–14:30, @bo with @lin" in shown(service, offered, "bo")
        own = chen.command("/muster", "coach 30").answer()
        (press,) = [b["accessory"] for b in own.blocks if b.get("accessory", {}).get("action_id") == BOOK]
        for value, said in (
            (f"bo|lin|{int(at(14).timestamp())}|{int(at(14, 30).timestamp())}", "组长"),
            (f"chen|bo|{int(at(14).timestamp())}|{int(at(14, 30).timestamp())}", "时间已不可用"),
            (f"chen|lin|{int(at(8).timestamp())}|{int(at(8, 30).timestamp())}", "时间已不可用"),
            ("chen|lin|soon|later", "未对应任何一对一"),
        ):
            press["value"] = value
            assert said in shown(service, chen.press(own, BOOK, seen=None).answer(), "chen")
        assert talks(service, "bo") == []
        assert "10 to 120 minutes" in typed(service, "bo", "coach 7")
        assert "with a lead of one's own team" in typed(service, "bo", f"coach <@{chen.user.id}>")
        assert "no time for 90 minutes" in typed(service, "bo", "coach 90")
        assert "no such talk" in typed(service, "bo", "coach cancel 99")
        bo.press(offered, "coach.book.2").answer()
        assert talks(service, "bo") == [(at(14, 30), at(15))]


def test_a_gap_that_opened_since_refuses_the_press(tmp_path: Path) -> None:
    with quiet_day(tmp_path) as service:
        bo = service.slack.user("bo")
        offered = bo.command("/muster", "coach").answer()
        needed(service, {(at(8), at(17)): 3})
        said = shown(service, bo.press(offered, "coach.book.1").answer(), "bo")
        assert "missing" in said
        assert talks(service, "bo") == []
        with service.store.read() as uow:
            (period,) = uow.rosters.published_periods(DAY, DAY + timedelta(days=1))
            version = uow.rosters.published_for(period)
            assert version is not None
            changes = uow.requests.changes_of(RosterId(version.roster_id))
        assert [c for c in changes if c.cause is Cause.COACHING] == []


def test_a_lead_finds_the_offer_beside_figures_and_the_person_does_not(tmp_path: Path) -> None:
    with quiet_day(tmp_path) as service:
        lin, bo = service.slack.user("lin"), service.slack.user("bo")
        figures = lin.command("/muster", f"kpi <@{bo.user.id}>").answer()
        offered = lin.press(figures, "Book a coaching slot").answer()
        assert "@bo with @lin" in shown(service, offered, "lin")
        assert "Book a coaching slot" not in typed(service, "bo", "kpi me")
