"""/muster incident: begin, follow, end and review what goes wrong (ES8 to ES11, CP9, CR17, L16)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import IncidentId, TeamId
from bot.core.incident_messages import IncidentBacklog, StepLine
from bot.core.incidents import (
    Incident,
    IncidentState,
    Wording,
    began_at,
    drill_result,
    read_update,
    split_since,
)
from bot.core.permissions import Action
from bot.core.runbooks import Runbook, in_language, nearest, versions
from bot.core.time_phrases import read_time
from bot.imports.runbooks import known_runbooks
from bot.slack.blocks import incidents as look
from bot.slack.blocks.form import Form
from bot.slack.blocks.kit import Content, actions, button, code, context, escape, lines, message, section
from bot.slack.commands import incident_papers as papers
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.sla import team_of
from bot.slack.modals import incident as modals
from bot.usecases import review_incident, run_incident
from bot.usecases.incident_posts import backlog_of
from bot.usecases.review_incident import read_report

__all__ = ["BUTTONS", "FORMS", "INCIDENT"]

_TAKE: Final = frozenset({"take", "mine", "认领", "接手"})
_DONE: Final = frozenset({"done", "finished", "完成", "已完成"})
_SHOWN: Final = 20

Answer = Content | Form


def incident(asked: Asked) -> Answer:
    """The first word says what; without one, what is going on."""
    word, _, rest = asked.argument.strip().partition(" ")
    if not word:
        return listed(asked)
    if _digits(word.lstrip("#")):
        # `3 over` is `over 3`, and `3` alone shows it.
        verb, _, more = (rest.strip() or "show").partition(" ")
        word, rest = verb, f"{word} {more}"
    work = _WORDS.get(word.casefold())
    if work is None:
        raise RefusedError(
            "incident_usage",
            "Write /muster incident start SCENARIO, or /muster incident runbooks; nothing was changed.",
        )
    return work(replace(asked, argument=rest.strip()))


def listed(asked: Asked) -> Content:
    """What is going on, each with its steps to do; the runbooks where nothing is."""
    team = team_of(asked)
    asked.need(Action.INCIDENT_WORK, team=team)
    with asked.desk.store.read() as uow:
        found = uow.incidents.open_of(team)
    if not found:
        return message([section(asked.t.text("incident.none")), *_scenarios(asked)])
    rows: list[Block] = [section(asked.t.plural("incident.list", len(found)))]
    for one in found:
        left = sum(s.done_at is None for s in one.steps)
        rows.append(
            section(
                asked.t.text(
                    f"incident.row.{one.state.value}",
                    title=look.heading(one.incident, one.titles, asked.voice, drill=one.drill),
                    since=asked.voice.moment(one.started_at),
                    left=left,
                    backlog=one.backlog_left or 0,
                )
            )
        )
    return message(rows, shortened=asked.t.text("message.shortened"))


def _scenarios(asked: Asked) -> list[Block]:
    """The scenarios there are, in the reader's language."""
    known = _known(asked)
    rows = []
    for key in dict.fromkeys(r.key for r in known):
        one = in_language([r for r in known if r.key == key], asked.t.locale)
        rows.append(
            asked.t.text("incident.runbook", key=code(key), title=escape(one.title), steps=len(one.steps))
        )
    head = asked.t.plural("incident.runbooks", len(rows))
    return [section(head), *([section(lines(rows))] if rows else [])]


def runbooks(asked: Asked) -> Content:
    """The scenarios; with a name its flow and steps."""
    asked.need(Action.INCIDENT_WORK, team=team_of(asked))
    wanted = asked.argument
    if not wanted:
        return message(_scenarios(asked))
    found = in_language(_scenario(asked, wanted), asked.t.locale)
    steps = [
        look.step_line(
            StepLine(number=n, texts=(Wording(locale=found.locale, text=s.do),), role=s.role),
            asked.voice,
            owner=False,
        )
        for n, s in enumerate(found.steps, start=1)
    ]
    head = asked.t.text("incident.runbook_of", title=escape(found.title), version=escape(found.version))
    return message([section(head), section(escape(found.text, 2_000)), section(lines(steps))])


def start(asked: Asked, *, drill: bool = False) -> Content:
    """``SCENARIO [WHAT] [--since TIME] [by TIME]``."""
    team = team_of(asked)
    asked.need(Action.INCIDENT_RUN, team=team)
    wanted, _, words = asked.argument.partition(" ")
    if not wanted:
        raise RefusedError(
            "incident_scenario",
            "Say which scenario; nothing was started. See: /muster incident runbooks",
        )
    words, since = split_since(words)
    said = read_update(words)
    begun = run_incident.start(
        asked.desk.store,
        asked.desk.settings,
        _scenario(asked, wanted),
        team=team,
        what=said.cause,
        until=_time(asked, said.until, team),
        since=_began(asked, since, team),
        drill=drill,
        by=asked.person.actor,
        now=asked.now,
    )
    asked.desk.nudge()
    t = asked.t
    channel = asked.desk.settings.teams[team].channels["alerts"].removeprefix("#")
    title = look.heading(begun.incident, begun.titles, asked.voice, drill=drill)
    notes = []
    unowned = sum(s.owner is None for s in begun.steps)
    if unowned:
        notes.append(t.plural("incident.unowned", unowned))
    if begun.window is not None:
        notes.append(t.text("incident.window_recorded"))
    key = "incident.begun_drill" if drill else "incident.begun"
    text = t.text(key, title=title, channel=escape(channel))
    blocks: list[Block] = [section(text), *([context(*notes)] if notes else [])]
    if not drill:
        number = str(begun.incident)
        blocks.append(
            actions(
                "incident-begun",
                button(t.text("incident.button.notice"), action=look.NOTICE, value=number),
                button(t.text("incident.button.form"), action=look.FORM, value=number),
            )
        )
    return message(blocks)


def drill(asked: Asked) -> Content:
    """As `start`, marked TEST, with simulated cases and without anything that counts."""
    return start(asked, drill=True)


def step(asked: Asked) -> Content:
    """``STEP done|take``, or ``INCIDENT.STEP done|take``."""
    word, _, what = asked.argument.partition(" ")
    number, _, inside = word.lstrip("#").partition(".")
    verb = what.strip().casefold()
    if not _digits(number) or (inside and not _digits(inside)) or verb not in _TAKE | _DONE:
        raise RefusedError(
            "incident_step_usage",
            "Write /muster incident step 2 done, or 3.2 take for step 2 of incident 3; nothing was changed.",
        )
    found = _held(asked, number) if inside else _only(asked, IncidentState.RUNNING)
    return _stepped(asked, found, int(inside or number), take=verb in _TAKE)


def show(asked: Asked) -> Content:
    """How it stands and what happened, in order."""
    found, _ = _which(asked)
    asked.need(Action.INCIDENT_WORK, team=found.team)
    report = read_report(asked.desk.store, asked.desk.settings, found.incident, now=asked.now)
    return papers.report(asked, report)


def update(asked: Asked) -> Answer:
    """``CAUSE by TIME; compensation: WHAT``; without words the form."""
    found, words = _which(asked, IncidentState.RUNNING)
    asked.need(Action.INCIDENT_RUN, team=found.team)
    if not words:
        return modals.update_form(asked, found)
    said = read_update(words)
    return _updated(asked, found, said.cause, _time(asked, said.until, found.team), said.compensation)


def update_sent(asked: Asked) -> Content:
    """What stands in the form of an update."""
    number, cause, until, compensation = modals.update_fields(asked)
    found = _held(asked, number)
    asked.need(Action.INCIDENT_RUN, team=found.team)
    return _updated(asked, found, cause, until, compensation)


def notice(asked: Asked) -> Content:
    """The words for customers, to copy (CP9); ``given [WHERE]`` keeps that they were."""
    found, words = _which(asked)
    asked.need(Action.INCIDENT_WORK, team=found.team)
    word, _, where = words.partition(" ")
    if word.casefold() in {"given", "sent", "已发"}:
        return _given(asked, found, where.strip())
    return papers.notice(asked, found)


def form(asked: Asked) -> Content:
    """The form for writing contacts down, as files in a direct message (CR17)."""
    found, _ = _which(asked)
    asked.need(Action.INCIDENT_WORK, team=found.team)
    return papers.form(asked, found)


def over(asked: Asked) -> Content:
    """Repaired: what waits, by promise."""
    found, _ = _which(asked, IncidentState.RUNNING)
    asked.need(Action.INCIDENT_RUN, team=found.team)
    after = run_incident.over(
        asked.desk.store, asked.desk.settings, found.incident, by=asked.person.actor, now=asked.now
    )
    asked.desk.nudge()
    return _backlog(asked, after)


def backlog(asked: Asked) -> Content:
    """What came or waited meanwhile and is open, by promise."""
    found, _ = _which(asked, IncidentState.OVER)
    asked.need(Action.INCIDENT_WORK, team=found.team)
    return _backlog(asked, found)


def close(asked: Asked) -> Form:
    """The form for what was learnt (ES10)."""
    found, _ = _which(asked, IncidentState.OVER)
    asked.need(Action.INCIDENT_RUN, team=found.team)
    review_incident.can_close(found)
    return modals.review_form(asked, found)


def drills(asked: Asked) -> Content:
    """How the drills of the team went, the newest first."""
    team = team_of(asked)
    asked.need(Action.INCIDENT_WORK, team=team)
    with asked.desk.store.read() as uow:
        found = uow.incidents.latest(team, _SHOWN, drill=True)
    if not found:
        return message([section(asked.t.text("incident.no_drills"))])
    rows: list[Block] = [section(asked.t.plural("incident.drills", len(found)))]
    rows += [section(papers.drill_line(one, drill_result(one), asked.voice)) for one in found]
    return message(rows, shortened=asked.t.text("message.shortened"))


def _pressed_step(asked: Asked, *, take: bool) -> Content:
    number, _, inside = asked.argument.partition(".")
    return _stepped(asked, _held(asked, number), int(inside) if _digits(inside) else 0, take=take)


def _pressed_case(asked: Asked) -> Content:
    number, _, inside = asked.argument.partition(".")
    found = _held(asked, number)
    asked.need(Action.INCIDENT_WORK, team=found.team)
    run_incident.handle_case(
        asked.desk.store,
        asked.desk.settings,
        found.incident,
        int(inside) if _digits(inside) else 0,
        by=asked.person.actor,
        now=asked.now,
    )
    asked.desk.nudge()
    return message([section(asked.t.text("incident.case_handled"))])


def _pressed_given(asked: Asked) -> Content:
    found = _held(asked, asked.argument)
    asked.need(Action.INCIDENT_WORK, team=found.team)
    return _given(asked, found, "")


def _stepped(asked: Asked, found: Incident, number: int, *, take: bool) -> Content:
    asked.need(Action.INCIDENT_WORK, team=found.team)
    change = run_incident.take_step if take else run_incident.finish_step
    after = change(
        asked.desk.store,
        asked.desk.settings,
        found.incident,
        number,
        by=asked.person.actor,
        now=asked.now,
    )
    asked.desk.nudge("incidents")
    held = after.step(number)
    assert held is not None
    key = "incident.step_taken_by_you" if take else "incident.step_done_by_you"
    said = asked.t.text(key, step=look.step_line(StepLine.of(held), asked.voice, owner=False))
    following = next((s for s in after.steps if s.done_at is None), None)
    blocks: list[Block] = [section(said)]
    if not take and following is not None:
        line = look.step_line(StepLine.of(following), asked.voice)
        blocks.append(context(asked.t.text("incident.next_step", step=line)))
    return message(blocks)


def _updated(asked: Asked, found: Incident, cause: str, until: datetime | None, compensation: str) -> Content:
    after = run_incident.update(
        asked.desk.store,
        asked.desk.settings,
        found.incident,
        cause=cause,
        recover_by=until,
        compensation=compensation,
        by=asked.person.actor,
        now=asked.now,
    )
    asked.desk.nudge()
    return papers.updated(asked, after)


def _given(asked: Asked, found: Incident, where: str) -> Content:
    run_incident.note_notice(
        asked.desk.store,
        asked.desk.settings,
        found.incident,
        where=where,
        by=asked.person.actor,
        now=asked.now,
    )
    asked.desk.nudge()
    return message([section(asked.t.text("incident.notice_noted"))])


def _backlog(asked: Asked, found: Incident) -> Content:
    with asked.desk.store.read() as uow:
        rows, left = backlog_of(uow, asked.desk.settings, found, now=asked.now)
    shown = IncidentBacklog(
        incident=found.incident,
        titles=found.titles,
        drill=found.drill,
        lines=rows,
        left=left,
        total=max(left, found.backlog_total or 0),
    )
    return message(look.backlog(shown, asked.voice), shortened=asked.t.text("message.shortened"))


def _known(asked: Asked) -> tuple[Runbook, ...]:
    return known_runbooks(asked.desk.settings.incidents.folder).runbooks


def _scenario(asked: Asked, wanted: str) -> tuple[Runbook, ...]:
    known = _known(asked)
    found = versions(known, wanted.strip("\"'“”"))
    if not found:
        near = nearest(known, wanted)
        raise NotFoundError(
            "no_runbook_near" if near else "no_runbook",
            f"There is no runbook {wanted!r}; nothing was started. See: /muster incident runbooks",
            wanted=wanted,
            near=near or "",
        )
    return found


def _which(asked: Asked, state: IncidentState | None = None) -> tuple[Incident, str]:
    """The incident a text begins with, else the only one there is; and the rest of the text."""
    word, _, rest = asked.argument.strip().partition(" ")
    number = word.removeprefix("#")
    if _digits(number):
        return _held(asked, number), rest.strip()
    return _only(asked, state), asked.argument.strip()


def _only(asked: Asked, state: IncidentState | None) -> Incident:
    return run_incident.the_one(asked.desk.store, team_of(asked), state=state)


def _held(asked: Asked, number: str) -> Incident:
    return run_incident.held(asked.desk.store, IncidentId(int(number) if _digits(number) else 0))


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 15


def _began(asked: Asked, words: str, team: TeamId) -> datetime | None:
    """When it began, on the team's wall; None for no words.  Raises RefusedError for what is no time."""
    if not words:
        return None
    at = began_at(words, zone=asked.desk.settings.teams[team].zone, now=asked.now)
    if at is None:
        raise RefusedError("incident_since", f"{words!r} is no time like 09:40; nothing was started.")
    return at


def _time(asked: Asked, words: str, team: TeamId) -> datetime | None:
    """Read on the team's wall; None for no words."""
    if not words:
        return None
    settings = asked.desk.settings
    held = settings.teams[team]
    return read_time(words, calendar=settings.calendars[held.calendar], now=asked.now, zone=held.zone).at


def _words(work: Callable[[Asked], Answer], *names: str) -> dict[str, Callable[[Asked], Answer]]:
    return dict.fromkeys(names, work)


_WORDS: Final[Mapping[str, Callable[[Asked], Answer]]] = {
    **_words(start, "start", "begin", "开始", "启动"),
    **_words(listed, "list", "列表"),
    **_words(show, "show", "report", "显示", "报告"),
    **_words(step, "step", "步骤"),
    **_words(update, "update", "更新"),
    **_words(notice, "notice", "通知"),
    **_words(form, "form", "表格", "登记表"),
    **_words(over, "over", "recovered", "恢复", "结束"),
    **_words(backlog, "backlog", "积压"),
    **_words(close, "close", "review", "关闭", "复盘"),
    **_words(drill, "drill", "演练"),
    **_words(drills, "drills", "演练记录"),
    **_words(runbooks, "runbooks", "runbook", "plans", "预案"),
}

BUTTONS: Final[Mapping[str, Callable[[Asked], Answer]]] = {
    look.TAKE: lambda asked: _pressed_step(asked, take=True),
    look.DONE: lambda asked: _pressed_step(asked, take=False),
    look.CASE: _pressed_case,
    look.NOTICE: notice,
    look.GIVEN: _pressed_given,
    look.FORM: form,
    look.BACKLOG: backlog,
    look.REVIEW: close,
}
FORMS: Final[Mapping[str, Callable[[Asked], Answer]]] = {
    modals.UPDATE: update_sent,
    modals.REVIEW: modals.review_sent,
}

INCIDENT = Subcommand(
    name="incident",
    answer=incident,
    aliases=("incidents", "emergency", "应急", "突发", "突发事件"),
    usage="[show | step NUMBER done | notice | form | backlog | drills | runbooks]",
    lead_usage="[start SCENARIO | update CAUSE by TIME | over | close | drill SCENARIO | …]",
    action=Action.INCIDENT_WORK,
    group="alerts",
)
"""Subcommand of /muster."""
