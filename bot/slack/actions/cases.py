"""Buttons on posts about cases: open the form, answered, free again, give, approve, show."""

from __future__ import annotations

from datetime import datetime

from bot.core.case_work import ApprovalState
from bot.core.errors import RefusedError
from bot.core.ids import AgentId
from bot.slack.blocks.case_file import case_file
from bot.slack.blocks.form import Form
from bot.slack.blocks.kit import Content, code, escape, message, section
from bot.slack.commands.command import Asked
from bot.slack.commands.viewer import viewer_of
from bot.slack.modals.log import open_form
from bot.usecases import chase, customer_data, escalate_case, give_complaint, hand_over
from bot.usecases.case_files import read_case

__all__ = [
    "answered",
    "approve",
    "confirmed",
    "decline",
    "give",
    "log",
    "show",
    "summary",
    "unblocked",
    "words",
]

_DIGITS = 15
WORDS_CHARACTERS = 2_500


def log(asked: Asked) -> Form:
    """Open the form of the case the button is about."""
    return open_form(asked, asked.argument)


def show(asked: Asked) -> Content:
    file = read_case(
        asked.desk.store, asked.desk.settings, asked.argument, viewer=viewer_of(asked), now=asked.now
    )
    return case_file(file, asked.voice)


def confirmed(asked: Asked) -> Content:
    """The customer said that the data is right; to whoever presses alone."""
    ref = customer_data.confirm(
        asked.desk.store, asked.desk.settings, asked.argument, viewer=viewer_of(asked), now=asked.now
    )
    said = asked.t.text("case.customer_confirmed", ref=asked.voice.ref(ref), at=asked.voice.moment(asked.now))
    return message([section(said)])


def answered(asked: Asked) -> Content | None:
    """The department has answered.  None for the first who says so, whose answer is the edited post."""
    result = hand_over.answer_hand_over(
        asked.desk.store,
        asked.desk.settings,
        _number(asked),
        by=asked.person.actor,
        now=asked.now,
    )
    asked.desk.nudge()
    return None if result.won else _was_first(asked, result.by, result.at)


def summary(asked: Asked) -> Content:
    """What is known about a case that was handed over, to whoever presses alone."""
    handed = hand_over.read_hand_over(asked.desk.store, _number(asked), by=asked.person.actor, now=asked.now)
    key = "case.summary" if handed.summary else "case.summary_none"
    said = asked.t.text(
        key, ref=asked.voice.ref(handed.ref), summary=escape(handed.summary, WORDS_CHARACTERS)
    )
    return message([section(said)])


def unblocked(asked: Asked) -> Content:
    named = chase.case_of_block(asked.desk.store, _number(asked))
    block = chase.unblock_case(
        asked.desk.store, asked.desk.settings, named, viewer=viewer_of(asked), now=asked.now
    )
    waited = asked.voice.length(asked.now - block.since)
    return message([section(asked.t.text("case.unblocked", ref=asked.voice.ref(block.ref), waited=waited))])


def give(asked: Asked) -> Content | None:
    """Give the complaint to the one proposed.  None for the first, whose answer is the edited card."""
    named, _, agent = asked.argument.partition(" ")
    given = give_complaint.give_complaint(
        asked.desk.store,
        asked.desk.settings,
        named,
        AgentId(agent),
        viewer=viewer_of(asked),
        now=asked.now,
    )
    asked.desk.nudge()
    if given.won:
        return None
    person = asked.voice.person(given.owner)
    return message([section(asked.t.text("case.given_already", ref=code(named), person=person))])


def approve(asked: Asked) -> Content | None:
    return _decide(asked, approve=True)


def decline(asked: Asked) -> Content | None:
    return _decide(asked, approve=False)


def words(asked: Asked) -> Content:
    """What is to be agreed to, in words, to whoever may decide it."""
    approval = escalate_case.read_approval(
        asked.desk.store, asked.desk.settings, _number(asked), viewer=viewer_of(asked), now=asked.now
    )
    return message([
        section(asked.t.text("case.approval.words", ref=asked.voice.ref(approval.ref))),
        section(escape(approval.solution, WORDS_CHARACTERS)),
    ])  # fmt: skip


def _decide(asked: Asked, *, approve: bool) -> Content | None:
    decided = escalate_case.decide_approval(
        asked.desk.store,
        asked.desk.settings,
        _number(asked),
        approve=approve,
        viewer=viewer_of(asked),
        now=asked.now,
    )
    asked.desk.nudge()
    if decided.won:
        return None
    approval = decided.approval
    key = "approved" if approval.state is ApprovalState.APPROVED else "declined"
    return message([
        section(
            asked.t.text(
                f"case.approval.was_{key}",
                person=asked.voice.person(approval.decided_by or ""),
                at=_at(asked, approval.decided_at or asked.now),
            )
        )
    ])  # fmt: skip


def _was_first(asked: Asked, by: str, at: datetime) -> Content:
    said = asked.t.text("case.was_answered", person=asked.voice.person(by), at=_at(asked, at))
    return message([section(said)])


def _at(asked: Asked, at: datetime) -> str:
    today = asked.f.local_day(at) == asked.f.local_day(asked.now)
    return asked.f.time(at, seconds=True) if today else asked.f.moment(at)


def _number(asked: Asked) -> int:
    given = asked.argument.strip()
    if not given.isascii() or not given.isdigit() or len(given) > _DIGITS:
        raise RefusedError("button_broken", "this button is none of ours; nothing was changed.")
    return int(given)
