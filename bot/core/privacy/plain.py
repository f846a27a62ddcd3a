"""A text in the form that detectors read, of the same length, so that places stay places."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

__all__ = ["plain_text"]

# What stands between the parts of a number without being seen: zero-width characters and soft hyphens.
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad")


def plain_text(text: str) -> str:
    """``text`` with full-width and other digits, letters and signs as ASCII, character by character.

    >>> plain_text("１３８ ０013\u20108000，ａ＠ｂ")
    '138 0013-8000,a@b'
    """
    return text if text.isascii() else "".join(map(_plain, text))


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    if character.isascii():
        return character
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    if character in _INVISIBLE or character.isspace():
        return " "
    if unicodedata.category(character) == "Pd" or character == "−":
        return "-"
    narrow = unicodedata.normalize("NFKC", character)
    return narrow if len(narrow) == 1 else character
