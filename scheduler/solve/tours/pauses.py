"""All pauses of a roster placed anew at once, its shifts staying; one agent's moves cannot reach that."""

from __future__ import annotations

from collections import Counter

from scheduler.solve.breaks import pause_times
from scheduler.solve.model import build_model
from scheduler.solve.search import Search
from scheduler.solve.tours.cheapest import Tour
from scheduler.solve.tours.roster import TourRoster

__all__ = ["place_all_pauses"]


def place_all_pauses(roster: TourRoster, search: Search, *, share: float) -> TourRoster | None:
    """A roster of the same shifts with better pauses; None where none was found in a share of the budget.

    Counts of pauses started per interval decide (the k-th shift of a family gets the k-th pause), so that
    rosters of any size are small models.  Presence rules are not seen by it, only judged afterwards.
    """
    space = roster.space
    cells = Counter(c for tour in roster.tours if tour is not None for c in tour.cells)
    model = build_model(space.problem, space.candidates, (), frozen=cells)
    if not any(v.paused for v in model.families):
        return None
    run = search.run(model.model, share=share)
    if not run.found:
        return None
    times = pause_times(model, run.solver).starts
    takers: dict[int, list[tuple[int, int, int]]] = {}
    for number, tour in enumerate(roster.tours):
        for place, cell in enumerate(tour.cells if tour is not None else ()):
            family = int(space.cell_family[cell])
            takers.setdefault(family, []).append((int(space.cell_start[cell]), number, place))
    pauses = [list(tour.pauses) if tour is not None else [] for tour in roster.tours]
    for family, shifts in takers.items():
        for k, (_, number, place) in enumerate(sorted(shifts)):
            pauses[number][place] = tuple(starts[k] for starts in times[family])
    made = roster.copy()
    for number, tour in enumerate(roster.tours):
        if tour is not None and tuple(pauses[number]) != tour.pauses:
            made.take(number)
            made.give(number, Tour(cells=tour.cells, pauses=tuple(pauses[number]), own=tour.own))
    return made if made.objective < roster.objective - 1e-6 else None
