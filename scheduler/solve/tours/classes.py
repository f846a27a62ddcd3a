"""Agents who are the same to every rule and price, so that one tour search serves them all."""

from __future__ import annotations

from scheduler.solve.tours.space import AgentSpace, TourSpace

__all__ = ["classes_of"]


def classes_of(space: TourSpace) -> tuple[tuple[int, ...], ...]:
    """Numbers of agents in classes: any tour of one is a tour of the others, at the same price."""
    found: dict[tuple[object, ...], list[int]] = {}
    for number, agent in enumerate(space.agents):
        found.setdefault(_key(agent), []).append(number)
    return tuple(tuple(numbers) for numbers in found.values())


def _key(agent: AgentSpace) -> tuple[object, ...]:
    return (
        id(agent.tables),
        agent.start_node,
        agent.start_resource,
        agent.period_least,
        *(
            array.tobytes()
            for array in (
                agent.cells, agent.static, agent.cell_slot, agent.off_cost, agent.given, agent.week_least,
                agent.week_most, agent.week_days_most, agent.work_lines, agent.seat_lines,
            )
        ),
    )  # fmt: skip
