"""/shift: an agent's own shifts, today, next and the week ahead."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from slack_sdk.models.blocks import Block

from bot.core.messages import ShiftLine
from bot.core.people import Agent
from bot.slack.blocks.kit import Content, actions, button, code, context, escape, lines, message, section
from bot.slack.blocks.rosters import shift_times
from bot.slack.commands.command import Asked, Command, Subcommand
from bot.slack.commands.load import OWN_LOAD
from bot.slack.commands.shift_calendar import LINK, shift_calendar
from bot.slack.commands.shift_remind import shift_remind
from scheduler.roster.shifts import Segment, Shift

__all__ = ["LINK_ME", "SHIFT", "stranger", "today"]

LINK_ME = "people.link_me"
"""Action id of the button a stranger is offered."""

DAYS = 7
LOOK_AHEAD = timedelta(days=35)


def today(asked: Asked) -> Content:
    """Today's shift with its activities, and the next one."""
    agent = asked.person.agent
    if agent is None:
        return stranger(asked)
    day = asked.f.local_day(asked.now)
    start, end = _bounds(day, 1, asked)
    shifts = _shifts(asked, agent, start, start + LOOK_AHEAD)
    here = [s for s in shifts if s.start < end]
    following = next((s for s in shifts if s.start >= end), None)
    blocks: list[Block] = [section(_today_title(asked, day, here))]
    for shift in here:
        blocks.append(section(_activities(asked, shift)))
    if following is not None:
        blocks.append(section(asked.t.text("shift.next_after", shift=_dated(asked, following))))
    if asked.desk.public_url is not None:
        press = button(asked.t.text("calendar.button.link"), action=LINK, value=agent.agent)
        blocks.append(actions("calendar", press))
    return message([*blocks, *_notes(asked, [*here, *([following] if following else [])])])


def following(asked: Asked) -> Content:
    """The next shift that has not begun."""
    agent = asked.person.agent
    if agent is None:
        return stranger(asked)
    shifts = _shifts(asked, agent, asked.now, asked.now + LOOK_AHEAD)
    shift = next((s for s in shifts if s.start > asked.now), None)
    if shift is None:
        return message([section(asked.t.text("shift.no_next")), *_notes(asked, [])])
    title = asked.t.text("shift.next", shift=_dated(asked, shift))
    return message([section(title), section(_activities(asked, shift)), *_notes(asked, [shift])])


def week(asked: Asked) -> Content:
    """Seven days from today, days off included."""
    agent = asked.person.agent
    if agent is None:
        return stranger(asked)
    first = asked.f.local_day(asked.now)
    start, end = _bounds(first, DAYS, asked)
    shifts = [s for s in _shifts(asked, agent, start, end) if start <= s.start]
    last = first + timedelta(days=DAYS - 1)
    title = asked.t.plural("shift.week", len(shifts), first=asked.f.day(first), last=asked.f.day(last))
    rows = []
    for offset in range(DAYS):
        day = first + timedelta(days=offset)
        here = [s for s in shifts if asked.f.local_day(s.start) == day]
        if here:
            rows += [f"• *{asked.f.day(day)}*  {shift_times(ShiftLine.of(s), asked.voice)}" for s in here]
        else:
            key = "shift.off" if _published(asked, day) else "shift.unpublished_day"
            rows.append(asked.t.text(key, day=asked.f.day(day)))
    return message([section(title), section(lines(rows)), *_notes(asked, shifts)])


SHIFT = Command(
    name="/shift",
    default="today",
    subcommands=(
        Subcommand(name="today", answer=today, aliases=("now", "今天", "今日")),
        Subcommand(name="next", answer=following, aliases=("tomorrow", "下一班", "下一个", "明天")),
        Subcommand(name="week", answer=week, aliases=("7", "本周", "一周", "周")),
        Subcommand(name="remind", answer=shift_remind, aliases=("reminder", "提醒"), usage="[TIME | off]"),
        OWN_LOAD,
        Subcommand(name="calendar", answer=shift_calendar, aliases=("ics", "link", "日历", "订阅")),
    ),
)


def stranger(asked: Asked) -> Content:
    """A2: never an empty list for a person Muster does not know."""
    mention = f"<@{asked.person.user}>"
    text = asked.t.text("shift.not_linked", command=code("/muster link") + " " + mention)
    press = button(asked.t.text("shift.link_me"), action=LINK_ME, value=asked.person.user)
    hint = asked.t.text("shift.link_me_command", command=code("/muster link me"))
    return message([section(text), actions("people", press), context(hint)])


def _today_title(asked: Asked, day: date, here: list[Shift]) -> str:
    shown = asked.f.day(day)
    if here:
        return asked.t.text("shift.today", day=shown, shift=shift_times(ShiftLine.of(here[0]), asked.voice))
    if _published(asked, day):
        return asked.t.text("shift.today_off", day=shown)
    return asked.t.text("shift.unpublished", day=shown)


def _activities(asked: Asked, shift: Shift) -> str:
    return lines([_activity(asked, segment) for segment in shift.segments])


def _activity(asked: Asked, segment: Segment) -> str:
    period = asked.f.period(segment.start, segment.end)
    name = escape(segment.activity) if segment.is_work else asked.voice.label("activity", segment.activity)
    return f"• {period}  {name}"


def _dated(asked: Asked, shift: Shift) -> str:
    day = asked.f.day(asked.f.local_day(shift.start))
    return asked.t.text("roster.dated", day=day, shift=shift_times(ShiftLine.of(shift), asked.voice))


def _shifts(asked: Asked, agent: Agent, start: datetime, end: datetime) -> list[Shift]:
    with asked.desk.store.read() as uow:
        return uow.rosters.shifts_of(agent.agent, start, end)


def _published(asked: Asked, day: date) -> bool:
    start, _ = _bounds(day, 1, asked)
    with asked.desk.store.read() as uow:
        # Noon: the reader's midnight may still belong to the day before in the roster's zone.
        return uow.rosters.published_at(start + timedelta(hours=12)) is not None


def _bounds(first: date, days: int, asked: Asked) -> tuple[datetime, datetime]:
    zone = ZoneInfo(asked.f.zone)
    start = datetime.combine(first, time(0), zone).astimezone(UTC)
    return start, datetime.combine(first + timedelta(days=days), time(0), zone).astimezone(UTC)


def _notes(asked: Asked, shifts: list[Shift]) -> list[Block]:
    notes = []
    with asked.desk.store.read() as uow:
        published_at = uow.rosters.published_at(asked.now)
    if published_at is not None:
        notes.append(asked.t.text("shift.published_at", at=asked.voice.moment(published_at)))
    zone = asked.voice.zone_note([queue for shift in shifts for queue in shift.queues])
    if zone is not None:
        notes.append(zone)
    return [context(*notes)] if notes else []
