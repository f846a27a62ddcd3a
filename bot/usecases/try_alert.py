"""Trying the way alerts take: a TEST card in the alert channel, and how long it takes there and back (K6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import TeamId
from bot.core.messages import Outgoing, Recipient, RecipientKind, Urgency
from bot.core.settings import Settings
from bot.core.trial_messages import TrialAlert
from bot.store.unit_of_work import Store

__all__ = ["press", "send"]

_KEY = "trial-alert-"


def send(store: Store, settings: Settings, team: TeamId, *, by: str, now: datetime) -> str:
    """Put a TEST card into the team's alert channel, as an alert goes; returns the channel's name."""
    channel = settings.teams[team].channels["alerts"]
    key = f"{_KEY}{team}-{int(now.timestamp() * 1000)}"
    with store.unit() as uow:
        uow.outbox.put(
            Outgoing(
                recipient=Recipient(kind=RecipientKind.CHANNEL, name=channel, team=team),
                message=TrialAlert(key=key, by=by, sent_at=now),
                dedupe_key=key,
                urgency=Urgency.ALERT,
                not_before=now,
            ),
            now,
        )
        uow.commit()
    return channel.removeprefix("#")


def press(store: Store, key: str, *, by: str, pressed_at: datetime | None, now: datetime) -> float:
    """Acknowledge was pressed: the card says how long the way took; returns that [s].

    There: from the command to the card's time in Slack.  Back: from the press, by Slack's clock
    (``pressed_at``; None counts as no time), to now.  Together a difference of the two clocks cancels.
    Raises RefusedError where it was pressed before, NotFoundError where there is no such card any more.
    """
    with store.unit() as uow:
        post = uow.outbox.by_key(key) if key.startswith(_KEY) else None
        card = None if post is None else post.outgoing.message
        if post is None or post.ts is None or not isinstance(card, TrialAlert):
            raise NotFoundError(
                "no_trial", "There is no such test any more; nothing was done. Another: /muster test alert."
            )
        shown_at = datetime.fromtimestamp(float(post.ts), UTC)
        back = now - (now if pressed_at is None else pressed_at)
        seconds = max(0.0, (shown_at - card.sent_at + back).total_seconds())
        fresh = uow.outbox.put(
            Outgoing(
                recipient=post.outgoing.recipient,
                message=replace(card, pressed_by=by, seconds=seconds),
                dedupe_key=f"{key}:pressed",
                urgency=Urgency.ALERT,
                not_before=now,
                edits=key,
            ),
            now,
        )
        if not fresh:
            raise RefusedError(
                "trial_over", "This test was pressed already; nothing was done. Another: /muster test alert."
            )
        uow.commit()
    return seconds
