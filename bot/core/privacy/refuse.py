"""The door: a text with personal data is refused in words that say what to write instead (PS1, A5)."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from bot.core.errors import RefusedError
from bot.core.privacy.detect import FindingKind, findings

__all__ = ["refuse_personal"]

_SAID = {
    FindingKind.IDENTITY_NUMBER: "this looks like an ID number. Use the order number or the last 4 digits of "
    "the phone.",
    FindingKind.BANK_CARD: "this looks like a bank card number. Use the order number or the last 4 digits of "
    "the phone.",
    FindingKind.PHONE: "this looks like a phone number. Write only its last 4 digits.",
    FindingKind.EMAIL: "this looks like an e-mail address. Use the order number or the case number.",
    FindingKind.ADDRESS: "this looks like a detailed address. Use the order number; the address stays in the "
    "shop's own system.",
}


def refuse_personal(
    text: str, *, field: str | None = None, allow: AbstractSet[FindingKind] = frozenset()
) -> None:
    """Raise RefusedError ``personal_data`` if ``text`` holds personal data of a kind not in ``allow``.

    The error names the gravest kind and, if given, the field; it never repeats any part of the text.

    >>> refuse_personal("order 2024031500012, phone ends in 5678")
    >>> refuse_personal("call 13812345678")
    Traceback (most recent call last):
    bot.core.errors.RefusedError: Not saved: this looks like a phone number. Write only its last 4 digits.
    """
    found = {finding.kind for finding in findings(text)} - set(allow)
    kind = next((kind for kind in FindingKind if kind in found), None)
    if kind is None:
        return
    said = f"Not saved: {_SAID[kind]}" if field is None else f"Not saved ({field}): {_SAID[kind]}"
    raise RefusedError("personal_data", said, variant=kind.value, field=field)
