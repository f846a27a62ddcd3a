"""A database with many open cases, made by the database itself: a million takes seconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from bot.store.tables import Base
from bot.store.unit_of_work import Store

_CONTACT = (
    "INSERT INTO contacts (ref, queue, channel, type, priority, tier, status, opened_at, source, tags, "
    "priority_manual) SELECT {ref}, 'chat', 'chat', 'consult', 'medium', 'standard', 'new', {opened}, "
    "'crm', '[]', {false} FROM {numbers}"
)
_CLOCK = (
    "INSERT INTO sla_clocks (contact_id, measure, cycle, policy, started_at, due_at, state, next_check_at, "
    "warnings, warned) SELECT c.id, '{measure}', 0, 'load', c.opened_at, {due}, 'running', {due}, '[]', '[]' "
    "FROM contacts c WHERE c.ref LIKE 'LOAD-%'"
)


def fill(store: Store, count: int, *, now: datetime) -> None:
    """``count`` open cases, each with two running clocks that say nothing for days."""
    far = now + timedelta(days=30)
    with store.engine.begin() as connection:
        if store.engine.dialect.name == "sqlite":
            connection.execute(text("PRAGMA cache_size = -200000"))
            numbers = (
                f"(WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < {count}) "
                "SELECT n FROM k)"
            )
            opened = f"'{_plain(now - timedelta(hours=1))}'"
            due = f"strftime('%Y-%m-%d %H:%M:%S', '{_plain(far)}', '+' || c.id || ' seconds') || '.000000'"
            ref, false = "'LOAD-' || n", "0"
        else:
            numbers = f"generate_series(1, {count}) AS k(n)"
            opened = f"TIMESTAMPTZ '{(now - timedelta(hours=1)).isoformat()}'"
            due = f"TIMESTAMPTZ '{far.isoformat()}' + c.id * INTERVAL '1 second'"
            ref, false = "'LOAD-' || n", "FALSE"
        connection.execute(text(_CONTACT.format(ref=ref, opened=opened, false=false, numbers=numbers)))
        for measure in ("first_response", "resolution"):
            connection.execute(text(_CLOCK.format(measure=measure, due=due)))
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def make_due(store: Store, instants: list[datetime], *, start: int = 1) -> list[str]:
    """Let the first response of cases LOAD-``start`` and following be broken at these instants."""
    refs = [f"LOAD-{start + i}" for i in range(len(instants))]
    sqlite = store.engine.dialect.name == "sqlite"
    update = text(
        "UPDATE sla_clocks SET due_at = :at, next_check_at = :at WHERE measure = 'first_response' "
        "AND contact_id = (SELECT id FROM contacts WHERE ref = :ref)"
    )
    given = [{"at": _plain(at) if sqlite else at, "ref": ref} for ref, at in zip(refs, instants, strict=True)]
    with store.engine.begin() as connection:
        connection.execute(update, given)
    return refs


def tables(store: Store) -> None:
    Base.metadata.create_all(store.engine)


def _plain(at: datetime) -> str:
    """As SQLite keeps an instant."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def make_line(store: Store, count: int, *, channels: int, now: datetime) -> None:
    """So many messages that wait, spread over channels."""
    from sqlalchemy import insert

    from bot.store.tables import OutboxRow

    rows = [
        {
            "kind": "operator_notice",
            "recipient_kind": "channel",
            "recipient": f"channel-{n % channels}",
            "team": "harbour",
            "payload": {"code": "test", "subject": "x"},
            "dedupe_key": f"line-{n}",
            "urgency": 0,
            "not_before": now - timedelta(minutes=1),
            "state": "waiting",
            "attempts": 0,
            "created_at": now - timedelta(minutes=1) + timedelta(milliseconds=n),
        }
        for n in range(count)
    ]
    with store.engine.begin() as connection:
        connection.execute(insert(OutboxRow), rows)
