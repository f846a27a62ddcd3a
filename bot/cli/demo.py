"""`muster demo`: team Harbour from history to a published roster and a live alert, without any account."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.context import CliContext, pass_cli
from bot.core.errors import RefusedError

if TYPE_CHECKING:
    from rich.console import Console

    from bot.config.load import Loaded
    from bot.core.ids import RosterId
    from bot.demo.hour import Hour
    from bot.demo.line import Days
    from bot.demo.stage import Stage
    from bot.i18n.catalog import Translator
    from bot.store.unit_of_work import Store

__all__ = ["Teller", "demo", "plan"]

_WIDTH = 100


@click.command(help="report.demo.help")
@click.option(
    "--into",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("muster-demo"),
    show_default=True,
    help="report.demo.help_into",
)
@click.option("--force", is_flag=True, help="report.demo.help_force")
@pass_cli
def demo(context: CliContext, folder: Path, force: bool) -> None:
    from rich.console import Console

    from bot.config.load import load_settings
    from bot.demo import line
    from bot.logs import configure_logs
    from bot.reports.html import render_week
    from bot.store.engine import make_engine
    from bot.store.schema import check_current
    from bot.store.unit_of_work import Store
    from bot.usecases.week_report import read_week

    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)
    teller = Teller(context, console)
    _make_room(folder, force)
    example = line.example_settings(context.now().date())
    days = line.Days.before(context.now(), example.calendars["harbour-hours"])
    began = time.monotonic()
    log = (folder / "muster.log").open("w", encoding="utf-8")
    configure_logs(stream=log)
    with teller.step("files"):
        line.write_files(folder, days, example)
        loaded = load_settings(folder / "app.yaml", today=days.replay)
    engine = make_engine(f"sqlite:///{(folder.resolve() / 'muster.db').as_posix()}")
    store = Store(engine)
    try:
        check_current(engine)
        roster, page = plan(teller, folder, store, loaded, days)
        hour = _play(teller, store, loaded, days)
        page.write_text(
            render_week(
                read_week(store, loaded.settings, roster),
                locale=context.t.locale,
                zone=loaded.settings.zone,
                made_at=context.now(),
            ),
            encoding="utf-8",
        )
    finally:
        store.close()
        log.close()
    context.say(
        "report.demo.done",
        seconds=round(time.monotonic() - began),
        contacts=hour.contacts,
        folder=folder,
        report=page,
    )
    config = folder / "app.yaml"
    context.next(
        f"muster --config {config} doctor",
        f"muster --config {config} roster show",
        f"MUSTER_CONFIG={config} muster run",
    )


def _make_room(folder: Path, force: bool) -> None:
    """Refuse to write over a folder that is not an earlier demo's."""
    existing = [folder / name for name in ("app.yaml", "muster.db") if (folder / name).exists()]
    ours = (folder / ".muster-demo").exists()
    if existing and not (force or ours):
        raise RefusedError(
            "demo_exists",
            f"{existing[0]} is there already; nothing was written. Choose another folder, or --force.",
            file=existing[0],
        )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".muster-demo").touch()
    for name in ("muster.db", "muster.db-wal", "muster.db-shm"):
        (folder / name).unlink(missing_ok=True)


def plan(teller: Teller, folder: Path, store: Store, loaded: Loaded, days: Days) -> tuple[RosterId, Path]:
    """From the files to a published roster; every line says what was done and what came of it."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from bot.core.ports import SolveProgress
    from bot.demo import line
    from bot.i18n.formats import Formats
    from bot.jobs.compute import ProcessSolver
    from bot.usecases.plan_roster import assess

    settings, t = loaded.settings, teller.t
    formats = Formats(t.locale, settings.zone)
    with teller.step("import"):
        reports = line.import_files(folder, store, settings)
    for report in reports:
        kind = t.text(f"report.demo.kind_{report.kind}")
        teller.came_of_it("imported", kind=kind, rows=report.read, refused=len(report.refused))
    with teller.step("forecast"):
        made = line.make_forecast(store, settings, days)
    for queue in made:
        if queue.forecast is not None:
            wape = queue.report.get("wape")
            teller.came_of_it(
                "forecast",
                queue=queue.queue,
                contacts=formats.number(
                    float(queue.forecast.mean[-_week(queue.forecast.grid.interval_seconds) :].sum())
                ),
                model=t.text(f"plan.model.{queue.forecast.model}"),
                wape="–" if wape is None else formats.percent(wape, decimals=1),
            )
    with teller.step("staffing"):
        staffing = line.make_requirement(store, settings, days)
    hours = sum(q.requirement.agent_hours for q in staffing.queues)
    teller.came_of_it("required", hours=formats.number(hours, decimals=0))

    limit = settings.roster.solve.time_limit.total_seconds()
    with Progress(
        TextColumn("  {task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=teller.console,
        transient=True,
    ) as bar:
        task = bar.add_task(t.text("report.demo.step_solve"), total=limit)

        def told(progress: SolveProgress) -> None:
            bar.update(task, completed=min(limit, progress.seconds))

        started = time.monotonic()
        version = line.solve(store, settings, ProcessSolver(), days, on_progress=told)
    teller.done("solve", time.monotonic() - started)
    assessment = assess(store, settings, version.roster_id)
    teller.came_of_it(
        "roster",
        agents=assessment.agents,
        hours=formats.number(assessment.paid_hours, decimals=0),
        gap="–" if version.gap is None else formats.percent(version.gap, decimals=1),
        violations=len(assessment.violations),
    )
    with teller.step("certify"):
        certified = line.certify_roster(store, settings, version.roster_id, days)
    teller.came_of_it(
        "certificate",
        paths=certified.stored.paths,
        weakest=formats.percent(certified.stored.weakest),
        threshold=formats.percent(settings.roster.publish.certificate),
        inside=formats.percent(certified.stored.inside_share, decimals=1),
    )
    with teller.step("publish"):
        # A minute is not always enough for a roster that passes: the demo goes on, and says so.
        weak = certified.stored.weakest < settings.roster.publish.certificate
        published = line.publish(
            store, settings, version.roster_id, days, accept=t.text("report.demo.accept") if weak else None
        )
    if weak:
        teller.came_of_it("accepted", reason=t.text("report.demo.accept"))
    teller.came_of_it("published", roster=version.roster_id, told=len(published.told))
    return version.roster_id, folder / "report.html"


def _week(interval_seconds: float) -> int:
    return round(7 * 86_400 / interval_seconds)


def _play(teller: Teller, store: Store, loaded: Loaded, days: Days) -> Hour:
    from bot.demo import line
    from bot.demo.hour import play_hour
    from bot.demo.stage import Stage

    line.skip_daily_jobs(store, days)
    with (
        teller.step("hour"),
        Stage(settings=loaded.settings, store=store, start=days.planned_at) as stage,
    ):
        hour = play_hour(
            stage, store, day=days.replay, calendars=line.queue_calendars(loaded.settings), seed=line.SEED
        )
        shown = _transcripts(teller.t, stage, hour)
    for title, text in shown:
        teller.console.print()
        teller.console.rule(title, align="left", characters="─")
        teller.console.print(text.rstrip(), markup=False, soft_wrap=True)
    teller.console.print()
    return hour


def _transcripts(t: Translator, stage: Stage, hour: Hour) -> list[tuple[str, str]]:
    """What people saw in Slack, as they saw it: in their language and zone."""
    from bot.demo.harbour import ALERT_CHANNEL, PLANNER, STANDUP_CHANNEL

    slack = stage.slack
    found = [
        (t.text("report.demo.in_channel", channel=name), slack.transcript(slack.channel(name), PLANNER[0]))
        for name in (STANDUP_CHANNEL, ALERT_CHANNEL)
    ]
    found.append((t.text("report.demo.as_posted", person=hour.pressed.first), hour.pressed.as_posted))
    found += [
        (t.text("report.demo.in_dm", person=name), slack.transcript(slack.dm(name), name))
        for name in dict.fromkeys((hour.pressed.first, "ana"))
    ]
    found.append((t.text("report.demo.second_presser", person=hour.pressed.second), hour.pressed.told_second))
    found += [
        (t.text("report.demo.typed", person=who, command=what), answer) for who, what, answer in hour.asked
    ]
    return found


class Teller:
    """Says what the demo does, step by step: a spinner while it works, then a line with the seconds."""

    def __init__(self, context: CliContext, console: Console) -> None:
        self.t = context.t
        self.console = console

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        with self.console.status("  " + self.t.text(f"report.demo.step_{name}")):
            yield
        self.done(name, time.monotonic() - started)

    def done(self, name: str, seconds: float) -> None:
        self.console.print(f"✓ {self.t.text(f'report.demo.step_{name}')}  [dim]{seconds:.1f} s[/dim]")

    def came_of_it(self, key: str, **data: object) -> None:
        text = self.t.text(f"report.demo.{key}", **data)
        self.console.print(f"    {text}", markup=False, soft_wrap=True)
