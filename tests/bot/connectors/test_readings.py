"""Each vendor's payloads become the events they mean, and nothing else of them is taken."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from bot.connectors.connector import LeftOut, PayloadError, Reading
from bot.connectors.registry import CONNECTORS, connector
from bot.core.connector_settings import ConnectorSettings
from bot.core.contacts import ContactEvent, ContactType, EventKind, Priority, WaitingFor
from bot.core.queues import Channel
from tests.support.builders import CHAT, EMAIL
from tests.support.webhooks import AGENTS, SETTINGS, names, sample

K = EventKind


def read(name: str, payload: Any = None, **changes: Any) -> Reading:
    vendor = name.split("_")[0]
    settings = replace(SETTINGS[vendor], **changes)
    return connector(vendor).events(sample(name) if payload is None else payload, settings, AGENTS)


def only(name: str, **changes: Any) -> ContactEvent:
    [event] = read(name, **changes).events
    return event


def at(hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(2026, 11, 24, hour, minute, second, tzinfo=UTC)


MEANING = {
    "zendesk_created": [K.OPENED],
    "zendesk_comment_by_agent": [K.RESPONDED],
    "zendesk_comment_by_customer": [K.CUSTOMER_REPLIED],
    "zendesk_comment_internal": LeftOut.INTERNAL,
    "zendesk_status_open_pending": [K.PENDING],
    "zendesk_status_pending_open": [K.RESUMED],
    "zendesk_status_open_solved": [K.RESOLVED],
    "zendesk_status_solved_open": [K.REOPENED],
    "zendesk_status_open_hold": [K.PENDING],
    "zendesk_status_solved_closed": [K.ARCHIVED],
    "zendesk_status_new_open": LeftOut.UNCHANGED,
    "zendesk_assigned": [K.ASSIGNED],
    "zendesk_priority_changed": [K.PRIORITY_CHANGED],
    "zendesk_group_changed": [K.RECLASSIFIED],
    "zendesk_other": LeftOut.EVENT,
    "zendesk_by_trigger": [K.OPENED],
    "freshdesk_created": [K.OPENED],
    "freshdesk_replied": [K.RESPONDED],
    "freshdesk_customer_replied": [K.CUSTOMER_REPLIED],
    "freshdesk_waiting": [K.PENDING],
    "freshdesk_resolved": [K.RESOLVED],
    "freshdesk_priority": [K.PRIORITY_CHANGED],
    "intercom_ping": LeftOut.EVENT,
    "intercom_user_created": [K.OPENED],
    "intercom_user_replied": [K.CUSTOMER_REPLIED],
    "intercom_admin_replied": [K.RESPONDED],
    "intercom_admin_assigned": [K.ASSIGNED, K.RECLASSIFIED],
    "intercom_admin_closed": [K.RESOLVED],
    "intercom_admin_opened": [K.REOPENED],
    "intercom_admin_snoozed": [K.PENDING],
    "intercom_admin_unsnoozed": [K.RESUMED],
    "intercom_priority_updated": [K.PRIORITY_CHANGED],
    "intercom_admin_noted": LeftOut.EVENT,
    "chatwoot_conversation_created": [K.OPENED],
    "chatwoot_conversation_created_with_bot": [K.OPENED, K.PENDING],
    "chatwoot_message_by_customer": [K.CUSTOMER_REPLIED],
    "chatwoot_message_by_agent": [K.RESPONDED],
    "chatwoot_message_private": LeftOut.INTERNAL,
    "chatwoot_message_by_bot": LeftOut.AUTOMATIC,
    "chatwoot_status_resolved": [K.RESOLVED],
    "chatwoot_status_reopened": [K.REOPENED],
    "chatwoot_status_snoozed": [K.PENDING],
    "chatwoot_status_from_bot": [K.RESUMED],
    "chatwoot_updated_priority": [K.PRIORITY_CHANGED],
    "chatwoot_updated_assignee": [K.ASSIGNED],
    "chatwoot_typing_on": LeftOut.EVENT,
}


def test_every_sample_is_in_the_table() -> None:
    assert sorted(MEANING) == sorted(name for vendor in CONNECTORS for name in names(vendor))


@pytest.mark.parametrize("name", MEANING)
def test_what_a_payload_means(name: str) -> None:
    reading, meant = read(name), MEANING[name]
    if isinstance(meant, LeftOut):
        assert (reading.events, reading.left_out) == ((), (meant,))
        return
    assert [event.kind for event in reading.events] == meant
    assert reading.left_out == ()
    assert {event.ref for event in reading.events} == {f"{name.split('_')[0]}:1001"}
    # The same delivery again is the same events; two events of one are not one.
    assert read(name) == reading
    assert all(a.source_event_id != b.source_event_id for a, b in pairwise(reading.events))


@pytest.mark.parametrize("vendor", CONNECTORS)
def test_no_name_and_no_text_of_a_customer_is_taken(vendor: str) -> None:
    taken = str([asdict(event) for name in names(vendor) for event in read(name).events])
    for secret in ("Zhang", "Wei", "wei@", "charged", "4111", "13812345678", "refund", "@harbour"):
        assert secret not in taken


def test_a_zendesk_ticket_with_what_app_yaml_says_about_its_words() -> None:
    event = only("zendesk_created")
    assert (event.at, event.source, event.queue) == (at(2, 0), "zendesk", CHAT)
    assert (event.type, event.priority, event.tier) == (ContactType.AFTER_SALES, Priority.HIGH, "gold")
    assert event.channel is Channel.CHAT
    assert event.source_event_id == "cbe4028c-7239-495d-b020-f22348516046"
    assert only("zendesk_group_changed").queue == EMAIL
    moved_on = sample("zendesk_group_changed")
    moved_on["detail"]["group_id"] = "8447320466430"
    assert read("zendesk_group_changed", moved_on).events[0].queue == EMAIL
    assert only("zendesk_assigned").agent == "bo"
    assert only("zendesk_comment_by_agent").agent == "bo"
    assert only("zendesk_priority_changed").priority is Priority.URGENT
    assert only("zendesk_by_trigger").at == at(2, 0)


def test_what_a_zendesk_ticket_waits_for() -> None:
    assert only("zendesk_status_open_pending").waiting_for is WaitingFor.CUSTOMER
    assert only("zendesk_status_open_hold").waiting_for is WaitingFor.DEPARTMENT
    assert only("freshdesk_waiting").waiting_for is WaitingFor.DEPARTMENT


def test_a_solved_case_that_waits_again_is_open_first() -> None:
    payload = sample("zendesk_status_open_pending")
    payload["event"]["previous"] = "SOLVED"
    reopened, pending = read("zendesk_status_open_pending", payload).events
    assert (reopened.kind, pending.kind) == (K.REOPENED, K.PENDING)
    assert reopened.at < pending.at
    payload["event"] = {"previous": "PENDING", "current": "HOLD"}
    resumed, held = read("zendesk_status_open_hold", payload).events
    assert (resumed.kind, held.kind, held.waiting_for) == (K.RESUMED, K.PENDING, WaitingFor.DEPARTMENT)
    closed = sample("zendesk_status_solved_closed")
    closed["event"]["previous"] = "OPEN"
    assert [e.kind for e in read("zendesk_created", closed).events] == [K.RESOLVED, K.ARCHIVED]


def test_agents_are_matched_by_address_or_by_the_table_and_never_guessed() -> None:
    assert only("intercom_admin_replied").agent == "bo"
    assert only("chatwoot_message_by_agent", agents={}).agent == "bo"
    assert only("chatwoot_updated_assignee").agent == "bo"
    assert only("freshdesk_replied").agent == "bo"
    # Without the table an id is nobody: an answer stays an answer, an assignment to nobody is left out.
    assert only("zendesk_comment_by_agent", agents={}).agent is None
    assert read("zendesk_assigned", agents={}).left_out == (LeftOut.AGENT,)
    assert only("intercom_user_replied").agent is None


def test_a_case_no_queue_claims_is_left_out() -> None:
    for name in (
        "zendesk_created",
        "freshdesk_created",
        "intercom_user_created",
        "chatwoot_conversation_created",
    ):
        reading = connector(name.split("_")[0]).events(sample(name), ConnectorSettings(), AGENTS)
        assert (reading.events, reading.left_out) == ((), (LeftOut.QUEUE,))


def test_words_are_compared_without_regard_to_case_and_the_most_telling_wins() -> None:
    queues = {"chat desk": EMAIL, "inbox 7": CHAT, "vip": CHAT}
    assert only("chatwoot_conversation_created", queues=queues).queue == EMAIL
    assert only("chatwoot_conversation_created", queues={"vip": EMAIL}).queue == EMAIL
    assert only("freshdesk_created").queue == CHAT


def test_intercom_times_and_priorities() -> None:
    opened = only("intercom_user_created")
    assert (opened.at, opened.priority, opened.channel) == (at(2, 0), Priority.URGENT, Channel.CHAT)
    assert only("intercom_admin_closed").at == at(2, 40)
    assert only("intercom_priority_updated").priority is Priority.MEDIUM


def test_freshdesk_numbers_and_plain_times() -> None:
    opened = only("freshdesk_created")
    assert (opened.at, opened.priority, opened.type) == (at(2, 0), Priority.HIGH, ContactType.AFTER_SALES)
    assert only("freshdesk_priority").priority is Priority.URGENT
    # One opening per ticket, however often its rule fires and whatever it says then.
    again = {**sample("freshdesk_created"), "at": "2026-11-24T02:00:07Z"}
    assert read("freshdesk_created", again).events[0].source_event_id == opened.source_event_id


def test_the_same_status_by_two_events_of_chatwoot_is_told_once() -> None:
    payload = {**sample("chatwoot_status_resolved"), "event": "conversation_updated"}
    assert read("chatwoot_status_resolved", payload).left_out == (LeftOut.UNCHANGED,)
    twice = {**sample("chatwoot_message_by_customer"), "content": "edited on the way"}
    first, second = only("chatwoot_message_by_customer"), read("chatwoot_x", twice).events[0]
    assert first.source_event_id == second.source_event_id


def test_what_a_bot_of_chatwoot_holds_is_not_the_teams() -> None:
    payload = sample("chatwoot_message_by_customer")
    payload["conversation"]["status"] = "pending"
    assert read("chatwoot_message", payload).left_out == (LeftOut.AUTOMATIC,)
    back = sample("chatwoot_status_snoozed")
    back["changed_attributes"][0]["status"] = {"previous_value": "resolved", "current_value": "pending"}
    assert [e.kind for e in read("chatwoot_status_snoozed", back).events] == [K.REOPENED, K.PENDING]


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("zendesk_created", {"detail": {"id": "Zhang Wei 138"}}),
        ("zendesk_created", {"detail": None}),
        ("zendesk_created", {"time": "2026-11-24T02:00:00"}),
        ("zendesk_created", {"time": "yesterday"}),
        ("zendesk_status_open_solved", {"event": "SOLVED"}),
        ("freshdesk_created", {"ticket": "Zhang Wei"}),
        ("freshdesk_created", {"at": ""}),
        ("intercom_user_created", {"created_at": float("nan")}),
        ("intercom_user_created", {"data": {"item": {"id": {"Zhang": 1}}}}),
        ("chatwoot_message_by_customer", {"conversation": {"id": "Zhang Wei"}}),
        ("chatwoot_conversation_created", {"created_at": 1e300}),
    ],
)
def test_payloads_of_another_form_are_refused_without_repeating_them(
    name: str, damage: dict[str, Any]
) -> None:
    with pytest.raises(PayloadError) as refused:
        read(name, {**sample(name), **damage})
    assert str(refused.value)
    for word in ("Zhang", "Wei", "yesterday", "SOLVED", "1e"):
        assert word not in str(refused.value)


def test_a_wrong_place_is_named_in_words_of_the_payload() -> None:
    with pytest.raises(PayloadError, match=r"^detail: an object is expected$"):
        read("zendesk_created", {**sample("zendesk_created"), "detail": "text"})
    with pytest.raises(
        PayloadError, match=r"^at: a time with offset is expected; ticket.id: an id is expected$"
    ):
        read("freshdesk_x", {"event": "opened", "at": "2026-11-24", "ticket": {"id": "my card"}})


@pytest.mark.parametrize("vendor", CONNECTORS)
@pytest.mark.parametrize("payload", [None, [], "text", 7, True, {}])
def test_what_is_no_payload_at_all(vendor: str, payload: object) -> None:
    try:
        reading = connector(vendor).events(payload, SETTINGS[vendor], AGENTS)
    except PayloadError:
        return
    assert reading.events == ()
