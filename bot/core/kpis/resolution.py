"""How long a solution took, on the calendar the promise counts on."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.core.calendar import BusinessCalendar, business_time_between, local_date, open_periods
from bot.core.courses import Measure
from bot.core.kpis.rows import ContactFact
from bot.core.sla import Counted, SlaTerms

__all__ = ["resolution_times"]


def resolution_times(terms: SlaTerms) -> Callable[[ContactFact], float]:
    """Seconds from opening to solution of a solved contact.

    Clock time where its row of app.yaml counts elapsed time, else open time of the calendar that row counts
    on; without a promise open time of the queue's calendar.  A wait for the customer is not taken out.
    """
    calendars: Mapping[str, BusinessCalendar] = {
        queue: terms.calendars[name] for queue, name in terms.queues.items()
    }
    targets = {
        policy.name: target
        for policy in terms.policies
        for target in policy.targets
        if target.measure is Measure.RESOLUTION
    }

    def seconds(contact: ContactFact) -> float:
        assert contact.resolved_at is not None
        target = targets.get(contact.resolution_policy or "")
        calendar = calendars.get(contact.queue)
        if calendar is None or (target is not None and target.counted is Counted.ELAPSED):
            return (contact.resolved_at - contact.opened_at).total_seconds()
        if target is not None:
            calendar = terms.counting_on(target, calendar)
        opened, solved = contact.opened_at, contact.resolved_at
        # Most are opened and solved while the queue is open on one day: nothing to add up.
        for opens, closes in open_periods(calendar, local_date(calendar, opened)):
            if opens <= opened and solved <= closes:
                return (solved - opened).total_seconds()
        return business_time_between(calendar, opened, solved).total_seconds()

    return seconds
