"""The cards that put ways to mend before the leads: what becomes of them once somebody decided."""

from __future__ import annotations

from datetime import datetime

from bot.core.messages import Outgoing, Urgency
from bot.core.request_messages import RepairProposed, RepairSettled
from bot.core.requests import Request, RequestState
from bot.store.unit_of_work import UnitOfWork

__all__ = ["CARD", "settle_cards"]

CARD = "absence-"
"""How the dedupe keys of the cards begin; questions to people have others."""


def settle_cards(uow: UnitOfWork, event: str, chosen: Request | None, *, by: str, now: datetime) -> None:
    """Edit every card of an event: what was chosen and whose word is awaited, or that the gap is left.

    ``chosen`` None leaves the gap: ways that are still proposed are withdrawn.
    """
    keys: set[str] = set()
    for way in uow.requests.of_event(event):
        keys |= {key for key in way.posts if key.startswith(CARD)}
        if chosen is None and way.state is RequestState.PROPOSED:
            uow.requests.end(way.request, RequestState.WITHDRAWN, by=by, at=now)
    state = "gap" if chosen is None else chosen.state.value
    for key in sorted(keys):
        post = uow.outbox.by_key(key)
        if post is None or not isinstance(post.outgoing.message, RepairProposed):
            continue
        card = post.outgoing.message
        number = 0 if chosen is None else chosen.request
        taken = next((w for w in card.ways if w.number == number), None)
        open_still = chosen is not None and chosen.state is RequestState.OPEN
        uow.outbox.put(
            Outgoing(
                recipient=post.outgoing.recipient,
                message=RepairSettled(
                    absence=card.absence,
                    agent=card.agent,
                    by=by,
                    changes=() if taken is None else taken.changes,
                    asked=tuple(chosen.answers) if chosen is not None and open_still else (),
                ),
                dedupe_key=f"{key}:{state}",
                urgency=Urgency.NOTICE,
                not_before=now,
                edits=key,
            ),
            now,
        )
