"""What incidents need by themselves: late steps, windows, backlogs, missing reviews, planned drills.

Each is claimed, so that several replicas say it once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from bot.core.ids import AgentId, IncidentId
from bot.core.incident_messages import ReviewMissing, StepLate, StepLine
from bot.core.incidents import Incident, IncidentState
from bot.core.messages import Recipient, RecipientKind
from bot.core.on_duty import reachable
from bot.core.runbooks import Runbook, versions
from bot.core.settings import Settings
from bot.store.unit_of_work import Store, UnitOfWork
from bot.usecases.incident_posts import (
    backlog_of,
    card_key,
    leads,
    news_of,
    post_backlog,
    tell,
    tell_person,
    write_card,
)
from bot.usecases.run_incident import end_in, start_in

__all__ = ["tick"]

WINDOW_STEP: Final = timedelta(minutes=30)
"""How far a window is let on that would end before its incident."""
DRILL_PATIENCE: Final = timedelta(hours=2)
"""A drill that nobody ends is over so long after its last step was due."""
DRILL_GRACE: Final = timedelta(hours=1)
"""A planned drill that could not begin for so long is left out."""
LATE_FORMS: Final = timedelta(days=1)
"""So long after the end an empty backlog may fill again, from forms that are read in."""
ASK_AGAIN: Final = timedelta(days=1)

_MUSTER: Final = "muster"
_log = structlog.get_logger(__name__)


def tick(
    store: Store, settings: Settings, runbooks: Callable[[], Sequence[Runbook]], *, now: datetime
) -> int:
    """Returns how much was said."""
    said = _begin_drills(store, settings, runbooks, now=now)
    with store.read() as look:
        late = look.incidents.late_steps(now)
        unfinished = look.incidents.unfinished()
    for incident, number in late:
        said += _tell_late(store, settings, incident, number, now=now)
    for one in unfinished:
        if one.state is IncidentState.RUNNING:
            said += _end_drill(store, settings, one, now=now) if one.drill else 0
            said += _let_window_on(store, settings, one, now=now)
            continue
        if one.closed_at is None and not one.drill:
            # What was written on the form comes in late: it is counted for a day at least.
            assert one.over_at is not None
            if one.backlog_left or now < one.over_at + LATE_FORMS:
                said += _count_backlog(store, settings, one, now=now)
            said += _ask_for_review(store, settings, one, now=now)
    return said


def _tell_late(store: Store, settings: Settings, incident: IncidentId, number: int, *, now: datetime) -> int:
    with store.unit() as uow:
        if not uow.incidents.mark_told(incident, number, now):
            return 0
        found = uow.incidents.get(incident)
        step = None if found is None else found.step(number)
        if found is None or step is None:
            return 0
        uow.incidents.note(incident, "late", by=_MUSTER, now=now, number=number)
        line = StepLine.of(step)
        news = replace(news_of(found, "late", _MUSTER), step=line)
        tell(uow, settings, found, news, now=now, loud=True)
        write_card(uow, settings, found, now=now)
        message = StepLate(incident=incident, titles=found.titles, drill=found.drill, step=line)
        told = set(leads(uow, settings, found, now=now)) | _owner(uow, found, step.owner)
        for person in sorted(told, key=lambda r: r.name):
            key = f"{card_key(incident)}-step-{number}-late-{person.name}"
            tell_person(uow, person, message, key, now=now, urgent=True)
        uow.commit()
    return 1


def _owner(uow: UnitOfWork, incident: Incident, owner: str | None) -> set[Recipient]:
    person = None if owner is None else uow.people.get(AgentId(owner))
    if person is None or not reachable(person):
        return set()
    return {Recipient(kind=RecipientKind.AGENT, name=person.agent, team=incident.team)}


def _let_window_on(store: Store, settings: Settings, incident: Incident, *, now: datetime) -> int:
    """An exception lasts as long as its incident."""
    if incident.window is None:
        return 0
    with store.read() as look:
        window = look.exception_windows.get(incident.window)
    if window is None or window.ends_at > now + timedelta(minutes=1):
        return 0
    with store.unit() as uow:
        held = uow.incidents.for_update(incident.incident)
        window = uow.exception_windows.get(incident.window)
        ended = held is None or held.over_at is not None
        if ended or window is None or window.ends_at > now + timedelta(minutes=1):
            return 0
        assert held is not None
        until = now + WINDOW_STEP
        uow.exception_windows.move_end(window.window, until)
        uow.audit.add(
            _MUSTER, "exception_let_on", f"exception:{window.window}", {"to": until.isoformat()}, now
        )
        uow.incidents.change(held.incident)
        again = uow.incidents.get(held.incident)
        assert again is not None
        write_card(uow, settings, again, now=now)
        tell(uow, settings, again, replace(news_of(again, "window", _MUSTER), until=until), now=now)
        uow.commit()
    return 1


def _count_backlog(store: Store, settings: Settings, incident: Incident, *, now: datetime) -> int:
    with store.read() as look:
        _, left = backlog_of(look, settings, incident, now=now)
    if left == incident.backlog_left:
        return 0
    with store.unit() as uow:
        held = uow.incidents.for_update(incident.incident)
        if held is None or held.closed_at is not None:
            return 0
        lines, left = backlog_of(uow, settings, held, now=now)
        if left == held.backlog_left:
            return 0
        total = (held.backlog_total or 0) + max(0, left - (held.backlog_left or 0))
        uow.incidents.change(held.incident, backlog_left=left, backlog_total=total)
        again = uow.incidents.get(held.incident)
        assert again is not None
        post_backlog(uow, settings, again, lines, left, now=now)
        write_card(uow, settings, again, now=now)
        if not left:
            uow.incidents.note(held.incident, "cleared", by=_MUSTER, now=now)
            tell(uow, settings, again, replace(news_of(again, "cleared", _MUSTER), count=total), now=now)
        uow.commit()
    return 1


def _ask_for_review(store: Store, settings: Settings, incident: Incident, *, now: datetime) -> int:
    within = settings.incidents.review_within
    if incident.over_at is None or now < incident.over_at + within:
        return 0
    with store.unit() as uow:
        if not uow.incidents.mark_reminded(
            incident.incident, over_before=now - within, now=now, again=now - ASK_AGAIN
        ):
            return 0
        tell(uow, settings, incident, news_of(incident, "review_missing", _MUSTER), now=now)
        message = ReviewMissing(incident=incident.incident, titles=incident.titles, over_at=incident.over_at)
        for person in leads(uow, settings, incident, now=now):
            key = f"{card_key(incident.incident)}-review-{person.name}-{now.isoformat()}"
            tell_person(uow, person, message, key, now=now)
        uow.commit()
    return 1


def _end_drill(store: Store, settings: Settings, drill: Incident, *, now: datetime) -> int:
    """When every step and case is done, or nobody goes on."""
    done = all(s.done_at is not None for s in drill.steps) and all(
        c.handled_at is not None for c in drill.cases
    )
    last = max((s.due_at for s in drill.steps if s.due_at is not None), default=drill.started_at)
    if not done and now < last + DRILL_PATIENCE:
        return 0
    with store.unit() as uow:
        held = uow.incidents.for_update(drill.incident)
        if held is None or held.over_at is not None:
            return 0
        end_in(uow, settings, drill.incident, by=_MUSTER, now=now)
        uow.commit()
    return 1


def _begin_drills(
    store: Store, settings: Settings, runbooks: Callable[[], Sequence[Runbook]], *, now: datetime
) -> int:
    begun = 0
    for plan in settings.incidents.drills:
        local = now.astimezone(ZoneInfo(settings.teams[plan.team].zone))
        due = datetime.combine(local.date(), plan.at, local.tzinfo)
        if local.date() not in plan.days or not timedelta(0) <= local - due < DRILL_GRACE:
            continue
        slot = (f"drill:{plan.team}:{plan.scenario}", local.date().isoformat())
        with store.read() as look:
            if look.job_slots.taken(*slot):
                continue
        found = versions(runbooks(), plan.scenario)
        if not found:
            _log.warning("drill_without_runbook", scenario=plan.scenario)
            continue
        with store.unit() as uow:
            if not uow.job_slots.take(*slot, now):
                continue
            start_in(
                uow, settings, found, team=plan.team, what="", until=None, drill=True, by=_MUSTER, now=now
            )
            uow.commit()
            begun += 1
    return begun
