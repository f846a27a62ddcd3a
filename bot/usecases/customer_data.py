"""Confirm a customer's data with the customer, and count what is to be looked at (CR22)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.customer_data import CustomerCounts, judge
from bot.core.errors import RefusedError
from bot.core.ids import ContactRef
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases.case_files import Viewer, find_case
from bot.usecases.prune import possible_duplicates

__all__ = ["CustomerReport", "confirm", "count"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerReport:
    """``cases_alike``: groups of cases that may be one (`muster purge --duplicates` names them)."""

    counts: CustomerCounts
    cases_alike: int


def confirm(store: Store, settings: Settings, named: str, *, viewer: Viewer, now: datetime) -> ContactRef:
    """The customer of this case said that the data is right; noted for all their cases.

    Raises RefusedError where the record has no customer, and as `find_case`.
    """
    with store.unit() as uow:
        contact = find_case(uow, settings, named, viewer)
        key = uow.customers.key_of(contact.ref)
        if key is None:
            raise RefusedError(
                "customer_unknown",
                f"the record of {contact.ref} names no customer; nothing was noted. Fill in its form first: "
                f"/muster log {contact.ref}",
                ref=contact.ref,
            )
        uow.customers.confirm(contact.ref, key, by=viewer.actor, now=now)
        uow.audit.add(viewer.actor, "customer_confirmed", f"case:{contact.ref}", {}, now)
        uow.commit()
    return contact.ref


def count(store: Store, settings: Settings, *, now: datetime) -> CustomerReport:
    """Counts over all records that still have customer data; changes nothing."""
    with store.read() as uow:
        counts = judge(uow.customers.rows(), settings.records.reconfirm_after, now)
    return CustomerReport(counts=counts, cases_alike=len(possible_duplicates(store, now=now)))
