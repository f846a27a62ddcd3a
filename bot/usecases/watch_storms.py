"""Storms: their one card, its escalation, and their end.  Runs with the escalation.

Members change as every alert does; here it is counted what became of them.  So nobody who answers one
member has to wait for the storm.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.alert_messages import StormCard, StormNews
from bot.core.alerts import Alert, AlertState, Concern, ConcernKind, repeat_after
from bot.core.contacts import Priority
from bot.core.errors import NotFoundError
from bot.core.escalation import EscalationChain, level_of, next_step, step_at
from bot.core.ids import StormId
from bot.core.messages import Outgoing, Recipient, RecipientKind, Urgency
from bot.core.settings import Settings
from bot.core.storms import Storm, storm_key, told_by
from bot.store.unit_of_work import Store, UnitOfWork
from bot.usecases.alert_cards import REPEAT
from bot.usecases.answer_alert import AckResult
from bot.usecases.on_the_floor import Present

__all__ = ["acknowledge", "tick"]

_RESTS = frozenset({AlertState.ACKNOWLEDGED, AlertState.RESOLVED})


def tick(store: Store, settings: Settings, *, now: datetime) -> int:
    """Bring the card of every storm up to date, escalate those nobody took, end those that are over."""
    with store.read() as reading:
        if not reading.storms.any_live():
            return 0
    with store.unit() as uow:
        present = Present(uow, settings, now)
        storms = uow.storms.live()
        counts = uow.alerts.member_counts([s.storm for s in storms])
        changed = 0
        for storm in storms:
            watch = _Watch(uow=uow, present=present, storm=storm, now=now)
            changed += watch.look(*counts.get(storm.storm, (0, 0, 0)))
        uow.commit()
    return changed


def acknowledge(store: Store, settings: Settings, storm: StormId, *, actor: str, now: datetime) -> AckResult:
    """Take a storm with all its members.  As `bot.usecases.answer_alert.acknowledge` otherwise."""
    with store.unit() as uow:
        held = uow.storms.lock(storm)
        if held is None:
            raise NotFoundError(
                "alert_unknown",
                f"there is no storm {storm}; nothing was changed.",
                alert=f"S{storm}",
            )
        if held.state not in _RESTS:
            taken = uow.alerts.take_members(storm, by=actor, at=now)
            held = replace(
                held,
                state=AlertState.ACKNOWLEDGED,
                answered_by=actor,
                answered_at=now,
                next_step_at=None,
                revision=held.revision + 1,
            )
            watch = _Watch(uow=uow, present=Present(uow, settings, now), storm=held, now=now)
            members, open_, _ = uow.alerts.member_counts([storm]).get(storm, (0, 0, 0))
            watch.tell("taken", members, open_, by=actor)
            detail = {"queue": held.queue, "alerts": len(taken)}
            uow.audit.add(actor, "storm_acknowledged", f"storm:{storm}", detail, now)
            uow.commit()
    by, at = held.answered_by or "", held.answered_at or now
    won = by == actor and held.state is AlertState.ACKNOWLEDGED
    return AckResult(won=won, taken_by=by, taken_at=at, state=held.state)


@dataclass(slots=True, kw_only=True)
class _Watch:
    """One storm, locked."""

    uow: UnitOfWork
    present: Present
    storm: Storm
    now: datetime

    def look(self, members: int, open_: int, free: int) -> bool:
        storm, settings = self.storm, self.present.settings
        chain = settings.chains[settings.teams[storm.team].escalation]
        if storm.state is AlertState.ACKNOWLEDGED and free and storm.answered_by is not None:
            # Whoever took the storm took what it grew by as well.
            self.uow.alerts.take_members(storm.storm, by=storm.answered_by, at=self.now)
        rule = settings.alerts.storm
        joined = self.uow.storms.last_joined(storm)
        calm = rule is None or joined is None or self.now - joined > rule.within
        if not open_ and calm and members:
            self.storm = replace(
                storm, state=AlertState.RESOLVED, next_step_at=None, revision=storm.revision + 1
            )
            self.tell("over", members, open_)
            return True
        due = storm.state is AlertState.OPEN and storm.next_step_at is not None
        if due and open_ and (storm.next_step_at or self.now) <= self.now:
            return self._escalate(chain, members, open_)
        if storm.step >= 0 and storm.counted != (members, open_):
            self.storm = replace(storm, revision=storm.revision + 1)
            self.tell(None, members, open_)
            return True
        return False

    def _escalate(self, chain: EscalationChain, members: int, open_: int) -> bool:
        storm, settings, now = self.storm, self.present.settings, self.now
        decision = next_step(
            chain,
            storm.opened_at,
            storm.step,
            team=storm.team,
            reach=self.present.reach(storm.team, None),
            now=now,
        )
        first = storm.step < 0
        repeat = settings.alerts.repeat
        if decision is not None:
            moved = replace(
                storm,
                step=decision.step,
                next_step_at=decision.next_step_at or (None if repeat is None else now + repeat),
                passed_over=decision.passed_over,
                repeats=0,
                revision=storm.revision + 1,
            )
            self.storm = told_by(moved, decision.level, decision.recipients, now)
            what = None if first else "escalated"
            self.tell(what, members, open_, to=decision.recipients, level=decision.level)
            return True
        later = step_at(chain, storm.opened_at, storm.step + 1)
        if later is not None or repeat is None or first:
            self.storm = replace(storm, next_step_at=later if later is None or later > now else None)
            self.uow.storms.save(self.storm)
            return False
        wait = repeat_after(storm.repeats + 1, first=repeat, most=settings.alerts.repeat_most)
        self.storm = replace(
            storm, repeats=storm.repeats + 1, next_step_at=now + wait, revision=storm.revision + 1
        )
        latest = max(t.at for t in storm.told)
        self.tell("repeated", members, open_, to=[t.recipient for t in storm.told if t.at == latest])
        return True

    def tell(
        self,
        what: str | None,
        members: int,
        open_: int,
        *,
        to: Sequence[Recipient] = (),
        by: str | None = None,
        level: str | None = None,
    ) -> None:
        """Redraw every post of the storm, say the news in their threads, make the posts that are missing."""
        storm = self.storm = replace(self.storm, counted=(members, open_))
        self.uow.storms.save(storm)
        base = self._card(members, open_)
        loud = {r.place for r in to}
        keys = [storm_key(storm, t.recipient) for t in storm.told]
        posts = {p.key: p for p in self.uow.outbox.posts_named(keys)}
        put: list[Outgoing] = []
        for told in storm.told:
            recipient, key = told.recipient, storm_key(storm, told.recipient)
            card = self._card_for(recipient, base)
            post = posts.get(key)
            if post is None:
                put.append(self._outgoing(recipient, card, key, loud=True))
            elif post.untouched:
                self.uow.outbox.rewrite({post.id: card})
            elif not post.gone:
                self.uow.outbox.supersede_edits([key])
                put.append(self._outgoing(recipient, card, f"{key}:edit:{storm.revision}", edits=key))
                if what is not None:
                    called = recipient.place in loud
                    said = self._news(what, members, open_, recipient, loud=called, by=by, level=level)
                    news_key = f"{key}:news:{storm.revision}"
                    put.append(self._outgoing(recipient, said, news_key, thread_of=key, loud=called))
        self.uow.outbox.put_all(put, self.now)

    def _news(
        self,
        what: str,
        members: int,
        open_: int,
        recipient: Recipient,
        *,
        loud: bool,
        by: str | None,
        level: str | None,
    ) -> StormNews:
        return StormNews(
            storm=self.storm.storm,
            queue=self.storm.queue,
            what=what,
            at=self.now,
            count=members,
            open=open_,
            by=by,
            level=level,
            passed_over=self.storm.passed_over if what == "escalated" else (),
            mention=self._called(recipient) if loud else (),
        )

    def _card(self, members: int, open_: int) -> StormCard:
        storm, settings = self.storm, self.present.settings
        live = self.uow.alerts.members(storm.storm)
        oldest = min(live, key=lambda m: _due(m[0]), default=None)
        kinds = Counter(kind for _, _, kind in live)
        shared, of_shared = kinds.most_common(1)[0] if kinds else (None, 0)
        level: str | None = None
        if storm.state is AlertState.OPEN and storm.next_step_at is not None:
            chain = settings.chains[settings.teams[storm.team].escalation]
            level = level_of(chain, storm.step + 1) or REPEAT
        broken = None if oldest is None else _first_response(oldest[0])
        return StormCard(
            storm=storm.storm,
            queue=storm.queue,
            state=storm.state.value,
            opened_at=storm.opened_at,
            count=members,
            open=open_,
            urgent=sum(1 for _, priority, _ in live if priority == Priority.URGENT.value),
            oldest_ref=None if oldest is None else oldest[0].ref,
            oldest_due=None if oldest is None else _due(oldest[0]),
            type=shared if of_shared * 2 > len(live) else None,
            of_type=of_shared,
            by=storm.answered_by,
            at=storm.answered_at,
            passed_over=storm.passed_over if live else (),
            next_level=level,
            next_at=None if level is None else storm.next_step_at,
            cause=None if broken is None else self.present.cause(storm.queue, broken),
            heard_at=self.present.heard_at,
        )

    def _card_for(self, recipient: Recipient, base: StormCard) -> StormCard:
        told = next((t for t in self.storm.told if t.recipient.place == recipient.place), None)
        called = self._called(recipient) if recipient.kind is RecipientKind.CHANNEL and base.open else ()
        return replace(
            base,
            level=None if told is None else told.level,
            escalated=told is not None and told.step > 0,
            mention=called,
        )

    def _called(self, recipient: Recipient) -> tuple[str, ...]:
        if recipient.kind is RecipientKind.AGENT:
            return (recipient.name,)
        if recipient.kind is RecipientKind.CHANNEL:
            return tuple(self.present.leads(self.storm.team))
        return ()

    def _outgoing(
        self,
        recipient: Recipient,
        message: StormCard | StormNews,
        key: str,
        *,
        edits: str | None = None,
        thread_of: str | None = None,
        loud: bool = False,
    ) -> Outgoing:
        return Outgoing(
            recipient=recipient,
            message=message,
            dedupe_key=key,
            urgency=Urgency.ALERT,
            not_before=self.now,
            edits=edits,
            thread_of=thread_of,
            loud=loud,
        )


def _due(alert: Alert) -> datetime:
    return min((c.due_at for c in alert.live if c.due_at is not None), default=alert.opened_at)


def _first_response(alert: Alert) -> Concern | None:
    return next((c for c in alert.live if c.kind is ConcernKind.BREACH), None)
