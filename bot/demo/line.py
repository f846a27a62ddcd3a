"""The whole line for team Harbour, from files to a published roster."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from bot.config.load import load_settings
from bot.core.calendar import BusinessCalendar, is_working_day, open_periods
from bot.core.ids import RosterId, RunId
from bot.core.import_report import ImportReport
from bot.core.ports import RosterSolver, SolveProgress
from bot.core.rosters import RosterVersion
from bot.core.settings import Settings
from bot.demo.harbour import PLANNER, write_agents, write_availability, write_leave
from bot.demo.history import write_contacts
from bot.demo.truth import ZONE
from bot.imports.agents import read_agents
from bot.imports.availability import read_availability
from bot.imports.contacts import read_contacts
from bot.imports.leave import read_leave
from bot.store.unit_of_work import Store
from bot.usecases import certify, forecast, import_data, plan_roster, publish_roster, staff
from bot.usecases.certify import Certified
from bot.usecases.forecast import ForecastMade
from bot.usecases.publish_roster import Published
from bot.usecases.staff import StaffingMade
from forecasting.calendars import ForecastCalendar

SEED: Final = 20
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The days the demo is about: ``replay`` is the latest workday, ``monday`` begins its week.

    The week is planned on the Friday before, with what is known by the Thursday night.
    """

    replay: date

    @classmethod
    def before(cls, now: datetime, calendar: BusinessCalendar) -> Days:
        """The latest working day of the calendar on a Monday to Friday, today included."""
        day = now.astimezone(ZoneInfo(ZONE)).date()
        while day.weekday() > 4 or not (is_working_day(calendar, day) and open_periods(calendar, day)):
            day -= _DAY
        return cls(replay=day)

    @property
    def monday(self) -> date:
        return self.replay - self.replay.weekday() * _DAY

    @property
    def known_until(self) -> date:
        """The last day the forecast may know: a Thursday."""
        return self.monday - 4 * _DAY

    @property
    def planned_at(self) -> datetime:
        """The Friday before, 09:00 in Shanghai."""
        return datetime.combine(self.monday - 3 * _DAY, time(9), tzinfo=ZoneInfo(ZONE))


def example_settings(today: date) -> Settings:
    """app.yaml as it ships."""
    with as_file(files("bot.demo") / "harbour.yaml") as source:
        return load_settings(source, today=today).settings


def queue_calendars(settings: Settings) -> dict[str, ForecastCalendar]:
    """Queue to its opening hours."""
    return {
        name: forecast.forecast_calendar(settings.calendars[queue.calendar])
        for name, queue in settings.queues.items()
    }


def write_files(folder: Path, days: Days, settings: Settings) -> None:
    """The five files of team Harbour, as an operator would bring them."""
    folder.mkdir(parents=True, exist_ok=True)
    with as_file(files("bot.demo") / "harbour.yaml") as source:
        shutil.copyfile(source, folder / "app.yaml")
    write_agents(folder / "agents.csv")
    write_availability(folder / "availability.csv")
    write_leave(folder / "leave.csv", monday=days.monday)
    write_contacts(
        folder / "contacts.csv",
        monday=days.monday,
        until=days.replay,
        calendars=queue_calendars(settings),
        seed=SEED,
    )


def import_files(folder: Path, store: Store, settings: Settings) -> list[ImportReport]:
    """All four data files through the same import as `muster import`."""
    reports: list[ImportReport] = []

    def source(name: str) -> bytes:
        return (folder / name).read_bytes()

    agents, report = read_agents(source("agents.csv"), source="agents.csv", settings=settings)
    reports.append(import_data.import_agents(store, settings, agents, report))
    availability, report = read_availability(source("availability.csv"), source="availability.csv")
    reports.append(import_data.import_availability(store, availability, report))
    leave, report = read_leave(source("leave.csv"), source="leave.csv")
    reports.append(import_data.import_leave(store, leave, report))
    contacts, report = read_contacts(source("contacts.csv"), source="contacts.csv", settings=settings)
    reports.append(import_data.import_contacts(store, settings, contacts, report))
    return reports


def make_forecast(store: Store, settings: Settings, days: Days) -> list[ForecastMade]:
    return forecast.make(
        store, settings, weeks=1, as_of=days.known_until, now=days.planned_at, seed=settings.roster.solve.seed
    )


def make_requirement(store: Store, settings: Settings, days: Days) -> StaffingMade:
    return staff.make(store, settings, first=days.monday, days=7, now=days.planned_at)


def solve(
    store: Store,
    settings: Settings,
    solver: RosterSolver,
    days: Days,
    *,
    on_progress: Callable[[SolveProgress], None],
) -> RosterVersion:
    run: RunId = plan_roster.request(
        store, settings, first=days.monday, days=7, by=PLANNER[2], now=days.planned_at
    )
    return plan_roster.perform(
        store, settings, solver, run, now=lambda: days.planned_at, on_progress=on_progress
    )


def certify_roster(store: Store, settings: Settings, roster: RosterId, days: Days) -> Certified:
    return certify.certify(
        store,
        settings,
        roster,
        seed=settings.roster.solve.seed,
        paths=settings.roster.publish.paths,
        now=days.planned_at,
    )


def publish(
    store: Store, settings: Settings, roster: RosterId, days: Days, *, accept: str | None
) -> Published:
    """``accept``: the logged reason where the certificate is below the threshold."""
    return publish_roster.publish(store, settings, roster, by=PLANNER[2], accept=accept, now=days.planned_at)


def skip_daily_jobs(store: Store, days: Days) -> None:
    """Take the timetable's slots of the days on stage: nothing nightly runs in the replayed hour."""
    with store.unit() as uow:
        for day in (days.planned_at.date(), days.replay):
            for job in ("forecast", "retention"):
                uow.job_slots.take(job, day.isoformat(), days.planned_at)
        uow.commit()
