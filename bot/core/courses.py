"""Course: how one promise on one case ran, from its start to its end, with its pauses.

A course knows events, not targets: `bot.core.sla` lays a target over it and says when it is due.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Final

from bot.core.case_history import Step
from bot.core.contacts import CLOSED, Contact, ContactStatus, EventKind, WaitingFor

__all__ = ["MEASURES", "Course", "Measure", "MeasureRule", "Pause", "PauseReason", "courses"]


class Measure(Enum):
    """What is promised on a case."""

    FIRST_RESPONSE = "first_response"  # submitted to first reply (SP20)
    NEXT_RESPONSE = "next_response"  # customer wrote again to reply
    RESOLUTION = "resolution"  # submitted to solved (SP20)
    HAND_OVER = "hand_over"  # handed to a department to its answer (T1, SP15)
    CALL_BACK = "call_back"  # call-back asked to called back (SP13, SP14)
    PROGRESS = "progress"  # submitted to the customer told how it stands (SP11, SP12)
    PLAN = "plan"  # submitted to the customer told what will be done (SP12)
    EXAMINATION = "examination"  # submitted to examined (SP11)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureRule:
    """``starts`` and ``stops`` by event.  ``repeats``: a new cycle each time, else once from the opening.

    ``solving_pauses``: solving stops it only as long as the case stays solved; a reopened case continues
    (SP20), and the time it was solved does not count.  ``waiting_pauses``: so does the time the case waits
    for the customer.
    """

    starts: frozenset[EventKind]
    stops: frozenset[EventKind]
    repeats: bool = False
    solving_pauses: bool = False
    waiting_pauses: bool = False


_FROM_OPENING: Final = frozenset({EventKind.OPENED})

MEASURES: Final = {
    Measure.FIRST_RESPONSE: MeasureRule(
        starts=_FROM_OPENING, stops=frozenset({EventKind.RESPONDED, EventKind.RESOLVED})
    ),
    Measure.NEXT_RESPONSE: MeasureRule(
        starts=frozenset({EventKind.CUSTOMER_REPLIED}),
        stops=frozenset({EventKind.RESPONDED, EventKind.RESOLVED}),
        repeats=True,
    ),
    Measure.RESOLUTION: MeasureRule(
        starts=_FROM_OPENING, stops=frozenset(), solving_pauses=True, waiting_pauses=True
    ),
    Measure.HAND_OVER: MeasureRule(
        starts=frozenset({EventKind.HANDED_OVER}),
        stops=frozenset({EventKind.HAND_OVER_ANSWERED, EventKind.RESOLVED}),
        repeats=True,
    ),
    Measure.CALL_BACK: MeasureRule(
        starts=frozenset({EventKind.CALL_BACK_ASKED}),
        stops=frozenset({EventKind.CALLED_BACK, EventKind.RESOLVED}),
        repeats=True,
    ),
    Measure.PROGRESS: MeasureRule(
        starts=_FROM_OPENING,
        stops=frozenset({EventKind.INFORMED, EventKind.PLAN_GIVEN}),
        solving_pauses=True,
    ),
    Measure.PLAN: MeasureRule(
        starts=_FROM_OPENING,
        stops=frozenset({EventKind.PLAN_GIVEN}),
        solving_pauses=True,
        waiting_pauses=True,
    ),
    Measure.EXAMINATION: MeasureRule(
        starts=_FROM_OPENING,
        stops=frozenset({EventKind.EXAMINED}),
        solving_pauses=True,
        waiting_pauses=True,
    ),
}
"""What starts, stops and pauses each clock.  A first response cannot be paused: waiting is no answer."""


class PauseReason(Enum):
    CUSTOMER = "customer"  # waiting for the customer
    SOLVED = "solved"  # solved, or archived unsolved, and reopened later


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Time that does not count, [start, end); ``end`` None while it lasts."""

    start: datetime
    end: datetime | None
    reason: PauseReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """``judged``: the contact as it was at the stop, as it is now where the course still runs.

    ``pauses`` are in order and apart.  ``cancelled_at``: the case was merged away or archived unsolved.
    """

    measure: Measure
    cycle: int
    started_at: datetime
    judged: Contact
    pauses: tuple[Pause, ...] = ()
    stopped_at: datetime | None = None
    cancelled_at: datetime | None = None

    @property
    def paused_since(self) -> datetime | None:
        """Since when it stands still; None while it runs and once it has ended."""
        last = self.pauses[-1] if self.pauses else None
        return last.start if last is not None and last.end is None and not self.ended else None

    @property
    def ended(self) -> bool:
        return self.stopped_at is not None or self.cancelled_at is not None


def courses(steps: Sequence[Step], of: Container[Measure] = frozenset(Measure)) -> tuple[Course, ...]:
    """Every course of a case, by measure and cycle.  ``steps`` as `case_history.rebuild` gives them.

    ``of``: the measures that matter.

    What starts with the opening starts at the case's opening as it stands, and is judged as opened then: a
    case that absorbed an earlier one goes on for that one.  While a repeating course runs, a second start
    does not restart it.  What is archived unsolved or merged away promises nothing; reopened, what started
    with the opening continues, and the time in between does not count.
    """
    if not steps:
        return ()
    now = steps[-1].contact
    found: list[Course] = []
    for measure, rule in MEASURES.items():
        if measure in of:
            found += _cycles(measure, rule, steps, now)
    return tuple(
        course
        if course.judged.opened_at == now.opened_at
        else replace(course, judged=replace(course.judged, opened_at=now.opened_at))
        for course in found
    )


def _cycles(measure: Measure, rule: MeasureRule, steps: Sequence[Step], now: Contact) -> list[Course]:
    done: list[Course] = []
    running: Course | None = None
    before: Contact | None = None
    for step in steps:
        if running is None:
            if _starts(rule, step, before):
                at = step.at if rule.repeats else now.opened_at
                running = Course(measure=measure, cycle=len(done), started_at=at, judged=step.contact)
        else:
            running = _moved(running, rule, step, before)
            if not rule.repeats and running.stopped_at is not None:
                return [running]
            if rule.repeats and running.ended:
                done.append(running)
                running = None
        before = step.contact
    if running is not None:
        done.append(_left(running, now))
    return done


def _starts(rule: MeasureRule, step: Step, before: Contact | None) -> bool:
    if step.kind not in rule.starts:
        return False
    # Before the first answer the first response is what the customer waits for.
    replied = step.kind is EventKind.CUSTOMER_REPLIED
    return not replied or (before is not None and before.responded_at is not None)


def _moved(course: Course, rule: MeasureRule, step: Step, before: Contact | None) -> Course:
    """The course after one more step."""
    if course.cancelled_at is not None:
        return _goes_on(course, step)
    if _gone_unsolved(step, before):
        return replace(_running(course, step.at), cancelled_at=step.at, judged=step.contact)
    if step.kind in rule.stops:
        return _stopped(course, step)
    reason = _standing(rule, step.contact)
    last = course.pauses[-1] if course.pauses else None
    open_pause = last if last is not None and last.end is None else None
    solved_again = reason is PauseReason.SOLVED and step.kind is EventKind.RESOLVED
    if open_pause is not None and (reason is not open_pause.reason or solved_again):
        course, open_pause = _running(course, step.at), None
    if open_pause is None and reason is not None:
        pause = Pause(start=step.at, end=None, reason=reason)
        course = replace(course, pauses=(*course.pauses, pause))
        if reason is PauseReason.SOLVED:
            # Judged by what was promised when it was solved, unless the case is reopened.
            course = replace(course, judged=step.contact)
    return course


def _goes_on(course: Course, step: Step) -> Course:
    """A course that had ended with its case, reopened; else as it was."""
    if step.kind is not EventKind.REOPENED or course.cancelled_at is None:
        return course
    pause = Pause(start=course.cancelled_at, end=None, reason=PauseReason.SOLVED)
    return _running(replace(course, pauses=(*course.pauses, pause), cancelled_at=None), step.at)


def _stopped(course: Course, step: Step) -> Course:
    """A stop while the case was solved counts from the solving: nothing was owed in between."""
    last = course.pauses[-1] if course.pauses else None
    if last is not None and last.end is None and last.reason is PauseReason.SOLVED:
        return replace(course, pauses=course.pauses[:-1], stopped_at=last.start)
    return replace(_running(course, step.at), stopped_at=step.at, judged=step.contact)


def _running(course: Course, at: datetime) -> Course:
    """The course with the pause that lasts, if any, ended."""
    if course.pauses and course.pauses[-1].end is None:
        return replace(course, pauses=_ended_at(course.pauses, at))
    return course


def _left(course: Course, now: Contact) -> Course:
    """A course that nothing ended: stopped where the case is solved, else still running or paused."""
    last = course.pauses[-1] if course.pauses else None
    if last is not None and last.end is None and last.reason is PauseReason.SOLVED:
        return replace(course, pauses=course.pauses[:-1], stopped_at=last.start)
    return course if course.ended else replace(course, judged=now)


def _standing(rule: MeasureRule, contact: Contact) -> PauseReason | None:
    """Why the clock stands still with the contact as it is."""
    if rule.solving_pauses and contact.status in CLOSED:
        return PauseReason.SOLVED
    waiting = contact.status is ContactStatus.PENDING and contact.waiting_for is WaitingFor.CUSTOMER
    return PauseReason.CUSTOMER if rule.waiting_pauses and waiting else None


def _gone_unsolved(step: Step, before: Contact | None) -> bool:
    """Whether a step took an unsolved case away; one that was solved keeps what was said of its clocks."""
    away = step.kind in (EventKind.ARCHIVED, EventKind.MERGED)
    return away and before is not None and before.status is not ContactStatus.SOLVED


def _ended_at(pauses: tuple[Pause, ...], at: datetime) -> tuple[Pause, ...]:
    """The open pause ended; one without length is none."""
    *earlier, last = pauses
    return tuple(earlier) if last.start == at else (*earlier, replace(last, end=at))
