"""F1 to F4 and F6: the sources' own sample rows, on the promises of app.yaml as it is shipped.

F5 is in test_weekly_reviews.py, F9 in test_privacy.py.  F7 and F8 are not about clocks.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from bot.config.load import load_settings
from bot.core.case_history import rebuild
from bot.core.case_work import propose_owner
from bot.core.contacts import ContactEvent, ContactType, EventKind, Priority
from bot.core.courses import Measure
from bot.core.ids import AgentId, QueueId
from bot.core.priorities import rule_event
from bot.core.satisfaction import Scale, parse_satisfaction
from bot.core.settings import Settings
from bot.core.sla import ClockState, SlaClock, VerdictKind, judge, make_clocks
from bot.core.time_phrases import read_time
from tests.support.builders import CHAT, EMAIL, PHONE, agent, at, event

SAMPLE = Path(__file__).parents[3] / "app.yaml"
FRIDAY = date(2024, 3, 15)
TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 11, day) for day in (24, 25, 26))


@pytest.fixture(scope="module")
def shipped() -> Settings:
    return load_settings(SAMPLE, today=date(2026, 11, 22)).settings


def clocks(settings: Settings, *events: ContactEvent) -> Mapping[Measure, SlaClock]:
    """The clocks of a case, the rules for priorities having spoken."""
    opening = events[0]
    assert opening.queue is not None
    queue = settings.queues[opening.queue]
    told = list(events)
    while (
        by_rule := rule_event(settings.records.priorities, rebuild(told, channel=queue.channel).steps)
    ) is not None:
        told.append(by_rule)
    rebuilt = rebuild(told, channel=queue.channel)
    assert rebuilt.waiting == ()
    made = make_clocks(rebuilt.steps, settings.terms, settings.calendars[queue.calendar])
    return {clock.measure: clock for clock in made}


def opened(queue: QueueId, when: datetime, **fields: object) -> ContactEvent:
    return event(EventKind.OPENED, when, queue=queue, **fields)


def taken(clock: SlaClock) -> timedelta:
    assert clock.stopped_at is not None
    return clock.stopped_at - clock.started_at


def test_f1_a_vip_chat_answered_in_eight_minutes_and_solved_the_next_morning(shipped: Settings) -> None:
    vip = opened(CHAT, at(14, 30), tier="vip", type=ContactType.AFTER_SALES, priority=Priority.HIGH)
    answered = event(EventKind.RESPONDED, at(14, 38))
    found = clocks(shipped, vip, answered, event(EventKind.RESOLVED, at(10, day=WEDNESDAY)))
    response, solution = found[Measure.FIRST_RESPONSE], found[Measure.RESOLUTION]
    assert (response.state, taken(response), response.due_at) == (
        ClockState.MET,
        timedelta(minutes=8),
        at(14, 40),
    )
    assert judge(response, at(14, 40))[1].kind is VerdictKind.NOTHING
    assert (solution.state, taken(solution)) == (ClockState.MET, timedelta(hours=19, minutes=30))
    assert solution.due_at == at(14, 30, day=WEDNESDAY)


def test_f2_a_call_of_low_priority_answered_and_solved_in_ten_minutes(shipped: Settings) -> None:
    call = opened(PHONE, at(15, 20), tier="", priority=Priority.LOW)
    answered = event(EventKind.RESPONDED, at(15, 28))
    found = clocks(shipped, call, answered, event(EventKind.RESOLVED, at(15, 30)))
    response, solution = found[Measure.FIRST_RESPONSE], found[Measure.RESOLUTION]
    assert (response.state, taken(response)) == (ClockState.MET, timedelta(minutes=8))
    assert (solution.state, taken(solution)) == (ClockState.MET, timedelta(minutes=10))
    assert judge(response, at(15, 30))[1].kind is VerdictKind.NOTHING


def test_f3_a_complaint_by_mail_is_late_after_ten_minutes(shipped: Settings) -> None:
    """T9, T3: high by the complaint rule, and the complaint chain runs beside it."""
    complaint = opened(
        EMAIL,
        at(16, 45),
        tier="",
        type=ContactType.COMPLAINT,
        priority=Priority.MEDIUM,
        complained_about=AgentId("bo"),
    )
    response = clocks(shipped, complaint)[Measure.FIRST_RESPONSE]
    assert (response.policy, response.due_at) == ("high", at(16, 55))
    assert judge(response, at(16, 54, 59))[1].kind is VerdictKind.WARNING
    verdict = judge(response, at(16, 55))[1]
    assert (verdict.kind, verdict.at) == (VerdictKind.BREACH, at(16, 55))

    found = clocks(shipped, complaint, event(EventKind.RESPONDED, at(17)))
    response = found[Measure.FIRST_RESPONSE]
    assert (response.state, taken(response)) == (ClockState.BREACHED, timedelta(minutes=15))
    assert {m: found[m].due_at for m in (Measure.PROGRESS, Measure.PLAN, Measure.RESOLUTION)} == {
        Measure.PROGRESS: at(16, 45, day=WEDNESDAY),
        Measure.PLAN: at(16, 45, day=WEDNESDAY),
        Measure.RESOLUTION: at(16, 45, day=THURSDAY),
    }
    on_shift = [agent(name, skills={"complaint": 1.0}) for name in ("bo", "cy")]
    proposal = propose_owner(
        on_shift,
        skill="complaint",
        complained_about=complaint.complained_about,
        on_shift=frozenset(a.agent for a in on_shift),
        leads=(),
        next_skilled_at=None,
    )
    assert proposal.agent == "cy"


def test_f4_a_follow_up_at_six_and_a_four_of_five(shipped: Settings) -> None:
    day = date(2023, 10, 27)
    promised = read_time("18:00", calendar=shipped.calendars["harbour-hours"], now=at(14, 30, day=day))
    assert promised.at == at(18, day=day)
    satisfaction = parse_satisfaction("4")
    assert (satisfaction.scale, satisfaction.value) == (Scale.FIVE, 4)


@pytest.mark.parametrize(("queue", "closes"), [(CHAT, 22), (EMAIL, 18)])
def test_f6_three_working_days_from_a_friday_and_the_promise_that_is_earlier(
    shipped: Settings, queue: QueueId, closes: int
) -> None:
    case = opened(queue, at(14, 30, day=FRIDAY), tier="", priority=Priority.MEDIUM, agent=AgentId("5678"))
    due = clocks(shipped, case)[Measure.RESOLUTION].due_at
    assert due == at(closes, day=date(2024, 3, 20))  # Wednesday
    calendar = shipped.calendars[shipped.queues[queue].calendar]
    promised = read_time("before 18 March", calendar=calendar, now=case.at).at
    assert promised == at(closes, day=date(2024, 3, 18))  # Monday
    assert promised < due
