"""Causes of broken promises: what has none yet, what Muster proposes, and what somebody says (SR10)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.core.cause_messages import UnnamedMiss
from bot.core.causes import LONGEST_NOTE, Miss, NamedCause
from bot.core.courses import Measure
from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import AgentId, ContactRef, TeamId
from bot.core.near_names import nearest
from bot.core.privacy import refuse_personal
from bot.core.review_settings import STAFFING
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit, Store
from bot.usecases.find_cause import Causes
from bot.usecases.pareto import misses_between

__all__ = ["LOOK_BACK", "SHOWN", "Unnamed", "handler_of", "listed", "name", "name_proposed", "unnamed"]

LOOK_BACK: Final = timedelta(days=7)
"""How far back misses without a cause are asked about."""
SHOWN: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Unnamed:
    """``total`` misses without a cause, the first of them as ``lines``."""

    total: int
    lines: tuple[UnnamedMiss, ...] = ()


def unnamed(
    uow: ReadUnit,
    settings: Settings,
    team: TeamId,
    start: datetime,
    now: datetime,
    *,
    owner: AgentId | None = None,
    most: int = SHOWN,
) -> Unnamed:
    """A team's promises that fell due since ``start``, broke, and have no cause yet; the newest first.

    ``owner``: only of cases this agent handles.
    """
    open_ = [
        miss
        for miss in misses_between(uow, settings, team, start, now)
        if miss.named is None and owner in (None, miss.owner)
    ]
    return Unnamed(total=len(open_), lines=listed(uow, settings, open_[::-1][:most], now))


def listed(
    uow: ReadUnit, settings: Settings, misses: Iterable[Miss], now: datetime
) -> tuple[UnnamedMiss, ...]:
    """As messages carry them, each with what Muster proposes."""
    causes = Causes(uow, settings)
    return tuple(
        UnnamedMiss(
            ref=miss.ref,
            measure=miss.measure.value,
            queue=miss.queue,
            due_at=miss.due_at,
            owner=miss.owner,
            short=_short(causes, settings, miss, now),
        )
        for miss in misses
    )


def handler_of(uow: ReadUnit, ref: ContactRef) -> AgentId | None:
    """Who handles a case; None where nobody does, or nobody knows it."""
    contact = uow.contacts.get(ref)
    return None if contact is None else contact.agent


def name(
    store: Store, settings: Settings, ref: ContactRef, cause: str, *, note: str, by: str, now: datetime
) -> tuple[Miss, ...]:
    """Say why a case's promises broke: those without a cause, or all where each has one.  Returns them.

    Raises NotFoundError for a case nobody knows; RefusedError, with nothing changed, for an unknown cause, a
    note that is too long or holds personal data, and a case whose promises all hold.
    """
    _check_cause(settings, cause)
    words = " ".join(note.split())
    if len(words) > LONGEST_NOTE:
        raise RefusedError(
            "cause_note",
            f"the note has {len(words)} characters, at most {LONGEST_NOTE} are kept; nothing was changed.",
            length=len(words),
            longest=LONGEST_NOTE,
        )
    refuse_personal(words)
    with store.unit() as uow:
        if uow.contacts.get(ref) is None:
            raise NotFoundError(
                "case_unknown", f"no case {ref} is known; nothing was changed. Check its number.", ref=ref
            )
        misses = uow.misses.of_case(ref, now)
        if not misses:
            raise RefusedError(
                "cause_no_miss", f"no promise on {ref} is broken; nothing was changed.", ref=ref
            )
        meant = [miss for miss in misses if miss.named is None] or misses
        named = NamedCause(cause=cause, note=words or None, by=by, at=now)
        uow.misses.name(meant, named)
        detail = {"cause": cause, "promises": [f"{m.measure.value}:{m.cycle}" for m in meant]}
        uow.audit.add(by, "cause_named", f"case:{ref}", detail, now)
        uow.commit()
    return tuple(meant)


def name_proposed(
    store: Store, settings: Settings, team: TeamId, *, start: datetime, by: str, now: datetime
) -> int:
    """Give `staffing` to the listed misses for which Muster proposes it; returns how many."""
    with store.unit() as uow:
        found = unnamed(uow, settings, team, start, now)
        meant = {(line.ref, line.measure, line.due_at) for line in found.lines if line.short is not None}
        misses = [
            miss
            for miss in misses_between(uow, settings, team, start, now)
            if miss.named is None and (miss.ref, miss.measure.value, miss.due_at) in meant
        ]
        if misses:
            uow.misses.name(misses, NamedCause(cause=STAFFING, note=None, by=by, at=now))
            for ref in sorted({miss.ref for miss in misses}):
                uow.audit.add(by, "cause_named", f"case:{ref}", {"cause": STAFFING, "proposed": True}, now)
        uow.commit()
    return len(misses)


def _short(causes: Causes, settings: Settings, miss: Miss, now: datetime) -> int | None:
    """People missing when an answer became due; a resolution has longer causes than that moment."""
    if STAFFING not in settings.reviews.causes or miss.measure is not Measure.FIRST_RESPONSE:
        return None
    found = causes.at(miss.queue, miss.due_at, now)
    short = None if found is None else found.short
    return short if short is not None and short > 0 else None


def _check_cause(settings: Settings, cause: str) -> None:
    known: Sequence[str] = settings.reviews.causes
    if cause in known:
        return
    near = nearest(cause, known)
    raise RefusedError(
        "cause_unknown",
        f"{cause[:40]!r} is no cause; nothing was changed. There are: {', '.join(known)}.",
        value=cause[:40],
        known=", ".join(known),
        near=near,
        **({"variant": "near"} if near else {}),
    )
