"""Messages as plain JSON and back: what the outbox keeps."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final, Union, cast, get_args, get_origin, get_type_hints

from bot.core import (
    alert_messages,
    board_messages,
    campaign_messages,
    exception_messages,
    idea_messages,
    incident_messages,
    item_messages,
    load_messages,
    messages,
    outlook_messages,
    packs,
    planner_messages,
    promise_messages,
    proposal_messages,
    reason_messages,
    records_messages,
    remote_messages,
    request_messages,
    review_messages,
    service_messages,
    training_messages,
    trial_messages,
)
from bot.core.messages import Message

__all__ = ["KINDS", "alert_of", "decode", "encode", "kind_of"]

KINDS: Final[Mapping[str, type[Message]]] = {
    "alert_card": alert_messages.AlertCard,
    "alert_news": alert_messages.AlertNews,
    "storm_card": alert_messages.StormCard,
    "storm_news": alert_messages.StormNews,
    "alert_summary": alert_messages.AlertSummary,
    "stand_up_digest": messages.StandUpDigest,
    "board_post": board_messages.BoardPost,
    "roster_published": messages.RosterPublished,
    "roster_announced": messages.RosterAnnounced,
    "shift_reminder": messages.ShiftReminder,
    "prepare_card": messages.PrepareCard,
    "operator_notice": messages.OperatorNotice,
    "exception_declared": exception_messages.ExceptionDeclared,
    "service_below": service_messages.ServiceBelow,
    "trial_alert": trial_messages.TrialAlert,
    **records_messages.KINDS,
    "promise_reminder": promise_messages.PromiseReminder,
    "promise_broken": promise_messages.PromiseBroken,
    "promise_owner_off": promise_messages.PromiseOwnerOff,
    "promise_handed": promise_messages.PromiseHanded,
    "promise_over": promise_messages.PromiseOver,
    "customer_untold": promise_messages.CustomerUntold,
    "delay_notice": promise_messages.DelayNotice,
    **campaign_messages.KINDS,
    **item_messages.KINDS,
    **incident_messages.KINDS,
    **outlook_messages.KINDS,
    **packs.KINDS,
    **request_messages.KINDS,
    **planner_messages.KINDS,
    **reason_messages.KINDS,
    **review_messages.KINDS,
    **load_messages.KINDS,
    **proposal_messages.KINDS,
    **remote_messages.KINDS,
    **idea_messages.KINDS,
    **training_messages.KINDS,
}
"""Names of the kinds in rows, logs and Slack metadata; they never change."""

_NAMES: Final = {kind: name for name, kind in KINDS.items()}


def kind_of(message: Message) -> str:
    """The kind's name.

    >>> kind_of(messages.OperatorNotice(code="test", subject="x"))
    'operator_notice'
    """
    return _NAMES[type(message)]


def alert_of(message: Message) -> int | None:
    """The alert a message is about; None for other kinds."""
    return getattr(message, "alert", None)


def encode(message: Message) -> dict[str, Any]:
    """Plain JSON values; instants and dates in ISO 8601."""
    return cast(dict[str, Any], _plain(message))


def decode(kind: str, data: Mapping[str, Any]) -> Message:
    """The message again, equal to the one encoded.

    Fields this version does not know are left out, absent ones take their defaults, so that a row
    written by the version before or after can be read.  Raises KeyError for an unknown kind.
    """
    return cast(Message, _restored(KINDS[kind], data))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, date):  # a datetime is a date as well
        return value.isoformat()
    return value


def _restored(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if get_origin(kind) in (Union, types.UnionType):
        (inner,) = (a for a in get_args(kind) if a is not types.NoneType)
        return _restored(inner, value)
    if get_origin(kind) is tuple:
        inner = get_args(kind)[0]
        return tuple(_restored(inner, item) for item in value)
    if is_dataclass(kind):
        hints = _hints(cast(type, kind))
        return cast(Any, kind)(
            **{name: _restored(hints[name], v) for name, v in value.items() if name in hints}
        )
    if kind is datetime:
        return datetime.fromisoformat(value)
    if kind is date:
        return date.fromisoformat(value)
    return float(value) if kind is float else value


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return cast(Mapping[str, Any], get_type_hints(kind))
