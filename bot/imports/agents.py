"""`agents`: the people on the roster."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.core.ids import AgentId, TeamId
from bot.core.import_report import Finding, ImportReport, Numbered
from bot.core.people import Agent, Role
from bot.core.settings import Settings
from bot.imports.columns import AGENTS
from bot.imports.distinct import distinct_rows
from bot.imports.fields import CellError, near_or_known, parse_number, parse_zone, shown
from bot.imports.reader import Row, read_table
from scheduler.roster.people import attribute_skill

__all__ = ["read_agents"]

ROLES = {"客服": Role.AGENT, "坐席": Role.AGENT, "组长": Role.LEAD, "班长": Role.LEAD, "team lead": Role.LEAD,
         "排班员": Role.PLANNER, "管理员": Role.ADMIN}  # fmt: skip
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_ID = re.compile(r"[\w.\-@]{1,64}")
HIGHEST_PROFICIENCY = 2.0


def read_agents(
    data: bytes, *, source: str, settings: Settings, mapping: Mapping[str, str] | None = None
) -> tuple[list[Numbered[Agent]], ImportReport]:
    """Check an agents file.  Raises RefusedError where the file as a whole cannot be used."""
    table = read_table(data, AGENTS, source=source, mapping=mapping)
    emails: dict[str, int] = {}

    def admit(row: Numbered[Row], agent: Agent) -> None:
        if agent.email in emails:
            raise CellError("email_repeated", line=emails[agent.email])
        emails[agent.email] = row.line

    rows = distinct_rows(
        table,
        lambda row: _agent(row, settings),
        key=lambda agent: agent.agent,
        named=lambda agent: agent.agent,
        admit=admit,
    )
    skills = _skills_without_queue([n.value for n in rows.values], settings)
    return rows.values, rows.report("agents", source, (*table.findings, *rows.repeated, *skills))


def _agent(row: Row, settings: Settings) -> Agent:
    name = row["agent"]
    if not _ID.fullmatch(name):
        raise CellError("empty" if not name else "not_an_agent_id", column="agent", value=shown(name))
    email = row["email"].lower()
    if not _EMAIL.fullmatch(email):
        raise CellError("not_an_email", column="email")
    team_name = row.get("team", "") or (next(iter(settings.teams)) if len(settings.teams) == 1 else "")
    team = settings.teams.get(TeamId(team_name))
    if team is None:
        raise _unknown("unknown_team", team_name, settings.teams)
    contract = row["contract"]
    if contract not in settings.roster.contracts:
        raise _unknown("unknown_contract", contract, settings.roster.contracts)
    zone = row.get("zone", "") or team.zone
    parse_zone(zone)
    return Agent(
        agent=AgentId(name),
        name=row.get("name", "") or name,
        email=email,
        team=team.team,
        skills=_skills(row["skills"]),
        contract=contract,
        zone=zone,
        role=_role(row.get("role", "")),
    )


def _skills(text: str) -> dict[str, float]:
    """``billing:1.0;product:0.8``; a skill alone has proficiency 1."""
    found: dict[str, float] = {}
    for part in re.split(r"[;；|]", text):
        name, _, level = part.replace("：", ":").partition(":")
        name = name.strip()
        if not name and not level.strip():
            continue
        if not re.fullmatch(r"[\w.\- ]{1,64}", name):
            raise CellError("not_a_skill", value=shown(part.strip()))
        value = parse_number("skills", level.strip()) if level.strip() else 1.0
        if not 0 < value <= HIGHEST_PROFICIENCY:
            raise CellError("proficiency", value=shown(part.strip()), highest=f"{HIGHEST_PROFICIENCY:g}")
        found[name] = value
    if not found:
        raise CellError("empty", column="skills")
    return found


def _role(text: str) -> Role:
    key = text.strip().lower()
    if not key:
        return Role.AGENT
    if key in ROLES:
        return ROLES[key]
    try:
        return Role(key)
    except ValueError:
        allowed = ", ".join(r.value for r in Role)
        raise CellError("unknown_value", column="role", value=shown(text), allowed=allowed) from None


def _unknown(reason: str, value: str, known: Mapping[TeamId, object] | Mapping[str, object]) -> CellError:
    return CellError(reason, value=shown(value), **near_or_known(value, known))


def _skills_without_queue(agents: list[Agent], settings: Settings) -> list[Finding]:
    """Skills that no queue needs and no rule counts: often a slip of the pen."""
    wanted = {q.skill for q in settings.queues.values()}
    counted = {attribute_skill(p.attribute) for p in settings.roster.presence}
    known = wanted | {skill for skill in counted if skill is not None}
    counts: dict[str, int] = {}
    for agent in agents:
        for skill in agent.skills:
            if skill not in known:
                counts[skill] = counts.get(skill, 0) + 1
    return [
        Finding(
            code="skill_without_queue",
            data={"skill": skill, "agents": n, **near_or_known(skill, sorted(known))},
        )
        for skill, n in sorted(counts.items())
    ]
