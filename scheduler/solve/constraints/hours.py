"""Weekly accounts: most hours and days (hard), least hours (soft)."""

from __future__ import annotations

import math

from ortools.sat.python import cp_model

from scheduler.solve.groups import WeekAccount
from scheduler.solve.variables import RosterModel

__all__ = ["add_hours"]


def add_hours(roster: RosterModel) -> None:
    """Limits per ISO week, summed over a group; what is missing to the minimum has a price."""
    model = roster.model
    cells = roster.candidates.cells
    price = roster.problem.weights.minimum_hours
    shortfalls = roster.cost.setdefault("minimum_hours", [])
    for g, group in enumerate(roster.groups):
        for w, account in enumerate(group.members[0].weeks):
            accounts = [m.weeks[w] for m in group.members]
            in_week = set(account.days)
            mine = [(c, v) for c, v in roster.taken[g].items() if cells[c].day in in_week]
            paid = sum(cells[c].paid_minutes * v for c, v in mine)
            unit = math.gcd(*(cells[c].paid_minutes for c, _ in mine)) or 1
            if mine and account.maximum is not None:
                model.add(paid <= sum((a.maximum or 0) // unit * unit for a in accounts))
            if mine and account.free_days is not None:
                working = [v for day, v in roster.working[g].items() if day in in_week]
                most = sum(a.free_days or 0 for a in accounts)
                if most < len(working) * group.size:
                    model.add(sum(working) <= most)
            least = sum(a.minimum for a in accounts)
            if least:
                short = model.new_int_var(0, least, f"short[{g},{w}]")
                model.add(paid + short >= least)
                shortfalls.append((short, price))
                if group.size > 1:
                    _add_whole_shifts(roster, accounts, mine, short, unit)
                roster.short[g, w] = short


def _add_whole_shifts(
    roster: RosterModel,
    accounts: list[WeekAccount],
    mine: list[tuple[int, cp_model.IntVar]],
    short: cp_model.IntVar,
    unit: int,
) -> None:
    """What rounding to whole shifts costs each member, which a sum over members does not see.

    With paid time in whole units u, a member with minimum q u + r is short by at least r (q + 1 - units).
    """
    rests = [a.minimum % unit for a in accounts if a.minimum % unit]
    if not rests:
        return
    rest = min(rests)
    units = sum(roster.candidates.cells[c].paid_minutes // unit * v for c, v in mine)
    wanted = sum(-(-a.minimum // unit) for a in accounts)
    roster.model.add(short + rest * units >= rest * wanted)
