"""What is unusual in a history: found, named and measured, never silently dropped.

Every test compares a day or a run of intervals with what the same weekday usually brings (median of the
weeks around it).  Findings say what was seen; the mask says which intervals models should learn from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from forecasting.calendars import DAY_MINUTES, ForecastCalendar
from forecasting.day_table import DayTable, cells_of, runs
from forecasting.effects import explained_days
from forecasting.history import VolumeHistory
from forecasting.opening_hours import calendar_from_history

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

USUAL_WEEKS = 9
"""Width of the running median that defines what is usual [weeks]; odd, centred."""
SURELY_NOT_CHANCE = 14.0
"""Expected contacts of a run of zeros that is called an outage: chance e^-14, under one in a million."""
ISOLATED_DAYS = 2
"""An unusual level that lasts longer is a surge or a lull (and is learned from), not a one-off."""


class FindingKind(Enum):
    CLOSURE = "closure"  # a regular day without contacts or rows
    PARTIAL_OUTAGE = "partial_outage"  # open, expected, but nothing recorded for a while
    DOUBLED_IMPORT = "doubled_import"  # every count even and the day about twice the usual
    SPIKE = "spike"  # one or two days far above the usual
    LOW_DAY = "low_day"  # one or two days far below the usual
    SURGE = "surge"  # the same for longer: learned from
    LULL = "lull"
    OUTSIDE_HOURS = "outside_hours"  # contacts where the queue is closed


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One unusual thing in [start, end) (aware, UTC; local view by ``zone``).

    ``observed`` and ``expected`` are contacts in that range [count]; ``days`` the local days touched.
    ``declared``: the calendar already said so: a holiday, or an event; unusual days that an event explains
    are learned from.
    """

    kind: FindingKind
    start: datetime
    end: datetime
    zone: str
    observed: float
    expected: float
    days: int
    declared: bool = False

    @property
    def local_start(self) -> datetime:
        return self.start.astimezone(ZoneInfo(self.zone))

    @property
    def local_end(self) -> datetime:
        return self.end.astimezone(ZoneInfo(self.zone))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cleaning:
    """Findings in order of time, and masks of shape (days, columns) of the table they were made from.

    ``open``: the calendar opens the cell.  ``learn``: open, observed and in no finding that excludes it.
    """

    findings: tuple[Finding, ...]
    open: Mask
    learn: Mask

    def learn_intervals(self, history: VolumeHistory) -> Mask:
        """``learn`` seen on the history's grid, shape (grid.count,)."""
        _, _, rows, columns = cells_of(history.grid)
        return np.asarray(self.learn[rows, columns], dtype=np.bool_)


def clean(table: DayTable, calendar: ForecastCalendar) -> Cleaning:
    """Findings and the mask of cells to learn from; uses nothing but the table and the calendar."""
    is_open = table.open_by(calendar)
    findings: list[Finding] = []
    learn = is_open & table.observed
    present: Mask = np.asarray(table.observed.any(axis=1))
    if not present.any():
        return Cleaning(findings=(), open=is_open, learn=learn)
    days = table.days()
    like = np.array([calendar.weekday_like(day) for day in days], dtype=np.int64)
    regular = np.array([calendar.is_regular(day) for day in days], dtype=np.bool_)
    first, last = int(np.argmax(present)), table.day_count - 1 - int(np.argmax(present[::-1]))
    inside = np.zeros(table.day_count, dtype=np.bool_)
    inside[first : last + 1] = True

    profile = _weekday_means(table, learn, like)
    covered = (profile[like] * learn).sum(axis=1)
    whole = (profile[like] * is_open).sum(axis=1)
    observed_total = (table.counts * learn).sum(axis=1)
    # The day's level against its weekday's usual: 1 is usual.  Days seen for less than half are not judged.
    judged = inside & (covered > 0.5 * whole) & (whole > 0)
    ratio = np.where(judged, observed_total / np.maximum(covered, 1e-12), np.nan)
    usual_ratio = _running_median(ratio, like)
    closed_rows = (
        inside & regular & (observed_total == 0) & ((table.counts * table.observed).sum(axis=1) == 0)
    )
    usual_weekday = usual_ratio * profile[like].sum(axis=1)
    for begin, end in runs(closed_rows):
        expected = float(np.nansum(usual_weekday[begin:end]))
        observed_rows = bool((table.observed[begin:end] & is_open[begin:end]).any())
        if observed_rows and expected < SURELY_NOT_CHANCE:
            continue
        declared = all(calendar.is_closure(day) for day in days[begin:end])
        findings.append(_finding(FindingKind.CLOSURE, table, begin, end, 0.0, expected, declared=declared))
        learn[begin:end] = False

    outages = _outages(table, is_open, inside & ~closed_rows, profile[like], usual_ratio)
    seen = learn.copy()
    for _, row, columns in outages:
        seen[row, columns] = False
    # Judge the day by what was recorded: a half-day outage is not a low day.
    covered = (profile[like] * seen).sum(axis=1)
    observed_total = (table.counts * seen).sum(axis=1)
    judged &= covered > 0.2 * whole
    ratio = np.where(judged, observed_total / np.maximum(covered, 1e-12), np.nan)

    doubled = _doubled(table, learn, ratio, usual_ratio, like)
    for begin, end in runs(doubled):
        findings.append(
            _finding(
                FindingKind.DOUBLED_IMPORT,
                table,
                begin,
                end,
                float(observed_total[begin:end].sum()),
                float(observed_total[begin:end].sum() / 2),
            )
        )
        learn[begin:end] = False

    # Half a contact on both sides keeps a quiet queue's empty day from looking infinitely low.
    relative = np.where(
        judged & ~doubled & ~closed_rows, (observed_total + 0.5) / (usual_ratio * covered + 0.5), np.nan
    )
    noise = np.sqrt(1 / np.maximum(usual_ratio * covered, 1.0))
    unusual, one_off = _unusual_days(table, relative, noise, observed_total, usual_ratio * covered)
    # What an event explains is not left out: models learn from it what the event does.
    explained = explained_days(calendar, days)
    one_off &= ~explained
    for found in unusual:
        row = (found.local_start.date() - table.first_day).days
        findings.append(replace(found, declared=bool(explained[row : row + found.days].all())))
    learn[one_off] = False
    for found, row, columns in outages:
        # On a low day runs of zeros are part of the low day.
        if not (one_off[row] and relative[row] < 1):
            findings.append(found)
            learn[row, columns] = False

    outside = table.observed & ~is_open & (table.counts > 0)
    if outside.any():
        rows = np.flatnonzero(outside.any(axis=1))
        amount = float((table.counts * table.intervals)[outside].sum())
        findings.append(
            _finding(FindingKind.OUTSIDE_HOURS, table, int(rows[0]), int(rows[-1]) + 1, amount, 0.0)
        )
    findings.sort(key=lambda found: (found.start, found.end, found.kind.value))
    return Cleaning(findings=tuple(findings), open=is_open, learn=learn)


def find_unusual(history: VolumeHistory, calendar: ForecastCalendar | None = None) -> Cleaning:
    """``clean`` for a history; the calendar is derived from it where none is given."""
    return clean(DayTable.from_history(history), calendar or calendar_from_history(history))


def _weekday_means(table: DayTable, learn: Mask, like: NDArray[np.int64]) -> Floats:
    """Mean count per weekday and cell over learnable days, shape (7, columns)."""
    means = np.zeros((7, table.counts.shape[1]))
    for weekday in range(7):
        rows = like == weekday
        if rows.any() and learn[rows].any():
            seen = learn[rows].sum(axis=0)
            means[weekday] = (table.counts[rows] * learn[rows]).sum(axis=0) / np.maximum(seen, 1)
    return means


def _running_median(ratio: Floats, like: NDArray[np.int64]) -> Floats:
    """Median of ``ratio`` over the nearest weeks of the same weekday; 1 where nothing is known."""
    usual = np.ones(ratio.size)
    half = USUAL_WEEKS // 2
    for weekday in range(7):
        rows = np.flatnonzero(like == weekday)
        held = rows[np.isfinite(ratio[rows])]
        if held.size == 0:
            continue
        values = ratio[held]
        if held.size >= USUAL_WEEKS:
            padded = np.pad(values, half, mode="reflect")
            medians = np.median(sliding_window_view(padded, USUAL_WEEKS), axis=1)
        else:
            medians = np.full(held.size, np.median(values))
        usual[rows] = np.interp(rows, held, medians)
    return usual


def _outages(
    table: DayTable, is_open: Mask, rows: Mask, profile: Floats, usual_ratio: Floats
) -> list[tuple[Finding, int, slice]]:
    """Runs inside an open day that were not recorded, or recorded as zero at a busy time."""
    found: list[tuple[Finding, int, slice]] = []
    empty = is_open & (~table.observed | (table.counts == 0)) & (table.intervals > 0)
    expected = profile * usual_ratio[:, None]
    present = np.flatnonzero(table.observed.any(axis=1))
    for row in np.flatnonzero(rows & empty.any(axis=1)):
        for begin, end in runs(empty[row]):
            seen = np.flatnonzero(table.observed[row])
            if seen.size == 0:
                continue
            # The history's first and last day may simply begin late or end early.
            if (row == present[0] and begin < seen[0]) or (row == present[-1] and begin > seen[-1]):
                continue
            amount = float((expected[row, begin:end] * table.intervals[row, begin:end]).sum())
            if amount < SURELY_NOT_CHANCE:
                continue
            day = table.first_day + timedelta(days=int(row))
            length = int(table.interval.total_seconds() // 60)
            found.append(
                (
                    Finding(
                        kind=FindingKind.PARTIAL_OUTAGE,
                        start=_instant(day, int(table.minutes[begin]), table.zone),
                        end=_instant(day, int(table.minutes[end - 1]) + length, table.zone),
                        zone=table.zone,
                        observed=0.0,
                        expected=amount,
                        days=1,
                    ),
                    int(row),
                    slice(begin, end),
                )
            )
    return found


def _doubled(
    table: DayTable, learn: Mask, ratio: Floats, usual_ratio: Floats, like: NDArray[np.int64]
) -> Mask:
    """Days imported twice: every count even (chance 2^-n) and clearly above the other days.

    A doubled stretch may be longer than half of the running median's window, so the comparison is with
    the nearest days of the same weekday that are *not* all even.
    """
    raw = table.counts * table.intervals
    busy = learn & (raw > 0)
    enough = busy.sum(axis=1) >= 12
    even = enough & ~((np.mod(raw, 2) != 0) & busy).any(axis=1)
    doubled = np.zeros(table.day_count, dtype=np.bool_)
    # A source that counts in pairs says nothing by being even.
    if not even.any() or even.sum() > 0.6 * enough.sum():
        return doubled
    for row in np.flatnonzero(even & np.isfinite(ratio)):
        others = np.flatnonzero((like == like[row]) & ~even & np.isfinite(ratio))
        if others.size:
            nearest = others[np.argsort(np.abs(others - row), kind="stable")[:USUAL_WEEKS]]
            reference = float(np.median(ratio[nearest]))
        else:
            reference = float(usual_ratio[row])
        doubled[row] = reference > 0 and 1.5 <= ratio[row] / reference <= 2.7
    return doubled


def _unusual_days(
    table: DayTable, relative: Floats, noise: Floats, observed: Floats, usual: Floats
) -> tuple[list[Finding], Mask]:
    """Days far from usual, and which of them are one-offs, shape (days,)."""
    logs = np.log(np.maximum(relative, 1e-3))
    known = np.isfinite(logs)
    one_offs = np.zeros(table.day_count, dtype=np.bool_)
    if known.sum() < 8:
        return [], one_offs
    spread = 1.4826 * float(np.median(np.abs(logs[known])))
    limit = 5.0 * np.sqrt(spread**2 + noise**2)
    high = known & (logs > np.maximum(limit, np.log(1.6)))
    low = known & (logs < -np.maximum(limit, np.log(1.6)))
    found: list[Finding] = []
    for mask, one_off, lasting in (
        (high, FindingKind.SPIKE, FindingKind.SURGE),
        (low, FindingKind.LOW_DAY, FindingKind.LULL),
    ):
        # Closed days inside a run do not interrupt it.
        bridged = _bridge(mask, known)
        for begin, end in runs(bridged):
            touched = int(mask[begin:end].sum())
            kind = one_off if touched <= ISOLATED_DAYS else lasting
            found.append(
                _finding(
                    kind, table, begin, end, float(observed[begin:end].sum()), float(usual[begin:end].sum())
                )
            )
            if kind is one_off:
                one_offs[begin:end] = True
    return found, one_offs


def _bridge(mask: Mask, known: Mask) -> Mask:
    bridged = mask.copy()
    rows = np.flatnonzero(mask)
    for left, right in pairwise(rows):
        if right > left + 1 and not known[left + 1 : right].any() and right - left <= 4:
            bridged[left:right] = True
    return bridged


def _finding(
    kind: FindingKind,
    table: DayTable,
    begin: int,
    end: int,
    observed: float,
    expected: float,
    *,
    declared: bool = False,
) -> Finding:
    first = table.first_day + timedelta(days=begin)
    last = table.first_day + timedelta(days=end)
    return Finding(
        kind=kind,
        start=_instant(first, 0, table.zone),
        end=_instant(last, 0, table.zone),
        zone=table.zone,
        observed=observed,
        expected=expected,
        days=end - begin,
        declared=declared,
    )


def _instant(day: date, minute: int, zone: str) -> datetime:
    whole, rest = divmod(minute, DAY_MINUTES)
    local = datetime.combine(day + timedelta(days=whole), time(rest // 60, rest % 60), tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC)
