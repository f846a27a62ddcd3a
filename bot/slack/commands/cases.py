"""/muster case, log, handoff, blocked, escalate and what else people do about a case."""

from __future__ import annotations

from dataclasses import replace

from bot.core.case_work import Level, Stage
from bot.core.contacts import Priority
from bot.core.errors import RefusedError
from bot.core.permissions import Action
from bot.core.source_words import PRIORITIES, meant
from bot.core.time_phrases import Understood, leading_time
from bot.slack.blocks.case_file import case_file
from bot.slack.blocks.form import Form
from bot.slack.blocks.kit import Content, code, context, escape, message, section
from bot.slack.blocks.times import understood_as
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.named import mentioned
from bot.slack.commands.viewer import viewer_of
from bot.slack.modals.log import open_form
from bot.usecases import chase, escalate_case, give_complaint, hand_over, link_case
from bot.usecases.case_files import find_case, read_case
from bot.usecases.departments import department_of
from bot.usecases.inform_customer import inform_customer
from bot.usecases.name_owner import name_owner

__all__ = ["CASE_COMMANDS", "show"]

_LEVELS = {
    "组长": Level.LEAD,
    "shift-lead": Level.LEAD,
    "主管": Level.SUPERVISOR,
    "经理": Level.MANAGER,
    "部门": Level.DEPARTMENT,
}
_STAGES = {
    "接待": Stage.RECEIVE,
    "受理": Stage.RECEIVE,
    "分派": Stage.ASSIGN,
    "处理": Stage.PROCESS,
    "反馈": Stage.FEEDBACK,
    "归档": Stage.ARCHIVE,
    "协办": Stage.CO_OWNER,
    "co-owner": Stage.CO_OWNER,
}


def log(asked: Asked) -> Form:
    """CR1, A5: open the form of a case, or of a new one."""
    return open_form(asked, asked.argument)


def show(asked: Asked) -> Content:
    """CR10: everything the team knows about a case, to whoever asks alone."""
    named = _word(asked, "/muster case GD20261124001")
    file = read_case(asked.desk.store, asked.desk.settings, named, viewer=viewer_of(asked), now=asked.now)
    return case_file(file, asked.voice)


def handoff(asked: Asked) -> Content:
    """CR14, CP6: hand a case to a department, with a time for the answer and what is known."""
    usage = "/muster handoff GD20261124001 finance 明天10点前 退款未到账"
    named, department, rest = _words(asked, usage)
    when, summary = _time(asked, named, rest)
    handed = hand_over.hand_over(
        asked.desk.store,
        asked.desk.settings,
        named,
        department,
        expected_at=when.at,
        summary=summary,
        viewer=viewer_of(asked),
        now=asked.now,
    )
    asked.desk.nudge()
    name = asked.desk.settings.departments[handed.department].name
    return _done(
        asked,
        "case.handed",
        understood=when,
        ref=asked.voice.ref(handed.ref),
        department=escape(name),
        expected=asked.voice.moment(handed.expected_at),
    )


def blocked(asked: Asked) -> Content:
    """ES6: a department holds a case up; somebody named chases it."""
    usage = "/muster blocked GD20261124001 finance @chaser"
    named, department, rest = _words(asked, usage)
    chaser = mentioned(asked, rest, usage)
    block = chase.block_case(
        asked.desk.store,
        asked.desk.settings,
        named,
        department,
        chaser,
        viewer=viewer_of(asked),
        now=asked.now,
    )
    asked.desk.nudge()
    return _done(
        asked,
        "case.blocked",
        ref=asked.voice.ref(block.ref),
        department=escape(asked.desk.settings.departments[block.department].name),
        person=asked.voice.person(block.chaser),
        next=asked.voice.moment(block.next_at or asked.now),
    )


def unblocked(asked: Asked) -> Content:
    named = _word(asked, "/muster unblocked GD20261124001")
    block = chase.unblock_case(
        asked.desk.store, asked.desk.settings, named, viewer=viewer_of(asked), now=asked.now
    )
    return _done(
        asked,
        "case.unblocked",
        ref=asked.voice.ref(block.ref),
        waited=asked.voice.length(asked.now - block.since),
    )


def escalate(asked: Asked) -> Content:
    """ES2: pass a case on to somebody who may decide more."""
    usage = "/muster escalate GD20261124001 supervisor beyond_authority"
    named, word, rest = _words(asked, usage)
    word, _, department = word.partition(":")
    level = meant(word, Level, _LEVELS)
    if level is None:
        known = ", ".join(level.value for level in Level)
        raise RefusedError(
            "level_unknown",
            f"there is no such level; nothing was escalated. There are: {known}.",
            known=known,
        )
    if level is Level.DEPARTMENT and not department:
        department, _, rest = rest.partition(" ")
    ref, reached = escalate_case.escalate_case(
        asked.desk.store,
        asked.desk.settings,
        named,
        level,
        rest.strip(),
        department=department or None,
        viewer=viewer_of(asked),
        now=asked.now,
    )
    asked.desk.nudge()
    key = "case.escalated_nobody" if reached.nobody_on_duty else "case.escalated"
    said = asked.voice.label("level", level.value)
    if level is Level.DEPARTMENT:
        said = escape(department_of(asked.desk.settings, department).name)
    return _done(asked, key, ref=asked.voice.ref(ref), level=said)


def approve(asked: Asked) -> Content:
    """ES3: ask the supervisor to agree to a special solution."""
    usage = "/muster approve GD20261124001 refund 今天18点前 全额退款并补偿"
    named, solution_code, rest = _words(asked, usage)
    when, words = _time(asked, named, rest)
    approval, reached = escalate_case.ask_approval(
        asked.desk.store,
        asked.desk.settings,
        named,
        solution_code,
        words,
        tell_by=when.at,
        viewer=viewer_of(asked),
        now=asked.now,
    )
    asked.desk.nudge()
    instead = reached.only_asker or reached.nobody_on_duty
    return _done(
        asked,
        "case.approval_asked_instead" if instead else "case.approval_asked",
        understood=when,
        ref=asked.voice.ref(approval.ref),
        person=asked.f.join([_somebody(asked, recipient.name) for recipient in reached.recipients]),
        tell_by=asked.voice.moment(approval.tell_by),
    )


def priority(asked: Asked) -> Content:
    """CR8: a person's own choice, which no rule changes."""
    usage = "/muster priority GD20261124001 high"
    named, word, _ = _words(asked, usage, least=2)
    chosen = meant(word, Priority, PRIORITIES)
    if chosen is None:
        known = ", ".join(p.value for p in Priority)
        raise RefusedError(
            "priority_unknown",
            f"there is no such priority; nothing was changed. There are: {known}.",
            known=known,
        )
    contact = escalate_case.set_priority(
        asked.desk.store, asked.desk.settings, named, chosen, viewer=viewer_of(asked), now=asked.now
    )
    return _done(
        asked,
        "case.priority_set",
        ref=asked.voice.ref(contact.ref),
        priority=asked.voice.label("priority", contact.priority.value),
    )


def told(asked: Asked) -> Content:
    """CP5, CP11: the customer heard how it stands; what was promised about it is kept by that."""
    named = _word(asked, "/muster told GD20261124001")
    ref = inform_customer(
        asked.desk.store, asked.desk.settings, named, viewer=viewer_of(asked), now=asked.now
    )
    asked.desk.nudge()
    return _done(asked, "case.told", ref=asked.voice.ref(ref), at=asked.voice.moment(asked.now))


def give(asked: Asked) -> Content:
    """ES7: give a complaint to its owner, never to the agent it is about."""
    usage = "/muster give GD20261124001 @agent"
    named, rest, _ = _words(asked, usage, least=2)
    agent = mentioned(asked, rest, usage)
    given = give_complaint.give_complaint(
        asked.desk.store, asked.desk.settings, named, agent.agent, viewer=viewer_of(asked), now=asked.now
    )
    asked.desk.nudge()
    key = "case.given" if given.won else "case.given_already"
    return _done(asked, key, ref=code(named), person=asked.voice.person(given.owner))


def owner(asked: Asked) -> Content:
    """CR12, CR15: name somebody for a stage of a case."""
    usage = "/muster owner GD20261124001 feedback @agent"
    named, word, rest = _words(asked, usage)
    stage = meant(word, Stage, _STAGES)
    if stage is None:
        known = ", ".join(s.value for s in Stage)
        raise RefusedError(
            "stage_unknown", f"there is no such stage; nothing was changed. There are: {known}.", known=known
        )
    agent = mentioned(asked, rest, usage)
    ref = name_owner(
        asked.desk.store,
        asked.desk.settings,
        named,
        stage,
        agent.agent,
        viewer=viewer_of(asked),
        now=asked.now,
    )
    return _done(
        asked,
        "case.owner_named",
        ref=asked.voice.ref(ref),
        stage=asked.voice.label("stage", stage.value),
        person=asked.voice.person(agent.agent),
    )


def join(asked: Asked) -> Content:
    """CR13: another system's name for a case, so that it keeps one clock."""
    usage = "/muster join GD20261124001 zendesk:1001"
    named, other, _ = _words(asked, usage, least=2)
    linked = link_case.link_case(
        asked.desk.store, asked.desk.settings, named, other, viewer=viewer_of(asked), now=asked.now
    )
    asked.desk.nudge()
    key = "case.merged" if linked.merged else "case.linked"
    return _done(asked, key, ref=asked.voice.ref(linked.ref), name=code(other))


def case(asked: Asked) -> Content:
    """`/muster case GD…` shows it; `/muster case link GD… zendesk:1001` links a name to it."""
    word, _, rest = asked.argument.strip().partition(" ")
    if word.casefold() in {"link", "关联"}:
        return join(replace(asked, argument=rest.strip()))
    return show(asked)


def _somebody(asked: Asked, named: str) -> str:
    """A person by agent id or e-mail address."""
    with asked.desk.store.read() as uow:
        agent = next((a for a in uow.people.all() if named.lower() in (a.agent, a.email.lower())), None)
    return escape(named) if agent is None else asked.voice.person(agent.agent)


def _word(asked: Asked, usage: str) -> str:
    named = asked.argument.strip().partition(" ")[0]
    if not named:
        raise RefusedError("case_needed", f"say which case; nothing was done. Write {usage}", usage=usage)
    return named


def _words(asked: Asked, usage: str, *, least: int = 3) -> tuple[str, str, str]:
    """The first two words and what follows them.  Raises RefusedError with how it is written."""
    parts = asked.argument.strip().split(None, 2)
    if len(parts) < least:
        raise RefusedError("usage", f"something is missing; nothing was done. Write {usage}", usage=usage)
    return parts[0], parts[1], parts[2] if len(parts) > 2 else ""


def _time(asked: Asked, named: str, text: str) -> tuple[Understood, str]:
    """The time a text begins with, on the wall and by the working days of the case's team."""
    settings = asked.desk.settings
    with asked.desk.store.read() as uow:
        contact = find_case(uow, settings, named, viewer_of(asked))
    queue = settings.queues.get(contact.queue)
    calendar = settings.calendars[
        next(iter(settings.calendars)) if queue is None else settings.teams[queue.team].calendar
    ]
    return leading_time(text, calendar=calendar, now=asked.now)


def _done(asked: Asked, key: str, *, understood: Understood | None = None, **data: object) -> Content:
    said = asked.t.text(key, **data)
    notes = [] if understood is None else [understood_as(asked.t, understood)]
    zone = asked.voice.zone_note([], always=understood is not None and understood.zone != asked.f.zone)
    notes += [zone] if zone else []
    return message([section(said), *([context(*notes)] if notes else [])])


CASE_COMMANDS = (
    Subcommand(
        name="log",
        answer=log,
        aliases=("记录", "登记"),
        usage="[CASE]",
        group="cases",
        action=Action.CASE_WORK,
    ),
    Subcommand(
        name="case",
        answer=case,
        aliases=("个案", "工单"),
        usage="CASE",
        group="cases",
        action=Action.CASE_SEE,
    ),
    Subcommand(
        name="handoff",
        answer=handoff,
        aliases=("hand-over", "转交", "移交"),
        usage="CASE DEPARTMENT TIME SUMMARY",
        group="cases",
        action=Action.CASE_WORK,
    ),
    Subcommand(
        name="blocked",
        answer=blocked,
        aliases=("受阻", "卡住"),
        usage="CASE DEPARTMENT @chaser",
        group="cases",
        action=Action.CASE_WORK,
    ),
    Subcommand(
        name="unblocked",
        answer=unblocked,
        aliases=("解除", "畅通"),
        usage="CASE",
        group="cases",
        action=Action.CASE_WORK,
    ),
    Subcommand(
        name="escalate",
        answer=escalate,
        aliases=("升级", "上报"),
        usage="CASE LEVEL REASON",
        group="cases",
        action=Action.CASE_WORK,
    ),
    Subcommand(
        name="approve",
        answer=approve,
        aliases=("审批", "申请"),
        usage="CASE CODE TIME WORDS",
        group="cases",
        action=Action.CASE_WORK,
    ),
    Subcommand(
        name="priority",
        answer=priority,
        aliases=("优先级",),
        usage="CASE LEVEL",
        group="cases",
        action=Action.CASE_WORK,
    ),
    Subcommand(
        name="owner",
        answer=owner,
        aliases=("负责人",),
        usage="CASE STAGE @agent",
        group="cases",
        action=Action.CASE_WORK,
    ),
    Subcommand(
        name="told",
        answer=told,
        aliases=("已告知", "告知"),
        usage="CASE",
        group="cases",
        action=Action.CASE_WORK,
    ),
    Subcommand(
        name="give",
        answer=give,
        aliases=("指派投诉", "指派"),
        usage="CASE @agent",
        group="cases",
        action=Action.APPROVE,
    ),
)
