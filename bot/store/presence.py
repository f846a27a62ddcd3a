"""What agents were doing when, as other systems told it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import and_, func, select, tuple_
from sqlalchemy.orm import Session

from bot.core.changes import ChangeCounts
from bot.core.floor import AgentState, PresenceEntry, PresenceState
from bot.core.ids import AgentId
from bot.store.bulk import batches, upsert
from bot.store.tables import AgentRow, PresenceRow

BATCH = 300


class Presence:
    def __init__(self, session: Session) -> None:
        self._session = session

    def save(self, entries: Sequence[PresenceEntry], now: datetime) -> ChangeCounts:
        """Keep what was said; the same word of the same source about the same moment is kept once.

        A later word of one source about one moment corrects the earlier; a repetition makes it fresh again.
        """
        wanted = {(e.agent, e.since, e.source): e for e in entries}
        held: dict[tuple[str, datetime, str], str] = {}
        columns = (PresenceRow.agent, PresenceRow.since, PresenceRow.source)
        for part in batches(wanted, BATCH):
            query = select(*columns, PresenceRow.state).where(tuple_(*columns).in_(part))
            held |= {(a, s, o): state for a, s, o, state in self._session.execute(query)}
        # In one order whoever writes.
        rows = [
            {"agent": e.agent, "since": e.since, "source": e.source, "state": e.state.value, "heard_at": now}
            for _, e in sorted(wanted.items())
        ]
        upsert(self._session, PresenceRow, rows, keys=("agent", "since", "source"))
        new = sum(key not in held for key in wanted)
        changed = sum(key in held and held[key] != e.state.value for key, e in wanted.items())
        return ChangeCounts(new=new, changed=changed, unchanged=len(wanted) - new - changed)

    def now(self, at: datetime) -> dict[AgentId, PresenceState]:
        """The state in force at ``at`` of every known agent anything was ever said about.

        Of two sources that speak of the same moment, the one whose name comes last counts.
        """
        # Agent by agent: each is one look into the key, however long the history has grown.
        since = (
            select(func.max(PresenceRow.since))
            .where(PresenceRow.agent == AgentRow.agent, PresenceRow.since <= at)
            .correlate(AgentRow)
            .scalar_subquery()
        )
        latest = select(AgentRow.agent, since.label("since")).subquery()
        query = (
            select(PresenceRow)
            .join(latest, and_(latest.c.agent == PresenceRow.agent, latest.c.since == PresenceRow.since))
            .order_by(PresenceRow.agent, PresenceRow.source)
        )
        return {AgentId(row.agent): _state(row) for row in self._session.scalars(query)}

    def history(
        self, agents: Collection[AgentId], start: datetime, end: datetime
    ) -> dict[AgentId, list[PresenceState]]:
        """States that began in [start, end), in order, after the one in force at ``start``, if any."""
        found: dict[AgentId, list[PresenceState]] = {}
        before = self.now(start)
        for part in batches(sorted(agents), BATCH):
            query = (
                select(PresenceRow)
                .where(PresenceRow.agent.in_(part), PresenceRow.since > start, PresenceRow.since < end)
                .order_by(PresenceRow.agent, PresenceRow.since, PresenceRow.source)
            )
            for agent in part:
                if agent in before:
                    found[agent] = [before[agent]]
            for row in self._session.scalars(query):
                states = found.setdefault(AgentId(row.agent), [])
                if states and states[-1].since == row.since:
                    states.pop()
                states.append(_state(row))
        return found

    def heard_until(self, source: str) -> datetime | None:
        """When a source last said anything about anybody, by our clock."""
        query = select(func.max(PresenceRow.heard_at)).where(PresenceRow.source == source)
        return self._session.scalar(query)


def _state(row: PresenceRow) -> PresenceState:
    return PresenceState(
        state=AgentState(row.state), since=row.since, heard_at=row.heard_at, source=row.source
    )
