"""Leaving Slack: its ids go, everything the team did stays (K12)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.store.unit_of_work import Store

__all__ = ["forget", "plan"]


def plan(store: Store) -> Mapping[str, int]:
    """Rows by table that `forget` would change; nothing is kept of it."""
    with store.rehearsal() as tried, tried.unit() as uow:
        return uow.slack_ids.forget()


def forget(store: Store, *, by: str, now: datetime) -> Mapping[str, int]:
    """Take Slack's ids out of the database, in one transaction; returns rows changed by table.

    The audit trail says that it was done, by whom, and how many rows it was.
    """
    with store.unit() as uow:
        done = uow.slack_ids.forget()
        uow.audit.add(by, "slack.forgotten", "slack", {"rows": sum(done.values())}, now)
        uow.commit()
    return done
