"""Repositories of the planning side, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest

from bot.core.availability import AvailabilityEntry, LeaveEntry
from bot.core.changes import Change
from bot.core.ids import AgentId, QueueId, RosterId
from bot.core.requirements import RequirementInterval
from bot.core.rosters import RosterStatus
from bot.core.runs import RunState
from bot.store.rosters import StoredCertificate
from bot.store.unit_of_work import Store
from bot.store.volumes import VolumeCount, VolumeSource
from forecasting.forecast import LEVELS, VolumeForecast
from forecasting.grid import IntervalGrid
from scheduler.roster.roster import Assignment, Roster, RosterPeriod
from scheduler.roster.shifts import Segment, Shift
from tests.support.builders import agent, contact

QUEUE = QueueId("phone")
MONDAY = date(2026, 11, 30)
NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def counts(
    start: datetime, values: list[float], minutes: int = 15, aht: float | None = None
) -> list[VolumeCount]:
    step = timedelta(minutes=minutes)
    return [
        VolumeCount(queue=QUEUE, start=start + i * step, interval=step, contacts=v, aht_seconds=aht)
        for i, v in enumerate(values)
    ]


def shift(day: date, hour: int, hours: int = 8) -> Shift:
    """Work from ``hour`` UTC, with lunch in the fifth hour."""
    start = datetime.combine(day, time(hour), tzinfo=UTC)
    lunch = start + timedelta(hours=4)
    end = start + timedelta(hours=hours)
    return Shift(
        date=day,
        start=start,
        end=end,
        segments=(
            Segment(activity="phone", start=start, end=lunch, paid=True),
            Segment(activity="lunch", start=lunch, end=lunch + timedelta(hours=1), paid=False),
            Segment(activity="phone", start=lunch + timedelta(hours=1), end=end, paid=True),
        ),
    )


def week(*assignments: Assignment, first: date = MONDAY) -> Roster:
    return Roster(period=RosterPeriod(first=first, days=7, zone="UTC"), assignments=assignments)


class TestPeople:
    def test_an_agent_is_new_then_unchanged_then_changed(self, store: Store) -> None:
        with store.unit() as uow:
            assert uow.people.upsert(agent("lin")) is Change.NEW
            assert uow.people.upsert(agent("lin")) is Change.UNCHANGED
            assert uow.people.upsert(agent("lin", skills={"chat": 0.5})) is Change.CHANGED
            uow.commit()
        with store.unit() as uow:
            found = uow.people.get(AgentId("lin"))
            assert found is not None
            assert found.skills == {"chat": 0.5}

    def test_an_import_keeps_the_link_to_slack(self, store: Store) -> None:
        with store.unit() as uow:
            uow.people.upsert(agent("lin"))
            assert uow.people.link(AgentId("lin"), "U1", "zh-Hans")
            uow.people.upsert(replace(agent("lin"), name="Lin Li"))
            found = uow.people.by_slack_user("U1")
            assert found is not None
            assert (found.name, found.locale) == ("Lin Li", "zh-Hans")

    def test_a_slack_user_belongs_to_one_agent(self, store: Store) -> None:
        with store.unit() as uow:
            uow.people.upsert(agent("lin"))
            uow.people.upsert(agent("wei"))
            uow.people.link(AgentId("lin"), "U1")
            uow.people.link(AgentId("wei"), "U1")
            found = uow.people.by_slack_user("U1")
            assert found is not None
            assert found.agent == "wei"
            assert not uow.people.link(AgentId("nobody"), "U2")

    def test_e_mail_is_found_in_any_case(self, store: Store) -> None:
        with store.unit() as uow:
            uow.people.upsert(agent("lin"))
            assert uow.people.by_email(" LIN@Harbour.example ") is not None

    def test_weekdays_in_a_file_replace_all_weekdays_of_the_agent(self, store: Store) -> None:
        lin = AgentId("lin")
        monday = AvailabilityEntry(agent=lin, weekday=0, start=time(9), end=time(17))
        tuesday = AvailabilityEntry(agent=lin, weekday=1, start=time(9), end=time(17))
        special = AvailabilityEntry(agent=lin, day=MONDAY, start=time(12), end=time(0))
        with store.unit() as uow:
            assert uow.people.save_availability([monday, special]).new == 2
            again = uow.people.save_availability([monday, special])
            assert (again.new, again.changed, again.unchanged) == (0, 0, 2)
            uow.people.save_availability([tuesday])
            held = uow.people.availability([lin], MONDAY, MONDAY)
            assert set(held) == {tuesday, special}

    def test_dates_outside_the_range_still_say_that_the_agent_is_not_always_there(self, store: Store) -> None:
        lin = AgentId("lin")
        later = AvailabilityEntry(agent=lin, day=MONDAY + timedelta(days=30), start=time(9), end=time(17))
        with store.unit() as uow:
            uow.people.save_availability([later])
            assert uow.people.availability([lin], MONDAY, MONDAY) == [later]

    def test_leave_that_starts_on_the_same_day_is_replaced(self, store: Store) -> None:
        lin = AgentId("lin")
        first = LeaveEntry(agent=lin, first=MONDAY, last=MONDAY, kind="leave")
        longer = LeaveEntry(agent=lin, first=MONDAY, last=MONDAY + timedelta(days=2), kind="sick")
        with store.unit() as uow:
            assert uow.people.save_leave([first]).new == 1
            assert uow.people.save_leave([longer]).changed == 1
            assert uow.people.save_leave([longer]).unchanged == 1
            day = MONDAY + timedelta(days=2)
            assert uow.people.leave([lin], day, day) == [longer]
            assert uow.people.leave([lin], day + timedelta(days=1), day + timedelta(days=9)) == []


class TestVolumes:
    def test_the_same_counts_twice_change_nothing(self, store: Store) -> None:
        rows = counts(datetime(2026, 11, 2, tzinfo=UTC), [1, 2, 3])
        with store.unit() as uow:
            assert uow.volumes.save(rows, source=VolumeSource.VOLUMES).counts.new == 3
            again = uow.volumes.save(rows, source=VolumeSource.VOLUMES).counts
            assert (again.new, again.changed, again.unchanged) == (0, 0, 3)

    def test_counts_of_another_length_are_replaced_not_added(self, store: Store) -> None:
        start = datetime(2026, 11, 2, tzinfo=UTC)
        with store.unit() as uow:
            uow.volumes.save(counts(start, [1, 1, 1, 1, 7]), source=VolumeSource.VOLUMES)
            saved = uow.volumes.save(counts(start, [10], minutes=60), source=VolumeSource.VOLUMES)
            assert saved.replaced == 3
            history = uow.volumes.history(QUEUE, "UTC", timedelta(hours=1))
            assert history is not None
            assert history.offered.sum() == pytest.approx(17)

    def test_imported_counts_win_over_counted_contacts(self, store: Store) -> None:
        start = datetime(2026, 11, 2, tzinfo=UTC)
        with store.unit() as uow:
            uow.volumes.save(counts(start, [5]), source=VolumeSource.VOLUMES)
            saved = uow.volumes.save(counts(start, [4, 6]), source=VolumeSource.CONTACTS)
            assert (saved.kept, saved.counts.new) == (1, 1)
            history = uow.volumes.history(QUEUE, "UTC", QUARTER)
            assert history is not None
            assert history.offered[:2].tolist() == [5, 6]

    def test_a_coarser_grid_adds_up_and_weighs_handling_times(self, store: Store) -> None:
        start = datetime(2026, 11, 2, tzinfo=UTC)
        with store.unit() as uow:
            uow.volumes.save(counts(start, [1, 3], minutes=30, aht=100), source=VolumeSource.VOLUMES)
            uow.volumes.save(
                counts(start + timedelta(minutes=30), [3], minutes=30, aht=200), source=VolumeSource.VOLUMES
            )
            history = uow.volumes.history(QUEUE, "UTC", timedelta(hours=1))
            assert history is not None
            assert history.offered[0] == 4
            assert history.aht_seconds[0] == pytest.approx(175)
            assert history.observed.tolist() == [True] + [False] * 23

    def test_a_finer_grid_shares_counts_out(self, store: Store) -> None:
        with store.unit() as uow:
            rows = counts(datetime(2026, 11, 2, 9, tzinfo=UTC), [12], minutes=60)
            uow.volumes.save(rows, source=VolumeSource.VOLUMES)
            history = uow.volumes.history(QUEUE, "UTC", QUARTER)
            assert history is not None
            assert history.offered[36:40].tolist() == [3, 3, 3, 3]

    def test_a_part_at_closing_is_observed_and_a_hole_in_the_day_is_not(self, store: Store) -> None:
        start = datetime(2026, 11, 2, 9, tzinfo=UTC)
        with store.unit() as uow:
            rows = counts(start, [1.0] * 13, minutes=5)
            del rows[4]
            uow.volumes.save(rows, source=VolumeSource.VOLUMES)
            history = uow.volumes.history(QUEUE, "UTC", QUARTER)
            assert history is not None
            assert history.observed[36:42].tolist() == [True, False, True, True, True, False]
            assert history.offered[40] == 1

    def test_nothing_after_the_origin_is_read(self, store: Store) -> None:
        start = datetime(2026, 11, 2, tzinfo=UTC)
        with store.unit() as uow:
            uow.volumes.save(counts(start, [1.0] * 200), source=VolumeSource.VOLUMES)
            until = start + timedelta(days=1)
            history = uow.volumes.history(QUEUE, "UTC", QUARTER, until=until)
            assert history is not None
            assert history.grid.end == until
            assert history.offered.sum() == 96
            assert uow.volumes.last_end(QUEUE, until=until) == until
            assert uow.volumes.last_start(QUEUE) == start + 199 * QUARTER
            assert uow.volumes.history(QueueId("chat"), "UTC", QUARTER) is None

    def test_a_year_of_five_minutes_is_written_and_read_in_seconds(self, store: Store) -> None:
        start = datetime(2025, 11, 2, tzinfo=UTC)
        rows = counts(start, [float(i % 50) for i in range(365 * 288)], minutes=5)
        began = datetime.now(UTC)
        with store.unit() as uow:
            assert uow.volumes.save(rows, source=VolumeSource.VOLUMES).counts.new == len(rows)
            history = uow.volumes.history(QUEUE, "UTC", timedelta(minutes=30))
            assert history is not None
            assert history.offered.sum() == pytest.approx(sum(r.contacts for r in rows))
        assert (datetime.now(UTC) - began).total_seconds() < 30


class TestForecasts:
    def forecast(self, start: datetime, made_at: datetime, mean: float = 4.0) -> VolumeForecast:
        grid = IntervalGrid(start=start, interval=timedelta(hours=1), count=48, zone="UTC")
        return VolumeForecast(
            queue=QUEUE,
            grid=grid,
            mean=np.full(48, mean),
            quantiles={level: np.full(48, mean * (0.5 + level)) for level in LEVELS},
            aht_seconds=np.full(48, 200.0),
            open=np.arange(48) % 24 < 12,
            model="mean_of_weeks",
            made_at=made_at,
            trained_until=start,
            shared_by_week=0.2,
            shared_by_day=0.5,
        )

    def test_the_newest_that_covers_the_span_is_read_back_as_it_was(self, store: Store) -> None:
        start = datetime(2026, 11, 30, tzinfo=UTC)
        with store.unit() as uow:
            uow.forecasts.save(self.forecast(start, NOW, mean=4.0), {"wape": 0.1})
            uow.forecasts.save(self.forecast(start, NOW + timedelta(hours=1), mean=6.0), {})
            later = start + timedelta(days=1)
            uow.forecasts.save(self.forecast(later, NOW + timedelta(hours=2), mean=9.0), {})
            uow.commit()
        with store.unit() as uow:
            found = uow.forecasts.latest(QUEUE, start, start + timedelta(hours=5))
            assert found is not None
            assert found.mean.tolist() == [6.0] * 5
            assert found.quantiles[0.9].tolist() == pytest.approx([6.0 * 1.4] * 5)
            assert found.open.all()
            assert (found.shared_by_week, found.shared_by_day) == (0.2, 0.5)
            assert uow.forecasts.latest(QUEUE, start - timedelta(hours=1), start) is None
            assert uow.forecasts.newest_span(QUEUE) == (later, later + timedelta(days=2))


class TestRequirements:
    def interval(self, start: datetime, agents: int) -> RequirementInterval:
        return RequirementInterval(
            queue=QUEUE, start=start, interval=QUARTER, base_agents=agents, scheduled_agents=agents + 1
        )

    def test_a_new_requirement_takes_the_place_of_the_old(self, store: Store) -> None:
        start = datetime(2026, 11, 30, tzinfo=UTC)
        end = start + timedelta(hours=1)
        with store.unit() as uow:
            old = [self.interval(start + i * QUARTER, 9) for i in range(4)]
            uow.requirements.replace(QUEUE, start, end, old, made_at=NOW, forecast=None)
            uow.requirements.replace(QUEUE, start, end, [self.interval(start, 2)], made_at=NOW, forecast=None)
            uow.commit()
        with store.unit() as uow:
            assert [i.scheduled_agents for i in uow.requirements.between(QUEUE, start, end)] == [3]
            at = uow.requirements.at(QUEUE, start + timedelta(minutes=14))
            assert at is not None
            assert at.base_agents == 2
            assert uow.requirements.at(QUEUE, start + QUARTER) is None
            assert uow.requirements.made_at(QUEUE, start, end) == NOW


class TestRosters:
    def test_a_draft_is_read_back_identically_and_is_nobodys_shift_yet(self, store: Store) -> None:
        roster = week(
            Assignment(agent="lin", shift=shift(MONDAY, 8)), Assignment(agent="wei", shift=shift(MONDAY, 20))
        )
        with store.unit() as uow:
            number = uow.rosters.save_draft(roster, made_at=NOW, outcome="optimal", gap=0.0)
            uow.commit()
        with store.unit() as uow:
            version = uow.rosters.get(number)
            assert version is not None
            assert version.roster == roster
            assert version.status is RosterStatus.DRAFT
            assert uow.rosters.shifts_of(AgentId("lin"), datetime(2026, 11, 30, tzinfo=UTC), NOW) == []
            assert uow.rosters.published(datetime(2026, 12, 1, tzinfo=UTC)) is None

    def test_publishing_supersedes_the_version_before(self, store: Store) -> None:
        with store.unit() as uow:
            one = uow.rosters.save_draft(week(Assignment(agent="lin", shift=shift(MONDAY, 8))), made_at=NOW)
            two = uow.rosters.save_draft(week(Assignment(agent="lin", shift=shift(MONDAY, 9))), made_at=NOW)
            uow.rosters.publish(one, by="pei", at=NOW, accepted_because=None)
            uow.rosters.publish(two, by="pei", at=NOW, accepted_because="trial")
            uow.commit()
        with store.unit() as uow:
            published = uow.rosters.published(datetime(2026, 11, 30, 10, tzinfo=UTC))
            assert published is not None
            assert (published.roster_id, published.accepted_because) == (two, "trial")
            before = uow.rosters.get(one)
            assert before is not None
            assert before.status is RosterStatus.SUPERSEDED
            start = datetime(2026, 11, 30, tzinfo=UTC)
            own = uow.rosters.shifts_of(AgentId("lin"), start, start + timedelta(days=1))
            assert [s.start.hour for s in own] == [9]

    def test_on_shift_knows_activity_and_the_shift_over_midnight(self, store: Store) -> None:
        roster = week(
            Assignment(agent="lin", shift=shift(MONDAY, 8)), Assignment(agent="wei", shift=shift(MONDAY, 20))
        )
        with store.unit() as uow:
            number = uow.rosters.save_draft(roster, made_at=NOW)
            uow.rosters.publish(number, by="pei", at=NOW, accepted_because=None)
            lunch = datetime(2026, 11, 30, 12, 30, tzinfo=UTC)
            there = uow.rosters.on_shift(lunch)
            assert [(o.agent, o.activity, o.until.hour, o.shift_end.hour) for o in there] == [
                ("lin", "lunch", 13, 16)
            ]
            night = uow.rosters.on_shift(datetime(2026, 12, 1, 2, tzinfo=UTC))
            assert [o.agent for o in night] == ["wei"]
            assert uow.rosters.on_shift(datetime(2026, 11, 30, 16, tzinfo=UTC)) == []

    def test_overlapping_other_periods_are_found(self, store: Store) -> None:
        with store.unit() as uow:
            number = uow.rosters.save_draft(week(), made_at=NOW)
            uow.rosters.publish(number, by="pei", at=NOW, accepted_because=None)
            other = RosterPeriod(first=MONDAY + timedelta(days=6), days=2, zone="UTC")
            after = RosterPeriod(first=MONDAY + timedelta(days=7), days=7, zone="UTC")
            assert uow.rosters.published_overlapping(other) == [number]
            assert uow.rosters.published_overlapping(after) == []
            assert not uow.rosters.lock(RosterId(999))

    def test_the_latest_certificate_stands(self, store: Store) -> None:
        with store.unit() as uow:
            number = uow.rosters.save_draft(week(), made_at=NOW)
            for weakest in (0.5, 0.9):
                uow.rosters.save_certificate(
                    StoredCertificate(
                        roster=number,
                        made_at=NOW,
                        weakest=weakest,
                        inside_share=0.97,
                        seed=1,
                        paths=10,
                        report={"judgements": []},
                    )
                )
            version = uow.rosters.get(number)
            assert version is not None
            assert (version.weakest, version.inside_share) == (0.9, 0.97)


class TestRuns:
    def test_only_one_claims_a_run_until_its_lease_ends(self, store: Store) -> None:
        lease = timedelta(minutes=2)
        with store.unit() as uow:
            run = uow.runs.add("roster", {"days": 7}, by="pei", now=NOW)
            assert uow.runs.due("roster", NOW) == [run]
            assert uow.runs.claim(run, now=NOW, lease_until=NOW + lease)
            assert not uow.runs.claim(run, now=NOW, lease_until=NOW + lease)
            assert uow.runs.due("roster", NOW) == []
            later = NOW + timedelta(minutes=3)
            assert uow.runs.due("roster", later) == [run]
            assert uow.runs.claim(run, now=later, lease_until=later + lease)

    def test_progress_and_the_stop_request_travel_through_the_row(self, store: Store) -> None:
        with store.unit() as uow:
            run = uow.runs.add("roster", {}, by="pei", now=NOW)
            uow.runs.claim(run, now=NOW, lease_until=NOW)
            assert not uow.runs.report(run, {"objective": 5.0}, lease_until=NOW)
            assert uow.runs.request_stop(run)
            assert uow.runs.report(run, {"objective": 4.0}, lease_until=NOW)
            held = uow.runs.get(run)
            assert held is not None
            assert held.progress == {"objective": 4.0}
            uow.runs.finish(run, RunState.DONE, now=NOW, result={"roster": 1})
            assert not uow.runs.request_stop(run)
            assert not uow.runs.claim(run, now=NOW + timedelta(days=1), lease_until=NOW)


def test_what_came_today_is_read_on_any_grid_with_the_part_that_is_known(store: Store) -> None:
    day = IntervalGrid(start=NOW, interval=2 * QUARTER, count=6, zone="UTC")
    with store.unit() as uow:
        uow.contacts.import_many(
            [contact(f"C{i}", queue=QUEUE, opened_at=NOW + i * timedelta(minutes=10)) for i in range(9)]
        )
        uow.commit()
    with store.read() as uow:
        came, known = uow.volumes.came_on_grid(
            QUEUE, day, NOW + timedelta(minutes=77), late=timedelta(minutes=2)
        )
    assert came.tolist() == [3, 3, 2, 0, 0, 0]
    assert known.tolist() == [1, 1, 0.5, 0, 0, 0]
    with store.unit() as uow:
        uow.volumes.save(counts(NOW, [5, 6, 7, 8]), source=VolumeSource.VOLUMES)
        uow.commit()
    with store.read() as uow:
        # Counts that another system tells win, and are not late; the last one is not over yet.
        came, known = uow.volumes.came_on_grid(
            QUEUE, day, NOW + timedelta(minutes=50), late=timedelta(minutes=2)
        )
    assert came.tolist() == [11, 7, 0, 0, 0, 0]
    assert known.tolist() == [1, 0.5, 0, 0, 0, 0]


def test_shifts_that_begin_in_a_stretch(store: Store) -> None:
    roster = week(
        Assignment(agent="ann", shift=shift(MONDAY, 8)),
        Assignment(agent="bob", shift=shift(MONDAY, 9)),
        Assignment(agent="cem", shift=shift(MONDAY, 10)),
    )
    with store.unit() as uow:
        number = uow.rosters.save_draft(roster, made_at=NOW)
        uow.commit()
    eight = datetime(2026, 11, 30, 8, tzinfo=UTC)
    with store.read() as uow:
        assert uow.rosters.shifts_beginning(eight, eight + timedelta(hours=2)) == []
    with store.unit() as uow:
        uow.rosters.publish(number, by="pei", at=NOW, accepted_because=None)
        uow.commit()
    with store.read() as uow:
        found = uow.rosters.shifts_beginning(eight, eight + timedelta(hours=2))
    # Later than the first instant, and the last one included.
    assert [a.agent for a in found] == ["bob", "cem"]
    assert found[0].shift == shift(MONDAY, 9)
