"""Whom a publication reached: told when every message has arrived or will not, and tried again on request."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final, cast

from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import AgentId, RosterId, RunId
from bot.core.messages import DeliveryState, Outgoing, Recipient, RecipientKind, Urgency
from bot.core.planner_messages import PublicationCard, Untold
from bot.core.runs import Run, RunState
from bot.store.unit_of_work import Store, UnitOfWork
from bot.usecases import run_posts

__all__ = ["KIND", "follow", "retry", "tick"]

KIND: Final = "publication"
LOOK_AGAIN: Final = timedelta(seconds=2)
GIVE_UP: Final = timedelta(hours=1)
"""What still waits then is told as waiting; the outbox goes on trying."""


def follow(
    uow: UnitOfWork, roster: RosterId, told: Sequence[AgentId], *, by: str, now: datetime, tell: Recipient
) -> RunId | None:
    """Begin to look after the messages of a publication, in its unit of work; None where nobody is told."""
    keys = {agent: f"roster-{roster}-agent-{agent}" for agent in told}
    return _begin(uow, roster, keys, by=by, now=now, tell=tell) if keys else None


def tick(store: Store, *, now: datetime) -> int:
    """Look at each publication that is followed; returns how many messages were written."""
    written = 0
    with store.read() as uow:
        due = uow.runs.due(KIND, now, limit=20)
    for run in due:
        with store.unit() as uow:
            if uow.runs.claim(run, now=now, lease_until=now + LOOK_AGAIN):
                held = uow.runs.get(run)
                assert held is not None
                written += _look(uow, held, now)
            uow.commit()
    return written


def retry(store: Store, run: RunId, *, by: str, now: datetime, tell: Recipient) -> int:
    """Write again to everybody whom a publication did not reach; returns to how many.

    Raises NotFoundError, and RefusedError where it was tried again already or a newer roster is live.
    """
    with store.unit() as uow:
        uow.job_slots.hold(KIND, "retry", now)
        held = uow.runs.get(run)
        if held is None or held.kind != KIND:
            raise NotFoundError("no_run", f"There is no run {run}.", run=run)
        roster = _roster(held)
        version = uow.rosters.get(roster)
        if version is None or version.status.value != "published":
            raise RefusedError(
                "publication_superseded",
                f"Roster {roster} is not the live one any more; nobody was told again.",
                roster=roster,
            )
        if held.result.get("again"):
            raise RefusedError(
                "publication_retried", "That was tried again already; nothing was sent.", roster=roster
            )
        keys: dict[AgentId, str] = {}
        for agent, key in _keys(held).items():
            message = uow.outbox.by_key(key)
            if message is None or message.state not in (DeliveryState.FAILED, DeliveryState.DROPPED):
                continue
            keys[agent] = f"roster-{roster}-agent-{agent}-again-{run}"
            uow.outbox.put(
                Outgoing(
                    recipient=Recipient(kind=RecipientKind.AGENT, name=agent),
                    message=message.outgoing.message,
                    dedupe_key=keys[agent],
                    urgency=Urgency.NOTICE,
                    not_before=now,
                ),
                now,
            )
        if keys:
            uow.runs.finish(run, RunState.DONE, now=now, result={**held.result, "again": True})
            _begin(uow, roster, keys, by=by, now=now, tell=tell)
        uow.commit()
    return len(keys)


def _begin(
    uow: UnitOfWork,
    roster: RosterId,
    keys: dict[AgentId, str],
    *,
    by: str,
    now: datetime,
    tell: Recipient,
) -> RunId:
    version = uow.rosters.get(roster)
    assert version is not None
    period = version.roster.period
    run = uow.runs.add(
        KIND,
        {
            "roster": int(roster),
            "first": period.first.isoformat(),
            "days": period.days,
            "keys": dict(keys),
            **run_posts.parameters(tell),
        },
        by=by,
        now=now,
    )
    held = uow.runs.get(run)
    assert held is not None
    run_posts.write(uow, held, _card(held, told=0, waiting=len(keys), untold=()), now=now)
    return run


def _look(uow: UnitOfWork, run: Run, now: datetime) -> int:
    told, waiting, untold = 0, 0, []
    keys = _keys(run)
    stand = uow.outbox.outcomes(list(keys.values()))
    for agent, key in keys.items():
        state, error = stand.get(key, (DeliveryState.DROPPED, None))
        if state is DeliveryState.SENT:
            told += 1
        elif state in (DeliveryState.WAITING, DeliveryState.SENDING):
            waiting += 1
        else:
            untold.append(Untold(agent=agent, code=error or "dropped"))
    if waiting and now - run.requested_at < GIVE_UP:
        return 0
    uow.runs.finish(run.run, RunState.DONE, now=now, result={"told": told, "untold": len(untold)})
    after = uow.runs.get(run.run)
    assert after is not None
    run_posts.write(uow, after, _card(after, told=told, waiting=waiting, untold=tuple(untold)), now=now)
    return 1


def _card(run: Run, *, told: int, waiting: int, untold: tuple[Untold, ...]) -> PublicationCard:
    return PublicationCard(
        run=int(run.run),
        roster=int(_roster(run)),
        first=date.fromisoformat(str(run.parameters["first"])),
        days=int(cast(int, run.parameters["days"])),
        told=told,
        waiting=waiting,
        untold=untold,
    )


def _roster(run: Run) -> RosterId:
    return RosterId(int(cast(int, run.parameters["roster"])))


def _keys(run: Run) -> dict[AgentId, str]:
    held = cast(dict[str, str], run.parameters["keys"])
    return {AgentId(agent): key for agent, key in held.items()}
