"""Snippets and quick guides: texts that were agreed on, with version and date (KN1 to KN3, KN9, KN12)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from enum import Enum
from typing import Final

from bot.core.outgoing_text import ForbiddenPhrase, Overpromise, overpromises

__all__ = [
    "STALE_AFTER",
    "KnowledgeFinding",
    "Snippet",
    "SnippetKind",
    "find",
    "nearest",
    "review",
]

STALE_AFTER: Final = timedelta(days=180)


class SnippetKind(Enum):
    PHRASE = "phrase"  # words for a customer, copied as they are
    GUIDE = "guide"  # steps for the agent


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """``key`` names it in every language; ``words``: other names people type.  ``text``: Markdown.

    ``dated``: when somebody last stood for it.  ``minutes``: how long a guide's steps take.
    """

    key: str
    kind: SnippetKind
    locale: str
    title: str
    version: str
    dated: date
    text: str
    words: tuple[str, ...] = ()
    minutes: int | None = None

    def is_stale(self, today: date, after: timedelta = STALE_AFTER) -> bool:
        """Whether nobody has stood for it for longer than ``after``."""
        return today - self.dated > after


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeFinding:
    """What should be looked at: ``stale``, ``missing`` (no text in ``locale``), ``overpromise``."""

    kind: str
    key: str
    locale: str
    dated: date | None = None
    overpromise: Overpromise | None = None


def find(
    snippets: Iterable[Snippet], wanted: str, locale: str, kind: SnippetKind | None = None
) -> Snippet | None:
    """The snippet of that key, title or word: in ``locale``, else in whatever language there is.

    >>> refund = Snippet(
    ...     key="refund", kind=SnippetKind.PHRASE, locale="en", title="Refund", version="2",
    ...     dated=date(2026, 11, 1), text="Your refund has been requested.", words=("money back",),
    ... )
    >>> find([refund], "Money Back", "zh-Hans").key
    'refund'
    """
    word = wanted.strip().casefold()
    known = [s for s in snippets if kind is None or s.kind is kind]
    keys = {
        s.key for s in known if word in (s.key.casefold(), s.title.casefold(), *map(str.casefold, s.words))
    }
    meant = [s for s in known if s.key in keys]
    return min(meant, key=lambda s: (s.locale != locale, s.key.casefold() != word, s.key), default=None)


def nearest(snippets: Iterable[Snippet], wanted: str) -> str | None:
    """The key, title or word somebody probably meant."""
    known = {name for s in snippets for name in (s.key, s.title, *s.words)}
    close = get_close_matches(wanted.strip().casefold(), sorted(known), n=1, cutoff=0.6)
    return close[0] if close else None


def review(
    snippets: Sequence[Snippet],
    *,
    locales: Sequence[str],
    today: date,
    stale_after: timedelta = STALE_AFTER,
    forbidden: Iterable[ForbiddenPhrase] = (),
) -> list[KnowledgeFinding]:
    """What a keeper should look at: old texts, languages that lack one, words that promise too much."""
    words = tuple(forbidden)
    found = []
    for one in snippets:
        if one.is_stale(today, stale_after):
            found.append(KnowledgeFinding(kind="stale", key=one.key, locale=one.locale, dated=one.dated))
        if one.kind is SnippetKind.PHRASE:
            found += [
                KnowledgeFinding(kind="overpromise", key=one.key, locale=one.locale, overpromise=o)
                for o in overpromises(one.text, words)
            ]
    for key in sorted({s.key for s in snippets}):
        there = {s.locale for s in snippets if s.key == key}
        found += [
            KnowledgeFinding(kind="missing", key=key, locale=loc) for loc in locales if loc not in there
        ]
    return found
