"""Agents, their availability and their leave."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.core.availability import AvailabilityEntry, LeaveEntry
from bot.core.changes import Change, ChangeCounts
from bot.core.ids import AgentId, TeamId
from bot.core.people import Agent, Role
from bot.store.tables import (
    AdherenceChoiceRow,
    AgentRow,
    AvailabilityRow,
    CalendarLinkRow,
    LanguageChoiceRow,
    LeaveRow,
    OwnPhraseRow,
    PersonChoiceRow,
    ShiftReminderRow,
    SkillRecordRow,
)


class People:
    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self, active: bool = True) -> list[Agent]:
        """Agents in order of their id; those who left only with ``active=False``."""
        query = select(AgentRow).order_by(AgentRow.agent)
        if active:
            query = query.where(AgentRow.active)
        return [_agent(row) for row in self._session.scalars(query)]

    def get(self, agent: AgentId) -> Agent | None:
        row = self._session.get(AgentRow, agent)
        return None if row is None else _agent(row)

    def named(self, whom: Collection[str]) -> dict[AgentId, Agent]:
        """Those of them who are agents, by their id."""
        query = select(AgentRow).where(AgentRow.agent.in_(sorted(set(whom))))
        return {AgentId(row.agent): _agent(row) for row in self._session.scalars(query)}

    def by_slack_user(self, slack_user: str) -> Agent | None:
        row = self._session.scalar(select(AgentRow).where(AgentRow.slack_user == slack_user))
        return None if row is None else _agent(row)

    def by_email(self, email: str) -> Agent | None:
        """E-mail addresses are kept and compared in lower case."""
        row = self._session.scalar(select(AgentRow).where(AgentRow.email == email.strip().lower()))
        return None if row is None else _agent(row)

    def upsert(self, agent: Agent) -> Change:
        """Write an agent; a link to Slack and a locale already known stay unless new ones are given.

        A calendar link, a reminder, a choice of adherence, other choices and a language of one's own end
        with the person: with an agent who is not active, or has another address.  Skills on record end with
        an agent who is not active.
        """
        row = self._session.get(AgentRow, agent.agent)
        values = {
            "name": agent.name,
            "email": agent.email.strip().lower(),
            "team": agent.team,
            "skills": {k: agent.skills[k] for k in sorted(agent.skills)},
            "contract": agent.contract,
            "zone": agent.zone,
            "role": agent.role.value,
            "active": agent.active,
        }
        if row is None:
            self._session.add(
                AgentRow(agent=agent.agent, slack_user=agent.slack_user, locale=agent.locale, **values)
            )
            self._session.flush()
            return Change.NEW
        if agent.slack_user is not None:
            values["slack_user"] = agent.slack_user
        if agent.locale is not None:
            values["locale"] = agent.locale
        changed = {k: v for k, v in values.items() if getattr(row, k) != v}
        if not agent.active or "email" in changed:
            self._session.execute(delete(CalendarLinkRow).where(CalendarLinkRow.agent == agent.agent))
            self._session.execute(delete(AdherenceChoiceRow).where(AdherenceChoiceRow.agent == agent.agent))
            self._session.execute(delete(ShiftReminderRow).where(ShiftReminderRow.agent == agent.agent))
            self._session.execute(delete(OwnPhraseRow).where(OwnPhraseRow.agent == agent.agent))
            self._session.execute(delete(PersonChoiceRow).where(PersonChoiceRow.agent == agent.agent))
            self._session.execute(delete(LanguageChoiceRow).where(LanguageChoiceRow.person == agent.agent))
        if not agent.active:
            self._session.execute(delete(SkillRecordRow).where(SkillRecordRow.agent == agent.agent))
        for name, value in changed.items():
            setattr(row, name, value)
        self._session.flush()
        return Change.CHANGED if changed else Change.UNCHANGED

    def give_skill(self, agent: AgentId, skill: str, level: float) -> None:
        """Let the roster plan an agent for a skill, beside those they have."""
        row = self._session.scalars(
            select(AgentRow)
            .where(AgentRow.agent == agent)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one()
        row.skills = dict(sorted({**row.skills, skill: level}.items()))
        self._session.flush()

    def link(self, agent: AgentId, slack_user: str | None, locale: str | None = None) -> bool:
        """Tie an agent to a Slack user (None unties); False where the agent is unknown.

        A Slack user belongs to one agent: an earlier link of the same user is undone.
        """
        if slack_user is not None:
            self._session.execute(
                update(AgentRow)
                .where(AgentRow.slack_user == slack_user, AgentRow.agent != agent)
                .values(slack_user=None)
            )
        row = self._session.get(AgentRow, agent)
        if row is None:
            return False
        row.slack_user = slack_user
        if locale is not None:
            row.locale = locale
        self._session.flush()
        return True

    def availability(self, agents: Iterable[AgentId], first: date, last: date) -> list[AvailabilityEntry]:
        """Weekday entries, and entries of dates from ``first`` to ``last`` inclusive.

        An agent whose only entries are dates outside the range is available on none of the days inside:
        the nearest such entry is returned as well, because no entry at all would mean always.
        """
        wanted = set(agents)
        query = select(AvailabilityRow).order_by(
            AvailabilityRow.agent, AvailabilityRow.weekday, AvailabilityRow.day, AvailabilityRow.start
        )
        found: list[AvailabilityEntry] = []
        outside: dict[AgentId, AvailabilityEntry] = {}
        for row in self._session.scalars(query):
            if row.agent not in wanted:
                continue
            entry = _availability(row)
            if entry.day is not None and not first <= entry.day <= last:
                outside[entry.agent] = entry
            else:
                found.append(entry)
        present = {entry.agent for entry in found}
        return found + [entry for agent, entry in outside.items() if agent not in present]

    def save_availability(self, entries: Sequence[AvailabilityEntry]) -> ChangeCounts:
        """Write entries: an agent's weekday entries replace all weekday entries the agent had, entries of a
        date replace those of that date."""
        new = changed = unchanged = 0
        groups: dict[tuple[AgentId, date | None], set[AvailabilityEntry]] = {}
        for entry in entries:
            groups.setdefault((entry.agent, entry.day), set()).add(entry)
        held: dict[tuple[str, date | None], list[AvailabilityRow]] = {}
        for row in self._session.scalars(select(AvailabilityRow)):
            held.setdefault((row.agent, row.day), []).append(row)
        for key, wanted in sorted(groups.items(), key=lambda g: (g[0][0], str(g[0][1]))):
            rows = held.get(key, [])
            existing = {_availability(row) for row in rows}
            unchanged += len(wanted & existing)
            added, gone = wanted - existing, existing - wanted
            replaced = min(len(added), len(gone))
            changed += max(len(gone), replaced)
            new += len(added) - replaced
            ids = [row.id for row in rows if _availability(row) in gone]
            if ids:
                self._session.execute(delete(AvailabilityRow).where(AvailabilityRow.id.in_(ids)))
            self._session.add_all(
                AvailabilityRow(agent=e.agent, weekday=e.weekday, day=e.day, start=e.start, end=e.end)
                for e in sorted(added, key=lambda e: (e.weekday or 0, e.start))
            )
        self._session.flush()
        return ChangeCounts(new=new, changed=changed, unchanged=unchanged)

    def leave(self, agents: Iterable[AgentId], first: date, last: date) -> list[LeaveEntry]:
        """Leave that touches any day from ``first`` to ``last`` inclusive."""
        wanted = set(agents)
        query = (
            select(LeaveRow)
            .where(LeaveRow.first <= last, LeaveRow.last >= first)
            .order_by(LeaveRow.agent, LeaveRow.first)
        )
        return [_leave(row) for row in self._session.scalars(query) if row.agent in wanted]

    def save_leave(self, entries: Sequence[LeaveEntry]) -> ChangeCounts:
        """Write leave; one that starts on the same day for the same agent is replaced."""
        new = changed = unchanged = 0
        agents = {e.agent for e in entries}
        rows = self._session.scalars(select(LeaveRow).where(LeaveRow.agent.in_(agents)))
        held = {(row.agent, row.first): row for row in rows}
        for entry in entries:
            row = held.get((entry.agent, entry.first))
            if row is None:
                row = LeaveRow(agent=entry.agent, first=entry.first, last=entry.last, kind=entry.kind)
                held[(entry.agent, entry.first)] = row
                self._session.add(row)
                new += 1
            elif (row.last, row.kind) == (entry.last, entry.kind):
                unchanged += 1
            else:
                row.last, row.kind = entry.last, entry.kind
                changed += 1
        self._session.flush()
        return ChangeCounts(new=new, changed=changed, unchanged=unchanged)


def _agent(row: AgentRow) -> Agent:
    return Agent(
        agent=AgentId(row.agent),
        name=row.name,
        email=row.email,
        team=TeamId(row.team),
        skills={str(k): float(v) for k, v in row.skills.items()},
        contract=row.contract,
        zone=row.zone,
        role=Role(row.role),
        slack_user=row.slack_user,
        locale=row.locale,
        active=row.active,
    )


def _availability(row: AvailabilityRow) -> AvailabilityEntry:
    return AvailabilityEntry(
        agent=AgentId(row.agent), weekday=row.weekday, day=row.day, start=row.start, end=row.end
    )


def _leave(row: LeaveRow) -> LeaveEntry:
    return LeaveEntry(agent=AgentId(row.agent), first=row.first, last=row.last, kind=row.kind)
