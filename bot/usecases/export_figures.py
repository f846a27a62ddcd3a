"""Figures of a team's people for their lead, put on record (TI3, PS11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.core.balanced_figures import BalancedRow, balanced
from bot.core.errors import RefusedError
from bot.core.ids import TeamId
from bot.core.own_figures import own_figures
from bot.core.permissions import Action, Actor, permits
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from forecasting.grid import local_midnight

__all__ = ["ExportedFigures", "export"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFigures:
    """``left_out``: people of the team whose figures are not for whoever asks."""

    rows: tuple[BalancedRow, ...]
    left_out: int


def export(
    store: Store,
    settings: Settings,
    team: TeamId,
    first: date,
    last: date,
    *,
    who: Actor | None,
    by: str,
    now: datetime,
) -> ExportedFigures:
    """Of the local days ``first`` to ``last``: cases each person solved.  ``who`` None: nobody is asked for.

    Raises RefusedError where figures of single people are off, and for days to come.
    """
    if not settings.kpis.individual:
        raise RefusedError("kpi_individual_off", "Figures of single people are switched off here.")
    zone = settings.teams[team].zone
    start, end = local_midnight(first, zone), local_midnight(last + timedelta(days=1), zone)
    if start >= now:
        raise RefusedError("pack_future", "That period has not begun; nothing was shown.")
    with store.read() as uow:
        people = [a for a in uow.people.all() if a.team == team]
        seen = [a for a in people if who is None or permits(Action.PERSONAL_FIGURES, who, person=a)]
        within = settings.kpis.repeat_within
        found = [
            (a.agent, own_figures(uow.weekly_reviews.solved(a.agent, start, min(end, now), within)))
            for a in seen
        ]
    with store.unit() as uow:
        data = {"first": first.isoformat(), "last": last.isoformat(), "people": len(found)}
        uow.audit.add(by, "figures_exported", f"team:{team}", data, now)
        uow.commit()
    return ExportedFigures(rows=balanced(found), left_out=len(people) - len(seen))
