"""One team at an instant, as its lead wants to see it: board, people on shift, gaps still to come today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.board import Board
from bot.core.ids import TeamId
from bot.core.messages import CoverToday
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases import board
from bot.usecases.stand_up import cover_between
from bot.usecases.who_is_on import WhoIsOn, who_is_on
from forecasting.grid import local_midnight

__all__ = ["TeamNow", "team_now"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamNow:
    """``cover``: queues with a requirement for the rest of today, against the published roster.

    ``roster_known``: whether a roster is published for this moment; without one nothing is said to miss.
    """

    board: Board
    on: WhoIsOn
    cover: tuple[CoverToday, ...]
    roster_known: bool

    @property
    def gaps(self) -> tuple[CoverToday, ...]:
        """Queues that will be short, the shortest first."""
        return tuple(
            sorted((c for c in self.cover if c.worst_missing > 0), key=lambda c: (-c.worst_missing, c.queue))
        )


def team_now(store: Store, settings: Settings, team: TeamId, *, now: datetime) -> TeamNow:
    """Raises KeyError for a team app.yaml does not have."""
    held = settings.teams[team]
    queues = [queue for queue in settings.queues.values() if queue.team == team]
    tomorrow = now.astimezone(ZoneInfo(held.zone)).date() + timedelta(days=1)
    found = board.look(store, settings, team, now=now)
    with store.read() as uow:
        known = uow.rosters.published_at(now) is not None
        return TeamNow(
            board=found,
            on=who_is_on(uow, settings, now=now, teams={team}),
            cover=cover_between(uow, queues, now, local_midnight(tomorrow, held.zone), roster_known=known),
            roster_known=known,
        )
