"""/muster campaign: planned, made ready, followed and closed (CA1-CA11, SCENARIOS L15)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from slack_sdk.models.blocks import Block

from bot.core.campaigns import LONGEST_NAME, REPORT_EVERY, Campaign, CampaignState, Duty, DutyHolder, GoalKind
from bot.core.contacts import ContactType
from bot.core.errors import FieldProblem, InvalidFormError, NotFoundError, RefusedError
from bot.core.ids import AgentId, CampaignId, QueueId
from bot.core.people import Agent
from bot.core.permissions import Action
from bot.slack.blocks import campaigns as look
from bot.slack.blocks.form import (
    Form,
    as_moment,
    as_text,
    as_words,
    choice,
    day_field,
    moment_field,
    person_field,
    text_field,
    words_field,
)
from bot.slack.blocks.kit import Content, actions, button, code, context, escape, message, section
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.named import colleague, mentioned, without_mentions
from bot.slack.commands.sla import team_of
from bot.usecases import close_campaign, plan_campaign, ready_campaign, run_campaigns
from bot.usecases.close_campaign import Measure
from bot.usecases.plan_campaign import CampaignEntry

__all__ = ["BUTTONS", "CAMPAIGN", "FORMS"]

PLAN: Final = "campaign.plan.form"
CLOSING: Final = "campaign.closing.form"
_NEW: Final = frozenset({"new", "add", "新建", "新增"})
_EDIT: Final = frozenset({"edit", "change", "修改", "编辑"})
_CANCEL: Final = frozenset({"cancel", "取消"})
_CLOSE: Final = frozenset({"close", "end", "结束", "关闭"})
_TICK: Final = frozenset({"done", "tick", "完成"})
_OPEN: Final = frozenset({"open", "reopen", "重开"})
_GIVE: Final = frozenset({"give", "指派"})
_ITEM: Final = frozenset({"item", "check", "事项"})
_REPORT: Final = frozenset({"report", "报告"})
_USAGE: Final = "/muster campaign 3 [edit | close | cancel | report | done 8 | give 8 @name | item WHAT]"
_MEASURES: Final = 2
_FIELD_OF: Final[Mapping[str, str]] = {
    "campaign_name": "name",
    "campaign_days": "last",
    "campaign_queues": "queues",
    "campaign_lift": "lift",
    "campaign_causes": "causes",
    "campaign_causes_long": "causes",
    "no_departments": "department",
    "department_unknown": "department",
}


def campaign(asked: Asked) -> Content | Form:
    """The list; ``new``; ``NUMBER`` with what to do about it, and alone its state and readiness."""
    word, _, rest = asked.argument.strip().partition(" ")
    if not word:
        return listed(asked)
    if word.casefold() in _NEW:
        return new(asked)
    if word.casefold() in _CLOSE | _EDIT and rest.strip().lstrip("#").isdigit():
        word, rest = rest.strip(), word
    number = word.lstrip("#")
    if not (number.isascii() and number.isdigit()) or len(number) > 15:
        raise RefusedError(
            "campaign_usage", f"Write /muster campaign new, or {_USAGE}; nothing was changed.", usage=_USAGE
        )
    one = _found(asked, number)
    doing, _, more = rest.strip().partition(" ")
    doing, more = doing.casefold(), more.strip()
    if not doing:
        return _shown(asked, one)
    for words, answer in _DOING:
        if doing in words:
            return answer(asked, one, more)
    raise RefusedError(
        "campaign_usage", f"Write /muster campaign new, or {_USAGE}; nothing was changed.", usage=_USAGE
    )


def listed(asked: Asked) -> Content:
    team = team_of(asked)
    asked.need(Action.CAMPAIGN_SEE, team=team)
    with asked.desk.store.read() as uow:
        every = uow.campaigns.all(team)
    t = asked.t
    press = actions("campaigns", button(t.text("campaign.button.new"), action=look.NEW, value="new"))
    if not every:
        return message([section(t.text("campaign.none")), press])
    # The running and coming ones first, then the ended ones, the latest first.
    ended = [c for c in every if c.state is not CampaignState.PLANNED][::-1]
    rows = [*(c for c in every if c.state is CampaignState.PLANNED), *ended][:15]
    blocks: list[Block] = [section(t.plural("campaign.list", len(every)))]
    for one in rows:
        show = button(t.text("campaign.button.show"), action=look.SHOW, value=str(one.number))
        blocks.append(section(look.summary(one, asked.voice), button=show))
    return message([*blocks, press], shortened=t.text("message.shortened"))


def new(asked: Asked) -> Form:
    asked.need(Action.CAMPAIGN_RUN, team=team_of(asked))
    return _form(asked, None)


def show(asked: Asked) -> Content:
    return _shown(asked, _found(asked, asked.argument))


def edit(asked: Asked) -> Form:
    return _edit(asked, _found(asked, asked.argument), "")


def close(asked: Asked) -> Form:
    return _close(asked, _found(asked, asked.argument), "")


def tick(asked: Asked) -> Content:
    number, _, item = asked.argument.partition(":")
    return _ticked(asked, _found(asked, number), item)


def submitted(asked: Asked) -> Content:
    """The plan's form."""
    data = json.loads(asked.metadata or "{}")
    team = team_of(asked)
    asked.need(Action.CAMPAIGN_RUN, team=team)
    desk, by = asked.desk, asked.person.actor
    try:
        entry = _entry(asked)
        if "campaign" in data:
            before = _found(asked, str(data["campaign"]))
            kept = plan_campaign.change(desk.store, desk.settings, before.number, entry, by=by, now=asked.now)
        else:
            kept = plan_campaign.new(desk.store, desk.settings, team, entry, by=by, now=asked.now)
    except RefusedError as error:
        raise _at_field(error) from error
    desk.nudge("campaigns")
    return _shown(asked, kept, head=asked.t.text("campaign.saved", number=kept.number))


def closed(asked: Asked) -> Content:
    """The closing's form."""
    one = _found(asked, str(json.loads(asked.metadata)["campaign"]))
    asked.need(Action.CAMPAIGN_RUN, team=one.team)
    measures = []
    for n in range(1, _MEASURES + 1):
        what = as_text(asked.fields.get(f"measure{n}")).strip()
        if not what:
            continue
        owner, due = _user(asked, f"owner{n}"), as_moment(asked.fields.get(f"due{n}"))
        if owner is None or due is None:
            raise InvalidFormError([FieldProblem(name=f"measure{n}", kind="campaign_measure")])
        measures.append(Measure(what=what, owner=owner, due_at=due))
    try:
        done = close_campaign.close(
            asked.desk.store,
            asked.desk.settings,
            one.number,
            causes=as_text(asked.fields.get("causes")),
            measures=measures,
            by=asked.person.actor,
            now=asked.now,
        )
    except RefusedError as error:
        raise _at_field(error) from error
    asked.desk.nudge()
    return _shown(asked, done.campaign, head=asked.t.text("campaign.closed", number=one.number))


def _shown(asked: Asked, one: Campaign, head: str = "") -> Content:
    t, voice, plan = asked.t, asked.voice, one.plan
    with asked.desk.store.read() as uow:
        items = uow.campaigns.items(one.number)
    review = close_campaign.review(asked.desk.store, asked.desk.settings, one.number, now=asked.now)
    goals = run_campaigns.goal_lines(review.goals)
    lines = [look.summary(one, voice), *(look.goal_line(goal, voice) for goal in goals)]
    if plan.lift_from:
        lines.append(t.text("campaign.lift_from", campaigns=escape("; ".join(plan.lift_from), 300)))
    if plan.duties:
        held = [
            t.text(
                "campaign.duty_of", duty=t.text(f"campaign.duty.{d.duty.value}"), person=voice.person(d.agent)
            )
            for d in plan.duties
        ]
        lines.append(t.text("campaign.duties", duties=voice.f.join(held)))
    lines.append(
        t.text(
            "campaign.reports",
            channel=escape(plan.channel),
            every=t.plural("campaign.every", plan.report_every),
            tag=code(f"campaign-{one.number}"),
        )
    )
    blocks: list[Block] = [section(head)] if head else []
    blocks.append(section("\n".join(lines)))
    if one.state is CampaignState.PLANNED:
        blocks += look.readiness(one, items, voice)
        number = str(one.number)
        blocks.append(
            actions(
                f"campaign-{number}",
                button(t.text("campaign.button.edit"), action=look.EDIT, value=number),
                button(t.text("campaign.button.close"), action=look.CLOSE, value=number),
            )
        )
        blocks.append(context(t.text("campaign.hint", usage=code(_USAGE, 120))))
    elif one.causes:
        blocks.append(section(t.text("campaign.closed.causes", causes=escape(one.causes, 1000))))
    return message(blocks, shortened=t.text("message.shortened"))


def _edit(asked: Asked, one: Campaign, _: str) -> Form:
    asked.need(Action.CAMPAIGN_RUN, team=one.team)
    with asked.desk.store.read() as uow:
        return _form(asked, plan_campaign.held(uow, one.number))


def _cancelled(asked: Asked, one: Campaign, _: str) -> Content:
    asked.need(Action.CAMPAIGN_RUN, team=one.team)
    plan_campaign.cancel(asked.desk.store, one.number, by=asked.person.actor, now=asked.now)
    return message([section(asked.t.text("campaign.cancelled", number=one.number))])


def _close(asked: Asked, one: Campaign, _: str) -> Form:
    """Goals against what came, and room for why and what is done about it."""
    asked.need(Action.CAMPAIGN_RUN, team=one.team)
    with asked.desk.store.read() as uow:
        plan_campaign.held(uow, one.number)
    t = asked.t
    review = close_campaign.review(asked.desk.store, asked.desk.settings, one.number, now=asked.now)
    shown = "\n".join(look.goal_line(g, asked.voice) for g in run_campaigns.goal_lines(review.goals))
    blocks: list[Block] = [
        section(shown),
        text_field(
            "causes", t.text("campaign.form.causes"), long=True, longest=close_campaign.LONGEST_CAUSES
        ),
    ]
    for n in range(1, _MEASURES + 1):
        blocks += [
            text_field(f"measure{n}", t.text("campaign.form.measure", number=n), longest=140),
            person_field(f"owner{n}", t.text("campaign.form.owner", number=n)),
            moment_field(f"due{n}", t.text("campaign.form.due", number=n)),
        ]
    return Form(
        callback=CLOSING,
        title=t.text("campaign.form.closing"),
        submit=t.text("campaign.button.close"),
        close=t.text("form.close"),
        blocks=blocks,
        metadata=json.dumps({"campaign": one.number}),
    )


def _ticked(asked: Asked, one: Campaign, more: str) -> Content:
    item = _item(more)
    with asked.desk.store.read() as uow:
        owner = ready_campaign.item_of(uow, one.number, item).owner
    if owner is not None and owner != asked.person.actor:
        asked.need(Action.CAMPAIGN_RUN, team=one.team)
    done = ready_campaign.tick(asked.desk.store, one.number, item, by=asked.person.actor, now=asked.now)
    words = look.item_words(done.code, done.words, asked.voice)
    return _shown(asked, one, head=asked.t.text("campaign.ticked", number=item, item=words))


def _reopened(asked: Asked, one: Campaign, more: str) -> Content:
    asked.need(Action.CAMPAIGN_RUN, team=one.team)
    item = _item(more)
    ready_campaign.reopen(asked.desk.store, one.number, item, by=asked.person.actor, now=asked.now)
    return _shown(asked, one)


def _given(asked: Asked, one: Campaign, more: str) -> Content:
    asked.need(Action.CAMPAIGN_RUN, team=one.team)
    owner = mentioned(asked, more, "/muster campaign 3 give 8 @name")
    item = _item(without_mentions(more))
    ready_campaign.give(asked.desk.store, one.number, item, owner=owner, by=asked.person.actor, now=asked.now)
    return _shown(asked, one)


def _added(asked: Asked, one: Campaign, more: str) -> Content:
    asked.need(Action.CAMPAIGN_RUN, team=one.team)
    owner = colleague(asked, more)
    words = without_mentions(more).strip().strip("\"'“”「」")
    ready_campaign.add(
        asked.desk.store, one.number, words=words, owner=owner, by=asked.person.actor, now=asked.now
    )
    return _shown(asked, one)


def _reported(asked: Asked, one: Campaign, _: str) -> Content:
    """The report as it stands now, for whoever asks alone."""
    today = asked.now.astimezone(_zone(asked, one)).date()
    with asked.desk.store.read() as uow:
        report = run_campaigns.report_so_far(uow, asked.desk.settings, one, today, asked.now)
    return message(look.blocks(report, asked.voice))


_DOING: Final[tuple[tuple[frozenset[str], Callable[[Asked, Campaign, str], Content | Form]], ...]] = (
    (_EDIT, _edit),
    (_CANCEL, _cancelled),
    (_CLOSE, _close),
    (_TICK, _ticked),
    (_OPEN, _reopened),
    (_GIVE, _given),
    (_ITEM, _added),
    (_REPORT, _reported),
)


def _found(asked: Asked, number: str) -> Campaign:
    """The campaign, of one's own team."""
    with asked.desk.store.read() as uow:
        found = uow.campaigns.get(CampaignId(int(number))) if number.isdigit() else None
    if found is None:
        raise NotFoundError(
            "no_campaign",
            f"There is no campaign {number}; nothing was changed. See: /muster campaign",
            number=number,
        )
    asked.need(Action.CAMPAIGN_SEE, team=found.team)
    return found


def _item(text: str) -> int:
    word = text.strip().lstrip("#")
    if not (word.isascii() and word.isdigit()) or len(word) > 6:
        raise RefusedError(
            "campaign_usage", f"Write /muster campaign new, or {_USAGE}; nothing was changed.", usage=_USAGE
        )
    return int(word)


def _zone(asked: Asked, one: Campaign) -> ZoneInfo:
    return ZoneInfo(asked.desk.settings.teams[one.team].zone)


def _form(asked: Asked, one: Campaign | None) -> Form:
    """Every field of the plan; a plan that stands fills them."""
    t, settings = asked.t, asked.desk.settings
    team = team_of(asked) if one is None else one.team
    plan = None if one is None else one.plan
    queues = [(q.queue, q.queue) for q in settings.queues.values() if q.team == team]
    types = [(k.value, asked.voice.label("type", k.value)) for k in ContactType]
    blocks: list[Block] = [
        text_field(
            "name",
            t.text("campaign.form.name"),
            value="" if plan is None else plan.name,
            optional=False,
            longest=LONGEST_NAME,
        ),
        day_field(
            "first",
            t.text("campaign.form.first"),
            day=None if plan is None else plan.first_day,
            optional=False,
        ),
        day_field(
            "last", t.text("campaign.form.last"), day=None if plan is None else plan.last_day, optional=False
        ),
        words_field("queues", t.text("campaign.form.queues"), queues, values=plan.queues if plan else ()),
        words_field(
            "types",
            t.text("campaign.form.types"),
            types,
            values=[k.value for k in plan.types] if plan else (),
            hint=t.text("campaign.form.types_hint"),
        ),
    ]
    for kind in GoalKind:
        blocks.append(
            text_field(
                f"goal_{kind.value}",
                t.text(f"campaign.form.goal.{kind.value}"),
                value="" if plan is None else _typed(plan.goal(kind).target, plan.goal(kind).baseline, kind),
                hint=t.text("campaign.form.goal_hint"),
                optional=False,
                longest=40,
            )
        )
    lift = ""
    if plan is not None:
        lift = "..".join(f"{100 * (v - 1):.1f}%" for v in (plan.lift.low, plan.lift.mid, plan.lift.high))
    blocks.append(
        text_field(
            "lift",
            t.text("campaign.form.lift"),
            value=lift,
            hint=t.text("campaign.form.lift_hint"),
            longest=40,
        )
    )
    every = [(str(n), t.plural("campaign.every", n)) for n in REPORT_EVERY]
    blocks.append(
        choice(
            "every",
            t.text("campaign.form.every"),
            every,
            value=str(plan.report_every if plan else 1),
            optional=False,
        )
    )
    blocks.append(
        text_field(
            "channel",
            t.text("campaign.form.channel"),
            value=plan.channel if plan else settings.teams[team].channels["standup"],
            longest=80,
        )
    )
    if settings.departments:
        known = [(d.department, d.name) for d in settings.departments.values()]
        blocks.append(
            choice(
                "department",
                t.text("campaign.form.department"),
                known,
                value=plan.department if plan else None,
            )
        )
    slack_users = _users(asked, [d.agent for d in plan.duties] if plan else [])
    for duty in Duty:
        holder = None if plan is None else plan.holder(duty)
        blocks.append(
            person_field(
                f"duty_{duty.value}",
                t.text(f"campaign.duty.{duty.value}"),
                user=None if holder is None else slack_users.get(holder),
            )
        )
    return Form(
        callback=PLAN,
        title=t.text("campaign.form.title"),
        submit=t.text("campaign.form.save"),
        close=t.text("form.close"),
        blocks=blocks,
        metadata="" if one is None else json.dumps({"campaign": one.number}),
    )


def _typed(target: float, baseline: float, kind: GoalKind) -> str:
    """A goal as `read_goal` reads it."""
    unit = "s" if kind is GoalKind.RESPONSE else "%"
    return f"{target:g}% from {baseline:g}{unit}"


def _users(asked: Asked, agents: list[AgentId]) -> dict[AgentId, str]:
    with asked.desk.store.read() as uow:
        found = uow.people.named(agents)
    return {agent: person.slack_user for agent, person in found.items() if person.slack_user is not None}


def _user(asked: Asked, field: str) -> Agent | None:
    user = as_text(asked.fields.get(field))
    if not user:
        return None
    try:
        return colleague(asked, f"<@{user}>")
    except NotFoundError as error:
        raise InvalidFormError([FieldProblem(name=field, kind=error.kind, data=error.data)]) from error


def _entry(asked: Asked) -> CampaignEntry:
    fields = asked.fields
    duties = []
    for duty in Duty:
        person = _user(asked, f"duty_{duty.value}")
        if person is not None:
            duties.append(DutyHolder(duty=duty, agent=person.agent))
    return CampaignEntry(
        name=as_text(fields.get("name")),
        first_day=date.fromisoformat(as_text(fields.get("first"))),
        last_day=date.fromisoformat(as_text(fields.get("last"))),
        queues=tuple(QueueId(q) for q in as_words(fields.get("queues"))),
        types=tuple(ContactType(k) for k in as_words(fields.get("types"))),
        goals={kind: as_text(fields.get(f"goal_{kind.value}")) for kind in GoalKind},
        channel=as_text(fields.get("channel")),
        lift=as_text(fields.get("lift")),
        duties=tuple(duties),
        report_every=int(as_text(fields.get("every")) or 1),
        department=as_text(fields.get("department")),
    )


def _at_field(error: RefusedError) -> RefusedError:
    """The same under the field it is about, so that nothing else that was typed is lost."""
    if isinstance(error, InvalidFormError):
        return error
    name = _FIELD_OF.get(error.kind)
    if error.kind in ("campaign_goal", "campaign_baseline"):
        name = f"goal_{error.data['variant']}"
    if name is None:
        return error
    return InvalidFormError([FieldProblem(name=name, kind=error.kind, data=error.data)])


BUTTONS: Final[Mapping[str, Callable[[Asked], Content | Form | None]]] = {
    look.NEW: new,
    look.SHOW: show,
    look.EDIT: edit,
    look.CLOSE: close,
    look.TICK: tick,
}
FORMS: Final[Mapping[str, Callable[[Asked], Content | Form | None]]] = {PLAN: submitted, CLOSING: closed}

CAMPAIGN = Subcommand(
    name="campaign",
    answer=campaign,
    aliases=("campaigns", "活动"),
    usage="[NUMBER]",
    lead_usage="[new | NUMBER edit | NUMBER close | NUMBER report]",
    action=Action.CAMPAIGN_SEE,
    group="figures",
)
"""Subcommand of /muster."""
