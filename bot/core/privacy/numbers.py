"""Numbers of people, each decided on its bare digits.

Nothing here knows of the text around a number; `detect` finds the numbers in a text, `bot.core.allowed_text`
asks about a whole one.
"""

from __future__ import annotations

import re
from datetime import date

__all__ = [
    "begins_with_month",
    "in_a_province",
    "is_area_number",
    "is_card_number",
    "is_identity_number",
    "is_mobile_number",
    "is_old_identity_number",
]

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_IDENTITY = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
# The first two digits are a province (GB/T 2260); the old form has no check digit, so the place must be one.
_PROVINCE = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91")
_OLD_IDENTITY = re.compile(r"\d{15}", re.ASCII)
_CARD = re.compile(r"[1-9]\d{12,18}", re.ASCII)
_MILLISECONDS = re.compile(r"1\d{12}", re.ASCII)
_MOBILE = re.compile(r"(?:86|0086)?1[3-9]\d{9}", re.ASCII)
_AREA = re.compile(r"0(?:(?:10|2\d)[1-9]\d{7}|[3-9]\d\d[1-9]\d{6,7})", re.ASCII)
# No issuer and no province has numbers that begin with a year and a month of this century; orders do.
_MONTH = re.compile(r"20\d\d(?:0[1-9]|1[0-2])", re.ASCII)


def begins_with_month(digits: str) -> bool:
    """Whether a number begins as order numbers do: with a year and a month of this century.

    >>> begins_with_month("2024031500012"), begins_with_month("2024991500012")
    (True, False)
    """
    return _MONTH.match(digits) is not None


def is_identity_number(digits: str) -> bool:
    """GB 11643-1999: six digits of a region, a date of birth, a serial number, a check character.

    >>> is_identity_number("11010519491231002X"), is_identity_number("110105194912310021")
    (True, False)
    """
    if not _IDENTITY.fullmatch(digits) or begins_with_month(digits):
        return False
    if not 1850 <= int(digits[6:10]) <= 2100 or not _is_day(int(digits[6:10]), digits[10:14]):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, _ID_WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == digits[17]


def is_old_identity_number(digits: str) -> bool:
    """The form before 1999: a region, a date of birth with two digits of the year, a serial number.

    >>> is_old_identity_number("110105491231002"), is_old_identity_number("110105491331002")
    (True, False)
    """
    if not _OLD_IDENTITY.fullmatch(digits) or not _PROVINCE.match(digits) or digits.endswith("000"):
        return False
    return _is_day(1900 + int(digits[6:8]), digits[8:12])


def in_a_province(digits: str) -> bool:
    """Whether a number begins as an identity number issued somewhere does."""
    return _PROVINCE.match(digits) is not None


def is_card_number(digits: str) -> bool:
    """13 to 19 digits with the check digit of ISO/IEC 7812-1 (Luhn).

    Numbers of orders that begin with a month, and milliseconds since 1970, are none: no issuer has them.

    >>> is_card_number("4111111111111111"), is_card_number("4111111111111112")
    (True, False)
    """
    if not _CARD.fullmatch(digits) or begins_with_month(digits) or _MILLISECONDS.fullmatch(digits):
        return False
    doubled = (int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def is_mobile_number(digits: str) -> bool:
    """A mobile number of mainland China, with or without 86.

    >>> is_mobile_number("13812345678"), is_mobile_number("8613812345678"), is_mobile_number("12345678901")
    (True, True, False)
    """
    return _MOBILE.fullmatch(digits) is not None


def is_area_number(digits: str) -> bool:
    """A fixed line of mainland China with its area code.

    >>> is_area_number("01065529988"), is_area_number("07551234567"), is_area_number("00012345678")
    (True, True, False)
    """
    return _AREA.fullmatch(digits) is not None


def _is_day(year: int, month_and_day: str) -> bool:
    try:
        date(year, int(month_and_day[:2]), int(month_and_day[2:]))
    except ValueError:
        return False
    return True
