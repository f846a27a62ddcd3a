"""Stored forecasts as they were made, and how good they were; on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from bot.core.errors import RefusedError
from bot.core.ids import QueueId
from bot.store.unit_of_work import Store
from bot.store.volumes import VolumeCount, VolumeSource
from bot.usecases import review_forecast
from forecasting.accuracy import Omission
from tests.support.builders import CHAT, PHONE, at, settings
from tests.support.forecasts import forecast, save

SETTINGS = settings()
MONDAY = date(2026, 11, 23)
DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)


def came(store: Store, first: date, days: int, contacts: float, *, but: tuple[date, ...] = ()) -> None:
    """So many contacts in every open quarter of an hour (08:00 to 22:00)."""
    rows = [
        VolumeCount(
            queue=CHAT,
            start=at(8, day=first + i * DAY) + k * QUARTER,
            interval=QUARTER,
            contacts=contacts,
        )
        for i in range(days)
        for k in range(56)
        if first + i * DAY not in but
    ]
    with store.unit() as uow:
        uow.volumes.save(rows, source=VolumeSource.VOLUMES)
        uow.commit()


def shown(store: Store, **wanted: object) -> review_forecast.ForecastShown:
    now = wanted.pop("now", at(9, day=MONDAY + 3 * DAY))
    (one,) = review_forecast.show(store, SETTINGS, queues=[CHAT], now=now, **wanted)  # type: ignore[arg-type]
    return one


def judged(store: Store, **wanted: object) -> review_forecast.QueueReview:
    now = wanted.pop("now", at(23, day=MONDAY + 6 * DAY))
    (one,) = review_forecast.review(store, SETTINGS, queues=[CHAT], weeks=4, now=now, **wanted)  # type: ignore[arg-type]
    return one


class TestShow:
    def test_a_forecast_that_was_replaced_is_still_there_as_it_was(self, store: Store) -> None:
        first = save(store, forecast(10.0, days=14, made_at=at(2, day=MONDAY)))
        second = save(store, forecast(20.0, first=MONDAY + DAY, days=13, made_at=at(2, day=MONDAY + DAY)))
        newest = shown(store)
        assert (newest.number, newest.newer) == (second, None)
        before = shown(store, as_of=MONDAY - DAY)
        assert before.number == first
        assert before.forecast is not None
        assert before.forecast.mean.max() == 10.0
        assert before.days[0].total is not None
        assert before.days[0].total.mean == pytest.approx(560.0)
        assert shown(store, as_of=MONDAY - 2 * DAY).problem == "no_forecast"

    def test_a_week_is_the_newest_forecast_of_all_of_it(self, store: Store) -> None:
        whole = save(store, forecast(10.0, days=14))
        later = save(
            store, forecast(12.0, first=MONDAY + 2 * DAY, days=12, made_at=at(2, day=MONDAY + 2 * DAY))
        )
        this, following = shown(store, week=MONDAY), shown(store, week=MONDAY + 7 * DAY)
        assert (this.number, this.newer) == (whole, later)
        assert (following.number, following.newer) == (later, None)
        assert [d.day for d in this.days] == [MONDAY + i * DAY for i in range(7)]
        assert this.forecast is not None
        assert this.forecast.grid.count == 7 * 96

    def test_early_on_monday_the_whole_week_is_still_ahead(self, store: Store) -> None:
        made = forecast(10.0, days=7)
        early = made.part(slice(10, made.grid.count))  # from 02:30, the queue opens at 08:00
        number = save(store, early)
        one = shown(store, week=MONDAY)
        assert (one.number, one.days[0].begins) == (number, None)
        late = save(store, made.part(slice(40, made.grid.count)))  # from 10:00
        one = shown(store, as_of=MONDAY)
        assert (one.number, one.days[0].begins) == (late, at(10, day=MONDAY))

    def test_what_came_stands_beside_it_as_far_as_it_is_known(self, store: Store) -> None:
        save(store, forecast(10.0, days=7))
        came(store, MONDAY - 28 * DAY, 30, 12.0)
        came(store, MONDAY + 2 * DAY, 1, 10.0)
        one = shown(store, now=at(12, day=MONDAY + 2 * DAY))
        assert [d.actual for d in one.days[:3]] == [672.0, 672.0, None]
        assert [d.outside for d in one.days[:3]] == [
            not d.total.low <= 672 <= d.total.high for d in one.days[:2] if d.total is not None
        ] + [False]
        known = np.isfinite(one.actual) & one.forecast.open  # type: ignore[union-attr]
        assert known.sum() == 2 * 56 + 16

    def test_a_peak_is_named_by_its_time(self, store: Store) -> None:
        save(store, forecast(lambda minute: 30.0 if minute == 630 else 10.0, days=7))
        day = shown(store).days[0]
        assert (day.peak, day.peak_mean) == (at(10, 30, day=MONDAY), 30.0)

    def test_an_unknown_queue_is_refused(self, store: Store) -> None:
        with pytest.raises(RefusedError):
            review_forecast.show(store, SETTINGS, queues=[QueueId("fax")], now=at(9))


class TestAccuracy:
    def test_each_forecast_counts_at_its_own_weeks_ahead_though_it_was_replaced(self, store: Store) -> None:
        """Week two was first called 15, then 11; 10 came: 50 % off at two weeks, 10 % at one."""
        save(store, forecast(15.0, first=MONDAY - 7 * DAY, days=14))
        save(store, forecast(11.0, days=7))
        came(store, MONDAY - 35 * DAY, 42, 10.0)
        one = judged(store)
        assert one.problem is None
        assert one.accuracy is not None
        by = {s.horizon: s for s in one.accuracy.scores}
        assert by[2].wape == pytest.approx(0.5)
        assert by[1].wape == pytest.approx((7 * 5 + 7 * 1) / (14 * 10))
        assert (by[1].forecasts, by[1].weeks, by[1].contacts) == (2, 2, 14 * 560.0)
        assert (by[2].forecasts, by[2].weeks, by[2].contacts) == (1, 1, 7 * 560.0)

    def test_days_without_data_and_silent_times_do_not_count_and_are_said(self, store: Store) -> None:
        save(store, forecast(12.0, days=7))
        came(store, MONDAY - 35 * DAY, 42, 10.0, but=(MONDAY + DAY,))
        with store.unit() as uow:
            number = uow.episodes.open(
                "silence", CHAT, since=at(10, day=MONDAY), now=at(11, day=MONDAY), detail={}
            )
            assert number is not None
            uow.episodes.end(number, at(11, day=MONDAY))
            uow.commit()
        one = judged(store)
        assert one.accuracy is not None
        assert one.accuracy.omitted == {
            Omission.DOUBLED: 0,
            Omission.OUTAGE: 4,
            Omission.CLOSED: 56,
            Omission.NO_DATA: 0,
        }
        assert one.accuracy.scores[0].intervals == 6 * 56 - 4

    def test_what_is_not_known_yet_is_not_missing(self, store: Store) -> None:
        save(store, forecast(12.0, days=14))
        came(store, MONDAY - 35 * DAY, 38, 10.0)
        one = judged(store)
        assert one.accuracy is not None
        assert sum(one.accuracy.omitted.values()) == 0
        assert one.until == at(22, day=MONDAY + 2 * DAY)
        assert one.accuracy.scores[0].intervals == 3 * 56

    def test_forecasts_made_afterwards_count_only_when_asked_for(self, store: Store) -> None:
        save(store, forecast(12.0, days=7, made_at=at(9, day=MONDAY + 6 * DAY)))
        came(store, MONDAY - 35 * DAY, 42, 10.0)
        one = judged(store)
        assert (one.problem, one.backdated) == ("nothing_judged", 1)
        one = judged(store, with_backdated=True)
        assert (one.problem, one.backdated) == (None, 0)
        assert one.tracked is None

    def test_other_interval_lengths_are_said(self, store: Store) -> None:
        save(store, forecast(12.0, days=7, interval=timedelta(minutes=30)))
        came(store, MONDAY - 35 * DAY, 42, 10.0)
        one = judged(store)
        assert (one.problem, one.other_interval) == ("nothing_judged", 1)

    def test_without_forecasts_or_without_contacts_the_reason_is_named(self, store: Store) -> None:
        assert judged(store).problem == "no_forecast"
        save(store, forecast(12.0, days=7))
        assert judged(store).problem == "no_actuals"
        (one,) = review_forecast.review(store, SETTINGS, queues=[PHONE], weeks=4, now=at(9))
        assert one.problem == "no_forecast"

    def test_the_signal_rests_on_the_forecast_of_the_evening_before(self, store: Store) -> None:
        for i in range(20):
            save(store, forecast(8.0, first=MONDAY + i * DAY, days=14))
        came(store, MONDAY - 35 * DAY, 55, 10.0)
        one = judged(store, now=at(23, day=MONDAY + 19 * DAY))
        assert one.tracked is not None
        assert (one.tracked.signal, one.tracked.days) == (-1.0, 20)
        assert one.tracked.bias == pytest.approx(-0.2)
        # While the last day goes on it is not judged.
        came(store, MONDAY + 20 * DAY, 1, 0.0)
        assert judged(store, now=at(12, day=MONDAY + 20 * DAY)).tracked == one.tracked
