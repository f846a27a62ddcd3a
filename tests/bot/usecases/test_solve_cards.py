"""The message of a solve: one per run, moved with the run's row, whatever stops the process in between."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.core.errors import RefusedError
from bot.core.ids import MessageId, RunId
from bot.core.messages import Recipient, RecipientKind
from bot.core.planner_messages import SolveCard
from bot.core.ports import SolveProgress
from bot.core.runs import RunState
from bot.store.unit_of_work import Store
from bot.usecases import forecast, plan_roster, staff
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import RosterOutcome, RosterResult
from tests.bot.usecases.planning import NOW, WEEK, fill, planning_settings
from tests.bot.usecases.test_planning_line import Direct

SETTINGS = planning_settings()
PEI = Recipient(kind=RecipientKind.EMAIL, name="pei@harbour.example")


def prepared(store: Store) -> None:
    fill(store)
    forecast.make(store, SETTINGS, weeks=1, now=NOW, seed=1)
    staff.make(store, SETTINGS, first=WEEK, days=7, now=NOW)


def ask(store: Store, **more: Any) -> RunId:
    return plan_roster.request(store, SETTINGS, first=WEEK, days=7, by="pei", now=NOW, tell=PEI, **more)


def cards(store: Store) -> list[SolveCard]:
    """Every state that was written, oldest first; all but the first are edits of it."""
    with store.read() as uow:
        held = [m for n in range(1, 100) if (m := uow.outbox.get(MessageId(n))) is not None]
    said = [m for m in held if isinstance(m.outgoing.message, SolveCard)]
    assert [m.outgoing.edits for m in said] == [None, *[said[0].outgoing.dedupe_key] * (len(said) - 1)]
    return [m.outgoing.message for m in said if isinstance(m.outgoing.message, SolveCard)]


def state(store: Store, run: RunId) -> RunState:
    with store.read() as uow:
        found = uow.runs.get(run)
    assert found is not None
    return found.state


class Ticking:
    """A clock that goes on by a second each time it is read."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


class Telling(Direct):
    """Improves for twenty looks at the stop request."""

    def solve(
        self,
        problem: RosterProblem,
        *,
        on_progress: Callable[[SolveProgress], None],
        should_stop: Callable[[], bool],
        **rest: Any,
    ) -> RosterResult:
        for n in range(20):
            on_progress(SolveProgress(seconds=n, objective=100.0 - n, bound=50.0, gap=0.1, solutions=n))
            should_stop()
        return super().solve(problem, on_progress=on_progress, should_stop=lambda: False, **rest)


class Halted(Direct):
    """The service stops before anybody was given a shift."""

    def solve(self, problem: RosterProblem, **rest: Any) -> RosterResult:
        found = super().solve(problem, **rest)
        assert found.roster is not None
        empty = replace(found.roster, assignments=())
        return replace(found, roster=empty, outcome=RosterOutcome.CANCELLED)


def test_progress_is_told_now_and_then_and_the_end_with_what_it_found(store: Store) -> None:
    prepared(store)
    run = ask(store)
    version = plan_roster.perform(store, SETTINGS, Telling(), run, now=Ticking())
    told = cards(store)
    assert [c.state for c in told[:2]] == ["queued", "running"]
    progress = [c.seconds for c in told if c.state == "running" and c.seconds is not None]
    assert 3 <= len(progress) <= 8, "not each second"
    assert progress == sorted(progress)
    end = told[-1]
    assert (end.state, end.roster) == ("done", version.roster_id)
    assert end.violations == 0
    assert end.shifts == len(version.roster.assignments)
    assert end.paid_hours > 0
    assert not end.interrupted


def test_two_at_once_make_one_solve(store: Store) -> None:
    prepared(store)

    def one(_: int) -> str:
        try:
            ask(store)
        except RefusedError as error:
            return error.kind
        return "asked"

    with ThreadPoolExecutor(4) as planners:
        said = sorted(planners.map(one, range(4)))
    assert said == ["asked", *["solve_under_way"] * 3]


def test_another_week_may_be_asked_for_meanwhile_and_a_dead_queue_keeps_nobody_here_waiting(
    sqlite_store: Store,
) -> None:
    prepared(sqlite_store)
    ask(sqlite_store)
    # Whoever solves here and now does not wait for what no service may ever take up ...
    run = ask(sqlite_store, claim=True)
    # ... but for somebody who works on it.
    with pytest.raises(RefusedError) as refused:
        ask(sqlite_store, claim=True)
    assert refused.value.data["run"] == run
    with pytest.raises(RefusedError) as refused:
        plan_roster.request(sqlite_store, SETTINGS, first=WEEK + timedelta(days=6), days=7, by="pei", now=NOW)
    assert refused.value.kind == "solve_under_way"
    with pytest.raises(RefusedError) as refused:
        plan_roster.request(sqlite_store, SETTINGS, first=WEEK + timedelta(days=7), days=7, by="pei", now=NOW)
    assert refused.value.kind == "no_requirement"


def test_one_that_waits_is_stopped_at_once(store: Store) -> None:
    prepared(store)
    run = ask(store)
    assert plan_roster.stop(store, run, now=NOW)
    assert state(store, run) is RunState.CANCELLED
    assert [(c.state, c.error) for c in cards(store)] == [("queued", None), ("cancelled", "stopped")]
    assert not plan_roster.stop(store, run, now=NOW)
    with pytest.raises(RefusedError):
        plan_roster.perform(store, SETTINGS, Direct(), run, now=Ticking())


def test_a_service_that_stops_leaves_the_solve_to_the_next_one(store: Store) -> None:
    prepared(store)
    run, clock = ask(store), Ticking()
    with pytest.raises(RefusedError) as refused:
        plan_roster.perform(store, SETTINGS, Halted(), run, now=clock)
    assert refused.value.kind == "interrupted"
    assert state(store, run) is RunState.QUEUED
    assert cards(store)[-1].again
    plan_roster.perform(store, SETTINGS, Direct(), run, now=clock)
    end = cards(store)[-1]
    assert (end.state, end.again) == ("done", False)


@pytest.mark.parametrize("known", [True, False])
def test_a_failure_ends_the_message_with_its_reason(sqlite_store: Store, known: bool) -> None:
    class Broken(Direct):
        def solve(self, problem: RosterProblem, **_: Any) -> RosterResult:
            raise RefusedError("no_answer", "none", seconds=8) if known else ValueError("boom")

    prepared(sqlite_store)
    run = ask(sqlite_store)
    with pytest.raises((RefusedError, ValueError)):
        plan_roster.perform(sqlite_store, SETTINGS, Broken(), run, now=Ticking())
    end = cards(sqlite_store)[-1]
    assert end.state == "failed"
    assert end.error == ("no_answer" if known else "ValueError")
    assert [(d.name, d.value) for d in end.details] == ([("seconds", "8")] if known else [])
