"""/muster swap, yes, no and requests: shifts that change hands by one consent (SCENARIOS A8).

``/muster swap [DAY] [@partner]`` shows who could take a shift; ``yes`` and ``no`` with a number answer a
question, as its buttons do; ``requests`` lists what waits.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.day_phrases import read_day
from bot.core.errors import RefusedError
from bot.core.ids import TeamId
from bot.core.people import Agent
from bot.core.permissions import Action, permits
from bot.core.requests import Answer, Cause, Request, RequestId
from bot.slack.blocks import verdicts
from bot.slack.blocks.kit import Content, code, context, lines, message, section
from bot.slack.blocks.requests import change_line, gaps_now
from bot.slack.commands.command import Asked, Handler, Subcommand
from bot.slack.commands.named import colleague, without_mentions
from bot.usecases import ask_changes, referrals, swap_shifts
from bot.usecases.ask_changes import Outcome
from bot.usecases.change_shifts import open_spans, whole_change

__all__ = [
    "SWAP_COMMANDS",
    "answered",
    "decided",
    "numbered",
    "own",
    "own_day",
    "proposed",
    "said",
    "waiting",
]

_MOST: Final = 10
"""Referred requests a list shows."""


def swap(asked: Asked) -> Content:
    """Who could take the shift of a day, the next shift where none is named."""
    agent = own(asked)
    named = colleague(asked, asked.argument)
    partner = None if named is None else named.agent
    day = own_day(asked, agent, without_mentions(asked.argument))
    found = swap_shifts.deals_for(
        asked.desk.store, asked.desk.settings, agent, day, now=asked.now, partner=partner
    )
    return message(verdicts.deals(found, asked.voice, partner=partner))


def yes(asked: Asked) -> Content:
    return answered(asked, asked.argument, Answer.YES)


def no(asked: Asked) -> Content:
    return answered(asked, asked.argument, Answer.NO)


def waiting(asked: Asked) -> Content:
    """What waits for the person's word, and what the person waits for."""
    agent = asked.person.agent
    with asked.desk.store.read() as uow:
        held = [] if agent is None else uow.requests.open_of(agent.agent)
        referred = referrals.referred_to(uow, asked.person.rights)
    blocks: list[Block] = []
    if agent is not None and held:
        rows = [_line(asked, agent, request) for request in held]
        blocks += [section(asked.t.plural("request.list", len(held))), section(lines(rows))]
    if referred:
        title = asked.t.plural("referral.list", len(referred))
        blocks += [section(title), section(lines([_before_leads(asked, r) for r in referred[:_MOST]]))]
    if len(referred) > 1:
        more = len(referred) - _MOST
        rest = [asked.t.plural("referral.more", more)] if more > 0 else []
        blocks.append(context(asked.t.text("referral.oldest_first"), *rest))
    if not blocks:
        if not permits(Action.SHIFTS_MEND, asked.person.rights):
            own(asked)
        hint = asked.t.text("request.none_hint", command=code("/muster swap"))
        return message([section(asked.t.text("request.none")), context(hint)])
    return message(blocks)


def _before_leads(asked: Asked, request: Request) -> str:
    return asked.t.text(
        "referral.row",
        number=code(str(request.request)),
        change=verdicts.exchange_text(request, asked.voice),
        since=asked.voice.moment(request.made_at),
        yes=code(f"/muster yes {request.request}"),
        no=code(f"/muster no {request.request}"),
    )


def _line(asked: Asked, agent: Agent, request: Request) -> str:
    trade = request.trade_of(agent.agent)
    change = "" if trade is None else change_line(whole_change(trade), asked.voice, named=False)
    key = "request.list_mine" if request.asker == agent.agent else "request.list_asked"
    if request.is_referred:
        key = "request.list_referred"
    return asked.t.text(
        key,
        number=code(str(request.request)),
        change=change,
        until=asked.voice.moment(request.ends_at),
        yes=code(f"/muster yes {request.request}"),
        cancel=code(f"/muster withdraw {request.request}"),
    )


def withdraw(asked: Asked) -> Content:
    agent = own(asked)
    done = ask_changes.withdraw(
        asked.desk.store,
        asked.desk.settings,
        numbered(asked.argument),
        agent=agent.agent,
        by=agent.agent,
        now=asked.now,
    )
    asked.desk.nudge()
    return said(asked, done)


def answered(asked: Asked, argument: str, word: Answer) -> Content:
    """One person's word on a request, by button or command; a lead's on what was referred."""
    with asked.desk.store.read() as uow:
        held = uow.requests.get(numbered(argument))
    if held is not None and (held.is_referred or _decides_too_late(asked, held)):
        return decided(asked, argument, granted=word is Answer.YES)
    agent = own(asked)
    done = ask_changes.answer(
        asked.desk.store, asked.desk.settings, numbered(argument), agent.agent, word, now=asked.now
    )
    asked.desk.nudge()
    return said(asked, done)


def decided(asked: Asked, argument: str, *, granted: bool) -> Content:
    """A lead grants what was referred, or not; where it has ended: how, by whom and when."""
    held = proposed(asked, argument)
    agent = asked.person.agent
    try:
        done = referrals.decide(
            asked.desk.store,
            asked.desk.settings,
            held.request,
            granted=granted,
            by=asked.person.actor,
            agent=None if agent is None else agent.agent,
            now=asked.now,
        )
    except RefusedError as error:
        if error.kind != "request_over":
            raise
        # A referral that turned out to be over has ended by now: its card says so as well.
        asked.desk.nudge()
        return _over(asked, held.request, error)
    asked.desk.nudge()
    return said(asked, done)


def _over(asked: Asked, number: RequestId, error: RefusedError) -> Content:
    with asked.desk.store.read() as uow:
        held = uow.requests.get(number)
    if held is None or not held.was_referred:
        raise error
    by = held.ended_by or held.made_by
    title = asked.t.text(
        f"referral.{'was_exchange' if held.answers else 'was'}.{held.state.value}",
        by="" if by == "muster" else asked.voice.person(by),
        at="" if held.ended_at is None else asked.voice.moment(held.ended_at),
    )
    return message([section(title)])


def proposed(asked: Asked, argument: str) -> Request:
    """The request a lead's button is about; only leads of the team may."""
    with asked.desk.store.read() as uow:
        held = uow.requests.get(numbered(argument))
    if held is None:
        raise RefusedError(
            "request_over", "that is not there any more; nothing was changed.", variant="withdrawn"
        )
    asked.need(Action.SHIFTS_MEND, team=_team(asked, held))
    return held


def _decides_too_late(asked: Asked, request: Request) -> bool:
    """Whether a lead means what lay before the leads; their own word on their own shifts is another thing."""
    agent = asked.person.agent
    if not request.was_referred or (agent is not None and agent.agent in request.answers):
        return False
    return permits(Action.SHIFTS_MEND, asked.person.rights, team=_team(asked, request))


def _team(asked: Asked, request: Request) -> TeamId | None:
    with asked.desk.store.read() as uow:
        people = {a.agent: a for a in uow.people.all(active=False)}
    return next((people[a].team for a in request.people if a in people), None)


def said(asked: Asked, done: Outcome) -> Content:
    """How a request stands after a step, to whoever took it."""
    request = done.request
    waits = sum(1 for a in request.answers.values() if a.value == "waiting")
    made = "made" if request.cause is Cause.PUBLISHED else "consent"
    key = f"plan_word.said.{made}" if request.cause in ask_changes.PLANNED else "request.state"
    title = asked.t.text(f"{key}.{request.state.value}")
    if request.state.value == "open":
        title = asked.t.plural("request.state.open_waits", waits, until=asked.voice.moment(request.ends_at))
    agent = asked.person.agent
    trade = None if agent is None else request.trade_of(agent.agent)
    blocks = [section(title)]
    if trade is not None:
        blocks.append(section(change_line(whole_change(trade), asked.voice, named=False)))
    if request.was_referred and done.verdict is not None and trade is None:
        blocks.append(section(gaps_now(open_spans(done.verdict.opened), asked.voice)))
    return message([*blocks, context(asked.t.text("request.see", command=code("/shift week")))])


def own(asked: Asked) -> Agent:
    """The agent who asks.  Raises RefusedError for somebody who is not linked."""
    agent = asked.person.agent
    if agent is None:
        raise RefusedError(
            "request_unlinked",
            "nobody of agents.csv is linked to you; nothing was changed. Type /muster link me first.",
        )
    return agent


def own_day(asked: Asked, agent: Agent, text: str) -> date:
    """The day a command names, or that of the agent's next shift."""
    if text.strip():
        return read_day(text, asked.f.local_day(asked.now))
    return swap_shifts.next_day(asked.desk.store, agent, now=asked.now)


def numbered(argument: str) -> RequestId:
    """The request a command or button names.  Raises RefusedError."""
    text = argument.strip().lstrip("#")
    if not text.isdigit() or len(text) > 15:
        raise RefusedError(
            "request_number", "That is no number of a request; nothing was changed. See /muster requests."
        )
    return RequestId(int(text))


def _sub(name: str, answer: Handler, *aliases: str) -> Subcommand:
    return Subcommand(name=name, answer=answer, aliases=aliases, group="shifts", action=Action.OWN_SHIFTS)


SWAP_COMMANDS = (
    _sub("swap", swap, "trade", "换班", "调班", "換班"),
    _sub("requests", waiting, "请求", "换班请求"),
    _sub("yes", yes, "同意"),
    _sub("no", no, "拒绝", "不同意"),
    _sub("withdraw", withdraw, "撤回"),
)
"""Subcommands of /muster, one line of its help (K4)."""
