"""At the end of a shift: what one's own contacts were about, with the words for it at hand (SR5)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from bot.core.ids import AgentId
from bot.core.messages import Outgoing, Recipient, RecipientKind, Urgency
from bot.core.on_duty import reachable
from bot.core.person_choices import Choice
from bot.core.review_messages import ShiftReview, TypeSeen
from bot.core.settings import Settings
from bot.store.unit_of_work import Store

__all__ = ["LEAST", "choose", "tick"]

GRACE: Final = timedelta(hours=1)
LEAST: Final = 5
"""Contacts below which a day says nothing of what people ask."""
SHOWN: Final = 3


def tick(store: Store, settings: Settings, *, now: datetime) -> int:
    """Write the messages whose shift has ended; returns how many.

    Once for each shift, whatever the number of replicas; nothing for who switched it off, whose team has no
    reviews, or who had hardly any contacts.
    """
    teams = {t.team for t in settings.teams.values() if t.review is not None and t.review.at_shift_end}
    if not teams:
        return 0
    with store.read() as look:
        ended = [a for a in look.rosters.shifts_between(now - GRACE, now) if now - GRACE < a.shift.end <= now]
        agents = look.people.named({a.agent for a in ended}) if ended else {}
        off = look.person_choices.differing(Choice.SHIFT_REVIEW) if ended else set()
        due = [
            (agent, one.shift)
            for one in ended
            if (agent := agents.get(AgentId(one.agent))) is not None
            and agent.team in teams
            and reachable(agent)
            and agent.agent not in off
            and not look.job_slots.taken(f"shift_review:{agent.agent}", one.shift.end.isoformat())
        ]
    written = 0
    for agent, shift in due:
        with store.unit() as uow:
            if not uow.job_slots.take(f"shift_review:{agent.agent}", shift.end.isoformat(), now):
                continue
            seen = uow.contacts.types_of(agent.agent, shift.start, shift.end)
            total = sum(seen.values())
            if total >= LEAST:
                top = sorted(seen.items(), key=lambda item: (-item[1], item[0]))[:SHOWN]
                message = ShiftReview(
                    day=shift.date,
                    total=total,
                    types=tuple(TypeSeen(type=kind, contacts=count) for kind, count in top),
                )
                put = Outgoing(
                    recipient=Recipient(kind=RecipientKind.AGENT, name=agent.agent, team=agent.team),
                    message=message,
                    dedupe_key=f"shift-review-{agent.agent}-{shift.end.isoformat()}",
                    urgency=Urgency.DIGEST,
                    not_before=now,
                )
                written += int(uow.outbox.put(put, now))
            uow.commit()
    return written


def choose(store: Store, agent: AgentId, wanted: bool, *, now: datetime) -> None:
    """Whether the agent gets it from now on (PS11)."""
    with store.unit() as uow:
        uow.person_choices.keep(agent, Choice.SHIFT_REVIEW, wanted, now=now)
        uow.commit()
