"""`skills`: what people can do since when: results of tests, or what another system has (TI10)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from bot.core.ids import AgentId
from bot.core.import_report import ImportReport, Numbered
from bot.core.training import HIGHEST_LEVEL, NewSkill, SkillSource
from bot.imports.columns import SKILLS
from bot.imports.distinct import distinct_rows
from bot.imports.fields import CellError, parse_date, parse_number, shown
from bot.imports.reader import Row, read_table

__all__ = ["read_skills"]

_SOURCES: Final[Mapping[str, SkillSource]] = {
    **{source.value: source for source in SkillSource},
    "exam": SkillSource.TEST,
    "考试": SkillSource.TEST,
    "考核": SkillSource.TEST,
    "测试": SkillSource.TEST,
    "培训": SkillSource.TRAINING,
    "导入": SkillSource.IMPORT,
}
_SKILL: Final = re.compile(r"[\w.\- ]{1,64}")


def read_skills(
    data: bytes, *, source: str, today: date, mapping: Mapping[str, str] | None = None
) -> tuple[list[Numbered[NewSkill]], ImportReport]:
    """Check a file of skills; one without a date is of ``today``.  Raises RefusedError for the whole file."""
    table = read_table(data, SKILLS, source=source, mapping=mapping)
    rows = distinct_rows(
        table,
        lambda row: _entry(row, today),
        key=lambda entry: (entry.agent, entry.skill, entry.source, entry.since),
        named=lambda entry: shown(entry.agent),
    )
    return rows.values, rows.report("skills", source, (*table.findings, *rows.repeated))


def _entry(row: Row, today: date) -> NewSkill:
    agent, skill = row["agent"], row["skill"]
    if not agent:
        raise CellError("empty", column="agent")
    if not _SKILL.fullmatch(skill):
        raise CellError("not_a_skill" if skill else "empty", column="skill", value=shown(skill))
    level = parse_number("level", row["level"]) if row.get("level") else None
    if level is not None and not 0 < level <= HIGHEST_LEVEL:
        raise CellError("proficiency", value=shown(row["level"]), highest=f"{HIGHEST_LEVEL:g}")
    since = parse_date("since", row["since"]) if row.get("since") else today
    if since > today:
        raise CellError("skill_ahead", since=since.isoformat())
    word = row.get("source", "").casefold()
    if word and word not in _SOURCES:
        allowed = ", ".join(s.value for s in SkillSource)
        raise CellError("unknown_value", column="source", value=shown(row["source"]), allowed=allowed)
    return NewSkill(
        agent=AgentId(agent),
        skill=skill,
        level=level,
        since=since,
        source=_SOURCES[word] if word else SkillSource.IMPORT,
    )
