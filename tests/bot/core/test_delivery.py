"""The outbox's policy: order, pace, Retry-After, backoff."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.core.delivery import PACE, Candidate, Gate, after_failure, backoff, choose
from bot.core.ids import MessageId
from bot.core.messages import DeliveryState, Recipient, RecipientKind
from bot.core.ports import DeliveryError
from tests.support.builders import at

NOW = at(10)


def channel(name: str) -> Recipient:
    return Recipient(kind=RecipientKind.CHANNEL, name=name)


def candidate(number: int, to: str = "a", **fields: object) -> Candidate:
    values: dict[str, object] = {
        "id": MessageId(number),
        "recipient": channel(to),
        "gate": Gate.POST,
        "urgency": 0,
        "created_at": NOW,
        "due_at": NOW,
        **fields,
    }
    return Candidate(**values)  # type: ignore[arg-type]


def pick(
    *candidates: Candidate,
    busy: dict[Recipient, datetime] | None = None,
    sent: dict[Recipient, datetime] | None = None,
    closed: dict[Gate, datetime] | None = None,
) -> tuple[int | None, datetime | None]:
    choice = choose(
        candidates, busy_until=busy or {}, last_sent=sent or {}, closed_until=closed or {}, now=NOW
    )
    return choice.message, choice.next_due


def test_urgent_first_then_oldest() -> None:
    digest = candidate(1, "a", urgency=2, created_at=NOW - timedelta(hours=1))
    young = candidate(2, "b", created_at=NOW)
    old = candidate(3, "c", created_at=NOW - timedelta(minutes=1))
    assert pick(digest, young, old)[0] == 3
    assert pick(digest, young)[0] == 2
    assert pick(digest)[0] == 1


def test_one_a_second_per_channel() -> None:
    sent = {channel("a"): NOW - timedelta(milliseconds=300)}
    assert pick(candidate(1, "a"), sent=sent) == (None, NOW + timedelta(milliseconds=700))
    assert pick(candidate(1, "a"), candidate(2, "b"), sent=sent)[0] == 2


def test_a_channel_somebody_is_sending_to_waits() -> None:
    busy = {channel("a"): NOW + timedelta(seconds=40)}
    assert pick(candidate(1, "a"), busy=busy) == (None, NOW + timedelta(seconds=40))


def test_retry_after_closes_posts_for_every_channel_and_leaves_edits() -> None:
    closed = {Gate.POST: NOW + timedelta(seconds=30)}
    assert pick(candidate(1, "a"), closed=closed) == (None, NOW + timedelta(seconds=30))
    assert pick(candidate(1, "a"), candidate(2, "b", gate=Gate.EDIT), closed=closed)[0] == 2


def test_nothing_in_line() -> None:
    assert pick() == (None, None)


def test_what_becomes_of_a_failure() -> None:
    refused = after_failure(DeliveryError("not_in_channel", temporary=False), attempts=1, now=NOW)
    assert (refused.state, refused.again_at) == (DeliveryState.FAILED, None)
    busy = after_failure(
        DeliveryError("rate_limited", temporary=True, retry_after=timedelta(seconds=30)), attempts=1, now=NOW
    )
    assert busy.state is DeliveryState.WAITING
    assert busy.again_at == busy.close_gate_until == NOW + timedelta(seconds=30)
    lost = after_failure(DeliveryError("timeout", temporary=True, uncertain=True), attempts=3, now=NOW)
    assert lost.state is DeliveryState.SENDING  # looked up before it is said again
    assert (lost.again_at, lost.close_gate_until) == (NOW + timedelta(seconds=4), None)


@given(st.integers(0, 10_000))
def test_backoff_grows_to_a_minute(attempts: int) -> None:
    assert timedelta(seconds=1) <= backoff(attempts) <= backoff(attempts + 1) <= timedelta(seconds=60)


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 2), st.integers(0, 50)), min_size=1, max_size=25
    )
)
def test_draining_keeps_the_pace_and_the_order_of_every_channel(lines: list[tuple[str, int, int]]) -> None:
    waiting = {
        MessageId(number): candidate(number, to, urgency=urgency, created_at=NOW - timedelta(seconds=age))
        for number, (to, urgency, age) in enumerate(lines)
    }
    now, sent, log = NOW, {}, defaultdict(list)
    while waiting:
        heads: dict[Recipient, Candidate] = {}
        for c in waiting.values():
            held = heads.get(c.recipient)
            if held is None or (c.urgency, c.created_at, c.id) < (held.urgency, held.created_at, held.id):
                heads[c.recipient] = c
        choice = choose(heads.values(), busy_until={}, last_sent=sent, closed_until={}, now=now)
        if choice.message is None:
            assert choice.next_due is not None
            assert choice.next_due > now
            now = choice.next_due
            continue
        done = waiting.pop(choice.message)
        sent[done.recipient] = now
        log[done.recipient].append((now, (done.urgency, done.created_at, done.id)))
    for entries in log.values():
        assert all(b[0] - a[0] >= PACE for a, b in pairwise(entries))
        assert [rank for _, rank in entries] == sorted(rank for _, rank in entries)
