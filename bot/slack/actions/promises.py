"""The buttons of promises and delay notices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from slack_sdk.models.blocks import Block

from bot.core.calendar import next_opening
from bot.core.errors import RefusedError
from bot.core.ids import AgentId, ContactRef
from bot.core.permissions import Action
from bot.core.promises import Promise
from bot.slack.blocks import promises as look
from bot.slack.blocks.kit import Content, actions, button, code, context, message, section
from bot.slack.commands.command import Asked
from bot.slack.commands.promise import actor, answer_ended, held, made_answer
from bot.usecases import delay_notices
from bot.usecases import promise as usecase
from bot.usecases.delay_notices import NoticeKey
from bot.usecases.promise_keepers import Keepers, named

__all__ = ["BUTTONS"]

MOVE_TO: Final = ("promise.move_to.1", "promise.move_to.2", "promise.move_to.3")
"""Value: the promise's number and the new time."""


def keep(asked: Asked) -> Content:
    """It is kept; the post the button stood in is edited."""
    done = usecase.keep(
        asked.desk.store,
        asked.desk.settings,
        held(asked, asked.argument).promise,
        by=actor(asked),
        now=asked.now,
    )
    return answer_ended(asked, done)


def move(asked: Asked) -> Content:
    """Offer three times, and the command for any other."""
    one = held(asked, asked.argument)
    times = _times(asked, one)
    buttons = [
        button(
            asked.t.text("promise.button.move_to", at=asked.voice.moment(at)),
            action=action,
            value=f"{one.promise}|{at.timestamp()}",
        )
        for action, at in zip(MOVE_TO, times, strict=True)
    ]
    command = code(f"/muster promise move {one.promise} {asked.t.text('promise.notice.example')}")
    return message(
        [
            section(asked.t.text("promise.move.title", number=one.promise, ref=asked.voice.ref(one.ref))),
            actions(f"promise:{one.promise}:move", *buttons),
            context(asked.t.text("promise.or_command", command=command)),
        ]
    )


def move_to(asked: Asked) -> Content:
    number, _, stamp = asked.argument.partition("|")
    due_at = _instant(stamp)
    if due_at <= asked.now:
        raise RefusedError("time_past", "That time is past; nothing saved. Write a time that is still ahead.")
    done = usecase.move(
        asked.desk.store,
        asked.desk.settings,
        held(asked, number).promise,
        due_at=due_at,
        by=actor(asked),
        now=asked.now,
    )
    return answer_ended(asked, done)


def hand(asked: Asked) -> Content:
    """Offer the colleagues who are on shift then and can work the case."""
    one = held(asked, asked.argument)
    with asked.desk.store.read() as uow:
        contact = uow.contacts.get(one.ref)
        keepers = Keepers(uow=uow, settings=asked.desk.settings)
        at = max(one.due_at, asked.now)
        found = () if contact is None else named(keepers.colleagues(contact, one.owner, at))
    command = context(
        asked.t.text("promise.or_command", command=code(f"/muster promise hand {one.promise} @…"))
    )
    if not found:
        return message([section(asked.t.text("promise.no_colleague")), command])
    text = asked.t.text("promise.notice.suggest", people=look.until(found, asked.voice))
    blocks: list[Block] = [section(text), *look.hand_to(one.promise, found, asked.voice), command]
    return message(blocks)


def hand_to(asked: Asked) -> Content:
    number, _, agent = asked.argument.partition("|")
    done = usecase.hand_over(
        asked.desk.store,
        asked.desk.settings,
        held(asked, number).promise,
        to=AgentId(agent),
        by=actor(asked),
        now=asked.now,
    )
    return answer_ended(asked, done)


def notice_sent(asked: Asked) -> Content:
    """The notice is with the customer: logged, and the new time is a promise."""
    parts = asked.argument.split("|")
    if len(parts) != 6 or not parts[2].isdigit() or len(parts[2]) > 6:
        raise _forged()
    ref, measure, cycle, due, new, owner = parts
    key = NoticeKey(
        ref=ContactRef(ref),
        measure=measure,
        cycle=int(cycle),
        due_at=_instant(due),
        new_at=_instant(new),
    )
    asked.need(Action.CASE_WORK, ref=key.ref)
    made = delay_notices.sent(
        asked.desk.store,
        asked.desk.settings,
        key,
        by=actor(asked),
        now=asked.now,
        owner=AgentId(owner) if owner else None,
    )
    asked.desk.nudge()
    return made_answer(asked, made, key="promise.notice.logged")


BUTTONS: Final[Mapping[str, Callable[[Asked], Content | None]]] = {
    look.KEEP: keep,
    look.MOVE: move,
    look.HAND: hand,
    **dict.fromkeys(MOVE_TO, move_to),
    **dict.fromkeys(look.HAND_TO, hand_to),
    **dict.fromkeys(look.NOTICE_SENT, notice_sent),
}


def _times(asked: Asked, one: Promise) -> tuple[datetime, datetime, datetime]:
    """An hour and three after it was due, or from now; and tomorrow at ten, or after opening."""
    with asked.desk.store.read() as uow:
        contact = uow.contacts.get(one.ref)
    assert contact is not None  # deleted with its promises, never without
    calendar = usecase.calendar_of(asked.desk.settings, contact)
    start = max(one.due_at, asked.now).replace(second=0, microsecond=0)
    tomorrow = asked.now.astimezone(ZoneInfo(calendar.zone)).date() + timedelta(days=1)
    ten = datetime.combine(tomorrow, time(10), tzinfo=ZoneInfo(calendar.zone)).astimezone(UTC)
    opening = next_opening(calendar, ten)
    following = ten if opening == ten else opening + timedelta(hours=2)
    return start + timedelta(hours=1), start + timedelta(hours=3), following


def _instant(stamp: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(stamp), UTC)
    except (ValueError, OverflowError, OSError):
        raise _forged() from None


def _forged() -> RefusedError:
    return RefusedError(
        "promise_number", "that is no number of a promise; nothing was changed. See /muster promises"
    )
