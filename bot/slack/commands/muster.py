"""/muster: help by role, linking people, and the subcommands of the other rooms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from slack_sdk.models.blocks import Block

from bot.core.errors import NotAllowedError, RefusedError
from bot.core.people import Agent, Role
from bot.core.permissions import Action, permits
from bot.slack.blocks.kit import Content, code, context, escape, lines, message, section
from bot.slack.commands.action import ACTION
from bot.slack.commands.adherence import ADHERENCE
from bot.slack.commands.alerts import ALERT_COMMANDS
from bot.slack.commands.announce import ANNOUNCE
from bot.slack.commands.board import BOARD
from bot.slack.commands.campaign import CAMPAIGN
from bot.slack.commands.cases import CASE_COMMANDS
from bot.slack.commands.cause import CAUSE
from bot.slack.commands.coach import COACH
from bot.slack.commands.command import Asked, Command, Subcommand, allows, help_key, offered
from bot.slack.commands.divert import DIVERT
from bot.slack.commands.floor import FLOOR_COMMANDS
from bot.slack.commands.hours import HOURS_COMMANDS
from bot.slack.commands.ideas import IDEA_COMMANDS
from bot.slack.commands.incident import INCIDENT
from bot.slack.commands.kb import KB
from bot.slack.commands.kpi import KPI_COMMANDS
from bot.slack.commands.language import LANGUAGE
from bot.slack.commands.load import LOAD
from bot.slack.commands.measure import MEASURE
from bot.slack.commands.named import user_alone
from bot.slack.commands.off import OFF
from bot.slack.commands.promise import PROMISES
from bot.slack.commands.review import REVIEW
from bot.slack.commands.say import KNOWLEDGE_COMMANDS
from bot.slack.commands.sick import ABSENCE_COMMANDS
from bot.slack.commands.sla import EXCEPTION, explain
from bot.slack.commands.surge import SURGE
from bot.slack.commands.swap import SWAP_COMMANDS
from bot.slack.commands.training import TRAINING
from bot.slack.commands.trial import TEST
from bot.slack.commands.who import WHO
from bot.slack.commands.why import WHY
from bot.slack.commands.wish import WISH_COMMANDS
from bot.usecases.link_people import LinkResult, Member

__all__ = ["grouped", "help_", "muster_command"]

_ME = frozenset({"me", "我", "本人"})
_SHOWN = 15
GROUP_CHARACTERS = 200
_GROUP_OF = {"/shift": "shifts", "/roster": "rosters"}
"""The group of a command of its own."""


def muster_command(others: Sequence[Command]) -> Command:
    """The command that knows the others, for its help."""

    def helped(asked: Asked) -> Content:
        return help_(asked, [*others, command], asked.argument.strip())

    command = Command(
        name="/muster",
        default="help",
        subcommands=(
            Subcommand(name="help", answer=helped, aliases=("?", "帮助")),
            Subcommand(
                name="link",
                answer=link,
                aliases=("关联", "绑定"),
                usage="me",
                lead_usage="[@user | me]",
                action=Action.LINK_SELF,
            ),
            BOARD,
            *grouped("alerts", ALERT_COMMANDS),
            TEST,
            INCIDENT,
            *CASE_COMMANDS,
            Subcommand(name="sla", answer=explain, usage="CASE", action=Action.CASE_SEE, group="cases"),
            EXCEPTION,
            CAUSE,
            *grouped("cases", PROMISES),
            *FLOOR_COMMANDS,
            *SWAP_COMMANDS,
            OFF,
            WHY,
            *WISH_COMMANDS,
            *ABSENCE_COMMANDS,
            *HOURS_COMMANDS,
            WHO,
            ACTION,
            MEASURE,
            CAMPAIGN,
            ANNOUNCE,
            SURGE,
            DIVERT,
            ADHERENCE,
            REVIEW,
            TRAINING,
            COACH,
            *KPI_COMMANDS,
            LOAD,
            *KNOWLEDGE_COMMANDS,
            KB,
            *IDEA_COMMANDS,
            LANGUAGE,
        ),
    )
    return command


def help_(asked: Asked, commands: Sequence[Command], group: str = "") -> Content:
    """What this person may do, one line each, and one for each group of commands (K4).

    `/muster help cases` has the lines of a group, `/muster help take` that of a command; other commands whose
    help this is stand last in ``commands``.
    """
    here = commands[-1].name
    role = asked.t.text(f"label.role.{asked.person.role.value}")
    mine = [
        (command, sub)
        for command in commands
        for sub in command.subcommands
        if offered(sub, asked.person) and sub.name != "help"
    ]
    groups: dict[str, list[tuple[Command, Subcommand]]] = {}
    for command, sub in mine:
        groups.setdefault(sub.group or _GROUP_OF.get(command.name, ""), []).append((command, sub))
    title = section(asked.t.text("help.title", role=role))
    wanted = group.casefold()
    for name, found in groups.items():
        if name and wanted in (name, asked.t.text(f"help.group.{name}").casefold()):
            return message([title, section(lines([_row(asked, *each) for each in found]))])
    if wanted:
        named = [each for each in mine if wanted == each[1].name or wanted in each[1].aliases]
        if named:
            return message([title, section(lines([_row(asked, *each) for each in named]))])
        known = [code(f"{here} help"), *(code(f"{here} help {name}") for name in groups if name)]
        typed = code(f"{here} help {group}")
        unknown = asked.t.text("command.unknown", typed=typed, known=asked.f.join(known))
        return message([section(unknown)])
    rows = [_row(asked, *each) for each in groups.get("", ())]
    rows += [_group(asked, name, found, here) for name, found in groups.items() if name]
    return message([title, section(lines(rows))])


def _group(asked: Asked, name: str, found: Sequence[tuple[Command, Subcommand]], here: str) -> str:
    words: dict[str, list[str]] = {}
    for command, sub in found:
        words.setdefault(command.name, []).append(sub.name)
    shown = [code(f"{head} {' | '.join(names)}", GROUP_CHARACTERS) for head, names in words.items()]
    return asked.t.text(
        "help.group",
        group=asked.t.text(f"help.group.{name}"),
        commands="  ".join(shown),
        more=code(f"{here} help {name}"),
    )


def grouped(group: str, subcommands: Sequence[Subcommand]) -> tuple[Subcommand, ...]:
    """Subcommands that share one line of the help."""
    return tuple(replace(sub, group=group) for sub in subcommands)


def link(asked: Asked) -> Content:
    """Link one person, oneself, or everybody, by e-mail address only (K5)."""
    target = asked.argument.strip()
    others = permits(Action.LINK_OTHERS, asked.person.rights)
    if target.casefold() in _ME or (not target and not others):
        return _linked(asked, asked.person.user)
    if not others:
        raise NotAllowedError(
            "link_needs_lead",
            "only leads link other people; nothing was changed. Link yourself: /muster link me",
            action=Action.LINK_OTHERS.value,
        )
    if not target:
        return _everybody(asked)
    user = user_alone(target)
    if user is None:
        raise RefusedError(
            "link_target",
            "that names no person; nobody was linked. Write /muster link @name, or /muster link me",
            given=target,
        )
    return _linked(asked, user)


def _row(asked: Asked, command: Command, sub: Subcommand) -> str:
    usage = (allows(asked.person.role, Role.LEAD) and sub.lead_usage) or sub.usage
    words = " ".join(part for part in (command.name, sub.name, usage) if part)
    return f"• {code(words)}  {_line(asked, command, sub)}"


def _line(asked: Asked, command: Command, sub: Subcommand) -> str:
    """What a subcommand does; leads may do more with some."""
    return asked.t.text(help_key(command, sub, asked.person.role, asked.t))


def _linked(asked: Asked, user: str) -> Content:
    agent = asked.desk.people.link_one(user, by=asked.person.actor)
    text = asked.t.text("link.done", person=f"<@{user}>", agent=code(agent.agent))
    hint = asked.t.text("link.next", command=code("/shift"))
    return message([section(text), context(hint)])


def _everybody(asked: Asked) -> Content:
    result = asked.desk.people.link_all(by=asked.person.actor)
    title = asked.t.text(
        "link.all",
        new=len(result.linked),
        already=result.already,
        agents=len(result.agents_without_member),
        members=len(result.members_without_agent),
    )
    return message([section(title), *_leftovers(asked, result)])


def _leftovers(asked: Asked, result: LinkResult) -> list[Block]:
    blocks: list[Block] = []
    if result.agents_without_member:
        rows = [_agent(agent) for agent in result.agents_without_member[:_SHOWN]]
        blocks.append(_leftover(asked, "link.agents_left", rows, len(result.agents_without_member)))
    if result.members_without_agent:
        rows = [_member(member) for member in result.members_without_agent[:_SHOWN]]
        blocks.append(_leftover(asked, "link.members_left", rows, len(result.members_without_agent)))
    return blocks


def _leftover(asked: Asked, key: str, rows: list[str], total: int) -> Block:
    if total > len(rows):
        rows = [*rows, asked.t.plural("link.more", total - len(rows))]
    return section(lines([asked.t.text(key), *rows]))


def _agent(agent: Agent) -> str:
    return f"• {code(agent.agent)}  {escape(agent.name)}, {escape(agent.email)}"


def _member(member: Member) -> str:
    return f"• <@{member.user}>  {escape(member.email) if member.email else '–'}"
