"""SlackSender over the stand-in: what each answer, fault and refusal of Slack means for the outbox."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.ids import MessageId
from bot.core.messages import (
    DeliveryState,
    OperatorNotice,
    OutboxMessage,
    Outgoing,
    Recipient,
    RecipientKind,
    Urgency,
)
from bot.core.ports import DeliveryError, Destination, Sent
from bot.playground import AppSettings, Fault, FaultKind, RateLimits, StandInSlack, Workspace
from bot.slack.audience import Audience
from bot.slack.gateway import EVENT_TYPE, SlackSender
from bot.slack.manifest import SCOPES
from bot.slack.render import Renderer
from bot.slack.web_api import WebApi
from tests.support.builders import settings

CHANNEL = Recipient(kind=RecipientKind.CHANNEL, name="harbour-alerts", team="harbour")


@pytest.fixture
def slack() -> Iterator[StandInSlack]:
    workspace = Workspace(limits=RateLimits.none(), app=AppSettings(scopes=set(SCOPES)))
    workspace.add_user("lin", email="lin@harbour.example")
    workspace.add_channel("harbour-alerts", members=["lin"])
    workspace.add_channel("uninvited", with_bot=False)
    workspace.add_channel("old", archived=True)
    with StandInSlack(workspace) as started:
        yield started


@pytest.fixture
def sender(slack: StandInSlack) -> SlackSender:
    api = WebApi(slack.bot_token, url=slack.api_url, timeout=2)
    chosen = settings()
    audience = Audience(api, chosen, lambda: datetime.now(UTC))
    return SlackSender(api, Renderer(chosen, lambda who: who), lambda: datetime.now(UTC), audience)


def message(number: int = 1, **fields: object) -> OutboxMessage:
    now = datetime.now(UTC)
    outgoing = Outgoing(
        recipient=CHANNEL,
        message=OperatorNotice(code="delivery_failed", subject=f"no {number}"),
        dedupe_key=f"key-{number}",
        urgency=Urgency.ALERT,
        not_before=now,
    )
    return OutboxMessage(
        id=MessageId(number),
        outgoing=replace(outgoing, **fields),  # type: ignore[arg-type]
        state=DeliveryState.SENDING,
        attempts=1,
        created_at=now,
    )


def to(recipient: Recipient = CHANNEL, **fields: object) -> Destination:
    values = {"recipient": recipient, "locale": "en", "zone": "Asia/Shanghai", **fields}
    return Destination(**values)  # type: ignore[arg-type]


def channel(name: str) -> Destination:
    return to(Recipient(kind=RecipientKind.CHANNEL, name=name))


def test_post_edit_and_thread(slack: StandInSlack, sender: SlackSender) -> None:
    sent = sender.send(message(), to())
    (post,) = slack.channel("harbour-alerts").messages
    assert (post.channel, post.ts) == (sent.channel, sent.ts)
    assert post.metadata == {
        "event_type": EVENT_TYPE,
        "event_payload": {"id": 1, "dedupe_key": "key-1"},
    }
    assert sender.send(message(2), to(earlier=sent)) == sent
    assert "no 2" in post.text
    reply = sender.send(message(3), to(thread=sent))
    assert slack.channel("harbour-alerts").thread(sent.ts)[1].ts == reply.ts


def test_channels_are_looked_up_once(slack: StandInSlack, sender: SlackSender) -> None:
    for number in range(3):
        sender.send(message(number), to())
    looked_up = [c for c in slack.workspace.calls if c.method == "users.conversations"]
    assert len(looked_up) == 1


def test_direct_messages(slack: StandInSlack, sender: SlackSender) -> None:
    lin = slack.user("lin")
    agent = Recipient(kind=RecipientKind.AGENT, name="lin")
    sender.send(message(1), to(agent, slack_user=lin.user.id))
    sender.send(message(2), to(Recipient(kind=RecipientKind.EMAIL, name="lin@harbour.example")))
    assert [m.metadata["event_payload"]["id"] for m in lin.dm] == [1, 2]  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "code"),
    [("uninvited", "not_in_channel"), ("nowhere", "channel_not_found"), ("old", "is_archived")],
)
def test_unusable_channels_fail_for_good_under_their_own_name(
    sender: SlackSender, name: str, code: str
) -> None:
    with pytest.raises(DeliveryError) as failed:
        sender.send(message(), channel(name))
    assert failed.value.code == code
    assert not failed.value.temporary
    assert not failed.value.uncertain


def test_a_channel_is_found_again_after_the_bot_was_removed(slack: StandInSlack, sender: SlackSender) -> None:
    sender.send(message(1), to())
    place = slack.channel("harbour-alerts")
    bot = slack.workspace.bot.id
    place.members.remove(bot)
    with pytest.raises(DeliveryError) as failed:
        sender.send(message(2), to())
    assert (failed.value.code, failed.value.temporary) == ("not_in_channel", False)
    place.members.append(bot)
    sender.send(message(3), to())
    assert len(place.messages) == 2


def test_a_person_who_left_after_the_first_message_is_named_as_gone(
    slack: StandInSlack, sender: SlackSender
) -> None:
    """Slack refuses the open conversation as unknown; the operator is told that the person left."""
    lin = Recipient(kind=RecipientKind.EMAIL, name="lin@harbour.example")
    linked = to(lin, slack_user=slack.user("lin").user.id)
    sender.send(message(recipient=lin), linked)
    slack.workspace.deactivate("lin")
    with pytest.raises(DeliveryError) as refused:
        sender.send(message(2, recipient=lin), linked)
    assert (refused.value.code, refused.value.temporary) == ("user_disabled", False)
    slack.workspace.refusals.clear()


def test_people_who_cannot_be_reached(slack: StandInSlack, sender: SlackSender) -> None:
    agent = Recipient(kind=RecipientKind.AGENT, name="lin")
    with pytest.raises(DeliveryError, match="user_not_linked"):
        sender.send(message(), to(agent))
    with pytest.raises(DeliveryError, match="users_not_found") as failed:
        sender.send(message(), to(Recipient(kind=RecipientKind.EMAIL, name="who@harbour.example")))
    assert not failed.value.temporary


@pytest.mark.parametrize(
    ("fault", "temporary", "uncertain", "arrived"),
    [
        (Fault(kind=FaultKind.RATE_LIMITED, retry_after=7), True, False, 0),
        (Fault(kind=FaultKind.SERVER_ERROR), True, True, 0),
        (Fault(kind=FaultKind.HTML), True, True, 0),
        (Fault(kind=FaultKind.DROP_BEFORE), True, True, 0),
        (Fault(kind=FaultKind.DROP_AFTER), True, True, 1),
        (Fault(kind=FaultKind.ERROR_AFTER), True, True, 1),
        (Fault(kind=FaultKind.HANG_AFTER, seconds=4), True, True, 1),
        (Fault(kind=FaultKind.SLACK_ERROR, error="internal_error"), True, True, 0),
        (Fault(kind=FaultKind.SLACK_ERROR, error="invalid_auth"), True, False, 0),
        (Fault(kind=FaultKind.SLACK_ERROR, error="restricted_action"), False, False, 0),
    ],
    ids=lambda value: value.kind.value if isinstance(value, Fault) else "",
)
def test_faults_never_post_twice_and_are_found_again(
    slack: StandInSlack,
    sender: SlackSender,
    fault: Fault,
    temporary: bool,
    uncertain: bool,
    arrived: int,
) -> None:
    sender.send(message(1), to())
    slack.faults.add("chat.postMessage", fault)
    with pytest.raises(DeliveryError) as failed:
        sender.send(message(2), to())
    assert failed.value.temporary is temporary
    assert failed.value.uncertain is uncertain
    if fault.kind is FaultKind.RATE_LIMITED:
        assert failed.value.retry_after == timedelta(seconds=7)
    posts = slack.channel("harbour-alerts").messages
    assert len(posts) == 1 + arrived
    found = sender.find(message(2), to())
    assert found == (Sent(channel=posts[-1].channel, ts=posts[-1].ts) if arrived else None)


def test_a_failed_look_up_of_the_channel_is_certain(slack: StandInSlack, sender: SlackSender) -> None:
    """Nothing was posted, so nothing needs to be looked up."""
    slack.faults.add("users.conversations", Fault(kind=FaultKind.DROP_AFTER))
    with pytest.raises(DeliveryError) as failed:
        sender.send(message(), to())
    assert failed.value.temporary
    assert not failed.value.uncertain


def test_slack_out_of_reach_is_certain() -> None:
    api = WebApi("xoxb-x", url="http://127.0.0.1:9/api/", timeout=1)
    with pytest.raises(DeliveryError) as failed:
        api.call("auth.test")
    assert (failed.value.code, failed.value.temporary, failed.value.uncertain) == ("unreachable", True, False)


def test_find_looks_in_threads_and_by_both_keys(slack: StandInSlack, sender: SlackSender) -> None:
    sent = sender.send(message(1), to())
    reply = sender.send(message(2), to(thread=sent))
    assert sender.find(message(2), to(thread=sent)) == reply
    assert sender.find(message(1), to()) == sent
    # The same row number of another database is another message.
    assert sender.find(message(1, dedupe_key="another"), to()) is None
    assert sender.find(message(3), to()) is None


def test_find_goes_through_pages(slack: StandInSlack, sender: SlackSender) -> None:
    sent = sender.send(message(1), to())
    for number in range(2, 260):
        slack.user("lin").say("harbour-alerts", f"noise {number}")
    assert sender.find(message(1), to()) == sent


def test_without_the_history_scope_it_says_so_for_good(slack: StandInSlack, sender: SlackSender) -> None:
    sender.send(message(1), to())
    slack.workspace.app.scopes -= {"channels:history"}
    with pytest.raises(DeliveryError, match="missing_scope") as failed:
        sender.find(message(1), to())
    assert not failed.value.temporary


def test_nothing_is_unfurled_or_broadcast(slack: StandInSlack, sender: SlackSender) -> None:
    sender.send(message(1), to())
    (call,) = [c for c in slack.workspace.calls if c.method == "chat.postMessage"]
    assert call.arguments["unfurl_links"] is False
    assert slack.workspace.complaints == []
