"""A case as the people who work on it see it: found under any of its names, by those it is for (CR10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.core.allowed_text import reference_problem
from bot.core.case_history import events_of, steps_of
from bot.core.case_work import Approval, CaseBlock, HandOver, Stage, receiver_of, stage_owners
from bot.core.contacts import Contact, ContactEvent
from bot.core.customer_data import Reconfirm, reconfirm
from bot.core.errors import NotFoundError
from bot.core.ids import AgentId, ContactRef, TeamId
from bot.core.people import Role
from bot.core.permissions import Action, Actor, demand
from bot.core.promises import Promise
from bot.core.records import ContactRecord, customer_key
from bot.core.settings import Settings
from bot.core.sla import SlaClock, make_clocks
from bot.store.unit_of_work import ReadUnit, Store

__all__ = ["CaseFile", "Viewer", "find_case", "read_case", "team_of"]

EARLIER = 5
"""Previous contacts of the same customer that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who asks: how they stand in the audit trail, what they may do, and their address where known."""

    actor: str
    rights: Actor
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """Everything the team knows about a case.  ``earlier`` are cases of the same customer, newest first;
    where ``perhaps`` only name and digits agree, so it may be somebody else.  ``promises``: what is owed.
    ``from_file``: nobody told of this case while it went on, so events and clocks are computed from the times
    of its file, as `explain_case` does.  ``reconfirm``: the customer's data to be confirmed again."""

    contact: Contact
    record: ContactRecord | None
    events: tuple[ContactEvent, ...]
    clocks: tuple[SlaClock, ...]
    owners: Mapping[Stage, tuple[AgentId, ...]]
    earlier: tuple[Contact, ...] = ()
    perhaps: bool = False
    hand_overs: tuple[HandOver, ...] = ()
    block: CaseBlock | None = None
    approvals: tuple[Approval, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    promises: tuple[Promise, ...] = ()
    from_file: bool = False
    reconfirm: Reconfirm | None = None


def find_case(uow: ReadUnit, settings: Settings, named: str, viewer: Viewer | None) -> Contact:
    """The contact behind a reference or a linked name.

    ``viewer`` None is the operator at the command line.  Raises NotFoundError, and NotAllowedError for
    people of other teams.
    """
    given = ContactRef(named.strip())
    ref = uow.records.resolve([given]).get(given, given)
    contact = uow.contacts.get(ref)
    if contact is None:
        shown = given if reference_problem(given) is None else "?"
        raise NotFoundError(
            "case_unknown", f"no case {shown} is known; nothing was changed. Check its number.", ref=shown
        )
    if viewer is not None:
        demand(Action.CASE_WORK, viewer.rights, team=team_of(settings, contact))
    return contact


def team_of(settings: Settings, contact: Contact) -> TeamId | None:
    """The team whose case it is; None where its queue has left app.yaml."""
    queue = settings.queues.get(contact.queue)
    return None if queue is None else queue.team


def read_case(
    store: Store,
    settings: Settings,
    named: str,
    *,
    viewer: Viewer | None,
    now: datetime,
    by: str = "cli",
) -> CaseFile:
    """Everything about a case; that it was looked at is noted (PS10).  Raises as `find_case`.

    ``by``: who the operator at the command line is (``viewer`` None).
    """
    with store.unit() as uow:
        contact = find_case(uow, settings, named, viewer)
        ref = contact.ref
        record = uow.records.get(ref)
        told = uow.contacts.events([ref]).get(ref, ())
        events = tuple(sorted(told or events_of(contact), key=lambda e: e.at))
        clocks = tuple(uow.clocks.of([ref]).get(ref, {}).values())
        key = None if record is None else customer_key(record)
        others = uow.records.of_customer(key, but=ref, limit=EARLIER) if key is not None else []
        held = uow.contacts.many(others)
        file = CaseFile(
            contact=contact,
            record=record,
            events=events,
            clocks=clocks if told or clocks else _computed(settings, contact),
            owners=stage_owners(contact, record, uow.case_work.owners_of(ref), receiver_of(events)),
            earlier=tuple(held[other] for other in others if other in held),
            perhaps=key is not None and key.startswith("like:"),
            hand_overs=tuple(uow.case_work.hand_overs_of(ref)),
            block=uow.case_work.block_of(ref),
            approvals=tuple(uow.case_work.approvals_of(ref)),
            links=tuple(uow.records.links_of(ref)),
            promises=tuple(uow.promises.of_contacts([ref])),
            from_file=not told,
            reconfirm=_to_confirm(uow, settings, contact, viewer, now),
        )
        uow.audit.add(by if viewer is None else viewer.actor, "case_read", f"case:{ref}", {}, now)
        uow.commit()
    return file


def _to_confirm(
    uow: ReadUnit, settings: Settings, contact: Contact, viewer: Viewer | None, now: datetime
) -> Reconfirm | None:
    """What whoever has the case is to confirm with its customer; None for others but leads and operators."""
    after = settings.records.reconfirm_after
    others = viewer is not None and contact.agent not in (None, viewer.rights.agent)
    if others and viewer is not None and viewer.rights.role.rank < Role.LEAD.rank:
        return None
    key = None if after is None else uow.customers.key_of(contact.ref)
    if key is None:
        return None
    first, confirmed = uow.customers.since(key)
    return None if first is None else reconfirm(first, confirmed, after, now)


def _computed(settings: Settings, contact: Contact) -> tuple[SlaClock, ...]:
    """The clocks of a case that came from a file; none where its queue has left app.yaml."""
    queue = settings.queues.get(contact.queue)
    if queue is None:
        return ()
    return make_clocks(steps_of(contact), settings.terms, settings.calendars[queue.calendar])
