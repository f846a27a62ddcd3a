"""The buttons of swaps, leave and repairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Final

from bot.core.errors import RefusedError
from bot.core.ids import AgentId
from bot.core.permissions import Action
from bot.core.requests import Answer
from bot.slack.blocks import requests as look
from bot.slack.blocks import verdicts
from bot.slack.blocks.kit import Content, context, message, section
from bot.slack.commands.command import Asked
from bot.slack.commands.swap import answered, decided, numbered, own, proposed, said
from bot.usecases import ask_changes, ask_leave, offer_hours, refer_leave, report_absence, swap_shifts
from bot.usecases.offer_hours import OfferKind

__all__ = ["BUTTONS"]


def yes(asked: Asked) -> Content:
    return answered(asked, asked.argument, Answer.YES)


def no(asked: Asked) -> Content:
    return answered(asked, asked.argument, Answer.NO)


def not_today(asked: Asked) -> Content:
    """No, and no other offer of hours today."""
    return answered(asked, asked.argument, Answer.NOT_TODAY)


def undo(asked: Asked) -> Content:
    """Turn an exchange back; everybody concerned is told."""
    agent = own(asked)
    ask_changes.undo(
        asked.desk.store, numbered(asked.argument), agent=agent.agent, by=agent.agent, now=asked.now
    )
    asked.desk.nudge()
    return message([section(asked.t.text("request.undone"))])


def ask_deal(asked: Asked) -> Content:
    """Ask the partners of a deal that was shown."""
    agent = own(asked)
    done = swap_shifts.ask(
        asked.desk.store,
        asked.desk.settings,
        agent,
        _members(asked.argument),
        by=agent.agent,
        now=asked.now,
    )
    asked.desk.nudge()
    return said(asked, done)


def ask_lead_deal(asked: Asked) -> Content:
    """Put a swap or a gift before the leads, gap and all."""
    agent = own(asked)
    swap_shifts.refer(
        asked.desk.store,
        asked.desk.settings,
        agent,
        _members(asked.argument),
        by=agent.agent,
        now=asked.now,
    )
    asked.desk.nudge()
    return message(
        [section(asked.t.text("referral.sent_exchange")), context(asked.t.text("leave.nothing_changed"))]
    )


def _members(text: str) -> tuple[tuple[str, datetime | None], ...]:
    members: list[tuple[str, datetime | None]] = []
    for part in text.split("|"):
        name, at, stamp = part.rpartition("@")
        members.append((name, _instant(stamp)) if at else (part, None))
    return tuple(members)


def take_day(asked: Asked) -> Content:
    agent = own(asked)
    done = ask_leave.take(
        asked.desk.store, asked.desk.settings, agent, _day(asked.argument), by=agent.agent, now=asked.now
    )
    asked.desk.nudge()
    return said(asked, done)


def take_part(asked: Asked) -> Content:
    agent = own(asked)
    day, _, stamp = asked.argument.partition("|")
    done = ask_leave.take_part(
        asked.desk.store,
        asked.desk.settings,
        agent,
        _day(day),
        _instant(stamp),
        by=agent.agent,
        now=asked.now,
    )
    asked.desk.nudge()
    return said(asked, done)


def ask_colleague(asked: Asked) -> Content:
    agent = own(asked)
    day, _, colleague = asked.argument.partition("|")
    done = ask_leave.ask_colleague(
        asked.desk.store,
        asked.desk.settings,
        agent,
        _day(day),
        AgentId(colleague),
        by=agent.agent,
        now=asked.now,
    )
    asked.desk.nudge()
    return said(asked, done)


def ask_lead(asked: Asked) -> Content:
    """Put a day off before the leads, gap and all."""
    agent = own(asked)
    refer_leave.refer(
        asked.desk.store, asked.desk.settings, agent, _day(asked.argument), by=agent.agent, now=asked.now
    )
    asked.desk.nudge()
    return message([section(asked.t.text("referral.sent")), context(asked.t.text("leave.nothing_changed"))])


def grant(asked: Asked) -> Content:
    return decided(asked, asked.argument, granted=True)


def decline(asked: Asked) -> Content:
    return decided(asked, asked.argument, granted=False)


def choose(asked: Asked) -> Content:
    """A lead takes one of the ways; the cards of all leads say so."""
    held = proposed(asked, asked.argument)
    done = ask_changes.choose(
        asked.desk.store, asked.desk.settings, held.request, by=asked.person.actor, now=asked.now
    )
    asked.desk.nudge()
    return said(asked, done)


def leave_gap(asked: Asked) -> Content:
    held = proposed(asked, asked.argument)
    report_absence.leave_gap(asked.desk.store, held.request, by=asked.person.actor, now=asked.now)
    asked.desk.nudge()
    return message([section(asked.t.text("request.repair.left_by_you"))])


def offer(asked: Asked) -> Content:
    """Ask one person for overtime, or whether they would go home early."""
    kind, _, rest = asked.argument.partition("|")
    day, _, agent = rest.partition("|")
    if kind not in {k.value for k in OfferKind}:
        raise _forged()
    with asked.desk.store.read() as uow:
        person = uow.people.get(AgentId(agent))
    asked.need(Action.SHIFTS_MEND, team=None if person is None else person.team)
    done = offer_hours.offer(
        asked.desk.store,
        asked.desk.settings,
        OfferKind(kind),
        day=_day(day),
        agent=AgentId(agent),
        by=asked.person.actor,
        now=asked.now,
    )
    asked.desk.nudge()
    return said(asked, done)


BUTTONS: Final[Mapping[str, Callable[[Asked], Content | None]]] = {
    look.YES: yes,
    look.NO: no,
    look.NOT_TODAY: not_today,
    look.UNDO: undo,
    **dict.fromkeys(look.CHOOSE, choose),
    look.LEAVE_GAP: leave_gap,
    **dict.fromkeys(verdicts.ASK_DEAL, ask_deal),
    verdicts.TAKE_DAY: take_day,
    **dict.fromkeys(verdicts.TAKE_PART, take_part),
    **dict.fromkeys(verdicts.ASK_COLLEAGUE, ask_colleague),
    verdicts.ASK_LEAD: ask_lead,
    verdicts.ASK_LEAD_DEAL: ask_lead_deal,
    look.GRANT: grant,
    look.DECLINE: decline,
    **dict.fromkeys(verdicts.OFFER, offer),
}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _forged() from None


def _instant(stamp: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(stamp), UTC)
    except (ValueError, OverflowError, OSError):
        raise _forged() from None


def _forged() -> RefusedError:
    return RefusedError(
        "request_number", "That is no number of a request; nothing was changed. See /muster requests."
    )
