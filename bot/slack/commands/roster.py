"""/roster: how the planning of a week stands, and the solve, followed in one message (SCENARIOS P4)."""

from __future__ import annotations

from datetime import date, timedelta

from slack_sdk.models.blocks import Block

from bot.core.errors import RefusedError
from bot.core.ids import RunId
from bot.core.permissions import Action
from bot.core.rosters import RosterVersion
from bot.core.runs import Run
from bot.core.weeks import iso_week, parse_week
from bot.i18n.formats import Formats
from bot.slack.blocks.certificates import CERTIFY, COMPARE, PICTURE, PUBLISH, week_of
from bot.slack.blocks.kit import Content, actions, button, code, context, escape, lines, message, section
from bot.slack.blocks.planner import CANCEL, SOLVE
from bot.slack.commands.command import Asked, Command, Subcommand
from bot.slack.commands.roster_pictures import PICTURE_COMMANDS
from bot.slack.commands.roster_publish import PUBLISH_COMMANDS, address
from bot.slack.commands.roster_what_if import WHAT_IF
from bot.usecases import plan_roster
from bot.usecases.planning_state import PlanningState, QueueState, Step, default_week, state_of

__all__ = ["ROSTER", "cancel", "solve", "solve_pressed", "state", "week_asked"]


def state(asked: Asked) -> Content:
    """The line of a week: contacts, forecast, requirement, draft, live roster, and the next step."""
    with asked.desk.store.read() as uow:
        first = week_asked(asked, asked.argument)
        found = state_of(uow, asked.desk.settings, first)
    t = asked.t
    queues = [_queue_line(asked, queue) for queue in found.queues]
    rosters = [
        t.text("planner.state.no_draft")
        if found.draft is None
        else t.text("planner.state.draft", about=_about(asked, found.draft)),
        t.text("planner.state.no_live") if found.live is None else _live(asked, found.live),
    ]
    if found.run is not None:
        rosters.append(_under_way(asked, found.run))
    blocks: list[Block] = [
        section(t.text("planner.state.title", week=week_of(first, 7, asked.voice), step=_step(asked, found))),
        section(lines(queues or [t.text("planner.state.no_queues")])),
        section(lines(rosters)),
    ]
    buttons = _buttons(asked, found)
    if buttons is not None:
        blocks.append(buttons)
    zone = asked.voice.zone_note([q.queue for q in found.queues])
    return message([*blocks, *([context(zone)] if zone else [])], shortened=t.text("message.shortened"))


def solve(asked: Asked) -> Content:
    """Ask for a solve; its progress stands in a message of its own, to whoever asked."""
    first = week_asked(asked, asked.argument)
    try:
        plan_roster.request(
            asked.desk.store,
            asked.desk.settings,
            first=first,
            days=7,
            by=asked.person.actor,
            now=asked.now,
            tell=address(asked),
        )
    except RefusedError as error:
        if error.kind != "solve_under_way":
            raise
        return _second(asked, RunId(int(str(error.data["run"]))), first)
    asked.desk.nudge("runs")
    limit = asked.f.duration(asked.desk.settings.roster.solve.time_limit)
    return message(
        [section(asked.t.text("planner.solve.asked", week=week_of(first, 7, asked.voice), limit=limit))]
    )


def solve_pressed(asked: Asked) -> Content:
    """The button's value is the week's Monday; whoever sees it may not be a planner any more."""
    asked.need(Action.ROSTER_PLAN)
    return solve(asked)


def cancel(asked: Asked) -> Content:
    """Stop a run and keep the best roster so far; says so where it is over already."""
    asked.need(Action.ROSTER_PLAN)
    run = RunId(int(asked.argument)) if asked.argument.isdecimal() else None
    with asked.desk.store.read() as uow:
        held = None if run is None else uow.runs.get(run)
    if run is None or held is None or held.kind != plan_roster.KIND:
        raise RefusedError(
            "no_run", f"there is no run {asked.argument}; nothing was stopped.", run=asked.argument
        )
    found = plan_roster.stop(asked.desk.store, run, now=asked.now)
    asked.desk.nudge("runs")
    key = "planner.solve.stopping" if found else "planner.solve.over"
    return message([section(asked.t.text(key))])


def week_asked(asked: Asked, text: str) -> date:
    """The week that was named, else the first that is planned.  Raises RefusedError."""
    if text.strip():
        return parse_week(text)
    with asked.desk.store.read() as uow:
        return default_week(uow, asked.desk.settings, asked.now)


def _second(asked: Asked, run: RunId, first: date) -> Content:
    """Somebody solves these days already: who, how far, and the same button."""
    with asked.desk.store.read() as uow:
        held = uow.runs.get(run)
    if held is None:
        raise RefusedError("no_run", f"there is no run {run}; nothing was begun.", run=run)
    text = asked.t.text(
        "planner.solve.second", week=week_of(first, 7, asked.voice), run=_under_way(asked, held)
    )
    press = button(asked.t.text("planner.button.cancel"), action=CANCEL, value=str(run), style="danger")
    return message([section(text), actions("planner", press)])


def _under_way(asked: Asked, run: Run) -> str:
    seconds = run.progress.get("seconds")
    return asked.t.text(
        "planner.state.run",
        person=asked.desk.names(run.requested_by),
        at=asked.voice.moment(run.requested_at),
        seconds=asked.f.duration(float(seconds)) if isinstance(seconds, int | float) else "–",
    )


def _queue_line(asked: Asked, queue: QueueState) -> str:
    t, f = asked.t, asked.f
    contacts = t.text("planner.state.no_contacts")
    if queue.contacts_until is not None:
        contacts = t.text("planner.state.contacts", until=f.moment(queue.contacts_until))
    forecast = t.text("planner.state.no_forecast")
    if queue.forecast is not None:
        # Its days are those of the planning; the last one ends at the next midnight.
        own = Formats(t.locale, asked.desk.settings.zone)
        start, end = queue.forecast
        first, last = (own.day(own.local_day(at)) for at in (start, end - timedelta(seconds=1)))
        key = "planner.state.forecast" if queue.covered else "planner.state.forecast_other"
        forecast = t.text(key, first=first, last=last)
    needed = t.text("planner.state.no_requirement")
    if queue.needed_at is not None:
        needed = t.text("planner.state.requirement", at=f.moment(queue.needed_at))
    return t.text(
        "planner.state.queue", queue=escape(queue.queue), contacts=contacts, forecast=forecast, needed=needed
    )


def _live(asked: Asked, live: RosterVersion) -> str:
    published = live.published_at
    text = asked.t.text(
        "planner.state.live",
        about=_about(asked, live),
        at="–" if published is None else asked.voice.moment(published),
        person="–" if live.published_by is None else asked.desk.names(live.published_by),
    )
    if live.accepted_because:
        text += "\n" + asked.t.text("planner.state.accepted", reason=escape(live.accepted_because, 300))
    return text


def _about(asked: Asked, version: RosterVersion) -> str:
    t, f = asked.t, asked.f
    shifts = t.plural("planner.state.shifts", len(version.roster.assignments), roster=version.roster_id)
    if version.weakest is None:
        return t.text("planner.state.uncertified", shifts=shifts)
    return t.text(
        "planner.state.certified",
        shifts=shifts,
        weakest=f.percent(version.weakest),
        inside=f.percent(version.inside_share or 0.0, decimals=1),
        threshold=f.percent(asked.desk.settings.roster.publish.certificate),
    )


def _step(asked: Asked, found: PlanningState) -> str:
    week = iso_week(found.first)
    return asked.t.text(f"planner.step.{found.step.value}", command=_command(found.step, week))


def _command(step: Step, week: str) -> str:
    named = {
        Step.HISTORY: "muster import contacts FILE",
        Step.FORECAST: "muster forecast",
        Step.STAFFING: f"/roster staffing {week}",
    }
    return code(named.get(step, f"/roster solve {week}"))


def _buttons(asked: Asked, found: PlanningState) -> Block | None:
    t = asked.t
    if found.run is not None:
        run = str(found.run.run)
        return actions(
            "planner", button(t.text("planner.button.cancel"), action=CANCEL, value=run, style="danger")
        )
    press = []
    if found.draft is not None:
        roster = str(found.draft.roster_id)
        is_next = found.step is Step.CERTIFY
        press = [
            button(t.text("planner.button.certify"), action=CERTIFY, value=roster, style=_style(is_next)),
            button(t.text("planner.button.compare"), action=COMPARE, value=roster),
            button(
                t.text("planner.button.publish"),
                action=PUBLISH,
                value=roster,
                style=_style(found.step is Step.PUBLISH),
            ),
            button(t.text("planner.button.picture"), action=PICTURE, value=roster),
        ]
    if any(q.needed_at for q in found.queues):
        label = "planner.button.solve" if found.draft is None else "planner.button.solve_again"
        press.append(button(t.text(label), action=SOLVE, value=found.first.isoformat()))
    return actions("planner", *press) if press else None


def _style(is_next: bool) -> str | None:
    return "primary" if is_next else None


ROSTER = Command(
    name="/roster",
    default="state",
    subcommands=(
        Subcommand(
            name="state",
            answer=state,
            aliases=("status", "状态", "现状"),
            usage="[WEEK]",
            action=Action.ROSTER_PLAN,
        ),
        Subcommand(
            name="solve",
            answer=solve,
            aliases=("plan", "求解", "排班"),
            usage="[WEEK]",
            action=Action.ROSTER_PLAN,
        ),
        *PUBLISH_COMMANDS,
        *PICTURE_COMMANDS,
        WHAT_IF,
    ),
)
