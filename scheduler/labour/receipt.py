"""The receipt of a roster: per pack and rule kept, warning, broken, or not covered, and where.

It never says legal: what a pack is silent about, and what lacks the facts to be judged, is not covered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from scheduler.labour.judgements import JUDGEMENTS, Facts, Finding, Gap, Reason, Verdict
from scheduler.labour.overtime import OvertimeEntry, overtime_of
from scheduler.labour.packs import LabourPack, LabourRule, Severity
from scheduler.labour.working_time import History, Person, people
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Roster

__all__ = ["PackReceipt", "Receipt", "RuleReceipt", "RuleState", "receipt"]


class RuleState(StrEnum):
    """KEPT only where everybody was judged and nothing found."""

    KEPT = "kept"
    WARNING = "warning"
    BROKEN = "broken"
    NOT_COVERED = "not_covered"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleReceipt:
    """One rule over everybody its pack holds for.  ``findings`` by agent and date, ``gaps`` by agent.

    ``people``: how many were looked at.  ``reason``: why nobody could be judged, where that is so.
    """

    rule: LabourRule
    people: int
    findings: tuple[Finding, ...] = ()
    gaps: tuple[Gap, ...] = ()
    reason: Reason | None = None

    @property
    def state(self) -> RuleState:
        if self.findings:
            return RuleState.BROKEN if self.rule.severity is Severity.HARD else RuleState.WARNING
        return RuleState.NOT_COVERED if self.gaps or self.reason is not None else RuleState.KEPT

    @property
    def worst(self) -> Finding | None:
        """The finding furthest from its limit; of equals the first."""
        return max(self.findings, key=lambda f: abs(f.amount - f.limit), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackReceipt:
    """One pack's rules, and the cases it is silent about."""

    pack: str
    version: date
    rules: tuple[RuleReceipt, ...]
    silent: tuple[str, ...]

    @property
    def counts(self) -> Mapping[RuleState, int]:
        """Rules by state; each case the pack is silent about is one more that is not covered."""
        found = dict.fromkeys(RuleState, 0)
        for rule in self.rules:
            found[rule.state] += 1
        found[RuleState.NOT_COVERED] += len(self.silent)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """``outside``: people on the roster for whom no pack holds, or who are unknown; not covered at all."""

    packs: tuple[PackReceipt, ...]
    overtime: tuple[OvertimeEntry, ...]
    outside: tuple[str, ...]

    @property
    def broken(self) -> tuple[str, ...]:
        """Hard rules not kept, as ``cn.weekly_rest``."""
        return tuple(
            f"{pack.pack}.{held.rule.code}"
            for pack in self.packs
            for held in pack.rules
            if held.state is RuleState.BROKEN
        )


def receipt(
    packs: Sequence[LabourPack],
    problem: RosterProblem,
    roster: Roster,
    history: History,
    overtime: Sequence[OvertimeEntry],
    *,
    holidays: Mapping[str, frozenset[date]] | None = None,
) -> Receipt:
    """Judge a roster by every pack.  ``overtime``: the ledger of the same packs, roster and history.

    ``holidays``: public holidays by agent; an agent without an entry has no calendar that names them.
    """
    everybody = people(problem, roster, history)
    known = {p.agent.agent for p in everybody}
    facts = {
        p.agent.agent: Facts(
            holidays={} if holidays is None else holidays,
            ledger=tuple(overtime),
            overtime=tuple(overtime_of(p, packs)),
        )
        for p in everybody
    }
    judged_by_none = [
        p.agent.agent
        for p in everybody
        if p.own and not any(pack.holds_for(p.agent.contract.name) for pack in packs)
    ]
    unknown = [agent for agent in roster.by_agent() if agent not in known]
    return Receipt(
        packs=tuple(
            PackReceipt(
                pack=pack.name,
                version=pack.version,
                rules=tuple(
                    _judge(
                        rule, [p for p in everybody if pack.holds_for(p.agent.contract.name) and p.own], facts
                    )
                    for rule in pack.rules
                ),
                silent=pack.silent,
            )
            for pack in packs
        ),
        overtime=tuple(overtime),
        outside=tuple(sorted({*judged_by_none, *unknown})),
    )


def _judge(rule: LabourRule, persons: Sequence[Person], facts: Mapping[str, Facts]) -> RuleReceipt:
    if not persons:
        return RuleReceipt(rule=rule, people=0, reason=Reason.NOBODY)
    findings: list[Finding] = []
    gaps: list[Gap] = []
    for person in persons:
        verdict = Verdict(agent=person.agent.agent)
        JUDGEMENTS[rule.code](rule, person, facts[person.agent.agent], verdict)
        findings += verdict.findings
        gaps += verdict.gaps
    return RuleReceipt(
        rule=rule,
        people=len(persons),
        findings=tuple(sorted(findings, key=lambda f: (f.agent, f.date))),
        gaps=tuple(sorted(gaps, key=lambda g: (g.agent, g.reason.value))),
    )
