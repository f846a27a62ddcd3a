"""One team's board, as it is at an instant."""

from __future__ import annotations

from datetime import datetime

from bot.core.board import Board
from bot.core.ids import TeamId
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases.find_cause import data_age

__all__ = ["look"]


def look(store: Store, settings: Settings, team: TeamId, *, now: datetime) -> Board:
    """What waits, what is late, and where it stands.  Raises KeyError for a team app.yaml does not have."""
    queues = [queue.queue for queue in settings.queues.values() if queue.team == settings.teams[team].team]
    with store.read() as uow:
        types = uow.contacts.overdue_types(queues, now)
        return Board(
            team=team,
            at=now,
            queues=tuple(uow.board.queues(queues, now)),
            stages=tuple(uow.board.stages(queues)),
            promises=tuple(uow.board.promises(queues, now)),
            overdue_types=tuple(sorted(types.items(), key=lambda item: (-item[1], item[0]))),
            overdue=sum(types.values()),
            age=data_age(uow, now, now),
        )
