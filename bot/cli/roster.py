"""`muster roster`: solve, certify, publish, show and export."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.labour_text import summary_line
from bot.cli.outcome_text import calibration_json, calibration_lines, outcome_json, outcome_lines
from bot.cli.planning import default_week, echo_json, parse_mapping, save
from bot.cli.proven_text import proven_json, proven_lines, round_lines
from bot.cli.roster_changes import gaps, repair, why
from bot.cli.roster_diff import diff
from bot.cli.roster_people import fair, wishes
from bot.cli.roster_text import (
    against_json,
    against_lines,
    certificate_json,
    certificate_lines,
    roster_json,
    roster_lines,
    solve_lines,
)
from bot.cli.roster_what_if import what_if
from bot.core.weeks import iso_week, parse_week

if TYPE_CHECKING:
    from bot.core.ids import RunId
    from bot.core.ports import SolveProgress
    from bot.core.rosters import RosterStatus, RosterVersion
    from bot.core.settings import Settings
    from bot.store.volumes import VolumeCount
    from bot.usecases.prove_roster import Round

_WEEK = click.option("--week", metavar="2026-W49", help="plan.help.week")
_ROSTER = click.option("--roster", "number", type=int, metavar="N", help="plan.help.roster_number")
_JSON = click.option("--json", "as_json", is_flag=True, help="plan.help.json")


@click.group(help="plan.help.roster")
def roster() -> None:
    pass


for _command in (diff, what_if, repair, why, gaps, wishes, fair):
    roster.add_command(_command)


@roster.command(help="plan.help.solve")
@_WEEK
@click.option("--seconds", type=click.FloatRange(min=1), help="plan.help.seconds")
@click.option("--seed", type=click.IntRange(min=0), help="plan.help.seed")
@click.option("--prove", is_flag=True, help="plan.help.prove")
@click.option("--rounds", type=click.IntRange(1, 10), default=3, show_default=True, help="plan.help.rounds")
@_JSON
@pass_cli
def solve(
    context: CliContext,
    week: str | None,
    seconds: float | None,
    seed: int | None,
    prove: bool,
    rounds: int,
    as_json: bool,
) -> int:
    from bot.jobs.compute import ProcessSolver
    from bot.usecases import plan_roster

    first = default_week(context) if week is None else parse_week(week)
    settings = _with_limits(context.settings, seconds, seed)
    if prove:
        return _prove(context, settings, first, rounds, as_json)
    run = plan_roster.request(
        context.store, settings, first=first, days=7, by=context.operator, now=context.now(), claim=True
    )
    with (
        _progress(context, settings.roster.solve.time_limit.total_seconds()) as told,
        _stop_on_interrupt(context) as interrupt,
    ):
        interrupt.watch(run)
        version = plan_roster.perform(
            context.store, settings, ProcessSolver(), run, now=context.now, on_progress=told, claimed=True
        )
    assessment = plan_roster.assess(context.store, settings, version.roster_id)
    with context.store.unit() as uow:
        held = uow.runs.get(run)
    result: dict[str, Any] = {} if held is None else dict(held.result)
    if as_json:
        echo_json(roster_json(assessment) | {"run": run, "solve": result})
    else:
        for line in solve_lines(context, assessment, result):
            click.echo(line)
    gaps_first = [f"muster roster gaps --roster {version.roster_id}"] if assessment.uncovered else []
    context.next(*gaps_first, "muster roster certify", "muster roster show")
    return ExitCode.DONE


def _prove(context: CliContext, settings: Settings, first: date, rounds: int, as_json: bool) -> int:
    """Solve and certify in turn; each round is told as it ends."""
    from bot.jobs.compute import ProcessSolver
    from bot.usecases import prove_roster

    def on_round(held: Round) -> None:
        if not as_json:
            for line in round_lines(context, held):
                click.echo(line)

    with (
        _progress(context, settings.roster.solve.time_limit.total_seconds()) as told,
        _stop_on_interrupt(context) as interrupt,
    ):
        proven = prove_roster.prove(
            context.store,
            settings,
            ProcessSolver(),
            first=first,
            days=7,
            by=context.operator,
            rounds=rounds,
            now=context.now,
            on_progress=told,
            on_run=interrupt.watch,
            on_round=on_round,
            should_stop=lambda: interrupt.asked,
        )
    best = proven.best
    if as_json:
        echo_json(proven_json(proven))
    else:
        for line in (*proven_lines(context, proven), *certificate_lines(context, best.certified)):
            click.echo(line)
    number = best.certified.stored.roster
    if not best.certified.certificate.passed:
        context.next(
            f"muster roster show --roster {number}",
            f'muster roster publish --roster {number} --accept "REASON"',
        )
        return ExitCode.PARTIAL
    context.next(f"muster roster publish --roster {number}")
    return ExitCode.DONE


def _with_limits(settings: Settings, seconds: float | None, seed: int | None) -> Settings:
    limits = settings.roster.solve
    if seconds is not None:
        limits = replace(limits, time_limit=timedelta(seconds=seconds))
    if seed is not None:
        limits = replace(limits, seed=seed)
    return replace(settings, roster=replace(settings.roster, solve=limits))


@contextmanager
def _progress(context: CliContext, seconds: float) -> Iterator[Any]:
    """A bar on standard error: time used, objective, bound and gap."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    t = context.t
    console = Console(stderr=True)
    bar = Progress(
        TextColumn(t.text("plan.solve.working")),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[state]}"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    if not console.is_terminal:
        click.echo(t.text("plan.solve.patience", seconds=f"{seconds:g}"), err=True)
    with bar:
        task = bar.add_task("", total=seconds, state="")

        def told(progress: SolveProgress) -> None:
            state = t.text(
                "plan.solve.state",
                objective="-" if progress.objective is None else f"{progress.objective:,.0f}",
                bound="-" if progress.bound is None else f"{progress.bound:,.0f}",
                gap="-" if progress.gap is None else f"{progress.gap:.2%}",
            )
            bar.update(task, completed=min(progress.seconds, seconds), state=state)

        yield told


class _Interrupt:
    """Whether Ctrl-C was pressed, and the run it stops."""

    def __init__(self, context: CliContext) -> None:
        self._context = context
        self._asked = threading.Event()
        self._run: RunId | None = None

    @property
    def asked(self) -> bool:
        return self._asked.is_set()

    def watch(self, run: RunId) -> None:
        """``run`` is what the next Ctrl-C stops."""
        self._run = run
        if self.asked:
            self._stop()

    def pressed(self, _signal: int, _frame: object) -> None:
        """The first press asks the run to stop and keeps the best roster; the second one leaves."""
        if self.asked:
            raise KeyboardInterrupt
        self._asked.set()
        click.echo(self._context.t.text("plan.solve.stopping"), err=True)
        self._stop()

    def _stop(self) -> None:
        from bot.usecases import plan_roster

        if self._run is not None:
            # Not here: the main thread may be in the middle of a transaction of its own.
            store, run = self._context.store, self._run
            threading.Thread(target=plan_roster.stop, args=(store, run), daemon=True).start()


@contextmanager
def _stop_on_interrupt(context: CliContext) -> Iterator[_Interrupt]:
    interrupt = _Interrupt(context)
    if threading.current_thread() is not threading.main_thread():
        yield interrupt
        return
    before = signal.signal(signal.SIGINT, interrupt.pressed)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)


@roster.command(help="plan.help.certify")
@_WEEK
@_ROSTER
@click.option("--paths", type=click.IntRange(1, 10_000), help="plan.help.paths")
@click.option("--seed", type=click.IntRange(min=0), help="plan.help.seed")
@click.option(
    "--against", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="plan.help.against"
)
@click.option("--queue", help="import.help.queue")
@click.option("--zone", help="import.help.zone")
@click.option("--map", "mapping", multiple=True, metavar="COLUMN=HEADER", help="import.help.map")
@_JSON
@pass_cli
def certify(
    context: CliContext,
    week: str | None,
    number: int | None,
    paths: int | None,
    seed: int | None,
    against: Path | None,
    queue: str | None,
    zone: str | None,
    mapping: tuple[str, ...],
    as_json: bool,
) -> int:
    from bot.usecases import certify as use_case

    settings = context.settings
    version = version_of(context, week, number)
    chosen = settings.roster.solve.seed if seed is None else seed
    if against is not None:
        counts = _true_counts(settings, against, queue, zone, parse_mapping(mapping))
        played = use_case.against(context.store, settings, version.roster_id, counts, seed=chosen)
        if as_json:
            echo_json(against_json(played))
        else:
            for line in against_lines(context, played):
                click.echo(line)
        return ExitCode.DONE
    done = use_case.certify(
        context.store,
        settings,
        version.roster_id,
        seed=chosen,
        paths=settings.roster.publish.paths if paths is None else paths,
        now=context.now(),
    )
    if as_json:
        echo_json(certificate_json(done))
    else:
        for line in certificate_lines(context, done):
            click.echo(line)
    if not done.certificate.passed:
        context.next("muster roster solve", 'muster roster publish --accept "REASON"')
        return ExitCode.PARTIAL
    context.next("muster roster publish")
    return ExitCode.DONE


@roster.command(help="plan.help.outcome")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="plan.help.outcome_day")
@_JSON
@pass_cli
def outcome(context: CliContext, day: datetime | None, as_json: bool) -> int:
    from bot.usecases.certificate_outcomes import outcomes

    now = context.now()
    chosen = now.astimezone(ZoneInfo(context.settings.zone)).date() if day is None else day.date()
    found = outcomes(context.store, context.settings, first=chosen, last=chosen, now=now)
    if as_json:
        echo_json(outcome_json(found))
    elif found:
        for line in outcome_lines(context, found):
            click.echo(line)
    else:
        click.echo(context.t.text("plan.peaks.none"))
    return ExitCode.DONE


@roster.command(help="plan.help.calibration")
@click.option(
    "--weeks", type=click.IntRange(1, 104), default=12, show_default=True, help="plan.help.weeks_back"
)
@click.option("--picture", metavar="FILE", help="plan.help.calibration_picture")
@_JSON
@pass_cli
def calibration(context: CliContext, weeks: int, picture: str | None, as_json: bool) -> int:
    from bot.cli.pictures import kind_of_picture, save_picture
    from bot.core.certificate_calibration import calibrate
    from bot.usecases.certificate_outcomes import outcomes

    kind = None if picture is None else kind_of_picture(picture)
    now = context.now()
    today = now.astimezone(ZoneInfo(context.settings.zone)).date()
    found = calibrate(
        outcomes(context.store, context.settings, first=today - timedelta(weeks=weeks), last=today, now=now)
    )
    if as_json:
        echo_json(calibration_json(found))
    elif found.whole is None:
        click.echo(context.t.text("plan.peaks.none"))
    else:
        for line in calibration_lines(context, found):
            click.echo(line)
    if picture is not None and kind is not None and found.whole is not None:
        from bot.reports import calibration_picture

        save_picture(
            context,
            picture,
            kind,
            png=lambda: calibration_picture.picture_png(found, context.t),
            svg=lambda: calibration_picture.picture_svg(found, context.t),
        )
    return ExitCode.DONE


def _true_counts(
    settings: Settings, file: Path, queue: str | None, zone: str | None, mapping: dict[str, str]
) -> list[VolumeCount]:
    """Counts from a volumes file, or from a contacts file (it has the column ``arrived``)."""
    from bot.core.errors import RefusedError
    from bot.imports.columns import CONTACTS
    from bot.imports.contacts import read_contacts
    from bot.imports.reader import read_table
    from bot.imports.volumes import read_volumes
    from bot.usecases.import_data import count_contacts

    data = file.read_bytes()
    try:
        read_table(data, CONTACTS, source=file.name, mapping=mapping if "arrived" in mapping else None)
        is_contacts = True
    except RefusedError as error:
        if error.kind != "column_missing":
            raise
        is_contacts = False
    if not is_contacts:
        rows, _ = read_volumes(
            data, source=file.name, settings=settings, queue=queue, zone=zone, mapping=mapping
        )
        return rows
    contacts, _ = read_contacts(
        data, source=file.name, settings=settings, queue=queue, zone=zone, mapping=mapping
    )
    return count_contacts([n.value for n in contacts], settings.staffing.interval)


@roster.command(help="plan.help.publish")
@_WEEK
@_ROSTER
@click.option("--accept", metavar="REASON", help="plan.help.accept")
@click.option("--why", metavar="REASON", help="plan.help.why")
@_JSON
@pass_cli
def publish(
    context: CliContext,
    week: str | None,
    number: int | None,
    accept: str | None,
    why: str | None,
    as_json: bool,
) -> int:
    from bot.core.permissions import Action
    from bot.core.rosters import RosterStatus
    from bot.usecases import publish_roster
    from bot.usecases.labour_receipts import receipt_json

    context.need(Action.ROSTER_PLAN)
    version = version_of(context, week, number, prefer=RosterStatus.DRAFT)
    done = publish_roster.publish(
        context.store,
        context.settings,
        version.roster_id,
        by=context.operator,
        accept=accept,
        now=context.now(),
        why=why,
    )
    t = context.t
    labour = None if done.labour is None else receipt_json(done.labour)
    if as_json:
        echo_json(
            {
                "roster": done.version.roster_id,
                "week": iso_week(done.version.roster.period.first),
                "repeated": done.repeated,
                "supersedes": done.supersedes,
                "agents_changed": len(done.changes),
                "agents_told": list(done.told),
                "short_notice": list(done.short_notice),
                "waiting_for_consent": list(done.waiting),
                "violations_accepted": done.violations,
                "accepted_because": done.version.accepted_because,
                "labour": labour,
            }
        )
    elif done.repeated:
        click.echo(t.text("plan.publish.repeated", roster=done.version.roster_id))
    else:
        week_name = iso_week(done.version.roster.period.first)
        click.echo(
            t.text("plan.publish.done", roster=done.version.roster_id, week=week_name, told=len(done.told))
        )
        if done.supersedes is not None:
            click.echo(t.text("plan.publish.supersedes", roster=done.supersedes, changed=len(done.changes)))
        if done.waiting:
            click.echo("! " + t.text("plan.publish.waiting", agents=", ".join(done.waiting)))
        unasked = [agent for agent in done.short_notice if agent not in done.waiting]
        if unasked:
            hours = context.settings.roster.publish.notice.total_seconds() / 3600
            click.echo(
                "! " + t.text("plan.publish.short_notice", agents=", ".join(unasked), hours=f"{hours:g}")
            )
        if done.labour is not None and labour is not None:
            click.echo(summary_line(context, labour))
            if done.labour.broken:
                rules = ", ".join(done.labour.broken)
                click.echo("! " + t.plural("labour.publish.accepted", len(done.labour.broken), rules=rules))
        if done.version.accepted_because:
            click.echo(t.text("plan.publish.accepted", reason=done.version.accepted_because))
    context.next("muster run")
    return ExitCode.DONE


@roster.command(help="plan.help.show")
@_WEEK
@_ROSTER
@click.option("--all", "everybody", is_flag=True, help="plan.help.all")
@_JSON
@pass_cli
def show(context: CliContext, week: str | None, number: int | None, everybody: bool, as_json: bool) -> int:
    from bot.usecases.labour_receipts import report_of
    from bot.usecases.plan_roster import assess

    version = version_of(context, week, number)
    assessment = assess(context.store, context.settings, version.roster_id)
    labour = report_of(context.store, context.settings, version)
    if as_json:
        echo_json(roster_json(assessment) | {"labour": labour})
    else:
        receipt = [] if labour is None else [summary_line(context, labour)]
        for line in roster_lines(context, assessment, everybody=everybody, receipt=receipt):
            click.echo(line)
    context.next("muster roster certify", "muster roster export --format csv --out roster.csv")
    return ExitCode.DONE


@roster.command(help="plan.help.export")
@_WEEK
@_ROSTER
@click.option("--format", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
@click.option("--out", default="-", metavar="FILE", help="plan.help.out")
@pass_cli
def export(context: CliContext, week: str | None, number: int | None, form: str, out: str) -> int:
    import json

    from bot.reports.spreadsheet import ROSTER_COLUMNS, roster_rows, write_csv
    from bot.usecases.plan_roster import assess

    version = version_of(context, week, number)
    if form == "csv":
        text = write_csv(ROSTER_COLUMNS, roster_rows(version.roster))
    else:
        assessment = assess(context.store, context.settings, version.roster_id)
        text = json.dumps(roster_json(assessment), ensure_ascii=False, indent=2) + "\n"
    save(context, out, text)
    return ExitCode.DONE


def version_of(
    context: CliContext, week: str | None, number: int | None, prefer: RosterStatus | None = None
) -> RosterVersion:
    """The roster meant: by its number, else the latest (of the week).  Raises NotFoundError."""
    from bot.core.errors import NotFoundError
    from bot.core.ids import RosterId

    first: date | None = None if week is None else parse_week(week)
    with context.store.unit() as uow:
        if number is not None:
            version = uow.rosters.get(RosterId(number))
        else:
            version = uow.rosters.latest(prefer, first) or uow.rosters.latest(None, first)
    if version is not None:
        return version
    if number is not None:
        raise NotFoundError("no_roster", f"There is no roster {number}.", roster=number)
    if first is not None:
        week_name = iso_week(first)
        raise NotFoundError(
            "no_roster_in_week",
            f"There is no roster of {week_name} yet. First: muster roster solve --week {week_name}.",
            week=week_name,
        )
    raise NotFoundError("no_roster_yet", "There is no roster yet. First: muster roster solve.")
