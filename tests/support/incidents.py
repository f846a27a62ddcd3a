"""The real incidents of ``../shared/data/incidents`` as contact events: one row is one look at an incident.

UCI "Incident management process", CC BY 4.0 (Amaral, Fantinato, Peres).  Times are local without a zone and
rounded to minutes; they are taken as UTC, which changes no elapsed time.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from bot.core.contacts import ContactEvent, EventKind, Priority, WaitingFor
from bot.core.ids import AgentId, ContactRef
from tests.support.builders import PHONE

SOURCE = "incidents"
_PRIORITIES = {
    "1 - Critical": Priority.URGENT,
    "2 - High": Priority.HIGH,
    "3 - Moderate": Priority.MEDIUM,
    "4 - Low": Priority.LOW,
}
_WAITS = {
    "Awaiting User Info": WaitingFor.CUSTOMER,
    "Awaiting Problem": WaitingFor.DEPARTMENT,
    "Awaiting Vendor": WaitingFor.DEPARTMENT,
    "Awaiting Evidence": WaitingFor.DEPARTMENT,
}
_WORKED_ON = ("New", "Active")


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """``rows`` in the order of the file.  ``resolved_at``: as the source has it; None for its ``?``."""

    ref: ContactRef
    rows: Sequence[dict[str, str]]
    resolved_at: datetime | None

    @property
    def last_resolved_row(self) -> datetime:
        return max(_time(row, "sys_updated_at") for row in self.rows if row["incident_state"] == "Resolved")

    @property
    def priority_changes(self) -> int:
        return sum(a["priority"] != b["priority"] for a, b in pairwise(self.rows))

    @property
    def reopenings(self) -> int:
        """As the source counts them."""
        return max(int(row["reopen_count"]) for row in self.rows)

    def events(self) -> Iterator[ContactEvent]:
        """What each row says that the one before it did not; every Resolved row is a solution."""
        first = self.rows[0]
        yield self._event(
            EventKind.OPENED,
            _time(first, "opened_at"),
            "opened",
            queue=PHONE,
            priority=_PRIORITIES[first["priority"]],
        )
        before = {**first, "incident_state": "New", "assigned_to": "?"}
        for number, row in enumerate(self.rows):
            at = _time(row, "sys_updated_at")
            for kind, fields in _changes(before, row):
                yield self._event(kind, at, f"{number}:{kind.value}", **fields)
            before = row

    def _event(self, kind: EventKind, at: datetime, name: str, **fields: object) -> ContactEvent:
        return ContactEvent(
            ref=self.ref, kind=kind, at=at, source=SOURCE, source_event_id=f"{self.ref}:{name}", **fields
        )  # type: ignore[arg-type]


def read_incidents(path: Path) -> list[Incident]:
    """Every incident of the log, in the order of the file."""
    rows: dict[str, list[dict[str, str]]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows.setdefault(row["number"], []).append(row)
    return [
        Incident(
            ref=ContactRef(number),
            rows=looks,
            resolved_at=None if looks[-1]["resolved_at"] == "?" else _time(looks[-1], "resolved_at"),
        )
        for number, looks in rows.items()
    ]


def _changes(before: dict[str, str], row: dict[str, str]) -> Iterator[tuple[EventKind, dict[str, object]]]:
    if row["priority"] != before["priority"]:
        yield EventKind.PRIORITY_CHANGED, {"priority": _PRIORITIES[row["priority"]]}
    if row["assigned_to"] not in ("?", before["assigned_to"]):
        yield EventKind.ASSIGNED, {"agent": AgentId(row["assigned_to"].lower().replace(" ", "-"))}
    was, state = before["incident_state"], row["incident_state"]
    if state == "Resolved":
        yield EventKind.RESOLVED, {}
    elif state == was:
        return
    elif state == "Closed":
        yield EventKind.ARCHIVED, {}
    elif state in _WAITS:
        yield EventKind.PENDING, {"waiting_for": _WAITS[state]}
    elif state in _WORKED_ON and was in _WAITS:
        yield EventKind.RESUMED, {}
    elif state in _WORKED_ON and was not in _WORKED_ON:
        yield EventKind.REOPENED, {}


def _time(row: dict[str, str], column: str) -> datetime:
    """Day first."""
    return datetime.strptime(row[column], "%d-%m-%Y %H:%M").replace(tzinfo=UTC)
