"""A what-if in one line of words, ``minus @a, target chat=45s, +35%``, cut into what is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from bot.core.errors import RefusedError

__all__ = ["Part", "Sort", "parts"]


class Sort(Enum):
    MINUS = "minus"
    TARGET = "target"
    VOLUME = "volume"
    CAMPAIGN = "campaign"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing asked: the words that belong together.  A quoted name or a mention is one word."""

    sort: Sort
    words: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.words)


_SORTS: Final = {
    Sort.MINUS: ("minus", "without", "减去", "減去", "没有", "沒有", "去掉", "不算"),
    Sort.TARGET: ("target", "targets", "目标", "目標", "服务目标", "服務目標"),
    Sort.VOLUME: ("volume", "来量", "來量"),
    Sort.CAMPAIGN: ("campaign", "event", "活动", "活動"),
}
_WORDS: Final = {word: sort for sort, words in _SORTS.items() for word in words}
_CHINESE: Final = sorted((w for w in _WORDS if not w.isascii()), key=len, reverse=True)
_TOKEN: Final = re.compile(
    r"""(?P<mention><@[^>]*>)
    |["“”](?P<double>[^"“”]*)["“”]|「(?P<corner>[^」]*)」
    |(?P<end>[,，、;；\n])
    |(?P<word>[^\s,，、;；<"“”「]+|[<"“”「])""",
    re.VERBOSE,
)
_TOGETHER: Final = (
    (re.compile(r"(?<=\d)\s+(?=[%％])"), ""),
    (re.compile(r"(?<![^\s=＝])([+＋\-−－])\s+(?=\d+(?:\.\d+)?[%％])"), r"\1"),
    (re.compile(r"\s*[=＝]\s*"), "="),
    (re.compile(r"(?<=[\d%％])\s*[/／]\s*(?=\d)"), "/"),
    (re.compile(r"(?<=\d)\s+(?=(?:s|sec|seconds?|m|min|minutes?|h|hours?)\b)", re.IGNORECASE), ""),
)
"""Blanks that people put where one word is meant."""
_AND: Final = frozenset({"and", "with", "和", "与", "與", "以及"})
_TARGET_LIKE: Final = re.compile(
    r"[^\s=＝]+[=＝].*\d\s*(?:[a-z]+|秒钟?|秒鐘|分钟?|分鐘|小时|小時)$", re.IGNORECASE
)
_VOLUME_LIKE: Final = re.compile(r".*\d\s*[%％]$")
_SHARE: Final = re.compile(r"\d[\d.]*[%％]$")
_SHARE_ALONE: Final = re.compile(r"[^\s=＝]+[=＝]\d[\d.]*[%％]?(?:[/／].*)?$")


def parts(text: str) -> list[Part]:
    """What is asked, in order; people of one part are told apart by ``、`` and commas, or by their names.

    A part goes on until the next comma or the next keyword; after a comma the keyword may be left out.
    Raises RefusedError for words that belong to nothing.

    >>> [(p.sort.value, p.words) for p in parts('minus @a "Bo Li", target chat=45s, +35% fri')]
    [('minus', ('@a', 'Bo Li')), ('target', ('chat=45s',)), ('volume', ('+35%', 'fri'))]
    """
    found: list[Part] = []
    sort: Sort | None = None
    held: list[str] = []

    def close() -> None:
        if sort is not None and held:
            found.append(Part(sort=sort, words=tuple(held)))
        held.clear()

    named: Sort | None = None
    for token, whole in _tokens(text):
        if token is None:
            close()
            # After a comma the same goes on (`minus a, b`), unless it says what it is.
            sort = named
            continue
        keyword = None if whole else _WORDS.get(token.casefold().removeprefix("--"))
        if keyword is not None:
            close()
            sort = named = keyword
            continue
        if not whole and token.casefold() in _AND:
            close()
            sort = named
            continue
        like = None if whole else _like(token, sort)
        if like is not None and not _goes_on(like, sort, held):
            close()
            sort = like
        if sort is None:
            raise RefusedError(
                "what_if_word",
                f"{token!r} was not understood; nothing was worked out.",
                value=token,
            )
        held.append(token)
    close()
    return found


def _goes_on(like: Sort, sort: Sort | None, held: list[str]) -> bool:
    """Whether a word that looks like ``like`` belongs to what was begun: a campaign has a percentage of its
    own, and a queue may stand before one."""
    if sort is Sort.CAMPAIGN:
        return bool(held) and like is Sort.VOLUME
    return like is sort and not any(_like(word, sort) is like for word in held)


def _like(token: str, sort: Sort | None) -> Sort | None:
    """What a word is by its looks; a share alone (``chat=90%``) is a target where one was announced."""
    if _TARGET_LIKE.match(token) or (sort is Sort.TARGET and _SHARE_ALONE.match(token)):
        return Sort.TARGET
    if sort is Sort.TARGET and _SHARE.match(token):
        return None
    return Sort.VOLUME if _VOLUME_LIKE.match(token) else None


def _tokens(text: str) -> Iterator[tuple[str | None, bool]]:
    """Words with whether they were quoted or a mention; None for a comma."""
    for pattern, instead in _TOGETHER:
        text = pattern.sub(instead, text)
    for found in _TOKEN.finditer(text):
        whole = next((found[g] for g in ("mention", "double", "corner") if found[g] is not None), None)
        if found["end"] is not None:
            yield None, False
        elif whole is not None:
            if whole.strip():
                yield whole.strip(), True
        else:
            word = found["word"]
            # Chinese is written without spaces: 减去小李, 来量+35%.
            keyword = next((w for w in _CHINESE if word.startswith(w) and word != w), None)
            if keyword is not None:
                yield keyword, False
                word = word.removeprefix(keyword)
            yield word, False
