"""First-contact resolution, counted in one way for teams, measures and a person's own week.

A contact was solved at the first go when it was solved within N days of its opening, and in these N days was
not opened again and no other contact of the same customer and type came.  It can be told of contacts whose
customer is known, and of those that were opened again.  Settled figures ask it of contacts whose N days are
over; "so far" figures of contacts solved just now, as far as is known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from bot.core.kpis.rows import ContactFact

__all__ = ["first_contact"]


def first_contact(
    contacts: Iterable[ContactFact],
    *,
    followed: Collection[str],
    reopened: Mapping[str, datetime],
    within: timedelta,
    so_far: bool,
) -> tuple[int, int]:
    """How many were solved at the first go, and of how many it can be told.

    ``followed``: refs that another contact of the same customer and type came after, within N days;
    ``reopened``: when each was first opened again.  ``so_far``: a contact whose N days are not over counts
    by what is known; without it the caller gives only those whose days are.

    >>> from datetime import UTC
    >>> monday = datetime(2026, 11, 16, 9, tzinfo=UTC)
    >>> solved = ContactFact("a", "chat", "order", "low", monday, customer="c", resolved_at=monday)
    >>> open_ = ContactFact("b", "chat", "order", "low", monday, customer="d")
    >>> week = timedelta(days=7)
    >>> first_contact([solved, open_], followed=(), reopened={}, within=week, so_far=False)
    (1, 2)
    >>> first_contact([solved, open_], followed=(), reopened={}, within=week, so_far=True)
    (1, 1)
    """
    held = asked = 0
    for contact in contacts:
        again = reopened.get(contact.ref)
        if contact.customer is None and again is None:
            continue
        if so_far and contact.resolved_at is None:
            continue
        asked += 1
        end = contact.opened_at + within
        solved = contact.resolved_at is not None and contact.resolved_at < end
        held += solved and not (again is not None and again < end) and contact.ref not in followed
    return held, asked
