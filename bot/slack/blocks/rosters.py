"""Rosters as an agent and a team read them: shifts, changes, publication."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from slack_sdk.models.blocks import Block

from bot.core.messages import RosterAnnounced, RosterPublished, ShiftChange, ShiftLine
from bot.slack.blocks.kit import code, context, escape, lines, section
from bot.slack.blocks.voice import Voice
from scheduler.roster.shifts import LUNCH, Shift

__all__ = ["announced", "published", "shift_line", "shift_times"]

REASON_CHARACTERS = 300


def published(message: RosterPublished, voice: Voice) -> list[Block]:
    """To one agent: the shifts of a first version, later only what changed, before and after."""
    span = _span(message.first, message.days, voice)
    if message.first_version:
        title = voice.t.plural("roster.published.title", len(message.shifts), **span)
        rows = [_line(line, voice) for line in message.shifts]
    else:
        title = voice.t.plural("roster.changed.title", len(message.changes), **span)
        rows = [_change(change, voice) for change in message.changes]
    blocks: list[Block] = [section(title)]
    if rows:
        blocks.append(section(lines(rows)))
    queues = [line.queue for line in message.shifts]
    for change in message.changes:
        queues += [side.queue for side in (change.before, change.after) if side is not None]
    hint = voice.t.text("roster.see", command=code("/shift week"))
    zone = voice.zone_note(_each_queue(queues))
    blocks.append(context(hint, *([] if zone is None else [zone])))
    return blocks


def announced(message: RosterAnnounced, voice: Voice) -> list[Block]:
    """To the team's channel: a roster is live, with its certificate and nobody's own shifts."""
    title = voice.t.plural(
        "roster.announced.title", message.agents, **_span(message.first, message.days, voice)
    )
    facts: list[str] = []
    if message.inside_share is None:
        facts.append(voice.t.text("roster.announced.no_certificate"))
    else:
        facts.append(
            voice.t.text(
                "roster.announced.certificate", share=voice.f.percent(message.inside_share, decimals=1)
            )
        )
    if message.weakest is not None and message.weakest_queue and message.weakest_at is not None:
        facts.append(
            voice.t.text(
                "roster.announced.weakest",
                queue=voice.queue(message.weakest_queue),
                at=voice.f.moment(message.weakest_at),
                probability=voice.f.percent(message.weakest),
            )
        )
    if message.accepted_because:
        reason = escape(message.accepted_because, REASON_CHARACTERS)
        facts.append(voice.t.text("roster.announced.accepted", reason=reason))
    notes = [voice.t.text("roster.see", command=code("/shift week"))]
    zone = voice.zone_note([message.weakest_queue] if message.weakest_queue else [])
    if zone is not None:
        notes.append(zone)
    return [section(title), section("\n".join(facts)), context(*notes)]


def shift_line(shift: Shift) -> ShiftLine:
    """What a message says about a shift; several queues are joined with commas."""
    lunch = next((s.start for s in shift.segments if s.activity == LUNCH), None)
    return ShiftLine(
        day=shift.date, start=shift.start, end=shift.end, queue=", ".join(shift.queues), lunch_at=lunch
    )


def shift_times(line: ShiftLine, voice: Voice) -> str:
    """``09:00–18:00, phone, lunch 12:30`` in the reader's zone."""
    key = "roster.shift" if line.lunch_at is None else "roster.shift_lunch"
    lunch = "" if line.lunch_at is None else voice.f.time(line.lunch_at)
    return voice.t.text(
        key, period=voice.f.period(line.start, line.end), queue=escape(line.queue), lunch=lunch
    )


def _line(line: ShiftLine, voice: Voice) -> str:
    # The day is the reader's own: 02:00 in Lisbon is still the evening before in New York.
    day = voice.f.day(voice.f.local_day(line.start))
    return f"• *{day}*  {shift_times(line, voice)}"


def _change(change: ShiftChange, voice: Voice) -> str:
    known = change.after or change.before
    day = voice.f.day(change.day if known is None else voice.f.local_day(known.start))
    if change.before is None and change.after is not None:
        return voice.t.text("roster.change.added", day=day, after=shift_times(change.after, voice))
    if change.after is None and change.before is not None:
        return voice.t.text("roster.change.removed", day=day, before=shift_times(change.before, voice))
    if change.before is None or change.after is None:
        return voice.t.text("roster.change.none", day=day)
    return voice.t.text(
        "roster.change.moved",
        day=day,
        before=shift_times(change.before, voice),
        after=shift_times(change.after, voice),
    )


def _span(first: date, days: int, voice: Voice) -> dict[str, object]:
    return {"first": voice.f.day(first), "last": voice.f.day(first + timedelta(days=days - 1))}


def _each_queue(joined: Sequence[str]) -> list[str]:
    return [queue.strip() for text in joined for queue in text.split(",")]
