"""Why a case is due when it is, and declared exceptions: `/muster sla`, `/muster exception`."""

from __future__ import annotations

from datetime import timedelta

from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import ContactRef, QueueId, TeamId, WindowId
from bot.core.people import which_team
from bot.core.permissions import Action
from bot.core.time_phrases import leading_time
from bot.reports.sla_text import explanation_lines
from bot.slack.blocks.kit import Content, code, context, escape, lines, message, section
from bot.slack.blocks.times import understood_as
from bot.slack.commands.command import Asked, Subcommand
from bot.usecases import declare_exception
from bot.usecases.review_sla import explain_case

__all__ = ["EXCEPTION", "exception", "explain", "team_of"]

_END = frozenset({"end", "stop", "结束"})


def explain(asked: Asked, usage: str = "/muster sla GD20261124001") -> Content:
    """The arithmetic of every promise on a case, line by line."""
    ref = asked.argument.strip().strip("`")
    if not ref:
        raise RefusedError("case_needed", f"say which case; nothing was done. Write {usage}", usage=usage)
    asked.need(Action.CASE_SEE, ref=ref)
    found = explain_case(asked.desk.store, asked.desk.settings, ContactRef(ref))
    if not found:
        return message([section(asked.t.text("sla.explain.none", ref=code(ref)))])
    blocks = []
    for one in found:
        title, rows = explanation_lines(one, asked.t, asked.t.locale, asked.now)
        blocks.append(section(lines([f"*{escape(title, 300)}*", *(escape(row, 300) for row in rows)])))
    return message(blocks, shortened=asked.t.text("message.shortened"))


def exception(asked: Asked) -> Content:
    """Declare an exception window from now on, end one by its number, or list those declared."""
    word, _, rest = asked.argument.strip().partition(" ")
    if not word:
        return _listed(asked)
    if word.casefold() in _END and rest.strip().isascii() and rest.strip().isdigit():
        number = WindowId(int(rest.strip()[:15]))
        try:
            declare_exception.end(
                asked.desk.store, asked.desk.settings, number, by=asked.person.actor, now=asked.now
            )
        except NotFoundError as error:
            raise NotFoundError(
                "exception_unknown_here",
                f"exception {number} does not exist; nothing was changed. See: /muster exception",
                window=number,
            ) from error
        asked.desk.nudge()
        return message([section(asked.t.text("exception.over", number=number))])
    if not rest.strip():
        return message(
            [section(asked.t.text("exception.usage", example=code("/muster exception outage 16:00")))]
        )
    return _declared(asked, word, rest.strip())


def _declared(asked: Asked, reason: str, rest: str) -> Content:
    settings = asked.desk.settings
    team = settings.teams[team_of(asked)]
    # On the team's wall, wherever the lead is: the window is about the team's hours.
    understood, queue = leading_time(
        rest, calendar=settings.calendars[team.calendar], now=asked.now, zone=team.zone
    )
    window = declare_exception.declare(
        asked.desk.store,
        settings,
        team=team.team,
        queue=QueueId(queue) if queue else None,
        reason=reason,
        starts_at=asked.now,
        ends_at=understood.at,
        by=asked.person.actor,
        now=asked.now,
    )
    asked.desk.nudge()
    zone = asked.voice.zone_note([], always=team.zone != asked.f.zone)
    text = asked.t.text(
        "exception.done",
        number=window.window,
        queue=escape(window.queue) if window.queue else asked.t.text("exception.all_queues"),
        start=asked.f.moment(window.starts_at, reference=asked.now),
        end=asked.f.moment(window.ends_at, reference=asked.now),
        command=code(f"/muster exception end {window.window}"),
    )
    notes = [understood_as(asked.t, understood), *([zone] if zone else [])]
    return message([section(text), context(*notes)])


def _listed(asked: Asked) -> Content:
    with asked.desk.store.read() as uow:
        windows = uow.exception_windows.between(asked.now, asked.now + timedelta(days=3660))
    if not windows:
        return message([section(asked.t.text("exception.none"))])
    rows = [
        asked.t.text(
            "exception.line",
            number=w.window,
            queue=escape(w.queue) if w.queue else asked.t.text("exception.all_queues"),
            start=asked.f.moment(w.starts_at, reference=asked.now),
            end=asked.f.moment(w.ends_at, reference=asked.now),
            reason=escape(w.reason),
            person=asked.desk.names(w.declared_by),
        )
        for w in windows
    ]
    return message([section(lines(rows))])


def team_of(asked: Asked) -> TeamId:
    """The person's own team, or the only one.  Raises RefusedError."""
    teams = asked.desk.settings.teams
    if asked.person.agent is not None and asked.person.agent.team in teams:
        return asked.person.agent.team
    return which_team(teams, None)


EXCEPTION = Subcommand(
    name="exception",
    answer=exception,
    aliases=("例外",),
    usage="[REASON TIME [QUEUE] | end NUMBER]",
    action=Action.EXCEPTION_DECLARE,
    group="cases",
)
"""Subcommand of /muster and /sla."""
