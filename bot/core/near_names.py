"""The known name that was most likely meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["nearest"]


def nearest(value: str, known: Iterable[str]) -> str:
    """The nearest known name, or an empty string.

    >>> nearest("phnoe", ["chat", "phone"]), nearest("fax", ["chat", "phone"])
    ('phone', '')
    """
    by_key = {k.lower(): k for k in known}
    # Names are short; difflib takes time with the product of lengths.
    near = get_close_matches(value.lower()[:100], by_key, n=1, cutoff=0.5)
    return by_key[near[0]] if near else ""
