"""Incidents and drills as they are read: the card, its thread, messages to those concerned."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from slack_sdk.models.blocks import Block, ButtonElement

from bot.core.incident_messages import (
    BacklogLine,
    IncidentBacklog,
    IncidentCard,
    IncidentMessage,
    IncidentNews,
    IncidentTold,
    ReviewMissing,
    StepGiven,
    StepLate,
    StepLine,
)
from bot.core.incidents import LONGEST, LONGEST_CAUSE, Wording, worded
from bot.core.runbooks import LEAD, LONGEST_STEP
from bot.slack.blocks import case_posts
from bot.slack.blocks.kit import actions, button, context, escape, section
from bot.slack.blocks.voice import Voice

__all__ = [
    "BACKLOG",
    "CASE",
    "DONE",
    "FORM",
    "GIVEN",
    "NOTICE",
    "REVIEW",
    "TAKE",
    "backlog",
    "blocks",
    "heading",
    "step_line",
    "who",
]

TAKE: Final = "incident.take"
DONE: Final = "incident.done"
"""Values: incident and step, ``3.2``."""
CASE: Final = "incident.case"
"""Value: drill and simulated case, ``3.1``."""
NOTICE: Final = "incident.notice"
GIVEN: Final = "incident.given"
FORM: Final = "incident.form"
BACKLOG: Final = "incident.backlog"
REVIEW: Final = "incident.review"
"""Values: the incident's number."""
_REFERENCE: Final = 64


def blocks(kind: IncidentMessage, voice: Voice) -> list[Block]:
    match kind:
        case IncidentCard():
            return _card(kind, voice)
        case IncidentNews():
            return [section(_news(kind, voice))]
        case StepGiven():
            head = voice.t.text("incident.step_given", title=_title(kind, voice))
            if kind.what:
                head += f"\n{escape(kind.what, LONGEST)}"
            text = f"{head}\n{step_line(kind.step, voice, owner=False)}"
            return [section(text), _step_buttons(kind.incident, kind.step, voice)]
        case StepLate():
            head = voice.t.text("incident.step_late", title=_title(kind, voice))
            return [
                section(f"{head}\n{step_line(kind.step, voice)}"),
                _step_buttons(kind.incident, kind.step, voice),
            ]
        case IncidentTold():
            return _told(kind, voice)
        case IncidentBacklog():
            return backlog(kind, voice)
        case ReviewMissing():
            text = voice.t.text(
                "incident.review_missing",
                title=heading(kind.incident, kind.titles, voice),
                over=voice.moment(kind.over_at),
            )
            press = button(
                voice.t.text("incident.button.review"),
                action=REVIEW,
                value=str(kind.incident),
                style="primary",
            )
            return [section(text), actions("incident-review", press)]


def heading(incident: int, titles: tuple[Wording, ...], voice: Voice, *, drill: bool = False) -> str:
    """``#3 System outage``, in a drill ``TEST · #3 System outage``."""
    key = "incident.title_drill" if drill else "incident.title"
    return voice.t.text(key, number=incident, title=escape(worded(titles, voice.t.locale)))


def step_line(step: StepLine, voice: Voice, *, owner: bool = True) -> str:
    """``*2.* Put the notice on the site · @lin · by 10:20``; done ones say when and by whom."""
    t = voice.t
    parts = [
        t.text(
            "incident.step",
            number=step.number,
            do=escape(worded(step.texts, t.locale), LONGEST_STEP),
        )
    ]
    if step.done_at is not None:
        late = step.due_at is not None and step.done_at > step.due_at
        key = "incident.step_done_late" if late else "incident.step_done"
        parts.append(t.text(key, at=voice.moment(step.done_at), person=who(step.done_by or "", voice)))
        return " · ".join(parts)
    if owner:
        parts.append(t.text("incident.nobody") if step.owner is None else who(step.owner, voice))
        if step.owner is None and step.role is not None:
            is_lead = step.role == LEAD
            role = t.text("incident.role_lead" if is_lead else "incident.role_skill", skill=escape(step.role))
            parts[-1] = t.text("incident.nobody_with", role=role)
        elif step.taken:
            parts[-1] = t.text("incident.taken", person=parts[-1])
    if step.due_at is not None:
        late = step.due_at <= voice.now
        parts.append(t.text("incident.was_due" if late else "incident.due", at=voice.moment(step.due_at)))
    return " · ".join(parts)


def who(name: str, voice: Voice) -> str:
    """Somebody, or Muster itself."""
    return voice.t.text("incident.muster") if name == "muster" else voice.person(name)


def backlog(kind: IncidentBacklog, voice: Voice) -> list[Block]:
    """What is left, those promised earliest first, each with its way to the case."""
    t = voice.t
    title = heading(kind.incident, kind.titles, voice, drill=kind.drill)
    if not kind.left:
        return [section(t.text("incident.backlog_empty", title=title, total=kind.total))]
    key = "incident.backlog_drill" if kind.drill else "incident.backlog"
    head = t.text(key, title=title, left=kind.left, total=kind.total)
    rows: list[Block] = [section(head)]
    rows += [
        section(_backlog_line(one, voice), button=_backlog_button(kind, one, voice)) for one in kind.lines
    ]
    if kind.left > len(kind.lines):
        rows.append(context(t.plural("incident.more", kind.left - len(kind.lines))))
    return rows


def _backlog_line(line: BacklogLine, voice: Voice) -> str:
    t = voice.t
    parts = [voice.ref(line.ref)]
    if line.due_at is None:
        parts.append(t.text("incident.no_promise"))
    else:
        late = line.due_at <= voice.now
        parts.append(t.text("incident.was_due" if late else "incident.due", at=voice.moment(line.due_at)))
    if line.queue:
        parts.append(voice.queue(line.queue))
    if line.case is None:
        parts.append(t.text("incident.no_owner") if line.owner is None else voice.person(line.owner))
    return " · ".join(parts)


def _backlog_button(kind: IncidentBacklog, line: BacklogLine, voice: Voice) -> ButtonElement | None:
    if line.case is not None:
        value = f"{kind.incident}.{line.case}"
        return button(voice.t.text("incident.button.handled"), action=CASE, value=value)
    if len(line.ref) > _REFERENCE:
        return None  # no case has such a name
    return button(voice.t.text("incident.button.case"), action=case_posts.SHOW, value=line.ref)


def _title(kind: StepGiven | StepLate | IncidentNews, voice: Voice) -> str:
    return heading(kind.incident, kind.titles, voice, drill=kind.drill)


def _card(kind: IncidentCard, voice: Voice) -> list[Block]:
    t = voice.t
    title = heading(kind.incident, kind.titles, voice, drill=kind.drill)
    head = t.text(f"incident.card.{kind.state}", title=title)
    if kind.what:
        head += f"\n{escape(kind.what, LONGEST)}"
    head += "\n" + t.text("incident.since", at=voice.moment(kind.started_at), person=who(kind.by, voice))
    if kind.over_at is not None:
        head += " · " + t.text("incident.over_since", at=voice.moment(kind.over_at))
    shown: list[Block] = [section(head)]
    if kind.drill:
        shown.append(section(t.text("incident.drill_note")))
    else:
        shown.append(
            section(
                _known(kind.cause, kind.recover_by, kind.compensation, voice, over=kind.over_at is not None)
            )
        )
    running = kind.state == "running"
    for step in kind.steps:
        shown.append(section(step_line(step, voice)))
        if running and step.done_at is None:
            shown.append(_step_buttons(kind.incident, step, voice))
    notes = [
        t.text("incident.contact", name=escape(c.name), reach=escape(c.reach, 100)) for c in kind.contacts
    ]
    if notes:
        shown.append(context(*notes))
    if kind.window_until is not None:
        key = "incident.window_ended" if kind.over_at is not None else "incident.window"
        shown.append(context(t.text(key, until=voice.moment(kind.window_until))))
    if kind.backlog_left:
        shown.append(context(t.plural("incident.left", kind.backlog_left)))
    buttons = _card_buttons(kind, voice)
    if buttons:
        shown.append(actions(f"incident-{kind.incident}", *buttons))
    return shown


def _card_buttons(kind: IncidentCard, voice: Voice) -> list[ButtonElement]:
    number, t = str(kind.incident), voice.t
    names: tuple[tuple[str, str], ...] = {
        "running": (("notice", NOTICE), ("form", FORM)),
        "over": (("backlog", BACKLOG), ("review", REVIEW)),
    }.get(kind.state, ())
    if kind.drill:
        names = tuple(one for one in names if one[0] in ("review", "notice"))
    return [button(t.text(f"incident.button.{name}"), action=action, value=number) for name, action in names]


def _known(
    cause: str | None,
    until: datetime | None,
    compensation: str | None,
    voice: Voice,
    *,
    over: bool = False,
) -> str:
    """What is known, and plainly what is not; once it is over nobody waits for a repair time any more."""
    t = voice.t
    said = [
        t.text("incident.cause_unknown")
        if cause is None
        else t.text("incident.cause", cause=escape(cause, LONGEST_CAUSE)),
        t.text("incident.until_unknown")
        if until is None
        else t.text("incident.until", at=voice.moment(until)),
    ]
    if over:
        said.pop()
    if compensation is not None:
        said.append(t.text("incident.compensation", compensation=escape(compensation, LONGEST_CAUSE)))
    return "\n".join(said)


def _step_buttons(incident: int, step: StepLine, voice: Voice) -> Block:
    value = f"{incident}.{step.number}"
    done = button(voice.t.text("incident.button.done"), action=DONE, value=value, style="primary")
    if step.taken:
        return actions(f"incident-step-{value}", done)
    take = button(voice.t.text("incident.button.take"), action=TAKE, value=value)
    return actions(f"incident-step-{value}", take, done)


def _news(kind: IncidentNews, voice: Voice) -> str:
    t = voice.t
    said = t.text(
        f"incident.news.{kind.news}",
        title=_title(kind, voice),
        person=who(kind.by, voice),
        step="" if kind.step is None else step_line(kind.step, voice),
        words=escape(kind.words, LONGEST_CAUSE),
        until="" if kind.until is None else voice.moment(kind.until),
        count=kind.count,
    )
    if kind.news == "updated":
        said += "\n" + _known(kind.words or None, kind.until, kind.compensation or None, voice)
    return said


def _told(kind: IncidentTold, voice: Voice) -> list[Block]:
    t = voice.t
    head = t.text(f"incident.told.{kind.stage}", title=heading(kind.incident, kind.titles, voice))
    if kind.what:
        head += f"\n{escape(kind.what, LONGEST)}"
    if kind.stage == "over":
        press = button(t.text("incident.button.backlog"), action=BACKLOG, value=str(kind.incident))
        return [section(head), actions("incident-told", press)]
    buttons = [
        button(t.text(f"incident.button.{name}"), action=action, value=str(kind.incident))
        for name, action in (("notice", NOTICE), ("form", FORM))
    ]
    known = _known(kind.cause, kind.recover_by, kind.compensation, voice)
    return [section(f"{head}\n{known}"), actions("incident-told", *buttons)]
