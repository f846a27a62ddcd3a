"""What rules cannot grant: whether a lead may be asked about it, asking, and their word (SCENARIOS P9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.core.deciders import in_place_of_leads
from bot.core.errors import NotAllowedError, RefusedError
from bot.core.ids import AgentId, RosterId
from bot.core.messages import Outgoing, Recipient, RecipientKind, Urgency
from bot.core.people import Agent
from bot.core.permissions import Action, Actor, permits
from bot.core.request_messages import RequestReferred
from bot.core.requests import REFERRED, Answer, Cause, Request, RequestId, RequestState
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit, Store, UnitOfWork
from bot.usecases.ask_changes import BEFORE_THE_SHIFT, Outcome, choose, turn_down
from bot.usecases.change_shifts import open_spans, team_leads, whole_change
from scheduler.requests.verdicts import Trade, Verdict

__all__ = ["Referral", "Standpoint", "decide", "deciders", "put_before_leads", "referral", "referred_to"]


class Referral(Enum):
    """Whether something may be put before the leads, and why not."""

    POSSIBLE = "possible"
    NOT_NEEDED = "not_needed"  # rules grant it
    NOT_THEIRS = "not_theirs"  # a rule would be broken
    WAITING = "waiting"  # it lies there already
    TOO_LATE = "too_late"
    NOBODY = "nobody"  # but the one who asks could decide


@dataclass(frozen=True, slots=True, kw_only=True)
class Standpoint:
    """``ends_at``: by when a lead would have to decide.  ``waits``: the request that lies before them."""

    referral: Referral
    ends_at: datetime
    waits: RequestId | None = None


def deciders(
    uow: ReadUnit, settings: Settings, agent: Agent, trades: tuple[Trade, ...], *, now: datetime
) -> tuple[Recipient, ...]:
    """Who is asked to decide for ``agent``: the team's leads, else others who may; empty without any.

    Nobody whose own shifts it changes.
    """
    people = {agent.agent, *(t.agent for t in trades)}
    leads = team_leads(uow, settings, agent.team, now=now, but=people)
    if leads:
        return leads
    resort = settings.chains[settings.teams[agent.team].escalation].last_resort
    agents = uow.people.all()
    own = {a.email.lower() for a in agents if a.agent in people}
    instead = in_place_of_leads(settings.roles, agents, agent.team, last_resort=resort, but=own)
    return tuple(Recipient(kind=RecipientKind.EMAIL, name=a, team=agent.team) for a in instead)


def referral(
    uow: ReadUnit,
    settings: Settings,
    agent: Agent,
    verdict: Verdict,
    trades: tuple[Trade, ...],
    *,
    now: datetime,
) -> Standpoint:
    """How what ``agent`` asks for stands to a decision of the leads.  They decide about cover only."""
    ends_at = min(s.start for t in trades for s in (*t.gone, *t.come)) - BEFORE_THE_SHIFT
    if verdict.is_approved:
        return Standpoint(referral=Referral.NOT_NEEDED, ends_at=ends_at)
    if verdict.violations:
        return Standpoint(referral=Referral.NOT_THEIRS, ends_at=ends_at)
    for held in uow.requests.open_of(agent.agent):
        if held.is_referred and held.asker == agent.agent and held.trades == trades:
            return Standpoint(referral=Referral.WAITING, ends_at=ends_at, waits=held.request)
    if ends_at <= now:
        return Standpoint(referral=Referral.TOO_LATE, ends_at=ends_at)
    asked = deciders(uow, settings, agent, trades, now=now)
    return Standpoint(referral=Referral.POSSIBLE if asked else Referral.NOBODY, ends_at=ends_at)


def put_before_leads(
    uow: UnitOfWork,
    settings: Settings,
    agent: Agent,
    *,
    cause: Cause,
    roster: RosterId,
    trades: tuple[Trade, ...],
    verdict: Verdict,
    by: str,
    now: datetime,
) -> Request:
    """Ask the leads, with the gap as it is now; no word an hour before the first shift means no.

    The first of ``trades`` is the agent's; the others' people are asked once a lead has granted it.  Raises
    RefusedError, with nothing kept, where `referral` says anything but POSSIBLE.
    """
    stands = referral(uow, settings, agent, verdict, trades, now=now)
    _refuse_unless_possible(stands)
    day = trades[0].gone[0].date
    made = uow.requests.add(
        cause=cause,
        roster=roster,
        asker=agent.agent,
        trades=trades,
        answers={AgentId(t.agent): Answer.WAITING for t in trades[1:]},
        made_at=now,
        made_by=by,
        ends_at=stands.ends_at,
        state=RequestState.PROPOSED,
        event=f"{REFERRED}{agent.agent}:{day.isoformat()}:{int(now.timestamp())}",
    )
    message = RequestReferred(
        request=made.request,
        agent=agent.agent,
        change=whole_change(trades[0]),
        open_spans=open_spans(verdict.opened),
        ends_at=stands.ends_at,
        cause=cause.value,
        others=tuple(whole_change(t) for t in trades[1:]),
    )
    keys = []
    for reader in deciders(uow, settings, agent, trades, now=now):
        key = f"request-{made.request}-referred-{reader.kind.value}-{reader.name}"
        uow.outbox.put(
            Outgoing(
                recipient=reader,
                message=message,
                dedupe_key=key,
                urgency=Urgency.NOTICE,
                not_before=now,
            ),
            now,
        )
        keys.append(key)
    uow.requests.told(made.request, keys)
    return made


def decide(
    store: Store,
    settings: Settings,
    number: RequestId,
    *,
    granted: bool,
    by: str,
    agent: AgentId | None,
    now: datetime,
) -> Outcome:
    """A lead's word on what was referred: granted it is done at once, gap and all, or the others are asked.

    ``agent``: the lead, who may not decide about their own shifts.  Raises NotAllowedError then, RefusedError
    where it was decided already or a rule no longer allows it.
    """
    with store.read() as uow:
        held = uow.requests.get(number)
    if held is not None and held.is_referred and agent in held.people:
        raise NotAllowedError(
            "own_referral",
            "You cannot decide about your own request; nothing was changed. Another lead can.",
            action="shifts.mend",
        )
    if not granted:
        return turn_down(store, settings, number, by=by, now=now)
    return choose(store, settings, number, by=by, now=now)


def referred_to(uow: ReadUnit, who: Actor) -> list[Request]:
    """What this person may decide, the oldest first; nothing of their own."""
    teams = {a.agent: a.team for a in uow.people.all(active=False)}
    return [
        held
        for held in uow.requests.referred()
        if held.asker in teams
        and who.agent not in held.people
        and permits(Action.SHIFTS_MEND, who, team=teams[held.asker])
    ]


def _refuse_unless_possible(stands: Standpoint) -> None:
    if stands.referral in (Referral.NOT_NEEDED, Referral.NOT_THEIRS):
        raise RefusedError(
            "referral_not_needed",
            "No lead has to decide this, or none can; nobody was asked. Look again: /muster swap, off.",
        )
    if stands.referral is Referral.WAITING:
        raise RefusedError("referred_already", "This lies before the leads already; nobody was asked again.")
    if stands.referral is Referral.TOO_LATE:
        raise RefusedError(
            "request_too_late",
            "It would begin before anybody can answer; nobody was asked and nothing was changed. "
            "Ask directly.",
        )
    if stands.referral is Referral.NOBODY:
        raise RefusedError(
            "referral_nobody",
            "Nobody else may decide about your shifts; nobody was asked. An admin names leads and planners.",
        )
