"""Overtime and going home early, offered to whom it suits best, at what it is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from scheduler.repair.changes import Change, ChangeKind, RepairTask, kind_of
from scheduler.repair.live import Fit, LiveRoster
from scheduler.repair.moves import Window, change_price, find_moves
from scheduler.requests.verdicts import Trade, cut, opens

__all__ = ["Offer", "go_home_offers", "overtime_offers"]

_MINUTE = timedelta(minutes=1)
#: The shortest shift somebody is sent home from.
_LEAST = timedelta(hours=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What could be offered to one person; ``worth`` is what the roster gains, price included [paid minutes].

    ``better``: minutes of cover cost saved by it (0 for going home).  ``minutes`` are more at work, or fewer.
    """

    change: Change
    worth: float
    better: float
    minutes: int


def overtime_offers(
    live: LiveRoster, task: RepairTask, day: date, *, most: int = 5, asked: Mapping[str, int] | None = None
) -> tuple[Offer, ...]:
    """For the gaps of ``day`` still to come, one longer shift per person that is worth its price.

    The worth of each is what the people missing then cost, less pay and premium; among equals who was
    ``asked`` less often comes first, then who has more overtime left.  Refusing costs nothing: it is not
    counted.
    """
    seen = np.zeros(live.problem.grid.count, dtype=bool)
    seen[live.problem.grid.days().get(day, slice(0, 0))] = True
    seen[: max(0, -((live.problem.grid.start - task.now) // live.problem.grid.interval))] = False
    missing = np.where(seen, np.maximum(live.lines.required - live.at, 0), 0)
    window = Window(dates=(day,), missing=missing)
    found: dict[str, Offer] = {}
    kinds = frozenset({ChangeKind.LENGTHEN})
    for move in find_moves(live, task, window, kinds=kinds).legal(kinds, most_checks=400):
        agent = move.change.agent
        if move.cost >= 0 or (agent in found and found[agent].worth >= -move.cost):
            continue
        found[agent] = Offer(
            change=move.change,
            worth=-move.cost,
            better=-move.covers,
            minutes=round(move.change.paid_minutes),
        )
    times = asked or {}

    def rank(offer: Offer) -> tuple[float, int, timedelta, str]:
        agent = offer.change.agent
        return (
            -offer.worth,
            times.get(agent, 0),
            -task.overtime_left.get(agent, timedelta(0)),
            agent,
        )

    return tuple(sorted(found.values(), key=rank)[:most])


def go_home_offers(
    live: LiveRoster, task: RepairTask, day: date, *, most: int = 5, asked: Mapping[str, int] | None = None
) -> tuple[Offer, ...]:
    """Where more people are at work than needed: one earlier end per person by which nobody is then missing.

    The worth is the pay saved and the surplus avoided, less the price of a change; at least half an hour, and
    two hours of work stay.
    """
    found: list[Offer] = []
    step = live.problem.grid.interval
    soon = task.now + task.begun
    for agent in live.agents:
        for shift in live.shifts.get(agent, ()):
            if shift.date != day or shift.end <= soon:
                continue
            best: Offer | None = None
            ends = (shift.end - k * step for k in range(1, (shift.end - shift.start) // step))
            for end in ends:
                kept = cut(shift, shift.start, end)
                if kept is None or kept.end <= soon or kept.end - kept.start < _LEAST:
                    continue
                if shift.end - kept.end < timedelta(minutes=30):
                    continue
                if opens(live, Trade(agent=agent, gone=(shift,), come=(kept,), fit=Fit.FREE)):
                    # Ending still earlier opens no less.
                    break
                kind = kind_of(shift, kept)
                cost = live.cover_change(agent, (shift,), (kept,)) + live.paid_change((shift,), (kept,))
                cost += change_price(task, kind, (shift,), (kept,)) - task.prices.consent
                cost += live.wishes_change(agent, (shift,), (kept,))
                if cost < 0 and (best is None or -cost > best.worth):
                    change = Change(agent=agent, kind=kind, before=shift, after=kept, needs_consent=True)
                    best = Offer(
                        change=change,
                        worth=-cost,
                        better=0.0,
                        minutes=round(-change.paid_minutes),
                    )
            if best is not None and not live.new_violations(
                agent, (shift,), (best.change.after,) if best.change.after else (), Fit.FREE
            ):
                found.append(best)
    times = asked or {}
    found.sort(key=lambda o: (-o.worth, times.get(o.change.agent, 0), o.change.agent))
    return tuple(found[:most])
