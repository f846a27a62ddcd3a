"""From a promise to what people see, on both databases: made, reminded, broken, kept, moved, handed over."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text

from bot.core.alerts import ConcernKind
from bot.core.availability import LeaveEntry
from bot.core.contacts import ContactType, EventKind, Priority
from bot.core.errors import NotAllowedError, NotFoundError, RefusedError
from bot.core.ids import AgentId, ContactRef, PromiseId
from bot.core.people import Role
from bot.core.promise_messages import (
    CustomerUntold,
    DelayNotice,
    PromiseBroken,
    PromiseHanded,
    PromiseOver,
    PromiseOwnerOff,
    PromiseReminder,
)
from bot.core.promise_owners import Attendance
from bot.core.promises import Promise, PromiseKind, PromiseState
from bot.core.records import FollowUp
from bot.core.time_phrases import read_time
from bot.usecases import delay_notices, promise, watch_promises
from bot.usecases.delay_notices import NoticeKey
from bot.usecases.promise import Actor, Made
from tests.bot.usecases.harbour import ALERTS, Harbour
from tests.support.builders import agent, at, event, settings

REF = ContactRef("GD20261124001")
BO, CHEN, LIN = (AgentId(n) for n in ("bo", "chen", "lin"))


@pytest.fixture
def team(harbour: Harbour) -> Harbour:
    """lin leads from 9 to 22, bo works from 9 to 18 and chen from 13 to 22; a chat came in at ten."""
    return furnished(harbour)


def furnished(harbour: Harbour) -> Harbour:
    harbour.people(
        agent("lin", role=Role.LEAD, slack_user="ULIN", skills={}),
        agent("bo", slack_user="UBO"),
        agent("chen", slack_user="UCHEN"),
    )
    harbour.publish({"lin": (at(9), at(22)), "bo": (at(9), at(18)), "chen": (at(13), at(22))})
    harbour.open(at(10), agent=BO)
    harbour.tell(event(EventKind.RESPONDED, at(10, 1), agent=BO))
    harbour.clock.now = at(10, 5)
    return harbour


def make(harbour: Harbour, due_at: datetime, **fields: object) -> Made:
    by = Actor(name="bo")
    return promise.make(
        harbour.store, harbour.settings, REF, due_at=due_at, **{"by": by, "now": harbour.clock(), **fields}
    )  # type: ignore[arg-type]


def held(harbour: Harbour, number: int) -> Promise:
    with harbour.store.read() as uow:
        found = uow.promises.get(PromiseId(number))
    assert found is not None
    return found


def watch(harbour: Harbour, when: datetime) -> int:
    harbour.clock.now = when
    done = watch_promises.tick(harbour.store, harbour.settings, now=when)
    harbour.drain(4)
    return done


def told(harbour: Harbour, place: str, kind: type) -> list:
    return [m for m in harbour.slack.in_place(place) if isinstance(m, kind)]


def audited(harbour: Harbour) -> str:
    with harbour.store.engine.connect() as connection:
        rows = connection.execute(text("SELECT action, subject, detail FROM audit")).all()
    assert rows
    return repr(rows)


def test_reminder_a_quarter_before_and_the_breach_to_the_lead(team: Harbour) -> None:
    made = make(team, at(16), note="物流核实")
    assert made.then.attendance is Attendance.ON
    assert watch(team, at(15, 44)) == 0
    assert watch(team, at(15, 45)) == 1
    (reminder,) = told(team, "@UBO", PromiseReminder)
    assert (reminder.ref, reminder.due_at, reminder.to_lead) == (REF, at(16), False)
    assert watch(team, at(15, 59)) == 0
    assert watch(team, at(16)) == 1
    (broken,) = told(team, "@ULIN", PromiseBroken)
    assert (broken.owner, broken.due_at, broken.nobody_on_duty) == ("bo", at(16), False)
    assert watch(team, at(17)) == 0
    assert told(team, ALERTS, PromiseBroken) == []
    assert held(team, made.promise.promise).state is PromiseState.BROKEN


def test_what_was_promised_reaches_no_message_and_no_audit(team: Harbour) -> None:
    make(team, at(16), note="物流核实")
    watch(team, at(15, 45))
    watch(team, at(16))
    team.drain(4)
    assert "物流" not in repr(team.slack.posts) + audited(team)


def test_with_no_lead_on_duty_the_last_resort_is_told(team: Harbour) -> None:
    make(team, at(22, 30))
    watch(team, at(22, 31))
    (broken,) = told(team, "@ada@harbour.example", PromiseBroken)
    assert broken.nobody_on_duty


def test_an_owner_who_is_not_at_work_is_reminded_through_the_lead(team: Harbour) -> None:
    make(team, at(20))
    watch(team, at(19, 45))
    assert told(team, "@UBO", PromiseReminder) == []
    (reminder,) = told(team, "@ULIN", PromiseReminder)
    assert reminder.to_lead


@pytest.mark.parametrize(
    ("kind", "by_event"),
    [
        (PromiseKind.CALL_BACK, EventKind.CALLED_BACK),
        (PromiseKind.FOLLOW_UP, EventKind.INFORMED),
        (PromiseKind.FOLLOW_UP, EventKind.RESOLVED),
    ],
)
def test_an_event_keeps_what_it_fulfils(team: Harbour, kind: PromiseKind, by_event: EventKind) -> None:
    made = make(team, at(16), kind=kind)
    team.clock.now = at(15, 30)
    team.tell(event(by_event, at(15, 30), agent=BO))
    done = held(team, made.promise.promise)
    assert (done.state, done.ended_at, done.ended_by) == (PromiseState.KEPT, at(15, 30), "bo")
    assert watch(team, at(16)) == 0


def test_an_event_before_the_promise_keeps_nothing_and_solving_is_no_call(team: Harbour) -> None:
    follow_up = make(team, at(16))
    call = make(team, at(16), kind=PromiseKind.CALL_BACK)
    team.clock.now = at(11)
    team.tell(event(EventKind.INFORMED, at(10, 2)))
    assert held(team, follow_up.promise.promise).owed
    team.tell(event(EventKind.RESOLVED, at(11)))
    assert not held(team, follow_up.promise.promise).owed
    assert held(team, call.promise.promise).owed


def test_an_event_told_late_keeps_a_promise_at_its_own_time(team: Harbour) -> None:
    made = make(team, at(16))
    watch(team, at(16))
    team.clock.now = at(16, 20)
    team.tell(event(EventKind.INFORMED, at(15, 50)))
    done = held(team, made.promise.promise)
    assert not done.owed
    assert done.ended_at == at(15, 50)
    team.drain(4)
    assert told(team, "@ULIN", PromiseOver)


def test_kept_by_hand_tells_the_case_and_edits_the_reminder(team: Harbour) -> None:
    made = make(team, at(16))
    watch(team, at(15, 45))
    done = promise.keep(team.store, team.settings, made.promise.promise, by=Actor(name="bo"), now=at(15, 50))
    assert done.won
    team.clock.now = at(15, 50)
    team.drain(4)
    (over,) = told(team, "@UBO", PromiseOver)
    assert (over.state, over.by) == ("kept", "bo")
    with team.store.read() as uow:
        contact = uow.contacts.get(REF)
    assert contact is not None
    assert contact.informed_at == at(15, 50)
    again = promise.keep(team.store, team.settings, made.promise.promise, by=Actor(name="bo"), now=at(15, 55))
    assert not again.won
    assert again.promise.ended_at == at(15, 50)


def test_moved_it_is_another_promise_and_the_first_is_not_broken(team: Harbour) -> None:
    made = make(team, at(16), note="物流核实")
    done = promise.move(
        team.store,
        team.settings,
        made.promise.promise,
        due_at=at(17),
        by=Actor(name="bo"),
        now=at(15),
    )
    assert done.made is not None
    heir = done.made.promise
    assert (heir.due_at, heir.note, heir.owner) == (at(17), "物流核实", "bo")
    assert watch(team, at(16)) == 0
    assert watch(team, at(17)) == 1
    assert held(team, made.promise.promise).state is PromiseState.WITHDRAWN


def test_handed_over_the_colleague_is_told_and_reminded(team: Harbour) -> None:
    made = make(team, at(20))
    assert made.then.attendance is Attendance.OFF
    assert made.then.ends == at(18)
    assert [c.agent for c in made.colleagues] == ["chen"]
    team.clock.now = at(13)
    done = promise.hand_over(
        team.store, team.settings, made.promise.promise, to=CHEN, by=Actor(name="bo"), now=at(13)
    )
    assert done.made is not None
    team.drain(4)
    (handed,) = told(team, "@UCHEN", PromiseHanded)
    assert (handed.by, handed.due_at) == ("bo", at(20))
    watch(team, at(19, 45))
    assert told(team, "@UCHEN", PromiseReminder)
    assert told(team, "@UBO", PromiseReminder) == []


def test_a_broken_promise_in_other_hands_is_not_told_again(team: Harbour) -> None:
    made = make(team, at(16))
    watch(team, at(16))
    done = promise.hand_over(
        team.store,
        team.settings,
        made.promise.promise,
        to=CHEN,
        by=Actor(name="lin", role=Role.LEAD),
        now=at(16, 5),
    )
    assert done.made is not None
    assert done.made.promise.state is PromiseState.BROKEN
    assert watch(team, at(17)) == 0
    assert [p.promise for p in promise.owed_by(team.store, CHEN)] == [done.made.promise.promise]


def test_who_may_not(team: Harbour) -> None:
    made = make(team, at(16))
    with pytest.raises(NotAllowedError):
        promise.keep(team.store, team.settings, made.promise.promise, by=Actor(name="chen"), now=at(11))
    with pytest.raises(NotFoundError):
        promise.keep(team.store, team.settings, PromiseId(999), by=Actor(name="bo"), now=at(11))
    with pytest.raises(NotFoundError) as refused:
        promise.make(
            team.store,
            team.settings,
            ContactRef("GD-nobody"),
            due_at=at(16),
            by=Actor(name="bo"),
            now=at(11),
        )
    assert refused.value.kind == "promise_case_unknown"


def test_a_promise_without_an_owner_is_refused(harbour: Harbour) -> None:
    """CP2: somebody who is no agent, on a case nobody owns."""
    harbour.open(at(10))
    with pytest.raises(RefusedError) as refused:
        make(harbour, at(16), by=Actor(name="U0STRANGER"))
    assert refused.value.kind == "promise_without_owner"
    with harbour.store.read() as uow:
        assert uow.promises.owed(10) == []


def test_the_promise_is_compared_with_the_clocks_of_the_case(team: Harbour) -> None:
    """F6: resolution is due at ten tomorrow."""
    before, after = make(team, at(18)), make(team, at(18) + timedelta(days=2))
    assert before.later_clock == ("resolution", at(10) + timedelta(days=1))
    assert before.earlier_clock is None
    assert after.earlier_clock == ("resolution", at(10) + timedelta(days=1))


def test_the_promise_of_the_sources_wins_over_three_working_days(harbour: Harbour) -> None:
    """F6: Friday 15 March 2024, half past two; a follow-up "before 18 March" is due before Wednesday."""
    friday = at(14, 30, day=date(2024, 3, 15))
    harbour.people(agent("5678"))
    harbour.clock.now = friday
    harbour.open(friday, "2024031500012", priority=Priority.MEDIUM, agent=AgentId("5678"))
    harbour.tell(event(EventKind.RESPONDED, friday, "2024031500012"))
    calendar = harbour.settings.calendars["harbour-hours"]
    made = promise.make(
        harbour.store,
        harbour.settings,
        ContactRef("2024031500012"),
        due_at=read_time("3月18日前", calendar=calendar, now=friday).at,
        by=Actor(name="5678"),
        now=friday,
    )
    assert made.promise.due_at == at(22, day=date(2024, 3, 18))
    assert made.later_clock == ("resolution", at(22, day=date(2024, 3, 20)))
    assert made.then.attendance is Attendance.UNKNOWN  # no roster of that week


def test_a_case_of_a_complaint_is_not_promised_by_the_one_complained_about(team: Harbour) -> None:
    ref = "GD20261124009"
    team.open(at(10), ref, type=ContactType.COMPLAINT, complained_about=BO)
    with pytest.raises(RefusedError, match="complains about"):
        promise.make(
            team.store,
            team.settings,
            ContactRef(ref),
            due_at=at(20),
            by=Actor(name="bo"),
            now=at(10, 5),
        )


# -- CP4: looked at again -----------------------------------------------------------------------------------


def owners(harbour: Harbour, when: datetime) -> int:
    harbour.clock.now = when
    found = watch_promises.check_owners(harbour.store, harbour.settings, now=when)
    harbour.drain(4)
    return found


def test_an_owner_on_leave_is_told_to_the_lead_once(team: Harbour) -> None:
    make(team, at(16))
    assert owners(team, at(10, 10)) == 0
    day = date(2026, 11, 24)
    with team.store.unit() as uow:
        uow.people.save_leave([LeaveEntry(agent=BO, first=day, last=day, kind="sick")])
        uow.commit()
    assert owners(team, at(10, 20)) == 0  # looked at already this hour
    assert owners(team, at(11, 1)) == 1
    (off,) = told(team, "@ULIN", PromiseOwnerOff)
    assert off.absent
    assert [c.agent for c in off.colleagues] == ["chen"]
    assert owners(team, at(12, 1)) == 0


def test_a_new_roster_is_looked_at_at_once(team: Harbour) -> None:
    make(team, at(16))
    assert owners(team, at(10, 10)) == 0
    team.clock.now = at(10, 20)
    team.publish({"lin": (at(9), at(22)), "bo": (at(9), at(14)), "chen": (at(13), at(22))})
    assert owners(team, at(10, 21)) == 1
    (off,) = told(team, "@ULIN", PromiseOwnerOff)
    assert (off.owner, off.leaves_at) == ("bo", at(14))


# -- CP5: news ----------------------------------------------------------------------------------------------


def test_a_complaint_without_news_for_a_day_is_told_once_until_there_is_some(team: Harbour) -> None:
    ref = "GD20261124009"
    team.open(at(10), ref, type=ContactType.COMPLAINT, agent=CHEN)
    next_day = at(15) + timedelta(days=1)
    team.publish({"chen": (at(13) + timedelta(days=1), at(22) + timedelta(days=1))})

    def look(when: datetime) -> int:
        team.clock.now = when
        found = watch_promises.check_customers(team.store, team.settings, now=when)
        team.drain(4)
        return found

    assert look(at(9, 59) + timedelta(days=1)) == 0
    assert look(next_day) == 1
    (untold,) = told(team, "@UCHEN", CustomerUntold)
    assert (untold.ref, untold.told_at) == (ref, None)
    assert look(next_day + timedelta(minutes=5)) == 0
    team.tell(event(EventKind.INFORMED, next_day + timedelta(minutes=6), ref))
    assert promise.owed_by(team.store, CHEN) == ()
    assert look(next_day + timedelta(hours=23)) == 0
    assert look(next_day + timedelta(hours=25)) == 1


# -- CP1: delay notices -------------------------------------------------------------------------------------


def late_chat(harbour: Harbour, ref: str = "GD20261124002", **fields: object) -> None:
    harbour.clock.now = at(14)
    harbour.open(at(14), ref, **fields)


def notices(harbour: Harbour, place: str) -> list[DelayNotice]:
    return told(harbour, place, DelayNotice)


def test_an_idle_case_offers_the_notice_before_its_deadline_once(team: Harbour) -> None:
    team.settings = settings(warn_at=(0.5, 0.8))
    late_chat(team, agent=BO)
    team.run_until(at(14, 12))
    (notice,) = notices(team, "@UBO")
    (post,) = (p for p in team.slack.posts if isinstance(p.message, DelayNotice))
    assert notice.due_at == at(14, 10)
    assert notice.new_at == at(15)
    assert notice.idle_since == at(14)
    assert post.destination.locale == "en"
    assert notice.language == "zh-Hans"


def test_a_case_that_somebody_works_on_offers_none(team: Harbour) -> None:
    team.settings = settings(warn_at=(0.5, 0.8))
    late_chat(team)
    team.run_until(at(14, 6))
    team.tell(event(EventKind.ASSIGNED, at(14, 6), "GD20261124002", agent=BO))
    team.run_until(at(14, 12))
    assert notices(team, "@UBO") == notices(team, "@ULIN") == []


def test_a_queue_that_needs_longer_than_is_left_offers_it_at_the_first_warning(team: Harbour) -> None:
    team.settings = settings(warn_at=(0.5, 0.8))
    team.clock.now = at(13)
    for n in range(8):
        team.open(at(13), f"GD2026112410{n}")
    late_chat(team)
    team.run_until(at(14, 6))
    found = [n for n in notices(team, "@ULIN") if n.ref == "GD20261124002"]
    # Eight before it, four minutes each, three people at the queue.
    assert [n.wait_seconds for n in found] == [pytest.approx(8 * 240 / 3)]


def test_sent_makes_the_new_promise_and_informs_the_case_once(team: Harbour) -> None:
    late_chat(team, agent=BO)
    ref = ContactRef("GD20261124002")
    notice = delay_notices.prepare(team.store, team.settings, ref, now=at(14, 8))
    key = NoticeKey(
        ref=ref, measure=notice.measure, cycle=notice.cycle, due_at=notice.due_at, new_at=notice.new_at
    )
    made = delay_notices.sent(team.store, team.settings, key, by=Actor(name="bo"), now=at(14, 8))
    assert (made.promise.kind, made.promise.due_at) == (PromiseKind.DELAY_NOTICE, at(15))
    assert made.promise.owed
    with team.store.read() as uow:
        contact = uow.contacts.get(ref)
    assert contact is not None
    assert contact.informed_at == at(14, 8)
    with pytest.raises(RefusedError) as refused:
        delay_notices.sent(team.store, team.settings, key, by=Actor(name="chen"), now=at(14, 9))
    assert refused.value.kind == "promise_made_before"
    assert refused.value.data["by"] == "bo"
    team.clock.now = at(14, 30)
    team.tell(event(EventKind.RESPONDED, at(14, 30), ref, agent=BO))
    assert held(team, made.promise.promise).state is PromiseState.KEPT


def test_a_notice_suggests_a_colleague_where_the_owner_will_be_gone(team: Harbour) -> None:
    """L10: bo leaves at six; chen is there until ten."""
    team.clock.now = at(17)
    ref = ContactRef("GD20261124003")
    team.open(at(17), ref, agent=BO)
    notice = delay_notices.prepare(team.store, team.settings, ref, now=at(17, 8), new_at=at(19))
    assert notice.leaves_at == at(18)
    assert [(c.agent, c.until) for c in notice.colleagues] == [("chen", at(22))]


def test_there_is_no_notice_of_a_case_that_is_solved(team: Harbour) -> None:
    team.tell(event(EventKind.RESOLVED, at(10, 4)))
    with pytest.raises(RefusedError) as refused:
        delay_notices.prepare(team.store, team.settings, REF, now=at(10, 5))
    assert refused.value.kind == "nothing_late"


# -- CP11, F4: archive and records --------------------------------------------------------------------------


def test_a_case_that_owes_something_is_not_archived(team: Harbour) -> None:
    made = make(team, at(16), kind=PromiseKind.CALL_BACK)
    team.clock.now = at(11)
    team.tell(event(EventKind.RESOLVED, at(11)))
    refused = team.tell(event(EventKind.ARCHIVED, at(11, 1)))
    assert [kind for _, kind, _ in refused.refused] == ["promises_owed"]
    promise.keep(team.store, team.settings, made.promise.promise, by=Actor(name="bo"), now=at(11, 2))
    team.clock.now = at(11, 3)
    assert team.tell(event(EventKind.ARCHIVED, at(11, 3))).accepted == 1


def record_with(harbour: Harbour, follow_up: FollowUp | None, when: datetime) -> None:
    with harbour.store.unit() as uow:
        contact = uow.contacts.get(REF)
        assert contact is not None
        promise.follow_up(uow, harbour.settings, contact, follow_up, by="bo", now=when)
        uow.commit()


def test_the_follow_up_of_a_record_is_a_promise_and_follows_its_changes(team: Harbour) -> None:
    """F4: at half past two, a follow-up by six."""
    said = FollowUp(owner=CHEN, due_at=at(18), text="回电")
    for _ in range(2):
        record_with(team, said, at(14, 30))
    (owed,) = promise.owed_by(team.store, CHEN)
    assert (owed.due_at, owed.kind, owed.note) == (at(18), PromiseKind.CALL_BACK, "回电")
    record_with(team, replace(said, due_at=at(20)), at(14, 40))
    (moved,) = promise.owed_by(team.store, CHEN)
    assert moved.due_at == at(20)
    assert held(team, owed.promise).state is PromiseState.WITHDRAWN
    record_with(team, None, at(14, 50))
    assert promise.owed_by(team.store, CHEN) == ()


def test_a_look_at_owners_that_fails_is_made_again(team: Harbour, monkeypatch: pytest.MonkeyPatch) -> None:
    make(team, at(20))
    with monkeypatch.context() as broken:
        broken.setattr(watch_promises, "_look_at_owner", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            owners(team, at(10, 10))
    assert owners(team, at(10, 11)) == 1


def test_a_storm_of_notices_reaches_nobody_all_at_once(team: Harbour) -> None:
    team.settings = settings(warn_at=(0.8,))
    team.clock.now = at(14)
    for n in range(12):
        team.open(at(14), f"GD2026112420{n:02}", agent=BO)
    team.clock.now = at(14, 8, 1)
    team.watch()
    team.drain(20)
    assert len(notices(team, "@UBO")) == 5


def test_a_broken_promise_stands_in_the_alert_of_its_case_until_it_is_over(team: Harbour) -> None:
    first, second = make(team, at(16)), make(team, at(16, 30))
    watch(team, at(16))
    watch(team, at(16, 30))
    assert concerns(team) == {"promise": True}
    for n, made in enumerate((first, second)):
        assert concerns(team) == {"promise": True}
        promise.keep(team.store, team.settings, made.promise.promise, by=Actor(name="bo"), now=at(16, 40 + n))
    assert concerns(team) == {"promise": False}


def concerns(harbour: Harbour) -> dict[str, bool]:
    """Of the case's alert: key to whether it is still true."""
    with harbour.store.read() as uow:
        alert = uow.alerts.of(REF)
    assert alert is not None
    return {c.key: c.live for c in alert.concerns if c.kind is ConcernKind.PROMISE_BROKEN}


def test_two_who_say_it_is_kept_at_once_are_told_who_was_first(team: Harbour) -> None:
    made = make(team, at(16))

    def press(name: str) -> bool:
        by = Actor(name=name, role=Role.LEAD)
        return promise.keep(team.store, team.settings, made.promise.promise, by=by, now=at(11)).won

    with ThreadPoolExecutor(6) as people:
        won = list(people.map(press, ["bo", "lin", "chen"] * 4))
    assert won.count(True) == 1
