"""`muster incident`: runbooks, incidents, their reviews, drills (ES8 to ES11)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.incident_runbooks import runbooks
from bot.cli.planning import echo_json, table

if TYPE_CHECKING:
    from datetime import datetime

    from bot.core.ids import TeamId
    from bot.core.incidents import Improvement, Incident

__all__ = ["incident"]

_TEAM = click.option("--team", help="incident.cli.help_team")
_NUMBER = click.argument("number", type=click.IntRange(1))
_SHOWN = 50


@click.group(help="incident.cli.help")
def incident() -> None:
    pass


incident.add_command(runbooks)


@incident.command(help="incident.cli.help_start")
@click.argument("scenario")
@click.argument("what", nargs=-1)
@click.option("--until", metavar="TIME", help="incident.cli.help_until")
@click.option("--since", metavar="TIME", help="incident.cli.help_since")
@_TEAM
@pass_cli
def start(
    context: CliContext,
    scenario: str,
    what: tuple[str, ...],
    until: str | None,
    since: str | None,
    team: str | None,
) -> int:
    return _start(context, scenario, " ".join(what), until, since, team, drill=False)


@incident.command(help="incident.cli.help_drill")
@click.argument("scenario")
@click.option("--since", metavar="TIME", help="incident.cli.help_since")
@_TEAM
@pass_cli
def drill(context: CliContext, scenario: str, since: str | None, team: str | None) -> int:
    return _start(context, scenario, "", None, since, team, drill=True)


@incident.command(name="list", help="incident.cli.help_list")
@click.option("--json", "as_json", is_flag=True, help="incident.cli.help_json")
@_TEAM
@pass_cli
def list_(context: CliContext, as_json: bool, team: str | None) -> int:
    from bot.core.permissions import Action

    which = context.team(team)
    context.need(Action.INCIDENT_WORK)
    with context.store.read() as uow:
        found = uow.incidents.latest(which, _SHOWN, drill=False)
    if as_json:
        echo_json([_plain(one) for one in found])
        return ExitCode.DONE
    if not found:
        context.say("incident.none")
    _table(context, found)
    return ExitCode.DONE


@incident.command(help="incident.cli.help_drills")
@click.option("--json", "as_json", is_flag=True, help="incident.cli.help_json")
@_TEAM
@pass_cli
def drills(context: CliContext, as_json: bool, team: str | None) -> int:
    from bot.core.incidents import drill_result
    from bot.core.permissions import Action
    from bot.i18n.formats import Formats
    from bot.reports.incident_page import result_words
    from bot.usecases.review_incident import read_report

    which = context.team(team)
    context.need(Action.INCIDENT_WORK)
    with context.store.read() as uow:
        found = uow.incidents.latest(which, _SHOWN, drill=True)
    if as_json:
        echo_json([{**_plain(one), "result": _result(drill_result(one))} for one in found])
        return ExitCode.DONE
    if not found:
        context.say("incident.no_drills")
    f = Formats(context.locale, context.settings.teams[which].zone)
    for one in found:
        report = read_report(context.store, context.settings, one.incident, now=context.now())
        click.echo(
            f"TEST #{one.incident} {one.scenario} {f.moment(one.started_at)}: "
            f"{result_words(report, context.t, f)}"
        )
    return ExitCode.DONE


@incident.command(help="incident.cli.help_show")
@_NUMBER
@click.option("--html", "html_file", metavar="FILE", help="incident.cli.help_html")
@click.option("--json", "as_json", is_flag=True, help="incident.cli.help_json")
@pass_cli
def show(context: CliContext, number: int, html_file: str | None, as_json: bool) -> int:
    from bot.core.ids import IncidentId
    from bot.core.incidents import worded
    from bot.core.permissions import Action
    from bot.i18n.formats import Formats
    from bot.reports.incident_page import render_incident, result_words, timeline
    from bot.usecases.review_incident import read_report

    now = context.now()
    report = read_report(context.store, context.settings, IncidentId(number), now=now)
    one = report.incident
    context.need(Action.INCIDENT_WORK)
    zone = (
        context.settings.teams[one.team].zone if one.team in context.settings.teams else context.settings.zone
    )
    with context.store.read() as uow:
        names: dict[str, str] = {a.agent: a.name for a in uow.people.all(active=False)}
    if as_json:
        echo_json(
            {
                **_plain(one),
                "entries": [
                    {"at": e.at.isoformat(), "by": e.by, "kind": e.kind, "number": e.number, "words": e.words}
                    for e in report.entries
                ],
                "kept": sum(p.kept for p in report.promises),
                "broken": sum(p.broken for p in report.promises),
                "apart": sum(p.excused for p in report.promises),
            }
        )
        return ExitCode.DONE
    if html_file is not None:
        page = render_incident(report, names=names, locale=context.locale, zone=zone, made_at=now)
        Path(html_file).write_text(page, encoding="utf-8")
        click.echo(context.t.text("plan.saved", file=html_file), err=True)
        return ExitCode.DONE
    t, f = context.t, Formats(context.locale, zone)
    click.echo(f"{'TEST ' if one.drill else ''}#{one.incident} {worded(one.titles, t.locale)} · "
               f"{t.text(f'incident.state.{one.state.value}')}")  # fmt: skip
    for step in one.steps:
        owner = names.get(step.owner or "", step.owner) or t.text("incident.html.nobody")
        when = "" if step.due_at is None else f" · {t.text('incident.due', at=f.moment(step.due_at))}"
        done = "✓" if step.done_at is not None else " "
        click.echo(f"{done} {step.number}. {worded(step.texts, t.locale)} · {owner}{when}")
    for entry in report.entries:
        click.echo(timeline(entry, t, f, names))
    if report.promises:
        context.say(
            "incident.promises",
            kept=sum(p.kept for p in report.promises),
            broken=sum(p.broken for p in report.promises),
            apart=sum(p.excused for p in report.promises),
        )
    if report.result is not None:
        click.echo(result_words(report, t, f))
    return ExitCode.DONE


@incident.command(help="incident.cli.help_step")
@_NUMBER
@click.argument("step", type=click.IntRange(1))
@click.argument("what", type=click.Choice(["done", "take"]))
@pass_cli
def step(context: CliContext, number: int, step: int, what: str) -> int:
    from bot.core.permissions import Action
    from bot.usecases import run_incident

    found = _held(context, number, Action.INCIDENT_WORK)
    change = run_incident.finish_step if what == "done" else run_incident.take_step
    change(context.store, context.settings, found.incident, step, by=context.operator, now=context.now())
    context.say("incident.cli.step", number=number, step=step)
    return ExitCode.DONE


@incident.command(help="incident.cli.help_update")
@_NUMBER
@click.option("--cause", default="", help="incident.cli.help_cause")
@click.option("--until", metavar="TIME", help="incident.cli.help_until")
@click.option("--compensation", default="", help="incident.cli.help_compensation")
@pass_cli
def update(context: CliContext, number: int, cause: str, until: str | None, compensation: str) -> int:
    from bot.core.outgoing_text import overpromises
    from bot.core.permissions import Action
    from bot.usecases import run_incident

    found = _held(context, number, Action.INCIDENT_RUN)
    run_incident.update(
        context.store,
        context.settings,
        found.incident,
        cause=cause,
        recover_by=_time(context, until, found.team),
        compensation=compensation,
        by=context.operator,
        now=context.now(),
    )
    context.say("incident.cli.updated", number=number)
    for over in overpromises(f"{cause}\n{compensation}", context.settings.promises.forbidden):
        context.say("incident.cli.overpromise", phrase=over.phrase, better=over.better or "–")
    return ExitCode.DONE


@incident.command(help="incident.cli.help_notice")
@_NUMBER
@click.option("--given", is_flag=True, help="incident.cli.help_given")
@pass_cli
def notice(context: CliContext, number: int, given: bool) -> int:
    from bot.core.incidents import filled_notice
    from bot.core.outgoing_text import overpromises
    from bot.core.permissions import Action
    from bot.i18n.formats import Formats
    from bot.usecases import run_incident

    found = _held(context, number, Action.INCIDENT_WORK)
    now = context.now()
    if given:
        run_incident.note_notice(
            context.store, context.settings, found.incident, by=context.operator, now=now
        )
        context.say("incident.notice_noted")
        return ExitCode.DONE
    for one in found.notices:
        f = Formats(one.locale, context.settings.teams[found.team].zone)
        until = "" if found.recover_by is None else f.moment(found.recover_by, reference=now)
        words = filled_notice(
            one.text, cause=found.cause or "", until=until, compensation=found.compensation or ""
        )
        click.echo(f"{words}\n")
        for over in overpromises(words, context.settings.promises.forbidden):
            context.say("incident.cli.overpromise", phrase=over.phrase, better=over.better or "–")
    return ExitCode.DONE


@incident.command(help="incident.cli.help_form")
@click.argument("number", type=click.IntRange(1), required=False)
@click.option("--language", type=click.Choice(["en", "zh-Hans"]), help="incident.cli.help_language")
@click.option("--out", metavar="FILE", help="incident.cli.help_out")
@pass_cli
def form(context: CliContext, number: int | None, language: str | None, out: str | None) -> int:
    from bot.reports.record_form import form_name, record_form

    chosen = language or ("en" if context.locale == "en" else "zh-Hans")
    file = out or (form_name(number, chosen) if number else "-")
    data = record_form(chosen)
    if file == "-":
        click.echo(data.decode("utf-8-sig"), nl=False)
        return ExitCode.DONE
    Path(file).write_bytes(data)
    click.echo(context.t.text("plan.saved", file=file), err=True)
    context.next(f"muster import contacts {file} --live")
    return ExitCode.DONE


@incident.command(help="incident.cli.help_over")
@_NUMBER
@pass_cli
def over(context: CliContext, number: int) -> int:
    from bot.core.permissions import Action
    from bot.usecases import run_incident

    found = _held(context, number, Action.INCIDENT_RUN)
    run_incident.over(context.store, context.settings, found.incident, by=context.operator, now=context.now())
    return _backlog(context, number)


@incident.command(help="incident.cli.help_backlog")
@_NUMBER
@pass_cli
def backlog(context: CliContext, number: int) -> int:
    from bot.core.permissions import Action

    _held(context, number, Action.INCIDENT_WORK)
    return _backlog(context, number)


@incident.command(help="incident.cli.help_close")
@_NUMBER
@click.option("--cause", required=True, help="incident.cli.help_review_cause")
@click.option("--handling", required=True, help="incident.cli.help_handling")
@click.option("--lesson", required=True, help="incident.cli.help_lesson")
@click.option(
    "--improvement",
    "improvements",
    nargs=3,
    multiple=True,
    metavar="WHAT AGENT TIME",
    help="incident.cli.help_improvement",
)
@pass_cli
def close(
    context: CliContext,
    number: int,
    cause: str,
    handling: str,
    lesson: str,
    improvements: tuple[tuple[str, str, str], ...],
) -> int:
    from bot.core.permissions import Action
    from bot.usecases import review_incident

    found = _held(context, number, Action.INCIDENT_RUN)
    review_incident.close(
        context.store,
        context.settings,
        found.incident,
        cause=cause,
        handling=handling,
        lesson=lesson,
        improvements=[_improvement(context, found.team, *one) for one in improvements],
        by=context.operator,
        now=context.now(),
    )
    context.say("incident.cli.closed", number=number, items=len(improvements))
    context.next(f"muster incident show {number} --html incident-{number}.html")
    return ExitCode.DONE


def _start(
    context: CliContext,
    scenario: str,
    what: str,
    until: str | None,
    since: str | None,
    team: str | None,
    *,
    drill: bool,
) -> int:
    from bot.core.errors import NotFoundError, RefusedError
    from bot.core.incidents import began_at, worded
    from bot.core.permissions import Action
    from bot.core.runbooks import nearest, versions
    from bot.imports.runbooks import known_runbooks
    from bot.usecases import run_incident

    which = context.team(team)
    context.need(Action.INCIDENT_RUN)
    known = known_runbooks(context.settings.incidents.folder).runbooks
    found = versions(known, scenario)
    if not found:
        near = nearest(known, scenario)
        raise NotFoundError(
            "no_runbook_near" if near else "no_runbook",
            f"There is no runbook {scenario!r}; nothing was started. See: muster incident runbooks",
            wanted=scenario,
            near=near or "",
        )
    now = context.now()
    began = None
    if since is not None:
        began = began_at(since, zone=context.settings.teams[which].zone, now=now)
        if began is None:
            raise RefusedError("incident_since", f"{since!r} is no time like 09:40; nothing was started.")
    begun = run_incident.start(
        context.store,
        context.settings,
        found,
        team=which,
        what=what,
        until=_time(context, until, which),
        since=began,
        drill=drill,
        by=context.operator,
        now=now,
    )
    context.say(
        "incident.cli.begun_drill" if drill else "incident.cli.begun",
        number=begun.incident,
        title=worded(begun.titles, context.t.locale),
        unowned=sum(s.owner is None for s in begun.steps),
        steps=len(begun.steps),
    )
    context.next(f"muster incident show {begun.incident}", f"muster incident over {begun.incident}")
    return ExitCode.DONE


def _backlog(context: CliContext, number: int) -> int:
    from bot.core.ids import IncidentId
    from bot.i18n.formats import Formats
    from bot.usecases import run_incident
    from bot.usecases.incident_posts import backlog_of

    found = run_incident.held(context.store, IncidentId(number))
    with context.store.read() as uow:
        lines, left = backlog_of(uow, context.settings, found, now=context.now())
    f = Formats(context.locale, context.settings.teams[found.team].zone)
    context.say("incident.cli.backlog", number=number, left=left)
    for line in lines:
        due = context.t.text("incident.no_promise") if line.due_at is None else f.moment(line.due_at)
        click.echo(f"  {line.ref} · {due} · {line.queue or 'TEST'} · {line.owner or '–'}")
    return ExitCode.DONE


def _improvement(context: CliContext, team: TeamId, what: str, agent: str, until: str) -> Improvement:
    from bot.core.ids import AgentId
    from bot.core.incidents import Improvement

    return Improvement(what=what, owner=AgentId(agent), due_at=_time(context, until, team))


def _held(context: CliContext, number: int, action: Any) -> Incident:
    from bot.core.ids import IncidentId
    from bot.usecases import run_incident

    found = run_incident.held(context.store, IncidentId(number))
    context.need(action)
    return found


def _time(context: CliContext, words: str | None, team: TeamId) -> datetime | None:
    """Read on the team's wall."""
    from bot.core.time_phrases import read_time

    if not words:
        return None
    settings = context.settings
    held = settings.teams[team]
    return read_time(words, calendar=settings.calendars[held.calendar], now=context.now(), zone=held.zone).at


def _table(context: CliContext, found: list[Incident]) -> None:
    from bot.core.incidents import worded
    from bot.i18n.formats import Formats

    t, f = context.t, Formats(context.t.locale, context.settings.zone)
    heads = [t.text(f"incident.column.{name}") for name in ("number", "scenario", "title", "since", "state")]
    rows = [
        [
            str(one.incident),
            one.scenario,
            worded(one.titles, t.locale),
            f.moment(one.started_at),
            t.text(f"incident.state.{one.state.value}"),
        ]
        for one in found
    ]
    for line in table(heads, rows) if rows else ():
        click.echo(line)


def _plain(one: Incident) -> dict[str, Any]:
    def iso(at: datetime | None) -> str | None:
        return None if at is None else at.isoformat()

    return {
        "incident": one.incident,
        "team": one.team,
        "scenario": one.scenario,
        "what": one.what,
        "drill": one.drill,
        "state": one.state.value,
        "started_at": iso(one.started_at),
        "started_by": one.started_by,
        "cause": one.cause,
        "recover_by": iso(one.recover_by),
        "compensation": one.compensation,
        "over_at": iso(one.over_at),
        "backlog_left": one.backlog_left,
        "closed_at": iso(one.closed_at),
        "steps": [
            {
                "number": s.number,
                "owner": s.owner,
                "role": s.role,
                "due_at": iso(s.due_at),
                "done_at": iso(s.done_at),
                "done_by": s.done_by,
            }
            for s in one.steps
        ],
    }


def _result(result: Any) -> dict[str, Any]:
    first = result.first_action
    return {
        "steps": result.steps,
        "done": result.done,
        "in_time": result.in_time,
        "cases": result.cases,
        "handled_in_time": result.handled_in_time,
        "first_action_seconds": None if first is None else first.total_seconds(),
    }
