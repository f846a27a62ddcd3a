"""Slack's ids in the database: where they stand, and how they are forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import JSON, Column, ColumnElement, String, Table, cast, delete, or_, select, update
from sqlalchemy.orm import Session

from bot.core.messages import DeliveryState
from bot.store.tables import AgentRow, AuditRow, Base, JobSlotRow, OnShiftPlaceRow, OutboxRow

__all__ = ["FORGOTTEN", "SlackIds"]

FORGOTTEN: Final = "forgotten"
"""What stands in the place of somebody only Slack knew."""

EVENTS: Final = "slack_event"
"""The job whose slots are Slack's event ids."""

_HOLDING: Final = ("dedupe_key", "edits", "thread_of", "subject")
"""Columns whose texts have an id inside."""

_USER: Final = re.compile(r"[UW](?=[A-Z]*\d)[A-Z0-9]{7,}")


class SlackIds:
    def __init__(self, session: Session) -> None:
        self._session = session

    def forget(self) -> dict[str, int]:
        """Take every id of Slack's out of the database; returns rows changed, by table.

        People who stand in records by their agent id keep their place there; who was only ever known by
        Slack's id becomes `FORGOTTEN`.  Messages that still waited are dropped: nothing can deliver them.
        """
        done: dict[str, int] = {}
        people = self._people()
        done["agents"] = self._count(
            update(AgentRow)
            .where(AgentRow.slack_user.is_not(None))
            .values(slack_user=None)
            .returning(AgentRow.agent)
        )
        waiting = (DeliveryState.WAITING.value, DeliveryState.SENDING.value)
        done["outbox"] = self._count(
            update(OutboxRow)
            .where(OutboxRow.state.in_(waiting))
            .values(state=DeliveryState.DROPPED.value)
            .returning(OutboxRow.id)
        )
        done["outbox"] += self._count(
            update(OutboxRow)
            .where(or_(OutboxRow.channel.is_not(None), OutboxRow.ts.is_not(None)))
            .values(channel=None, ts=None)
            .returning(OutboxRow.id)
        )
        done["job_slots"] = self._count(
            delete(JobSlotRow).where(JobSlotRow.job == EVENTS).returning(JobSlotRow.slot)
        )
        done["on_shift_places"] = self._count(delete(OnShiftPlaceRow).returning(OnShiftPlaceRow.place))
        for user in sorted(people):
            for table in Base.metadata.sorted_tables:
                changed = sum(self._replace(table, column, user) for column in _columns(table))
                if changed:
                    done[table.name] = done.get(table.name, 0) + changed
        self._session.flush()
        return {table: rows for table, rows in done.items() if rows}

    def _people(self) -> set[str]:
        """Slack's ids of people, wherever they stand: linked, or as who did something."""
        agents = set(self._session.scalars(select(AgentRow.agent)))
        found = {u for u in self._session.scalars(select(AgentRow.slack_user)) if u is not None}
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, String) and (column.name == "actor" or column.name.endswith("by")):
                    found |= set(self._session.scalars(select(column).where(column.is_not(None)).distinct()))
        for column in _json_columns():
            # A message may name people who stand nowhere else.
            for value in self._session.scalars(select(column).where(_may_hold(column))):
                found |= set(_strings(value))
        return {value for value in found if _USER.fullmatch(value)} - agents

    def _replace(self, table: Table, column: Column[Any], user: str) -> int:
        if isinstance(column.type, JSON):
            return self._replace_inside(table, column, user)
        if column.name in _HOLDING:
            return self._replace_part(table, column, user)
        if column.primary_key or column.unique:
            return 0
        done = self._session.execute(update(table).where(column == user).values({column.name: FORGOTTEN}))
        return int(done.rowcount)  # type: ignore[attr-defined]

    def _replace_inside(self, table: Table, column: Column[Any], user: str) -> int:
        key = list(table.primary_key.columns)
        rows = self._session.execute(
            select(*key, column).where(cast(column, String).contains(f'"{user}"', autoescape=True))
        ).all()
        for row in rows:
            same = [k == v for k, v in zip(key, row[:-1], strict=True)]
            self._session.execute(update(table).where(*same).values({column.name: _without(row[-1], user)}))
        return len(rows)

    def _replace_part(self, table: Table, column: Column[Any], user: str) -> int:
        """Keys of messages are unique: the row's number stands with the word in the id's place."""
        holding = select(table.c.id, column).where(column.contains(user, autoescape=True))
        rows = self._session.execute(holding).all()
        for number, text in rows:
            key = text.replace(user, f"{FORGOTTEN}-{number}")
            self._session.execute(update(table).where(table.c.id == number).values({column.name: key}))
        return len(rows)

    def _count(self, statement: Any) -> int:
        return len(self._session.execute(statement).all())


def _columns(table: Table) -> Iterator[Column[Any]]:
    for column in table.columns:
        if isinstance(column.type, String | JSON):
            yield column


def _json_columns() -> Iterator[Column[Any]]:
    for table in Base.metadata.sorted_tables:
        if table.name in (OutboxRow.__tablename__, AuditRow.__tablename__):
            yield from (c for c in table.columns if isinstance(c.type, JSON))


def _may_hold(column: Column[Any]) -> ColumnElement[bool]:
    text = cast(column, String)
    return or_(text.contains('"U'), text.contains('"W'))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _without(value: Any, user: str) -> Any:
    if isinstance(value, dict):
        return {(FORGOTTEN if k == user else k): _without(v, user) for k, v in value.items()}
    if isinstance(value, list):
        return [_without(item, user) for item in value]
    return FORGOTTEN if value == user else value
