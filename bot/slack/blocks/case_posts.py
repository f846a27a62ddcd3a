"""Posts and direct messages about records and what people do about a case."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from slack_sdk.models.blocks import Block

from bot.core.records_messages import (
    ApprovalAsked,
    ApprovalDecided,
    CaseEscalated,
    ChaseReminder,
    ComplaintAssigned,
    ComplaintRaised,
    HandedOver,
    HandOverAnswered,
    OrphanCase,
    OrphanCases,
    RecordDue,
    RecordsMessage,
)
from bot.slack.blocks.kit import actions, button, code, context, cut, escape, lines, section
from bot.slack.blocks.voice import Voice

__all__ = [
    "ANSWERED",
    "APPROVE",
    "CONFIRMED",
    "DECLINE",
    "GIVE",
    "LOG",
    "SHOW",
    "SUMMARY",
    "UNBLOCKED",
    "WORDS",
    "blocks",
]

_USER_GROUP = re.compile(r"S[A-Z0-9]{5,}")

LOG = "record.log"
"""Opens the form of a case; the value is its reference."""
ANSWERED = "hand_over.answered"
SUMMARY = "hand_over.summary"
"""Shows what is known, to whoever presses alone: it is never posted."""
UNBLOCKED = "block.unblocked"
GIVE = "complaint.give"
"""Gives a complaint away; the value is ``reference agent``."""
APPROVE = "approval.approve"
DECLINE = "approval.decline"
WORDS = "approval.words"
"""Shows what is to be agreed to, to whoever presses."""
SHOW = "case.show"
CONFIRMED = "case.confirmed"
"""The customer confirmed their data; the value is the case."""


def blocks(kind: RecordsMessage, voice: Voice) -> list[Block]:
    """A message of this topic, in the reader's language."""
    return _RENDERERS[type(kind)](kind, voice)


def _record_due(message: RecordDue, voice: Voice) -> list[Block]:
    title = voice.t.text(
        "case.record_due.title",
        ref=voice.ref(message.ref),
        ended=voice.moment(message.ended_at),
        within=voice.length(message.within_seconds),
    )
    press = button(voice.t.text("case.button.log"), action=LOG, value=_value(message.ref), style="primary")
    hint = voice.t.text("case.or_command", command=code(f"/muster log {message.ref}"))
    return [
        section(title),
        actions(f"record:{_value(message.ref)}", press),
        context(hint, *_zone(message.queue, voice)),
    ]


def _handed_over(message: HandedOver, voice: Voice) -> list[Block]:
    key = "case.handed_over.feedback" if message.feedback else "case.handed_over.title"
    if message.priority == "urgent":
        key = "case.handed_over.urgent"
    title = voice.t.text(
        key,
        ref=voice.ref(message.ref),
        department=escape(message.department),
        expected=voice.moment(message.expected_at),
    )
    facts = [
        voice.t.text(
            "case.handed_over.facts",
            type=voice.label("type", message.type),
            priority=voice.label("priority", message.priority),
            person=voice.person(message.asked_by),
            at=voice.moment(message.asked_at),
        ),
    ]
    if message.user_group is not None and _USER_GROUP.fullmatch(message.user_group):
        facts.append(voice.t.text("case.handed_over.group", group=f"<!subteam^{message.user_group}>"))
    if message.on_shift:
        people = voice.f.join([voice.person(p) for p in message.on_shift])
        facts.append(voice.t.text("case.handed_over.on_shift", people=people))
    if message.tags:
        tags = voice.f.join([voice.label("tag", tag) for tag in message.tags])
        facts.append(voice.t.text("case.tags", tags=tags))
    press = button(
        voice.t.text("case.button.answered"), action=ANSWERED, value=str(message.hand_over), style="primary"
    )
    buttons = [press]
    if not message.feedback:
        buttons.append(
            button(voice.t.text("case.button.summary"), action=SUMMARY, value=str(message.hand_over))
        )
    note = _zone(message.queue, voice)
    return [
        section(title),
        section("\n".join(facts)),
        actions(f"hand_over:{message.hand_over}", *buttons),
        *([context(*note)] if note else []),
    ]


def _hand_over_answered(message: HandOverAnswered, voice: Voice) -> list[Block]:
    late = message.answered_at - message.expected_at
    key = "case.hand_over_answered.late" if late.total_seconds() > 0 else "case.hand_over_answered.title"
    title = voice.t.text(
        key,
        ref=voice.ref(message.ref),
        department=escape(message.department),
        person=voice.person(message.answered_by),
        at=voice.moment(message.answered_at),
        late=voice.length(abs(late)),
    )
    return [section(title), *_note(message.queue, voice)]


def _chase(message: ChaseReminder, voice: Voice) -> list[Block]:
    title = voice.t.text(
        "case.chase.title",
        ref=voice.ref(message.ref),
        department=escape(message.department),
        waited=voice.length(voice.now - message.since),
    )
    facts = voice.t.text("case.chase.facts", since=voice.moment(message.since), n=message.told)
    press = button(voice.t.text("case.button.unblocked"), action=UNBLOCKED, value=str(message.block))
    hint = voice.t.text("case.or_command", command=code(f"/muster unblocked {message.ref}"))
    return [
        section(title),
        section(facts),
        actions(f"block:{message.block}", press),
        context(hint, *_zone(message.queue, voice)),
    ]


def _complaint(message: ComplaintRaised, voice: Voice) -> list[Block]:
    title = voice.t.text(
        "case.complaint.title",
        ref=voice.ref(message.ref),
        queue=voice.queue(message.queue),
        priority=voice.label("priority", message.priority),
        opened=voice.moment(message.opened_at),
    )
    facts: list[str] = []
    about = message.complained_about
    if about is not None:
        facts.append(voice.t.text("case.complaint.about", person=voice.person(about)))
    if message.owner is not None:
        wrong = message.owner == about
        key = "case.complaint.wrong_owner" if wrong else "case.complaint.owner"
        facts.append(voice.t.text(key, person=voice.person(message.owner)))
    if not message.skilled:
        if message.nobody_until is None:
            facts.append(voice.t.text("case.complaint.nobody"))
        else:
            until = voice.moment(message.nobody_until)
            facts.append(voice.t.text("case.complaint.nobody_until", until=until))
    shown: list[Block] = [section(title)]
    buttons = []
    if message.proposed is not None:
        key = "case.complaint.propose" if message.skilled else "case.complaint.propose_lead"
        facts.append(voice.t.text(key, person=voice.person(message.proposed)))
        buttons.append(
            button(
                voice.t.text("case.button.give"),
                action=GIVE,
                value=f"{_value(message.ref)} {_value(message.proposed)}",
                style="primary",
            )
        )
    buttons.append(button(voice.t.text("case.button.show"), action=SHOW, value=_value(message.ref)))
    if facts:
        shown.append(section("\n".join(facts)))
    shown.append(actions(f"complaint:{_value(message.ref)}", *buttons))
    hint = voice.t.text("case.or_command", command=code(f"/muster give {message.ref} @"))
    shown.append(context(hint, *_zone(message.queue, voice)))
    return shown


def _complaint_assigned(message: ComplaintAssigned, voice: Voice) -> list[Block]:
    title = voice.t.text(
        "case.complaint.given",
        ref=voice.ref(message.ref),
        owner=voice.person(message.owner),
        person=voice.person(message.by),
        at=voice.f.time(message.at, seconds=True),
    )
    return [section(title), *_note(message.queue, voice)]


def _escalated(message: CaseEscalated, voice: Voice) -> list[Block]:
    title = voice.t.text(
        "case.escalated.title",
        ref=voice.ref(message.ref),
        queue=voice.queue(message.queue),
        level=voice.label("level", message.level),
        priority=voice.label("priority", message.priority),
        reason=voice.label("reason", message.reason),
    )
    facts = [voice.t.text("case.escalated.by", person=voice.person(message.by), at=voice.moment(message.at))]
    if message.nobody_on_duty:
        facts.append(voice.t.text("case.escalated.nobody"))
    press = button(voice.t.text("case.button.show"), action=SHOW, value=_value(message.ref))
    return [
        section(title),
        section("\n".join(facts)),
        actions(f"escalated:{_value(message.ref)}", press),
        *_note(message.queue, voice),
    ]


def _approval(message: ApprovalAsked, voice: Voice) -> list[Block]:
    title = voice.t.text(
        "case.approval.title",
        ref=voice.ref(message.ref),
        code=voice.label("solution", message.code),
        person=voice.person(message.asked_by),
    )
    facts = voice.t.text(
        "case.approval.facts", tell_by=voice.moment(message.tell_by), at=voice.moment(message.asked_at)
    )
    number = str(message.approval)
    return [
        section(title),
        section(facts),
        actions(
            f"approval:{number}",
            button(voice.t.text("case.button.approve"), action=APPROVE, value=number, style="primary"),
            button(voice.t.text("case.button.decline"), action=DECLINE, value=number, style="danger"),
            button(voice.t.text("case.button.words"), action=WORDS, value=number),
        ),
        *_note(message.queue, voice),
    ]


def _approval_decided(message: ApprovalDecided, voice: Voice) -> list[Block]:
    key = "case.approval.approved" if message.approved else "case.approval.declined"
    title = voice.t.text(
        key,
        ref=voice.ref(message.ref),
        code=voice.label("solution", message.code),
        person=voice.person(message.decided_by),
        at=voice.f.time(message.decided_at, seconds=True),
    )
    facts = voice.t.text(
        "case.approval.tell", person=voice.person(message.asked_by), tell_by=voice.moment(message.tell_by)
    )
    return [section(title), section(facts), *_note(message.queue, voice)]


def _orphans(message: OrphanCases, voice: Voice) -> list[Block]:
    title = voice.t.plural("case.orphans.title", message.total, team=escape(message.team))
    rows = [_orphan(case, voice) for case in message.cases]
    left = message.total - len(message.cases)
    if left > 0:
        rows.append(voice.t.plural("case.orphans.more", left))
    hint = voice.t.text("case.orphans.next", command=code("/muster case GD…"))
    return [
        section(title),
        section(lines(rows)),
        context(hint, *_zone(message.cases[0].queue if message.cases else "", voice)),
    ]


def _orphan(case: OrphanCase, voice: Voice) -> str:
    return voice.t.text(
        f"case.orphan.{case.reason}",
        ref=voice.ref(case.ref),
        queue=voice.queue(case.queue),
        priority=voice.label("priority", case.priority),
        quiet=voice.length(voice.now - case.since),
        owner="–" if case.owner is None else voice.person(case.owner),
    )


def _value(ref: str) -> str:
    """A reference as a button carries it: ours are 64 characters at most."""
    return cut(ref, 64) or "?"


def _zone(queue: str, voice: Voice) -> list[str]:
    note = voice.zone_note([queue])
    return [] if note is None else [note]


def _note(queue: str, voice: Voice) -> list[Block]:
    note = _zone(queue, voice)
    return [context(*note)] if note else []


_RENDERERS: dict[type[Any], Callable[[Any, Voice], list[Block]]] = {
    RecordDue: _record_due,
    HandedOver: _handed_over,
    HandOverAnswered: _hand_over_answered,
    ChaseReminder: _chase,
    ComplaintRaised: _complaint,
    ComplaintAssigned: _complaint_assigned,
    CaseEscalated: _escalated,
    ApprovalAsked: _approval,
    ApprovalDecided: _approval_decided,
    OrphanCases: _orphans,
}
