"""A seeded year of a team's contacts in a database: records, satisfaction, complaints, customers who return.

Rows go in by the thousand, past the use cases: 200,000 contacts take half a minute.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, insert

from bot.core.contacts import Contact, ContactStatus, ContactType, Priority
from bot.core.ids import ContactRef
from bot.core.queues import Channel
from bot.core.settings import Settings
from bot.core.sla import response_due
from bot.store.tables import (
    ContactEventRow,
    ContactRecordRow,
    ContactRow,
    SlaClockRow,
    SurveyAnswerRow,
)
from bot.store.unit_of_work import Store

__all__ = ["AGENTS", "make_year"]

AGENTS = tuple(f"agent-{n:02d}" for n in range(40))
_TYPES = ("order", "consult", "after_sales", "complaint", "suggestion", "urgent", "other")
_TYPE_WEIGHTS = (30, 28, 18, 8, 4, 4, 8)
_PRIORITIES = ("urgent", "high", "medium", "low")
_PRIORITY_WEIGHTS = (5, 20, 55, 20)
_POLICIES = {
    "urgent": ("urgent", 5, 120),
    "high": ("high", 10, 24 * 60),
    "medium": ("standard", 30, 3 * 24 * 60),
    "low": ("standard", 30, 3 * 24 * 60),
}
_BATCH = 5_000


def make_year(store: Store, settings: Settings, *, contacts: int, until: datetime, seed: int = 1) -> None:
    """``contacts`` of the 364 days before ``until``, the last of them still open; one in a hundred merged.

    One in five stands in a file: no clock ran for it.
    """
    queues = list(settings.queues)
    rng = random.Random(seed)
    made = sorted(until - timedelta(seconds=rng.randrange(1, 364 * 86_400)) for _ in range(contacts))
    rows = [_contact(rng, n, at, queues, until) for n, at in enumerate(made, start=1)]
    for row in rows:
        row["response_due_at"] = _due(settings, row) if row["source"] == "file" else None
    with store.engine.begin() as connection:
        for row_type, values in (
            (ContactRow, rows),
            (ContactEventRow, _events(rows)),
            (SlaClockRow, _clocks(rng, rows, until)),
            (ContactRecordRow, _records(rng, rows)),
            (SurveyAnswerRow, _surveys(rng, rows, queues, until)),
        ):
            table = row_type.__table__
            assert isinstance(table, Table)
            batch: list[dict[str, Any]] = []
            for value in values:
                batch.append(value)
                if len(batch) == _BATCH:
                    connection.execute(insert(table), batch)
                    batch = []
            if batch:
                connection.execute(insert(table), batch)


def _contact(
    rng: random.Random, number: int, at: datetime, queues: Sequence[str], until: datetime
) -> dict[str, Any]:
    queue = rng.choice(queues)
    answered = at + timedelta(seconds=rng.lognormvariate(6.0, 1.1))
    solved = answered + timedelta(seconds=rng.lognormvariate(8.5, 1.8))
    is_answered = answered < until and rng.random() < 0.995
    is_solved = is_answered and solved < until and rng.random() < 0.97
    status = "solved" if is_solved else "responded" if is_answered else "new"
    if not is_solved and until - at > timedelta(days=20):
        status = "archived"
    return {
        "id": number,
        "ref": f"Y{number:07d}",
        "queue": queue,
        "channel": queue if queue in ("phone", "chat", "email") else "chat",
        "type": rng.choices(_TYPES, _TYPE_WEIGHTS)[0],
        "priority": rng.choices(_PRIORITIES, _PRIORITY_WEIGHTS)[0],
        "tier": "standard",
        "status": status,
        "opened_at": at,
        "owner_asked_at": at,
        "responded_at": answered if is_answered else None,
        "resolved_at": solved if is_solved else None,
        "agent": rng.choice(AGENTS) if is_answered else None,
        "outcome": None,
        "handle_seconds": rng.lognormvariate(5.5, 0.5) if rng.random() < 0.9 else None,
        "source": "file" if number % 5 == 0 else "api",
        "tags": [],
        "priority_manual": False,
        "waiting_for": None,
        "department": None,
        "blocked_by": None,
        "chaser": None,
        "complained_about": None,
        "informed_at": None,
        "merged_into": "Y0000001" if number > 1 and rng.random() < 0.01 else None,
    }


def _due(settings: Settings, row: dict[str, Any]) -> datetime | None:
    queue = settings.queues[row["queue"]]
    case = Contact(
        ref=ContactRef(row["ref"]),
        queue=queue.queue,
        channel=Channel(row["channel"]),
        type=ContactType(row["type"]),
        priority=Priority(row["priority"]),
        tier=row["tier"],
        status=ContactStatus(row["status"]),
        opened_at=row["opened_at"],
        responded_at=row["responded_at"],
        resolved_at=row["resolved_at"],
    )
    return response_due(case, settings.terms, settings.calendars[queue.calendar])


def _events(rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row, kind, at in (told for each in rows for told in _told(each)):
        yield {
            "ref": row["ref"],
            "kind": kind,
            "at": at,
            "source": "api",
            "source_event_id": f"{row['ref']}-{kind}",
            "queue": row["queue"],
            "type": row["type"],
            "priority": row["priority"],
            "tier": row["tier"],
            "agent": None,
            "outcome": None,
            "handle_seconds": None,
            "channel": row["channel"],
            "tags": None,
            "waiting_for": None,
            "department": None,
            "complained_about": None,
            "merged_into": None,
            "opened_at": None,
            "received_at": row["opened_at"],
        }


def _told(row: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str, datetime]]:
    """What events say of a contact; nothing of one from a file.  One in forty was opened again."""
    if row["source"] == "file":
        return
    yield row, "opened", row["opened_at"]
    if row["id"] % 40 == 1 and row["responded_at"] is not None:
        # Some within the days in which a customer may return, some after.
        yield row, "reopened", row["responded_at"] + timedelta(days=row["id"] % 11, hours=1)


def _clocks(rng: random.Random, rows: Sequence[dict[str, Any]], until: datetime) -> Iterator[dict[str, Any]]:
    for row in rows:
        if row["source"] == "file" or rng.random() < 0.02:
            continue  # nothing was promised, or nobody watched
        policy, response, resolution = _POLICIES[row["priority"]]
        for measure, minutes, stopped in (
            ("first_response", response, row["responded_at"] or row["resolved_at"]),
            ("resolution", resolution, row["resolved_at"]),
        ):
            due = row["opened_at"] + timedelta(minutes=minutes)
            late = due < (until if stopped is None else stopped)
            state = "breached" if late else "running" if stopped is None else "met"
            if rng.random() < 0.005:
                state = rng.choice(("cancelled", "paused"))
            yield {
                "contact_id": row["id"],
                "measure": measure,
                "cycle": 0,
                "policy": policy,
                "started_at": row["opened_at"],
                "due_at": due,
                "state": state,
                "next_check_at": due if state == "running" else None,
                "warnings": [],
                "warned": [],
                "stopped_at": stopped,
                "paused_since": None,
            }


def _records(rng: random.Random, rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    customers = max(10, len(rows) // 6)
    empty = dict.fromkeys(
        (
            "description",
            "solution",
            "result",
            "compensation",
            "satisfaction_reason",
            "follow_up_text",
            "remarks",
        ),
        "",
    )
    none = dict.fromkeys(
        (
            "customer_no",
            "customer_label",
            "contact_digits",
            "order_no",
            "outcome",
            "follow_up_owner",
            "follow_up_at",
        )
    )
    recent: list[str] = []
    for row in rows:
        if rng.random() < 0.1:
            continue
        again = bool(recent) and rng.random() < 0.12
        customer = rng.choice(recent[-40:]) if again else f"c{rng.randrange(customers)}"
        recent.append(customer)
        scale, value = None, None
        if row["resolved_at"] is not None and rng.random() < 0.3:
            scale, value = _rated(rng)
        yield {
            "ref": row["ref"],
            "recorded_by": row["agent"] or "agent-00",
            "recorded_at": row["opened_at"] + timedelta(minutes=9),
            "complete": True,
            "type": row["type"],
            "kind": "contact",
            "customer_key": customer if rng.random() < 0.95 else None,
            "satisfaction_scale": scale,
            "satisfaction_value": value,
            "cross_department": False,
            "confirmed": False,
            "verified": False,
            **empty,
            **none,
        }


def _surveys(
    rng: random.Random, rows: Sequence[dict[str, Any]], queues: Sequence[str], until: datetime
) -> Iterator[dict[str, Any]]:
    for row in rows:
        if row["resolved_at"] is None or rng.random() > 0.05:
            continue
        scale, value = _rated(rng)
        of_case = rng.random() < 0.5
        aspects = {"attitude": value, "speed": max(1, value - 1)} if scale == "1-5" else {}
        yield {
            "key": f"survey:{row['ref']}",
            "ref": row["ref"] if of_case else None,
            "queue": row["queue"],
            "answered_at": min(row["resolved_at"] + timedelta(hours=rng.randrange(72)), until),
            "scale": scale,
            "value": value,
            "aspects": aspects,
        }


def _rated(rng: random.Random) -> tuple[str, int]:
    scale = rng.choices(("1-5", "three", "0-100", "nps"), (5, 3, 1, 1))[0]
    worst, best = {"1-5": (1, 5), "three": (0, 2), "0-100": (0, 100), "nps": (0, 10)}[scale]
    return scale, rng.randint(worst + (best - worst) // 3, best)
