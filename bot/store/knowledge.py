"""Proposed and accepted words, and one's own phrases."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bot.core.ids import AgentId, ProposalId, TeamId
from bot.core.knowledge import SnippetKind
from bot.core.knowledge_proposals import Draft, Proposal, ProposalState
from bot.store.bulk import upsert
from bot.store.tables import KnowledgeProposalRow, OwnPhraseRow

__all__ = ["KnowledgeProposals", "OwnPhrases"]


class KnowledgeProposals:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, draft: Draft, *, team: TeamId, by: AgentId, now: datetime) -> Proposal:
        row = KnowledgeProposalRow(
            team=team,
            key=draft.key,
            kind=draft.kind.value,
            locale=draft.locale,
            title=draft.title,
            text=draft.text,
            proposed_by=by,
            made_at=now,
            state=ProposalState.OPEN.value,
            version=0,
        )
        self._session.add(row)
        self._session.flush()
        return _proposal(row)

    def get(self, proposal: ProposalId) -> Proposal | None:
        row = self._session.get(KnowledgeProposalRow, proposal, populate_existing=True)
        return None if row is None else _proposal(row)

    def in_state(self, state: ProposalState) -> list[Proposal]:
        """The oldest first."""
        query = select(KnowledgeProposalRow).where(KnowledgeProposalRow.state == state.value)
        return [_proposal(row) for row in self._session.scalars(query.order_by(KnowledgeProposalRow.id))]

    def decide(
        self, proposal: ProposalId, state: ProposalState, *, by: str, reason: str | None, now: datetime
    ) -> bool:
        """Accepted or rejected, once; False where it was decided already.  Versions count per key and
        language."""
        row = self._session.get(KnowledgeProposalRow, proposal, populate_existing=True)
        if row is None:
            return False
        same = KnowledgeProposalRow.key == row.key, KnowledgeProposalRow.locale == row.locale
        # Whoever decides on another text of this key waits here, and counts this one.
        held = select(KnowledgeProposalRow.id).where(*same).order_by(KnowledgeProposalRow.id)
        self._session.execute(held.with_for_update())
        version = 0
        if state is ProposalState.ACCEPTED:
            highest = self._session.scalar(select(func.max(KnowledgeProposalRow.version)).where(*same))
            version = (highest or 0) + 1
        done = self._session.execute(
            update(KnowledgeProposalRow)
            .where(
                KnowledgeProposalRow.id == proposal, KnowledgeProposalRow.state == ProposalState.OPEN.value
            )
            .values(state=state.value, decided_by=by, decided_at=now, reason=reason, version=version)
            .returning(KnowledgeProposalRow.id)
        )
        return len(done.all()) == 1


class OwnPhrases:
    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, agent: AgentId, key: str, text: str, *, now: datetime) -> None:
        """A new phrase, or the words of one changed."""
        row = {"agent": agent, "key": key, "text": text, "made_at": now}
        upsert(self._session, OwnPhraseRow, [row], keys=("agent", "key"))

    def of(self, agent: AgentId) -> dict[str, str]:
        """An agent's phrases by their names, in order of these."""
        query = select(OwnPhraseRow.key, OwnPhraseRow.text).where(OwnPhraseRow.agent == agent)
        rows = self._session.execute(query.order_by(OwnPhraseRow.key))
        return {row.key: row.text for row in rows}

    def remove(self, agent: AgentId, key: str) -> bool:
        """False where there was none of that name."""
        gone = self._session.execute(
            delete(OwnPhraseRow)
            .where(OwnPhraseRow.agent == agent, OwnPhraseRow.key == key)
            .returning(OwnPhraseRow.key)
        )
        return len(gone.all()) == 1


def _proposal(row: KnowledgeProposalRow) -> Proposal:
    return Proposal(
        proposal=ProposalId(row.id),
        team=TeamId(row.team),
        draft=Draft(
            key=row.key, kind=SnippetKind(row.kind), locale=row.locale, title=row.title, text=row.text
        ),
        by=AgentId(row.proposed_by),
        made_at=row.made_at,
        state=ProposalState(row.state),
        version=row.version,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reason=row.reason,
    )
