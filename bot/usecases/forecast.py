"""Make and store forecasts; what the back-test showed and what was learned is kept with each."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.calendar import BusinessCalendar
from bot.core.errors import RefusedError
from bot.core.ids import QueueId
from bot.core.queue_events import acting_on
from bot.core.queues import check_queue
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases.contact_mix import ContactMix, contact_mix
from forecasting.calendars import DAY_MINUTES, ForecastCalendar, OpenPeriod, SpecialDay
from forecasting.closures import returned_after_closures
from forecasting.errors import ForecastingError, MissingExtraError
from forecasting.events import DatedEvent
from forecasting.forecast import VolumeForecast
from forecasting.grid import IntervalGrid, local_midnight
from forecasting.history import VolumeHistory
from forecasting.models.registry import MODELS, require_extras
from forecasting.pipeline import ForecastOutcome, make_forecast
from forecasting.standard_handling_time import ASSUMED_RELATIVE_SD

__all__ = ["ForecastMade", "Progress", "chosen_queues", "forecast_calendar", "forecast_grid", "make"]

DAY = timedelta(days=1)
Progress = Callable[[str, int, int], None]
"""Told (queue, steps done, steps in all)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ForecastMade:
    """One queue's forecast and the number it is stored under.

    ``problem`` says in a word why there is none: ``no_history``, ``unusable_history`` with ``detail``, or
    ``stopped``.
    ``report`` is plain JSON: model, reason, scores of every model, spread, warnings, findings, effects.
    """

    queue: QueueId
    number: int | None = None
    forecast: VolumeForecast | None = None
    report: Mapping[str, Any]
    problem: str | None = None
    detail: str = ""


def make(
    store: Store,
    settings: Settings,
    *,
    queues: Sequence[QueueId] | None = None,
    weeks: int,
    as_of: date | None = None,
    now: datetime,
    seed: int,
    on_progress: Progress | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> list[ForecastMade]:
    """Forecast the rest of this ISO week and the ``weeks`` after it, per queue (all where None).

    ``as_of``: only what was known at the end of that local day is used and the forecast begins with the
    next interval; without it both are ``now``.  Every forecast is kept; the newest is used.
    ``should_stop`` is asked at every step: queues done by then are kept, the others have the problem
    ``stopped``.  Raises RefusedError for an unknown queue, a model that is not installed, or where
    no queue has a history.
    """
    if weeks < 1 or weeks > 53:
        raise RefusedError("weeks", f"A forecast covers 1 to 53 weeks, got {weeks}.", weeks=weeks)
    wanted = chosen_queues(settings, queues)
    models = _models(settings)
    histories: dict[QueueId, tuple[VolumeHistory | None, IntervalGrid]] = {}
    mixes: dict[QueueId, ContactMix] = {}
    with store.read() as uow:
        events = uow.queue_events.all()
        for queue in wanted:
            zone = settings.calendars[settings.queues[queue].calendar].zone
            until = now if as_of is None else local_midnight(as_of + DAY, zone)
            grid = forecast_grid(until, zone=zone, interval=settings.staffing.interval, weeks=weeks)
            histories[queue] = (
                uow.volumes.history(queue, zone, settings.staffing.interval, until=until),
                grid,
            )
            mixes[queue] = contact_mix(uow, settings, queue, until)
    if all(history is None for history, _ in histories.values()):
        raise RefusedError(
            "no_history",
            "No volumes are known before that time; nothing was forecast. First: muster import volumes FILE "
            "or muster import contacts FILE.",
            queues=", ".join(wanted),
        )
    made: list[ForecastMade] = []
    for queue, (history, grid) in histories.items():
        if should_stop():
            made.append(ForecastMade(queue=queue, report={}, problem="stopped"))
            continue
        if history is None:
            made.append(ForecastMade(queue=queue, report={}, problem="no_history"))
            continue
        usual = settings.queues[queue].aht_seconds, ASSUMED_RELATIVE_SD
        default, unsure = mixes[queue].handling_time() or usual
        try:
            outcome = make_forecast(
                history,
                forecast_calendar(
                    settings.calendars[settings.queues[queue].calendar], acting_on(events, queue)
                ),
                grid,
                made_at=now,
                seed=seed,
                default_aht_seconds=default,
                default_aht_relative_sd=unsure,
                models=models,
                on_progress=_for_queue(on_progress, queue, should_stop),
            )
        except _StoppedError:
            made.append(ForecastMade(queue=queue, report={}, problem="stopped"))
            continue
        except ForecastingError as error:
            made.append(ForecastMade(queue=queue, report={}, problem="unusable_history", detail=str(error)))
            continue
        made.append(
            ForecastMade(
                queue=queue, forecast=outcome.forecast, report=_report(outcome, history, mixes[queue])
            )
        )
    with store.unit() as uow:
        numbers = [None if m.forecast is None else uow.forecasts.save(m.forecast, m.report) for m in made]
        uow.commit()
    return [
        ForecastMade(
            queue=m.queue,
            number=n,
            forecast=m.forecast,
            report=m.report,
            problem=m.problem,
            detail=m.detail,
        )
        for m, n in zip(made, numbers, strict=True)
    ]


def chosen_queues(settings: Settings, queues: Sequence[QueueId] | None) -> list[QueueId]:
    """The queues asked for, all where None.  Raises RefusedError for one that app.yaml does not have."""
    wanted = list(settings.queues) if queues is None else list(dict.fromkeys(queues))
    for queue in wanted:
        check_queue(queue, settings.queues)
    return wanted


def _models(settings: Settings) -> tuple[str, ...] | None:
    """The models that compete; raises RefusedError where one is named that is not installed."""
    extra = settings.staffing.extra_models
    try:
        require_extras(extra)
    except MissingExtraError as missing:
        raise RefusedError(
            "extra_missing",
            f"app.yaml names the model {missing.model}, but its package is not installed; nothing was "
            f"forecast. First: {missing.command}, or take it out of staffing.extra_models.",
            model=missing.model,
            command=missing.command,
        ) from missing
    return (*MODELS, *extra) if extra else None


def forecast_grid(after: datetime, *, zone: str, interval: timedelta, weeks: int) -> IntervalGrid:
    """From the first interval that begins at ``after`` or later to the end of the ``weeks``-th ISO week.

    >>> friday_night = local_midnight(date(2003, 8, 23), "America/New_York")
    >>> grid = forecast_grid(friday_night, zone="America/New_York", interval=timedelta(minutes=30), weeks=1)
    >>> days = list(grid.days())
    >>> days[0].isoformat(), days[-1].isoformat()
    ('2003-08-23', '2003-08-31')
    """
    midnight = local_midnight(after.astimezone(ZoneInfo(zone)).date(), zone)
    start = midnight + -((midnight - after) // interval) * interval
    today = start.astimezone(ZoneInfo(zone)).date()
    # What begins on a Monday is a whole week already.
    rest = 0 if today.weekday() == 0 and start == local_midnight(today, zone) else 7 - today.weekday()
    end = local_midnight(today + (rest + 7 * weeks) * DAY, zone)
    return IntervalGrid(start=start, interval=interval, count=(end - start) // interval, zone=zone)


def forecast_calendar(calendar: BusinessCalendar, events: Sequence[DatedEvent] = ()) -> ForecastCalendar:
    """The same opening hours in the terms of the forecasting library, with what is known of single days."""
    return ForecastCalendar(
        zone=calendar.zone,
        weekly={day: _periods(periods) for day, periods in calendar.weekly.items() if periods},
        holidays=dict(calendar.holidays),
        special_days={
            day: SpecialDay(name=special.name, periods=_periods(special.periods))
            for day, special in calendar.special_days.items()
        },
        # A make-up workday has the hours of Monday (BusinessCalendar says so).
        make_up_workdays=dict.fromkeys(calendar.makeup_workdays, 0),
        # A holiday on which special hours open the queue is one that it works.
        public_holidays={**calendar.holidays, **calendar.worked_holidays},
        events=tuple(events),
    )


def _periods(periods: Sequence[tuple[time, time]]) -> tuple[OpenPeriod, ...]:
    return tuple(
        OpenPeriod(from_minute=_minute(start), to_minute=_minute(end) or DAY_MINUTES)
        for start, end in periods
    )


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute


class _StoppedError(Exception):
    """Leaves a forecast that is being made; half a back-test would choose another model than a whole one."""


def _for_queue(
    on_progress: Progress | None, queue: QueueId, should_stop: Callable[[], bool]
) -> Callable[[int, int], None]:
    def told(done: int, of: int) -> None:
        if on_progress is not None:
            on_progress(queue, done, of)
        if done < of and should_stop():
            raise _StoppedError

    return told


def _report(outcome: ForecastOutcome, history: VolumeHistory, mix: ContactMix) -> dict[str, Any]:
    """What the forecast rests on, as plain JSON; NaN becomes None."""
    selection = outcome.selection
    days = history.grid.local_dates()
    seen = [day for day, observed in zip(days, history.observed.tolist(), strict=True) if observed]
    returned = returned_after_closures(outcome.effects)
    return {
        "model": selection.model,
        "reason": selection.reason.value,
        "wape": _number(selection.wape),
        "default_wape": _number(selection.default_wape),
        "weeks_tested": selection.weeks,
        "weeks_won": selection.weeks_won,
        "scores": [
            {
                "model": s.model,
                "horizon_weeks": s.horizon,
                "wape": _number(s.wape),
                "bias": _number(s.bias),
                "weeks": s.weeks,
            }
            for s in selection.scores
        ],
        "history": {
            "first": seen[0].isoformat() if seen else None,
            "last": seen[-1].isoformat() if seen else None,
            "days": len(set(seen)),
            "contacts": float(history.offered.sum()),
        },
        "aht_seconds": outcome.handling_time.mean_seconds,
        "aht_contacts": outcome.handling_time.contacts,
        "aht_day_range": list(outcome.handling_time.day_range()),
        "aht_day_sd": outcome.handling_time.day_sd,
        "aht_cv": outcome.handling_time.cv,
        "mix": {
            which.value: [
                {
                    "part": part.part,
                    "share": part.share,
                    "low": part.low,
                    "high": part.high,
                    "contacts": part.contacts,
                    "aht_seconds": part.aht_seconds,
                    "aht_unsure": part.aht_unsure,
                    "aht_contacts": part.handled,
                }
                for part in parts
            ]
            for which, parts in mix.parts.items()
        },
        "seed": outcome.seed,
        "warnings": [
            {
                "code": w.code.value,
                "numbers": {k: _number(v) for k, v in w.numbers.items()},
                "first_day": None if w.first_day is None else w.first_day.isoformat(),
            }
            for w in outcome.warnings
        ],
        "closed_days_return": None
        if returned is None
        else {
            "share": _number(returned.share),
            "low": _number(returned.low),
            "high": _number(returned.high),
            "days": [{"open_day": day, "share": _number(share)} for day, share in returned.by_day],
        },
        "drift": outcome.drift.as_numbers(),
        "findings": [
            {
                "kind": f.kind.value,
                "start": f.local_start.isoformat(),
                "end": f.local_end.isoformat(),
                "observed": _number(f.observed),
                "expected": _number(f.expected),
                "days": f.days,
                "declared": f.declared,
            }
            for f in outcome.findings
        ],
        "effects": [
            {
                "kind": e.kind.value,
                "number": e.number,
                "factor": _number(e.factor),
                "low": _number(e.low),
                "high": _number(e.high),
                "days": e.days,
                **({"event": e.event} if e.event else {}),
            }
            for e in outcome.effects
        ],
    }


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
