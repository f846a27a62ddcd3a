"""Changes of published shifts as people read them: asked, ended, made, proposed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.request_messages import (
    ChangeAsked,
    ChangeEnded,
    ExchangeMade,
    OpenSpan,
    PauseMoved,
    PersonChange,
    PlanUnanswered,
    ReferralDecided,
    RepairProposed,
    RepairSettled,
    RepairWay,
    RequestMessage,
    RequestReferred,
    ShiftsChanged,
    ShiftTimes,
)
from bot.slack.blocks.kit import actions, button, code, context, escape, lines, section
from bot.slack.blocks.voice import Voice

__all__ = [
    "CHOOSE",
    "DECLINE",
    "GRANT",
    "LEAVE_GAP",
    "NO",
    "NOT_TODAY",
    "TALK_OFF",
    "UNDO",
    "YES",
    "blocks",
    "change_line",
    "gap_line",
    "gaps_line",
    "gaps_now",
    "times",
]

YES: Final = "request.yes"
NO: Final = "request.no"
NOT_TODAY: Final = "request.not_today"
UNDO: Final = "request.undo"
TALK_OFF: Final = "coach.cancel"
CHOOSE: Final = ("repair.choose.1", "repair.choose.2", "repair.choose.3", "repair.choose.4")
"""Value: the number of the proposed request."""
LEAVE_GAP: Final = "repair.leave_gap"
GRANT: Final = "referral.grant"
DECLINE: Final = "referral.decline"
_GAPS: Final = 4


def blocks(kind: RequestMessage, voice: Voice) -> list[Block]:
    match kind:
        case ChangeAsked():
            return _asked(kind, voice)
        case ChangeEnded():
            return _ended(kind, voice)
        case ShiftsChanged():
            return _changed(kind, voice)
        case ExchangeMade():
            return _made(kind, voice)
        case RepairProposed():
            return _proposed(kind, voice)
        case RepairSettled():
            return _settled(kind, voice)
        case RequestReferred():
            return _referred(kind, voice)
        case ReferralDecided():
            return _decided(kind, voice)
        case PlanUnanswered():
            return _unanswered(kind, voice)


def times(shift: ShiftTimes, voice: Voice) -> str:
    """``Thu 3 Dec 09:00-18:00, phone`` in the reader's zone; the day is the reader's own."""
    return voice.t.text(
        "request.shift",
        day=voice.f.day(voice.f.local_day(shift.start)),
        period=voice.f.period(shift.start, shift.end),
        queue=escape(shift.queue),
    )


def change_line(change: PersonChange, voice: Voice, *, named: bool = True) -> str:
    """What becomes of one person's day, in one line."""
    held = {
        name: "" if shift is None else times(shift, voice)
        for name, shift in (
            ("before", change.before),
            ("after", change.after),
            ("dropped", change.dropped),
        )
    }
    if change.talk is not None:
        key = "talk_gone" if change.talk.gone else "talk"
        held["day"] = voice.f.day(voice.f.local_day(change.talk.start))
        held["period"] = voice.f.period(change.talk.start, change.talk.end)
    elif change.pauses:
        key = "pauses"
        held["pauses"] = voice.f.join([_pause(p, voice) for p in change.pauses])
    elif change.kind == "move":
        key = "dropped" if change.dropped is not None else "moved"
    else:
        key = change.kind
    line = voice.t.text(f"request.change.{key}", **held)
    if named:
        line = voice.t.text("request.change.of", person=voice.person(change.agent), change=line)
    return line


def _told(change: PersonChange, cause: str, voice: Voice) -> str:
    if cause == "session_put_off" and change.after is not None:
        return voice.t.text("request.change.session", after=times(change.after, voice))
    return change_line(change, voice, named=False)


def _pause(pause: PauseMoved, voice: Voice) -> str:
    return voice.t.text(
        "request.change.pause",
        activity=voice.label("activity", pause.activity),
        start=voice.f.time(pause.start),
        to=voice.f.time(pause.to),
    )


def gap_line(gap: OpenSpan, voice: Voice) -> str:
    """Where how many people are missing."""
    return voice.t.plural(
        "request.gap",
        gap.missing,
        queue=voice.queue(gap.queue),
        at=voice.moment(gap.start),
        until=voice.f.time(gap.end),
    )


def _asked(kind: ChangeAsked, voice: Voice) -> list[Block]:
    if kind.cause in ("overtime", "go_home"):
        title = voice.t.text(f"request.asked.{kind.cause}", **_hours(kind.change, voice))
    elif kind.asker is None:
        title = voice.t.text("request.asked.by_lead")
    else:
        title = voice.t.text(f"request.asked.{kind.cause}", person=voice.person(kind.asker))
    notes = [voice.t.text("request.asked.until", at=voice.moment(kind.ends_at))]
    if kind.others:
        notes.append(voice.t.plural("request.asked.others", kind.others))
    notes.append(voice.t.text("request.asked.granted" if kind.granted else "request.asked.checked"))
    if kind.hours_left is not None and kind.hours_limit is not None:
        left, limit = (voice.f.number(h, decimals=1) for h in (max(0.0, kind.hours_left), kind.hours_limit))
        notes.insert(1, voice.t.text("request.asked.month", left=left, limit=limit))
    zone = _zone((kind.change,), voice)
    value = str(kind.request)
    presses = [
        button(voice.t.text("request.button.yes"), action=YES, value=value, style="primary"),
        button(voice.t.text("request.button.no"), action=NO, value=value),
    ]
    if kind.cause in ("overtime", "go_home"):
        presses.append(button(voice.t.text("request.button.not_today"), action=NOT_TODAY, value=value))
    return [
        section(title),
        section(change_line(kind.change, voice, named=False)),
        actions(f"request:{kind.request}", *presses),
        context(
            *notes,
            voice.t.text(
                "request.or_command",
                yes=code(f"/muster yes {kind.request}"),
                no=code(f"/muster no {kind.request}"),
            ),
            *zone,
        ),
    ]


def _hours(change: PersonChange, voice: Voice) -> dict[str, object]:
    """The day, and by how much the shift becomes longer or shorter."""
    before, after = change.before, change.after
    if before is None or after is None:
        return {"day": "", "length": ""}
    length = abs((after.end - after.start) - (before.end - before.start))
    return {"day": voice.f.day(voice.f.local_day(after.start)), "length": voice.f.duration(length)}


def _ended(kind: ChangeEnded, voice: Voice) -> list[Block]:
    by = "" if kind.by == "muster" else voice.person(kind.by)
    if kind.filled_at is None:
        title = voice.t.text(f"request.ended.{kind.state}", person=by)
    else:
        title = voice.t.text("request.ended.filled", at=voice.moment(kind.filled_at))
    found: list[Block] = [section(title), section(change_line(kind.change, voice, named=False))]
    zone = _zone((kind.change,), voice)
    hint = voice.t.text("request.see", command=code("/shift week"))
    return [*found, context(hint, *zone)]


def _changed(kind: ShiftsChanged, voice: Voice) -> list[Block]:
    title = voice.t.plural("request.changed.title", len(kind.changes))
    rows = [f"• {_told(change, kind.cause, voice)}" for change in kind.changes]
    notes = [
        voice.t.text(f"request.cause.{kind.cause}"),
        voice.t.text("request.see", command=code("/shift week")),
    ]
    found: list[Block] = [section(title), section(lines(rows))]
    if kind.request is not None and kind.cause in ("swap", "give", "chain"):
        press = button(voice.t.text("request.button.undo"), action=UNDO, value=str(kind.request))
        found.append(actions(f"request:{kind.request}:undo", press))
    if kind.request is not None and kind.cause == "coaching":
        press = button(voice.t.text("coach.button.cancel"), action=TALK_OFF, value=str(kind.request))
        found.append(actions(f"request:{kind.request}:talk", press))
    return [*found, context(*notes, *_zone(kind.changes, voice))]


def _made(kind: ExchangeMade, voice: Voice) -> list[Block]:
    title = voice.t.text(f"request.made.{kind.cause}")
    # What a lead decides, or a planner published, may leave a gap; rules are kept whoever decides.
    led = kind.cause in ("break_moved", "session_put_off", "replanned")
    checked = "request.made.checked_rules" if led else "request.made.checked"
    rows = [f"• {change_line(change, voice)}" for change in kind.changes]
    return [
        section(title),
        section(lines(rows)),
        context(voice.t.text(checked), *_zone(kind.changes, voice)),
    ]


def _proposed(kind: RepairProposed, voice: Voice) -> list[Block]:
    title = voice.t.text(
        "request.repair.title", person=voice.person(kind.agent), shift=times(kind.gone, voice)
    )
    found: list[Block] = [section(title)]
    gap = next((w for w in kind.ways if not w.changes), None)
    others = [w for w in kind.ways if w.changes]
    if gap is not None:
        known = [] if kind.probability_before is None else [kind.probability_before]
        before = [voice.t.text("request.repair.chance_before", chance=voice.f.percent(p)) for p in known]
        found.append(section(lines([_gap_text(gap, voice), *_chance(gap, voice), *before])))
    if not others:
        key = "request.repair.unknown"
        if gap is not None:
            key = "request.repair.none" if gap.open_spans else "request.repair.nothing_needed"
        return [*found, section(voice.t.text(key))]
    buttons = []
    for place, (action, way) in enumerate(zip(CHOOSE, others, strict=False), start=1):
        found.append(section(_way_text(place, way, voice)))
        buttons.append(
            button(
                voice.t.text("request.button.choose", place=voice.f.number(place)),
                action=action,
                value=str(way.number),
                style="primary" if place == 1 else None,
            )
        )
    buttons.append(
        button(voice.t.text("request.button.leave_gap"), action=LEAVE_GAP, value=str(kind.absence))
    )
    changes = [c for w in kind.ways for c in w.changes]
    return [
        *found,
        actions(f"repair:{kind.absence}", *buttons),
        context(voice.t.text("request.repair.checked"), *_zone(changes, voice)),
    ]


def _way_text(place: int, way: RepairWay, voice: Voice) -> str:
    rows = [voice.t.plural("request.repair.way", len(way.changes), place=voice.f.number(place))]
    rows += [f"• {change_line(change, voice)}" for change in way.changes]
    consent = sorted({c.agent for c in way.changes if c.needs_consent})
    facts = [_gap_text(way, voice), *_chance(way, voice)]
    if way.overtime_minutes:
        facts.append(
            voice.t.text("request.repair.overtime", length=voice.f.duration(way.overtime_minutes * 60))
        )
    if consent:
        facts.append(
            voice.t.text("request.repair.consent", people=voice.f.join([voice.person(a) for a in consent]))
        )
    return lines([*rows, *facts])


def _chance(way: RepairWay, voice: Voice) -> list[str]:
    if way.probability is None:
        return []
    return [voice.t.text("request.repair.chance", chance=voice.f.percent(way.probability))]


def _gap_text(way: RepairWay, voice: Voice) -> str:
    if not way.open_spans:
        return voice.t.text("request.repair.closed")
    return voice.t.text("request.repair.left", gaps=gaps_line(way.open_spans, voice))


def gaps_line(gaps: Sequence[OpenSpan], voice: Voice) -> str:
    """Where people are missing; the first few, and how many more places."""
    shown = [gap_line(gap, voice) for gap in gaps[:_GAPS]]
    more = len(gaps) - len(shown)
    if more:
        shown.append(voice.t.plural("request.repair.more_gaps", more))
    return voice.f.join(shown)


def gaps_now(gaps: Sequence[OpenSpan], voice: Voice) -> str:
    """Who is missing for something that was granted; or that nobody is."""
    if not gaps:
        return voice.t.text("referral.no_gap_now")
    return voice.t.text("referral.gaps_now", gaps=gaps_line(gaps, voice))


def _referred(kind: RequestReferred, voice: Voice) -> list[Block]:
    number = str(kind.request)
    asked = [voice.t.text("referral.asks", people=_people(kind.others, voice))] if kind.others else []
    return [
        section(voice.t.text(f"referral.title.{kind.cause}", person=voice.person(kind.agent))),
        section(_all_changes(kind.change, kind.others, voice)),
        section(voice.t.text("referral.gaps", gaps=gaps_line(kind.open_spans, voice))),
        actions(
            f"referral:{number}",
            button(voice.t.text("referral.button.grant"), action=GRANT, value=number, style="primary"),
            button(voice.t.text("referral.button.decline"), action=DECLINE, value=number),
        ),
        context(
            voice.t.text("referral.until", at=voice.moment(kind.ends_at)),
            voice.t.text("referral.rules_kept"),
            voice.t.text("referral.as_asked"),
            *asked,
            voice.t.text(
                "request.or_command", yes=code(f"/muster yes {number}"), no=code(f"/muster no {number}")
            ),
            *_zone((kind.change, *kind.others), voice),
        ),
    ]


def _all_changes(own: PersonChange, others: Sequence[PersonChange], voice: Voice) -> str:
    """What becomes of everybody's day; no names where it is one person's only."""
    if not others:
        return change_line(own, voice, named=False)
    return lines([f"• {change_line(change, voice)}" for change in (own, *others)])


def _people(changes: Sequence[PersonChange], voice: Voice) -> str:
    return voice.f.join([voice.person(c.agent) for c in changes])


def _decided(kind: ReferralDecided, voice: Voice) -> list[Block]:
    title = voice.t.text(
        f"referral.{'exchange' if kind.others else 'ended'}.{kind.state}",
        person=voice.person(kind.agent),
        people=_people(kind.others, voice),
        by="" if kind.by == "muster" else voice.person(kind.by),
    )
    zone = _zone((kind.change, *kind.others), voice)
    found: list[Block] = [section(title), section(_all_changes(kind.change, kind.others, voice))]
    if kind.open_spans is not None:
        found.append(section(gaps_now(kind.open_spans, voice)))
    return [*found, *([context(*zone)] if zone else [])]


def _unanswered(kind: PlanUnanswered, voice: Voice) -> list[Block]:
    side = "made" if kind.made else "not_made"
    title = voice.t.text(f"plan_word.{'declined' if kind.declined else 'silent'}.{side}")
    rows = [f"• {change_line(change, voice)}" for change in kind.changes]
    hint = voice.t.text(f"plan_word.next.{side}", command=code("/muster absence @name"))
    return [section(title), section(lines(rows)), context(hint, *_zone(kind.changes, voice))]


def _settled(kind: RepairSettled, voice: Voice) -> list[Block]:
    who = voice.person(kind.by)
    if not kind.changes:
        return [section(voice.t.text("request.repair.gap_left", person=who, agent=voice.person(kind.agent)))]
    key = "request.repair.asking" if kind.asked else "request.repair.done"
    title = voice.t.text(
        key,
        person=who,
        agent=voice.person(kind.agent),
        people=voice.f.join([voice.person(a) for a in kind.asked]),
    )
    rows = [f"• {change_line(change, voice)}" for change in kind.changes]
    zone = _zone(kind.changes, voice)
    return [section(title), section(lines(rows)), *([context(*zone)] if zone else [])]


def _zone(changes: Sequence[PersonChange], voice: Voice) -> list[str]:
    shifts = [s for c in changes for s in (c.before, c.after, c.dropped) if s is not None]
    queues = [q.strip() for s in shifts for q in s.queue.split(",")]
    note = voice.zone_note(queues)
    return [] if note is None else [note]
