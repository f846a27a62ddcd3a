"""Checked skills of a file into the store; the same file twice changes nothing (TI10)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from difflib import get_close_matches

from bot.core.changes import ChangeCounts
from bot.core.errors import RefusedError
from bot.core.import_report import Finding, ImportReport, Numbered, RefusedRow
from bot.core.training import NewSkill, is_better
from bot.store.unit_of_work import Store

__all__ = ["import_skills"]


def import_skills(
    store: Store, rows: Sequence[Numbered[NewSkill]], report: ImportReport, *, by: str, now: datetime
) -> ImportReport:
    """Put skills on record.  The roster's skills stay as they are: what is more goes before the leads.

    Rows of people who are not on the roster are refused.
    """
    refused: list[RefusedRow] = []
    done: Counter[bool | None] = Counter()
    waiting = 0
    with store.unit() as uow:
        agents = {a.agent: a for a in uow.people.all()}
        if not agents:
            raise RefusedError(
                "no_agents",
                "There are no agents yet; nothing was imported. First: muster import agents FILE.",
            )
        for row in rows:
            new = row.value
            agent = agents.get(new.agent)
            if agent is None:
                near = get_close_matches(new.agent, agents, n=1)
                data = {"value": new.agent[:40], "near": near[0] if near else "-"}
                refused.append(RefusedRow(line=row.line, reason="unknown_agent", data=data))
                continue
            better = is_better(agent.skills, new.skill, new.level)
            kept = uow.skill_records.keep(new, better=better, by=by, now=now)
            done[kept] += 1
            waiting += better and kept is not None
        uow.commit()
    counts = ChangeCounts(new=done[True], changed=done[False], unchanged=done[None])
    findings = (Finding(code="skills_proposed", data={"rows": waiting}),) if waiting else ()
    return report.with_outcome(counts, tuple(refused), findings)
