"""Overtime where people are missing, going home early where they are not: offered to whom it suits best.

First fit, not fastest finger (SCENARIOS A10): each offer goes to the one person for whom it is worth most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from bot.core.errors import RefusedError
from bot.core.ids import AgentId
from bot.core.requests import Cause
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit, Store
from bot.usecases.ask_changes import Outcome, request
from bot.usecases.change_shifts import trade_of
from bot.usecases.live_rosters import Standing, standing
from forecasting.grid import local_midnight
from scheduler.requests.offers import Offer, go_home_offers, overtime_offers

__all__ = ["HoursOffers", "OfferKind", "look", "offer"]


class OfferKind(Enum):
    """More hours or fewer."""

    OVERTIME = "overtime"
    GO_HOME = "go_home"


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursOffers:
    """``offers`` that are each worth their price when all those before them were taken."""

    kind: OfferKind
    day: date
    offers: tuple[Offer, ...]


def look(
    store: Store, settings: Settings, kind: OfferKind, *, day: date, now: datetime, most: int = 4
) -> HoursOffers:
    """The best offers of ``day`` (of the roster's zone), each person at most once.  Changes nothing."""
    with store.read() as uow:
        stands = standing(uow, settings, day, now=now)
    return _looked(store, stands, kind, day, most)


def _looked(store: Store, stands: Standing, kind: OfferKind, day: date, most: int) -> HoursOffers:
    with store.read() as uow:
        asked = _asked_before(uow, stands)
        start = local_midnight(day, stands.problem.period.zone)
        spared = uow.requests.spared_since(stands.version.roster_id, start)
    return HoursOffers(kind=kind, day=day, offers=_best(stands, kind, day, most, asked, spared))


def offer(
    store: Store,
    settings: Settings,
    kind: OfferKind,
    *,
    day: date,
    agent: AgentId,
    by: str,
    now: datetime,
    most: int = 4,
) -> Outcome:
    """Ask one person for what `look` showed for them.  Raises RefusedError where that has gone."""
    with store.read() as uow:
        stands = standing(uow, settings, day, now=now)
    found = _looked(store, stands, kind, day, most)
    chosen = next((o for o in found.offers if o.change.agent == agent), None)
    if chosen is None:
        raise RefusedError(
            "offer_gone",
            "That offer is not needed or not possible any more; nobody was asked. Look again.",
            agent=agent,
        )
    return request(
        store,
        settings,
        (trade_of(chosen.change),),
        cause=Cause.OVERTIME if kind is OfferKind.OVERTIME else Cause.GO_HOME,
        asker=None,
        asked=[agent],
        by=by,
        now=now,
        month=stands.overtime.get(agent) if kind is OfferKind.OVERTIME else None,
    )


def _best(
    stands: Standing,
    kind: OfferKind,
    day: date,
    most: int,
    asked: Mapping[str, int],
    spared: Collection[str],
) -> tuple[Offer, ...]:
    """One after another, each beside those before it; nobody of ``spared``."""
    live = stands.live.copy()
    chosen: list[Offer] = []
    while len(chosen) < most:
        taken = {o.change.agent for o in chosen} | set(spared)
        make = overtime_offers if kind is OfferKind.OVERTIME else go_home_offers
        ranked = make(live, stands.task, day, most=most + 1 + len(spared), asked=asked)
        found = [o for o in ranked if o.change.agent not in taken]
        if not found:
            break
        best = found[0]
        before, after = best.change.before, best.change.after
        assert before is not None
        assert after is not None
        live.change(best.change.agent, (before,), (after,))
        chosen.append(best)
    return tuple(chosen)


def _asked_before(uow: ReadUnit, stands: Standing) -> Counter[str]:
    """How often each person took overtime or went home early on this roster; refusals do not count."""
    causes = {Cause.OVERTIME, Cause.GO_HOME}
    made = uow.requests.changes_of(stands.version.roster_id)
    return Counter(c.agent for c in made if c.cause in causes)
