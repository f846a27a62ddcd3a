"""Whatever JSON is sent, and whatever is not: an answer, never a failure, and nothing of it repeated."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.contacts import EventKind
from bot.store.engine import make_engine
from bot.store.tables import Base
from bot.store.unit_of_work import Store
from tests.bot.http.conftest import TOKEN, Http, application
from tests.support.builders import agent, at
from tests.support.webhooks import SECRET, SETTINGS, names, sample, signed

NOW = at(12)
MARK = "Qzx7"
"""In every text that is made up: it must not come back."""

TEXTS = st.one_of(
    st.text(max_size=12).map(lambda text: MARK + text),
    st.sampled_from(
        [
            "",
            "2026-11-24T09:00:00+08:00",
            "2026-11-24T09:00:00",
            "9999-12-31T23:59:59-23:59",
            "chat",
            "\ud800",
            "\x00",
        ]
    ),
)
NUMBERS = st.one_of(
    st.integers(),
    st.integers(min_value=-(10**400), max_value=10**400),
    st.floats(),
    st.sampled_from([0, -1, 1e308, 2**63, 1764000000]),
)
LEAVES = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)


def values(keys: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.recursive(
        LEAVES,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5),
        max_leaves=12,
    )


def damaged(payload: Any, at_path: list[int], value: Any) -> Any:
    """The payload with one of its values, chosen by the path, replaced."""
    if not at_path or not isinstance(payload, (dict, list)) or not payload:
        return value
    keys = list(payload) if isinstance(payload, dict) else list(range(len(payload)))
    chosen = keys[at_path[0] % len(keys)]
    changed = dict(payload) if isinstance(payload, dict) else list(payload)
    changed[chosen] = damaged(payload[chosen], at_path[1:], value)
    return changed


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Http]:
    store = Store(make_engine(f"sqlite:///{tmp_path_factory.mktemp('any') / 'muster.db'}"))
    Base.metadata.create_all(store.engine)
    with store.unit() as uow:
        uow.people.upsert(agent("bo"))
        uow.commit()
    yield application(store, connectors=SETTINGS, secrets=dict.fromkeys(SETTINGS, SECRET), now=NOW)
    store.close()


def body_of(value: Any) -> bytes:
    return json.dumps(value).encode("utf-8", "surrogatepass")


def answered(http: Http, path: str, body: bytes, headers: dict[str, str]) -> None:
    answer = http.call("POST", path, content=body, headers=headers)
    assert answer.status_code in {202, 400, 413, 422}, answer.text
    assert isinstance(answer.json(), dict)
    assert MARK not in answer.text


GOOD = {
    "/v1/contact-events": {
        "contact": "GD1", "kind": "opened", "at": "2026-11-24T10:00:00+08:00", "source": "crm",
        "event_id": "1", "queue": "chat", "type": "order", "priority": "high", "tier": "vip", "agent": "bo",
        "outcome": "x", "handle_seconds": 4,
    },
    "/v1/volumes": {
        "queue": "chat", "start": "2026-11-24T10:00:00+08:00", "contacts": 4, "aht_seconds": 9.5,
        "interval": 15, "source": "pbx",
    },
    "/v1/presence": {"agent": "bo", "state": "busy", "since": "2026-11-24T10:00:00+08:00", "source": "pbx"},
}  # fmt: skip
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("path", GOOD)
@QUICK
@given(data=st.data())
def test_any_item_is_answered(http: Http, path: str, data: st.DataObject) -> None:
    good = GOOD[path]
    fields = st.sampled_from(sorted(good)) | TEXTS
    made = data.draw(
        values(fields)
        | st.builds(damaged, st.just(good), st.lists(st.integers(0, 20), max_size=2), values(fields))
    )
    body = body_of(data.draw(st.sampled_from([made, [made], [good, made, [made]]])))
    answered(http, path, body, {"Authorization": f"Bearer {TOKEN}"})


@pytest.mark.parametrize("vendor", SETTINGS)
@QUICK
@given(data=st.data())
def test_any_payload_with_a_true_signature_is_answered(http: Http, vendor: str, data: st.DataObject) -> None:
    good = sample(data.draw(st.sampled_from(names(vendor))))
    keys = st.sampled_from([*good, "id", "event", "detail", "item", "tags"]) | TEXTS
    made = data.draw(
        values(keys)
        | st.builds(damaged, st.just(good), st.lists(st.integers(0, 30), max_size=5), values(keys))
    )
    body = body_of(made)
    answered(http, f"/v1/connectors/{vendor}", body, signed(vendor, body, NOW))


@pytest.mark.parametrize("path", [*GOOD, *(f"/v1/connectors/{vendor}" for vendor in SETTINGS)])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nul",
        b"NaN",
        b"[NaN, Infinity, -Infinity]",
        b'{"a":' * 50_000,
        b"[" * 50_000 + b"]" * 50_000,
        b'{"a":' * 300 + b"1" + b"}" * 300,
        b"9" * 5_000,
        b"\xff\xfe\x00",
        b"\xef\xbb\xbf{}",
        b'"\\ud800"',
        b'{"type": "zen:event-type:ticket.created", "type": 1e999}',
    ],
)
def test_bodies_that_are_made_to_break_a_reader(http: Http, path: str, body: bytes) -> None:
    vendor = path.rpartition("/")[2]
    headers = signed(vendor, body, NOW) if vendor in SETTINGS else {"Authorization": f"Bearer {TOKEN}"}
    answered(http, path, body, headers)


@pytest.mark.parametrize("kind", EventKind)
def test_an_event_of_every_kind_is_answered(http: Http, kind: EventKind) -> None:
    item = {**GOOD["/v1/contact-events"], "kind": kind.value, "event_id": kind.value}
    answered(http, "/v1/contact-events", body_of(item), {"Authorization": f"Bearer {TOKEN}"})
