"""Swapping a shift, giving it away, or a chain: who could, and asking them (SCENARIOS A8, L11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.errors import RefusedError
from bot.core.ids import AgentId
from bot.core.people import Agent
from bot.core.requests import Cause
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit, Store
from bot.usecases.ask_changes import Outcome, request
from bot.usecases.live_rosters import Standing, standing
from bot.usecases.referrals import Standpoint, put_before_leads, referral
from scheduler.repair.live import LiveRoster
from scheduler.requests.partners import Deal, DealKind, Refusal, against_cover, find_deals, refusals
from scheduler.requests.verdicts import Trade, judge, taken_over
from scheduler.roster.shifts import Shift

__all__ = ["Deals", "ask", "deals_for", "members_of", "next_day", "own_shift", "refer"]

_CAUSES = {DealKind.SWAP: Cause.SWAP, DealKind.GIVE: Cause.GIVE, DealKind.CHAIN: Cause.CHAIN}
Member = tuple[str, datetime | None]
"""An agent and the start of the shift they give up; None where they give none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deals:
    """Ranked ``deals`` for ``shift``; ``refused``: why the one asked for, if any, cannot.

    ``gap``: the best with that one which only cover stands against, and ``lead`` whether a lead may be asked.
    """

    shift: Shift
    deals: tuple[Deal, ...]
    refused: tuple[Refusal, ...] = ()
    gap: Deal | None = None
    lead: Standpoint | None = None


def deals_for(
    store: Store,
    settings: Settings,
    agent: Agent,
    day: date,
    *,
    now: datetime,
    partner: AgentId | None = None,
    most: int = 4,
) -> Deals:
    """Who could take the agent's shift of ``day`` (the agent's own date), all rules and cover kept.

    With ``partner``: deals with that one first, and where there are none, why not.
    """
    with store.read() as uow:
        shift = own_shift(uow, agent, day, now)
        stands = standing(uow, settings, shift.date, now=now)
        found = find_deals(stands.live, agent.agent, shift, now=now, most=40 if partner else most)
        refused: tuple[Refusal, ...] = ()
        gap, lead = None, None
        if partner is not None:
            with_partner = [d for d in found if d.partners == (partner,)]
            others = [d for d in found if d.partners != (partner,)]
            if not with_partner and partner in stands.live.agents:
                refused = refusals(stands.live, agent.agent, shift, partner, now=now)
                gap = against_cover(stands.live, agent.agent, shift, partner, now=now)
            if gap is not None:
                lead = referral(uow, settings, agent, gap.verdict, gap.trades, now=now)
            found = (*with_partner[:most], *others[: most - len(with_partner[:most])])
    return Deals(shift=shift, deals=found, refused=refused, gap=gap, lead=lead)


def members_of(deal: Deal) -> tuple[Member, ...]:
    """What has to be known to make the deal again: who gives up which shift, in the order of the ring."""
    return tuple((t.agent, t.gone[0].start if t.gone else None) for t in deal.trades)


def ask(
    store: Store,
    settings: Settings,
    agent: Agent,
    members: tuple[Member, ...],
    *,
    by: str,
    now: datetime,
) -> Outcome:
    """Ask the others of a deal.  ``members`` as `members_of` gave them; the first is ``agent``.

    Raises RefusedError where the shifts are not there any more, or rules or cover forbid it by now.
    """
    with store.read() as uow:
        _, trades = _read(uow, settings, agent, members, now)
    return request(
        store,
        settings,
        trades,
        cause=_cause(members),
        asker=agent.agent,
        asked=[name for name, _ in members[1:]],
        by=by,
        now=now,
    )


def refer(
    store: Store,
    settings: Settings,
    agent: Agent,
    members: tuple[Member, ...],
    *,
    by: str,
    now: datetime,
) -> Outcome:
    """Put a swap or a gift before the leads that only cover stands against; the other is asked if granted.

    Raises RefusedError as `ask` does, and where the leads are not asked (`put_before_leads`).
    """
    if len(members) != 2:
        raise _gone()
    with store.unit() as uow:
        stands, trades = _read(uow, settings, agent, members, now)
        uow.rosters.lock(stands.version.roster_id)
        verdict = judge(stands.live, trades)
        made = put_before_leads(
            uow,
            settings,
            agent,
            cause=_cause(members),
            roster=stands.version.roster_id,
            trades=trades,
            verdict=verdict,
            by=by,
            now=now,
        )
        uow.commit()
    return Outcome(request=made, verdict=verdict)


def _read(
    uow: ReadUnit, settings: Settings, agent: Agent, members: tuple[Member, ...], now: datetime
) -> tuple[Standing, tuple[Trade, ...]]:
    if len(members) < 2 or members[0][0] != agent.agent or members[0][1] is None:
        raise _gone()
    first = members[0][1]
    stands = standing(uow, settings, first.astimezone(ZoneInfo(settings.zone)).date(), now=now)
    return stands, _trades(stands, members)


def _cause(members: tuple[Member, ...]) -> Cause:
    kind = DealKind.GIVE if members[1][1] is None else DealKind.SWAP if len(members) == 2 else DealKind.CHAIN
    return _CAUSES[kind]


def next_day(store: Store, agent: Agent, *, now: datetime) -> date:
    """The agent's own date of the next shift that has not begun.  Raises RefusedError without one."""
    with store.read() as uow:
        ahead = [
            s for s in uow.rosters.shifts_of(agent.agent, now, now + timedelta(days=62)) if s.start > now
        ]
    if not ahead:
        raise RefusedError(
            "no_shift_ahead", "You have no published shift ahead; nothing was changed. See /shift week."
        )
    return ahead[0].start.astimezone(ZoneInfo(agent.zone)).date()


def own_shift(uow: ReadUnit, agent: Agent, day: date, now: datetime) -> Shift:
    """The agent's shift that begins on a date of their own zone.  Raises RefusedError without one."""
    zone = ZoneInfo(agent.zone)
    start = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    for shift in uow.rosters.shifts_of(agent.agent, start, start + timedelta(days=2)):
        if shift.start.astimezone(zone).date() == day:
            if shift.start <= now:
                raise RefusedError(
                    "shift_begun",
                    "That shift has begun or is past; nothing was asked. Ask your lead.",
                    day=day.isoformat(),
                )
            return shift
    raise RefusedError(
        "no_shift_that_day",
        f"You have no published shift on {day.isoformat()}; nothing was asked. See /shift week.",
        day=day.isoformat(),
    )


def _trades(stands: Standing, members: tuple[Member, ...]) -> tuple[Trade, ...]:
    live = stands.live
    held = [None if at is None else _shift_at(live, name, at) for name, at in members]
    names = [name for name, _ in members]
    mine = held[0]
    assert mine is not None
    if held[1] is None:
        return (
            Trade(agent=names[0], gone=(mine,)),
            Trade(agent=names[1], come=(taken_over(live, mine, names[1]),)),
        )
    found = []
    for name, own, following in zip(names, held, [*held[1:], held[0]], strict=True):
        if own is None or following is None:
            raise _gone()
        found.append(Trade(agent=name, gone=(own,), come=(taken_over(live, following, name),)))
    return tuple(found)


def _shift_at(live: LiveRoster, agent: str, start: datetime) -> Shift:
    if agent not in live.agents:
        raise _gone()
    for shift in live.shifts.get(agent, ()):
        if shift.start == start:
            return shift
    raise _gone()


def _gone() -> RefusedError:
    return RefusedError(
        "roster_moved_on",
        "The shifts changed meanwhile; nothing was asked. Look again: /muster swap.",
        agent="",
    )
