"""Numbers of people inside a text, however their digits are grouped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.privacy.numbers import (
    in_a_province,
    is_area_number,
    is_card_number,
    is_identity_number,
    is_mobile_number,
    is_old_identity_number,
)

__all__ = ["Place", "card_places", "identity_places", "phone_places", "runs", "written_out"]

_GROUP = re.compile(r"[0-9]+(?:[ -]?[Xx](?![A-Za-z0-9]))?")
_GAP = re.compile(r"[ \t\-._/()·]{1,3}")
_HAN_DIGITS = re.compile(r"[零〇一二三四五六七八九幺]{11,}")
_HAN_VALUES = str.maketrans("零〇一二三四五六七八九幺", "001234567891")

_IDENTITY = 18
_OLD_IDENTITY = 15
_CARD = range(13, 20)
_LONGEST = 19
# How people write a mobile number, in groups; other groupings are figures that happen to add up.
_MOBILE_GROUPS = frozenset(
    {(11,), (3, 4, 4), (3, 8), (7, 4), (4, 4, 3), (4, 3, 4), (5, 6), (3, 3, 5), (3, 2, 2, 2, 2), (1,) * 11}
)
_COUNTRY_GROUPS = frozenset({"86", "0086"})
_AREA_GROUPS = frozenset({(3, 8), (4, 7), (4, 8), (3, 4, 4), (4, 4, 4), (4, 3, 4), (4, 4, 3)})
_SPELLED_CARD = (16, 19)
_HEXADECIMAL = "abcdef"
_NORTH_AMERICAN = re.compile(
    # 400 and 800 are hotlines of companies.
    r"(?<![0-9.-])(?:\((?!400|800)[2-9][0-9]{2}\) ?|(?!400|800)[2-9][0-9]{2}[-.])"
    r"[0-9]{3}[-.][0-9]{4}(?![0-9-])"
)
_INTERNATIONAL = re.compile(r"\+ ?[1-9][0-9]{0,3}(?:[ \-.()/]{0,3}[0-9]){6,14}(?![0-9])")
_DIALLED_ABROAD = re.compile(r"(?<![0-9])00[1-9][0-9]{0,2}(?:[ -][0-9]{2,5}){2,5}(?![0-9])")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a number stands in the text: ``end`` is the first place after it."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Group:
    digits: str
    start: int
    end: int


Run = tuple[_Group, ...]
"""Groups of digits with nothing but blanks, hyphens, dots, slashes and brackets between them."""


def runs(plain: str) -> list[Run]:
    """Every run of digits in ``plain`` (see `plain_text`)."""
    found: list[list[_Group]] = []
    end = -1
    for match in _GROUP.finditer(plain):
        digits = re.sub(r"[ -]", "", match.group()).upper()
        group = _Group(digits, match.start(), match.end())
        if found and _GAP.fullmatch(plain, end, match.start()):
            found[-1].append(group)
        else:
            found.append([group])
        end = match.end()
    return [tuple(run) for run in found]


def written_out(text: str) -> list[Run]:
    """Digits written in Chinese, a dozen in a row: 一三八..."""
    return [
        (_Group(match.group().translate(_HAN_VALUES), match.start(), match.end()),)
        for match in _HAN_DIGITS.finditer(text)
    ]


def identity_places(run: Run) -> Iterator[Place]:
    """Identity numbers: whole groups that make 18 or 15 characters, or 18 inside a longer group."""
    for first, last, digits in _spans(run, {_IDENTITY, _OLD_IDENTITY}):
        lengths = tuple(len(group.digits) for group in run[first : last + 1])
        old = lengths in ((_OLD_IDENTITY,), (6, 6, 3)) and is_old_identity_number(digits)
        if old or is_identity_number(digits):
            yield Place(run[first].start, run[last].end)
    for group in run:
        for at in range(len(group.digits) - _IDENTITY + 1):
            window = group.digits[at : at + _IDENTITY]
            # Eleven places of a long number are eleven chances: only where the region exists.
            if len(group.digits) > _IDENTITY and in_a_province(window) and is_identity_number(window):
                whole = at + _IDENTITY == len(group.digits)
                yield Place(group.start + at, group.end if whole else group.start + at + _IDENTITY)


def card_places(plain: str, run: Run) -> Iterator[Place]:
    """Card numbers: one group, groups as on a card (four or more digits each), or digit by digit.

    Neither decimals nor the digits of a hexadecimal number, which pass the check by chance.
    """
    for first, last, digits in _spans(run, set(_CARD)):
        lengths = [len(group.digits) for group in run[first : last + 1]]
        alone = len(lengths) == 1
        in_fours = min(lengths[:-1], default=0) >= 4 and digits[0] in "2345689"
        spelled = len(digits) in _SPELLED_CARD and set(lengths) == {1}
        if not (alone or in_fours or spelled) or not is_card_number(digits):
            continue
        start, end = run[first].start, run[last].end
        if (
            _in_a_list(plain, run, first, last)
            or plain.endswith("0.", 0, start)
            or _in_hexadecimal(plain, start, end)
        ):
            continue
        yield Place(start, end)


def phone_places(plain: str, every: list[Run]) -> Iterator[Place]:
    """Telephone numbers: mobiles and fixed lines of mainland China, and numbers with a country's code."""
    for run in every:
        for first, last, digits in _spans(run, {10, 11, 12, 13, 15}):
            lengths = tuple(len(group.digits) for group in run[first : last + 1])
            coded = len(lengths) > 1 and run[first].digits in _COUNTRY_GROUPS
            mobile = lengths in ((11,), (13,), (15,)) or lengths[coded:] in _MOBILE_GROUPS
            fixed = len(lengths) == 1 or lengths in _AREA_GROUPS
            told = (mobile and is_mobile_number(digits)) or (fixed and is_area_number(digits))
            if told and not _in_a_list(plain, run, first, last):
                yield Place(run[first].start, run[last].end)
    for pattern in (_INTERNATIONAL, _NORTH_AMERICAN, _DIALLED_ABROAD):
        for match in pattern.finditer(plain):
            yield Place(match.start(), match.end())


def _in_a_list(plain: str, run: Run, first: int, last: int) -> bool:
    """Whether groups stand in a row of more figures than two such numbers would have: 1450 1320 1280 ...

    Of the row are the groups around that are set off in the same way.
    """
    groups = last - first + 1
    if groups == 1:
        return False
    inside = _gap(plain, run, first)
    around = 0
    for steps in (range(first - 1, -1, -1), range(last, len(run) - 1)):
        for at in steps:
            if around > groups or _gap(plain, run, at) != inside:
                break
            around += 1
    spelled = all(len(group.digits) == 1 for group in run[first : last + 1])
    return around > (0 if spelled else groups)


def _gap(plain: str, run: Run, at: int) -> str:
    """What stands between a group and the next."""
    return plain[run[at].end : run[at + 1].start]


def _in_hexadecimal(plain: str, start: int, end: int) -> bool:
    before, after = plain[start - 1 : start].lower(), plain[end : end + 1].lower()
    both = bool(before) and bool(after) and before in _HEXADECIMAL and after in _HEXADECIMAL
    return both or ("-" in plain[start:end] and bool(after) and after in _HEXADECIMAL)


def _spans(run: Run, lengths: set[int]) -> Iterator[tuple[int, int, str]]:
    """Whole groups of a run, one after another, whose digits number one of ``lengths``.

    No more than 19 digits are ever looked at from one place, so the time grows with the text alone.
    """
    for first in range(len(run)):
        digits = ""
        for last in range(first, len(run)):
            if len(digits) + len(run[last].digits) > _LONGEST:
                break
            digits += run[last].digits
            if len(digits) in lengths:
                yield first, last, digits
