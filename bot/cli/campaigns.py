"""`muster campaign`: goals, what has to be ready, reports and the closing (CA1-CA11)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.planning import echo_json, table

if TYPE_CHECKING:
    from bot.core.campaigns import Campaign, CampaignPlan, DutyHolder
    from bot.core.contacts import ContactType
    from bot.core.ids import CampaignId
    from bot.core.people import Agent
    from bot.i18n.formats import Formats
    from bot.usecases.plan_campaign import CampaignEntry

__all__ = ["campaign"]

_DAY = click.DateTime(["%Y-%m-%d"])
_EVERY = {"1d": 1, "3d": 3}
_GOALS = ("response", "satisfaction", "feedback")


@click.group(help="campaign.help.group")
def campaign() -> None:
    pass


def _plan_options(command: Any) -> Any:
    for option in (
        click.option("--report-every", type=click.Choice(list(_EVERY)), help="campaign.help.every"),
        click.option("--duty", "duties", multiple=True, help="campaign.help.duty"),
        click.option("--department", help="campaign.help.department"),
        click.option("--channel", help="campaign.help.channel"),
        click.option("--lift", help="campaign.help.lift"),
        click.option("--feedback", help="campaign.help.feedback"),
        click.option("--satisfaction", help="campaign.help.satisfaction"),
        click.option("--response", help="campaign.help.response"),
        click.option("--type", "types", multiple=True, help="campaign.help.type"),
        click.option("--queue", "queues", multiple=True, help="campaign.help.queue"),
    ):
        command = option(command)
    return command


@campaign.command(help="campaign.help.new")
@click.argument("name")
@click.argument("first", type=_DAY)
@click.argument("last", type=_DAY)
@click.option("--team", help="campaign.help.team")
@_plan_options
@pass_cli
def new(
    context: CliContext, /, name: str, first: datetime, last: datetime, team: str | None, **given: Any
) -> int:
    from bot.core.permissions import Action
    from bot.usecases import plan_campaign

    context.need(Action.CAMPAIGN_RUN)
    entry = _entry(context, {**given, "name": name, "first": first, "last": last}, None)
    kept = plan_campaign.new(
        context.store, context.settings, context.team(team), entry, by=context.operator, now=context.now()
    )
    context.say("campaign.saved", number=kept.number)
    _print(context, kept)
    context.next(f"muster campaign show {kept.number}", "muster forecast")
    return ExitCode.DONE


@campaign.command(help="campaign.help.edit")
@click.argument("number", type=int)
@click.option("--name", help="campaign.help.name")
@click.option("--first", type=_DAY, help="campaign.help.first")
@click.option("--last", type=_DAY, help="campaign.help.last")
@_plan_options
@pass_cli
def edit(context: CliContext, /, number: int, **given: Any) -> int:
    from bot.core.permissions import Action
    from bot.usecases import plan_campaign

    context.need(Action.CAMPAIGN_RUN)
    with context.store.read() as uow:
        before = plan_campaign.held(uow, _number(number))
    entry = _entry(context, given, before.plan)
    kept = plan_campaign.change(
        context.store, context.settings, before.number, entry, by=context.operator, now=context.now()
    )
    context.say("campaign.saved", number=kept.number)
    _print(context, kept)
    return ExitCode.DONE


@campaign.command("list", help="campaign.help.list")
@click.option("--json", "as_json", is_flag=True, help="campaign.help.json")
@pass_cli
def list_(context: CliContext, as_json: bool) -> int:
    with context.store.read() as uow:
        found = uow.campaigns.all()
    if as_json:
        echo_json([_row(c) for c in found])
    elif not found:
        context.say("campaign.none")
    else:
        _table(context, found)
    return ExitCode.DONE


@campaign.command(help="campaign.help.show")
@click.argument("number", type=int)
@pass_cli
def show(context: CliContext, number: int) -> int:
    from bot.usecases import close_campaign

    reviewed = close_campaign.review(context.store, context.settings, _number(number), now=context.now())
    _print(context, reviewed.campaign)
    return ExitCode.DONE


@campaign.command(help="campaign.help.cancel")
@click.argument("number", type=int)
@pass_cli
def cancel(context: CliContext, number: int) -> int:
    from bot.core.permissions import Action
    from bot.usecases import plan_campaign

    context.need(Action.CAMPAIGN_RUN)
    plan_campaign.cancel(context.store, _number(number), by=context.operator, now=context.now())
    context.say("campaign.cancelled", number=number)
    return ExitCode.DONE


@campaign.command(help="campaign.help.done")
@click.argument("number", type=int)
@click.argument("item", type=int)
@pass_cli
def done(context: CliContext, number: int, item: int) -> int:
    from bot.core.permissions import Action
    from bot.usecases import ready_campaign

    context.need(Action.CAMPAIGN_RUN)
    ticked = ready_campaign.tick(context.store, _number(number), item, by=context.operator, now=context.now())
    words = context.t.text(f"campaign.item.{ticked.code}") if ticked.code else ticked.words
    context.say("campaign.ticked", number=item, item=words)
    return ExitCode.DONE


@campaign.command(help="campaign.help.item")
@click.argument("number", type=int)
@click.argument("words")
@click.option("--owner", help="campaign.help.owner")
@pass_cli
def item(context: CliContext, number: int, words: str, owner: str | None) -> int:
    from bot.core.permissions import Action
    from bot.usecases import ready_campaign

    context.need(Action.CAMPAIGN_RUN)
    by_whom = None if owner is None else _agent(context, owner)
    ready_campaign.add(
        context.store, _number(number), words=words, owner=by_whom, by=context.operator, now=context.now()
    )
    return _shown(context, number)


@campaign.command(help="campaign.help.report")
@click.argument("number", type=int)
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="campaign.help.html")
@pass_cli
def report(context: CliContext, number: int, html: Path | None) -> int:
    from bot.usecases import close_campaign

    reviewed = close_campaign.review(context.store, context.settings, _number(number), now=context.now())
    _print(context, reviewed.campaign, items=False)
    _write_html(context, number, html)
    return ExitCode.DONE


@campaign.command(help="campaign.help.close")
@click.argument("number", type=int)
@click.option("--cause", default="", help="campaign.help.cause")
@click.option(
    "--measure", "measures", nargs=3, multiple=True, type=(str, str, _DAY), help="campaign.help.measure"
)
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="campaign.help.html")
@pass_cli
def close(
    context: CliContext,
    number: int,
    cause: str,
    measures: tuple[tuple[str, str, datetime], ...],
    html: Path | None,
) -> int:
    from datetime import timedelta

    from bot.core.permissions import Action
    from bot.usecases import close_campaign
    from bot.usecases.close_campaign import Measure
    from forecasting.grid import local_midnight

    context.need(Action.CAMPAIGN_RUN)
    reviewed = close_campaign.review(context.store, context.settings, _number(number), now=context.now())
    zone = context.settings.teams[reviewed.campaign.team].zone
    close_campaign.close(
        context.store,
        context.settings,
        _number(number),
        causes=cause,
        measures=[
            Measure(
                what=what,
                owner=_agent(context, owner),
                # By the end of the day that was named.
                due_at=local_midnight(day.date() + timedelta(days=1), zone),
            )
            for what, owner, day in measures
        ],
        by=context.operator,
        now=context.now(),
    )
    context.say("campaign.closed", number=number)
    _write_html(context, number, html)
    return ExitCode.DONE


def _write_html(context: CliContext, number: int, path: Path | None) -> None:
    if path is None:
        return
    from bot.reports.campaign_html import render_campaign
    from bot.usecases import close_campaign

    reviewed = close_campaign.review(context.store, context.settings, _number(number), now=context.now())
    zone = context.settings.teams[reviewed.campaign.team].zone
    page = render_campaign(reviewed, locale=context.locale, zone=zone, made_at=context.now())
    path.write_text(page, encoding="utf-8")
    context.say("campaign.written", path=str(path))


def _shown(context: CliContext, number: int) -> int:
    with context.store.read() as uow:
        found = uow.campaigns.get(_number(number))
    assert found is not None  # it was just written to
    _print(context, found)
    return ExitCode.DONE


def _number(number: int) -> CampaignId:
    from bot.core.ids import CampaignId

    return CampaignId(number)


def _agent(context: CliContext, name: str) -> Agent:
    from bot.core.errors import NotFoundError
    from bot.core.ids import AgentId

    with context.store.read() as uow:
        found = uow.people.get(AgentId(name))
    if found is None or not found.active:
        raise NotFoundError(
            "campaign_agent", "There is no such agent; nothing was saved. See agents.csv.", near=None
        )
    return found


def _entry(context: CliContext, given: Mapping[str, Any], before: CampaignPlan | None) -> CampaignEntry:
    """What was given; what was not stays as it was."""
    from bot.core.campaigns import GoalKind
    from bot.core.ids import QueueId
    from bot.usecases.plan_campaign import CampaignEntry

    goals = {GoalKind(kind): given.get(kind) or "" for kind in _GOALS}
    if before is not None:
        for kind in GoalKind:
            old = before.goal(kind)
            unit = "s" if kind is GoalKind.RESPONSE else "%"
            goals[kind] = goals[kind] or f"{old.target:g}% from {old.baseline:g}{unit}"
    lift = given.get("lift") or ""
    if not lift and before is not None:
        values = (before.lift.low, before.lift.mid, before.lift.high)
        lift = "..".join(f"{100 * (v - 1):.2f}%" for v in values)
    every = given.get("report_every")
    return CampaignEntry(
        name=given.get("name") or (before.name if before else ""),
        first_day=given["first"].date() if given.get("first") else before.first_day,  # type: ignore[union-attr]
        last_day=given["last"].date() if given.get("last") else before.last_day,  # type: ignore[union-attr]
        queues=tuple(QueueId(q) for q in given["queues"]) or (before.queues if before else ()),
        types=_types(given["types"]) or (before.types if before else ()),
        channel=given.get("channel") or (before.channel if before else ""),
        goals=goals,
        lift=lift,
        duties=_duties(context, given["duties"]) or (before.duties if before else ()),
        report_every=_EVERY[every] if every else (before.report_every if before else 1),
        department=given.get("department") or ((before.department or "") if before else ""),
    )


def _types(names: tuple[str, ...]) -> tuple[ContactType, ...]:
    from bot.core.contacts import ContactType
    from bot.core.errors import RefusedError

    known = {kind.value: kind for kind in ContactType}
    if any(name not in known for name in names):
        raise RefusedError(
            "campaign_type",
            f"There is no such type of contact; nothing was saved. There are: {', '.join(known)}.",
            known=", ".join(known),
        )
    return tuple(known[name] for name in names)


def _duties(context: CliContext, given: tuple[str, ...]) -> tuple[DutyHolder, ...]:
    from bot.core.campaigns import Duty, DutyHolder
    from bot.core.errors import RefusedError

    known = {duty.value: duty for duty in Duty}
    found = []
    for text in given:
        duty, _, name = text.partition("=")
        if duty not in known or not name:
            raise RefusedError(
                "campaign_duty",
                f"Write a duty with the id of an agent: knowledge=bo. Duties are: {', '.join(known)}. "
                "Nothing was saved.",
                known=", ".join(known),
            )
        found.append(DutyHolder(duty=known[duty], agent=_agent(context, name).agent))
    return tuple(found)


def _formats(context: CliContext) -> Formats:
    from bot.i18n.formats import Formats

    return Formats(context.t.locale, context.settings.zone)


def _table(context: CliContext, found: list[Campaign]) -> None:
    t, f = context.t, _formats(context)
    names = ("number", "name", "days", "queues", "lift", "state")
    rows = [
        [
            str(c.number),
            c.plan.name,
            f"{f.day(c.plan.first_day)} – {f.day(c.plan.last_day, year=True)}",
            ", ".join(c.plan.queues),
            t.text(
                "campaign.lift",
                low=f"{100 * (c.plan.lift.low - 1):+.0f}%",
                high=f"{100 * (c.plan.lift.high - 1):+.0f}%",
            ),
            t.text(f"campaign.state.{c.state.value}"),
        ]
        for c in found
    ]
    for line in table([t.text(f"campaign.column.{n}") for n in names], rows):
        click.echo(line)


def _print(context: CliContext, one: Campaign, *, items: bool = True) -> None:
    """The campaign as a table, its goals, and what has to be ready."""
    from bot.reports.campaign_text import goal_text
    from bot.usecases import close_campaign

    t = context.t
    _table(context, [one])
    reviewed = close_campaign.review(context.store, context.settings, one.number, now=context.now())
    for result in reviewed.goals:
        click.echo(goal_text(result, t, _formats(context)))
    if one.plan.lift_from:
        context.say("campaign.lift_from", campaigns="; ".join(one.plan.lift_from))
    if one.causes:
        click.echo(_plain(t.text("campaign.closed.causes", causes=one.causes)))
    if not items:
        return
    with context.store.read() as uow:
        found = uow.campaigns.items(one.number)
    done = sum(i.done_at is not None for i in found)
    click.echo(_plain(t.text("campaign.readiness", done=done, total=len(found))))
    rows = [
        [
            str(i.number),
            t.text(f"campaign.item.{i.code}") if i.code else i.words,
            i.owner or "–",
            "✓" if i.done_at is not None else "",
        ]
        for i in found
    ]
    for line in table([t.text(f"campaign.column.{n}") for n in ("number", "item", "owner", "state")], rows):
        click.echo(line)


def _plain(text: str) -> str:
    """Slack's bold is no word of a terminal."""
    return text.replace("*", "")


def _row(one: Campaign) -> dict[str, Any]:
    plan = one.plan
    return {
        "campaign": one.number,
        "team": one.team,
        "name": plan.name,
        "first_day": plan.first_day.isoformat(),
        "last_day": plan.last_day.isoformat(),
        "queues": list(plan.queues),
        "types": [k.value for k in plan.types],
        "channel": plan.channel,
        "department": plan.department,
        "goals": {g.kind.value: {"target": g.target, "baseline": g.baseline} for g in plan.goals},
        "lift": {"low": plan.lift.low, "mid": plan.lift.mid, "high": plan.lift.high},
        "lift_from": list(plan.lift_from),
        "duties": {d.duty.value: d.agent for d in plan.duties},
        "report_every_days": plan.report_every,
        "state": one.state.value,
    }
