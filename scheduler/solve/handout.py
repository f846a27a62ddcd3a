"""Counts of all groups to agents: matching first, an exact trades where the matching is stuck."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping

from scheduler.roster.problem import RosterProblem
from scheduler.solve.assign import hand_out
from scheduler.solve.candidates import Candidates
from scheduler.solve.constraints.hours import add_hours
from scheduler.solve.constraints.rest import add_rest
from scheduler.solve.constraints.sequences import add_sequences
from scheduler.solve.groups import Group, Member
from scheduler.solve.search import Search
from scheduler.solve.variables import build_variables

__all__ = ["hand_out_all"]

#: Yes-or-no questions of one exact trade.
_TRADE_SIZE = 8_000
_IDLE_ROUNDS = 2
_TRADE_SHARE = 0.04
_TRADES_SHARE = 0.15
_MISSING_PRICE = 20
_EVENNESS = (1.0, 3.0, 10.0, 100.0)


def hand_out_all(
    problem: RosterProblem,
    candidates: Candidates,
    groups: tuple[Group, ...],
    counts: list[dict[int, int]],
    search: Search,
) -> tuple[dict[str, tuple[int, ...]], Counter[int]]:
    """(cells per agent, shifts nobody could take).  All rules hold for what was given."""
    chosen: dict[str, tuple[int, ...]] = {}
    left: Counter[int] = Counter()
    until = search.share_left() - _TRADES_SHARE
    for group, wanted in zip(groups, counts, strict=True):
        tries = [hand_out(problem, candidates, group, wanted, evenness=evenness) for evenness in _EVENNESS]
        given, missing = min(tries, key=lambda t: _trouble(candidates, group, *t))
        least = _group_shortfall(candidates, group, wanted)
        chance = random.Random(search.params.seed)  # noqa: S311 - repeatable, not secret
        idle = 0
        trouble = _trouble(candidates, group, given, missing)
        while trouble > least and idle < _IDLE_ROUNDS and not search.stop_wanted():
            if search.share_left() < until:
                break
            given, missing = _trade(problem, candidates, group, given, missing, chance, search)
            before, trouble = trouble, _trouble(candidates, group, given, missing)
            idle = 0 if trouble < before else idle + 1
        chosen.update(given)
        left.update(missing)
    return chosen, +left


def _shortfalls(candidates: Candidates, group: Group, given: Mapping[str, tuple[int, ...]]) -> dict[str, int]:
    """Agent to minutes below the minima."""
    found: dict[str, int] = {}
    for member in group.members:
        cells = [candidates.cells[c] for c in given[member.agent]]
        for account in member.weeks:
            days = set(account.days)
            short = account.minimum - sum(c.paid_minutes for c in cells if c.day in days)
            found[member.agent] = found.get(member.agent, 0) + max(0, short)
    return found


def _trouble(
    candidates: Candidates, group: Group, given: Mapping[str, tuple[int, ...]], missing: Counter[int]
) -> int:
    """What a hand-out loses, in minutes: shifts nobody took weigh most."""
    lost = sum(_MISSING_PRICE * candidates.cells[c].paid_minutes * n for c, n in missing.items())
    return lost + sum(_shortfalls(candidates, group, given).values())


def _group_shortfall(candidates: Candidates, group: Group, wanted: Mapping[int, int]) -> int:
    total = 0
    for w, account in enumerate(group.members[0].weeks):
        days = set(account.days)
        paid = sum(
            candidates.cells[c].paid_minutes * n for c, n in wanted.items() if candidates.cells[c].day in days
        )
        total += max(0, sum(m.weeks[w].minimum for m in group.members) - paid)
    return total


def _trade(
    problem: RosterProblem,
    candidates: Candidates,
    group: Group,
    given: Mapping[str, tuple[int, ...]],
    missing: Counter[int],
    chance: random.Random,
    search: Search,
) -> tuple[dict[str, tuple[int, ...]], Counter[int]]:
    """Some members trade shifts: those short of hours, those who have most, and a few by chance."""
    short = _shortfalls(candidates, group, given)
    paid = {agent: sum(candidates.cells[c].paid_minutes for c in cells) for agent, cells in given.items()}
    order = sorted(group.members, key=lambda m: (-short[m.agent], -paid[m.agent], chance.random()))
    third = len([m for m in order if short[m.agent]]) + len(order) // 3
    rest = order[third:]
    chance.shuffle(rest)
    traders: list[Member] = []
    pool: set[int] = set(missing)
    # Every trader may get every shift in the pool, so the model grows with the square of their number.
    for member in (*order[:third], *rest):
        grown = pool | set(given[member.agent])
        if traders and (len(traders) + 1) * len(grown) > _TRADE_SIZE:
            break
        traders.append(member)
        pool = grown
    wanted = missing + Counter(c for m in traders for c in given[m.agent])
    new, left = _exact(problem, candidates, tuple(traders), wanted, given, search)
    return {**given, **new}, left


def _exact(
    problem: RosterProblem,
    candidates: Candidates,
    traders: tuple[Member, ...],
    wanted: Mapping[int, int],
    given: Mapping[str, tuple[int, ...]],
    search: Search,
) -> tuple[dict[str, tuple[int, ...]], Counter[int]]:
    """The hand-out as a model: as few missing paid minutes as the rules allow."""
    singles = tuple(Group(members=(m,), cells=tuple(c for c in m.cells if wanted.get(c))) for m in traders)
    roster = build_variables(problem, candidates, singles)
    add_rest(roster)
    add_sequences(roster)
    add_hours(roster)
    missing = {c: roster.model.new_int_var(0, n, f"missing[{c}]") for c, n in wanted.items() if n}
    for c, variable in missing.items():
        takers = [taken[c] for taken in roster.taken if c in taken]
        roster.model.add(sum(takers) + variable == wanted[c])
    lost = sum(_MISSING_PRICE * candidates.cells[c].paid_minutes * v for c, v in missing.items())
    short = sum(price * v for v, price in roster.cost["minimum_hours"])
    roster.model.minimize(lost + short)
    for g, single in enumerate(singles):
        held = set(given[single.members[0].agent])
        for c, variable in roster.taken[g].items():
            roster.model.add_hint(variable, int(c in held))
    run = search.run(roster.model, share=_TRADE_SHARE)
    if not run.found:
        kept = {m.agent: given[m.agent] for m in traders}
        return kept, Counter(wanted) - Counter(c for cells in kept.values() for c in cells)
    exact = {
        single.members[0].agent: tuple(c for c, v in roster.taken[g].items() if run.solver.value(v))
        for g, single in enumerate(singles)
    }
    return exact, Counter({c: run.solver.value(v) for c, v in missing.items() if run.solver.value(v)})
