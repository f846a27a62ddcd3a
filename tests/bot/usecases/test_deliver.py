"""Delivery: nothing lost, nothing said twice, no call before Slack allows it."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from bot.core.alert_messages import AlertCard, CardConcern
from bot.core.delivery import LEASE, PATIENCE
from bot.core.ids import AgentId
from bot.core.messages import (
    DeliveryState,
    OperatorNotice,
    Outgoing,
    Recipient,
    RecipientKind,
    StandUpDigest,
    Urgency,
)
from bot.core.people import Role
from bot.core.ports import DeliveryError
from bot.store.unit_of_work import Store
from bot.usecases import deliver
from tests.bot.usecases.harbour import ALERTS, Harbour
from tests.support.builders import TEAM, agent, at, settings
from tests.support.fake_ports import FakeSender

HANGING = DeliveryError("no_answer", temporary=True, uncertain=True)


def breach(number: int = 1) -> AlertCard:
    return AlertCard(
        alert=number,
        ref=f"GD{number}",
        queue="chat",
        priority="high",
        opened_at=at(9),
        state="open",
        concerns=(CardConcern(kind="breach", measure="first_response", since=at(9, 10), due_at=at(9, 10)),),
    )


def outgoing(key: str, to: str = "harbour-alerts", **fields: object) -> Outgoing:
    values: dict[str, object] = {
        "recipient": Recipient(kind=RecipientKind.CHANNEL, name=to, team=TEAM),
        "message": breach(),
        "dedupe_key": key,
        "urgency": Urgency.ALERT,
        "not_before": at(10),
        "loud": True,
        **fields,
    }
    return Outgoing(**values)  # type: ignore[arg-type]


def put(store: Store, *messages: Outgoing) -> None:
    with store.unit() as uow:
        for number, message in enumerate(messages):
            assert uow.outbox.put(message, at(10) + timedelta(milliseconds=number))
        uow.commit()


def state(harbour: Harbour, key: str) -> DeliveryState:
    with harbour.store.unit() as uow:
        row = uow.outbox.by_key(key)
    assert row is not None
    return row.state


def keys(sender: FakeSender) -> list[str]:
    return [post.key for post in sender.posts]


def test_urgent_messages_leave_first_and_each_channel_gets_one_a_second(harbour: Harbour) -> None:
    put(
        harbour.store,
        outgoing("digest", urgency=Urgency.DIGEST),
        outgoing("first"),
        outgoing("second"),
        outgoing("elsewhere", to="other"),
    )
    result = harbour.deliver()
    assert result.sent == 2
    assert result.next_due == at(10) + timedelta(seconds=1)
    harbour.drain(5)
    at_alerts = [(when, key) for when, place, key in harbour.slack.calls if place == ALERTS]
    assert [key for _, key in at_alerts] == ["first", "second", "digest"]
    times = [when for when, _ in at_alerts if when is not None]
    assert all(b - a >= timedelta(seconds=1) for a, b in pairwise(times))


def test_a_message_for_later_waits_and_says_when(harbour: Harbour) -> None:
    put(harbour.store, outgoing("later", not_before=at(10, 5)))
    assert harbour.deliver().next_due == at(10, 5)
    harbour.clock.now = at(10, 5)
    assert harbour.deliver().sent == 1
    assert harbour.deliver().next_due is None


def test_the_same_cause_makes_one_message_for_ever(harbour: Harbour) -> None:
    put(harbour.store, outgoing("once"))
    harbour.drain(2)
    with harbour.store.unit() as uow:
        assert not uow.outbox.put(outgoing("once"), harbour.clock())
        uow.commit()
    harbour.drain(2)
    assert keys(harbour.slack) == ["once"]


def test_retry_after_is_obeyed_by_every_channel(harbour: Harbour) -> None:
    limited = DeliveryError("rate_limited", temporary=True, retry_after=timedelta(seconds=20))
    harbour.slack.fail(limited)
    put(harbour.store, outgoing("a"), outgoing("b", to="other"))
    first = harbour.deliver()
    assert (first.sent, first.waiting) == (0, 1)
    assert first.next_due == at(10, 0, 20)
    # One that is written meanwhile waits as well.
    put(harbour.store, outgoing("c", to="third"))
    harbour.drain(25)
    after = [when for when, _, _ in harbour.slack.calls[1:] if when is not None]
    assert min(after) >= at(10, 0, 20)
    assert sorted(keys(harbour.slack)) == ["a", "b", "c"]


def test_an_outage_keeps_everything_in_order(harbour: Harbour) -> None:
    put(harbour.store, *(outgoing(f"m{n}") for n in range(4)))
    for _ in range(5):
        harbour.slack.fail(DeliveryError("unreachable", temporary=True))
    harbour.drain(60)
    assert keys(harbour.slack) == ["m0", "m1", "m2", "m3"]


def test_one_that_keeps_failing_stands_aside_in_the_end(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    put(harbour.store, outgoing("poison"), outgoing("good"))

    class Poisoned(FakeSender):
        def send(self, message, destination):  # type: ignore[no-untyped-def]
            if message.outgoing.dedupe_key == "poison":
                raise DeliveryError("internal_error", temporary=True)
            return super().send(message, destination)

    harbour.slack = Poisoned()
    for _ in range(2 * PATIENCE):
        harbour.deliver()
        harbour.clock.forward(seconds=61)
    assert keys(harbour.slack) == ["good"]
    assert state(harbour, "poison") is DeliveryState.WAITING


@pytest.mark.parametrize("accepted", [True, False])
def test_a_broken_connection_is_looked_up_before_it_is_said_again(harbour: Harbour, accepted: bool) -> None:
    harbour.slack.fail(HANGING, accepted=accepted)
    put(harbour.store, outgoing("maybe"))
    harbour.deliver()
    assert state(harbour, "maybe") is DeliveryState.SENDING
    harbour.drain(5)
    assert harbour.slack.looked_up == ["maybe"]
    assert keys(harbour.slack) == ["maybe"]
    assert state(harbour, "maybe") is DeliveryState.SENT


@pytest.mark.parametrize("accepted", [True, False])
def test_a_crash_between_call_and_record_is_made_good_after_the_lease(
    harbour: Harbour, accepted: bool
) -> None:
    class Killed(BaseException):
        pass

    harbour.slack.fail(Killed(), accepted=accepted)  # type: ignore[arg-type]
    put(harbour.store, outgoing("crash"))
    with pytest.raises(Killed):
        harbour.deliver(worker="dead")
    harbour.clock.forward(seconds=LEASE.total_seconds() - 1)
    assert harbour.deliver(worker="other").sent == 0
    harbour.clock.forward(seconds=1)
    assert harbour.deliver(worker="other").sent == 1
    assert harbour.slack.looked_up == ["crash"]
    assert keys(harbour.slack) == ["crash"]


def test_a_lookup_that_fails_is_no_reason_to_say_it_twice(quick_harbour: Harbour) -> None:
    harbour = quick_harbour

    class Blind(FakeSender):
        blind = 3

        def find(self, message, destination):  # type: ignore[no-untyped-def]
            if self.blind:
                self.blind -= 1
                raise DeliveryError("unreachable", temporary=True)
            return super().find(message, destination)

    harbour.slack = Blind()
    harbour.slack.fail(HANGING, accepted=True)
    put(harbour.store, outgoing("maybe"))
    harbour.drain(60)
    assert keys(harbour.slack) == ["maybe"]
    assert state(harbour, "maybe") is DeliveryState.SENT


def test_an_error_of_ours_ends_with_the_operators_and_stops_nobody(quick_harbour: Harbour) -> None:
    harbour = quick_harbour

    class Broken(FakeSender):
        def send(self, message, destination):  # type: ignore[no-untyped-def]
            if message.outgoing.dedupe_key == "broken":
                raise KeyError("template")
            return super().send(message, destination)

    harbour.slack = Broken()
    put(harbour.store, outgoing("broken"), outgoing("good", to="other"))
    for _ in range(3 * PATIENCE):
        harbour.deliver()
        harbour.clock.forward(seconds=61)
    assert state(harbour, "broken") is DeliveryState.FAILED
    notices = [p.message for p in harbour.slack.posts if isinstance(p.message, OperatorNotice)]
    assert [n.code for n in notices] == ["KeyError"]
    assert "good" in keys(harbour.slack)


def test_not_in_the_channel_the_lead_gets_the_alert_and_the_admin_a_notice(harbour: Harbour) -> None:
    """K8"""
    harbour.lead_on_shift()
    harbour.slack.refused[ALERTS] = "not_in_channel"
    put(harbour.store, outgoing("alert"), outgoing("another", message=breach(2)))
    harbour.drain(8)
    assert state(harbour, "alert") is DeliveryState.FAILED
    assert [m.ref for m in harbour.slack.in_place("@ULIN") if isinstance(m, AlertCard)] == ["GD1", "GD2"]
    (notice,) = harbour.slack.in_place("@ada@harbour.example")  # once, not once per alert
    assert isinstance(notice, OperatorNotice)
    assert (notice.code, notice.subject) == ("not_in_channel", "#harbour-alerts")


def digest() -> StandUpDigest:
    return StandUpDigest(
        team=TEAM, day=at(9).date(), meeting_at=at(9, 30), yesterday=(), overdue=(),
        overdue_total=0, cover=(), roster_known=False,
    )  # fmt: skip


def test_a_digest_its_channel_does_not_take_reaches_the_lead_once(harbour: Harbour) -> None:
    harbour.lead_on_shift()
    harbour.slack.refused[ALERTS] = "not_in_channel"
    put(harbour.store, outgoing("digest", message=digest(), urgency=Urgency.DIGEST, loud=False))
    harbour.drain(8)
    assert state(harbour, "digest") is DeliveryState.FAILED
    assert harbour.slack.in_place("@ULIN") == [digest()]
    (notice,) = harbour.slack.in_place("@ada@harbour.example")
    assert isinstance(notice, OperatorNotice)
    assert (notice.code, notice.detail, notice.instead) == ("not_in_channel", "stand_up_digest", ("lin",))
    with harbour.store.read() as uow:
        assert uow.outbox.backlog(harbour.clock()).failed_lately == 1
        assert uow.outbox.backlog(harbour.clock() + timedelta(days=2)).failed_lately == 0


def test_a_digest_with_nobody_on_duty_reaches_the_last_resort(harbour: Harbour) -> None:
    harbour.slack.refused[ALERTS] = "not_in_channel"
    put(harbour.store, outgoing("digest", message=digest(), urgency=Urgency.DIGEST, loud=False))
    harbour.drain(6)
    assert digest() in harbour.slack.in_place("@ada@harbour.example")


def test_with_nobody_on_duty_the_last_resort_gets_the_alert(harbour: Harbour) -> None:
    harbour.slack.refused[ALERTS] = "channel_not_found"
    put(harbour.store, outgoing("alert"))
    harbour.drain(6)
    kinds = [type(m) for m in harbour.slack.in_place("@ada@harbour.example")]
    assert kinds == [AlertCard, OperatorNotice]


def test_an_alert_for_a_person_slack_cannot_reach_goes_to_the_last_resort(harbour: Harbour) -> None:
    harbour.people(agent("bo"))
    lost = Recipient(kind=RecipientKind.AGENT, name="bo", team=TEAM)
    put(harbour.store, outgoing("dm", recipient=lost))
    harbour.drain(6)
    assert state(harbour, "dm") is DeliveryState.FAILED
    notices = [m for m in harbour.slack.in_place("@ada@harbour.example") if isinstance(m, OperatorNotice)]
    assert [(n.code, n.subject) for n in notices] == [("user_not_linked", "bo")]
    assert any(isinstance(m, AlertCard) for m in harbour.slack.in_place("@ada@harbour.example"))


def test_when_even_the_last_resort_is_gone_it_ends_there(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    harbour.slack.refused |= {ALERTS: "is_archived", "@ada@harbour.example": "users_not_found"}
    put(harbour.store, outgoing("alert"))
    harbour.drain(10)
    assert harbour.slack.posts == []
    assert harbour.deliver().next_due is None


def test_people_read_in_their_own_language_and_zone(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    harbour.people(agent("ines", slack_user="UINES", zone="Europe/Lisbon", locale="en", role=Role.AGENT))
    lisbon = Recipient(kind=RecipientKind.AGENT, name="ines", team=TEAM)
    put(harbour.store, outgoing("dm", recipient=lisbon), outgoing("channel"))
    harbour.drain(3)
    by_key = {p.key: p.destination for p in harbour.slack.posts}
    assert (by_key["dm"].locale, by_key["dm"].zone, by_key["dm"].slack_user) == (
        "en",
        "Europe/Lisbon",
        "UINES",
    )
    assert (by_key["channel"].locale, by_key["channel"].zone) == ("zh-Hans", "Asia/Shanghai")


def test_an_edit_waits_for_its_post_and_changes_it_in_place(harbour: Harbour) -> None:
    harbour.slack.fail(DeliveryError("unreachable", temporary=True))
    put(harbour.store, outgoing("post"), outgoing("edit", edits="post", message=breach(2)))
    harbour.drain(8)
    (post,) = harbour.slack.posts
    assert [m.ref for m in post.edits if isinstance(m, AlertCard)] == ["GD2"]
    assert state(harbour, "edit") is DeliveryState.SENT


def test_an_edit_of_a_post_that_failed_is_dropped(harbour: Harbour) -> None:
    harbour.slack.refused[ALERTS] = "is_archived"
    put(harbour.store, outgoing("post"), outgoing("edit", edits="post"))
    harbour.drain(5)
    assert state(harbour, "edit") is DeliveryState.DROPPED


def test_a_newer_edit_takes_the_place_of_one_nobody_has_begun_to_send(harbour: Harbour) -> None:
    put(harbour.store, outgoing("post"), outgoing("older", edits="post", message=breach(2)))
    with harbour.store.unit() as uow:
        uow.outbox.supersede_edits(["post"])
        uow.outbox.put(outgoing("newer", edits="post", message=breach(3)), at(10, 0, 1))
        uow.commit()
    harbour.drain(5)
    (post,) = harbour.slack.posts
    assert [m.ref for m in post.edits if isinstance(m, AlertCard)] == ["GD3"]
    assert state(harbour, "older") is DeliveryState.DROPPED


def test_an_edit_that_stood_aside_never_follows_a_newer_one(quick_harbour: Harbour) -> None:
    """A card must not go back to an older state, whatever happened on the way."""
    harbour = quick_harbour

    class Poisoned(FakeSender):
        poisoned = True

        def send(self, message, destination):  # type: ignore[no-untyped-def]
            if self.poisoned and message.outgoing.dedupe_key == "older":
                raise DeliveryError("internal_error", temporary=True)
            return super().send(message, destination)

    harbour.slack = slack = Poisoned()
    put(harbour.store, outgoing("post"), outgoing("older", edits="post", message=breach(2)))
    for _ in range(PATIENCE + 1):
        harbour.deliver()
        harbour.clock.forward(seconds=61)
    put_at = harbour.clock()
    with harbour.store.unit() as uow:
        newer = outgoing("newer", edits="post", message=breach(3), not_before=put_at)
        uow.outbox.put(newer, put_at)
        uow.commit()
    slack.poisoned = False
    for _ in range(4):
        harbour.deliver()
        harbour.clock.forward(seconds=61)
    (post,) = slack.posts
    assert [m.ref for m in post.edits if isinstance(m, AlertCard)] == ["GD3"]
    assert state(harbour, "older") is DeliveryState.DROPPED


def test_an_answer_goes_into_the_thread_of_its_post(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    put(harbour.store, outgoing("post"), outgoing("answer", thread_of="post"))
    harbour.drain(4)
    first, second = harbour.slack.posts
    assert second.thread == first.ts


def test_many_workers_say_everything_once_and_keep_the_pace(harbour: Harbour) -> None:
    everything = [outgoing(f"m{n}", to=f"c{n % 5}") for n in range(40)]
    put(harbour.store, *(replace(m, message=breach(n)) for n, m in enumerate(everything)))
    errors: list[BaseException] = []

    def work(name: str) -> None:
        try:
            harbour.deliver(worker=name)
        except BaseException as error:
            errors.append(error)

    for _ in range(10):
        threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        harbour.clock.forward(seconds=1)
    assert errors == []
    assert sorted(keys(harbour.slack)) == sorted(m.dedupe_key for m in everything)
    seen = {(when, place) for when, place, _ in harbour.slack.calls}
    assert len(seen) == len(harbour.slack.calls) == 40


def test_nobody_is_missing_before_anybody_was_linked(store: Store) -> None:
    """A roster published before Slack was ever reached waits for the people, and then reaches them."""
    config = settings()
    notice = Outgoing(
        recipient=Recipient(kind=RecipientKind.AGENT, name="bo"),
        message=OperatorNotice(code="other", subject="x"),
        dedupe_key="waits-for-links",
        urgency=Urgency.NOTICE,
        not_before=at(10),
    )
    with store.unit() as uow:
        uow.people.upsert(agent("bo"))
        uow.outbox.put(notice, at(10))
        uow.commit()
    sender = FakeSender()
    deliver.tick(store, config, sender, now=lambda: at(10), worker="w")
    with store.unit() as uow:
        held = uow.outbox.by_key("waits-for-links")
        assert held is not None
        assert held.state is DeliveryState.WAITING
        uow.people.link(AgentId("bo"), "U1", locale="en")
        uow.commit()
    deliver.tick(store, config, sender, now=lambda: at(10, 2), worker="w")
    with store.unit() as uow:
        sent = uow.outbox.by_key("waits-for-links")
        assert sent is not None
        assert sent.state is DeliveryState.SENT


def test_what_concerns_one_reader_does_not_keep_the_others_waiting(harbour: Harbour) -> None:
    """A scope that is missing for direct messages, or people who are not linked yet, close no channel."""
    harbour.people(agent("bo", slack_user="UBO"))
    person = Recipient(kind=RecipientKind.AGENT, name="bo", team=TEAM)
    put(harbour.store, outgoing("dm", recipient=person), outgoing("channel"))
    minute = timedelta(seconds=60)
    harbour.slack.fail(DeliveryError("missing_scope", temporary=True, retry_after=minute))
    harbour.drain(3)
    assert keys(harbour.slack) == ["channel"]
    assert state(harbour, "dm") is DeliveryState.WAITING


def test_a_refused_token_keeps_everything_and_is_tried_once_a_minute(harbour: Harbour) -> None:
    put(harbour.store, *(outgoing(f"m{n}", to=f"channel-{n}") for n in range(4)))
    for _ in range(12):
        harbour.slack.fail(DeliveryError("token_revoked", temporary=True, retry_after=timedelta(seconds=60)))
        harbour.deliver()
        harbour.clock.forward(seconds=30)
    assert len(harbour.slack.calls) <= 6
    with harbour.store.read() as uow:
        backlog = uow.outbox.backlog(harbour.clock())
    assert (backlog.waiting, backlog.failed, backlog.held_back_by) == (4, 0, "token_revoked")
    harbour.slack.faults.clear()
    harbour.clock.forward(seconds=60)
    harbour.drain(8)
    assert sorted(keys(harbour.slack)) == [f"m{n}" for n in range(4)]


def test_alerts_leave_by_the_priority_of_their_case_and_before_everything_else(harbour: Harbour) -> None:
    ranks = [Urgency.DIGEST, Urgency.ALERT, Urgency.NOTICE, Urgency.URGENT]
    put(harbour.store, *(outgoing(rank.name, urgency=rank) for rank in ranks))
    harbour.drain(6)
    assert keys(harbour.slack) == ["URGENT", "ALERT", "NOTICE", "DIGEST"]
