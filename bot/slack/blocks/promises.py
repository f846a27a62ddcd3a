"""Promises: reminder, breach, owner off shift, handed over, over; and the delay notice to a customer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from slack_sdk.models.blocks import Block
from slack_sdk.models.blocks.block_elements import ButtonElement

from bot.core.outgoing_text import overpromises
from bot.core.promise_messages import (
    Colleague,
    CustomerUntold,
    DelayNotice,
    PromiseBroken,
    PromiseHanded,
    PromiseMessage,
    PromiseOver,
    PromiseOwnerOff,
    PromiseReminder,
)
from bot.i18n.catalog import LOCALES, Translator
from bot.i18n.formats import Formats
from bot.slack.blocks.kit import actions, button, code, context, escape, section
from bot.slack.blocks.voice import Voice

__all__ = [
    "HAND",
    "HAND_TO",
    "KEEP",
    "MOVE",
    "NOTICE_SENT",
    "blocks",
    "choices",
    "customer_time",
    "hand_to",
    "handler_text",
    "notice",
    "notice_text",
    "until",
    "warnings",
]

KEEP, MOVE, HAND = "promise.keep", "promise.move", "promise.hand"
"""Action ids; the value is the promise's number."""
HAND_TO = ("promise.hand_to.1", "promise.hand_to.2", "promise.hand_to.3")
"""Value: the promise's number and the colleague.  One id each: a block may not repeat one."""
NOTICE_SENT = tuple(f"promise.notice_sent.{n}" for n in (1, 2, 3, 4))
"""Value: which notice, and whose promise its new time is."""


def blocks(kind: PromiseMessage, voice: Voice) -> list[Block]:
    """Each kind as its reader gets it."""
    match kind:
        case PromiseReminder():
            return _reminder(kind, voice)
        case PromiseBroken():
            return _broken(kind, voice)
        case PromiseOwnerOff():
            return _owner_off(kind, voice)
        case PromiseHanded():
            return _handed(kind, voice)
        case PromiseOver():
            return _over(kind, voice)
        case CustomerUntold():
            return _untold(kind, voice)
        case DelayNotice():
            return notice(kind, voice)


def choices(promise: int, voice: Voice) -> list[Block]:
    """The three things to do about a promise, as buttons and as a command."""
    t, value = voice.t, str(promise)
    hint = t.text("promise.or_command", command=code(f"/muster promise kept {promise}"))
    return [
        actions(
            f"promise:{promise}",
            button(t.text("promise.button.keep"), action=KEEP, value=value, style="primary"),
            button(t.text("promise.button.move"), action=MOVE, value=value),
            button(t.text("promise.button.hand"), action=HAND, value=value),
        ),
        context(hint),
    ]


def hand_to(promise: int, colleagues: Sequence[Colleague], voice: Voice) -> list[Block]:
    """A button for each colleague; nothing where there is none."""
    if not colleagues:
        return []
    buttons: list[ButtonElement] = []
    for action, one in zip(HAND_TO, colleagues, strict=False):
        label = voice.t.text("promise.button.hand_to", agent=one.agent)
        buttons.append(button(label, action=action, value=f"{promise}|{one.agent}"))
    return [actions(f"promise:{promise}:hand", *buttons)]


def until(colleagues: Sequence[Colleague], voice: Voice) -> str:
    """``chen (until 22:00) and di (until 20:00)``."""
    return voice.f.join(
        [
            voice.t.text("promise.until", person=voice.person(c.agent), until=voice.moment(c.until))
            for c in colleagues
        ]
    )


def notice(message: DelayNotice, voice: Voice) -> list[Block]:
    """The filled-in words, why, and the buttons that log them as sent."""
    t = voice.t
    title = t.text(
        "promise.notice.title",
        ref=voice.ref(message.ref),
        measure=voice.label("measure", message.measure),
        due=voice.moment(message.due_at),
    )
    why = _why(message, voice)
    others = [locale for locale in LOCALES if locale != message.language]
    quoted = "> " + notice_text(message, message.language, voice)
    found: list[Block] = [section(title)]
    if why:
        found.append(section(why))
    found += [section(t.text("promise.notice.send")), section(quoted)]
    found += [context("> " + notice_text(message, locale, voice)) for locale in others]
    texts = [notice_text(message, locale, voice) for locale in LOCALES]
    found += [section(text) for text in warnings("\n".join(texts), voice)]
    found.append(actions(f"notice:{message.ref}"[:255], *_sent_buttons(message, voice)))
    command = code(f"/muster notice {message.ref} {t.text('promise.notice.example')}")
    found.append(context(t.text("promise.notice.other_time", command=command)))
    return found


def notice_text(message: DelayNotice, language: str, voice: Voice) -> str:
    """What the customer reads, in their language and the queue's own time."""
    key = "resolution" if message.measure == "resolution" else "response"
    t = Translator(language)
    by = customer_time(message.new_at, message.queue, language, voice)
    return t.text(f"promise.notice.text_{key}", ref=escape(message.ref), by=by)


def handler_text(ref: str, name: str, due_at: datetime, queue: str, language: str, voice: Voice) -> str:
    """ES12: who handles the complaint, as the customer is told."""
    by = customer_time(due_at, queue, language, voice)
    return Translator(language).text("promise.handler_text", ref=escape(ref), name=escape(name), by=by)


def warnings(text: str, voice: Voice) -> list[str]:
    """CP10: what a text for a customer promises too much, each with something better to say."""
    return [
        voice.t.text(
            "promise.overpromised" if f.better else "promise.overpromised_bare",
            phrase=escape(f.phrase, 100),
            better=escape(f.better, 200),
        )
        for f in overpromises(text, voice.settings.promises.forbidden)
    ]


def customer_time(at: datetime, queue: str, language: str, voice: Voice) -> str:
    """``18:00 today`` on the wall of the queue."""
    t, f = Translator(language), Formats(language, voice.zone_of(queue) or voice.f.zone)
    days = (f.local_day(at) - f.local_day(voice.now)).days
    if days in (0, 1):
        return t.text("promise.notice.today" if days == 0 else "promise.notice.tomorrow", time=f.time(at))
    return t.text("promise.notice.on_day", time=f.time(at), day=f.day(f.local_day(at)))


def _sent_buttons(message: DelayNotice, voice: Voice) -> list[ButtonElement]:
    stamp = "|".join(
        (
            message.ref,
            message.measure,
            str(message.cycle),
            str(message.due_at.timestamp()),
            str(message.new_at.timestamp()),
        )
    )
    found = [
        button(voice.t.text("promise.button.sent"), action=NOTICE_SENT[0], value=f"{stamp}|", style="primary")
    ]
    for action, one in zip(NOTICE_SENT[1:], message.colleagues, strict=False):
        label = voice.t.text("promise.button.sent_for", agent=one.agent)
        found.append(button(label, action=action, value=f"{stamp}|{one.agent}"))
    return found


def _why(message: DelayNotice, voice: Voice) -> str:
    t = voice.t
    lines = []
    if message.wait_seconds is not None:
        lines.append(t.text("promise.notice.queue", wait=voice.length(message.wait_seconds)))
    if message.idle_since is not None:
        lines.append(t.text("promise.notice.idle", since=voice.moment(message.idle_since)))
    if message.owner is None:
        lines.append(t.text("promise.notice.no_owner"))
    elif message.leaves_at is not None:
        person, leaves = voice.person(message.owner), voice.moment(message.leaves_at)
        lines.append(t.text("promise.notice.leaves", person=person, leaves=leaves))
    if message.colleagues:
        lines.append(t.text("promise.notice.suggest", people=until(message.colleagues, voice)))
    return "\n".join(lines)


def _title(key: str, message: PromiseMessage, voice: Voice, **data: object) -> str:
    assert not isinstance(message, CustomerUntold | DelayNotice)
    return voice.t.text(
        key,
        number=message.promise,
        ref=voice.ref(message.ref),
        kind=voice.t.text(f"promise.kind.{message.kind}"),
        due=voice.moment(message.due_at),
        **data,
    )


def _reminder(message: PromiseReminder, voice: Voice) -> list[Block]:
    left = max(0.0, (message.due_at - voice.now).total_seconds())
    title = _title("promise.reminder.title", message, voice, left=voice.length(left))
    found: list[Block] = [section(title)]
    if message.to_lead:
        text = voice.t.text("promise.owner_not_here", person=voice.person(message.owner))
        found.append(section(text))
    return [*found, *choices(message.promise, voice), *_zone(message, voice)]


def _broken(message: PromiseBroken, voice: Voice) -> list[Block]:
    late = max(0.0, (voice.now - message.due_at).total_seconds())
    title = _title("promise.broken.title", message, voice, late=voice.length(late))
    facts = [voice.t.text("promise.owner", person=voice.person(message.owner))]
    if message.noticed_late_seconds:
        facts.append(voice.t.text("alert.noticed_late", late=voice.length(message.noticed_late_seconds)))
    if message.nobody_on_duty:
        facts.append(voice.t.text("promise.last_resort"))
    return [
        section(title),
        section("\n".join(facts)),
        *choices(message.promise, voice),
        *_zone(message, voice),
    ]


def _owner_off(message: PromiseOwnerOff, voice: Voice) -> list[Block]:
    person = voice.person(message.owner)
    title = _title("promise.owner_off.title", message, voice, person=person)
    if message.absent:
        facts = [voice.t.text("promise.owner_absent", person=person)]
    elif message.leaves_at is not None:
        facts = [voice.t.text("promise.notice.leaves", person=person, leaves=voice.moment(message.leaves_at))]
    else:
        facts = [voice.t.text("promise.owner_not_rostered", person=person)]
    if message.colleagues:
        facts.append(voice.t.text("promise.notice.suggest", people=until(message.colleagues, voice)))
    else:
        facts.append(voice.t.text("promise.no_colleague"))
    if message.nobody_on_duty:
        facts.append(voice.t.text("promise.last_resort"))
    command = code(f"/muster promise hand {message.promise} @…")
    hint = context(voice.t.text("promise.or_command", command=command))
    return [
        section(title),
        section("\n".join(facts)),
        *hand_to(message.promise, message.colleagues, voice),
        hint,
        *_zone(message, voice),
    ]


def _handed(message: PromiseHanded, voice: Voice) -> list[Block]:
    key = "promise.handed.broken" if message.broken else "promise.handed.title"
    title = _title(key, message, voice, person=voice.person(message.by))
    return [section(title), *choices(message.promise, voice), *_zone(message, voice)]


def _over(message: PromiseOver, voice: Voice) -> list[Block]:
    owner = "" if message.owner is None else voice.person(message.owner)
    person, at = voice.person(message.by), voice.moment(message.at)
    title = _title(f"promise.over.{message.state}", message, voice, person=person, at=at, owner=owner)
    return [section(title), *_zone(message, voice)]


def _untold(message: CustomerUntold, voice: Voice) -> list[Block]:
    t = voice.t
    key = "promise.untold.never" if message.told_at is None else "promise.untold.since"
    since = message.told_at or message.opened_at
    title = t.text(
        key,
        ref=voice.ref(message.ref),
        type=voice.label("contact_type", message.type),
        since=voice.moment(since),
        age=voice.length((voice.now - since).total_seconds()),
    )
    found: list[Block] = [section(title)]
    if message.to_lead:
        found.append(section(t.text("promise.owner_not_here", person=voice.person(message.owner))))
    press = button(t.text("promise.button.told"), action=KEEP, value=str(message.promise), style="primary")
    hand = button(t.text("promise.button.hand"), action=HAND, value=str(message.promise))
    hint = t.text("promise.or_command", command=code(f"/muster promise kept {message.promise}"))
    return [*found, actions(f"promise:{message.promise}", press, hand), context(hint), *_zone(message, voice)]


def _zone(message: PromiseMessage, voice: Voice) -> list[Block]:
    note = voice.zone_note([message.queue])
    return [] if note is None else [context(note)]
