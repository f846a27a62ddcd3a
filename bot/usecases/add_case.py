"""Open a case by hand (K7): for trying a set-up, and for what came in while a source was down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.allowed_text import code_problem
from bot.core.contacts import Contact, ContactType, EventKind, Priority
from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import AgentId, ContactRef, QueueId
from bot.core.near_names import nearest
from bot.core.queues import Channel
from bot.core.settings import Settings
from bot.core.sla import SlaClock
from bot.store.unit_of_work import Store, UnitOfWork
from bot.usecases.case_events import case_event, tell
from bot.usecases.intake import FUTURE
from bot.usecases.log_contact import new_case_number

__all__ = ["add_case"]


def add_case(
    store: Store,
    settings: Settings,
    *,
    channel: Channel | None,
    queue: str | None,
    priority: Priority | None,
    type_: ContactType,
    tier: str | None,
    agent: str | None,
    at: datetime,
    by: str,
    now: datetime,
    speed: float = 1.0,
) -> tuple[Contact, tuple[SlaClock, ...]]:
    """The case and its clocks.  Without ``queue`` the only one of the channel is meant.

    ``speed`` rehearses (SCENARIOS K7): the case is opened so long before ``at`` that its first due time comes
    so many times sooner, as far as the queue is open then.

    Raises RefusedError where no queue or several could be meant, for a tier that is no code and for a time
    ahead of now; NotFoundError for an unknown agent.  Nothing is stored then, and no number is used up.
    """
    chosen = _queue(settings, channel, queue)
    _check(settings, tier, at, now)

    def opened_at(uow: UnitOfWork, when: datetime) -> tuple[ContactRef, tuple[SlaClock, ...]]:
        ref = new_case_number(uow, settings, now)
        told = replace(
            case_event(ref, EventKind.OPENED, when, queue=chosen),
            channel=channel,
            priority=priority,
            type=type_,
            tier=tier,
            agent=None if agent is None else AgentId(agent),
        )
        tell(uow, settings, told, now=now)
        return ref, tuple(uow.clocks.of([ref]).get(ref, {}).values())

    if speed > 1:
        # Tried in a unit that is not committed: only the clocks know opening hours and policies.
        with store.unit() as trial:
            _, clocks = opened_at(trial, at)
        left = min((c.due_at for c in clocks), default=now) - now
        at -= max(timedelta(0), left - left / speed)
    with store.unit() as uow:
        if agent is not None and uow.people.get(AgentId(agent)) is None:
            raise _no_agent(agent, [a.agent for a in uow.people.all()])
        ref, clocks = opened_at(uow, at)
        uow.audit.add(by, "case_added", f"case:{ref}", {"queue": chosen}, now)
        contact = uow.contacts.get(ref)
        uow.commit()
    if contact is None:
        raise NotFoundError("case_unknown", f"no case {ref} is known; nothing was changed.", ref=ref)
    return contact, clocks


def _check(settings: Settings, tier: str | None, at: datetime, now: datetime) -> None:
    if tier and code_problem(tier) is not None:
        raise RefusedError(
            "tier_no_code",
            "the tier was not stored and no case was opened: free text, names and numbers of people are not "
            "kept. Write one word that begins with a letter, such as vip.",
        )
    if at > now + FUTURE:
        zone = ZoneInfo(settings.zone)
        given = f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
        raise RefusedError(
            "at_in_future",
            f"--at {given} lies in the future; no case was opened. Write now, or a time that has passed.",
            given=given,
            now=f"{now.astimezone(zone):%Y-%m-%d %H:%M}",
        )


def _no_agent(given: str, known: Sequence[str]) -> NotFoundError:
    """What was typed is not repeated: it may be a person's name or number."""
    near = nearest(given, known)
    if not near:
        return NotFoundError("agent_unknown", "there is no such agent; nothing was changed.")
    return NotFoundError(
        "agent_unknown",
        f"there is no such agent; nothing was changed. Did you mean {near}?",
        near=near,
        variant="near",
    )


def _queue(settings: Settings, channel: Channel | None, named: str | None) -> QueueId:
    names = ", ".join(sorted(settings.queues))
    if named is not None:
        if QueueId(named) not in settings.queues:
            near = nearest(named, settings.queues)
            question = f" Did you mean {near}?" if near else ""
            raise RefusedError(
                "no_such_queue",
                f"there is no such queue; nothing was changed.{question} app.yaml has: {names}.",
                queues=names,
                near=near,
                variant="near" if near else None,
            )
        return QueueId(named)
    fit = [q.queue for q in settings.queues.values() if channel is None or q.channel is channel]
    if len(fit) != 1:
        raise RefusedError(
            "which_queue",
            f"say which queue with --queue; nothing was changed. There are: {names}.",
            queues=names,
        )
    return fit[0]
