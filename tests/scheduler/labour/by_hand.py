"""One person's weeks, written as clock times, and what a pack says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from scheduler.labour.overtime import OvertimeEntry, overtime_ledger
from scheduler.labour.packs import PACKS
from scheduler.labour.receipt import Receipt, RuleReceipt, receipt
from scheduler.labour.working_time import History
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Assignment, Roster
from scheduler.roster.shifts import BREAK, LUNCH, Segment, Shift
from tests.scheduler.instances import HOUR, MINUTE, clock, instance

LONG_CONTRACT = {"full": {"min_hours": 0, "max_hours": 100, "max_days": 7, "templates": ["day"]}}


@dataclass(frozen=True)
class Worked:
    """``pauses``: (kind, clock time, minutes), lunch unpaid, breaks paid."""

    day: int
    start: str
    hours: float
    pauses: Sequence[tuple[str, str, int]] = ()
    agent: str = "ann"


def problem(**patch: object) -> RosterProblem:
    """The tiny team's week of 30 November 2026; contracts that forbid nothing."""
    return instance(**{"contracts": LONG_CONTRACT, **patch})


def assigned(held: RosterProblem, work: Worked) -> Assignment:
    first, zone = held.period.first, held.period.zone
    begin = clock(first, zone, work.day, work.start)
    end = begin + work.hours * HOUR
    cuts = []
    for kind, at, minutes in work.pauses:
        start = clock(first, zone, work.day, at)
        if start < begin:
            start += timedelta(days=1)
        cuts.append(Segment(activity=kind, start=start, end=start + minutes * MINUTE, paid=kind != LUNCH))
    segments, here = [], begin
    for cut in cuts:
        segments += [Segment(activity="phone", start=here, end=cut.start, paid=True), cut]
        here = cut.end
    segments.append(Segment(activity="phone", start=here, end=end, paid=True))
    day = held.period.date_of(begin)
    return Assignment(agent=work.agent, shift=Shift(date=day, start=begin, end=end, segments=tuple(segments)))


def judged(
    pack: str,
    *work: Worked,
    held: RosterProblem | None = None,
    history: Sequence[Worked] = (),
    known_days: int = 0,
    holidays: frozenset[date] | None = None,
) -> tuple[Receipt, tuple[OvertimeEntry, ...]]:
    """The receipt of these shifts; ``known_days`` of history are known, its shifts have negative days."""
    held = problem() if held is None else held
    roster = Roster(period=held.period, assignments=tuple(assigned(held, w) for w in work))
    since = None if not known_days else held.period.start - known_days * timedelta(days=1)
    before = History(assignments=tuple(assigned(held, w) for w in history), since=since)
    packs = [PACKS[pack]]
    ledger = overtime_ledger(packs, held, roster, before)
    found = receipt(
        packs,
        held,
        roster,
        before,
        ledger,
        holidays=None if holidays is None else {a.agent: holidays for a in held.agents},
    )
    return found, ledger


def rule(name: str, *work: Worked, **given: object) -> RuleReceipt:
    """One rule of it, by its whole name: ``cn.weekly_rest``."""
    pack, _, code = name.partition(".")
    found, _ = judged(pack, *work, **given)  # type: ignore[arg-type]
    return next(r for r in found.packs[0].rules if r.rule.code == code)


def figures(held: RuleReceipt) -> list[tuple[str, str, float, float]]:
    """(agent, date, amount, limit) of its findings."""
    return [(f.agent, f.date.isoformat(), round(f.amount, 2), round(f.limit, 2)) for f in held.findings]


def reasons(held: RuleReceipt) -> set[str]:
    """Why what was not covered."""
    found = {g.reason.value for g in held.gaps}
    return found if held.reason is None else {*found, held.reason.value}


__all__ = ["BREAK", "LUNCH", "Worked", "figures", "judged", "problem", "reasons", "rule"]
