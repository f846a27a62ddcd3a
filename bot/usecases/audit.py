"""The data against itself and against app.yaml: what `muster doctor` finds in the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from bot.core.deciders import everybody_who_may
from bot.core.delivery import TOKEN_REFUSED
from bot.core.escalation import Notify
from bot.core.people import Agent, Role
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit, Store
from bot.usecases.count_contacts import mark_of
from bot.usecases.follow_on_shift import members_of, places
from scheduler.roster.people import attribute_skill

__all__ = ["Finding", "Verdict", "audit"]

_HISTORY_TOO_OLD = timedelta(days=8)
_COUNTED_TOO_OLD = timedelta(minutes=20)
_UNSENT_TOO_LONG = timedelta(minutes=5)
_NAMED = 5


class Verdict(Enum):
    OK = "ok"
    WRONG = "wrong"  # something will not work until it is mended
    NOT_YET = "not_yet"  # a step that was not taken, or is not needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line: ``kind`` is the catalogue entry `config.doctor.<kind>`, its remedy ``.fix`` below it."""

    check: str
    verdict: Verdict
    kind: str
    data: Mapping[str, object] = field(default_factory=dict)


def audit(store: Store, settings: Settings, *, now: datetime) -> list[Finding]:
    """Every check of stored data, in the order in which a newcomer would mend them.  Changes nothing."""
    with store.read() as uow:
        agents = uow.people.all()
        return [
            *_agents(agents, settings),
            *_history(uow, settings, now),
            *_live(uow, settings, now),
            *_forecast(uow, settings, now),
            _roster(uow, now),
            *_on_shift(uow, settings, now),
            *_outbox(uow, now),
        ]


def _agents(agents: list[Agent], settings: Settings) -> Iterator[Finding]:
    if not agents:
        yield Finding(check="agents", verdict=Verdict.NOT_YET, kind="agents_none")
        return
    yield Finding(check="agents", verdict=Verdict.OK, kind="agents", data={"count": len(agents)})
    skills = {queue.skill for queue in settings.queues.values()}
    yield from _unknown("contract", [a for a in agents if a.contract not in settings.roster.contracts])
    yield from _unknown("team", [a for a in agents if a.team not in settings.teams])
    yield from _unknown("skill", [a for a in agents if not skills & set(a.skills)])
    for name, queue in settings.queues.items():
        if not any(queue.skill in agent.skills for agent in agents):
            yield _wrong("queues_staffed", "queue_without_agents", queue=name, skill=queue.skill)
    for rule in settings.roster.presence:
        skill = attribute_skill(rule.attribute)
        if rule.least and skill is not None and not any(skill in agent.skills for agent in agents):
            yield _wrong("rules_staffed", "rule_without_agents", rule=rule.name, skill=skill)
    for team_name, team in settings.teams.items():
        steps = settings.chains[team.escalation].steps
        members = [a for a in agents if a.team == team_name]
        leads = [a for a in members if settings.roles.role_of(a.email, a.role) is not Role.AGENT]
        if members and not leads and any(step.notify is Notify.LEAD_ON_DUTY for step in steps):
            yield _wrong("leads", "team_without_lead", team=team_name, chain=team.escalation)
        # Members of user groups only Slack knows.
        may = everybody_who_may(settings.roles, agents, team_name)
        if members and len(may) == 1 and not settings.roles.by_user_group:
            data = {"team": team_name, "address": next(iter(may))}
            yield Finding(check="leads", verdict=Verdict.NOT_YET, kind="only_decider", data=data)


def _unknown(what: str, agents: list[Agent]) -> Iterator[Finding]:
    if agents:
        named = _some([a.agent for a in agents])
        yield _wrong(f"agents_{what}", f"agents_{what}", agents=named, count=len(agents))


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")


def _history(uow: ReadUnit, settings: Settings, now: datetime) -> Iterator[Finding]:
    for name in uow.volumes.queues():
        if name not in settings.queues:
            yield _wrong("history", "history_unknown_queue", queue=name)
    for name in settings.queues:
        end = uow.volumes.last_end(name)
        if end is None:
            yield Finding(check="history", verdict=Verdict.NOT_YET, kind="history_none", data={"queue": name})
            continue
        days = max(0, (now - end) // timedelta(days=1))
        data = {"queue": name, "until": f"{end:%Y-%m-%d}", "days": days}
        if now - end > _HISTORY_TOO_OLD:
            yield _wrong("history", "history_old", **data)
        else:
            yield Finding(check="history", verdict=Verdict.OK, kind="history", data=data)


def _live(uow: ReadUnit, settings: Settings, now: datetime) -> Iterator[Finding]:
    """Queues that are fed live: until when they are counted, and whether they have fallen silent."""
    silent = {e.queue: e for e in uow.episodes.going_on("silence")}
    for name in settings.queues:
        mark = uow.count_marks.get(mark_of(name))
        if mark is None or mark.since is None:
            continue
        data = {
            "queue": name,
            "since": f"{mark.since:%Y-%m-%d}",
            "until": f"{mark.counted_at:%Y-%m-%d %H:%M}",
        }
        behind = now - mark.counted_at > _COUNTED_TOO_OLD
        yield Finding(
            check="live",
            verdict=Verdict.NOT_YET if behind else Verdict.OK,
            kind="live_behind" if behind else "live_counted",
            data=data,
        )
        if name in silent:
            yield _wrong("live", "live_silent", queue=name, since=f"{silent[name].since:%Y-%m-%d %H:%M}")


def _forecast(uow: ReadUnit, settings: Settings, now: datetime) -> Iterator[Finding]:
    step = settings.staffing.interval
    for name in settings.queues:
        present = uow.forecasts.latest(name, now, now + step) is not None
        yield Finding(
            check="forecast",
            verdict=Verdict.OK if present else Verdict.NOT_YET,
            kind="forecast" if present else "forecast_none",
            data={"queue": name},
        )


def _roster(uow: ReadUnit, now: datetime) -> Finding:
    present = uow.rosters.published_at(now) is not None
    return Finding(
        check="roster",
        verdict=Verdict.OK if present else Verdict.NOT_YET,
        kind="roster" if present else "roster_none",
    )


def _on_shift(uow: ReadUnit, settings: Settings, now: datetime) -> Iterator[Finding]:
    """Groups and topics that follow who is on shift, as Slack took them last."""
    agents = uow.people.all()
    for place in places(settings):
        held = uow.on_shift_places.get(place.key)
        for _, skill in place.sources:
            if agents and skill is not None and not any(skill in agent.skills for agent in agents):
                yield _wrong("on_shift", "on_shift_skill", place=place.shown, skill=skill)
        if held is not None and held.error is not None:
            yield _wrong("on_shift", "on_shift_refused", place=place.shown, error=held.error)
        elif held is None or held.shown is None or held.changed_at is None:
            yield Finding(
                check="on_shift", verdict=Verdict.NOT_YET, kind="on_shift_none", data={"place": place.shown}
            )
        else:
            told: dict[str, object] = {"place": place.shown, "at": f"{held.changed_at:%Y-%m-%d %H:%M}"}
            yield Finding(check="on_shift", verdict=Verdict.OK, kind="on_shift", data=told)
        unlinked = [a.agent for a in members_of(uow, settings, place, now) if a.slack_user is None]
        if unlinked and not place.topic:
            missing = {"place": place.shown, "count": len(unlinked), "agents": _some(unlinked)}
            yield Finding(check="on_shift", verdict=Verdict.NOT_YET, kind="on_shift_unlinked", data=missing)
        if held is not None and held.left_out:
            refused = {"place": place.shown, "count": held.left_out}
            yield Finding(check="on_shift", verdict=Verdict.NOT_YET, kind="on_shift_left_out", data=refused)


def _outbox(uow: ReadUnit, now: datetime) -> Iterator[Finding]:
    backlog = uow.outbox.backlog(now)
    oldest = backlog.oldest_due_at
    if backlog.held_back_by in TOKEN_REFUSED:
        yield _wrong("outbox", "outbox_refused", waiting=backlog.waiting, error=backlog.held_back_by)
        return
    minutes = 0 if oldest is None else int((now - oldest).total_seconds() // 60)
    if oldest is not None and now - oldest > _UNSENT_TOO_LONG:
        yield _wrong("outbox", "outbox_stuck", waiting=backlog.waiting, minutes=minutes)
    else:
        yield Finding(check="outbox", verdict=Verdict.OK, kind="outbox", data={"waiting": backlog.waiting})
    if backlog.failed:
        yield Finding(
            check="outbox", verdict=Verdict.NOT_YET, kind="outbox_failed", data={"failed": backlog.failed}
        )


def _wrong(check: str, kind: str, /, **data: object) -> Finding:
    return Finding(check=check, verdict=Verdict.WRONG, kind=kind, data=data)
