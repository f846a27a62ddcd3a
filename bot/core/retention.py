"""What is kept how long (PS8): areas of the data, their rules in app.yaml, and the instants that follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from bot.core.contacts import ContactType
from bot.core.errors import RefusedError
from bot.core.ids import ContactRef

__all__ = ["Area", "Due", "Retention", "Seen", "TableDue", "cutoffs", "duplicates"]


class Area(Enum):
    """What one rule of ``retention`` is about, in the order in which it is cleared."""

    CUSTOMER_DATA = "customer_data"  # emptied; the case stays for the figures
    CONTACTS = "contacts"  # deleted with everything that hangs on them
    MESSAGES = "messages"
    PRESENCE = "presence"
    FORECASTS = "forecasts"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Each counts from the end of what it keeps: a case's from its solution, a message's from its making, a
    forecast's from its last interval."""

    contacts: timedelta
    messages: timedelta
    customer_data: timedelta = timedelta(days=180)
    presence: timedelta = timedelta(days=400)
    forecasts: timedelta = timedelta(days=400)
    audit: timedelta = timedelta(days=1095)

    def of(self, area: Area) -> timedelta:
        kept: timedelta = getattr(self, area.value)
        return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDue:
    """``rows`` of a table that would go; ``oldest``: when the oldest of them ended (None: not told apart)."""

    table: str
    rows: int
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What one rule takes: everything that ended before ``before``."""

    area: Area
    before: datetime
    tables: tuple[TableDue, ...]

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A case with what tells whose it is."""

    ref: ContactRef
    customer: str
    type: ContactType
    opened_at: datetime


def duplicates(cases: Iterable[Seen], within: timedelta) -> tuple[tuple[Seen, ...], ...]:
    """Cases that may be one (CR22): the same customer and type, each opened ``within`` of the one before.

    Groups in the order of their first case; a case alone is in none.
    """
    rows: dict[tuple[str, ContactType], list[list[Seen]]] = {}
    for case in sorted(cases, key=lambda c: (c.opened_at, c.ref)):
        groups = rows.setdefault((case.customer, case.type), [])
        if groups and case.opened_at - groups[-1][-1].opened_at <= within:
            groups[-1].append(case)
        else:
            groups.append([case])
    found = [tuple(group) for groups in rows.values() for group in groups if len(group) > 1]
    return tuple(sorted(found, key=lambda group: (group[0].opened_at, group[0].ref)))


def cutoffs(retention: Retention, now: datetime, before: datetime | None = None) -> Mapping[Area, datetime]:
    """Until when each area is cleared at ``now``.

    ``before`` clears more than the rules do, never less, and leaves two areas to their own rules: the audit
    trail, since whoever deletes may not delete the record of it, and forecasts, which name nobody.  Raises
    RefusedError for a time that is not past.

    >>> from datetime import UTC
    >>> kept = Retention(contacts=timedelta(days=30), messages=timedelta(days=7))
    >>> found = cutoffs(kept, datetime(2026, 11, 30, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC))
    >>> [f"{found[area]:%d %b}" for area in (Area.CONTACTS, Area.MESSAGES)]
    ['20 Nov', '23 Nov']
    """
    if before is not None and before > now:
        raise RefusedError(
            "purge_future", "--before lies in the future; nothing was deleted. Name a day that is past."
        )
    by_rule = {area: now - retention.of(area) for area in Area}
    if before is None:
        return by_rule
    own = (Area.AUDIT, Area.FORECASTS)
    return {area: at if area in own else max(at, before) for area, at in by_rule.items()}
