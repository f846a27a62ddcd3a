"""Customer data confirmed long ago, that looks like another's, or cannot be right (CR22): counts alone.

What Muster has of a customer is what agents wrote into records: a number, a masked name, last digits, and the
keyed hash of them by which cases of one customer are matched.  Nothing more is checked, and nothing is merged
by itself: whose data it is stands in the system the numbers come from.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.allowed_text import reference_problem

__all__ = ["CustomerCounts", "CustomerRow", "Reconfirm", "judge", "reconfirm"]

_NOT_DIGITS_OR_LETTERS = re.compile(r"[\W_]+")
_LAST_DIGITS = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRow:
    """What one record has of its customer.  ``key``: the keyed hash, None where there is too little for one.

    ``confirmed_at``: when the agent repeated the data to the customer, None where nobody did.
    """

    key: str | None
    customer_no: str | None
    label: str | None
    digits: str | None
    recorded_at: datetime
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconfirm:
    """A customer's data was given or last confirmed at ``since``; ``confirmed``: it was confirmed then."""

    since: datetime
    confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerCounts:
    """``records`` with customer data, of so many ``customers``.

    ``to_confirm``: customers whose data is older than allowed.  ``alike``: customers who look like another:
    ``same_person`` by masked name and last digits under different keys, ``same_number`` by a number that
    differs in nothing but signs and case.  ``invalid``: records whose number or digits cannot be right;
    ``unmatched``: records with too little to know the customer again.
    """

    records: int
    customers: int
    to_confirm: int
    same_person: int
    same_number: int
    invalid: int
    unmatched: int

    @property
    def alike(self) -> int:
        return self.same_person + self.same_number


def reconfirm(
    first: datetime, confirmed: datetime | None, after: timedelta | None, now: datetime
) -> Reconfirm | None:
    """What is to be confirmed, of data first written down at ``first``; None where it is young enough.

    >>> from datetime import UTC
    >>> first, now = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 28, tzinfo=UTC)
    >>> reconfirm(first, datetime(2026, 11, 1, tzinfo=UTC), timedelta(days=90), now) is None
    True
    >>> reconfirm(first, None, timedelta(days=90), now).confirmed
    False
    """
    since = first if confirmed is None else max(first, confirmed)
    if after is None or now - since <= after:
        return None
    return Reconfirm(since=since, confirmed=confirmed is not None)


def judge(rows: Iterable[CustomerRow], after: timedelta | None, now: datetime) -> CustomerCounts:
    """Count them; ``after``: how old a confirmation may grow, None for ever."""
    first: dict[str, datetime] = {}
    confirmed: dict[str, datetime] = {}
    people: dict[tuple[str, str], set[str]] = defaultdict(set)
    numbers: dict[str, set[str]] = defaultdict(set)
    records = invalid = unmatched = 0
    for row in rows:
        records += 1
        invalid += _is_invalid(row)
        if row.key is None:
            unmatched += 1
            continue
        first[row.key] = min(first.get(row.key, row.recorded_at), row.recorded_at)
        if row.confirmed_at is not None:
            confirmed[row.key] = max(confirmed.get(row.key, row.confirmed_at), row.confirmed_at)
        if row.label and row.digits:
            people[row.label, row.digits].add(row.key)
        if row.customer_no:
            numbers[_NOT_DIGITS_OR_LETTERS.sub("", row.customer_no).casefold()].add(row.key)
    return CustomerCounts(
        records=records,
        customers=len(first),
        to_confirm=sum(
            reconfirm(at, confirmed.get(key), after, now) is not None for key, at in first.items()
        ),
        same_person=sum(len(keys) for keys in people.values() if len(keys) > 1),
        same_number=sum(len(keys) for keys in numbers.values() if len(keys) > 1),
        invalid=invalid,
        unmatched=unmatched,
    )


def _is_invalid(row: CustomerRow) -> bool:
    if row.customer_no and reference_problem(row.customer_no) is not None:
        return True
    return bool(row.digits) and not _LAST_DIGITS.fullmatch(row.digits or "")
