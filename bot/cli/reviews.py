"""`muster reviews`: how many self-reviews are back, and S0's table 3 as a file (SR8, L14, F5)."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.forecast_text import JSON
from bot.cli.planning import echo_json

if TYPE_CHECKING:
    from bot.core.ids import TeamId
    from bot.core.people import Agent

__all__ = ["reviews"]


@click.command(help="reviews.help")
@click.option("--team", "name", metavar="NAME", help="reviews.help.team")
@click.option("--form", type=click.Choice(["s0-3"]), help="reviews.help.form")
@click.option("--out", metavar="[FILE|-]", default="-", show_default=True, help="export.help.out")
@JSON
@pass_cli
def reviews(context: CliContext, name: str | None, form: str | None, out: str, as_json: bool) -> int:
    from bot.core.permissions import Action
    from bot.i18n.formats import Formats
    from bot.usecases.weekly_review import week_back

    context.need(Action.REVIEWS_COUNT)
    teams = _teams(context, name)
    if form is not None:
        return _form(context, teams, out)
    f = Formats(context.t.locale, context.settings.zone)
    rows: list[dict[str, Any]] = []
    for team in teams:
        week = week_back(context.store, team)
        rows.append(
            {
                "team": team,
                "day": None if week.day is None else week.day.isoformat(),
                "sent": len(week.reviews),
                "back": len(week.back),
            }
        )
        if not as_json and week.day is None:
            context.say("reviews.none", team=team)
        elif not as_json and week.day is not None:
            day = f.day(week.day, year=True)
            context.say("reviews.line", team=team, day=day, sent=len(week.reviews), back=len(week.back))
    if as_json:
        echo_json({"teams": rows})
    return ExitCode.DONE


def _teams(context: CliContext, name: str | None) -> list[TeamId]:
    """The team named, or those the operator looks after.  Raises NotFoundError, NotAllowedError."""
    from bot.core.errors import NotFoundError
    from bot.core.ids import TeamId
    from bot.core.permissions import Action, demand, permits

    who = context.actor()
    known = list(context.settings.teams)
    if name is not None:
        team = TeamId(name)
        if team not in known:
            raise NotFoundError(
                "reviews_team", f"There is no team {name!r}.", team=name, known=", ".join(known)
            )
        if who is not None:
            demand(Action.REVIEWS_COUNT, who, team=team)
        return [team]
    return [t for t in known if who is None or permits(Action.REVIEWS_COUNT, who, team=t)]


def _form(context: CliContext, teams: list[TeamId], out: str) -> int:
    """Single forms: of those whose figures the operator may see (PS11)."""
    from bot.cli.export import save
    from bot.core.permissions import Action, permits
    from bot.core.review_table import HEADINGS, cells
    from bot.usecases.weekly_review import week_back

    who = context.actor()
    with context.store.read() as uow:
        agents: dict[str, Agent] = {a.agent: a for a in uow.people.all(active=False)}
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    left_out = 0
    for team in teams:
        for review in week_back(context.store, team).reviews:
            agent = agents.get(review.agent)
            if agent is None or (who is not None and not permits(Action.PERSONAL_FIGURES, who, person=agent)):
                left_out += 1
            else:
                writer.writerow(cells(agent, review))
    save(context, out, file.getvalue())
    if left_out:
        click.echo(context.t.plural("reviews.left_out", left_out), err=True)
    return ExitCode.PARTIAL if left_out else ExitCode.DONE
