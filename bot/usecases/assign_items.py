"""Action items: noted, given, done or dropped; the team reads of it under the day's digest (SR3)."""

from __future__ import annotations

from datetime import datetime

from bot.core.action_items import LONGEST, ActionItem, ItemState
from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import ActionItemId, ContactRef, TeamId
from bot.core.item_messages import ItemDue, ItemGiven, ItemLine, ItemNews
from bot.core.messages import Recipient, RecipientKind
from bot.core.on_duty import reachable
from bot.core.people import Agent
from bot.core.privacy import refuse_personal
from bot.core.settings import Settings
from bot.store.unit_of_work import Store, UnitOfWork
from bot.usecases.stand_up import digest_key

__all__ = ["add", "drop", "finish", "give", "held", "note", "noted", "open_items", "remind"]


def open_items(store: Store, team: TeamId) -> list[ActionItem]:
    """What a team has still to do, those nobody owns first."""
    with store.read() as uow:
        return uow.action_items.open_of(team)


def held(store: Store, item: ActionItemId) -> ActionItem:
    """The item; raises NotFoundError where there is none, RefusedError where it has ended."""
    with store.read() as uow:
        found = uow.action_items.get(item)
    return _open(found, item)


def noted(store: Store, item: ActionItemId) -> ActionItem:
    """The item, ended or not; raises NotFoundError where there is none."""
    with store.read() as uow:
        found = uow.action_items.get(item)
    if found is None:
        raise _unknown(item)
    return found


def add(
    store: Store,
    settings: Settings,
    *,
    team: TeamId,
    what: str,
    about: ContactRef | None = None,
    owner: Agent | None = None,
    due_at: datetime | None = None,
    by: str,
    now: datetime,
) -> ActionItem:
    """Note what is to be done.

    Raises RefusedError, with nothing noted, for no words or too many, personal data, a time that is past, and
    an owner of another team.
    """
    with store.unit() as uow:
        item = note(
            uow, settings, team=team, what=what, about=about, owner=owner, due_at=due_at, by=by, now=now
        )
        uow.commit()
    return item


def note(
    uow: UnitOfWork,
    settings: Settings,
    *,
    team: TeamId,
    what: str,
    about: ContactRef | None = None,
    owner: Agent | None = None,
    due_at: datetime | None = None,
    by: str,
    now: datetime,
) -> ActionItem:
    """As `add`, inside a unit."""
    words = _words(what)
    _check_time(due_at, now)
    if owner is not None:
        _check_team(owner, team)
    item = uow.action_items.add(
        team=team,
        what=words,
        about=about,
        owner=None if owner is None else owner.agent,
        due_at=due_at,
        by=by,
        now=now,
    )
    uow.audit.add(by, "item_noted", f"item:{item.item}", _detail(item), now)
    _tell(uow, settings, item, "noted", by=by, now=now)
    if owner is not None:
        _tell_owner(uow, item, owner, by=by, now=now)
    return item


def give(
    store: Store,
    settings: Settings,
    item: ActionItemId,
    *,
    owner: Agent,
    due_at: datetime | None,
    by: str,
    now: datetime,
) -> ActionItem:
    """To an owner; without ``due_at`` the time stays, unless it is past.

    Raises NotFoundError, and RefusedError where it has ended, the time is past, or the owner is of another
    team.
    """
    _check_time(due_at, now)
    with store.unit() as uow:
        before = _open(uow.action_items.get(item), item)
        _check_team(owner, before.team)
        standing = before.due_at if before.due_at is not None and before.due_at > now else None
        uow.action_items.give(item, owner.agent, due_at if due_at is not None else standing)
        after = _open(uow.action_items.get(item), item)
        uow.audit.add(by, "item_given", f"item:{item}", _detail(after), now)
        _tell(uow, settings, after, "given", by=by, now=now)
        _tell_owner(uow, after, owner, by=by, now=now)
        uow.commit()
    return after


def finish(store: Store, settings: Settings, item: ActionItemId, *, by: str, now: datetime) -> ActionItem:
    """Done.  Raises NotFoundError, and RefusedError where it had ended."""
    return _end(store, settings, item, ItemState.DONE, None, by=by, now=now)


def drop(
    store: Store, settings: Settings, item: ActionItemId, *, because: str, by: str, now: datetime
) -> ActionItem:
    """Not to be done after all.  Raises as `finish`, and RefusedError without a reason."""
    if not because.strip():
        raise RefusedError(
            "item_why", "Say why it is dropped; nothing was changed. Write /muster action 3 drop WHY."
        )
    return _end(store, settings, item, ItemState.DROPPED, _words(because), by=by, now=now)


def remind(store: Store, *, now: datetime) -> int:
    """Tell owners whose time has come; returns how many.  Each is told once for each time that was set."""
    with store.read() as look:
        due = look.action_items.to_remind(now)
    told = 0
    for item in due:
        with store.unit() as uow:
            owner = None if item.owner is None else uow.people.get(item.owner)
            if not uow.action_items.mark_reminded(item.item, now):
                continue
            if owner is not None and reachable(owner):
                key = f"item-due-{item.item}-{now.isoformat()}"
                told += uow.outbox.post(
                    Recipient.direct(owner.agent, owner.team), ItemDue(line=ItemLine.of(item)), key, now
                )
            uow.commit()
    return told


def _end(
    store: Store,
    settings: Settings,
    item: ActionItemId,
    state: ItemState,
    because: str | None,
    *,
    by: str,
    now: datetime,
) -> ActionItem:
    with store.unit() as uow:
        before = _open(uow.action_items.get(item), item)
        if not uow.action_items.end(item, state, by=by, now=now, because=because):
            raise _ended(item)
        uow.audit.add(by, f"item_{state.value}", f"item:{item}", _detail(before), now)
        _tell(uow, settings, before, state.value, by=by, now=now, because=because)
        uow.commit()
    return before


def _words(text: str) -> str:
    words = " ".join(text.split())
    if not words:
        raise RefusedError("item_what", "Say what is to be done; nothing was noted.")
    if len(words) > LONGEST:
        raise RefusedError(
            "item_long",
            f"That is {len(words)} characters, at most {LONGEST} stand in a digest; nothing was noted.",
            length=len(words),
            longest=LONGEST,
        )
    refuse_personal(words)
    return words


def _check_time(due_at: datetime | None, now: datetime) -> None:
    if due_at is not None and due_at <= now:
        raise RefusedError("item_past", "That time is past; nothing was changed.")


def _check_team(owner: Agent, team: TeamId) -> None:
    if owner.team != team:
        raise RefusedError(
            "item_other_team",
            f"{owner.name} is not in this team; nothing was changed. Name somebody of the team.",
            person=owner.name,
        )


def _open(found: ActionItem | None, item: ActionItemId) -> ActionItem:
    if found is None:
        raise _unknown(item)
    if found.state is not ItemState.OPEN:
        raise _ended(item)
    return found


def _unknown(item: ActionItemId) -> NotFoundError:
    return NotFoundError(
        "no_item", f"There is no action {item}; nothing was changed. See: /muster action", item=item
    )


def _ended(item: ActionItemId) -> RefusedError:
    return RefusedError("item_over", f"Action {item} has ended already; nothing was changed.", item=item)


def _detail(item: ActionItem) -> dict[str, object]:
    return {"owner": item.owner, "due": None if item.due_at is None else item.due_at.isoformat()}


def _tell(
    uow: UnitOfWork,
    settings: Settings,
    item: ActionItem,
    news: str,
    *,
    by: str,
    now: datetime,
    because: str | None = None,
) -> None:
    """Under today's digest; where there is none nobody waits for it, and the next one has the item."""
    team = settings.teams.get(item.team)
    digest = None if team is None else digest_key(team, now)
    if team is None or digest is None or uow.outbox.by_key(digest) is None:
        return
    recipient = Recipient(kind=RecipientKind.CHANNEL, name=team.channels["standup"], team=team.team)
    message = ItemNews(line=ItemLine.of(item), news=news, by=by, because=because)
    uow.outbox.post(recipient, message, f"item-{item.item}-{news}-{now.isoformat()}", now, thread_of=digest)


def _tell_owner(uow: UnitOfWork, item: ActionItem, owner: Agent, *, by: str, now: datetime) -> None:
    if owner.agent != by and reachable(owner):
        key = f"item-given-{item.item}-{owner.agent}-{now.isoformat()}"
        uow.outbox.post(
            Recipient.direct(owner.agent, owner.team), ItemGiven(line=ItemLine.of(item), by=by), key, now
        )
