"""The head of each line is found, and found without walking the line."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import insert, text

from bot.core.delivery import PATIENCE
from bot.store import outbox_line
from bot.store.tables import OutboxRow
from bot.store.unit_of_work import Store
from tests.support.builders import at

NOW = at(11)


def row(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "kind": "operator_notice",
        "recipient_kind": "channel",
        "recipient": "harbour-alerts",
        "team": "harbour",
        "payload": {"code": "test", "subject": "x"},
        "dedupe_key": f"k{number}",
        "urgency": 0,
        "not_before": at(10),
        "state": "waiting",
        "attempts": 0,
        "claimed_by": None,
        "lease_until": None,
        "created_at": at(10) + timedelta(milliseconds=number),
        **fields,
    }


def fill(store: Store, rows: list[dict[str, Any]]) -> None:
    with store.engine.begin() as connection:
        connection.execute(insert(OutboxRow), rows)


def is_in_line(row: dict[str, Any]) -> bool:
    if row["state"] == "waiting":
        return row["not_before"] <= NOW or 1 <= row["attempts"] < PATIENCE
    if row["state"] != "sending":
        return False
    return row["claimed_by"] is not None or row["lease_until"] <= NOW or row["attempts"] < PATIENCE


@pytest.mark.parametrize("seed", range(4))
def test_heads_are_the_first_in_line_of_each_recipient(store: Store, seed: int) -> None:
    rng = Random(seed)
    rows = [
        row(
            number,
            recipient_kind=rng.choice(("channel", "agent", "email")),
            recipient=rng.choice(("a", "b", "é", "张", "z")),
            urgency=rng.randrange(3),
            state=rng.choice(("waiting", "waiting", "sending", "sent", "failed", "dropped")),
            attempts=rng.choice((0, 1, PATIENCE - 1, PATIENCE, PATIENCE + 3)),
            claimed_by=rng.choice((None, "w")),
            not_before=NOW + timedelta(seconds=rng.choice((-5, 0, 5))),
            lease_until=NOW + timedelta(seconds=rng.choice((-5, 0, 5))),
            created_at=at(10) + timedelta(seconds=rng.randrange(5)),
        )
        for number in range(rng.choice((0, 3, 200)) + seed)
    ]
    if rows:
        fill(store, rows)
    expected: dict[tuple[str, str], int] = {}
    for number, each in sorted(
        enumerate(rows, 1), key=lambda item: (item[1]["urgency"], item[1]["created_at"], item[0])
    ):
        if is_in_line(each):
            expected.setdefault((each["recipient_kind"], each["recipient"]), number)
    with store.read() as uow:
        found = uow.outbox.heads(NOW)
    assert {(c.recipient.kind.value, c.recipient.name): int(c.id) for c in found} == expected


def test_a_long_line_is_entered_at_its_head(store: Store) -> None:
    fill(store, [row(n, recipient=f"c{n % 7}") for n in range(10_000)])
    kind = store.engine.dialect.name
    statement = str(outbox_line._HEADS.compile(store.engine, compile_kwargs={"render_postcompile": True}))
    with store.engine.begin() as connection:
        if kind == "sqlite":
            values = (NOW.isoformat(),) * statement.count("?")
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            steps = [str(step[3]) for step in plan]
            assert not [s for s in steps if s.startswith("SCAN outbox")], steps
            assert sum("ix_outbox_line" in s for s in steps) >= 3, steps
        else:
            connection.execute(text("ANALYZE outbox"))
            before = connection.execute(text("SELECT pg_stat_get_xact_tuples_returned('outbox'::regclass)"))
            seen = before.scalar_one()
            heads = connection.execute(outbox_line._HEADS, {"now": NOW}).all()
            after = connection.execute(text("SELECT pg_stat_get_xact_tuples_returned('outbox'::regclass)"))
            assert len(heads) == 7
            assert after.scalar_one() - seen < 100
