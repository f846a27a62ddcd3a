"""PS3: what speaks of cases reaches no public, shared or guests' channel, and no guest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.alert_messages import AlertCard, CardConcern
from bot.core.ids import MessageId
from bot.core.messages import (
    DeliveryState,
    Message,
    OperatorNotice,
    OutboxMessage,
    Outgoing,
    Recipient,
    RecipientKind,
    Urgency,
)
from bot.core.ports import DeliveryError, Destination, Sent
from bot.core.privacy.audience import AudienceRules
from bot.playground import AppSettings, Fault, FaultKind, RateLimits, StandInSlack, Workspace
from bot.slack.audience import Audience, speaks_of_cases
from bot.slack.gateway import SlackSender
from bot.slack.manifest import SCOPES
from bot.slack.render import Renderer
from bot.slack.web_api import WebApi
from tests.support.builders import at, settings

Send = Callable[..., Sent]


class Time:
    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def slack() -> Iterator[StandInSlack]:
    workspace = Workspace(limits=RateLimits.none(), app=AppSettings(scopes=set(SCOPES)))
    workspace.add_user("lin", email="lin@harbour.example")
    workspace.add_user("visitor", email="visitor@harbour.example", guest=True)
    workspace.add_user("once", single_channel=True)
    workspace.add_user("partner", stranger=True)
    workspace.add_user("robot", bot=True)
    with StandInSlack(workspace) as started:
        yield started


def sender(slack: StandInSlack, time: Time, rules: AudienceRules | None = None) -> Send:
    api = WebApi(slack.bot_token, url=slack.api_url, timeout=2)
    chosen = replace(settings(), privacy=rules or AudienceRules())
    made = SlackSender(api, Renderer(chosen, lambda who: who), time, Audience(api, chosen, time))

    def send(recipient: Recipient, said: Message = CARD, **fields: object) -> Sent:
        message = OutboxMessage(
            id=MessageId(1),
            outgoing=Outgoing(
                recipient=recipient, message=said, dedupe_key="k", urgency=Urgency.ALERT, not_before=time()
            ),
            state=DeliveryState.SENDING,
            attempts=1,
            created_at=time(),
        )
        values = {"recipient": recipient, "locale": "en", "zone": "Asia/Shanghai", **fields}
        return made.send(message, Destination(**values))  # type: ignore[arg-type]

    return send


CARD = AlertCard(
    alert=1,
    ref="GD20261124001",
    queue="chat",
    priority="high",
    opened_at=at(10),
    state="open",
    concerns=(CardConcern(kind="breach", since=at(10), measure="first_response", due_at=at(10)),),
)
NOTICE = OperatorNotice(code="delivery_failed", subject="x")


def channel(name: str) -> Recipient:
    return Recipient(kind=RecipientKind.CHANNEL, name=name, team="harbour")


def refused(send: Send, recipient: Recipient, **fields: object) -> str:
    with pytest.raises(DeliveryError) as failed:
        send(recipient, **fields)
    assert not failed.value.temporary
    assert not failed.value.uncertain
    return failed.value.code


def test_notices_and_rosters_are_for_anybody_and_every_other_kind_is_guarded() -> None:
    assert speaks_of_cases(CARD)
    assert not speaks_of_cases(NOTICE)


@pytest.mark.parametrize(
    ("name", "made", "rules", "code"),
    [
        ("private", {"private": True}, {}, None),
        ("harbour-alerts", {}, {}, None),
        ("harbour-alerts", {}, {"strict": True}, "channel_public"),
        ("harbour-alerts", {}, {"strict": True, "public_channels": frozenset({"harbour-alerts"})}, None),
        ("harbour-alerts", {"private": True}, {"strict": True}, None),
        ("elsewhere", {}, {}, "channel_public"),
        ("elsewhere", {}, {"public_channels": frozenset({"elsewhere"})}, None),
        ("harbour-alerts", {"ext_shared": True}, {}, "channel_shared"),
        ("harbour-alerts", {"org_shared": True}, {}, "channel_shared"),
        ("harbour-alerts", {"pending_ext_shared": True}, {}, "channel_shared"),
        ("private", {"private": True, "ext_shared": True, "members": ["partner"]}, {}, "channel_shared"),
        ("elsewhere", {"ext_shared": True}, {"public_channels": frozenset({"elsewhere"})}, "channel_shared"),
        ("harbour-alerts", {"members": ["lin", "visitor"]}, {}, "channel_guests"),
        ("private", {"private": True, "members": ["once"]}, {}, "channel_guests"),
        ("private", {"private": True, "members": ["robot"]}, {}, None),
    ],
)
def test_where_cases_may_be_posted(
    slack: StandInSlack, time: Time, name: str, made: dict, rules: dict, code: str | None
) -> None:
    slack.workspace.add_channel(name, **made)
    send = sender(slack, time, AudienceRules(**rules))
    if code is None:
        send(channel(name))
        assert len(slack.channel(name).messages) == 1
    else:
        assert refused(send, channel(name)) == code
        assert slack.channel(name).messages == []
        # What names no case is not kept back.
        send(channel(name), NOTICE)


def test_a_thread_and_an_edit_are_guarded_like_the_post(slack: StandInSlack, time: Time) -> None:
    place = slack.workspace.add_channel("harbour-alerts")
    send = sender(slack, time)
    first = send(channel("harbour-alerts"))
    place.ext_shared = True
    time.ahead = timedelta(minutes=3)
    assert refused(send, channel("harbour-alerts"), thread=first) == "channel_shared"
    assert refused(send, channel("harbour-alerts"), earlier=first) == "channel_shared"


def test_a_channel_that_is_shared_later_gets_nothing_more_after_two_minutes(
    slack: StandInSlack, time: Time
) -> None:
    place = slack.workspace.add_channel("harbour-alerts", members=["lin"])
    send = sender(slack, time)
    for _ in range(5):
        send(channel("harbour-alerts"))
    asked = [c.method for c in slack.workspace.calls]
    assert asked.count("conversations.info") == 1
    slack.workspace.invite("harbour-alerts", "visitor")
    time.ahead = timedelta(minutes=2, seconds=1)
    assert refused(send, channel("harbour-alerts")) == "channel_guests"
    place.members.remove(slack.workspace.user("visitor").id)
    time.ahead = timedelta(minutes=5)
    send(channel("harbour-alerts"))


@pytest.mark.parametrize("name", ["visitor", "once", "partner"])
def test_guests_get_no_direct_message_about_cases(slack: StandInSlack, time: Time, name: str) -> None:
    user = slack.workspace.user(name)
    recipient = Recipient(kind=RecipientKind.AGENT, name=name)
    assert refused(sender(slack, time), recipient, slack_user=user.id) == "guest"


def test_an_address_in_app_yaml_may_be_a_guests(slack: StandInSlack, time: Time) -> None:
    send = sender(slack, time)
    guest = Recipient(kind=RecipientKind.EMAIL, name="visitor@harbour.example")
    assert [refused(send, guest) for _ in range(2)] == ["guest", "guest"]
    send(Recipient(kind=RecipientKind.EMAIL, name="lin@harbour.example"))
    assert len(slack.user("lin").dm) == 1


def test_what_cannot_be_asked_is_not_posted(slack: StandInSlack, time: Time) -> None:
    slack.workspace.add_channel("harbour-alerts")
    send = sender(slack, time)
    slack.faults.add("conversations.info", Fault(kind=FaultKind.DROP_AFTER))
    with pytest.raises(DeliveryError) as failed:
        send(channel("harbour-alerts"))
    assert (failed.value.temporary, failed.value.uncertain) == (True, False)
    slack.faults.add("conversations.info", Fault(kind=FaultKind.SLACK_ERROR, error="missing_scope"))
    assert refused(send, channel("harbour-alerts")) == "channel_unchecked"
    assert slack.channel("harbour-alerts").messages == []


def test_many_strangers_are_asked_for_at_once(slack: StandInSlack, time: Time) -> None:
    names = [f"agent{n}" for n in range(60)]
    for name in names:
        slack.workspace.add_user(name)
    slack.workspace.add_channel("harbour-alerts", members=names)
    sender(slack, time)(channel("harbour-alerts"))
    assert len([c for c in slack.workspace.calls if c.method.startswith("users.")]) <= 2
