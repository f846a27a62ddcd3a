"""What may be stored of a text that another system sends: one rule for HTTP and for files.

Case references and codes travel into messages, logs and reports, so neither may be free text or the
number of a person.  The rule says why a text is refused and never repeats it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from enum import Enum

from bot.core.privacy import FindingKind, findings
from bot.core.privacy.numbers import (
    is_card_number,
    is_identity_number,
    is_mobile_number,
    is_old_identity_number,
)

__all__ = [
    "CODE_PATTERN",
    "REFERENCE_PATTERN",
    "TextProblem",
    "code_problem",
    "identifier_problem",
    "reference_problem",
    "storable_identifier",
]

REFERENCE_PATTERN = r"[\w.:#/\-]{1,64}"
CODE_PATTERN = r"[^\W\d_][\w\-]{0,31}"

_REFERENCE = re.compile(REFERENCE_PATTERN)
_CODE = re.compile(CODE_PATTERN)
_LONG_NUMBER = re.compile(r"\d{6,}")
_HAN = re.compile(r"[㐀-鿿]")
_HAN_IN_CODE = 8
_SEPARATORS = re.compile(r"[\s.:#/_()\-]")
_INTERNATIONAL = re.compile(r"\+\d{10,15}")
_MAIL = re.compile(r"\w@\w{1,63}[.-]\w")
_NEVER_INSIDE = frozenset({FindingKind.IDENTITY_NUMBER, FindingKind.ADDRESS})
_CARD_LONG = re.compile(r"(?:\d[ -]?){13}")
_MANY_DIGITS = re.compile(r"(?:\d[\-._/()]{0,3}){14}[\dXx]")


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
    return None if fits and (text.isascii() or not findings(text)) else TextProblem.FREE_TEXT


def identifier_problem(text: str) -> TextProblem | None:
    """Why ``text`` may not be stored as another system's id (of an event, of the system itself).

    Such ids are long numbers of any kind, and refusing one loses its event: what has the check digit of a
    card, as one in ten has by chance, is no problem (`storable_identifier`); the number of a person is one.

    >>> identifier_problem("4111111111111111"), identifier_problem("e-1")
    (None, None)
    >>> identifier_problem("wang@example.com")
    <TextProblem.PERSONAL_NUMBER: 'personal_number'>
    """
    if _is_telephone(_bare(text)) or _MAIL.search(text) or _is_personal_inside(text):
        return TextProblem.PERSONAL_NUMBER
    return None


def storable_identifier(text: str) -> str:
    """An id of another system as it is stored: itself, or its digest where it could be a card number.

    >>> storable_identifier("e-1")
    'e-1'
    >>> storable_identifier("4111111111111111")
    'sha256:9bbef19476623ca56c17da75fd57734d'
    """
    if _CARD_LONG.search(text) and any(f.kind is FindingKind.BANK_CARD for f in findings(text)):
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()[:32]}"
    return text


def _is_personal_number(text: str) -> bool:
    """A whole text that is a telephone, identity or card number, however spaced, or holds a person's."""
    plain = _bare(text)
    whole = is_identity_number(plain) or is_old_identity_number(plain) or is_card_number(plain)
    return whole or _is_telephone(plain) or _is_personal_inside(text)


def _bare(text: str) -> str:
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()


def _is_telephone(plain: str) -> bool:
    return is_mobile_number(plain.lstrip("+")) or _INTERNATIONAL.fullmatch(plain) is not None


def _is_personal_inside(text: str) -> bool:
    """An identity number or an address in a text of which the rest may be anything.

    Ids come by the thousand a second: what cannot hold either is not searched.
    """
    if text.isascii() and " " not in text and not _MANY_DIGITS.search(text):
        return False
    return any(finding.kind in _NEVER_INSIDE for finding in findings(text))
