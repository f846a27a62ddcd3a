"""Alerts of cases: raise what is wrong, settle what is over, and keep their posts true.

One alert per case, one post per case and reader.  A change edits every post there is and is said once in
its thread; what must be noticed is said loudly there, or in a new post to who had none.  Called inside a
unit: alert, posts and their cause change in one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.core.alert_messages import AlertCard, AlertNews
from bot.core.alerts import (
    Alert,
    AlertState,
    Change,
    Concern,
    Ending,
    ended,
    new_alert,
    post_key,
    raised,
    told,
)
from bot.core.contacts import Contact, Priority
from bot.core.escalation import StepDecision, first_step, step_at
from bot.core.ids import AlertId, ContactRef, MessageId
from bot.core.messages import Message, Outgoing, Post, Recipient, RecipientKind, Urgency
from bot.core.settings import Settings
from bot.store.outbox import REPEAT
from bot.store.unit_of_work import UnitOfWork
from bot.usecases.alert_cards import card, card_for, news
from bot.usecases.alert_noise import within_budget
from bot.usecases.alert_storms import note, storms_of
from bot.usecases.on_the_floor import Present, complained_about

__all__ = ["Over", "Telling", "publish", "raise_concern", "raise_concerns", "settle", "settle_all"]

_ROUNDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A change of an alert that is to be told.  ``to``: who must notice it; ``moved``: in new posts;
    ``aside``: after everything that somebody waits for."""

    alert: Alert
    contact: Contact
    news: AlertNews | None = None
    to: tuple[Recipient, ...] = ()
    moved: bool = False
    fresh: bool = False
    aside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """Concerns (by key) that ended, when, who ended them, and how.

    ``closed``: the case is closed, which ends what only open cases have.
    """

    keys: Collection[str]
    at: datetime
    by: str | None = None
    why: Ending = Ending.DONE
    closed: bool = False


def raise_concern(
    uow: UnitOfWork, settings: Settings, contact: Contact, concern: Concern, now: datetime
) -> bool:
    """Raise a concern about a case; False where it was told before.

    It joins the case's alert.  A pressing one (`ConcernKind.pressing`) starts the escalation; any other is
    told to the owner where at work, else to the leads on duty.
    """
    return bool(raise_concerns(uow, settings, [(contact, concern)], now))


def raise_concerns(
    uow: UnitOfWork,
    settings: Settings,
    found: Sequence[tuple[Contact, Concern]],
    now: datetime,
    *,
    present: Present | None = None,
) -> int:
    """As ``raise_concern`` for many, in a fixed number of statements; returns how many were news.

    Their queues must stand in app.yaml.
    """
    present = present or Present(uow, settings, now)
    contacts: dict[ContactRef, Contact] = {}
    wanted: dict[ContactRef, list[Concern]] = {}
    for contact, concern in found:
        contacts[contact.ref] = contact
        wanted.setdefault(contact.ref, []).append(concern)
    count = 0
    # An alert that somebody else made meanwhile is looked at again.
    for _ in range(_ROUNDS):
        missed = _raise(uow, present, contacts, wanted, now)
        count += sum(len(concerns) for ref, concerns in wanted.items() if ref not in missed)
        if not missed:
            break
        wanted = {ref: wanted[ref] for ref in missed}
    return count


def settle(
    uow: UnitOfWork,
    settings: Settings,
    contact: Contact,
    ended: Collection[str],
    now: datetime,
    *,
    at: datetime | None = None,
    by: str | None = None,
) -> bool:
    """End concerns of a case by their keys; False where none of them was there.

    ``at``: when they ended (``now`` unless given), ``by``: who ended them (the case's agent).  With none
    left the alert is over, and its posts say so.
    """
    over = Over(keys=ended, at=at or now, by=by or contact.agent)
    return bool(settle_all(uow, settings, [(contact, over)], now))


def settle_all(
    uow: UnitOfWork, settings: Settings, ended_: Sequence[tuple[Contact, Over]], now: datetime
) -> int:
    """As ``settle`` for many; returns how many alerts changed."""
    if not ended_:
        return 0
    held = uow.alerts.for_update({contact.ref for contact, _ in ended_})
    if not held:
        return 0
    present = Present(uow, settings, now)
    tellings: dict[ContactRef, Telling] = {}
    for contact, over in ended_:
        before = held.get(contact.ref)
        after = (
            None
            if before is None
            else (ended(before, over.keys, over.at, by=over.by, why=over.why, closed=over.closed))
        )
        if before is None or after is None:
            continue
        held[contact.ref] = after
        still = {c.key for c in after.concerns if c.live}
        over_now = (c for c in before.concerns if c.live and c.key not in still)
        last = max(over_now, key=lambda c: c.kind.weight)
        last = after.concern(last.key) or last
        said = news(after, "ended", present, last)
        tellings[contact.ref] = Telling(alert=after, contact=contact, news=said)
    uow.alerts.save(t.alert for t in tellings.values())
    publish(uow, present, list(tellings.values()), now)
    return len(tellings)


def publish(uow: UnitOfWork, present: Present, tellings: Sequence[Telling], now: datetime) -> None:
    """Bring every post of these alerts up to date, say the news, and make the posts that are missing."""
    known = [t.alert.alert for t in tellings if not t.fresh]
    posts = uow.outbox.posts_of(known) if known else {}
    line = _Line()
    for telling in tellings:
        _Posts(present=present, telling=telling, line=line, now=now).tell(posts.get(telling.alert.alert, ()))
    uow.outbox.rewrite(line.rewritten)
    uow.outbox.drop_all(line.dropped)
    uow.outbox.supersede_edits(line.edited)
    uow.outbox.supersede_repeats(line.repeated)
    urgent = frozenset(t.alert.alert for t in tellings if t.contact.priority is Priority.URGENT)
    uow.outbox.put_all(within_budget(uow, present.settings.alerts.budget, line.put, urgent, now), now)


def begin(
    present: Present, alert: Alert, contact: Contact, now: datetime
) -> tuple[Alert, StepDecision | None]:
    """The alert after the first step of its escalation, where that is due."""
    chain = present.settings.chains[present.settings.teams[alert.team].escalation]
    decision = first_step(
        chain, alert.opened_at, team=alert.team, reach=present.reach(alert.team, contact), now=now
    )
    if decision is None:
        return replace(alert, next_step_at=step_at(chain, alert.opened_at, 0)), None
    return at_step(present, alert, decision, now), decision


def at_step(present: Present, alert: Alert, decision: StepDecision, now: datetime) -> Alert:
    """The alert after a step was told; past the last one it is repeated."""
    repeat = present.settings.alerts.repeat
    following = decision.next_step_at or (None if repeat is None else now + repeat)
    moved = replace(
        alert,
        step=decision.step,
        next_step_at=following,
        passed_over=decision.passed_over,
        repeats=0,
    )
    return told(moved, decision.level, decision.recipients, now)


def goes_on_at(present: Present, alert: Alert, now: datetime) -> datetime | None:
    """When the escalation of an alert goes on that nobody has any more: what was due meanwhile, at once."""
    if not alert.pressing:
        return None
    chain = present.settings.chains[present.settings.teams[alert.team].escalation]
    following = step_at(chain, alert.opened_at, alert.step + 1)
    if following is not None:
        return max(following, now)
    repeat = present.settings.alerts.repeat
    return None if repeat is None else now + repeat


def last_told(alert: Alert) -> tuple[Recipient, ...]:
    """Those of the level that was told last: the ones whose turn it is."""
    latest = max((t.at for t in alert.told), default=None)
    return tuple(t.recipient for t in alert.told if t.at == latest)


def _raise(
    uow: UnitOfWork,
    present: Present,
    contacts: Mapping[ContactRef, Contact],
    wanted: dict[ContactRef, list[Concern]],
    now: datetime,
) -> list[ContactRef]:
    """One round; returns the cases whose alert somebody else made meanwhile.  Drops what is no news."""
    held = uow.alerts.for_update(wanted)
    changed: list[tuple[Alert, list[tuple[Concern, Change]], Alert]] = []
    for ref, concerns in list(wanted.items()):
        contact = contacts[ref]
        team = present.settings.queues[contact.queue].team
        before = held.get(ref) or new_alert(ref, contact.queue, team, now)
        after = before
        changes: list[tuple[Concern, Change]] = []
        for concern in concerns:
            after, change = raised(after, concern, now, post_lives=present.settings.alerts.post_lives)
            if change is not Change.NOTHING:
                changes.append((concern, change))
        if not changes:
            del wanted[ref]
            continue
        wanted[ref] = [concern for concern, _ in changes]
        changed.append((before, changes, after))
    stormy = storms_of(uow, present, [after for _, _, after in changed], now)
    tellings: list[Telling] = []
    fresh: list[Telling] = []
    for before, changes, after in changed:
        storm = stormy.joined.get(after.ref)
        if storm is not None:
            after = replace(after, storm=storm)
        telling = _told(present, before, changes, after, contacts[after.ref], now)
        (tellings if before.alert else fresh).append(telling)
    uow.alerts.save(t.alert for t in tellings)
    added = uow.alerts.add([t.alert for t in fresh]) if fresh else {}
    missed = [t.alert.ref for t in fresh if t.alert.ref not in added]
    numbers = {t.alert.ref: t.alert.alert for t in tellings} | {ref: a.alert for ref, a in added.items()}
    drawn = note(uow, stormy, numbers, now)
    tellings += [replace(t, alert=added[t.alert.ref], fresh=True) for t in fresh if t.alert.ref in added]
    contacts = {**contacts, **uow.contacts.many({a.ref for a in drawn})} if drawn else contacts
    tellings += [Telling(alert=alert, contact=contacts[alert.ref], aside=True) for alert in drawn]
    publish(uow, present, tellings, now)
    return missed


def _told(
    present: Present,
    before: Alert,
    changes: Sequence[tuple[Concern, Change]],
    after: Alert,
    contact: Contact,
    now: datetime,
) -> Telling:
    """Who is told of these changes, and by which level."""
    concern, change = max(changes, key=lambda c: c[0].kind.weight)
    what = {Change.WARNED: "warned", Change.BROKEN: "broken", Change.REOPENED: "reopened"}[change]
    to: tuple[Recipient, ...] = ()
    if concern.kind.pressing and after.storm is not None and not before.told:
        pass  # told in the card of the storm
    elif concern.kind.pressing:
        if after.step < 0 and after.storm is None:
            after, decision = begin(present, after, contact, now)
            to = () if decision is None else decision.recipients
        # Who heard of it before learns that it is broken, wherever the escalation stands.
        to = (*to, *(t.recipient for t in after.told if t.recipient.place not in {r.place for r in to}))
    else:
        level, to, passed = present.warned(after.team, contact)
        after = told(after, level, to, now)
        if not after.pressing:
            after = replace(after, passed_over=passed)
    return Telling(
        alert=after,
        contact=contact,
        news=news(after, what, present, concern),
        to=to,
        moved=after.posts != before.posts,
    )


@dataclass(slots=True)
class _Line:
    """What is to be written to the outbox, gathered over many alerts."""

    put: list[Outgoing] = field(default_factory=list)
    rewritten: dict[MessageId, Message] = field(default_factory=dict)
    dropped: list[MessageId] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)
    repeated: set[AlertId] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Posts:
    """The posts of one alert, and what becomes of them."""

    present: Present
    telling: Telling
    line: _Line
    now: datetime

    def tell(self, posts: Sequence[Post]) -> None:
        alert, contact = self.telling.alert, self.telling.contact
        base = card(alert, contact, self.present)
        loud = {r.place for r in self.telling.to}
        standing: set[tuple[RecipientKind, str]] = set()
        failed: dict[tuple[RecipientKind, str], int] = {}
        for post in posts:
            place = post.recipient.place
            if not post.key.startswith(f"alert:{alert.alert}:{alert.posts}:"):
                if self.telling.moved and not post.gone and post.kind == "alert_card":
                    self._edit(post, replace(base, goes_on=True))
                continue
            if post.gone:
                failed[place] = failed.get(place, 0) + 1
            elif post.kind == "alert_card":
                standing.add(place)
                self._update(post, base, loud=place in loud)
        for recipient in self.telling.to:
            if recipient.place not in standing:
                key = post_key(alert, recipient, spare=failed.get(recipient.place, 0))
                waits = None if contact.priority is Priority.URGENT else self.present.quiet_until(recipient)
                self._put(recipient, self._card(recipient, base), key, loud=True, waits=waits)

    def _update(self, post: Post, base: AlertCard, *, loud: bool) -> None:
        alert = self.telling.alert
        over = alert.state is AlertState.RESOLVED
        if post.untouched:
            # Not said yet: it will say how things stand then, and nothing needs to be added to it.
            if over and (post.not_before > self.now or not any(c.kind.pressing for c in alert.concerns)):
                self.line.dropped.append(post.id)
            else:
                self.line.rewritten[post.id] = self._card(post.recipient, base)
            return
        self._edit(post, self._card(post.recipient, base))
        said = self.telling.news
        if said is not None:
            if loud:
                said = replace(said, mention=self._called(post.recipient))
            key = f"{post.key}:news:{alert.revision}"
            if said.what == "repeated":
                # After an outage it is said once more, not as often as it would have been.
                self.line.repeated.add(alert.alert)
                key += REPEAT
            self._put(post.recipient, said, key, thread_of=post.key, loud=loud)

    def _called(self, recipient: Recipient) -> tuple[str, ...]:
        if recipient.kind is RecipientKind.AGENT:
            return (recipient.name,)
        if recipient.kind is RecipientKind.CHANNEL:
            contact = self.telling.contact
            return tuple(self.present.leads(self.telling.alert.team, complained_about(contact)))
        return ()

    def _card(self, recipient: Recipient, base: AlertCard) -> AlertCard:
        return card_for(recipient, base, self.telling.alert, self.telling.contact, self.present)

    def _edit(self, post: Post, message: AlertCard) -> None:
        self.line.edited.append(post.key)
        self._put(post.recipient, message, f"{post.key}:edit:{self.telling.alert.revision}", edits=post.key)

    def _urgency(self, *, loud: bool) -> Urgency:
        if self.telling.aside:
            return Urgency.NOTICE
        pressing = loud and self.telling.contact.priority is Priority.URGENT
        return Urgency.URGENT if pressing else Urgency.ALERT

    def _put(
        self,
        recipient: Recipient,
        message: AlertCard | AlertNews,
        key: str,
        *,
        edits: str | None = None,
        thread_of: str | None = None,
        loud: bool = False,
        waits: datetime | None = None,
    ) -> None:
        self.line.put.append(
            Outgoing(
                recipient=recipient,
                message=message,
                dedupe_key=key,
                urgency=self._urgency(loud=loud),
                not_before=waits or self.now,
                edits=edits,
                thread_of=thread_of,
                loud=loud,
            )
        )
