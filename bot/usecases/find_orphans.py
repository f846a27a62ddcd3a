"""CR11: every night the open cases nobody looks after are listed to the leads of their team."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.core.case_work import orphan_reason
from bot.core.messages import Outgoing, Recipient, RecipientKind, Urgency
from bot.core.on_duty import reachable
from bot.core.people import Role, Team
from bot.core.records_messages import OrphanCase, OrphanCases
from bot.core.settings import Settings
from bot.store.unit_of_work import Store, UnitOfWork

__all__ = ["tick"]

SHOWN = 15


def tick(store: Store, settings: Settings, *, now: datetime) -> int:
    """Put the lists; returns how many cases are on them.  A team without any is told nothing."""
    found = 0
    with store.unit() as uow:
        for team in settings.teams.values():
            found += _list(uow, settings, team, now)
        uow.commit()
    return found


def _list(uow: UnitOfWork, settings: Settings, team: Team, now: datetime) -> int:
    queues = [q.queue for q in settings.queues.values() if q.team == team.team]
    quiet_before = now - settings.records.orphan_after
    candidates, total = uow.contacts.neglected(queues, quiet_before, SHOWN)
    cases = []
    for contact, last in candidates:
        reason = orphan_reason(contact, last, quiet_before=quiet_before)
        if reason is not None:
            cases.append(
                OrphanCase(
                    ref=contact.ref,
                    queue=contact.queue,
                    priority=contact.priority.value,
                    reason=reason.value,
                    since=last,
                    owner=contact.agent,
                )
            )
    if not cases:
        return 0
    day = now.astimezone(ZoneInfo(team.zone)).date()
    message = OrphanCases(team=team.team, day=day, total=total, cases=tuple(cases))
    for recipient in _leads(uow, settings, team):
        uow.outbox.put(
            Outgoing(
                recipient=recipient,
                message=message,
                dedupe_key=f"orphans:{team.team}:{day.isoformat()}:{recipient.name}",
                urgency=Urgency.DIGEST,
                not_before=now,
            ),
            now,
        )
    return total


def _leads(uow: UnitOfWork, settings: Settings, team: Team) -> tuple[Recipient, ...]:
    """Every lead of the team that a message can reach, else the chain's last resort."""
    leads = tuple(
        Recipient(kind=RecipientKind.AGENT, name=a.agent, team=team.team)
        for a in uow.people.all()
        if a.team == team.team and reachable(a) and settings.roles.role_of(a.email, a.role) is not Role.AGENT
    )
    resort = settings.chains[team.escalation].last_resort
    return leads or (Recipient(kind=RecipientKind.EMAIL, name=resort, team=team.team),)
