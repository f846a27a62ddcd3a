"""Runbooks: what to do when something goes wrong, written beforehand (ES8).

A runbook is one scenario in one language; its steps stand in the order in which they are done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Final

from bot.core.knowledge import STALE_AFTER
from bot.core.outgoing_text import ForbiddenPhrase, Overpromise, overpromises

__all__ = [
    "LEAD",
    "LONGEST_STEP",
    "Runbook",
    "RunbookContact",
    "RunbookFinding",
    "RunbookStep",
    "find",
    "in_language",
    "nearest",
    "review",
    "versions",
]

LEAD: Final = "lead"
"""The role of a step that whoever leads the team on duty does; every other role is a skill of agents.csv."""
LONGEST_STEP: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RunbookStep:
    """``role``: `LEAD` or a skill; ``owner``: the agent who does it where nobody on duty has the role.

    ``minutes`` after the incident begins it should be done; None for a step without a timer.
    """

    do: str
    role: str | None = None
    owner: str | None = None
    minutes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunbookContact:
    """Who else is called, and how they are reached, in the team's words."""

    name: str
    reach: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook:
    """``key`` names the scenario in every language; ``text``: the flow in Markdown.

    ``exception``: the reason under which targets may slip while it lasts, for ``exception_minutes`` unless
    somebody says until when; None where they may not.  ``notice``: the text for customers, with ``{cause}``,
    ``{until}`` and ``{compensation}`` where those are said.  ``cases``: simulated ones of a drill.
    """

    key: str
    locale: str
    title: str
    version: str
    dated: date
    text: str
    steps: tuple[RunbookStep, ...]
    words: tuple[str, ...] = ()
    contacts: tuple[RunbookContact, ...] = ()
    exception: str | None = None
    exception_minutes: int = 240
    notice: str = ""
    cases: int = 3

    def is_stale(self, today: date, after: timedelta = STALE_AFTER) -> bool:
        """Whether nobody has stood for it for longer than ``after``."""
        return today - self.dated > after


@dataclass(frozen=True, slots=True, kw_only=True)
class RunbookFinding:
    """What should be looked at.

    ``kind``: stale, missing (no runbook in ``locale``), steps_differ (between languages), overpromise,
    no_notice, unowned (``number`` of a step with neither role nor owner), drill (planned, without a runbook).
    """

    kind: str
    key: str
    locale: str = ""
    dated: date | None = None
    number: int | None = None
    overpromise: Overpromise | None = None


def versions(runbooks: Iterable[Runbook], wanted: str) -> tuple[Runbook, ...]:
    """The scenario of that key, title or word, in every language there is; () where there is none.

    >>> outage = Runbook(
    ...     key="outage", locale="en", title="System outage", version="1", dated=date(2026, 11, 1),
    ...     text="...", steps=(RunbookStep(do="Look"),), words=("down",),
    ... )
    >>> [one.key for one in versions([outage], "Down")]
    ['outage']
    """
    word = wanted.strip().casefold()
    known = list(runbooks)
    keys = sorted(
        {r.key for r in known if word in (r.key.casefold(), r.title.casefold(), *map(str.casefold, r.words))},
        key=lambda key: (key.casefold() != word, key),
    )
    return tuple(r for r in known if keys and r.key == keys[0])


def in_language(found: Sequence[Runbook], locale: str) -> Runbook:
    """The one of the reader's language, else whatever there is."""
    own = locale.replace("Hant", "Hans")
    return min(found, key=lambda r: (r.locale != own, r.locale))


def find(runbooks: Iterable[Runbook], wanted: str, locale: str) -> Runbook | None:
    """As `versions`, in one language."""
    found = versions(runbooks, wanted)
    return in_language(found, locale) if found else None


def nearest(runbooks: Iterable[Runbook], wanted: str) -> str | None:
    """The key, title or word somebody probably meant."""
    known = {name for r in runbooks for name in (r.key, r.title, *r.words)}
    close = get_close_matches(wanted.strip().casefold(), sorted(known), n=1, cutoff=0.6)
    return close[0] if close else None


def review(
    runbooks: Sequence[Runbook],
    *,
    locales: Sequence[str],
    today: date,
    stale_after: timedelta = STALE_AFTER,
    forbidden: Iterable[ForbiddenPhrase] = (),
    drilled: Iterable[str] = (),
) -> list[RunbookFinding]:
    """What a keeper should look at; ``drilled``: the scenarios that app.yaml plans drills of."""
    phrases = tuple(forbidden)
    found: list[RunbookFinding] = []
    for one in runbooks:
        if one.is_stale(today, stale_after):
            found.append(RunbookFinding(kind="stale", key=one.key, locale=one.locale, dated=one.dated))
        found += [
            RunbookFinding(kind="unowned", key=one.key, locale=one.locale, number=number)
            for number, step in enumerate(one.steps, start=1)
            if step.role is None and step.owner is None
        ]
        if not one.notice and one.exception is not None:
            found.append(RunbookFinding(kind="no_notice", key=one.key, locale=one.locale))
        found += [
            RunbookFinding(kind="overpromise", key=one.key, locale=one.locale, overpromise=o)
            for o in overpromises(one.notice, phrases)
        ]
    for key in sorted({r.key for r in runbooks}):
        same = [r for r in runbooks if r.key == key]
        found += [
            RunbookFinding(kind="missing", key=key, locale=locale)
            for locale in locales
            if locale not in {r.locale for r in same}
        ]
        shapes = {tuple((s.role, s.owner, s.minutes) for s in r.steps) for r in same}
        if len(shapes) > 1:
            found.append(RunbookFinding(kind="steps_differ", key=key))
    known = {r.key for r in runbooks}
    found += [RunbookFinding(kind="drill", key=key) for key in sorted(set(drilled) - known)]
    return found
