"""How a roster stands to the packs of labour law: judged now, and kept when it was published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import AgentId, RosterId
from bot.core.near_names import nearest
from bot.core.rosters import RosterStatus, RosterVersion
from bot.core.settings import Settings
from bot.store.rosters import StoredReceipt
from bot.store.unit_of_work import ReadUnit, Store
from bot.usecases.roster_problem import build_problem
from scheduler.labour.overtime import OvertimeEntry, overtime_ledger
from scheduler.labour.packs import PACKS, LabourPack
from scheduler.labour.receipt import Receipt, receipt
from scheduler.labour.working_time import History
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Roster, RosterPeriod

__all__ = [
    "Checked",
    "StateChange",
    "check_labour",
    "judge",
    "overtime_left",
    "packs_named",
    "receipt_json",
    "report_of",
    "table_json",
]

DAY = timedelta(days=1)
_BACK = 46 * DAY
"""Enough for the month in which a roster begins, and for the week in which that month begins."""
_BACK_AVERAGES = 132 * DAY
"""Enough for a reference period of four months."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """A rule that stands differently than when the roster was published."""

    rule: str
    before: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """``report`` as ``receipt_json``; ``changed`` against what was kept at publication."""

    version: RosterVersion
    receipt: Receipt
    report: Mapping[str, Any]
    changed: tuple[StateChange, ...]


def packs_named(settings: Settings, names: Sequence[str]) -> tuple[LabourPack, ...]:
    """The packs of these names, as app.yaml has them where it does; without names those of app.yaml.

    A pack that app.yaml does not use is taken for everybody.  Raises RefusedError for a name that is none.
    """
    configured = {p.name: p for p in settings.roster.labour}
    if not names:
        return settings.roster.labour
    for name in names:
        if name not in PACKS:
            known = ", ".join(PACKS)
            raise RefusedError(
                "unknown_pack",
                f"There is no labour pack {name!r}; there are: {known}.",
                pack=name,
                packs=known,
                near=nearest(name, PACKS),
            )
    return tuple(configured.get(name, PACKS[name]) for name in dict.fromkeys(names))


def judge(uow: ReadUnit, settings: Settings, version: RosterVersion, packs: Sequence[LabourPack]) -> Receipt:
    """Judge a stored roster by today's people and contracts and the rosters published before it."""
    period = version.roster.period
    problem = build_problem(uow, settings, period, need_requirement=False)
    history = _history(uow, period, packs)
    ledger = overtime_ledger(packs, problem, version.roster, history)
    return receipt(
        packs, problem, version.roster, history, ledger, holidays=_holidays(uow, settings, problem.agents)
    )


def overtime_left(
    uow: ReadUnit, settings: Settings, version: RosterVersion, problem: RosterProblem
) -> dict[str, OvertimeEntry]:
    """Agent to the month of the roster with the least overtime left; nobody where no pack limits it."""
    packs = settings.roster.labour
    if not any(p.hours("monthly_overtime") is not None for p in packs):
        return {}
    period = version.roster.period
    known = {a.agent for a in problem.agents}
    own = tuple(a for a in version.roster.assignments if a.agent in known)
    roster = Roster(period=period, assignments=own)
    found: dict[str, OvertimeEntry] = {}
    for entry in overtime_ledger(packs, problem, roster, _history(uow, period, packs)):
        left = entry.left
        if left is None:
            continue
        held = found.get(entry.agent)
        if held is None or held.left is None or left < held.left:
            found[entry.agent] = entry
    return found


def check_labour(store: Store, settings: Settings, roster: RosterId, packs: Sequence[LabourPack]) -> Checked:
    """Judge a roster now, and compare with the receipt it was published with.  Raises NotFoundError."""
    with store.read() as uow:
        version = uow.rosters.get(roster)
        if version is None:
            raise NotFoundError("no_roster", f"There is no roster {roster}.", roster=roster)
        found = judge(uow, settings, version, packs)
        kept = uow.rosters.receipt(roster)
    report = receipt_json(found)
    return Checked(version=version, receipt=found, report=report, changed=_changed(kept, report))


def report_of(store: Store, settings: Settings, version: RosterVersion) -> Mapping[str, Any] | None:
    """The receipt a published roster was given, of a draft the one it would get; None without packs."""
    with store.read() as uow:
        if version.status is not RosterStatus.DRAFT:
            kept = uow.rosters.receipt(version.roster_id)
            return None if kept is None else kept.report
        packs = settings.roster.labour
        return receipt_json(judge(uow, settings, version, packs)) if packs else None


def receipt_json(found: Receipt) -> dict[str, Any]:
    """Plain JSON; hours rounded to hundredths."""
    return {
        "packs": [
            {
                "pack": pack.pack,
                "version": pack.version.isoformat(),
                "counts": {state.value: n for state, n in pack.counts.items()},
                "rules": [
                    {
                        "rule": f"{pack.pack}.{held.rule.code}",
                        "source": held.rule.source,
                        "severity": held.rule.severity.value,
                        "parameters": dict(held.rule.parameters),
                        "state": held.state.value,
                        "people": held.people,
                        "findings": [
                            {
                                "agent": f.agent,
                                "date": f.date.isoformat(),
                                "amount": round(f.amount, 2),
                                "limit": round(f.limit, 2),
                            }
                            for f in held.findings
                        ],
                        "not_covered": _reasons(held.gaps),
                        "reason": None if held.reason is None else held.reason.value,
                    }
                    for held in pack.rules
                ],
                "silent": list(pack.silent),
            }
            for pack in found.packs
        ],
        "outside": list(found.outside),
        "overtime": [
            {
                "agent": e.agent,
                "month": f"{e.month:%Y-%m}",
                "hours": round(e.hours, 2),
                "limit": e.limit,
                "left": None if e.left is None else round(e.left, 2),
                "complete": e.complete,
            }
            for e in found.overtime
        ],
    }


def table_json(packs: Sequence[LabourPack]) -> dict[str, Any]:
    """The law table alone, in the form of ``receipt_json`` where nothing was judged."""
    return {
        "packs": [
            {
                "pack": pack.name,
                "version": pack.version.isoformat(),
                "counts": None,
                "rules": [
                    {
                        "rule": f"{pack.name}.{rule.code}",
                        "source": rule.source,
                        "severity": rule.severity.value,
                        "parameters": dict(rule.parameters),
                        "state": None,
                    }
                    for rule in pack.rules
                ],
                "silent": list(pack.silent),
            }
            for pack in packs
        ],
        "outside": [],
        "overtime": [],
    }


def _reasons(gaps: Sequence[Any]) -> list[dict[str, Any]]:
    agents: dict[str, list[str]] = {}
    for gap in gaps:
        agents.setdefault(gap.reason.value, []).append(gap.agent)
    return [{"reason": reason, "agents": names} for reason, names in sorted(agents.items())]


def _changed(kept: StoredReceipt | None, report: Mapping[str, Any]) -> tuple[StateChange, ...]:
    if kept is None:
        return ()
    before = _states(kept.report)
    return tuple(
        StateChange(rule=rule, before=before[rule], now=state)
        for rule, state in _states(report).items()
        if rule in before and before[rule] != state
    )


def _states(report: Mapping[str, Any]) -> dict[str, str]:
    return {rule["rule"]: rule["state"] for pack in report["packs"] for rule in pack["rules"]}


def _history(uow: ReadUnit, period: RosterPeriod, packs: Sequence[LabourPack]) -> History:
    """Published shifts before the period, complete as far back as published rosters reach without a gap."""
    back = _BACK_AVERAGES if any(p.rule("weekly_average") for p in packs) else _BACK
    start = period.start - back
    since = period.start
    before = uow.rosters.published_periods(start.date(), period.first)
    for held in sorted(before, key=lambda p: p.start, reverse=True):
        if held.start < since <= held.end:
            since = held.start
    earlier = uow.rosters.shifts_between(start, period.start)
    return History(
        assignments=tuple(a for a in earlier if a.shift.start < period.start),
        since=None if since == period.start else max(since, start),
    )


def _holidays(uow: ReadUnit, settings: Settings, agents: Sequence[Any]) -> dict[str, frozenset[date]]:
    """Public holidays of each agent's team, worked ones too; a calendar that names none says nothing."""
    team_of = {a.agent: a.team for a in uow.people.all(active=False)}
    found: dict[str, frozenset[date]] = {}
    for agent in agents:
        team = settings.teams.get(team_of.get(AgentId(agent.agent)))  # type: ignore[arg-type]
        calendar = None if team is None else settings.calendars.get(team.calendar)
        days = frozenset() if calendar is None else {*calendar.holidays, *calendar.worked_holidays}
        if days:
            found[agent.agent] = frozenset(days)
    return found
