"""Roster versions: drafts, the published one of each period, and those it replaced."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from bot.core.ids import AgentId, RosterId, RunId
from bot.core.on_duty import OnShift
from bot.core.rosters import RosterStatus, RosterVersion
from bot.core.training import Planned
from bot.store.tables import CertificateRow, ReceiptRow, RosterRow, SegmentRow, ShiftRow
from scheduler.roster.roster import Assignment, Roster, RosterPeriod
from scheduler.roster.shifts import Segment, Shift

DAY = timedelta(days=1)
LONGEST_SHIFT = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCertificate:
    """The latest certificate of a roster; ``report`` holds its intervals."""

    roster: RosterId
    made_at: datetime
    weakest: float
    inside_share: float
    seed: int
    paths: int
    report: Mapping[str, Any]

    @property
    def weakest_peak(self) -> Mapping[str, Any] | None:
        """The judgement with the lowest probability; of equals the one with the lower service level."""
        judgements: list[Mapping[str, Any]] = self.report.get("judgements", [])
        return min(
            judgements,
            key=lambda j: (
                j["probability"],
                1.0 if j["service_level"] is None else j["service_level"],
                j["start"],
            ),
            default=None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReceipt:
    """How a roster stood to labour law when published; ``report`` as `bot.usecases.labour_receipts`."""

    roster: RosterId
    made_at: datetime
    report: Mapping[str, Any]


class Rosters:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, roster: RosterId) -> RosterVersion | None:
        row = self._session.get(RosterRow, roster, populate_existing=True)
        return None if row is None else self._version(row)

    def published(self, instant: datetime) -> RosterVersion | None:
        """The published version whose period contains ``instant``."""
        day = instant.date()
        query = (
            select(RosterRow)
            .where(
                RosterRow.status == RosterStatus.PUBLISHED.value,
                RosterRow.first <= day + DAY,
                RosterRow.first >= day - 367 * DAY,
            )
            .order_by(RosterRow.first.desc())
        )
        for row in self._session.scalars(query):
            period = _period(row)
            if period.start <= instant < period.end:
                return self._version(row)
        return None

    def published_at(self, instant: datetime) -> datetime | None:
        """When the version whose period contains ``instant`` was published; loads no shifts."""
        day = instant.date()
        query = select(RosterRow).where(
            RosterRow.status == RosterStatus.PUBLISHED.value,
            RosterRow.first <= day + DAY,
            RosterRow.first >= day - 367 * DAY,
        )
        found = [
            row for row in self._session.scalars(query) if _period(row).start <= instant < _period(row).end
        ]
        return max((row.published_at for row in found if row.published_at is not None), default=None)

    def last_published(self) -> RosterId | None:
        """The version that was published last, of whatever period; loads no shifts."""
        query = (
            select(RosterRow.id)
            .where(RosterRow.status == RosterStatus.PUBLISHED.value, RosterRow.published_at.is_not(None))
            .order_by(RosterRow.published_at.desc(), RosterRow.id.desc())
            .limit(1)
        )
        found = self._session.scalar(query)
        return None if found is None else RosterId(found)

    def published_for(self, period: RosterPeriod) -> RosterVersion | None:
        """The published version of exactly this period."""
        row = self._session.scalar(
            select(RosterRow).where(
                RosterRow.status == RosterStatus.PUBLISHED.value,
                RosterRow.first == period.first,
                RosterRow.days == period.days,
            )
        )
        return None if row is None else self._version(row)

    def published_overlapping(self, period: RosterPeriod) -> list[RosterId]:
        """Published versions of other periods that share days with this one."""
        rows = self._session.scalars(
            select(RosterRow).where(
                RosterRow.status == RosterStatus.PUBLISHED.value,
                RosterRow.first < period.first + period.days * DAY,
                RosterRow.first > period.first - 367 * DAY,
            )
        )
        return [
            RosterId(row.id)
            for row in rows
            if row.first + row.days * DAY > period.first
            and (row.first, row.days) != (period.first, period.days)
        ]

    def published_periods(self, start: date, end: date) -> list[RosterPeriod]:
        """Periods of published versions that share days with [start, end), by their first day."""
        rows = self._session.scalars(
            select(RosterRow)
            .where(
                RosterRow.status == RosterStatus.PUBLISHED.value,
                RosterRow.first < end,
                RosterRow.first > start - 367 * DAY,
            )
            .order_by(RosterRow.first)
        )
        return [_period(row) for row in rows if row.first + row.days * DAY > start]

    def latest(self, status: RosterStatus | None = None, first: date | None = None) -> RosterVersion | None:
        """The version made last, of one status and one first day where given."""
        query = select(RosterRow).order_by(RosterRow.id.desc()).limit(1)
        if status is not None:
            query = query.where(RosterRow.status == status.value)
        if first is not None:
            query = query.where(RosterRow.first == first)
        row = self._session.scalar(query)
        return None if row is None else self._version(row)

    def save_draft(
        self,
        roster: Roster,
        *,
        made_at: datetime,
        run: RunId | None = None,
        outcome: str | None = None,
        gap: float | None = None,
    ) -> RosterId:
        """Keep a roster as a new DRAFT."""
        row = RosterRow(
            first=roster.period.first,
            days=roster.period.days,
            zone=roster.period.zone,
            status=RosterStatus.DRAFT.value,
            made_at=made_at,
            run_id=run,
            outcome=outcome,
            gap=gap,
        )
        self._session.add(row)
        self._session.flush()
        self._add_shifts(RosterId(row.id), roster.assignments)
        return RosterId(row.id)

    def _add_shifts(self, roster: RosterId, assignments: Sequence[Assignment]) -> None:
        shifts = [
            ShiftRow(
                roster_id=roster,
                agent=a.agent,
                day=a.shift.date,
                start=a.shift.start,
                end=a.shift.end,
                template=a.shift.template,
            )
            for a in assignments
        ]
        self._session.add_all(shifts)
        self._session.flush()
        segments = [
            {
                "shift_id": shift.id,
                "start": segment.start,
                "end": segment.end,
                "activity": segment.activity,
                "paid": segment.paid,
            }
            for shift, assignment in zip(shifts, assignments, strict=True)
            for segment in assignment.shift.segments
        ]
        if segments:
            self._session.execute(insert(SegmentRow), segments)

    def publish(self, roster: RosterId, *, by: str, at: datetime, accepted_because: str | None) -> None:
        """Freeze a draft and supersede the version published before for the same period."""
        row = self._session.get_one(RosterRow, roster)
        self._session.execute(
            update(RosterRow)
            .where(
                RosterRow.status == RosterStatus.PUBLISHED.value,
                RosterRow.first == row.first,
                RosterRow.days == row.days,
                RosterRow.id != roster,
            )
            .values(status=RosterStatus.SUPERSEDED.value)
        )
        self._session.execute(
            update(RosterRow)
            .where(RosterRow.id == roster)
            .values(
                status=RosterStatus.PUBLISHED.value,
                published_at=at,
                published_by=by,
                accepted_because=accepted_because,
            )
        )

    def lock(self, roster: RosterId) -> bool:
        """Take every version of the period for this transaction, so that publications follow one another.

        False where there is no such roster.
        """
        first = self._session.scalar(select(RosterRow.first).where(RosterRow.id == roster))
        if first is None:
            return False
        near = RosterRow.first.between(first - 366 * DAY, first + 366 * DAY)
        # In one order whoever asks; SQLite has locked everything by beginning to write.
        self._session.execute(select(RosterRow.id).where(near).order_by(RosterRow.id).with_for_update()).all()
        return True

    def replace_shifts(
        self, roster: RosterId, agent: AgentId, gone: Sequence[Shift], come: Sequence[Shift]
    ) -> bool:
        """Give an agent other shifts; False, and nothing done, where one of ``gone`` is not there as said."""
        held: dict[tuple[date, datetime], int] = {}
        rows = self._session.scalars(
            select(ShiftRow)
            .where(ShiftRow.roster_id == roster, ShiftRow.agent == agent)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()
        shifts = {row.id: a.shift for row, a in zip(rows, self._assignments(rows), strict=True)}
        for row in rows:
            held[row.day, row.start] = row.id
        ids: list[int] = []
        for shift in gone:
            found = held.get((shift.date, shift.start))
            if found is None or shifts[found] != shift:
                return False
            ids.append(found)
        if ids:
            # Here, since SQLite only follows foreign keys where it was told to.
            self._session.execute(delete(SegmentRow).where(SegmentRow.shift_id.in_(ids)))
            self._session.execute(delete(ShiftRow).where(ShiftRow.id.in_(ids)))
        self._add_shifts(roster, [Assignment(agent=agent, shift=s) for s in come])
        return True

    def save_certificate(self, certificate: StoredCertificate) -> None:
        """Keep a certificate in the place of an earlier one."""
        self._session.execute(delete(CertificateRow).where(CertificateRow.roster_id == certificate.roster))
        self._session.add(
            CertificateRow(
                roster_id=certificate.roster,
                made_at=certificate.made_at,
                weakest=certificate.weakest,
                inside_share=certificate.inside_share,
                seed=certificate.seed,
                paths=certificate.paths,
                report=dict(certificate.report),
            )
        )
        self._session.flush()

    def certificate(self, roster: RosterId) -> StoredCertificate | None:
        row = self._session.scalar(
            select(CertificateRow)
            .where(CertificateRow.roster_id == roster)
            .order_by(CertificateRow.id.desc())
        )
        if row is None:
            return None
        return StoredCertificate(
            roster=roster,
            made_at=row.made_at,
            weakest=row.weakest,
            inside_share=row.inside_share,
            seed=row.seed,
            paths=row.paths,
            report=row.report,
        )

    def save_receipt(self, receipt: StoredReceipt) -> None:
        """Keep a receipt in the place of an earlier one."""
        self._session.execute(delete(ReceiptRow).where(ReceiptRow.roster_id == receipt.roster))
        self._session.add(
            ReceiptRow(roster_id=receipt.roster, made_at=receipt.made_at, report=dict(receipt.report))
        )
        self._session.flush()

    def receipt(self, roster: RosterId) -> StoredReceipt | None:
        row = self._session.get(ReceiptRow, roster, populate_existing=True)
        if row is None:
            return None
        return StoredReceipt(roster=roster, made_at=row.made_at, report=row.report)

    def shifts_of(self, agent: AgentId, start: datetime, end: datetime) -> list[Shift]:
        """Shifts of published rosters that touch [start, end), in order."""
        rows = self._session.scalars(
            select(ShiftRow)
            .join(RosterRow, RosterRow.id == ShiftRow.roster_id)
            .where(
                RosterRow.status == RosterStatus.PUBLISHED.value,
                ShiftRow.agent == agent,
                ShiftRow.start < end,
                ShiftRow.start > start - LONGEST_SHIFT,
                ShiftRow.end > start,
            )
            .order_by(ShiftRow.start)
        )
        return [a.shift for a in self._assignments(rows)]

    def shifts_between(self, start: datetime, end: datetime) -> list[Assignment]:
        """Everybody's shifts of published rosters that touch [start, end), by agent and start."""
        rows = self._session.scalars(
            select(ShiftRow)
            .join(RosterRow, RosterRow.id == ShiftRow.roster_id)
            .where(
                RosterRow.status == RosterStatus.PUBLISHED.value,
                ShiftRow.start < end,
                ShiftRow.start > start - LONGEST_SHIFT,
                ShiftRow.end > start,
            )
            .order_by(ShiftRow.agent, ShiftRow.start)
        )
        return self._assignments(rows)

    def sessions_ended(self, kinds: Collection[str], after: datetime, until: datetime) -> list[Planned]:
        """Everybody's sessions of published rosters that ended in (after, until]."""
        rows = self._session.execute(
            select(ShiftRow.agent, SegmentRow.activity, SegmentRow.start, SegmentRow.end)
            .join(ShiftRow, ShiftRow.id == SegmentRow.shift_id)
            .join(RosterRow, RosterRow.id == ShiftRow.roster_id)
            .where(
                RosterRow.status == RosterStatus.PUBLISHED.value,
                ShiftRow.start < until,
                ShiftRow.start > after - LONGEST_SHIFT,
                ShiftRow.end > after,
                SegmentRow.activity.in_(sorted(kinds)),
                SegmentRow.end > after,
                SegmentRow.end <= until,
            )
            .order_by(SegmentRow.end, ShiftRow.agent)
        )
        return [
            Planned(agent=AgentId(agent), kind=activity, start=start, end=end)
            for agent, activity, start, end in rows
        ]

    def shifts_beginning(self, after: datetime, until: datetime) -> list[Assignment]:
        """Everybody's shifts of published rosters that begin in (after, until], by agent and start."""
        rows = self._session.scalars(
            select(ShiftRow)
            .join(RosterRow, RosterRow.id == ShiftRow.roster_id)
            .where(
                RosterRow.status == RosterStatus.PUBLISHED.value,
                ShiftRow.start > after,
                ShiftRow.start <= until,
            )
            .order_by(ShiftRow.agent, ShiftRow.start)
        )
        return self._assignments(rows)

    def on_shift(self, instant: datetime) -> list[OnShift]:
        """Who the published roster has on shift at an instant, and what they do then."""
        found = []
        for assignment in self.shifts_between(instant, instant + timedelta(microseconds=1)):
            shift = assignment.shift
            if not shift.start <= instant < shift.end:
                continue
            now = [s for s in shift.segments if s.start <= instant < s.end]
            if now:
                found.append(
                    OnShift(
                        agent=AgentId(assignment.agent),
                        activity=now[0].activity,
                        until=now[0].end,
                        shift_end=shift.end,
                    )
                )
        return found

    def _version(self, row: RosterRow) -> RosterVersion:
        shifts = self._session.scalars(
            select(ShiftRow).where(ShiftRow.roster_id == row.id).order_by(ShiftRow.agent, ShiftRow.start)
        )
        certificate = self.certificate(RosterId(row.id))
        return RosterVersion(
            roster_id=RosterId(row.id),
            roster=Roster(period=_period(row), assignments=tuple(self._assignments(shifts))),
            status=RosterStatus(row.status),
            made_at=row.made_at,
            run=None if row.run_id is None else RunId(row.run_id),
            outcome=row.outcome,
            gap=row.gap,
            inside_share=None if certificate is None else certificate.inside_share,
            weakest=None if certificate is None else certificate.weakest,
            published_at=row.published_at,
            published_by=row.published_by,
            accepted_because=row.accepted_because,
        )

    def _assignments(self, rows: Iterable[ShiftRow]) -> list[Assignment]:
        held = list(rows)
        segments: dict[int, list[Segment]] = {}
        ids = [row.id for row in held]
        for begin in range(0, len(ids), 500):
            query = (
                select(
                    SegmentRow.shift_id,
                    SegmentRow.activity,
                    SegmentRow.start,
                    SegmentRow.end,
                    SegmentRow.paid,
                )
                .where(SegmentRow.shift_id.in_(ids[begin : begin + 500]))
                .order_by(SegmentRow.shift_id, SegmentRow.start)
            )
            for shift_id, activity, start, end, paid in self._session.execute(query):
                segments.setdefault(shift_id, []).append(
                    Segment(activity=activity, start=start, end=end, paid=paid)
                )
        return [
            Assignment(
                agent=row.agent,
                shift=Shift(
                    date=row.day,
                    start=row.start,
                    end=row.end,
                    segments=tuple(segments.get(row.id, ())),
                    template=row.template,
                ),
            )
            for row in held
        ]


def _period(row: RosterRow) -> RosterPeriod:
    return RosterPeriod(first=row.first, days=row.days, zone=row.zone)
