"""`muster roster repair`, `why` and `gaps`: mend the published roster, and say why it is as it is."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.planning import echo_json

if TYPE_CHECKING:
    from bot.core.people import Agent

__all__ = ["gaps", "repair", "why"]

_DAY = click.DateTime(["%Y-%m-%d"])
_JSON = click.option("--json", "as_json", is_flag=True, help="plan.help.json")


@click.command(help="repair.help.repair")
@click.option("--absent", metavar="AGENT", help="repair.help.absent")
@click.option("--day", "--from", "day", type=_DAY, help="repair.help.day")
@click.option("--apply", "number", type=click.IntRange(min=1), metavar="N", help="repair.help.apply")
@_JSON
@pass_cli
def repair(
    context: CliContext, absent: str | None, day: datetime | None, number: int | None, as_json: bool
) -> int:
    from bot.cli.changes_text import mended_json, mended_lines
    from bot.core.ids import AgentId
    from bot.core.permissions import Action
    from bot.usecases import repair_roster

    now, settings = context.now(), context.settings
    chosen = _date(context, day)
    who = None if absent is None else AgentId(absent)
    if number is None:
        mended = repair_roster.look(context.store, settings, day=chosen, absent=who, now=now)
    else:
        context.need(Action.ROSTER_PLAN)
        mended = repair_roster.apply(
            context.store, settings, day=chosen, absent=who, number=number, by=context.operator, now=now
        )
    if as_json:
        echo_json(mended_json(mended))
    else:
        for line in mended_lines(context, mended):
            click.echo(line)
    if number is None and mended.result.opened:
        absence = "" if absent is None else f" --absent {absent}"
        context.next(f"muster roster repair{absence} --day {chosen.isoformat()} --apply 1")
    return ExitCode.DONE


@click.command(help="repair.help.why")
@click.option("--agent", required=True, metavar="AGENT", help="repair.help.agent")
@click.option("--day", type=_DAY, required=True, help="repair.help.shift_day")
@click.option("--instead", metavar="TEMPLATE|off", help="repair.help.instead")
@_JSON
@pass_cli
def why(context: CliContext, agent: str, day: datetime, instead: str | None, as_json: bool) -> int:
    from bot.cli import changes_text
    from bot.core.errors import RefusedError
    from bot.usecases import explain_shift

    settings, store, now = context.settings, context.store, context.now()
    person = _agent(context, agent)
    if instead is None:
        found = explain_shift.reasons(store, settings, person, day.date(), now=now)
        if as_json:
            echo_json(changes_text.why_json(found.why, found.agents))
        else:
            for line in changes_text.why_lines(context, found.why, found.agents):
                click.echo(line)
        return ExitCode.DONE
    template = None if instead == "off" else instead
    if template is not None and template not in settings.roster.templates:
        known = ", ".join((*settings.roster.templates, "off"))
        raise RefusedError(
            "why_unknown_shift",
            f"There is no kind of shift of that name; nothing was worked out. There are: {known}.",
            known=known,
        )
    against = explain_shift.reasons_against(store, settings, person, day.date(), template, now=now)
    if as_json:
        echo_json(changes_text.why_not_json(against))
    else:
        for line in changes_text.why_not_lines(context, against):
            click.echo(line)
    return ExitCode.DONE


@click.command(help="repair.help.gaps")
@click.option("--week", metavar="2026-W49", help="plan.help.week")
@click.option("--roster", "number", type=int, metavar="N", help="plan.help.roster_number")
@click.option("--most", type=click.IntRange(1, 50), default=5, show_default=True, help="repair.help.most")
@_JSON
@pass_cli
def gaps(context: CliContext, week: str | None, number: int | None, most: int, as_json: bool) -> int:
    from bot.cli.changes_text import gaps_json, gaps_lines
    from bot.cli.roster import version_of
    from bot.usecases import repair_roster

    version = version_of(context, week, number)
    found = repair_roster.gaps_of(context.store, context.settings, version.roster_id, most=most)
    if as_json:
        echo_json(gaps_json(found))
    else:
        for line in gaps_lines(context, found):
            click.echo(line)
    return ExitCode.DONE


def _date(context: CliContext, day: datetime | None) -> date:
    if day is not None:
        return day.date()
    return context.now().astimezone(ZoneInfo(context.settings.zone)).date()


def _agent(context: CliContext, agent: str) -> Agent:
    from bot.core.errors import NotFoundError
    from bot.core.ids import AgentId

    with context.store.read() as uow:
        person = uow.people.get(AgentId(agent))
    if person is None:
        raise NotFoundError("no_agent", f"There is no agent {agent!r}; nothing was changed.", agent=agent)
    return person
