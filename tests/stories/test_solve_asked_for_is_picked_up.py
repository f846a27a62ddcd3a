"""A roster asked for is solved by the service in a child process; Slack and /health answer meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.core.ids import RunId
from bot.core.runs import Run, RunState
from bot.usecases import forecast, plan_roster, staff
from tests.bot.usecases.planning import NOW, WEEK, fill, planning_settings
from tests.stories.service import Service, Setting, running


@contextmanager
def planning(tmp_path: Path, limit: timedelta) -> Iterator[Service]:
    """Six people, two months of history, a requirement for the week; so long for the solver."""
    base = planning_settings()
    chosen = replace(base, roster=replace(base.roster, solve=replace(base.roster.solve, time_limit=limit)))
    with running(tmp_path, Setting(start=NOW, settings=chosen)) as service:
        fill(service.store)
        forecast.make(service.store, chosen, weeks=1, now=NOW, seed=1)
        staff.make(service.store, chosen, first=WEEK, days=7, now=NOW)
        yield service


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with planning(tmp_path, timedelta(seconds=60)) as started:
        yield started


def ask(service: Service) -> RunId:
    return plan_roster.request(
        service.store, service.settings, first=WEEK, days=7, by="pei", now=service.clock()
    )


def held(service: Service, run: RunId) -> Run:
    with service.store.read() as uow:
        found = uow.runs.get(run)
    assert found is not None
    return found


def test_it_is_solved_in_the_background_and_kept_as_a_draft(tmp_path: Path) -> None:
    with planning(tmp_path, timedelta(seconds=4)) as service:
        run = ask(service)
        service.application.runner.wake("runs")
        service.wait(lambda: held(service, run).state is RunState.RUNNING, "the start")
        looked = 0
        while held(service, run).state is RunState.RUNNING:
            assert service.health()["database"]["reachable"]
            outcome = service.slack.user("bo").command("/shift")
            assert outcome.ok
            outcome.answer(timeout=10)
            looked += 1
        assert looked
        done = held(service, run)
        assert done.state is RunState.DONE, done.error
        with service.store.read() as uow:
            version = uow.rosters.get(done.result["roster"])
        assert version is not None
        assert version.run == run
        assert plan_roster.assess(service.store, service.settings, version.roster_id).violations == ()
        assert service.application.runner.failures()["runs"] is None
        # Nobody was told: a draft is no promise.
        assert service.posts() == []


def test_a_stop_asked_for_through_the_row_ends_it(service: Service) -> None:
    run = ask(service)
    service.application.runner.wake("runs")
    service.wait(lambda: held(service, run).progress, "progress in the row")
    began = datetime.now(UTC)
    assert plan_roster.stop(service.store, run)
    with ThreadPoolExecutor(8) as people:
        outcomes = list(people.map(lambda _: service.slack.user("bo").command("/shift"), range(8)))
    assert all(o.ok for o in outcomes)
    service.wait(lambda: held(service, run).state is not RunState.RUNNING, "the end")
    assert (datetime.now(UTC) - began).total_seconds() < 20
    ended = held(service, run)
    assert ended.state in (RunState.DONE, RunState.CANCELLED)
    assert (ended.state is RunState.DONE) == ("roster" in ended.result)
    # The next one asked for is taken up: the solver is free again.
    following = ask(service)
    service.application.runner.wake("runs")
    service.wait(lambda: held(service, following).state is not RunState.QUEUED, "the next")
    plan_roster.stop(service.store, following)


def test_an_error_of_one_run_is_recorded_and_the_tick_goes_on(service: Service) -> None:
    with service.store.unit() as uow:
        broken = uow.runs.add(
            plan_roster.KIND,
            {"first": "2031-01-06", "days": 7, "zone": "Asia/Shanghai"},
            by="pei",
            now=service.clock(),
        )
        uow.commit()
    service.application.runner.run_now("runs")
    assert held(service, broken).state is RunState.FAILED
    assert held(service, broken).error == "no_requirement"
    # What cannot be solved is an answer to whoever asked, not a fault of the service.
    assert service.application.runner.failures()["runs"] is None
    run = ask(service)
    service.application.runner.wake("runs")
    service.wait(lambda: held(service, run).state is RunState.RUNNING, "the start")
    assert plan_roster.stop(service.store, run)
    service.wait(lambda: held(service, run).state is not RunState.RUNNING, "the end")
