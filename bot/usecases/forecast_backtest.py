"""Every model against every other on a queue's own last weeks; stores nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.errors import RefusedError
from bot.core.ids import QueueId
from bot.core.queue_events import acting_on
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases.forecast import Progress, chosen_queues, forecast_calendar, forecast_grid
from forecasting.errors import ForecastingError
from forecasting.model_comparison import ModelComparison, compare_models

__all__ = ["QueueBacktest", "backtest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueBacktest:
    """``problem``: why there is no comparison, in a word: ``no_history``, ``unusable_history`` (with
    ``detail``), ``too_short`` or ``stopped``."""

    queue: QueueId
    comparison: ModelComparison | None = None
    problem: str | None = None
    detail: str = ""


def backtest(
    store: Store,
    settings: Settings,
    *,
    queues: Sequence[QueueId] | None = None,
    weeks: int,
    horizons: Sequence[int],
    now: datetime,
    on_progress: Progress | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> list[QueueBacktest]:
    """Backtest the last ``weeks`` whole weeks of each queue (all where None) at ``horizons`` [weeks ahead].

    A run that was stopped gives what was tested until then.  Raises RefusedError for an unknown queue, or
    where no queue has a history.
    """
    wanted = chosen_queues(settings, queues)
    done: list[QueueBacktest] = []
    for queue in wanted:
        if should_stop():
            done.append(QueueBacktest(queue=queue, problem="stopped"))
            continue
        calendar = settings.calendars[settings.queues[queue].calendar]
        with store.read() as uow:
            history = uow.volumes.history(queue, calendar.zone, settings.staffing.interval, until=now)
            events = acting_on(uow.queue_events.all(), queue)
        if history is None:
            done.append(QueueBacktest(queue=queue, problem="no_history"))
            continue
        try:
            comparison = compare_models(
                history,
                forecast_calendar(calendar, events),
                forecast_grid(now, zone=calendar.zone, interval=settings.staffing.interval, weeks=1),
                weeks=weeks,
                horizons=horizons,
                on_progress=_for_queue(on_progress, queue),
                should_stop=should_stop,
            )
        except ForecastingError as error:
            done.append(QueueBacktest(queue=queue, problem="unusable_history", detail=str(error)))
            continue
        if comparison.scores:
            done.append(QueueBacktest(queue=queue, comparison=comparison))
        else:
            done.append(QueueBacktest(queue=queue, problem="stopped" if comparison.stopped else "too_short"))
    if all(one.problem == "no_history" for one in done):
        raise RefusedError(
            "no_history",
            "No volumes are known before that time; nothing was forecast. First: muster import volumes FILE "
            "or muster import contacts FILE.",
            queues=", ".join(wanted),
        )
    return done


def _for_queue(on_progress: Progress | None, queue: QueueId) -> Callable[[int, int], None] | None:
    return None if on_progress is None else lambda done, of: on_progress(queue, done, of)
