"""Every kind of message survives the outbox."""

from __future__ import annotations

import json
import types
from dataclasses import is_dataclass
from datetime import date, datetime, timedelta
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.alert_messages import AlertCard, AlertNews, CardConcern
from bot.core.message_codec import KINDS, alert_of, decode, encode, kind_of
from bot.core.messages import Message, OperatorNotice
from tests.support.builders import at

PLAIN: dict[type, st.SearchStrategy[Any]] = {
    str: st.text(max_size=5),
    int: st.integers(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    date: st.dates(),
    datetime: st.integers(0, 10**15).map(lambda n: at(0) + timedelta(microseconds=n)),
}


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a field's type."""
    if get_origin(kind) is types.UnionType:
        (inner,) = (a for a in get_args(kind) if a is not types.NoneType)
        return st.none() | values(inner)
    if get_origin(kind) is tuple:
        return st.lists(values(get_args(kind)[0]), max_size=3).map(tuple)
    if is_dataclass(kind):
        return st.builds(kind, **{name: values(hint) for name, hint in get_type_hints(kind).items()})
    return PLAIN[kind]


def test_every_kind_has_a_name() -> None:
    assert set(KINDS.values()) == set(get_args(Message))


@pytest.mark.parametrize("name", sorted(KINDS))
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_through_json_and_back(name: str, data: st.DataObject) -> None:
    message = data.draw(values(KINDS[name]))
    stored = json.loads(json.dumps(encode(message)))
    assert decode(kind_of(message), stored) == message


def test_fields_of_another_version_do_no_harm() -> None:
    card = AlertCard(
        alert=1,
        ref="GD1",
        queue="chat",
        priority="high",
        opened_at=at(10),
        state="open",
        concerns=(CardConcern(kind="breach", measure="first_response", since=at(11), due_at=at(11)),),
    )
    stored = encode(card) | {"from_a_later_version": 1}
    del stored["noticed_late_seconds"]
    stored["concerns"][0]["of_a_later_version"] = 2
    assert decode("alert_card", stored) == card


def test_which_alert_a_message_is_about() -> None:
    assert alert_of(AlertNews(alert=7, ref="GD1", queue="chat", what="taken", at=at(10))) == 7
    assert alert_of(OperatorNotice(code="x", subject="y")) is None
