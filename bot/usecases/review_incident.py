"""After an incident: what was learnt, kept and acted on; its report (ES10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.core.action_items import ActionItem
from bot.core.attainment import Attainment
from bot.core.errors import FieldProblem, InvalidFormError, NotFoundError, RefusedError
from bot.core.exception_windows import ExceptionWindow
from bot.core.ids import ActionItemId, IncidentId
from bot.core.incidents import DrillResult, Entry, Improvement, Incident, IncidentState, Review, drill_result
from bot.core.privacy import refuse_personal
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases import assign_items
from bot.usecases.incident_posts import known, news_of, queues_of, reread, tell, write_card
from bot.usecases.review_sla import attainment

__all__ = ["LONGEST_REVIEW", "IncidentReport", "can_close", "close", "read_report"]

LONGEST_REVIEW: Final = 1_500
"""Characters of each part of a review."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentReport:
    """Everything a page about one incident shows.

    ``promises``: what fell due while it lasted, kept and broken, and what of it is counted apart because of
    an exception window.  ``result``: of a drill.
    """

    incident: Incident
    entries: tuple[Entry, ...]
    window: ExceptionWindow | None
    promises: tuple[Attainment, ...]
    items: tuple[ActionItem, ...]
    result: DrillResult | None


def close(
    store: Store,
    settings: Settings,
    incident: IncidentId,
    *,
    cause: str,
    handling: str,
    lesson: str,
    improvements: Sequence[Improvement] = (),
    by: str,
    now: datetime,
) -> Incident:
    """Keep the review; each improvement becomes an action item, all in one transaction.

    Raises InvalidFormError for fields that are empty, too long or personal, NotFoundError, and RefusedError
    for an incident that is not over or has been closed, and as `assign_items.note`.
    """
    said = {"cause": cause, "handling": handling, "lesson": lesson}
    _check(said)
    with store.unit() as uow:
        found = known(uow.incidents.for_update(incident), incident)
        can_close(found)
        items: list[ActionItem] = []
        for one in improvements:
            owner = None if one.owner is None else uow.people.get(one.owner)
            if one.owner is not None and owner is None:
                raise NotFoundError("agent_unknown", "there is no such agent; nothing was changed.")
            items.append(
                assign_items.note(
                    uow,
                    settings,
                    team=found.team,
                    what=one.what,
                    owner=owner,
                    due_at=one.due_at,
                    by=by,
                    now=now,
                )
            )
        review = Review(
            cause=cause.strip(),
            handling=handling.strip(),
            lesson=lesson.strip(),
            items=tuple(int(item.item) for item in items),
        )
        uow.incidents.close(incident, review, by=by, now=now)
        uow.incidents.note(incident, "closed", by=by, now=now)
        uow.audit.add(by, "incident_closed", f"incident:{incident}", {"items": list(review.items)}, now)
        after = reread(uow, incident)
        write_card(uow, settings, after, now=now)
        tell(
            uow,
            settings,
            after,
            replace(news_of(after, "closed", by, words=review.lesson), count=len(items)),
            now=now,
        )
        uow.commit()
    return after


def can_close(incident: Incident) -> None:
    """Raises RefusedError for one that is not over or has been closed."""
    number = incident.incident
    if incident.state is IncidentState.RUNNING:
        raise RefusedError(
            "incident_not_over",
            f"Incident {number} is not over; nothing was changed. First: /muster incident over",
            incident=number,
        )
    if incident.state is IncidentState.CLOSED:
        raise RefusedError(
            "incident_closed", f"Incident {number} is closed already; nothing was changed.", incident=number
        )


def read_report(store: Store, settings: Settings, incident: IncidentId, *, now: datetime) -> IncidentReport:
    """Raises NotFoundError where there is none."""
    with store.read() as uow:
        found = known(uow.incidents.get(incident), incident)
        entries = uow.incidents.entries(incident)
        window = None if found.window is None else uow.exception_windows.get(found.window)
        numbers = () if found.review is None else found.review.items
        items = [uow.action_items.get(ActionItemId(number)) for number in numbers]
    end = found.over_at or now
    judged = (
        ()
        if found.drill or end <= found.started_at
        else tuple(
            attainment(
                store,
                settings,
                start=found.started_at,
                end=end,
                now=now,
                queues=queues_of(settings, found),
            )
        )
    )
    return IncidentReport(
        incident=found,
        entries=tuple(entries),
        window=window,
        promises=tuple(row for row in judged if row.judged),
        items=tuple(item for item in items if item is not None),
        result=drill_result(found) if found.drill else None,
    )


def _check(said: dict[str, str]) -> None:
    problems = []
    for name, text in said.items():
        if not text.strip():
            problems.append(FieldProblem(name=name, kind="review_empty"))
        elif len(text.strip()) > LONGEST_REVIEW:
            problems.append(FieldProblem(name=name, kind="review_long", data={"longest": LONGEST_REVIEW}))
        else:
            refuse_personal(text)
    if problems:
        raise InvalidFormError(problems)
