"""The sample team: its files are what Muster's own import accepts without a refusal."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.demo import line
from bot.demo.history import write_contacts
from bot.demo.line import Days
from bot.demo.stage import HandClock
from bot.store.unit_of_work import Store

PROJECT = Path(__file__).parents[3]
SETTINGS = line.example_settings(date(2026, 11, 20))
CALENDAR = SETTINGS.calendars["harbour-hours"]


def test_demo_runs_on_the_example_the_operator_edits() -> None:
    assert (PROJECT / "bot/demo/harbour.yaml").read_text() == (PROJECT / "app.yaml").read_text()


def test_every_row_of_the_sample_files_is_taken(tmp_path: Path, sqlite_store: Store) -> None:
    days = Days(replay=date(2026, 11, 20))
    line.write_files(tmp_path, days, SETTINGS)
    reports = line.import_files(tmp_path, sqlite_store, SETTINGS)
    assert [len(r.refused) for r in reports] == [0, 0, 0, 0]
    with sqlite_store.unit() as uow:
        agents = uow.people.all()
    assert len(agents) == 30
    assert sum(a.zone == "Europe/Lisbon" for a in agents) == 6


def test_same_seed_gives_the_same_contacts_whatever_day_they_end(tmp_path: Path) -> None:
    def rows(until: date, seed: int) -> list[str]:
        path = tmp_path / f"{until}-{seed}.csv"
        write_contacts(
            path,
            monday=date(2026, 11, 16),
            until=until,
            calendars=line.queue_calendars(SETTINGS),
            seed=seed,
        )
        return path.read_text().splitlines()

    whole, part = rows(date(2026, 11, 20), 1), rows(date(2026, 11, 18), 1)
    assert whole[: len(part)] == part
    assert len(part) < len(whole)
    assert rows(date(2026, 11, 18), 2) != part


def test_replayed_day_is_the_latest_working_day() -> None:
    sunday = Days.before(datetime(2026, 11, 22, 3, tzinfo=UTC), CALENDAR)
    assert (sunday.replay, sunday.monday) == (date(2026, 11, 20), date(2026, 11, 16))
    # Sunday evening in Lisbon is Monday in Shanghai
    monday = Days.before(datetime(2026, 11, 22, 20, tzinfo=UTC), CALENDAR)
    assert (monday.replay, monday.monday) == (date(2026, 11, 23), date(2026, 11, 23))
    assert monday.known_until == date(2026, 11, 19)


def test_a_public_holiday_is_not_replayed() -> None:
    # 1 to 7 October 2026 is National Day week in China
    holiday = Days.before(datetime(2026, 10, 5, 3, tzinfo=UTC), CALENDAR)
    assert holiday.replay == date(2026, 9, 30)


def test_the_stage_clock_is_in_utc_stands_until_it_runs_and_never_goes_back() -> None:
    start = datetime(2026, 11, 24, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    clock = HandClock(start)
    assert clock() == start
    assert clock().tzinfo is UTC
    assert clock() == clock()
    clock.move_to(start - timedelta(hours=1))
    assert clock() == start
    clock.let_run()
    clock.move_to(start + timedelta(hours=1))
    assert start + timedelta(hours=1) <= clock() <= clock()
