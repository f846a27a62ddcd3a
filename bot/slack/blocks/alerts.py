"""Alerts: warning, breach, escalation, and what their posts become when somebody takes them."""

from __future__ import annotations

from datetime import datetime

from slack_sdk.models.blocks import ActionsBlock, Block

from bot.core.messages import AlertOver, AlertTaken, Escalated, SlaBreach, SlaWarning
from bot.slack.blocks.cause import age_line, cause_lines
from bot.slack.blocks.kit import actions, button, code, context, section
from bot.slack.blocks.voice import Voice

__all__ = ["ACKNOWLEDGE", "breach", "escalated", "over", "taken", "warning"]

ACKNOWLEDGE = "alert.acknowledge"
"""The button's action id; its value is the alert's number."""

_Alert = SlaWarning | SlaBreach | AlertTaken | AlertOver | Escalated


def warning(message: SlaWarning, voice: Voice) -> list[Block]:
    """The time is running out."""
    late = voice.now >= message.due_at
    title = _title(
        "alert.warning.late" if late else "alert.warning.title",
        message,
        voice,
        left=voice.length(abs(message.due_at - voice.now)),
    )
    facts = [_arrived(message, voice), voice.t.text("alert.used", share=voice.f.percent(message.fraction))]
    facts.append(_owner(message.owner, voice))
    return [section(title), section("\n".join(facts)), *_answer(message, voice)]


def breach(message: SlaBreach, voice: Voice) -> list[Block]:
    """The promise is broken."""
    title = _title("alert.breach.title", message, voice, late=_since(message.due_at, voice))
    facts = [_arrived(message, voice), _owner(message.owner, voice)]
    cause = _cause(message, voice)
    if cause is not None:
        facts.append(cause)
    if message.noticed_late_seconds >= 60:
        facts.append(voice.t.text("alert.noticed_late", late=voice.length(message.noticed_late_seconds)))
    if message.cause is None:
        return [section(title), section("\n".join(facts)), *_answer(message, voice)]
    why = [section("\n".join(cause_lines(message.cause, voice))), context(age_line(message.cause.age, voice))]
    return [section(title), section("\n".join(facts)), *why, *_answer(message, voice)]


def escalated(message: Escalated, voice: Voice) -> list[Block]:
    """Nobody took it in time: the next person is told, and why this person."""
    title = _title("alert.escalated.title", message, voice, late=_since(message.due_at, voice))
    if message.nobody_on_duty:
        why = voice.t.text("alert.escalated.last_resort")
    elif voice.direct:
        why = voice.t.text("alert.escalated.on_duty")
    else:
        why = voice.t.text("alert.escalated.channel", step=message.step + 1)
    facts = [_arrived(message, voice), why]
    return [section(title), section("\n".join(facts)), *_answer(message, voice)]


def taken(message: AlertTaken, voice: Voice) -> list[Block]:
    """What the post becomes when somebody takes it: no button any more."""
    title = _title(
        "alert.taken.title",
        message,
        voice,
        person=voice.person(message.taken_by),
        at=voice.f.time(message.taken_at, seconds=True),
    )
    return [section(title), section(_arrived(message, voice)), *_small_print(message, voice)]


def over(message: AlertOver, voice: Voice) -> list[Block]:
    """What the post becomes when the contact was answered."""
    late = message.answered_at - message.due_at
    in_time = late.total_seconds() <= 0
    title = _title(
        "alert.over.in_time" if in_time else "alert.over.title",
        message,
        voice,
        at=voice.moment(message.answered_at),
        late=voice.length(abs(late)),
    )
    facts = [_arrived(message, voice)]
    if message.by is not None:
        facts.append(voice.t.text("alert.over.by", person=voice.person(message.by)))
    return [section(title), section("\n".join(facts)), *_small_print(message, voice)]


def _title(key: str, message: _Alert, voice: Voice, **data: object) -> str:
    return voice.t.text(
        key,
        ref=voice.ref(message.ref),
        queue=voice.queue(message.queue),
        measure=voice.label("measure", message.measure),
        due=voice.moment(message.due_at),
        **data,
    )


def _arrived(message: _Alert, voice: Voice) -> str:
    return voice.t.text(
        "alert.arrived",
        priority=voice.label("priority", message.priority),
        opened=voice.moment(message.opened_at),
        due=voice.moment(message.due_at),
        allowed=voice.length(message.due_at - message.opened_at),
    )


def _owner(owner: str | None, voice: Voice) -> str:
    if owner is None:
        return voice.t.text("alert.no_owner")
    return voice.t.text("alert.owner", person=voice.person(owner))


def _cause(message: SlaBreach, voice: Voice) -> str | None:
    if message.cause is not None or message.required is None or message.rostered is None:
        return None
    short = message.required - message.rostered
    key = "alert.cause.short" if short > 0 else "alert.cause.enough"
    return voice.t.text(key, required=message.required, rostered=message.rostered, short=short)


def _since(due_at: datetime, voice: Voice) -> str:
    return voice.length(max(0.0, (voice.now - due_at).total_seconds()))


def _answer(message: SlaWarning | SlaBreach | Escalated, voice: Voice) -> list[Block]:
    press = button(
        voice.t.text("alert.acknowledge"), action=ACKNOWLEDGE, value=str(message.alert), style="primary"
    )
    buttons: ActionsBlock = actions(f"alert:{message.alert}", press)
    hint = voice.t.text("alert.or_command", command=code(f"/muster take {message.alert}"))
    return [buttons, context(hint, *_zone(message, voice))]


def _small_print(message: AlertTaken | AlertOver, voice: Voice) -> list[Block]:
    notes = _zone(message, voice)
    return [context(*notes)] if notes else []


def _zone(message: _Alert, voice: Voice) -> list[str]:
    note = voice.zone_note([message.queue])
    return [] if note is None else [note]
