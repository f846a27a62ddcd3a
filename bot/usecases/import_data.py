"""Checked rows into the store.  Each import is one transaction; the same rows twice change nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from bot.core.availability import AvailabilityEntry, LeaveEntry
from bot.core.changes import Change, ChangeCounts
from bot.core.contacts import Contact
from bot.core.counting import arrivals_by_interval, interval_start, mean, open_starts
from bot.core.errors import RefusedError
from bot.core.ids import AgentId, ContactRef, QueueId
from bot.core.import_report import Finding, ImportReport, Numbered, RefusedRow
from bot.core.people import Agent
from bot.core.settings import Settings
from bot.core.sla import response_due
from bot.store.unit_of_work import Store, UnitOfWork
from bot.store.volumes import VolumeCount, VolumeSource
from scheduler.roster.people import attribute_skill
from scheduler.roster.roster import Assignment, Roster, RosterPeriod
from scheduler.roster.shifts import LUNCH, Segment, Shift

__all__ = [
    "RosterEntry",
    "count_contacts",
    "import_agents",
    "import_availability",
    "import_contacts",
    "import_leave",
    "import_roster",
    "import_volumes",
]

DAY = timedelta(days=1)
LUNCH_GAP = timedelta(hours=2)
"""A gap in a day of work up to this long is a lunch nobody wrote down; a longer one parts two shifts."""
FEW_A_DAY = 5
"""A queue with fewer contacts a day may well have a day with none."""

T = TypeVar("T")


class RosterEntry(Protocol):
    """One activity of one agent on one day of work, [start, end) UTC."""

    @property
    def agent(self) -> AgentId: ...
    @property
    def date(self) -> date: ...
    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...
    @property
    def activity(self) -> str: ...


def import_volumes(store: Store, rows: Sequence[VolumeCount], report: ImportReport) -> ImportReport:
    """Write imported counts; they win over counts made from contacts."""
    with store.unit() as uow:
        saved = uow.volumes.save(rows, source=VolumeSource.VOLUMES)
        uow.commit()
    findings: tuple[Finding, ...] = ()
    if saved.replaced:
        findings = (Finding(code="other_interval_replaced", data={"rows": saved.replaced}),)
    return report.with_outcome(saved.counts, findings=findings)


def import_contacts(
    store: Store, settings: Settings, rows: Sequence[Numbered[Contact]], report: ImportReport
) -> ImportReport:
    """Write a history of contacts and count it into volumes per queue and planning interval.

    History makes no clocks and no alerts; when a first response was due is kept for the overdue rate, by the
    table of promises as it stands today.  An agent we do not know is left out of the row and counted.
    """
    findings: list[Finding] = []
    with store.unit() as uow:
        known = {a.agent for a in uow.people.all(active=False)}
        contacts = [n.value for n in rows]
        strangers = {c.agent for c in contacts if c.agent is not None and c.agent not in known}
        if strangers:
            # The cell might hold anything, a customer's name too: only ids we know are kept.
            count = sum(c.agent in strangers for c in contacts)
            contacts = [replace(c, agent=None) if c.agent in strangers else c for c in contacts]
            findings.append(Finding(code="agents_unknown", data={"rows": count, "agents": len(strangers)}))
        counts = uow.contacts.import_many(contacts, _responses_due(settings, contacts))
        findings += _count_into_volumes(uow, settings, contacts)
        uow.commit()
    return report.with_outcome(counts, findings=tuple(findings))


def _responses_due(settings: Settings, contacts: Sequence[Contact]) -> dict[ContactRef, datetime | None]:
    def due(contact: Contact) -> datetime | None:
        calendar = settings.calendars[settings.queues[contact.queue].calendar]
        return response_due(contact, settings.terms, calendar)

    return {contact.ref: due(contact) for contact in contacts}


def count_contacts(contacts: Sequence[Contact], interval: timedelta) -> list[VolumeCount]:
    """Contacts counted per queue and interval, with their mean handling time; empty ones are absent."""
    counted: dict[tuple[QueueId, datetime], list[float | None]] = defaultdict(list)
    for contact in contacts:
        counted[(contact.queue, interval_start(contact.opened_at, interval))].append(contact.handle_seconds)
    return [
        VolumeCount(
            queue=queue,
            start=start,
            interval=interval,
            contacts=float(len(seconds)),
            aht_seconds=mean(seconds),
        )
        for (queue, start), seconds in sorted(counted.items())
    ]


def _count_into_volumes(uow: UnitOfWork, settings: Settings, contacts: Sequence[Contact]) -> list[Finding]:
    """Count the days the file touches again, from everything in the store."""
    if not contacts:
        return []
    interval = settings.staffing.interval
    # Before the first and after the last arrival of the file nothing is known: no zeros there.
    first, last = min(c.opened_at for c in contacts), max(c.opened_at for c in contacts)
    findings: list[Finding] = []
    total, kept = ChangeCounts(), 0
    for queue in dict.fromkeys(c.queue for c in contacts):
        calendar = settings.calendars[settings.queues[queue].calendar]
        tz = ZoneInfo(calendar.zone)
        days = sorted({c.opened_at.astimezone(tz).date() for c in contacts if c.queue == queue})
        begin, end = interval_start(first, interval), interval_start(last, interval) + interval
        marks = [
            m
            for m in open_starts(calendar, interval, begin, end)
            if days[0] <= m.astimezone(tz).date() <= days[-1]
        ]
        day_of = {m: m.astimezone(tz).date() for m in marks}
        day_first = min(begin, *marks) if marks else begin
        counted = arrivals_by_interval(uow.volumes.arrivals(queue, day_first, end), interval)
        touched = {s.astimezone(tz).date() for s in counted}
        usual = sum(len(v) for v in counted.values()) / max(1, len(touched))
        silent = sorted({d for d in day_of.values() if d not in touched}) if usual >= FEW_A_DAY else []
        findings += [
            Finding(code="day_missing", data={"queue": queue, "date": d.isoformat()}) for d in silent
        ]
        starts = set(counted) | {m for m in marks if day_of[m] not in silent}
        saved = uow.volumes.save(
            [
                VolumeCount(
                    queue=queue,
                    start=start,
                    interval=interval,
                    contacts=float(len(counted.get(start, ()))),
                    aht_seconds=mean(counted.get(start, ())),
                )
                for start in sorted(starts)
            ],
            source=VolumeSource.CONTACTS,
        )
        total, kept = total + saved.counts, kept + saved.kept
        outside = sum(len(v) for s, v in counted.items() if s not in day_of)
        if outside:
            findings.append(Finding(code="outside_hours", data={"queue": queue, "contacts": outside}))
    findings.append(
        Finding(
            code="counted",
            data={
                "minutes": f"{interval.total_seconds() / 60:g}",
                "intervals": total.total,
                "changed": total.new + total.changed,
            },
        )
    )
    if kept:
        findings.append(Finding(code="imported_volumes_kept", data={"intervals": kept}))
    return findings


def import_agents(
    store: Store, settings: Settings, rows: Sequence[Numbered[Agent]], report: ImportReport
) -> ImportReport:
    """Write agents; those who are not in the file stay as they are."""
    refused: list[RefusedRow] = []
    counts = ChangeCounts()
    ended = dropped = 0
    with store.unit() as uow:
        everybody = uow.people.all(active=False)
        before = {a.agent: a for a in everybody}
        granted = uow.skill_records.granted()
        held = {a.email: a.agent for a in everybody}
        for row in rows:
            agent = row.value
            other = held.get(agent.email)
            if other is not None and other != agent.agent:
                refused.append(RefusedRow(line=row.line, reason="email_taken", data={"agent": other}))
                continue
            held[agent.email] = agent.agent
            linked = uow.calendar_links.made_at(agent.agent) is not None
            had = before.get(agent.agent)
            dropped += had is not None and any(
                (agent.agent, skill) in granted and skill not in agent.skills for skill in had.skills
            )
            counts += _counted(uow.people.upsert(agent))
            ended += linked and uow.calendar_links.made_at(agent.agent) is None
        now_there = uow.people.all()
        uow.commit()
    absent = {a.agent for a in everybody} - {r.value.agent for r in rows}
    findings = [Finding(code="agents_not_in_file", data={"agents": len(absent)})] if absent else []
    findings += [Finding(code="calendar_links_ended", data={"agents": ended})] if ended else []
    findings += [Finding(code="granted_not_in_file", data={"agents": dropped})] if dropped else []
    findings += _rules_without_agents(now_there, settings)
    return report.with_outcome(counts, tuple(refused), tuple(findings))


def _rules_without_agents(agents: Sequence[Agent], settings: Settings) -> list[Finding]:
    """Rules that count a skill nobody has: a gap no roster can close, and often a slip of the pen."""
    held = {skill for agent in agents for skill in agent.skills}
    found = []
    for rule in settings.roster.presence:
        skill = attribute_skill(rule.attribute)
        if skill is not None and skill not in held:
            close = get_close_matches(skill, sorted(held), n=1)
            data = {"rule": rule.name, "skill": skill, **({"near": close[0]} if close else {})}
            found.append(Finding(code="rule_without_agents", data=data))
    return found


def import_availability(
    store: Store, rows: Sequence[Numbered[AvailabilityEntry]], report: ImportReport
) -> ImportReport:
    """Write availability; an agent's weekdays in the file replace all weekdays the agent had."""
    with store.unit() as uow:
        kept, refused = _of_known_agents(uow, rows, lambda e: e.agent)
        counts = uow.people.save_availability([n.value for n in kept])
        uow.commit()
    return report.with_outcome(counts, refused)


def import_leave(store: Store, rows: Sequence[Numbered[LeaveEntry]], report: ImportReport) -> ImportReport:
    """Write leave; one that begins on the same day for the same agent is replaced."""
    with store.unit() as uow:
        kept, refused = _of_known_agents(uow, rows, lambda e: e.agent)
        counts = uow.people.save_leave([n.value for n in kept])
        uow.commit()
    return report.with_outcome(counts, refused)


def import_roster(
    store: Store,
    settings: Settings,
    rows: Sequence[Numbered[RosterEntry]],
    report: ImportReport,
    *,
    now: datetime,
) -> ImportReport:
    """Keep shifts as one draft per ISO week, unless the latest version of that week is the same."""
    findings: list[Finding] = []
    counts = ChangeCounts()
    with store.unit() as uow:
        people = {a.agent: a for a in uow.people.all(active=False)}
        kept, refused = _of_known_agents(uow, rows, lambda e: e.agent)
        assignments, filled, bad = _assignments(settings, kept, people)
        refused += bad
        if filled:
            findings.append(Finding(code="gaps_as_lunch", data={"shifts": filled}))
        weeks: dict[date, list[Assignment]] = defaultdict(list)
        for assignment in assignments:
            day = assignment.shift.date
            weeks[day - day.weekday() * DAY].append(assignment)
        for first, held in sorted(weeks.items()):
            roster = Roster(
                period=RosterPeriod(first=first, days=7, zone=settings.zone), assignments=tuple(held)
            )
            latest = uow.rosters.latest(first=first)
            before = set(latest.roster.assignments) if latest is not None else set()
            same = before & set(roster.assignments)
            if latest is not None and latest.roster == roster:
                counts += ChangeCounts(unchanged=len(held))
                version = latest.roster_id
            else:
                dates = {(a.agent, a.shift.date) for a in before}
                changed = sum(a not in same and (a.agent, a.shift.date) in dates for a in roster.assignments)
                counts += ChangeCounts(
                    unchanged=len(same), changed=changed, new=len(held) - len(same) - changed
                )
                version = uow.rosters.save_draft(roster, made_at=now, outcome="imported")
            iso = first.isocalendar()
            findings.append(
                Finding(
                    code="roster_week",
                    data={"week": f"{iso.year}-W{iso.week:02d}", "roster": version, "shifts": len(held)},
                )
            )
        uow.commit()
    return report.with_outcome(counts, refused, tuple(findings))


def _assignments(
    settings: Settings, rows: Sequence[Numbered[RosterEntry]], people: dict[AgentId, Agent]
) -> tuple[list[Assignment], int, tuple[RefusedRow, ...]]:
    """Shifts of contiguous activities; rows that overlap another of the same agent are refused."""
    days: dict[tuple[AgentId, date], list[Numbered[RosterEntry]]] = defaultdict(list)
    for row in rows:
        days[(row.value.agent, row.value.date)].append(row)
    refused: list[RefusedRow] = []
    found: list[Assignment] = []
    filled = 0
    for (agent, day), held in sorted(days.items()):
        parts: list[list[_Part]] = []
        for row in sorted(held, key=lambda n: (n.value.start, n.line)):
            entry = row.value
            part = _Part(start=entry.start, end=entry.end, activity=entry.activity)
            if parts and entry.start < parts[-1][-1].end:
                data = {"agent": agent, "other": parts[-1][-1].activity}
                refused.append(RefusedRow(line=row.line, reason="overlap", data=data))
            elif not parts or entry.start - parts[-1][-1].end > LUNCH_GAP:
                parts.append([part])
            else:
                if entry.start > parts[-1][-1].end:
                    parts[-1].append(_Part(start=parts[-1][-1].end, end=entry.start, activity=LUNCH))
                    filled += 1
                parts[-1].append(part)
        paid_lunch = _paid_lunch(settings, people[agent])
        for shift in parts:
            segments = tuple(
                Segment(activity=p.activity, start=p.start, end=p.end, paid=p.activity != LUNCH or paid_lunch)
                for p in shift
            )
            found.append(
                Assignment(
                    agent=agent,
                    shift=Shift(date=day, start=shift[0].start, end=shift[-1].end, segments=segments),
                )
            )
    return found, filled, tuple(refused)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    start: datetime
    end: datetime
    activity: str


def _paid_lunch(settings: Settings, agent: Agent) -> bool:
    contract = settings.roster.contracts.get(agent.contract)
    if contract is None:
        return False
    templates = [settings.roster.templates[name] for name in contract.templates]
    with_lunch = [t for t in templates if t.breaks.lunch]
    return bool(with_lunch) and all(t.paid_lunch for t in with_lunch)


def _of_known_agents(
    uow: UnitOfWork, rows: Sequence[Numbered[T]], agent_of: Callable[[T], AgentId]
) -> tuple[list[Numbered[T]], tuple[RefusedRow, ...]]:
    known = {a.agent for a in uow.people.all(active=False)}
    if not known:
        raise RefusedError(
            "no_agents", "There are no agents yet; nothing was imported. First: muster import agents FILE."
        )
    kept: list[Numbered[T]] = []
    refused: list[RefusedRow] = []
    for row in rows:
        agent = agent_of(row.value)
        if agent in known:
            kept.append(row)
        else:
            near = get_close_matches(agent, known, n=1)
            data = {"value": agent[:40], "near": near[0] if near else "-"}
            refused.append(RefusedRow(line=row.line, reason="unknown_agent", data=data))
    return kept, tuple(refused)


def _counted(change: Change) -> ChangeCounts:
    return ChangeCounts(
        new=change is Change.NEW, changed=change is Change.CHANGED, unchanged=change is Change.UNCHANGED
    )
