"""Traditional and Simplified characters of one word are the same word."""

from __future__ import annotations

from functools import cache

from opencc import OpenCC

__all__ = ["simplified"]


def simplified(text: str) -> str:
    """The text in Simplified characters; what has none stays as it is.

    >>> simplified("幫助"), simplified("help")
    ('帮助', 'help')
    """
    return text if text.isascii() else _to_simplified().convert(text)


@cache
def _to_simplified() -> OpenCC:
    return OpenCC("t2s")
