"""Declare time in which targets may slip, and end it: said in the channel and audited (SP17)."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.allowed_text import code_problem
from bot.core.errors import NotFoundError, RefusedError
from bot.core.exception_messages import ExceptionDeclared
from bot.core.exception_windows import ExceptionWindow
from bot.core.ids import QueueId, TeamId, WindowId
from bot.core.messages import Outgoing, Recipient, RecipientKind, Urgency
from bot.core.near_names import nearest
from bot.core.settings import Settings
from bot.store.unit_of_work import Store, UnitOfWork

__all__ = ["LONGEST", "declare", "end", "record"]

LONGEST = timedelta(days=14)
"""A longer exception is a new target: change app.yaml instead."""


def declare(
    store: Store,
    settings: Settings,
    *,
    team: TeamId,
    queue: QueueId | None,
    reason: str,
    starts_at: datetime,
    ends_at: datetime,
    by: str,
    now: datetime,
) -> ExceptionWindow:
    """Declare a window; the team's alert channel is told in the same transaction.

    Raises RefusedError, with nothing declared, for an unknown queue, a reason that is no short code, and
    a window that ends before it starts, is over already, or is longer than LONGEST.
    """
    _check(settings, team, queue, reason, starts_at, ends_at, now)
    with store.unit() as uow:
        window = record(
            uow,
            settings,
            team=team,
            queue=queue,
            reason=reason,
            starts_at=starts_at,
            ends_at=ends_at,
            by=by,
            now=now,
        )
        uow.commit()
    return window


def record(
    uow: UnitOfWork,
    settings: Settings,
    *,
    team: TeamId,
    queue: QueueId | None,
    reason: str,
    starts_at: datetime,
    ends_at: datetime,
    by: str,
    now: datetime,
    thread_of: str | None = None,
) -> ExceptionWindow:
    """As `declare`, inside a unit; said under the post ``thread_of`` where one is named."""
    _check(settings, team, queue, reason, starts_at, ends_at, now)
    window = uow.exception_windows.add(
        team=team, queue=queue, reason=reason, starts_at=starts_at, ends_at=ends_at, by=by, now=now
    )
    detail = {"queue": queue, "reason": reason, "from": starts_at.isoformat(), "to": ends_at.isoformat()}
    uow.audit.add(by, "exception_declared", f"exception:{window.window}", detail, now)
    _tell(uow, settings, window, f"exception:{window.window}", now, thread_of=thread_of)
    return window


def end(store: Store, settings: Settings, window: WindowId, *, by: str, now: datetime) -> ExceptionWindow:
    """End a window early.  Raises NotFoundError where there is none, RefusedError where it is over."""
    with store.unit() as uow:
        held = uow.exception_windows.get(window)
        if held is None:
            raise NotFoundError(
                "exception_unknown",
                f"exception {window} does not exist; nothing was changed. See: muster sla exception list",
                window=window,
            )
        if held.starts_at > now:
            raise RefusedError(
                "exception_not_begun",
                f"exception {window} has not begun; nothing was changed. It begins by itself.",
                window=window,
            )
        if not uow.exception_windows.end(window, now):
            raise RefusedError(
                "exception_over",
                f"exception {window} is over since {held.ends_at.isoformat()}; nothing was changed.",
                window=window,
            )
        uow.audit.add(by, "exception_ended", f"exception:{window}", {}, now)
        ended = uow.exception_windows.get(window)
        assert ended is not None
        _tell(uow, settings, ended, f"exception:{window}:ended", now, ended_by=by)
        uow.commit()
    return ended


def _check(
    settings: Settings,
    team: TeamId,
    queue: QueueId | None,
    reason: str,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
) -> None:
    queues = [q.queue for q in settings.queues.values() if q.team == team]
    if queue is not None and queue not in queues:
        raise RefusedError(
            "exception_queue",
            f"the team has no such queue; nothing was declared. Queues: {', '.join(sorted(queues))}.",
            near=nearest(queue, queues),
            known=", ".join(sorted(queues)),
        )
    if code_problem(reason) is not None:
        raise RefusedError(
            "exception_reason",
            "a reason is one short word, such as outage or surge; nothing was declared.",
        )
    if ends_at <= starts_at or ends_at <= now:
        raise RefusedError(
            "exception_times",
            "the exception would be over before it begins or by now; nothing was declared. "
            "Give a beginning and a later end.",
        )
    if ends_at - starts_at > LONGEST:
        raise RefusedError(
            "exception_too_long",
            f"an exception lasts at most {LONGEST.days} days; nothing was declared. "
            "If the target does not fit any more, change it in app.yaml.",
            days=LONGEST.days,
        )


def _tell(
    uow: UnitOfWork,
    settings: Settings,
    window: ExceptionWindow,
    key: str,
    now: datetime,
    *,
    ended_by: str | None = None,
    thread_of: str | None = None,
) -> None:
    message = ExceptionDeclared(
        window=window.window,
        team=window.team,
        queue=window.queue,
        reason=window.reason,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        by=window.declared_by,
        ended_by=ended_by,
    )
    channel = settings.teams[window.team].channels["alerts"]
    recipient = Recipient(kind=RecipientKind.CHANNEL, name=channel, team=window.team)
    uow.outbox.put(
        Outgoing(
            recipient=recipient,
            message=message,
            dedupe_key=key,
            urgency=Urgency.NOTICE,
            not_before=now,
            thread_of=thread_of,
        ),
        now,
    )
