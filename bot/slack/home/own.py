"""What concerns the reader: today's and next shift, requests, open cases, promises."""

from __future__ import annotations

from slack_sdk.models.blocks import Block

from bot.core.contacts import Contact
from bot.core.people import Agent
from bot.core.requests import Request
from bot.slack.blocks import promises as promise_look
from bot.slack.blocks import requests as look
from bot.slack.blocks.case_posts import SHOW
from bot.slack.blocks.home import Part
from bot.slack.blocks.kit import actions, button, code, context, escape, section
from bot.slack.blocks.load import counselling
from bot.slack.commands.command import Asked
from bot.slack.commands.promise import promise_line
from bot.slack.commands.shift import today
from bot.slack.home.doors import SHIFTS, STATES, WITHDRAW, WORK, row
from bot.usecases.change_shifts import whole_change
from bot.usecases.own_work import OwnWork, own_work

__all__ = ["own_part"]

_SHOWN = 5
"""Cases, promises and requests that are shown; the rest is counted."""


def own_part(asked: Asked, agent: Agent) -> Part:
    """The first block says what today's shift is; whatever waits for the reader comes before the rest."""
    shifts = [block for block in today(asked).blocks if block.get("block_id") != "calendar"]
    with asked.desk.store.read() as uow:
        held = uow.requests.open_of(agent.agent)
        work = own_work(uow, asked.desk.settings, agent.agent, now=asked.now)
    return [
        *shifts,
        *_requests(asked, agent, held),
        *row("home:shifts", SHIFTS, asked),
        *_promises(asked, work),
        *_cases(asked, work),
        *row("home:work", WORK, asked),
        *row("home:states", STATES, asked),
        *counselling(agent.team, asked.voice),
    ]


def _requests(asked: Asked, agent: Agent, held: list[Request]) -> Part:
    if not held:
        return []
    blocks: list[Block] = [section(f"*{asked.t.plural('request.list', len(held))}*")]
    for request in held[:_SHOWN]:
        blocks += _request(asked, agent, request)
    return [*blocks, *_more(asked, len(held), "/muster requests")]


def _request(asked: Asked, agent: Agent, request: Request) -> list[Block]:
    trade = request.trade_of(agent.agent)
    change = "" if trade is None else look.change_line(whole_change(trade), asked.voice, named=False)
    mine, number = request.asker == agent.agent, str(request.request)
    key = "home.request.asked" if not mine else "home.request.mine"
    if request.is_referred:
        key = "home.request.referred"
    until = asked.voice.moment(request.ends_at)
    said = section(asked.t.text(key, number=code(number), change=change, until=until))
    if mine:
        presses = [button(asked.t.text("home.button.withdraw"), action=WITHDRAW, value=number)]
    else:
        presses = [
            button(asked.t.text("request.button.yes"), action=look.YES, value=number, style="primary"),
            button(asked.t.text("request.button.no"), action=look.NO, value=number),
        ]
    return [said, actions(f"home:request:{number}", *presses)]


def _promises(asked: Asked, work: OwnWork) -> Part:
    if not work.promises:
        return []
    blocks: list[Block] = [section(f"*{asked.t.plural('home.promises', len(work.promises))}*")]
    for one in work.promises[:_SHOWN]:
        # The buttons of a reminder, without its hint at the command.
        blocks += [section(promise_line(asked, one)), promise_look.choices(int(one.promise), asked.voice)[0]]
    return [*blocks, *_more(asked, len(work.promises), "/muster promises")]


def _cases(asked: Asked, work: OwnWork) -> Part:
    if not work.cases:
        return [section(asked.t.text("home.no_cases"))]
    blocks: list[Block] = [section(f"*{asked.t.plural('home.cases', len(work.cases))}*")]
    for contact in work.cases[:_SHOWN]:
        press = button(asked.t.text("case.button.show"), action=SHOW, value=contact.ref)
        blocks.append(section(_case(asked, contact, work), button=press))
    return [*blocks, *_more(asked, len(work.cases))]


def _case(asked: Asked, contact: Contact, work: OwnWork) -> str:
    due = work.due.get(contact.ref)
    key = "home.case.still"
    if due is not None:
        key = "home.case.late" if due < asked.now else "home.case.due"
    return asked.t.text(
        key,
        ref=asked.voice.ref(contact.ref),
        queue=escape(contact.queue),
        priority=asked.voice.label("priority", contact.priority.value),
        due="" if due is None else asked.voice.moment(due),
        late="" if due is None else asked.voice.length(abs(asked.now - due)),
    )


def _more(asked: Asked, count: int, command: str = "") -> list[Block]:
    if count <= _SHOWN:
        return []
    said = asked.t.plural("home.more", count - _SHOWN)
    return [context(f"{said} {code(command)}" if command else said)]
