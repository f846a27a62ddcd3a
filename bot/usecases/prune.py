"""Retention and erasure (PS8, CR22): what is older than app.yaml allows, and what is asked to be erased."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import ContactRef
from bot.core.retention import Area, Due, Seen, TableDue, cutoffs, duplicates
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit, Store

__all__ = ["Erasure", "Pruned", "erase", "erasure", "plan", "possible_duplicates", "tick"]

_BATCH = 1000
LOOKED_BACK = timedelta(days=90)
ALIKE_WITHIN = timedelta(hours=48)
"""A customer who asks the same again after two days has a new question."""
RETENTION = "retention"
"""Who the audit trail names for the nightly run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """Rows by area: ``contacts`` with all that hangs on them, ``customer_data`` emptied, the rest deleted."""

    contacts: int = 0
    messages: int = 0
    customer_data: int = 0
    presence: int = 0
    forecasts: int = 0
    audit: int = 0

    @property
    def total(self) -> int:
        return sum(getattr(self, area.value) for area in Area)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """Cases to erase and what goes with them."""

    refs: tuple[ContactRef, ...]
    tables: tuple[TableDue, ...]


def plan(
    store: Store, settings: Settings, *, now: datetime, before: datetime | None = None
) -> tuple[Due, ...]:
    """What `tick` would take, rule by rule.  Raises RefusedError for a ``before`` that is not past."""
    with store.read() as uow:
        return tuple(
            Due(area=area, before=at, tables=uow.sweeps.due(area, at))
            for area, at in sorted(
                cutoffs(settings.retention, now, before).items(), key=lambda c: list(Area).index(c[0])
            )
        )


def tick(
    store: Store,
    settings: Settings,
    *,
    now: datetime,
    before: datetime | None = None,
    by: str = RETENTION,
) -> Pruned:
    """Clear what is past its retention, in small transactions; a run that was stopped goes on with the next.

    Open contacts and unsent messages stay, however old: somebody still waits for them.  What goes by
    ``before`` is put on record before it begins, so that a stopped run has left its trace.
    """
    until = cutoffs(settings.retention, now, before)
    if before is not None:
        _record(store, by, "purge_begun", {"before": before.isoformat()}, now)
    rows = {}
    for area in Area:
        rows[area.value] = _clear(store, area, until[area])
    pruned = Pruned(**rows)
    if pruned.total:
        _record(store, by, "pruned", {name: count for name, count in rows.items() if count}, now)
    return pruned


def possible_duplicates(store: Store, *, now: datetime) -> tuple[tuple[Seen, ...], ...]:
    """Cases of the last LOOKED_BACK that may be one and were not merged; changes nothing."""
    with store.read() as uow:
        return duplicates(uow.sweeps.seen(now - LOOKED_BACK), ALIKE_WITHIN)


def erasure(store: Store, *, contact: str | None = None, customer: str | None = None) -> Erasure:
    """What `erase` would take.  ``customer``: a customer key or number.  Raises NotFoundError."""
    with store.read() as uow:
        refs = tuple(sorted(_chosen(uow, contact, customer)))
        return Erasure(refs=refs, tables=uow.sweeps.due_of(refs))


def erase(
    store: Store, *, contact: str | None = None, customer: str | None = None, by: str, now: datetime
) -> Erasure:
    """Erase one case, or every case of a customer, open ones too, in one transaction.

    Counts of contacts in the volumes stay: they name nobody.  The audit trail keeps that cases were erased,
    how many and by whom.  Raises NotFoundError where nothing is kept of them; then nothing was erased.
    """
    with store.unit() as uow:
        refs = tuple(sorted(_chosen(uow, contact, customer)))
        tables = uow.sweeps.due_of(refs)
        gone = uow.sweeps.erase(refs)
        uow.audit.add(by, "erased", f"cases:{len(refs)}", gone, now)
        uow.commit()
    return Erasure(refs=refs, tables=tables)


def _chosen(uow: ReadUnit, contact: str | None, customer: str | None) -> set[ContactRef]:
    if (contact is None) == (customer is None):
        raise RefusedError("purge_one", "name one case or one customer, not both; nothing was erased.")
    if contact is not None:
        ref = ContactRef(contact)
        if not uow.sweeps.known(ref):
            raise NotFoundError("nothing_of_case", f"nothing is kept of case {ref}.", ref=ref)
        return uow.sweeps.merged_with(ref)
    found: set[ContactRef] = set()
    for ref in uow.sweeps.of_customer(customer or ""):
        found |= uow.sweeps.merged_with(ref)
    if not found:
        raise NotFoundError("nothing_of_customer", "no case has this customer key or number.")
    return found


def _clear(store: Store, area: Area, before: datetime) -> int:
    rows = 0
    while True:
        with store.unit() as uow:
            gone = uow.sweeps.sweep(area, before, _BATCH)
            uow.commit()
        rows += gone
        if not gone:
            return rows


def _record(store: Store, by: str, action: str, detail: Mapping[str, object], now: datetime) -> None:
    with store.unit() as uow:
        uow.audit.add(by, action, "store", detail, now)
        uow.commit()
