"""/muster sick and absence: somebody cannot come; one step, and no reason is asked (SCENARIOS A11, L2)."""

from __future__ import annotations

from datetime import date

from bot.core.day_phrases import read_day
from bot.core.errors import NotAllowedError
from bot.core.people import Agent
from bot.core.permissions import Action
from bot.slack.blocks.kit import Content, context, message, section
from bot.slack.blocks.verdicts import shift_text
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.named import colleague, mentioned, without_mentions
from bot.slack.commands.swap import own
from bot.usecases import report_absence

__all__ = ["ABSENCE_COMMANDS"]


def sick(asked: Asked) -> Content:
    """The person's own shift of today, or of the day named, is off the list; the leads are told."""
    agent = own(asked)
    if colleague(asked, asked.argument) is not None:
        raise NotAllowedError(
            "absence_of_another",
            "You can report only yourself; leads: /muster absence @x. Nothing was changed.",
            action="absence.report",
        )
    reported = report_absence.report_and_propose(
        asked.desk.store,
        asked.desk.settings,
        agent.agent,
        by=agent.agent,
        now=asked.now,
        day=_day(asked, asked.argument),
    )
    asked.desk.nudge()
    key = "absence.ends_now" if reported.begun else "absence.noted"
    text = asked.t.text(key, shift=shift_text(reported.shift, asked.voice))
    return message([section(text), context(asked.t.text("absence.no_reason"))])


def absence(asked: Asked) -> Content:
    """A lead reports somebody else; the ways to mend come as a card."""
    person = mentioned(asked, asked.argument, "/muster absence @name [DAY]")
    asked.need(Action.SHIFTS_MEND, team=person.team)
    reported = report_absence.report_and_propose(
        asked.desk.store,
        asked.desk.settings,
        person.agent,
        by=asked.person.actor,
        now=asked.now,
        day=_day(asked, without_mentions(asked.argument)),
    )
    asked.desk.nudge()
    return message([section(_told(asked, person, reported))])


def _told(asked: Asked, person: Agent, reported: report_absence.Reported) -> str:
    return asked.t.text(
        "absence.reported",
        person=asked.voice.person(person.agent),
        shift=shift_text(reported.shift, asked.voice),
    )


def _day(asked: Asked, text: str) -> date | None:
    return read_day(text, asked.f.local_day(asked.now)) if text.strip() else None


ABSENCE_COMMANDS = (
    Subcommand(
        name="sick",
        answer=sick,
        aliases=("ill", "away", "病假", "生病", "缺勤"),
        group="shifts",
        action=Action.OWN_SHIFTS,
    ),
    Subcommand(
        name="absence",
        answer=absence,
        aliases=("absent", "报缺勤"),
        usage="@name",
        group="shifts",
        action=Action.SHIFTS_MEND,
    ),
)
"""Subcommands of /muster."""
