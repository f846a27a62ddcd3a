"""From history to a published roster through the use cases, on both databases."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest

from bot.core.availability import AvailabilityEntry, LeaveEntry
from bot.core.errors import MusterError, RefusedError
from bot.core.ids import AgentId, ContactRef, RosterId, RunId
from bot.core.messages import RosterAnnounced, RosterPublished
from bot.core.ports import SolveProgress
from bot.core.promises import PromiseKind
from bot.core.rosters import RosterStatus, RosterVersion
from bot.core.runs import RunState
from bot.core.settings import Settings
from bot.jobs.compute import ProcessSolver
from bot.store.unit_of_work import Store
from bot.store.volumes import VolumeCount, VolumeSource
from bot.usecases import certify, forecast, plan_roster, publish_roster, roster_problem, staff
from forecasting.grid import local_midnight
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import Roster, RosterPeriod, RosterResult
from scheduler.solve import SolveParams, solve
from scheduler.staffing.shrinkage import ShrinkageCause, ShrinkagePlan
from tests.bot.usecases.planning import NOW, WEEK, fill, planning_settings
from tests.support.builders import CHAT, EMAIL, PHONE, SHANGHAI, contact

SETTINGS = planning_settings()
PERIOD = RosterPeriod(first=WEEK, days=7, zone=SHANGHAI)


class Direct:
    """The RosterSolver port without a process."""

    def solve(
        self,
        problem: RosterProblem,
        *,
        seconds: float,
        workers: int,
        seed: int,
        on_progress: Callable[[SolveProgress], None],
        should_stop: Callable[[], bool],
    ) -> RosterResult:
        params = SolveParams(seconds=seconds, workers=workers, seed=seed, deterministic_limit=1.0)
        on_progress(SolveProgress(seconds=0.0, objective=None, bound=None, gap=None, solutions=0))
        return solve(problem, params, should_stop=should_stop)


def plan(store: Store, settings: Settings = SETTINGS) -> RosterVersion:
    """History to draft."""
    fill(store)
    forecast.make(store, settings, weeks=1, now=NOW, seed=1)
    staff.make(store, settings, first=WEEK, days=7, now=NOW)
    run = plan_roster.request(store, settings, first=WEEK, days=7, by="pei", now=NOW)
    return plan_roster.perform(store, settings, Direct(), run, now=lambda: NOW)


class TestForecast:
    def test_it_begins_after_as_of_and_ends_with_a_week(self, sqlite_store: Store) -> None:
        fill(sqlite_store)
        made = forecast.make(sqlite_store, SETTINGS, weeks=2, as_of=date(2026, 11, 13), now=NOW, seed=1)
        assert [m.queue for m in made] == [PHONE, CHAT]
        grid = made[0].forecast.grid if made[0].forecast else None
        assert grid is not None
        assert grid.start == local_midnight(date(2026, 11, 14), SHANGHAI)
        assert grid.end == local_midnight(date(2026, 11, 30), SHANGHAI)
        assert made[0].report["history"]["last"] == "2026-11-13"

    def test_what_came_after_as_of_has_no_influence(self, sqlite_store: Store) -> None:
        fill(sqlite_store)
        one = forecast.make(sqlite_store, SETTINGS, weeks=1, as_of=date(2026, 11, 13), now=NOW, seed=1)
        with sqlite_store.unit() as uow:
            start = datetime(2026, 11, 16, 1, tzinfo=UTC)
            rows = [
                VolumeCount(
                    queue=PHONE,
                    start=start + i * timedelta(minutes=30),
                    interval=timedelta(minutes=30),
                    contacts=500.0,
                )
                for i in range(16)
            ]
            uow.volumes.save(rows, source=VolumeSource.VOLUMES)
            uow.commit()
        two = forecast.make(sqlite_store, SETTINGS, weeks=1, as_of=date(2026, 11, 13), now=NOW, seed=1)
        assert one[0].forecast is not None
        assert two[0].forecast is not None
        assert np.array_equal(one[0].forecast.mean, two[0].forecast.mean)

    def test_a_forecast_is_kept_and_knows_the_hours(self, store: Store) -> None:
        fill(store)
        [made] = forecast.make(store, SETTINGS, queues=[PHONE], weeks=1, now=NOW, seed=1)
        with store.unit() as uow:
            held = uow.forecasts.latest(PHONE, PERIOD.start, PERIOD.end)
        assert held is not None
        assert made.forecast is not None
        assert held.open.sum() == 5 * 16
        assert held.mean[~held.open].sum() == 0
        assert 5 * 60 < held.mean.sum() < 5 * 160

    def test_two_weeks_of_history_are_enough_and_said_to_be_little(self, sqlite_store: Store) -> None:
        fill(sqlite_store, weeks=2)
        [made] = forecast.make(sqlite_store, SETTINGS, queues=[PHONE], weeks=1, now=NOW, seed=1)
        assert made.forecast is not None
        assert {"history_short", "history_too_short"} & {w["code"] for w in made.report["warnings"]}

    def test_no_history_is_refused_and_one_queue_without_is_named(self, sqlite_store: Store) -> None:
        with pytest.raises(RefusedError) as refused:
            forecast.make(sqlite_store, SETTINGS, weeks=1, now=NOW, seed=1)
        assert refused.value.kind == "no_history"
        fill(sqlite_store)
        three = replace(
            SETTINGS, queues={**SETTINGS.queues, EMAIL: replace(SETTINGS.queues[CHAT], queue=EMAIL)}
        )
        made = forecast.make(sqlite_store, three, weeks=1, now=NOW, seed=1)
        assert [m.problem for m in made] == [None, None, "no_history"]


class TestStaffing:
    def test_need_is_stored_for_the_whole_week(self, store: Store) -> None:
        fill(store)
        forecast.make(store, SETTINGS, weeks=1, now=NOW, seed=1)
        made = staff.make(store, SETTINGS, first=WEEK, days=7, now=NOW)
        phone = made.queues[0].requirement
        with store.unit() as uow:
            held = uow.requirements.between(PHONE, PERIOD.start, PERIOD.end)
        assert [i.scheduled_agents for i in held] == phone.scheduled_agents.tolist()
        assert phone.scheduled_agents[made.queues[0].load.workload.open].min() >= 1
        assert phone.scheduled_agents[~made.queues[0].load.workload.open].max() == 0

    def test_the_explanation_gives_the_number_that_is_stored(self, sqlite_store: Store) -> None:
        fill(sqlite_store)
        forecast.make(sqlite_store, SETTINGS, weeks=1, now=NOW, seed=1)
        staff.make(sqlite_store, SETTINGS, first=WEEK, days=7, now=NOW)
        at = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
        told = staff.explain(sqlite_store, SETTINGS, queue=PHONE, first=WEEK, days=7, at=at)
        with sqlite_store.unit() as uow:
            stored = uow.requirements.at(PHONE, at)
        assert stored is not None
        assert told.scheduled_agents == stored.scheduled_agents
        assert told.enough.meets_target
        assert told.minimum_applied or (told.one_fewer is not None and not told.one_fewer.meets_target)

    def test_the_operators_peak_windows_are_the_ones_made_sure(self, sqlite_store: Store) -> None:
        fill(sqlite_store)
        windows = {0: ((time(14), time(16)),)}
        named = replace(
            SETTINGS, queues={**SETTINGS.queues, PHONE: replace(SETTINGS.queues[PHONE], peaks=windows)}
        )
        forecast.make(sqlite_store, named, weeks=1, now=NOW, seed=1)

        def asked(day: int, hour: int) -> tuple[float | None, float | None]:
            at = datetime(2026, 11, day, hour - 8, tzinfo=UTC)  # Shanghai is eight hours ahead
            told = staff.explain(sqlite_store, named, queue=PHONE, first=WEEK, days=7, at=at)
            return told.probability, told.enough.chance

        probability, chance = asked(23, 14)
        assert probability == named.staffing.probability
        assert chance is not None
        assert chance >= probability
        assert asked(23, 10) == asked(23, 16) == asked(24, 14) == (None, None)

    def test_without_a_forecast_it_says_what_to_do(self, sqlite_store: Store) -> None:
        with pytest.raises(RefusedError) as refused:
            staff.make(sqlite_store, SETTINGS, first=WEEK, days=7, now=NOW)
        assert refused.value.kind == "no_forecast"


class TestPromisedWork:
    """CP8: what people promised customers for the week is work somebody has to be there for."""

    DUE = datetime(2026, 11, 24, 3, tzinfo=UTC)  # Tuesday 11:00 in Shanghai

    def promise(self, store: Store, kind: PromiseKind, ref: str, due: datetime) -> None:
        with store.unit() as uow:
            uow.contacts.save([contact(ref, queue=PHONE)])
            uow.promises.add(
                ref=ContactRef(ref),
                kind=kind,
                owner=AgentId("ann"),
                due_at=due,
                made_at=NOW,
                made_by="ann",
                remind_at=None,
                next_check_at=due,
            )
            uow.commit()

    def test_calls_due_in_the_week_raise_the_need_before_they_are_due(self, store: Store) -> None:
        fill(store)
        forecast.make(store, SETTINGS, weeks=1, now=NOW, seed=1)
        before = staff.make(store, SETTINGS, queues=[PHONE], first=WEEK, days=7, now=NOW).queues[0]
        for i in range(24):
            self.promise(store, PromiseKind.CALL_BACK, f"GD2026112400{i:02}", self.DUE)
        self.promise(store, PromiseKind.DELAY_NOTICE, "GD20261124090", self.DUE)
        self.promise(store, PromiseKind.CALL_BACK, "GD20261124091", self.DUE + timedelta(days=7))
        after = staff.make(store, SETTINGS, queues=[PHONE, CHAT], first=WEEK, days=7, now=NOW)
        phone, chat = after.queues
        promised = phone.load.workload.promised
        assert len(promised) == 24
        # As long as a contact of the queue takes then, by its forecast.
        grid = phone.load.workload.grid
        half_hour = grid.index_of(self.DUE - timedelta(minutes=30))
        assert promised[0].handling_seconds == before.load.workload.aht_seconds[half_hour]
        raised = np.flatnonzero(phone.requirement.base_agents - before.requirement.base_agents)
        starts = {grid.start_of(int(i)) for i in raised}
        window = {self.DUE - k * timedelta(minutes=30) for k in range(1, 5)}
        assert starts
        assert starts <= window
        assert chat.load.workload.promised == ()
        told = staff.explain(
            store, SETTINGS, queue=PHONE, first=WEEK, days=7, at=self.DUE - timedelta(minutes=30)
        )
        assert told.base_agents == phone.requirement.base_agents[half_hour]
        assert len(told.promised) == 24


class TestSolve:
    def test_a_legal_draft_that_keeps_availability_and_leave(self, store: Store) -> None:
        fill(store)
        with store.unit() as uow:
            uow.people.save_leave(
                [LeaveEntry(agent=AgentId("ann"), first=WEEK, last=WEEK + timedelta(days=1), kind="leave")]
            )
            uow.people.save_availability(
                [
                    AvailabilityEntry(agent=AgentId("bo"), weekday=d, start=time(9), end=time(17))
                    for d in (0, 1)
                ]
            )
            uow.commit()
        forecast.make(store, SETTINGS, weeks=1, now=NOW, seed=1)
        staff.make(store, SETTINGS, first=WEEK, days=7, now=NOW)
        run = plan_roster.request(store, SETTINGS, first=WEEK, days=7, by="pei", now=NOW)
        version = plan_roster.perform(store, SETTINGS, Direct(), run, now=lambda: NOW)
        assessment = plan_roster.assess(store, SETTINGS, version.roster_id)
        assert version.status is RosterStatus.DRAFT
        assert assessment.violations == ()
        own = version.roster.by_agent()
        assert {s.date for s in own.get("ann", ())} <= {WEEK + timedelta(days=d) for d in (2, 3, 4)}
        assert {s.date for s in own.get("bo", ())} <= {WEEK, WEEK + timedelta(days=1)}
        with store.unit() as uow:
            held = uow.runs.get(run)
        assert held is not None
        assert held.state is RunState.DONE
        assert held.result["roster"] == version.roster_id
        assert held.digest

    def test_it_counts_the_days_published_before(self, sqlite_store: Store) -> None:
        version = plan(sqlite_store)
        publish_roster.publish(sqlite_store, SETTINGS, version.roster_id, by="pei", accept="first", now=NOW)
        following = RosterPeriod(first=WEEK + timedelta(days=7), days=7, zone=SHANGHAI)
        with sqlite_store.unit() as uow:
            problem = roster_problem.build_problem(uow, SETTINGS, following, need_requirement=False)
        assert len(problem.previous) == len(version.roster.assignments)

    def test_no_agents_and_no_requirement_are_said_before_a_run_is_queued(self, sqlite_store: Store) -> None:
        fill(sqlite_store, agents=False)
        for kind in ("no_requirement", "no_agents"):
            with pytest.raises(RefusedError) as refused:
                plan_roster.request(sqlite_store, SETTINGS, first=WEEK, days=7, by="pei", now=NOW)
            assert refused.value.kind == kind
            forecast.make(sqlite_store, SETTINGS, weeks=1, now=NOW, seed=1)
            staff.make(sqlite_store, SETTINGS, first=WEEK, days=7, now=NOW)
        with sqlite_store.unit() as uow:
            assert uow.runs.latest("roster") == []

    def test_too_few_agents_still_give_a_roster_with_its_gaps(self, sqlite_store: Store) -> None:
        fill(sqlite_store)
        with sqlite_store.unit() as uow:
            for agent in uow.people.all():
                if agent.agent != "ann":
                    uow.people.upsert(replace(agent, active=False))
            uow.commit()
        forecast.make(sqlite_store, SETTINGS, weeks=1, now=NOW, seed=1)
        made = staff.make(sqlite_store, SETTINGS, first=WEEK, days=7, now=NOW)
        assert made.queues[0].requirement.impossible
        run = plan_roster.request(sqlite_store, SETTINGS, first=WEEK, days=7, by="pei", now=NOW)
        version = plan_roster.perform(sqlite_store, SETTINGS, Direct(), run, now=lambda: NOW)
        assessment = plan_roster.assess(sqlite_store, SETTINGS, version.roster_id)
        assert assessment.agents == 1
        assert assessment.uncovered

    def test_a_roster_the_checker_refuses_is_not_kept(self, sqlite_store: Store) -> None:
        class Liar(Direct):
            def solve(self, problem: RosterProblem, **rest: Any) -> RosterResult:
                result = super().solve(problem, **rest)
                assert result.roster is not None
                doubled = tuple(replace(a, agent=problem.agents[0].agent) for a in result.roster.assignments)
                return replace(result, roster=Roster(period=problem.period, assignments=doubled))

        fill(sqlite_store)
        forecast.make(sqlite_store, SETTINGS, weeks=1, now=NOW, seed=1)
        staff.make(sqlite_store, SETTINGS, first=WEEK, days=7, now=NOW)
        run = plan_roster.request(sqlite_store, SETTINGS, first=WEEK, days=7, by="pei", now=NOW)
        with pytest.raises(MusterError) as refused:
            plan_roster.perform(sqlite_store, SETTINGS, Liar(), run, now=lambda: NOW)
        assert refused.value.kind == "solver_mismatch"
        with sqlite_store.unit() as uow:
            assert uow.rosters.latest() is None
            held = uow.runs.get(run)
        assert held is not None
        assert (held.state, held.error) == (RunState.FAILED, "solver_mismatch")

    def test_a_run_is_performed_once(self, sqlite_store: Store) -> None:
        version = plan(sqlite_store)
        assert version.run is not None
        with pytest.raises(RefusedError) as refused:
            plan_roster.perform(sqlite_store, SETTINGS, Direct(), version.run, now=lambda: NOW)
        assert refused.value.kind == "run_taken"

    def test_what_the_command_line_solves_itself_is_nobody_elses(self, sqlite_store: Store) -> None:
        fill(sqlite_store)
        forecast.make(sqlite_store, SETTINGS, weeks=1, now=NOW, seed=1)
        staff.make(sqlite_store, SETTINGS, first=WEEK, days=7, now=NOW)
        run = plan_roster.request(sqlite_store, SETTINGS, first=WEEK, days=7, by="pei", now=NOW, claim=True)
        with sqlite_store.unit() as uow:
            assert uow.runs.due(plan_roster.KIND, NOW) == []
        version = plan_roster.perform(sqlite_store, SETTINGS, Direct(), run, now=lambda: NOW, claimed=True)
        assert version.run == run

    def test_in_a_child_process_a_stop_request_in_the_row_ends_the_search(self, sqlite_store: Store) -> None:
        patient = replace(
            SETTINGS,
            roster=replace(
                SETTINGS.roster, solve=replace(SETTINGS.roster.solve, time_limit=timedelta(seconds=90))
            ),
        )
        fill(sqlite_store)
        forecast.make(sqlite_store, SETTINGS, weeks=1, now=NOW, seed=1)
        staff.make(sqlite_store, SETTINGS, first=WEEK, days=7, now=NOW)
        run = plan_roster.request(sqlite_store, patient, first=WEEK, days=7, by="pei", now=NOW)
        assert plan_roster.stop(sqlite_store, run)
        began = datetime.now(UTC)
        # Stopped before or after the first roster, or solved before the request was seen: all are ends.
        with contextlib.suppress(RefusedError):
            version = plan_roster.perform(
                sqlite_store, patient, ProcessSolver(), run, now=lambda: datetime.now(UTC)
            )
            assert plan_roster.assess(sqlite_store, patient, version.roster_id).violations == ()
        assert (datetime.now(UTC) - began).total_seconds() < 60
        with sqlite_store.unit() as uow:
            held = uow.runs.get(run)
        assert held is not None
        assert held.state in (RunState.DONE, RunState.CANCELLED)
        assert not plan_roster.stop(sqlite_store, run)
        assert not plan_roster.stop(sqlite_store, RunId(999))


class TestCertify:
    def test_the_certificate_is_kept_with_the_roster_and_repeats(self, store: Store) -> None:
        version = plan(store)
        one = certify.certify(store, SETTINGS, version.roster_id, seed=3, paths=8, now=NOW)
        two = certify.certify(store, SETTINGS, version.roster_id, seed=3, paths=8, now=NOW)
        assert one.stored.report == two.stored.report
        assert 0.0 <= one.stored.weakest <= 1.0
        with store.unit() as uow:
            held = uow.rosters.get(version.roster_id)
        assert held is not None
        assert held.weakest == one.stored.weakest
        assert set(one.stored.report["intervals"]) == {PHONE, CHAT}

    def test_planned_hours_are_out_of_the_roster_and_the_rest_is_chance(self, sqlite_store: Store) -> None:
        version = plan(sqlite_store)

        def played(planned: bool) -> tuple[float, float, float]:
            cause = ShrinkageCause(name="meeting", share=0.3, planned=planned, hours=(time(10), time(12)))
            shrunk = replace(
                SETTINGS, staffing=replace(SETTINGS.staffing, shrinkage=ShrinkagePlan(causes=(cause,)))
            )
            made = certify.certify(sqlite_store, shrunk, version.roster_id, seed=3, paths=8, now=NOW)
            phone = made.certificate.report.queues[PHONE]
            local = [start.hour for start in phone.grid.local_starts()]
            late = np.array([hour >= 13 for hour in local])
            in_window = np.array([hour in (10, 11) for hour in local])
            staffed = phone.staffed_seconds.mean(axis=0)
            return made.certificate.staffed_hours, float(staffed[in_window].sum()), float(staffed[late].sum())

        rostered, window, late = played(planned=False)
        left, less_window, all_late = played(planned=True)
        # Three tenths of the people sit in the meeting; everybody is back for the rest of the day.
        assert left < rostered
        assert less_window < 0.85 * window
        assert all_late > late

    def test_against_truth_counts_what_came(self, sqlite_store: Store) -> None:
        version = plan(sqlite_store)
        start = datetime(2026, 11, 23, 1, tzinfo=UTC)
        truth = [
            VolumeCount(
                queue=PHONE,
                start=start + i * timedelta(minutes=30),
                interval=timedelta(minutes=30),
                contacts=3.0,
            )
            for i in range(16)
        ]
        played = certify.against(sqlite_store, SETTINGS, version.roster_id, truth, seed=1)
        phone = played.comparison.queues[PHONE]
        assert phone.contacts == 48
        assert played.missing == (CHAT,)
        assert phone.overall_service_level > 0.5
        with pytest.raises(RefusedError) as refused:
            certify.against(
                sqlite_store,
                SETTINGS,
                version.roster_id,
                [replace(t, start=t.start + timedelta(days=30)) for t in truth],
                seed=1,
            )
        assert refused.value.kind == "no_truth"


class TestPublish:
    def published(
        self, store: Store, roster: RosterId, accept: str | None = "trial"
    ) -> publish_roster.Published:
        return publish_roster.publish(store, SETTINGS, roster, by="pei", accept=accept, now=NOW)

    def messages(self, store: Store) -> list[object]:
        from sqlalchemy import select
        from sqlalchemy.orm import Session

        from bot.store.tables import OutboxRow

        with Session(store.engine) as session:
            keys = list(session.scalars(select(OutboxRow.dedupe_key).order_by(OutboxRow.id)))
        with store.unit() as uow:
            held = [uow.outbox.by_key(key) for key in keys]
        return [m.outgoing.message for m in held if m is not None]

    def test_everybody_on_it_is_told_once_and_the_team(self, store: Store) -> None:
        version = plan(store)
        done = self.published(store, version.roster_id)
        assert set(done.told) == set(version.roster.by_agent())
        told = self.messages(store)
        agents = [m for m in told if isinstance(m, RosterPublished)]
        teams = [m for m in told if isinstance(m, RosterAnnounced)]
        assert len(agents) == len(done.told)
        assert [t.accepted_because for t in teams] == ["trial"]
        assert all(m.first_version and m.shifts and not m.changes for m in agents)
        again = self.published(store, version.roster_id)
        assert again.repeated
        assert len(self.messages(store)) == len(told)
        with store.unit() as uow:
            [entry] = uow.audit.entries(subject=f"roster:{version.roster_id}")
        assert entry.action == "roster.published"

    def test_a_new_version_tells_only_those_concerned_before_and_after(self, sqlite_store: Store) -> None:
        version = plan(sqlite_store)
        self.published(sqlite_store, version.roster_id)
        before = len(self.messages(sqlite_store))
        dropped = version.roster.assignments[0]
        thinner = Roster(period=PERIOD, assignments=version.roster.assignments[1:])
        with sqlite_store.unit() as uow:
            second = uow.rosters.save_draft(thinner, made_at=NOW)
            uow.commit()
        done = self.published(sqlite_store, second)
        assert done.supersedes == version.roster_id
        assert done.told == (dropped.agent,)
        news = self.messages(sqlite_store)[before:]
        [change] = next(m for m in news if isinstance(m, RosterPublished)).changes
        assert change.after is None
        assert change.before is not None
        assert change.before.start == dropped.shift.start
        # Monday 09:00 in Shanghai is less than a day after Sunday 14:00.
        assert (dropped.agent in done.short_notice) == (dropped.shift.date == WEEK)

    def test_refused_without_certificate_below_it_and_with_broken_rules(self, sqlite_store: Store) -> None:
        version = plan(sqlite_store)
        with pytest.raises(RefusedError) as refused:
            self.published(sqlite_store, version.roster_id, accept=None)
        assert refused.value.kind == "not_certified"
        done = certify.certify(sqlite_store, SETTINGS, version.roster_id, seed=1, paths=4, now=NOW)
        strict = planning_settings(certificate=min(1.0, done.stored.weakest + 0.01))
        if done.stored.weakest < 1.0:
            with pytest.raises(RefusedError) as refused:
                publish_roster.publish(
                    sqlite_store, strict, version.roster_id, by="pei", accept=None, now=NOW
                )
            assert refused.value.kind == "below_certificate"
        ghost = replace(version.roster.assignments[0], agent="ghost")
        with sqlite_store.unit() as uow:
            illegal = uow.rosters.save_draft(Roster(period=PERIOD, assignments=(ghost,)), made_at=NOW)
            uow.commit()
        with pytest.raises(RefusedError) as refused:
            self.published(sqlite_store, illegal, accept=None)
        assert refused.value.kind == "breaks_rules"
        with sqlite_store.unit() as uow:
            assert uow.rosters.latest(RosterStatus.PUBLISHED) is None
        assert self.messages(sqlite_store) == []
