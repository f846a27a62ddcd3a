"""A forecast that stays too low is told once, to those who plan; its end edits the message; then anew."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from bot.core.outlook_messages import ForecastDrift
from bot.core.people import Role, RoleList
from bot.core.settings import Watch
from bot.store.unit_of_work import Store
from bot.usecases import watch_drift
from tests.bot.usecases.harbour import Harbour
from tests.bot.usecases.test_review_forecast import DAY, MONDAY, came
from tests.bot.usecases.test_watch_outlook import said
from tests.support.builders import CHAT, agent, at, settings
from tests.support.forecasts import forecast, save

MORNING = MONDAY + 16 * DAY


@pytest.fixture
def floor(store: Store) -> Harbour:
    harbour = Harbour(store, settings())
    harbour.people(
        agent("lin", role=Role.LEAD, slack_user="ULIN"),
        agent("pei", role=Role.PLANNER, slack_user="UPEI"),
        agent("bo", slack_user="UBO"),
        agent("gone", role=Role.LEAD, slack_user=None),
    )
    return harbour


def too_low(harbour: Harbour, *, first: date = MONDAY, days: int = 16, contacts: float = 10.0) -> None:
    """One forecast of 8 an interval, and ``contacts`` came instead; 35 days of history before."""
    save(harbour.store, forecast(8.0, first=first, days=days + 14))
    came(harbour.store, first - 35 * DAY, 35 + days, contacts)


def look(harbour: Harbour, when: datetime) -> int:
    harbour.clock.now = when
    written = watch_drift.tick(harbour.store, harbour.settings, now=when)
    harbour.drain(3)
    return written


def test_leads_and_planners_are_told_once_with_the_figure(floor: Harbour) -> None:
    too_low(floor)
    assert look(floor, at(8, 30, day=MORNING)) == 2
    for person in ("@ULIN", "@UPEI"):
        (told,) = said(floor, person, ForecastDrift)
        assert (told.queue, told.signal, told.limit, told.days) == (CHAT, -1.0, 0.75, 16)
        assert told.bias == pytest.approx(-0.2)
        assert (told.last, told.made, told.stale) == (MORNING - DAY, MONDAY, True)
        assert told.over_on is None
    assert said(floor, "@UBO", ForecastDrift) == []
    for day in range(1, 4):
        came(floor.store, MORNING + (day - 1) * DAY, 1, 10.0)
        assert look(floor, at(8, 30, day=MORNING + day * DAY)) == 0
    assert len(said(floor, "@ULIN", ForecastDrift)) == 1


def test_the_cause_and_its_messages_are_kept_together(
    floor: Harbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the messages cannot be written the drift has not begun either, and is told the next time."""
    too_low(floor)
    with monkeypatch.context() as patch:
        patch.setattr(watch_drift, "_put", lambda *_, **__: (_ for _ in ()).throw(ZeroDivisionError))
        with pytest.raises(ZeroDivisionError):
            look(floor, at(8, 30, day=MORNING))
    with floor.store.read() as uow:
        assert uow.episodes.going_on("forecast_drift") == []
    assert look(floor, at(8, 31, day=MORNING)) == 2


def test_two_replicas_tell_it_once(floor: Harbour) -> None:
    too_low(floor)
    now = at(8, 30, day=MORNING)
    floor.clock.now = now
    failures: list[BaseException] = []
    start = threading.Barrier(2)

    def tick() -> None:
        try:
            start.wait(10)
            watch_drift.tick(floor.store, floor.settings, now=now)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=tick) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    floor.drain(3)
    assert failures == []
    assert len(said(floor, "@ULIN", ForecastDrift)) == 1
    with floor.store.read() as uow:
        assert len(uow.episodes.going_on("forecast_drift")) == 1


def test_its_end_edits_what_was_told_and_the_next_drift_is_told_anew(floor: Harbour) -> None:
    too_low(floor)
    assert look(floor, at(8, 30, day=MORNING)) == 2
    # A new forecast is right: from then on 10 are expected and 10 come.
    save(floor.store, forecast(10.0, first=MORNING, days=42))
    edits = 0
    for i in range(30):
        came(floor.store, MORNING + i * DAY, 1, 10.0 + (0.4 if i % 2 else -0.4))
        edits = look(floor, at(8, 30, day=MORNING + (i + 1) * DAY))
        if edits:
            break
    assert edits == 2
    (told,) = said(floor, "@ULIN", ForecastDrift)
    assert told.over_on == MORNING + i * DAY
    assert 5 <= i <= 25
    # Now much less comes than that one says.
    for j in range(i + 1, i + 30):
        came(floor.store, MORNING + j * DAY, 1, 6.0)
        if look(floor, at(8, 30, day=MORNING + (j + 1) * DAY)):
            break
    first, second = said(floor, "@ULIN", ForecastDrift)
    assert first.over_on is not None
    assert (second.over_on, second.bias > 0) == (None, True)


def test_a_forecast_that_is_right_says_nothing(floor: Harbour) -> None:
    too_low(floor, contacts=8.0)
    assert look(floor, at(8, 30, day=MORNING)) == 0


def test_old_data_and_backdated_forecasts_say_nothing(floor: Harbour) -> None:
    too_low(floor)
    assert look(floor, at(8, 30, day=MORNING + 9 * DAY)) == 0
    save(floor.store, forecast(8.0, queue=CHAT, days=30, made_at=at(8, day=MORNING)))
    with floor.store.read() as uow:
        assert uow.episodes.going_on("forecast_drift") == []


def test_a_fresh_forecast_that_lags_is_not_called_stale(floor: Harbour) -> None:
    for i in range(16):
        day = MONDAY + i * DAY
        save(floor.store, forecast(8.0, first=day, days=7, made_at=at(2, day=day)))
    came(floor.store, MONDAY - 35 * DAY, 51, 10.0)
    assert look(floor, at(8, 30, day=MORNING)) == 2
    (told,) = said(floor, "@UPEI", ForecastDrift)
    assert (told.stale, told.made) == (False, MORNING - DAY)


def test_it_can_be_switched_off(floor: Harbour) -> None:
    too_low(floor)
    floor.settings = replace(floor.settings, watch=Watch(drift=False))
    assert look(floor, at(8, 30, day=MORNING)) == 0


def test_a_planner_known_by_e_mail_alone_is_told_and_without_anybody_the_last_resort(store: Store) -> None:
    planners = RoleList(by_email={"plan@harbour.example": Role.PLANNER, "ada@harbour.example": Role.ADMIN})
    harbour = Harbour(store, replace(settings(), roles=planners))
    too_low(harbour)
    with harbour.store.read() as uow:
        (planner,) = watch_drift._recipients(uow, harbour.settings, harbour.settings.queues[CHAT].team)
        nobody = replace(harbour.settings, roles=RoleList())
        (resort,) = watch_drift._recipients(uow, nobody, harbour.settings.queues[CHAT].team)
    assert (planner.name, resort.name) == ("plan@harbour.example", "ada@harbour.example")
    assert look(harbour, at(8, 30, day=MORNING)) == 1


def test_one_odd_day_and_a_closed_one_are_no_drift(floor: Harbour) -> None:
    save(floor.store, forecast(10.0, days=30))
    came(floor.store, MONDAY - 35 * DAY, 51, 10.0, but=(MONDAY + 9 * DAY,))
    came(floor.store, MORNING - timedelta(days=2), 1, 45.0)
    assert look(floor, at(8, 30, day=MORNING)) == 0
