"""Alerts: the card with the whole state of a case's alert, and the news in its thread."""

from __future__ import annotations

from slack_sdk.models.blocks import Block, ButtonElement, StaticSelectElement

from bot.core.alert_messages import AlertCard, AlertNews, CardConcern
from bot.slack.blocks import causes
from bot.slack.blocks.breaks import move_buttons
from bot.slack.blocks.cause import age_line, cause_lines
from bot.slack.blocks.kit import actions, button, code, context, escape, plain, section
from bot.slack.blocks.voice import Voice

__all__ = ["ACKNOWLEDGE", "GIVE", "SNOOZE", "UNDO", "WHY", "card", "level_name", "news"]

ACKNOWLEDGE = "alert.acknowledge"
SNOOZE = "alert.snooze"
UNDO = "alert.undo"
WHY = "alert.why"
GIVE = ("alert.give.first", "alert.give.second")
"""The buttons' action ids; their value is the alert's number, for GIVE with ``:agent``."""

_AGITATED = "agitated"


def card(message: AlertCard, voice: Voice) -> list[Block]:
    """The alert as it stands now."""
    blocks: list[Block] = [section(_title(message, voice))]
    if message.goes_on:
        return blocks
    blocks.append(section("\n".join(_facts(message, voice))))
    if message.cause is not None:
        blocks.append(section("\n".join(cause_lines(message.cause, voice))))
    hints = []
    if message.state != "resolved":
        blocks.append(actions(f"alert:{message.alert}", *_buttons(message, voice)))
        words = "take" if message.state in ("open", "snoozed") else "undo"
        hints.append(voice.t.text("alert.or_command", command=code(f"/muster {words} {message.alert}")))
    why = _cause_menu(message, voice)
    if why is not None:
        blocks.append(actions(f"cause:{message.alert}", why))
    blocks.append(context(*hints, _data_age(message, voice), *_zone(message.queue, voice)))
    return blocks


def news(message: AlertNews, voice: Voice) -> list[Block]:
    """What just happened, in one sentence; people who must notice are called by name."""
    text = _sentence(message, voice)
    called = " ".join(voice.person(who) for who in message.mention)
    facts = [f"{called} {text}" if called else text]
    if message.passed_over:
        facts.append(_passed_over(message.passed_over, voice))
    blocks: list[Block] = [section("\n".join(facts))]
    if zone := _zone(message.queue, voice):
        blocks.append(context(*zone))
    return blocks


def _buttons(message: AlertCard, voice: Voice) -> list[ButtonElement]:
    """What can be done now: the same as the commands."""
    number, text = str(message.alert), voice.t.text
    found = []
    if message.state in ("open", "snoozed"):
        found.append(button(text("alert.acknowledge"), action=ACKNOWLEDGE, value=number, style="primary"))
    if message.state == "open":
        minutes = voice.length(voice.settings.alerts.snooze)
        found.append(button(text("alert.snooze", length=minutes), action=SNOOZE, value=number))
        for action, who in zip(GIVE, message.colleagues, strict=False):
            label = text("alert.give", name=plain(who.name))
            found.append(button(label, action=action, value=f"{number}:{who.agent}"))
    else:
        found.append(button(text("alert.undo"), action=UNDO, value=number))
    moves = () if message.cause is None else message.cause.moves
    why = button(text("alert.why"), action=WHY, value=number)
    return [*found, *move_buttons(message.queue, moves, voice), why]


def _cause_menu(message: AlertCard, voice: Voice) -> StaticSelectElement | None:
    """Why a promise broke is asked once somebody has the case, or it is over: first it must be answered."""
    broke = any(c.kind == "breach" and c.measure and c.ending not in _NOT_DONE for c in message.concerns)
    if not broke or message.state not in ("acknowledged", "resolved"):
        return None
    short = None if message.cause is None else message.cause.short
    return causes.menu(message.ref, voice, proposed=short is not None and short > 0)


# -- the card -----------------------------------------------------------------------------------------------


def _title(message: AlertCard, voice: Voice) -> str:
    case = {"ref": voice.ref(message.ref), "queue": voice.queue(message.queue)}
    live = [c for c in message.concerns if c.over_at is None]
    first = live[0] if live else None
    if message.goes_on:
        return voice.t.text("alert.title.goes_on", **case)
    if first is None:
        return _over_title(message, voice, case)
    if message.state == "acknowledged" and message.by is not None and message.at is not None:
        return voice.t.text(
            "alert.title.taken",
            **case,
            person=voice.person(message.by),
            at=voice.f.time(message.at, seconds=True),
            what="" if first.kind == "ownerless" else line(first, voice),
        ).rstrip()
    if message.state == "snoozed" and message.by is not None and message.until is not None:
        return voice.t.text(
            "alert.title.snoozed",
            **case,
            person=voice.person(message.by),
            until=voice.moment(message.until),
            what=line(first, voice),
        )
    if message.escalated:
        return voice.t.text("alert.title.nobody_took", **case, what=line(first, voice))
    kind = first.kind
    if kind == "warning" and first.due_at is not None and voice.now >= first.due_at:
        kind = "warning_late"
    key = f"alert.title.{kind}"
    return voice.t.text(
        key if voice.t.has(key) else "alert.title.other",
        **case,
        **_times(first, voice),
        since=voice.length(voice.now - message.opened_at),
    )


_NOT_DONE = frozenset({"moved", "cancelled", "paused"})
"""Endings of a concern without the promise having been kept."""


def _over_title(message: AlertCard, voice: Voice, case: dict[str, str]) -> str:
    last = _last_over(message)
    at = last.over_at or last.since
    if last.due_at is None or last.measure is None or last.ending in _NOT_DONE:
        return voice.t.text("alert.title.over", **case, at=voice.moment(at))
    late = at - last.due_at
    return voice.t.text(
        "alert.title.over_late" if late.total_seconds() > 0 else "alert.title.over_in_time",
        **case,
        measure=voice.label("measure", last.measure),
        at=voice.moment(at),
        late=voice.length(abs(late)),
    )


def _last_over(message: AlertCard) -> CardConcern:
    """What ended last; of several at once, the promise."""
    return max(message.concerns, key=lambda c: (c.over_at or c.since, c.measure is not None))


def _facts(message: AlertCard, voice: Voice) -> list[str]:
    live = [c for c in message.concerns if c.over_at is None]
    facts = [_arrived(message, live, voice)]
    in_title = live[0] if live else _last_over(message)
    taken = message.state == "acknowledged"
    whole = bool(live) and (message.state != "open" or message.escalated)
    for concern in message.concerns:
        said = concern is in_title and (whole or concern.kind != "warning" or bool(concern.over_at))
        if taken and concern.kind == "ownerless" and concern.over_at is None:
            continue
        if not said or concern.ending in _NOT_DONE:
            facts.append(line(concern, voice))
        elif concern.over_by is not None:
            facts.append(voice.t.text("alert.line.by", person=voice.person(concern.over_by)))
        if concern.excused is not None:
            facts.append(voice.t.text("alert.line.excused", name=escape(concern.excused)))
    if not live:
        return facts
    if message.owner is not None or not _owner_is_said(message):
        facts.append(_owner(message, voice))
    if message.noticed_late_seconds >= 60:
        facts.append(voice.t.text("alert.noticed_late", late=voice.length(message.noticed_late_seconds)))
    if message.state != "acknowledged":
        facts += _who_is_told(message, voice)
    elif message.level == "given":
        facts.append(voice.t.text("alert.told.given"))
    return facts


def _owner_is_said(message: AlertCard) -> bool:
    """Whether the card says already that nobody owned the case, or who has it now."""
    return message.state == "acknowledged" or any(c.kind == "ownerless" for c in message.concerns)


def _who_is_told(message: AlertCard, voice: Voice) -> list[str]:
    facts = []
    if message.grouped:
        facts.append(voice.t.text("alert.grouped"))
    if message.passed_over:
        facts.append(_passed_over(message.passed_over, voice))
    told = f"alert.told.{message.level}"
    if voice.direct and message.level is not None and voice.t.has(told):
        facts.append(voice.t.text(told))
    if message.next_level is not None and message.next_at is not None:
        at = voice.moment(message.next_at)
        if message.next_level == "repeat":
            facts.append(voice.t.text("alert.next_repeat", at=at))
        elif message.next_level == "breach":
            facts.append(voice.t.text("alert.next_breach", at=at))
        else:
            facts.append(voice.t.text("alert.next", level=level_name(message.next_level, voice), at=at))
    if message.mention:
        people = voice.f.join([voice.person(who) for who in message.mention])
        facts.append(voice.t.text("alert.on_duty", people=people))
    return facts


def _arrived(message: AlertCard, live: list[CardConcern], voice: Voice) -> str:
    due = next((c.due_at for c in (live or message.concerns) if c.due_at is not None), None)
    known = {"priority": voice.label("priority", message.priority), "opened": voice.moment(message.opened_at)}
    if due is None:
        text = voice.t.text("alert.arrived", **known)
    else:
        text = voice.t.text(
            "alert.arrived_due",
            **known,
            due=voice.moment(due),
            allowed=voice.length(due - message.opened_at),
        )
    flags = []
    if message.priority == "urgent":
        flags.append(voice.t.text("alert.flag.urgent"))
    if message.complaint:
        flags.append(voice.t.text("alert.flag.complaint"))
    if _AGITATED in message.tags:
        flags.append(voice.t.text("alert.flag.agitated"))
    return " ".join([*flags, text])


def _owner(message: AlertCard, voice: Voice) -> str:
    if message.owner is None:
        return voice.t.text("alert.no_owner")
    person = voice.person(message.owner)
    if message.away is None:
        return voice.t.text("alert.owner", person=person)
    if message.away.why in ("break", "session") and message.away.until is not None:
        key = f"alert.owner_{message.away.why}"
        return voice.t.text(key, person=person, until=voice.moment(message.away.until))
    if message.away.why == "unlinked":
        return voice.t.text("alert.owner_unlinked", person=person)
    return voice.t.text("alert.owner_off_shift", person=person)


def _data_age(message: AlertCard, voice: Voice) -> str:
    if message.cause is not None:
        return age_line(message.cause.age, voice)
    if message.heard_at is None:
        return voice.t.text("alert.heard_never")
    age = max(0.0, (voice.now - message.heard_at).total_seconds())
    return voice.t.text("alert.heard_at", at=voice.moment(message.heard_at), age=voice.length(age))


# -- parts of both ------------------------------------------------------------------------------------------


def line(concern: CardConcern, voice: Voice) -> str:
    """One concern in a sentence."""
    if concern.over_at is not None:
        return _over_line(concern, voice)
    key = f"alert.line.{concern.kind}"
    share = "" if concern.fraction is None else voice.f.percent(concern.fraction)
    return voice.t.text(
        key if voice.t.has(key) else "alert.line.other", **_times(concern, voice), share=share
    )


def _over_line(concern: CardConcern, voice: Voice) -> str:
    at = concern.over_at or concern.since
    if concern.ending in _NOT_DONE and concern.measure is not None:
        measure = voice.label("measure", concern.measure)
        return voice.t.text(f"alert.line.{concern.ending}", measure=measure, at=voice.moment(at))
    if concern.measure is None or concern.due_at is None:
        key = f"alert.line.{concern.kind}"
        key = key if voice.t.has(key) else "alert.line.other"
        what = voice.t.text(key, **_times(concern, voice), share="")
        text = voice.t.text("alert.line.over", what=what, at=voice.moment(at))
    else:
        late = at - concern.due_at
        key = "alert.line.over_late" if late.total_seconds() > 0 else "alert.line.over_in_time"
        text = voice.t.text(
            key,
            measure=voice.label("measure", concern.measure),
            at=voice.moment(at),
            late=voice.length(abs(late)),
        )
    if concern.over_by is not None:
        text = f"{text} {voice.t.text('alert.line.by', person=voice.person(concern.over_by))}"
    return text


def _times(concern: CardConcern, voice: Voice) -> dict[str, str]:
    due = concern.due_at or concern.since
    return {
        "measure": "" if concern.measure is None else voice.label("measure", concern.measure),
        "due": voice.moment(due),
        "at": voice.moment(concern.since),
        "late": voice.length(max(0.0, (voice.now - due).total_seconds())),
        "left": voice.length(max(0.0, (due - voice.now).total_seconds())),
    }


def _sentence(message: AlertNews, voice: Voice) -> str:
    ref = voice.ref(message.ref)
    what = "" if message.concern is None else line(message.concern, voice)
    if message.what == "ended":
        return voice.t.text("alert.news.over" if message.over else "alert.news.ended", ref=ref, what=what)
    if message.what == "broken" and message.concern is not None and message.concern.kind != "breach":
        return voice.t.text("alert.news.raised", ref=ref, what=what)
    key = f"alert.news.{message.what}"
    return voice.t.text(
        key if voice.t.has(key) else "alert.news.ended",
        ref=ref,
        what=what,
        at=voice.f.time(message.at, seconds=True),
        person="" if message.by is None else voice.person(message.by),
        level="" if message.level is None else level_name(message.level, voice),
        to="" if message.to is None else voice.person(message.to),
        until="" if message.until is None else voice.moment(message.until),
    )


def _passed_over(levels: tuple[str, ...], voice: Voice) -> str:
    return voice.t.text(
        "alert.passed_over", levels=voice.f.join([level_name(name, voice) for name in levels])
    )


def level_name(name: str, voice: Voice) -> str:
    """A level of the escalation, as it stands inside a sentence."""
    key = f"alert.level.{name}"
    return voice.t.text(key) if voice.t.has(key) else escape(name)


def _zone(queue: str, voice: Voice) -> list[str]:
    note = voice.zone_note([queue])
    return [] if note is None else [note]
