"""The noise budget: what claims a reader's attention beyond it becomes one summary.  Called inside a unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.core.alert_messages import AlertCard, AlertNews, AlertSummary, FoldedAlert
from bot.core.alert_settings import NoiseBudget
from bot.core.messages import Outgoing, Recipient, RecipientKind, Urgency
from bot.store.unit_of_work import UnitOfWork

__all__ = ["within_budget"]

_SHOWN: Final = 5


def within_budget(
    uow: UnitOfWork,
    budget: NoiseBudget | None,
    messages: Sequence[Outgoing],
    urgent: frozenset[int],
    now: datetime,
) -> list[Outgoing]:
    """``messages`` without what is too loud, and with the summaries that tell of it.

    A card beyond the budget is not posted, a loud answer becomes a quiet one; both are counted in the
    reader's summary, which is edited in place.  ``urgent``: alerts that always get through.  Two processes
    at once may each let through what the other does not see: a budget is a habit, not a promise.
    """
    loud = [m for m in messages if m.loud]
    if budget is None or not loud:
        return list(messages)
    spent = {
        r.place: n for r, n in uow.outbox.loud_since([m.recipient for m in loud], now - budget.per).items()
    }
    kept: list[Outgoing] = []
    folded: dict[Recipient, list[FoldedAlert]] = {}
    # What is urgent comes first, so that it does not use up what is left of the others' budget unseen.
    for message in sorted(messages, key=lambda m: not _passes(m, urgent)):
        if not message.loud:
            kept.append(message)
            continue
        place = message.recipient.place
        most = budget.channel if message.recipient.kind is RecipientKind.CHANNEL else budget.person
        if _passes(message, urgent) or spent.get(place, 0) < most:
            spent[place] = spent.get(place, 0) + 1
            kept.append(message)
            continue
        folded.setdefault(message.recipient, []).append(_folded(message))
        if message.thread_of is not None and isinstance(message.message, AlertNews):
            quiet = replace(message.message, mention=())
            kept.append(replace(message, loud=False, message=quiet))
    order = {m.dedupe_key: n for n, m in enumerate(messages)}
    kept.sort(key=lambda m: order[m.dedupe_key])
    for recipient in sorted(folded, key=lambda r: (r.kind.value, r.name)):
        kept += _summary(uow, budget, recipient, folded[recipient], now)
    return kept


def _passes(message: Outgoing, urgent: frozenset[int]) -> bool:
    said = message.message
    return not isinstance(said, AlertCard | AlertNews) or said.alert in urgent


def _folded(message: Outgoing) -> FoldedAlert:
    said = message.message
    assert isinstance(said, AlertCard | AlertNews)
    if isinstance(said, AlertCard):
        due = next((c.due_at for c in said.concerns if c.over_at is None and c.due_at is not None), None)
    else:
        due = None if said.concern is None else said.concern.due_at
    return FoldedAlert(alert=said.alert, ref=said.ref, queue=said.queue, due_at=due)


def _summary(
    uow: UnitOfWork, budget: NoiseBudget, recipient: Recipient, more: Sequence[FoldedAlert], now: datetime
) -> list[Outgoing]:
    """The reader's summary with these: a new one where the last is older than the budget's time."""
    began, revision, count, alerts = uow.folds.lock(recipient)
    fresh = began is None or now - began >= budget.per
    if fresh or began is None:
        began, count, alerts = now, 0, []
    known = {a.alert for a in alerts}
    added = {a.alert: a for a in more if a.alert not in known}
    every = [*alerts, *added.values()]
    oldest = min(every, key=lambda a: (a.due_at is None, a.due_at or now, a.alert))
    newest = tuple(every[-_SHOWN:])
    count, revision = count + len(added), revision + 1
    kept = newest if oldest in newest else (oldest, *newest)
    uow.folds.save(recipient, began_at=began, revision=revision, count=count, alerts=kept)
    message = AlertSummary(since=began, count=count, oldest=oldest, newest=newest)
    key = f"fold:{recipient.kind.value}:{recipient.name}:{began.isoformat()}"
    post = None if fresh else uow.outbox.post_of(key)
    if post is not None and post.untouched:
        uow.outbox.rewrite({post.id: message})
        return []
    if post is not None:
        uow.outbox.supersede_edits([key])
    edits = None if post is None else key
    return [
        Outgoing(
            recipient=recipient,
            message=message,
            dedupe_key=key if edits is None else f"{key}:edit:{revision}",
            urgency=Urgency.ALERT,
            not_before=now,
            edits=edits,
        )
    ]
