"""Better words, proposed by whoever found them, taken or not by a keeper (KN4); own phrases (KN6)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.errors import FieldProblem, InvalidFormError, RefusedError
from bot.core.ids import AgentId, ProposalId, TeamId
from bot.core.knowledge import Snippet, SnippetKind
from bot.core.outgoing_text import ForbiddenPhrase, overpromises
from bot.core.privacy import findings

__all__ = [
    "LONGEST_KEY",
    "LONGEST_TEXT",
    "LONGEST_TITLE",
    "MOST_PHRASES",
    "Draft",
    "Proposal",
    "ProposalState",
    "check",
    "check_text",
    "phrase_key",
    "served",
]

LONGEST_KEY: Final = 40
LONGEST_TITLE: Final = 80
LONGEST_TEXT: Final = 1_500
MOST_PHRASES: Final = 50
_KEY: Final = re.compile(r"[a-z0-9][a-z0-9-]*")


class ProposalState(Enum):
    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"  # with a reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What was typed, before it is checked."""

    key: str
    kind: SnippetKind
    locale: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """``version``: 0 until it is accepted, then counted for its key and language."""

    proposal: ProposalId
    team: TeamId
    draft: Draft
    by: AgentId
    made_at: datetime
    state: ProposalState = ProposalState.OPEN
    version: int = 0
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None


def check(draft: Draft, forbidden: Iterable[ForbiddenPhrase] = ()) -> Draft:
    """The draft, trimmed.  Raises InvalidFormError with every problem: no key, title or text, words that
    promise too much, somebody's personal data."""
    problems: list[FieldProblem] = []
    key = draft.key.strip().casefold().replace(" ", "-")
    if not _KEY.fullmatch(key) or len(key) > LONGEST_KEY:
        problems.append(FieldProblem(name="key", kind="kb_key", data={"longest": LONGEST_KEY}))
    title = " ".join(draft.title.split())
    if not title or len(title) > LONGEST_TITLE or findings(title):
        problems.append(FieldProblem(name="title", kind="kb_title", data={"longest": LONGEST_TITLE}))
    text = draft.text.strip()
    wrong = check_text(text, forbidden if draft.kind is SnippetKind.PHRASE else None)
    if wrong is not None:
        problems.append(wrong)
    if problems:
        raise InvalidFormError(problems)
    return Draft(key=key, kind=draft.kind, locale=draft.locale, title=title, text=text)


def check_text(text: str, forbidden: Iterable[ForbiddenPhrase] | None) -> FieldProblem | None:
    """What is wrong with words for customers; ``forbidden`` None leaves out what they promise.

    >>> check_text("We will definitely call you.", ()).kind
    'kb_overpromise'
    >>> check_text("We will call you as soon as we can.", ()) is None
    True
    """
    if not text or len(text) > LONGEST_TEXT:
        return FieldProblem(name="text", kind="kb_text", data={"longest": LONGEST_TEXT})
    if findings(text):
        return FieldProblem(name="text", kind="kb_personal")
    found = () if forbidden is None else overpromises(text, forbidden)
    if found:
        first = found[0]
        data = {"phrase": first.phrase, "better": first.better or "–"}
        return FieldProblem(name="text", kind="kb_overpromise", data=data)
    return None


def served(files: Sequence[Snippet], accepted: Iterable[Proposal], zone: str) -> tuple[Snippet, ...]:
    """The pack of files with what keepers accepted since: of one key and language the later day stands.

    A file of a later day wins: somebody stood for it since.
    """
    by_name = {(s.key, s.locale): s for s in files}
    for one in sorted(accepted, key=lambda p: p.version):
        if one.decided_at is None:
            continue
        dated = one.decided_at.astimezone(ZoneInfo(zone)).date()
        draft, before = one.draft, by_name.get((one.draft.key, one.draft.locale))
        if before is not None and before.dated > dated:
            continue
        by_name[(draft.key, draft.locale)] = Snippet(
            key=draft.key,
            kind=draft.kind,
            locale=draft.locale,
            title=draft.title,
            version=f"{one.version}",
            dated=dated,
            text=draft.text,
            words=() if before is None else before.words,
            minutes=None if before is None else before.minutes,
        )
    return tuple(sorted(by_name.values(), key=lambda s: (s.key, s.locale)))


def phrase_key(typed: str) -> str:
    """The name of one's own phrase.  Raises RefusedError."""
    key = typed.strip().casefold()
    if not key or len(key) > LONGEST_KEY or findings(key):
        raise RefusedError(
            "phrase_key",
            f"Give the phrase a name of one word, up to {LONGEST_KEY} characters; nothing was kept.",
            longest=LONGEST_KEY,
        )
    return key
