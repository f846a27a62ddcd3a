"""Hand-overs, blocks, approvals and the owners of stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.core.case_work import Approval, ApprovalState, CaseBlock, HandOver, Stage
from bot.core.ids import AgentId, ContactRef
from bot.store.bulk import insert_new
from bot.store.tables import ApprovalRow, CaseBlockRow, CaseOwnerRow, HandOverRow


class CaseWork:
    def __init__(self, session: Session) -> None:
        self._session = session

    # -- hand-overs -----------------------------------------------------------------------------------------

    def hand_over(
        self,
        ref: ContactRef,
        department: str,
        *,
        by: str,
        now: datetime,
        expected_at: datetime,
        summary: str,
    ) -> HandOver:
        row = HandOverRow(
            ref=ref,
            department=department,
            asked_by=by,
            asked_at=now,
            expected_at=expected_at,
            summary=summary,
        )
        self._session.add(row)
        self._session.flush()
        return _hand_over(row)

    def get_hand_over(self, number: int) -> HandOver | None:
        row = self._session.get(HandOverRow, number, populate_existing=True)
        return None if row is None else _hand_over(row)

    def answer_hand_over(self, number: int, *, by: str, now: datetime) -> bool:
        """True for the one who answers first."""
        return self._claim(
            HandOverRow, number, HandOverRow.answered_at.is_(None), answered_by=by, answered_at=now
        )

    def hand_overs_of(self, ref: ContactRef) -> list[HandOver]:
        query = select(HandOverRow).where(HandOverRow.ref == ref).order_by(HandOverRow.id)
        return [_hand_over(row) for row in self._session.scalars(query)]

    # -- blocks ---------------------------------------------------------------------------------------------

    def block(
        self, ref: ContactRef, department: str, chaser: AgentId, *, now: datetime, next_at: datetime
    ) -> CaseBlock:
        """A new block; one that stood before on this case is over."""
        self.unblock(ref, now=now)
        row = CaseBlockRow(ref=ref, department=department, chaser=chaser, since=now, next_at=next_at, told=0)
        self._session.add(row)
        self._session.flush()
        return _block(row)

    def unblock(self, ref: ContactRef, *, now: datetime) -> CaseBlock | None:
        """End the block of a case; None where there was none."""
        row = self._session.scalar(
            select(CaseBlockRow)
            .where(CaseBlockRow.ref == ref, CaseBlockRow.ended_at.is_(None))
            .with_for_update()
        )
        if row is None:
            return None
        row.ended_at, row.next_at = now, None
        self._session.flush()
        return _block(row)

    def block_of(self, ref: ContactRef) -> CaseBlock | None:
        row = self._session.scalar(
            select(CaseBlockRow).where(CaseBlockRow.ref == ref, CaseBlockRow.ended_at.is_(None))
        )
        return None if row is None else _block(row)

    def get_block(self, number: int) -> CaseBlock | None:
        row = self._session.get(CaseBlockRow, number, populate_existing=True)
        return None if row is None else _block(row)

    def chases_due(self, now: datetime, limit: int) -> list[CaseBlock]:
        query = (
            select(CaseBlockRow)
            .where(CaseBlockRow.next_at <= now)
            .order_by(CaseBlockRow.next_at)
            .limit(limit)
        )
        return [_block(row) for row in self._session.scalars(query)]

    def next_chase(self) -> datetime | None:
        return self._session.scalar(select(func.min(CaseBlockRow.next_at)))

    def claim_chase(self, block: CaseBlock, *, next_at: datetime) -> bool:
        """True for the one process that may remind now."""
        return self._claim(
            CaseBlockRow,
            block.id,
            CaseBlockRow.told == block.told,
            CaseBlockRow.ended_at.is_(None),
            told=block.told + 1,
            next_at=next_at,
        )

    def blocked_now(self, refs: Sequence[ContactRef] | None = None) -> list[CaseBlock]:
        """Every block that stands, the oldest first."""
        query = select(CaseBlockRow).where(CaseBlockRow.ended_at.is_(None)).order_by(CaseBlockRow.since)
        if refs is not None:
            query = query.where(CaseBlockRow.ref.in_(refs))
        return [_block(row) for row in self._session.scalars(query)]

    # -- approvals ------------------------------------------------------------------------------------------

    def ask_approval(
        self, ref: ContactRef, code: str, solution: str, *, by: str, now: datetime, tell_by: datetime
    ) -> Approval:
        row = ApprovalRow(
            ref=ref,
            code=code,
            solution=solution,
            asked_by=by,
            asked_at=now,
            tell_by=tell_by,
            state=ApprovalState.ASKED.value,
        )
        self._session.add(row)
        self._session.flush()
        return _approval(row)

    def get_approval(self, number: int) -> Approval | None:
        row = self._session.get(ApprovalRow, number, populate_existing=True)
        return None if row is None else _approval(row)

    def decide(self, number: int, state: ApprovalState, *, by: str, now: datetime) -> bool:
        """True for the one who decides first."""
        return self._claim(
            ApprovalRow,
            number,
            ApprovalRow.state == ApprovalState.ASKED.value,
            state=state.value,
            decided_by=by,
            decided_at=now,
        )

    def approvals_of(self, ref: ContactRef) -> list[Approval]:
        query = select(ApprovalRow).where(ApprovalRow.ref == ref).order_by(ApprovalRow.id)
        return [_approval(row) for row in self._session.scalars(query)]

    # -- owners ---------------------------------------------------------------------------------------------

    def name_owner(self, ref: ContactRef, stage: Stage, agent: AgentId, *, now: datetime) -> bool:
        """Name somebody for a stage; a stage has one owner, co-owners are as many as are named."""
        if stage is not Stage.CO_OWNER:
            for row in self._session.scalars(
                select(CaseOwnerRow).where(CaseOwnerRow.ref == ref, CaseOwnerRow.stage == stage.value)
            ):
                if row.agent != agent:
                    self._session.delete(row)
            self._session.flush()
        row_values = {"ref": ref, "stage": stage.value, "agent": agent, "since": now}
        return bool(
            insert_new(
                self._session, CaseOwnerRow, [row_values], keys=("ref", "stage", "agent"), returning="id"
            )
        )

    def owners_of(self, ref: ContactRef) -> Mapping[Stage, tuple[AgentId, ...]]:
        found: dict[Stage, tuple[AgentId, ...]] = {}
        query = select(CaseOwnerRow).where(CaseOwnerRow.ref == ref).order_by(CaseOwnerRow.id)
        for row in self._session.scalars(query):
            stage = Stage(row.stage)
            found[stage] = (*found.get(stage, ()), AgentId(row.agent))
        return found

    def _claim(self, row_type: Any, number: int, *conditions: Any, **values: Any) -> bool:
        result = self._session.execute(
            update(row_type)
            .where(row_type.id == number, *conditions)
            .values(**values)
            .returning(row_type.id),
            execution_options={"synchronize_session": False},
        )
        return result.first() is not None


def _hand_over(row: HandOverRow) -> HandOver:
    return HandOver(
        id=row.id,
        ref=ContactRef(row.ref),
        department=row.department,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        expected_at=row.expected_at,
        summary=row.summary,
        answered_by=row.answered_by,
        answered_at=row.answered_at,
    )


def _block(row: CaseBlockRow) -> CaseBlock:
    return CaseBlock(
        id=row.id,
        ref=ContactRef(row.ref),
        department=row.department,
        chaser=AgentId(row.chaser),
        since=row.since,
        next_at=row.next_at,
        told=row.told,
        ended_at=row.ended_at,
    )


def _approval(row: ApprovalRow) -> Approval:
    return Approval(
        id=row.id,
        ref=ContactRef(row.ref),
        code=row.code,
        solution=row.solution,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        tell_by=row.tell_by,
        state=ApprovalState(row.state),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )
