"""What may be stored of a text that another system sends: one rule for HTTP and for files.

Case references and codes travel into messages, logs and reports, so neither may be free text or the
number of a person.  The rule says why a text is refused and never repeats it.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from enum import Enum

__all__ = ["CODE_PATTERN", "REFERENCE_PATTERN", "TextProblem", "code_problem", "reference_problem"]

REFERENCE_PATTERN = r"[\w.:#/\-]{1,64}"
CODE_PATTERN = r"[^\W\d_][\w\-]{0,31}"

_REFERENCE = re.compile(REFERENCE_PATTERN)
_CODE = re.compile(CODE_PATTERN)
_LONG_NUMBER = re.compile(r"\d{6,}")
_HAN = re.compile(r"[㐀-鿿]")
_HAN_IN_CODE = 8
_SEPARATORS = re.compile(r"[\s.:#/_()\-]")
_MOBILE = re.compile(r"(?:\+?86|0086)?1[3-9]\d{9}")
_INTERNATIONAL = re.compile(r"\+\d{10,15}")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# No issuer has numbers that begin with a year and a month of this century; many order numbers do.
_BEGINS_WITH_MONTH = re.compile(r"20\d\d(?:0[1-9]|1[0-2])")


class TextProblem(Enum):
    """Why a text may not be stored."""

    CHARACTERS = "characters"
    PERSONAL_NUMBER = "personal_number"
    FREE_TEXT = "free_text"


def reference_problem(text: str) -> TextProblem | None:
    """Why ``text`` is no case reference; None if it may be stored.

    Letters, digits and ``. : # / - _``, up to 64, and neither a telephone nor an identity nor a card number.

    >>> reference_problem("GD20231027001"), reference_problem("2024031500012")
    (None, None)
    >>> reference_problem("13812345678")
    <TextProblem.PERSONAL_NUMBER: 'personal_number'>
    >>> reference_problem("Zhang Wei")
    <TextProblem.CHARACTERS: 'characters'>
    """
    if _is_personal_number(text):
        return TextProblem.PERSONAL_NUMBER
    return None if _REFERENCE.fullmatch(text) else TextProblem.CHARACTERS


def code_problem(text: str) -> TextProblem | None:
    """Why ``text`` is no code (tier, outcome, kind of leave); None if it may be stored.

    One word that begins with a letter, up to 32 characters (8 of them Chinese, whose sentences have no
    blanks), without six digits in a row.

    >>> code_problem("after-sales_2"), code_problem("金卡")
    (None, None)
    >>> code_problem("lives in XX road 88")
    <TextProblem.FREE_TEXT: 'free_text'>
    """
    plain = unicodedata.normalize("NFKC", text)
    fits = (
        _CODE.fullmatch(text) and not _LONG_NUMBER.search(plain) and len(_HAN.findall(plain)) <= _HAN_IN_CODE
    )
    return None if fits else TextProblem.FREE_TEXT


def _is_personal_number(text: str) -> bool:
    """A whole text that is a telephone, identity or card number, however it is spaced."""
    plain = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()
    if _MOBILE.fullmatch(plain) or _INTERNATIONAL.fullmatch(plain):
        return True
    return _is_identity_number(plain) or _is_card_number(plain)


def _is_identity_number(plain: str) -> bool:
    """GB 11643-1999: six digits of a region, a date of birth, a serial number, a check character.

    >>> _is_identity_number("11010519491231002X"), _is_identity_number("110105194912310021")
    (True, False)
    """
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", plain, re.ASCII):
        return False
    try:
        date(int(plain[6:10]), int(plain[10:12]), int(plain[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(plain, _ID_WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == plain[17]


def _is_card_number(plain: str) -> bool:
    """13 to 19 digits with the check digit of ISO/IEC 7812-1 (Luhn).

    >>> _is_card_number("4111111111111111"), _is_card_number("4111111111111112")
    (True, False)
    """
    if not re.fullmatch(r"\d{13,19}", plain, re.ASCII) or _BEGINS_WITH_MONTH.match(plain):
        return False
    doubled = (int(d) * (1 + i % 2) for i, d in enumerate(reversed(plain)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0
