"""Harbour's customers while the clock runs: ordinary contacts, and those one asks for."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.demo.hour import on_shift, opened, resolved, usual_contacts
from bot.demo.stage import Stage
from bot.demo.truth import ZONE
from bot.store.unit_of_work import Store
from forecasting.calendars import ForecastCalendar

_HANDLING: Final = timedelta(minutes=6)
_FIRST_LATE: Final = 901


class Traffic:
    """Sends what has happened by the stage's clock.  ``seed``: the same day brings the same contacts."""

    def __init__(
        self, stage: Stage, store: Store, calendars: Mapping[str, ForecastCalendar], *, seed: int
    ) -> None:
        self._stage = stage
        self._store = store
        self._calendars = calendars
        self._seed = seed
        self._agenda: list[tuple[datetime, dict[str, Any]]] = []
        self._known: date | None = None
        self._asked_for = 0
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="harbour-traffic", daemon=True)

    def start(self) -> None:
        """From now on, follow the clock until ``stop``."""
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def catch_up(self) -> None:
        """Send everything up to the clock's now, in its order."""
        with self._lock:
            now = self._stage.clock()
            self._foresee(now)
            due = [event for at, event in self._agenda if at <= now]
            self._agenda = [item for item in self._agenda if item[0] > now]
            if due:
                self._stage.post_events(due)

    def customer(self) -> str:
        """A customer writes and waits: a chat of high priority that nobody answers by itself.  Its number."""
        with self._lock:
            now = self._stage.clock()
            day = now.astimezone(ZoneInfo(ZONE)).date()
            ref = f"GD{day:%Y%m%d}{_FIRST_LATE + self._asked_for:03d}"
            self._asked_for += 1
            working = on_shift(self._store, now)
            owner = working[self._asked_for % len(working)] if working else None
            self._stage.post_events([opened(ref, "chat", "order", "high", now, owner)])
            return ref

    def _foresee(self, now: datetime) -> None:
        """The agenda of the clock's day, from now on."""
        zone = ZoneInfo(ZONE)
        day = now.astimezone(zone).date()
        if self._known == day:
            return
        self._known = day
        end = datetime.combine(day, time(22), tzinfo=zone)
        agents = on_shift(self._store, max(now, datetime.combine(day, time(11), tzinfo=zone)))
        if not agents or now >= end:
            return
        for at, event in usual_contacts(day, now, end, self._calendars, self._seed + day.toordinal(), agents):
            self._agenda.append((at, event))
            if event["kind"] == "responded":
                over = at + _HANDLING
                self._agenda.append((over, resolved(event["contact"], over)))
        self._agenda.sort(key=lambda item: item[0])

    def _follow(self) -> None:
        while not self._over.wait(1.0):
            self.catch_up()
