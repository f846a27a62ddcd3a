"""The evening card: certified peaks against what came, promises still open, misses without a cause."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.certificate_calibration import PeakOutcome
from bot.core.ids import TeamId
from bot.core.messages import Outgoing, Recipient, RecipientKind, Urgency
from bot.core.on_duty import reachable
from bot.core.outlook_messages import CertifiedPeak, EveningCard, OpenPromise
from bot.core.people import Role
from bot.core.promises import Promise, PromiseKind
from bot.core.settings import Settings
from bot.store.unit_of_work import Store, UnitOfWork
from bot.usecases.certificate_outcomes import outcomes
from bot.usecases.name_causes import Unnamed, unnamed
from forecasting.grid import local_midnight

__all__ = ["tick"]

SHOWN = 8
UNTIL = time(12)
"""Promises due before this time of the next day are named: the night shift's, and the morning's first."""


def tick(store: Store, settings: Settings, *, now: datetime) -> int:
    """Tell the leads of each team how its certified peaks of today went; returns how many were told.

    A team without a peak to compare, a promise due by tomorrow noon, or a miss of today without a cause hears
    nothing.  Told once a day:
    the message's key holds the local date, so repeats and replicas change nothing.
    """
    today = now.astimezone(ZoneInfo(settings.zone)).date()
    by_team: dict[TeamId, list[PeakOutcome]] = defaultdict(list)
    for outcome in outcomes(store, settings, first=today, last=today, now=now):
        by_team[settings.queues[outcome.queue].team].append(outcome)
    written = 0
    with store.unit() as uow:
        for team in settings.teams:
            promises = _open_promises(uow, settings, team, today, now)
            misses = unnamed(uow, settings, team, local_midnight(today, settings.zone), now)
            if by_team[team] or promises or misses.total:
                card = _card(team, today, by_team[team], promises, misses)
                written += _tell(uow, settings, team, card, now)
        uow.commit()
    return written


def _open_promises(
    uow: UnitOfWork, settings: Settings, team: TeamId, today: date, now: datetime
) -> list[Promise]:
    noon = datetime.combine(today + timedelta(days=1), UNTIL, ZoneInfo(settings.zone))
    found = [
        promise
        for queue in settings.queues.values()
        if queue.team == team
        for promise in uow.promises.due_between(queue.queue, now, noon, tuple(PromiseKind))
    ]
    return sorted(found, key=lambda p: (p.due_at, p.promise))


def _card(
    team: TeamId,
    today: date,
    peaks: Sequence[PeakOutcome],
    promises: Sequence[Promise],
    misses: Unnamed,
) -> EveningCard:
    # Those that missed first, the one furthest below its target on top.
    worst = sorted(peaks, key=lambda o: (o.held, (o.share or 0.0) - o.target_share, o.start))
    return EveningCard(
        team=team,
        day=today,
        peaks=len(peaks),
        held=sum(o.held for o in peaks),
        shown=tuple(
            CertifiedPeak(
                queue=o.queue,
                start=o.start,
                end=o.end,
                promised=o.promised,
                expected=o.expected_contacts,
                contacts=o.contacts,
                share=o.share,
                held=o.held,
            )
            for o in worst[:SHOWN]
        ),
        promises=len(promises),
        due=tuple(OpenPromise(owner=p.owner, ref=p.ref, due_at=p.due_at) for p in promises[:SHOWN]),
        unnamed=misses.total,
        misses=misses.lines,
    )


def _tell(uow: UnitOfWork, settings: Settings, team: TeamId, card: EveningCard, now: datetime) -> int:
    leads = [
        agent.agent
        for agent in uow.people.all()
        if agent.team == team
        and reachable(agent)
        and settings.roles.role_of(agent.email, agent.role) is not Role.AGENT
    ]
    for lead in leads:
        uow.outbox.put(
            Outgoing(
                recipient=Recipient(kind=RecipientKind.AGENT, name=lead, team=team),
                message=card,
                dedupe_key=f"evening:{team}:{card.day.isoformat()}:{lead}",
                urgency=Urgency.NOTICE,
                not_before=now,
            ),
            now,
        )
    return len(leads)
