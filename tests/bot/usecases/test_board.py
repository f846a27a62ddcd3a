"""MA3, MA4, MA12: the board counts what is there, on both databases."""

from __future__ import annotations

from datetime import timedelta

from bot.core.board import Stage
from bot.core.contacts import ContactType, EventKind, Priority, WaitingFor
from bot.core.courses import Measure
from bot.usecases import board
from tests.bot.usecases.harbour import Harbour
from tests.support.builders import EMAIL, TEAM, at, event


def fill(harbour: Harbour) -> None:
    """Six cases: one unanswered and late, one unanswered, two answered, one waiting, one with finance."""
    harbour.clock.now = at(11)
    harbour.tell(
        event(EventKind.OPENED, at(10), "late", type=ContactType.COMPLAINT),
        event(EventKind.OPENED, at(10, 55), "fresh"),
        event(EventKind.OPENED, at(9), "worked"),
        event(EventKind.RESPONDED, at(9, 5), "worked"),
        event(EventKind.OPENED, at(8), "old", priority=Priority.LOW),
        event(EventKind.RESPONDED, at(8, 10), "old"),
        event(EventKind.OPENED, at(8, 30), "waits", priority=Priority.LOW),
        event(EventKind.RESPONDED, at(8, 31), "waits"),
        event(EventKind.PENDING, at(9, 30), "waits", waiting_for=WaitingFor.CUSTOMER),
        event(EventKind.OPENED, at(10, 30), "finance", queue=EMAIL, type=ContactType.ORDER),
        event(EventKind.HANDED_OVER, at(10, 35), "finance", department="finance"),
        event(EventKind.OPENED, at(8), "solved"),
        event(EventKind.RESOLVED, at(8, 5), "solved"),
    )


def test_the_board_counts_queues_stages_promises_and_types(harbour: Harbour) -> None:
    fill(harbour)
    seen = board.look(harbour.store, harbour.settings, TEAM, now=at(11))
    lines = {line.queue: line for line in seen.queues}
    chat = lines["chat"]
    assert (chat.pending, chat.unanswered, chat.late, chat.in_resolution) == (5, 2, 1, 3)
    assert chat.late_rate == 0.5
    # Of the cases answered: opened at 8:00, 8:30 and 9:00.
    assert (chat.median_age, chat.oldest_age) == (
        timedelta(hours=2.5).total_seconds(),
        timedelta(hours=3).total_seconds(),
    )
    assert (lines["phone"].pending, lines["phone"].late_rate, lines["phone"].median_age) == (0, None, None)
    assert {line.stage: (line.cases, line.oldest_at) for line in seen.stages} == {
        Stage.NEW: (2, at(10)),
        Stage.IN_WORK: (2, at(8, 10)),
        Stage.CUSTOMER: (1, at(9, 30)),
        Stage.DEPARTMENT: (1, at(10, 30)),
    }
    promises = {line.measure: line for line in seen.promises}
    response = promises[Measure.FIRST_RESPONSE]
    # "fresh" is due at 11:05; "finance", of high priority, was due at 10:40.
    assert (response.running, response.overdue, response.soon, response.paused) == (3, 2, 1, 0)
    assert promises[Measure.RESOLUTION].paused == 1
    assert seen.overdue == 2
    assert dict(seen.overdue_types) == {"complaint": 1, "order": 1}


def test_an_empty_board_is_a_board(quick_harbour: Harbour) -> None:
    seen = board.look(quick_harbour.store, quick_harbour.settings, TEAM, now=at(11))
    assert [line.pending for line in seen.queues] == [0, 0, 0]
    assert (seen.overdue, seen.promises) == (0, ())
