"""Ask customers after the solution, by telling the survey tool outside (CP7)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.core.contacts import CLOSED, Contact
from bot.core.errors import MusterError
from bot.core.ids import ContactRef
from bot.core.messages import OperatorNotice
from bot.core.ports import Clock, SurveyTool
from bot.core.settings import Settings
from bot.core.survey_requests import (
    LATEST,
    LOOK_AGAIN,
    TRIES,
    LeftOut,
    SurveyRequest,
    SurveySettings,
    chosen,
    hindrance,
    payload,
)
from bot.store.unit_of_work import Store, UnitOfWork
from bot.usecases.operator_notices import tell_operators

__all__ = ["plan", "tick"]


def plan(
    uow: UnitOfWork,
    settings: Settings,
    before: Mapping[ContactRef, Contact],
    after: Mapping[ContactRef, Contact],
    now: datetime,
) -> None:
    """Note the cases that events have solved just now; nothing unless app.yaml has ``surveys``.

    What is told so long afterwards that nobody would be asked in time is history.
    """
    asking = settings.surveys
    if asking is None:
        return
    found = []
    for ref, contact in sorted(after.items()):
        was = before.get(ref)
        solved_at = contact.resolved_at
        if solved_at is None or contact.status not in CLOSED or contact.merged_into is not None:
            continue
        if was is not None and was.status in CLOSED and was.resolved_at == solved_at:
            continue
        if now > solved_at + LATEST or not chosen(asking, contact):
            continue
        found.append(
            SurveyRequest(
                ref=ref,
                queue=contact.queue,
                channel=contact.channel.value,
                token=secrets.token_urlsafe(16),
                solved_at=solved_at,
                due_at=solved_at + asking.after,
            )
        )
    uow.survey_requests.plan(found)


def tick(store: Store, settings: Settings, tool: SurveyTool, *, now: Clock) -> int:
    """Tell the tool of cases that are due; returns how many messages were written to operators.

    Where it does not answer, it is told again, after a longer pause each time; the operators are told when it
    was in vain, once a day and queue.
    """
    asking, written = settings.surveys, 0
    if asking is None:
        return 0
    while True:
        with store.read() as look:
            if not look.survey_requests.any_due(now()):
                return written
        with store.unit() as uow:
            due = uow.survey_requests.next_due(now())
            if due is None:
                return written
            held = _claimed(uow, asking, due, now())
            uow.commit()
        if held is None:
            continue
        try:
            tool(payload(held, _locale(settings, held)))
        except MusterError as error:
            if held.tries >= TRIES:
                with store.unit() as uow:
                    uow.survey_requests.failed(held.ref)
                    notice = OperatorNotice(code="survey_failed", subject=held.queue, detail=error.kind)
                    tell_operators(uow, settings, notice, now())
                    uow.audit.add(
                        "muster", "survey_not_asked", f"case:{held.ref}", {"tries": held.tries}, now()
                    )
                    uow.commit()
                written += 1
            continue
        with store.unit() as uow:
            uow.survey_requests.asked(held.ref, now())
            uow.commit()


def _claimed(
    uow: UnitOfWork, asking: SurveySettings, due: SurveyRequest, now: datetime
) -> SurveyRequest | None:
    """The request to send now; None where it is left out, or not yet."""
    why = hindrance(due, uow.contacts.get(due.ref), now)
    if why is LeftOut.COMPLAINT_OPEN and now <= due.solved_at + LATEST:
        uow.survey_requests.postpone(due.ref, LOOK_AGAIN, now)
        return None
    customer = uow.survey_requests.customer_of(due.ref)
    if why is None and customer is not None:
        why = _of_customer(uow, asking.once_per, due, customer, now)
    if why is not None:
        uow.survey_requests.leave_out(due.ref, why)
        return None
    return uow.survey_requests.claim(due, customer, now)


def _of_customer(
    uow: UnitOfWork, once_per: timedelta, due: SurveyRequest, customer: str, now: datetime
) -> LeftOut | None:
    # One case of a customer at a time, whatever the number of replicas.
    uow.job_slots.hold("survey", customer, now)
    if uow.survey_requests.asked_lately(customer, but=due.ref, since=now - once_per):
        return LeftOut.ASKED_LATELY
    return LeftOut.COMPLAINT_OPEN if uow.survey_requests.complaint_open(customer) else None


def _locale(settings: Settings, held: SurveyRequest) -> str:
    """The language of the team whose queue it is: the customer's is not known."""
    queue = settings.queues.get(held.queue)
    team = None if queue is None else settings.teams.get(queue.team)
    return settings.locale if team is None else team.locale
