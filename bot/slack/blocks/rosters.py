"""Rosters as an agent and a team read them: shifts, changes, publication."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from slack_sdk.models.blocks import Block

from bot.core.messages import (
    PrepareCard,
    RosterAnnounced,
    RosterPublished,
    ShiftChange,
    ShiftLine,
    ShiftReminder,
)
from bot.slack.blocks.kit import actions, button, code, context, escape, lines, section
from bot.slack.blocks.requests import NO, YES
from bot.slack.blocks.voice import Voice

__all__ = ["announced", "change_line", "prepare", "published", "reminder", "shift_times"]

REASON_CHARACTERS = 300
CHECK_CHARACTERS = 80
"""Of one item of a checklist, as app.yaml takes them."""


def published(message: RosterPublished, voice: Voice) -> list[Block]:
    """To one agent: the shifts of a first version, later only what changed, before and after."""
    span = _span(message.first, message.days, voice)
    if message.first_version:
        title = voice.t.plural("roster.published.title", len(message.shifts), **span)
        rows = [_line(line, voice) for line in message.shifts]
    else:
        title = voice.t.plural(_changed_key(message), len(message.changes), **span)
        rows = [change_line(change, voice) for change in message.changes]
    blocks: list[Block] = [section(title)]
    if rows:
        blocks.append(section(lines(rows)))
    if message.why:
        blocks.append(section(voice.t.text("roster.why", reason=escape(message.why, REASON_CHARACTERS))))
    elif message.request is not None:
        blocks.append(section(voice.t.text("roster.why_new")))
    if message.request is not None and message.state is None:
        blocks += _buttons(message, voice)
    queues = [line.queue for line in message.shifts]
    for change in message.changes:
        queues += [side.queue for side in (change.before, change.after) if side is not None]
    hint = voice.t.text("roster.see", command=code("/shift week"))
    zone = voice.zone_note(_each_queue(queues))
    blocks.append(context(hint, *([] if zone is None else [zone])))
    return blocks


def _changed_key(message: RosterPublished) -> str:
    if message.state is not None:
        side = "consent" if message.needs_consent else "made"
        return f"roster.{side}.{message.state}"
    return "roster.consent.title" if message.needs_consent else "roster.changed.title"


def _buttons(message: RosterPublished, voice: Voice) -> list[Block]:
    number = str(message.request)
    until = "" if message.ends_at is None else voice.moment(message.ends_at)
    key = "roster.consent.until" if message.needs_consent else "roster.made.until"
    return [
        actions(
            f"request:{number}",
            button(voice.t.text("roster.button.ok"), action=YES, value=number, style="primary"),
            button(voice.t.text("roster.button.no"), action=NO, value=number),
        ),
        context(
            voice.t.text(key, until=until),
            voice.t.text(
                "request.or_command", yes=code(f"/muster yes {number}"), no=code(f"/muster no {number}")
            ),
        ),
    ]


def reminder(message: ShiftReminder, voice: Voice) -> list[Block]:
    """To one agent: what tomorrow brings; the day is named, so that it is true whenever it is read."""
    first = message.shifts[0]
    day = voice.f.day(voice.f.local_day(first.start))
    title = voice.t.text("roster.reminder", day=day, shift=shift_times(first, voice))
    rows = [_line(line, voice) for line in message.shifts[1:]]
    zone = voice.zone_note(_each_queue([line.queue for line in message.shifts]))
    notes = [voice.t.text("roster.reminder_off", command=code("/shift remind off"))]
    found: list[Block] = [section(title)]
    if rows:
        found.append(section(lines(rows)))
    return [*found, context(*notes, *([] if zone is None else [zone]))]


def prepare(message: PrepareCard, voice: Voice) -> list[Block]:
    """To one agent before work begins: what to have ready, open cases, promises due."""
    t = voice.t
    if message.checklist is None:
        ready = t.text("prepare.ready")
    else:
        ready = voice.f.join([escape(item, CHECK_CHARACTERS) for item in message.checklist])
    facts = [
        t.plural("prepare.cases", message.cases_total),
        t.plural("prepare.promises", message.promises_total),
    ]
    title = t.text(
        "prepare.title" if ready else "prepare.title_plain",
        at=voice.f.time(message.begins),
        ready=ready,
        facts=voice.f.join(facts),
    )
    found: list[Block] = [section(title)]
    rows = [
        f"• {voice.ref(case.ref)}"
        if case.due_at is None
        else "• " + t.text("prepare.due", ref=voice.ref(case.ref), due=voice.moment(case.due_at))
        for case in message.cases
    ]
    more = message.cases_total - len(message.cases)
    if more:
        rows.append(t.plural("prepare.more", more))
    if rows:
        found.append(section(lines([t.text("prepare.open"), *rows])))
    if message.promises:
        rows = [
            "• " + t.text("prepare.due", ref=voice.ref(p.ref), due=voice.moment(p.due_at))
            for p in message.promises
        ]
        more = message.promises_total - len(message.promises)
        if more:
            rows.append(t.plural("prepare.more", more))
        found.append(section(lines([t.text("prepare.promised"), *rows])))
    zone = voice.zone_note(_each_queue([message.shift.queue]))
    off = t.text("roster.reminder_off", command=code("/shift remind off"))
    return [*found, context(off, *([] if zone is None else [zone]))]


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


def shift_times(line: ShiftLine, voice: Voice) -> str:
    """``09:00–18:00, phone, lunch 12:30, stand-up 09:30`` in the reader's zone."""
    key = "roster.shift" if line.lunch_at is None else "roster.shift_lunch"
    lunch = "" if line.lunch_at is None else voice.f.time(line.lunch_at)
    text = voice.t.text(
        key, period=voice.f.period(line.start, line.end), queue=escape(line.queue), lunch=lunch
    )
    for session in line.sessions:
        activity = voice.label("activity", session.activity)
        text = voice.t.text("roster.with_session", shift=text, activity=activity, at=voice.f.time(session.at))
    return text


def _line(line: ShiftLine, voice: Voice) -> str:
    # The day is the reader's own: 02:00 in Lisbon is still the evening before in New York.
    day = voice.f.day(voice.f.local_day(line.start))
    return f"• *{day}*  {shift_times(line, voice)}"


def change_line(change: ShiftChange, voice: Voice) -> str:
    """One day before and after."""
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
