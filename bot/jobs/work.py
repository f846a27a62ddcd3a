"""What each entry of the timetable does: one use case each, woken onward when it wrote something."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING

import structlog

from bot.core.errors import RefusedError
from bot.core.ports import (
    Clock,
    DiversionSwitch,
    MessageSender,
    OnShiftSigns,
    RosterSolver,
    SolveProgress,
    SurveyTool,
)
from bot.core.runbooks import Runbook
from bot.core.settings import Settings
from bot.imports.runbooks import known_runbooks
from bot.jobs.timetable import TICKS, daily_jobs, due_slot
from bot.store.unit_of_work import Store
from bot.usecases import (
    announce,
    ask_certificate,
    ask_changes,
    ask_reasons,
    ask_surveys,
    assign_items,
    chase,
    count_contacts,
    deliver,
    divert,
    escalate,
    evening_card,
    find_orphans,
    follow_on_shift,
    follow_publication,
    forecast,
    morning_card,
    plan_roster,
    post_boards,
    prepare_card,
    prune,
    remind_shifts,
    remote_stand_up,
    run_campaigns,
    shift_review,
    stand_up,
    tell_load,
    train,
    watch_drift,
    watch_incidents,
    watch_outlook,
    watch_owners,
    watch_promises,
    watch_sla,
    weekly_pack,
    weekly_review,
)

if TYPE_CHECKING:
    from scheduler.roster.problem import RosterProblem
    from scheduler.roster.roster import RosterResult

__all__ = ["Work"]

_log = structlog.get_logger("bot.jobs")

SHORTEST_PAUSE = timedelta(milliseconds=20)
REGULAR = next(tick.every for tick in TICKS if tick.name == "deliver")
RECOUNT_DAYS = 3
"""Counted again before the nightly forecast: as far back as events usually come late."""
FORECAST_WEEKS = 4
"""Of the nightly forecast: this week and the ones a roster may be published for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """``wake`` runs other ticks at once; ``stopping`` is set when the service stops.

    ``worker`` names this process in the claims of the outbox.
    """

    store: Store
    settings: Settings
    sender: MessageSender
    signs: OnShiftSigns
    solver: RosterSolver
    clock: Clock
    worker: str
    stopping: Event
    wake: Callable[..., None]
    outside: DiversionSwitch | None = None
    survey_tool: SurveyTool | None = None

    def by_name(self) -> Mapping[str, Callable[[], None]]:
        """Tick to what it does, for `bot.jobs.runner.Runner`."""
        return {
            "watch_sla": self.watch_sla,
            "escalate": self.escalate,
            "promises": self.promises,
            "promise_owners": self.promise_owners,
            "promise_news": self.promise_news,
            "requests": self.requests,
            "deliver": self.deliver,
            "stand_up": self.stand_up,
            "reviews": self.reviews,
            "packs": self.packs,
            "shift_reminders": self.shift_reminders,
            "shift_starts": self.shift_starts,
            "chase": self.chase,
            "campaigns": self.campaigns,
            "diversions": self.diversions,
            "surveys": self.surveys,
            "daily": self.daily,
            "runs": self.runs,
            "reasons": self.reasons,
            "publications": self.publications,
            "count_contacts": self.count_contacts,
            "watch_outlook": self.watch_outlook,
            "boards": self.boards,
            "on_shift": self.on_shift,
            "incidents": self.incidents,
        }

    def watch_sla(self) -> None:
        told = watch_sla.tick(self.store, self.settings, now=self.clock())
        if told + watch_owners.tick(self.store, self.settings, now=self.clock()):
            self.wake("escalate", "deliver")

    def escalate(self) -> None:
        if escalate.tick(self.store, self.settings, now=self.clock()):
            self.wake("deliver")

    def promises(self) -> None:
        if watch_promises.tick(self.store, self.settings, now=self.clock()):
            self.wake("deliver")

    def promise_owners(self) -> None:
        if watch_promises.check_owners(self.store, self.settings, now=self.clock()):
            self.wake("deliver")

    def promise_news(self) -> None:
        if watch_promises.check_customers(self.store, self.settings, now=self.clock()):
            self.wake("deliver")

    def requests(self) -> None:
        if ask_changes.expire(self.store, self.settings, now=self.clock()):
            self.wake("deliver")

    def deliver(self) -> None:
        """Send what may leave, and come back when the next may: a channel's second ends between two ticks."""
        done = deliver.tick(self.store, self.settings, self.sender, now=self.clock, worker=self.worker)
        if done.next_due is not None:
            pause = max(done.next_due - self.clock(), SHORTEST_PAUSE)
            if pause < REGULAR:
                self.wake("deliver", after=pause)

    def stand_up(self) -> None:
        told = stand_up.tick(self.store, self.settings, now=self.clock())
        told += stand_up.close(self.store, self.settings, now=self.clock())
        told += remote_stand_up.ask(self.store, self.settings, now=self.clock())
        told += remote_stand_up.tell(self.store, self.settings, now=self.clock())
        if told + assign_items.remind(self.store, now=self.clock()):
            self.wake("deliver")

    def reviews(self) -> None:
        told = weekly_review.ask(self.store, self.settings, now=self.clock())
        told += shift_review.tick(self.store, self.settings, now=self.clock())
        told += train.ask(self.store, self.settings, now=self.clock())
        if told + weekly_review.remind(self.store, self.settings, now=self.clock()):
            self.wake("deliver")

    def packs(self) -> None:
        told = tell_load.tick(self.store, self.settings, now=self.clock())
        if told + weekly_pack.tick(self.store, self.settings, now=self.clock()):
            self.wake("deliver")

    def shift_reminders(self) -> None:
        if remind_shifts.tick(self.store, now=self.clock()):
            self.wake("deliver")

    def shift_starts(self) -> None:
        told = morning_card.tick(self.store, self.settings, now=self.clock())
        if told + prepare_card.tick(self.store, self.settings, now=self.clock()):
            self.wake("deliver")

    def chase(self) -> None:
        if chase.tick(self.store, self.settings, now=self.clock()):
            self.wake("deliver")

    def campaigns(self) -> None:
        told = run_campaigns.tick(self.store, self.settings, now=self.clock())
        if told + announce.ask_again(self.store, now=self.clock()):
            self.wake("deliver")

    def diversions(self) -> None:
        if self.outside is not None and divert.tick(self.store, self.settings, self.outside, now=self.clock):
            self.wake("deliver")

    def surveys(self) -> None:
        if self.survey_tool is None:
            return
        if ask_surveys.tick(self.store, self.settings, self.survey_tool, now=self.clock):
            self.wake("deliver")

    def daily(self) -> None:
        """Every daily job whose slot nobody has taken yet."""
        now = self.clock()
        for job in daily_jobs(self.settings.timetable):
            slot = due_slot(job, now, self.settings.zone)
            if slot is None or not self._take(job.name, slot, now):
                continue
            log = _log.bind(job=job.name, slot=slot)
            log.info("daily_job_started")
            try:
                self._daily(job.name, now)
            except Exception:
                # Whoever comes next tries again; a night is not lost to one database error.
                self._give_back(job.name, slot)
                raise
            log.info("daily_job_done")

    def _daily(self, job: str, now: datetime) -> None:
        if job == "forecast":
            self._forecast(now)
        elif job == "orphans":
            if find_orphans.tick(self.store, self.settings, now=now):
                self.wake("deliver")
        elif job == "drift":
            if watch_drift.tick(self.store, self.settings, now=now):
                self.wake("deliver")
        elif job == "evening":
            if evening_card.tick(self.store, self.settings, now=now):
                self.wake("deliver")
        else:
            prune.tick(self.store, self.settings, now=now)

    def runs(self) -> None:
        """Make what was asked for: certificates, then rosters, one after the other."""
        self._certificates()
        solver = _StoppableSolver(self.solver, self.stopping)
        while not self.stopping.is_set():
            with self.store.read() as uow:
                due = uow.runs.due(plan_roster.KIND, self.clock())
            if not due:
                return
            _log.info("run_started", run=due[0])
            try:
                plan_roster.perform(self.store, self.settings, solver, due[0], now=self.clock)
            except RefusedError as error:
                # An answer to whoever asked, kept in the run's row; the next run is not kept waiting.
                _log.info("run_refused", run=due[0], kind=error.kind)
            else:
                _log.info("run_done", run=due[0])

    def reasons(self) -> None:
        """Work out what somebody waits for since an answer took too long; beside solves, not after them."""
        with self.store.read() as uow:
            due = uow.runs.due(ask_reasons.KIND, self.clock(), limit=20)
        for run in due:
            if self.stopping.is_set():
                return
            if ask_reasons.perform(
                self.store, self.settings, run, now=self.clock, should_stop=self.stopping.is_set
            ):
                self.wake("deliver")

    def publications(self) -> None:
        if follow_publication.tick(self.store, now=self.clock()):
            self.wake("deliver")

    def _certificates(self) -> None:
        while not self.stopping.is_set():
            with self.store.read() as uow:
                due = uow.runs.due(ask_certificate.KIND, self.clock())
            if not due:
                return
            _log.info("certificate_started", run=due[0])
            try:
                ask_certificate.perform(
                    self.store, self.settings, due[0], now=self.clock, should_stop=self.stopping.is_set
                )
            except RefusedError as error:
                _log.info("certificate_refused", run=due[0], kind=error.kind)

    def count_contacts(self) -> None:
        count_contacts.tick(self.store, self.settings, now=self.clock())

    def watch_outlook(self) -> None:
        if watch_outlook.tick(self.store, self.settings, now=self.clock()):
            self.wake("deliver")

    def boards(self) -> None:
        if post_boards.tick(self.store, self.settings, now=self.clock()):
            self.wake("deliver")

    def on_shift(self) -> None:
        """Keep groups and topics current; what was refused is a notice to deliver."""
        if follow_on_shift.tick(self.store, self.settings, self.signs, now=self.clock):
            self.wake("deliver")

    def incidents(self) -> None:
        def runbooks() -> Sequence[Runbook]:
            return known_runbooks(self.settings.incidents.folder).runbooks

        if watch_incidents.tick(self.store, self.settings, runbooks, now=self.clock()):
            self.wake("deliver")

    def _take(self, job: str, slot: str, now: datetime) -> bool:
        with self.store.read() as look:
            if look.job_slots.taken(job, slot):
                return False
        with self.store.unit() as uow:
            taken = uow.job_slots.take(job, slot, now)
            uow.commit()
        return taken

    def _give_back(self, job: str, slot: str) -> None:
        with self.store.unit() as uow:
            uow.job_slots.give_back(job, slot)
            uow.commit()

    def _forecast(self, now: datetime) -> None:
        count_contacts.recount(self.store, self.settings, days=RECOUNT_DAYS, now=now)
        try:
            made = forecast.make(
                self.store,
                self.settings,
                weeks=FORECAST_WEEKS,
                now=now,
                seed=self.settings.roster.solve.seed,
            )
        except RefusedError as error:
            _log.warning("nightly_forecast_refused", kind=error.kind)
            return
        _log.info("nightly_forecast_made", queues=sum(m.problem is None for m in made))


@dataclass(frozen=True, slots=True)
class _StoppableSolver:
    """A solver that also stops, keeping its best roster, when the service does."""

    solver: RosterSolver
    stopping: Event

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
        return self.solver.solve(
            problem,
            seconds=seconds,
            workers=workers,
            seed=seed,
            on_progress=on_progress,
            should_stop=lambda: self.stopping.is_set() or should_stop(),
        )
