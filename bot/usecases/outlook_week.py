"""Monday's line to the leads: how last week's risk cards did, and when promises broke most (FP10).

Called inside a unit.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.counting import interval_start
from bot.core.ids import QueueId, TeamId
from bot.core.messages import Outgoing, Recipient, RecipientKind, Urgency
from bot.core.on_duty import reachable, working_on
from bot.core.outlook import WINDOW
from bot.core.outlook_messages import RiskWeek, WeakHalfHour
from bot.core.people import Role, Team
from bot.core.settings import Settings
from bot.store.outlook import HitRate
from bot.store.unit_of_work import ReadUnit, UnitOfWork
from forecasting.grid import local_midnight

__all__ = ["tell_weeks", "weakest", "week_so_far"]

WEEKLY_AT = time(9)
WEEKLY_GRACE = timedelta(hours=6)
MONDAY = 0
SHOWN = 3
FEWEST = 2
"""One broken promise in a half hour is no bottleneck."""


def tell_weeks(uow: UnitOfWork, settings: Settings, now: datetime) -> int:
    """On Monday at 09:00 local, once, to each lead of a team; returns how many messages were written.

    A week without a card and without a bottleneck has nothing to report, and nothing is sent.  Predictions
    and episodes older than the contacts they speak of are deleted on the way.
    """
    written = 0
    for team in settings.teams.values():
        local = now.astimezone(ZoneInfo(team.zone))
        since = local.replace(tzinfo=None) - datetime.combine(local.date(), WEEKLY_AT)
        if local.weekday() != MONDAY or not timedelta(0) <= since < WEEKLY_GRACE:
            continue
        if not uow.job_slots.take(f"risk_week:{team.team}", local.date().isoformat(), now):
            continue
        uow.risk_calls.forget(now - settings.retention.contacts)
        uow.episodes.forget(now - settings.retention.contacts)
        written += _tell(uow, settings, team, local.date() - timedelta(days=7), now)
    return written


def week_so_far(uow: ReadUnit, settings: Settings, team: TeamId, now: datetime) -> HitRate:
    """The team's risk cards from Monday, local, to ``now``."""
    zone = settings.teams[team].zone
    today = now.astimezone(ZoneInfo(zone)).date()
    monday = local_midnight(today - timedelta(days=today.weekday()), zone)
    return uow.risk_calls.hit_rate(_queues(settings, team), monday, now + timedelta(seconds=1))


def weakest(uow: ReadUnit, queues: list[QueueId], start: datetime, end: datetime) -> tuple[WeakHalfHour, ...]:
    """The half hours in [start, end) in which most first responses fell due and were broken, worst first."""
    broken = Counter(
        (queue, interval_start(due_at, WINDOW))
        for queue, due_at in uow.live_queues.broken_due_times(queues, start, end)
    )
    worst = sorted(broken.items(), key=lambda item: (-item[1], item[0][1], item[0][0]))[:SHOWN]
    return tuple(_weak(uow, queue, begin, count) for (queue, begin), count in worst if count >= FEWEST)


def _weak(uow: ReadUnit, queue: QueueId, start: datetime, broken: int) -> WeakHalfHour:
    middle = start + WINDOW / 2
    requirement = uow.requirements.at(queue, middle)
    on_shift = uow.rosters.on_shift(middle)
    known = bool(on_shift) or uow.rosters.published_at(middle) is not None
    return WeakHalfHour(
        queue=queue,
        start=start,
        broken=broken,
        rostered=working_on(on_shift, queue) if known else None,
        needed=None if requirement is None else requirement.base_agents,
    )


def _tell(uow: UnitOfWork, settings: Settings, team: Team, first: date, now: datetime) -> int:
    queues = _queues(settings, team.team)
    start = local_midnight(first, team.zone)
    end = local_midnight(first + timedelta(days=7), team.zone)
    rate = uow.risk_calls.hit_rate(queues, start, end)
    weak = weakest(uow, queues, start, end)
    if not rate.sent and not weak:
        return 0
    message = RiskWeek(
        team=team.team,
        first=first,
        sent=rate.sent,
        judged=rate.judged,
        came_true=rate.came_true,
        weakest=weak,
    )
    written = 0
    for agent in uow.people.all():
        lead = settings.roles.role_of(agent.email, agent.role) is Role.LEAD
        if agent.team == team.team and lead and reachable(agent):
            uow.outbox.put(
                Outgoing(
                    recipient=Recipient(kind=RecipientKind.AGENT, name=agent.agent),
                    message=message,
                    dedupe_key=f"risk_week:{team.team}:{first.isoformat()}:{agent.agent}",
                    urgency=Urgency.DIGEST,
                    not_before=now,
                ),
                now,
            )
            written += 1
    return written


def _queues(settings: Settings, team: TeamId) -> list[QueueId]:
    return [name for name, queue in settings.queues.items() if queue.team == team]
