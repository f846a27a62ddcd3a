"""Publish a draft: freeze it, tell everybody concerned, all in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import AgentId, RosterId, TeamId
from bot.core.messages import (
    Outgoing,
    Recipient,
    RecipientKind,
    RosterAnnounced,
    RosterPublished,
    ShiftLine,
    Urgency,
)
from bot.core.privacy import refuse_personal
from bot.core.rosters import RosterStatus, RosterVersion
from bot.core.settings import Settings
from bot.store.rosters import StoredCertificate, StoredReceipt
from bot.store.unit_of_work import Store, UnitOfWork
from bot.usecases import follow_publication, plan_changes
from bot.usecases.labour_receipts import judge, receipt_json
from bot.usecases.plan_roster import assess_within
from scheduler.labour.receipt import Receipt
from scheduler.roster.diff import AgentChanges, diff

__all__ = ["Published", "begins", "publish"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """``repeated``: the roster was published already and nothing was done.

    ``told``: agents a message was written for.  ``short_notice``: agents with a change that begins sooner
    than the notice promised.  ``violations``: broken rules that were accepted with a reason.
    ``waiting``: of those, who is asked for consent; until they agree they keep the shifts they had.
    ``labour``: the receipt that was kept with it, None where no pack of labour law is in use.
    """

    version: RosterVersion
    supersedes: RosterId | None
    changes: tuple[AgentChanges, ...]
    told: tuple[AgentId, ...]
    short_notice: tuple[AgentId, ...]
    violations: int = 0
    labour: Receipt | None = None
    repeated: bool = False
    waiting: tuple[AgentId, ...] = ()


def publish(
    store: Store,
    settings: Settings,
    roster: RosterId,
    *,
    by: str,
    accept: str | None,
    now: datetime,
    tell: Recipient | None = None,
    why: str | None = None,
) -> Published:
    """Make a draft the published roster of its period.

    Refused (RefusedError, nothing changed) without a certificate, below its threshold, with broken rules
    or against a hard rule of labour law, unless ``accept`` gives a reason, free of personal data, which is
    kept and shown on the roster.
    Publishing the same roster again changes nothing.  ``tell``: who is shown whom it reached.  ``why`` is
    told to whoever's shifts are different from the version before; it is free of personal data as well.
    """
    why = (why or "").strip() or None
    if why is not None:
        refuse_personal(why, field="why")
    reason = accept.strip() if accept else None
    if reason is not None:
        refuse_personal(reason, field="accept")
    with store.unit() as uow:
        if not uow.rosters.lock(roster):
            raise NotFoundError("no_roster", f"There is no roster {roster}.", roster=roster)
        assessment = assess_within(uow, settings, roster)
        version = assessment.version
        if version.status is RosterStatus.PUBLISHED:
            return Published(
                version=version, supersedes=None, changes=(), told=(), short_notice=(), repeated=True
            )
        period = version.roster.period
        _refuse_overlap(uow, version)
        certificate = uow.rosters.certificate(roster)
        packs = settings.roster.labour
        labour = judge(uow, settings, version, packs) if packs else None
        if reason is None:
            if labour is not None and not assessment.violations:
                _refuse_unlawful(version, labour)
            _refuse_unproven(settings, version, certificate, len(assessment.violations))
        before = uow.rosters.published_for(period)
        uow.rosters.publish(roster, by=by, at=now, accepted_because=reason)
        if labour is not None:
            uow.rosters.save_receipt(StoredReceipt(roster=roster, made_at=now, report=receipt_json(labour)))
        changes = diff(None if before is None else before.roster, version.roster)
        told: list[AgentId] = []
        waiting: tuple[AgentId, ...] = ()
        if before is not None:
            plan_changes.overtake(uow, settings, before, now=now)
        if period.end > now:
            if before is None:
                told = _tell_agents(uow, version, changes, now)
            else:
                done = plan_changes.tell(uow, settings, version, changes, by=by, why=why, now=now)
                told, waiting = list(done.told), done.waiting
            _tell_teams(uow, settings, version, certificate, reason, now)
            if tell is not None:
                follow_publication.follow(uow, roster, told, by=by, now=now, tell=tell)
        late = [
            AgentId(c.agent)
            for c in changes
            if any(now < at < now + settings.roster.publish.notice for at in begins(c))
        ]
        uow.audit.add(
            by,
            "roster.published",
            f"roster:{roster}",
            {
                "first": period.first.isoformat(),
                "days": period.days,
                "supersedes": None if before is None else before.roster_id,
                "weakest": version.weakest,
                "violations": len(assessment.violations),
                "labour_broken": [] if labour is None else list(labour.broken),
                "accepted_because": reason,
                "agents_told": len(told),
                "agents_asked": len(waiting),
            },
            now,
        )
        uow.commit()
        after = uow.rosters.get(roster)
    assert after is not None
    return Published(
        version=after,
        supersedes=None if before is None else before.roster_id,
        changes=changes,
        told=tuple(told),
        short_notice=tuple(late),
        waiting=waiting,
        violations=len(assessment.violations),
        labour=labour,
    )


def _refuse_overlap(uow: UnitOfWork, version: RosterVersion) -> None:
    others = uow.rosters.published_overlapping(version.roster.period)
    if others:
        raise RefusedError(
            "period_overlaps",
            f"Roster {others[0]} is published for other, overlapping days; nothing was published. "
            "Solve the same period again.",
            roster=version.roster_id,
            other=others[0],
        )


def _refuse_unlawful(version: RosterVersion, labour: Receipt) -> None:
    """The worst place of the first hard rule that is broken stands in the sentence."""
    broken = labour.broken
    if not broken:
        return
    pack, _, code = broken[0].partition(".")
    held = next(r for p in labour.packs if p.pack == pack for r in p.rules if r.rule.code == code)
    assert held.worst is not None
    raise RefusedError(
        "breaks_labour",
        f"Roster {version.roster_id} breaks labour law as app.yaml takes it: {', '.join(broken)}; the worst "
        f"of {broken[0]} is {held.worst.agent} on {held.worst.date}. It was not published. See muster rules "
        "check, or give a reason with --accept.",
        roster=version.roster_id,
        rules=", ".join(broken),
        first=broken[0],
        agent=held.worst.agent,
        day=held.worst.date.isoformat(),
    )


def _refuse_unproven(
    settings: Settings, version: RosterVersion, certificate: StoredCertificate | None, violations: int
) -> None:
    if violations:
        raise RefusedError(
            "breaks_rules",
            f"Roster {version.roster_id} breaks {violations} rules; it was not published. "
            "See muster roster show, or give a reason with --accept.",
            roster=version.roster_id,
            violations=violations,
        )
    if certificate is None:
        raise RefusedError(
            "not_certified",
            f"Roster {version.roster_id} has no certificate; it was not published. "
            "First: muster roster certify, or give a reason with --accept.",
            roster=version.roster_id,
        )
    threshold = settings.roster.publish.certificate
    if certificate.weakest < threshold:
        weakest = certificate.weakest_peak
        where = ""
        if weakest is not None:
            at = datetime.fromisoformat(weakest["start"]).astimezone(ZoneInfo(settings.zone))
            where = f"{weakest['queue']} {at:%Y-%m-%d %H:%M}"
        missing = 0 if weakest is None else int(weakest["missing_agents"])
        raise RefusedError(
            "below_certificate",
            f"The weakest peak ({where}) meets its target with P {certificate.weakest:.2f}, below "
            f"{threshold:.2f}; about {missing} people are missing there. Nothing was published. muster "
            "roster certify names the cheapest fix; or solve again with --prove, or give a reason with "
            "--accept.",
            roster=version.roster_id,
            weakest=f"{certificate.weakest:.2f}",
            threshold=f"{threshold:.2f}",
            where=where,
            missing=missing,
        )


def _tell_agents(
    uow: UnitOfWork,
    version: RosterVersion,
    changes: Iterable[AgentChanges],
    now: datetime,
) -> list[AgentId]:
    """Everybody on the first version of a period gets their shifts."""
    period, roster = version.roster.period, version.roster_id
    own = version.roster.by_agent()
    told = []
    for change in changes:
        agent = AgentId(change.agent)
        message = RosterPublished(
            roster=roster,
            first=period.first,
            days=period.days,
            shifts=tuple(ShiftLine.of(shift) for shift in own.get(change.agent, ())),
            changes=(),
            first_version=True,
        )
        uow.outbox.put(
            Outgoing(
                recipient=Recipient(kind=RecipientKind.AGENT, name=agent),
                message=message,
                dedupe_key=f"roster-{roster}-agent-{agent}",
                urgency=Urgency.NOTICE,
                not_before=now,
            ),
            now,
        )
        told.append(agent)
    return told


def _tell_teams(
    uow: UnitOfWork,
    settings: Settings,
    version: RosterVersion,
    certificate: StoredCertificate | None,
    reason: str | None,
    now: datetime,
) -> None:
    team_of = {a.agent: a.team for a in uow.people.all(active=False)}
    teams: dict[TeamId, set[str]] = {}
    for assignment in version.roster.assignments:
        team = team_of.get(AgentId(assignment.agent))
        if team is not None:
            teams.setdefault(team, set()).add(assignment.agent)
    weakest = None if certificate is None else certificate.weakest_peak
    for name, agents in sorted(teams.items()):
        held = settings.teams.get(name)
        channel = None if held is None else held.channels.get("alerts")
        if channel is None:
            continue
        uow.outbox.put(
            Outgoing(
                recipient=Recipient(kind=RecipientKind.CHANNEL, name=channel, team=name),
                message=RosterAnnounced(
                    roster=version.roster_id,
                    first=version.roster.period.first,
                    days=version.roster.period.days,
                    agents=len(agents),
                    inside_share=version.inside_share,
                    weakest=version.weakest,
                    weakest_queue=None if weakest is None else str(weakest["queue"]),
                    weakest_at=None if weakest is None else datetime.fromisoformat(weakest["start"]),
                    accepted_because=reason,
                ),
                dedupe_key=f"roster-{version.roster_id}-team-{name}",
                urgency=Urgency.NOTICE,
                not_before=now,
            ),
            now,
        )


def begins(change: AgentChanges) -> list[datetime]:
    """When the shifts that change begin, before and after."""
    times = [s.start for s in (*change.added, *change.removed)]
    for pair in change.changed:
        times += [pair.before.start, pair.after.start]
    return times
