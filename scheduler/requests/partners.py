"""Who could take a shift: by itself, for another one, or in a chain of three or four."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice

from scheduler.repair.live import LiveRoster
from scheduler.requests.verdicts import Trade, Verdict, judge, taken_over
from scheduler.roster.shifts import Shift
from scheduler.roster.violation import Violation

__all__ = ["Deal", "DealKind", "Refusal", "against_cover", "find_deals", "refusals", "swap_of"]

#: How far from the shift another one may lie that is taken for it.
_REACH = timedelta(days=7)
#: Deals of a kind judged as a whole before the best are taken.
_JUDGED = 40
#: Other people's shifts looked at, the nearest in time first: all of a team of some fifty people.
_LOOKED_AT = 500
#: And for the middle of a ring of four.
_FOURTH = 150


class DealKind(StrEnum):
    """How a shift changes hands."""

    SWAP = "swap"
    GIVE = "give"
    CHAIN = "chain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """An exchange every rule allows; the first of ``trades`` is of the one who asked.

    It leaves cover as it is, unless it comes from `against_cover`.
    """

    kind: DealKind
    trades: tuple[Trade, ...]
    verdict: Verdict

    @property
    def partners(self) -> tuple[str, ...]:
        """Who has to agree, in the order of the chain."""
        return tuple(t.agent for t in self.trades[1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why one person cannot take the shift, alone or for the named shift of theirs."""

    agent: str
    theirs: Shift | None
    violations: tuple[Violation, ...]


def find_deals(
    live: LiveRoster, agent: str, shift: Shift, *, now: datetime, most: int = 5
) -> tuple[Deal, ...]:
    """The best deals for ``agent`` to be rid of ``shift``, the cheapest for the roster first.

    Swaps with shifts that begin after ``now`` and within seven days of the shift, giving it to somebody free,
    and chains of three and four.  Chains come in only where fewer than ``most`` simple deals were found, but
    one at least is looked for.  Each is approved by every rule and by cover.
    """
    simple = [*_swaps(live, agent, shift, now), *_gifts(live, agent, shift)]
    simple.sort(key=lambda d: (d.verdict.cost, d.partners))
    room = max(1, most - len(simple))
    chains = sorted(
        islice(_chains(live, agent, shift, now), 2 * room), key=lambda d: (len(d.trades), d.verdict.cost)
    )
    kept = simple[: max(0, most - min(len(chains), room))]
    return (*kept, *chains[: most - len(kept)])


def swap_of(live: LiveRoster, agent: str, mine: Shift, partner: str, theirs: Shift) -> tuple[Trade, Trade]:
    """Two people's trades in a swap of two shifts."""
    return (
        Trade(agent=agent, gone=(mine,), come=(taken_over(live, theirs, agent),)),
        Trade(agent=partner, gone=(theirs,), come=(taken_over(live, mine, partner),)),
    )


def refusals(
    live: LiveRoster, agent: str, shift: Shift, partner: str, *, now: datetime
) -> tuple[Refusal, ...]:
    """Why ``partner`` cannot take the shift: for each of theirs it could be swapped for, and for none."""
    found = []
    for theirs in (None, *_others_shifts(live, partner, shift, now)):
        if theirs is None:
            broken = live.new_violations(partner, (), (taken_over(live, shift, partner),))
        else:
            mine, other = swap_of(live, agent, shift, partner, theirs)
            broken = live.new_violations(mine.agent, mine.gone, mine.come)
            broken += live.new_violations(other.agent, other.gone, other.come)
        if broken:
            found.append(Refusal(agent=partner, theirs=theirs, violations=tuple(broken)))
    return tuple(found)


def against_cover(live: LiveRoster, agent: str, shift: Shift, partner: str, *, now: datetime) -> Deal | None:
    """The cheapest exchange with ``partner`` that every rule allows and only cover stands against, if any."""
    found: list[Deal] = []
    if _can(live, partner, (), shift):
        found.append(_deal(live, DealKind.GIVE, _gift_to(live, agent, shift, partner)))
    for theirs in _others_shifts(live, partner, shift, now):
        if _can(live, partner, (theirs,), shift) and _can(live, agent, (shift,), theirs):
            found.append(_deal(live, DealKind.SWAP, swap_of(live, agent, shift, partner, theirs)))
    refused = [d for d in found if not d.verdict.violations and d.verdict.opened]
    return min(refused, key=lambda d: d.verdict.cost, default=None)


def _others_shifts(live: LiveRoster, agent: str, shift: Shift, now: datetime) -> list[Shift]:
    """Shifts of another agent that could be taken for one, near in time first, not the same hours."""
    found = [
        s
        for s in live.shifts.get(agent, ())
        if s.start > now
        and abs(s.start - shift.start) <= _REACH
        and (s.start, s.end, s.queues) != (shift.start, shift.end, shift.queues)
    ]
    return sorted(found, key=lambda s: abs(s.start - shift.start))


def _can(live: LiveRoster, agent: str, gone: Sequence[Shift], shift: Shift) -> bool:
    """Whether the rules let an agent work a shift in the place of others."""
    skills = live.agents[agent].skills
    needed = {r.queue: r.skill for r in live.problem.requirements}
    if any(needed.get(q) not in skills for q in shift.queues):
        return False
    same_day = [s for s in live.shifts.get(agent, ()) if s.date == shift.date and s not in gone]
    if same_day:
        return False
    return not live.new_violations(agent, gone, (taken_over(live, shift, agent),))


def _deal(live: LiveRoster, kind: DealKind, trades: tuple[Trade, ...]) -> Deal:
    return Deal(kind=kind, trades=trades, verdict=judge(live, trades))


def _approved(live: LiveRoster, kind: DealKind, trades: tuple[Trade, ...]) -> Deal | None:
    deal = _deal(live, kind, trades)
    return deal if deal.verdict.is_approved else None


def _gift_to(live: LiveRoster, agent: str, shift: Shift, partner: str) -> tuple[Trade, Trade]:
    return (
        Trade(agent=agent, gone=(shift,)),
        Trade(agent=partner, come=(taken_over(live, shift, partner),)),
    )


def _nearest(live: LiveRoster, agent: str, shift: Shift, now: datetime) -> list[tuple[str, Shift]]:
    """Other people's shifts that could be taken for it, the nearest in time first, so many at most."""
    found = [
        (partner, theirs)
        for partner in live.agents
        if partner != agent
        for theirs in _others_shifts(live, partner, shift, now)
    ]
    found.sort(key=lambda pair: (abs(pair[1].start - shift.start), pair[0]))
    return found[:_LOOKED_AT]


def _swaps(live: LiveRoster, agent: str, shift: Shift, now: datetime) -> list[Deal]:
    """One for one; the nearest legal shift of each partner."""
    found: dict[str, Deal] = {}
    for partner, theirs in _nearest(live, agent, shift, now):
        if len(found) == _JUDGED:
            break
        if partner in found:
            continue
        if _can(live, partner, (theirs,), shift) and _can(live, agent, (shift,), theirs):
            deal = _approved(live, DealKind.SWAP, swap_of(live, agent, shift, partner, theirs))
            if deal is not None:
                found[partner] = deal
    return list(found.values())


def _gifts(live: LiveRoster, agent: str, shift: Shift) -> list[Deal]:
    found: list[Deal] = []
    for partner in live.agents:
        if len(found) == _JUDGED:
            break
        if partner != agent and _can(live, partner, (), shift):
            deal = _approved(live, DealKind.GIVE, _gift_to(live, agent, shift, partner))
            if deal is not None:
                found.append(deal)
    return found


def _chains(live: LiveRoster, agent: str, shift: Shift, now: datetime) -> Iterator[Deal]:
    """Rings of three, then of four, in which everybody works the next one's shift and no pair could swap.

    Whoever takes the shift (the last) and whose shift is taken for it (the second) are looked for first; what
    lies between has to fit both.
    """
    others = _nearest(live, agent, shift, now)
    lasts = list(islice(((p, s) for p, s in others if _can(live, p, (s,), shift)), _JUDGED))
    seconds = list(islice(((p, s) for p, s in others if _can(live, agent, (shift,), s)), _JUDGED))
    swappable = set(lasts) & set(seconds)
    lasts = [x for x in lasts if x not in swappable] or lasts
    for second in seconds:
        for last in lasts:
            if last[0] == second[0] or not _can(live, second[0], (second[1],), last[1]):
                continue
            yield from _ring(live, agent, shift, (second, last))
    for second in seconds[:10]:
        thirds = [
            x for x in others[:_FOURTH] if x[0] != second[0] and _can(live, second[0], (second[1],), x[1])
        ]
        for third in thirds[:10]:
            for last in lasts[:10]:
                names = {second[0], third[0], last[0]}
                if len(names) == 3 and _can(live, third[0], (third[1],), last[1]):
                    yield from _ring(live, agent, shift, (second, third, last))


def _ring(live: LiveRoster, agent: str, shift: Shift, others: Sequence[tuple[str, Shift]]) -> Iterator[Deal]:
    members = [(agent, shift), *others]
    trades = tuple(
        Trade(agent=who, gone=(own,), come=(taken_over(live, following[1], who),))
        for (who, own), following in zip(members, [*members[1:], members[0]], strict=True)
    )
    deal = _approved(live, DealKind.CHAIN, trades)
    if deal is not None:
        yield deal
