"""TI10: skill levels from a file go on record; refused rows have their line, and no roster skill changes."""

from __future__ import annotations

from datetime import date

from bot.core.ids import AgentId
from bot.core.import_report import ImportReport, Numbered
from bot.core.people import Agent
from bot.core.training import Decision, NewSkill, SkillSource
from bot.i18n.catalog import Translator
from bot.imports.kinds import kind_of
from bot.imports.report import report_lines
from bot.imports.skills import read_skills
from bot.store.unit_of_work import Store
from bot.usecases.import_data import import_agents
from bot.usecases.import_skills import import_skills
from bot.usecases.train import decide
from tests.support.builders import agent, at, settings

TODAY = date(2026, 11, 24)
FILE = """工号,技能,等级,日期,来源
bo,refunds,0.8,2026-11-20,考核
bo,chat,0.5,,
chen,refunds,,,test
chen,refunds,,,test
bo,refunds,0.9,2026-11-20,test
bo,refunds,3,,
bo,all;of it,1,,
bo,refunds,1,2027-01-01,
bo,refunds,1,,rumour
,refunds,1,,
bo,,1,,
chne,refunds,1,,
"""


def read() -> tuple[list[Numbered[NewSkill]], ImportReport]:
    return read_skills(FILE.encode(), source="skills.csv", today=TODAY)


def test_rows_are_read_and_refused_with_their_line() -> None:
    rows, report = read()
    assert [(n.line, n.value.agent, n.value.skill, n.value.level, n.value.source) for n in rows] == [
        (2, "bo", "refunds", 0.8, SkillSource.TEST),
        (3, "bo", "chat", 0.5, SkillSource.IMPORT),
        (4, "chen", "refunds", None, SkillSource.TEST),
        (13, "chne", "refunds", 1.0, SkillSource.IMPORT),
    ]
    assert [n.value.since for n in rows[:2]] == [date(2026, 11, 20), TODAY]
    assert [(r.line, r.reason) for r in report.refused] == [
        (6, "contradicts_line"),
        (7, "proficiency"),
        (8, "not_a_skill"),
        (9, "skill_ahead"),
        (10, "unknown_value"),
        (11, "empty"),
        (12, "empty"),
    ]
    for locale in ("en", "zh-Hans", "zh-Hant"):
        assert len(report_lines(report, Translator(locale))) > 7
    assert kind_of(FILE.encode(), source="results.csv") == "skills"


def test_a_file_goes_on_record_and_nobody_is_planned_otherwise(store: Store) -> None:
    with store.unit() as uow:
        uow.people.upsert(agent("bo"))
        uow.people.upsert(agent("chen"))
        uow.commit()
    rows, report = read()
    done = import_skills(store, rows, report, by="pei", now=at(12))
    assert (done.counts.new, done.counts.changed) == (3, 0)
    assert [r.line for r in done.refused][-1] == 13
    assert [(f.code, f.data["rows"]) for f in done.findings][-1] == ("skills_proposed", 2)
    again = import_skills(store, rows, report, by="pei", now=at(13))
    assert (again.counts.new, again.counts.changed, again.counts.unchanged) == (0, 0, 3)
    assert "skills_proposed" not in [f.code for f in again.findings]
    with store.read() as uow:
        assert {a.agent: dict(a.skills) for a in uow.people.all()} == {
            "bo": {"chat": 1.0}, "chen": {"chat": 1.0}
        }  # fmt: skip
        records = uow.skill_records.of_agent(AgentId("bo"))
    # Half a level less than the roster knows is on record, and goes before nobody.
    assert [(r.skill, r.decision) for r in records] == [("chat", None), ("refunds", Decision.OPEN)]


def test_a_file_of_agents_that_takes_a_granted_skill_says_so(store: Store) -> None:
    chosen = settings()
    with store.unit() as uow:
        uow.people.upsert(agent("bo"))
        new = NewSkill(agent=AgentId("bo"), skill="refunds", level=None, since=TODAY, source=SkillSource.TEST)
        uow.skill_records.keep(new, better=True, by="pei", now=at(12))
        uow.commit()
    with store.read() as uow:
        records = uow.skill_records.of_agent(AgentId("bo"))
    decide(store, records, Decision.GRANTED, by="lin", now=at(13))

    def imported(skills: str) -> set[str]:
        row = agent("bo", skills=dict.fromkeys(skills.split(";"), 1.0))
        rows: list[Numbered[Agent]] = [Numbered(line=2, value=row)]
        report = ImportReport(kind="agents", source="a.csv", read=1)
        return {f.code for f in import_agents(store, chosen, rows, report).findings}

    assert "granted_not_in_file" not in imported("chat;refunds")
    assert "granted_not_in_file" in imported("chat")
    assert "granted_not_in_file" not in imported("chat")
