"""Which personal data a text holds, and where.

A guard against what is typed or sent by mistake, not against somebody who hides it: names, and numbers that
look like any other, are not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from bot.core.privacy.addresses import address_places
from bot.core.privacy.number_places import (
    Place,
    card_places,
    identity_places,
    phone_places,
    runs,
    written_out,
)
from bot.core.privacy.plain import plain_text

__all__ = ["Finding", "FindingKind", "findings"]

_LOCAL = re.compile(r"[A-Za-z0-9._%+'-]")
_DOMAIN = re.compile(r"(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}")
_LOCAL_LENGTH = 64
_DIGIT = re.compile("[0-9]")
_FEWEST_DIGITS = 8
"""Of a telephone number with a country's code, the shortest number that is found."""


class FindingKind(Enum):
    """What a part of a text looks like, the gravest first."""

    IDENTITY_NUMBER = "identity_number"
    BANK_CARD = "bank_card"
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """``text[start:end]`` looks like ``kind``.  The finding never holds the part itself."""

    kind: FindingKind
    start: int
    end: int


def findings(text: str) -> tuple[Finding, ...]:
    """Every part of ``text`` that looks like personal data, in order, none overlapping another.

    Where two kinds claim the same part, the graver one has it.  The time grows linearly with the text.

    >>> [f.kind.value for f in findings("身份证 110105 19491231 002X，电话１３８１２３４５６７８")]
    ['identity_number', 'phone']
    >>> findings("GD20231027001, order 2024031500012, phone ends in 5678")
    ()
    """
    plain = plain_text(text)
    # Most texts, and most lines of a log, cannot hold anything: they are not searched.
    numbers = len(_DIGIT.findall(plain)) >= _FEWEST_DIGITS
    ascii_only = text.isascii()
    if ascii_only and not numbers and "@" not in plain and not (" " in plain and _DIGIT.search(plain)):
        return ()
    every = [*(runs(plain) if numbers else ()), *(() if ascii_only else written_out(text))]
    claimed: list[tuple[FindingKind, Iterator[Place]]] = [
        (FindingKind.IDENTITY_NUMBER, (place for run in every for place in identity_places(run))),
        (FindingKind.BANK_CARD, (place for run in every for place in card_places(plain, run))),
        (FindingKind.PHONE, phone_places(plain, every) if numbers or every else iter(())),
        (FindingKind.EMAIL, _addresses_of_mail(plain)),
        (FindingKind.ADDRESS, address_places(plain)),
    ]
    taken = bytearray(len(text))
    found = []
    for kind, places in claimed:
        for place in sorted(places, key=lambda p: (p.start, -p.end)):
            if not any(taken[place.start : place.end]):
                taken[place.start : place.end] = b"\x01" * (place.end - place.start)
                found.append(Finding(kind=kind, start=place.start, end=place.end))
    return tuple(sorted(found, key=lambda f: f.start))


def _addresses_of_mail(plain: str) -> Iterator[Place]:
    at = plain.find("@")
    while at >= 0:
        start = at
        while start > 0 and at - start < _LOCAL_LENGTH and _LOCAL.match(plain[start - 1]):
            start -= 1
        domain = _DOMAIN.match(plain, at + 1)
        if start < at and domain is not None:
            yield Place(start, domain.end())
        at = plain.find("@", at + 1)
