"""SP17: a declared exception is said, audited and reported apart, and never stops a clock."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.alert_messages import AlertCard
from bot.core.contacts import EventKind, Priority
from bot.core.courses import Measure
from bot.core.errors import NotFoundError, RefusedError
from bot.core.exception_messages import ExceptionDeclared
from bot.core.ids import ContactRef, QueueId, WindowId
from bot.usecases import declare_exception
from bot.usecases.review_sla import attainment
from tests.bot.usecases.harbour import Harbour
from tests.support.builders import CHAT, PHONE, TEAM, at, event, settings

ALERTS = "#harbour-alerts"


def declare(harbour: Harbour, **changed: object) -> WindowId:
    given: dict[str, object] = {
        "team": TEAM,
        "queue": CHAT,
        "reason": "outage",
        "starts_at": at(10),
        "ends_at": at(12),
        "by": "lin",
        "now": harbour.clock.now,
        **changed,
    }
    window = declare_exception.declare(harbour.store, harbour.settings, **given)  # type: ignore[arg-type]
    return window.window


def test_what_breaks_inside_counts_as_broken_and_is_shown_apart(harbour: Harbour) -> None:
    harbour.clock.now = at(10)
    declare(harbour)
    for ref, queue, opened in (("A", CHAT, at(10, 5)), ("B", PHONE, at(10, 5)), ("C", CHAT, at(11, 55))):
        harbour.clock.now = max(harbour.clock.now, opened)
        harbour.tell(event(EventKind.OPENED, opened, ref, queue=queue))
    harbour.clock.now = at(12, 30)
    harbour.tell(event(EventKind.RESPONDED, at(12, 1), "C"))
    found = attainment(harbour.store, harbour.settings, start=at(9), end=at(13), now=at(12, 30))
    (row,) = (r for r in found if r.measure is Measure.FIRST_RESPONSE)
    # A broke at 10:15 inside the window, B is another queue, C was answered in time.
    assert (row.kept, row.broken, row.excused) == (1, 2, 1)
    assert row.share == pytest.approx(1 / 3)
    assert row.share_outside == pytest.approx(1 / 2)
    with harbour.store.read() as uow:
        clock = uow.clocks.of([ContactRef("A")])[ContactRef("A")][(Measure.FIRST_RESPONSE, 0)]
    assert clock.due_at == at(10, 15)  # no clock was stopped for it


def test_the_channel_is_told_when_it_begins_and_when_it_ends_early(harbour: Harbour) -> None:
    harbour.clock.now = at(10)
    window = declare(harbour)
    harbour.run_until(at(10, 1))
    declare_exception.end(harbour.store, harbour.settings, window, by="lin", now=at(10, 30))
    harbour.clock.now = at(10, 30)
    harbour.run_until(at(10, 31))
    said = [m for m in harbour.slack.in_place(ALERTS) if isinstance(m, ExceptionDeclared)]
    assert [(m.ended_by, m.ends_at) for m in said] == [(None, at(12)), ("lin", at(10, 30))]
    with harbour.store.read() as uow:
        assert [e.action for e in uow.audit.entries(subject=f"exception:{window}")] == [
            "exception_ended",
            "exception_declared",
        ]
    with pytest.raises(RefusedError, match="over"):
        declare_exception.end(harbour.store, harbour.settings, window, by="lin", now=at(10, 32))
    with pytest.raises(NotFoundError):
        declare_exception.end(harbour.store, harbour.settings, WindowId(99), by="lin", now=at(10, 32))


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"queue": QueueId("chatt")}, "exception_queue"),
        ({"reason": "a very bad day"}, "exception_reason"),
        ({"ends_at": at(9)}, "exception_times"),
        ({"starts_at": at(7), "ends_at": at(8)}, "exception_times"),
        ({"ends_at": at(10) + timedelta(days=15)}, "exception_too_long"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_said(
    quick_harbour: Harbour, changed: dict[str, object], kind: str
) -> None:
    harbour = quick_harbour
    harbour.clock.now = at(10)
    with pytest.raises(RefusedError) as refused:
        declare(harbour, **changed)
    assert refused.value.kind == kind
    harbour.run_until(at(10, 1))
    assert harbour.slack.in_place(ALERTS) == []


def test_the_alert_says_which_exception_it_falls_under(harbour: Harbour) -> None:
    harbour.clock.now = at(10)
    declare(harbour)
    harbour.tell(event(EventKind.OPENED, at(10), "A"), event(EventKind.OPENED, at(10), "B", queue=PHONE))
    harbour.run_until(at(10, 11))
    cards = {m.ref: m for m in harbour.slack.in_place(ALERTS) if isinstance(m, AlertCard)}
    assert [c.excused for c in cards["A"].concerns] == ["outage"]
    assert [c.excused for c in cards["B"].concerns] == [None]


def test_a_case_that_waits_for_the_customer_alarms_nobody_meanwhile(harbour: Harbour) -> None:
    """The warning is over while the clock stands still, and comes again when it runs out after all."""
    harbour.settings = settings(warn_at=(0.5,))
    harbour.open(at(10), priority=Priority.URGENT)
    harbour.clock.now = at(10, 1)
    harbour.tell(event(EventKind.RESPONDED, at(10, 1)))
    harbour.run_until(at(11, 5))  # half of the two hours for the resolution
    (card,) = (m for m in harbour.slack.in_place(ALERTS) if isinstance(m, AlertCard))
    assert [(c.measure, c.kind, c.over_at) for c in card.concerns] == [("resolution", "warning", None)]
    harbour.clock.now = at(11, 10)
    harbour.tell(event(EventKind.PENDING, at(11, 10)))
    harbour.run_until(at(15))
    (card,) = (m for m in harbour.slack.in_place(ALERTS) if isinstance(m, AlertCard))
    assert [(c.over_at, c.ending) for c in card.concerns] == [(at(11, 10), "paused")]
    harbour.tell(event(EventKind.RESUMED, at(15)))
    harbour.run_until(at(15, 51))  # fifty minutes were left
    (card,) = (m for m in harbour.slack.in_place(ALERTS) if isinstance(m, AlertCard))
    live = [c for c in card.concerns if c.over_at is None]
    assert [(c.kind, c.due_at) for c in live] == [("breach", at(15, 50))]
