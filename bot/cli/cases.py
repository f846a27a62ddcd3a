"""`muster case`: open one by hand, look at one, link a name to one."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.planning import echo_json

if TYPE_CHECKING:
    from bot.slack.blocks.kit import Content
    from bot.slack.blocks.voice import Voice
    from bot.usecases.case_files import CaseFile

_TYPES = ("consult", "order", "after_sales", "complaint", "urgent", "suggestion", "other")
_BOLD = re.compile(r"(?<![\w*])\*([^*\n]+)\*")
_CODE = re.compile(r"`([^`\n]*)`")


@click.group("case", help="case.help.group")
def case() -> None:
    pass


@case.command(help="case.help.add")
@click.option("--channel", type=click.Choice(["phone", "chat", "email", "web", "app", "social"]))
@click.option("--queue", help="case.help.queue")
@click.option("--priority", type=click.Choice(["urgent", "high", "medium", "low"]), help="case.help.priority")
@click.option("--type", "type_", type=click.Choice(_TYPES), default="other", show_default=True)
@click.option("--tier", help="case.help.tier")
@click.option("--agent", help="case.help.agent")
@click.option("--at", default="now", show_default=True, metavar="[now|TIME]", help="case.help.at")
@click.option(
    "--speed", type=click.FloatRange(min=1, max=3600), default=1, metavar="N", help="case.help.speed"
)
@click.option("--json", "as_json", is_flag=True, help="case.help.json")
@pass_cli
def add(
    context: CliContext,
    channel: str | None,
    queue: str | None,
    priority: str | None,
    type_: str,
    tier: str | None,
    agent: str | None,
    at: str,
    speed: float,
    as_json: bool,
) -> int:
    from bot.core.contacts import ContactType, Priority
    from bot.core.permissions import Action
    from bot.core.queues import Channel
    from bot.usecases.add_case import add_case

    context.need(Action.CASE_WORK)
    now = context.now()
    contact, clocks = add_case(
        context.store,
        context.settings,
        channel=None if channel is None else Channel(channel),
        queue=queue,
        priority=None if priority is None else Priority(priority),
        type_=ContactType(type_),
        tier=tier,
        agent=agent,
        at=_moment(context, at, now),
        by=context.operator,
        now=now,
        speed=speed,
    )
    if as_json:
        echo_json(_plain({"case": asdict(contact), "clocks": [asdict(c) for c in clocks]}))
        return ExitCode.DONE
    voice = _voice(context)
    context.say(
        "case.added",
        ref=contact.ref,
        queue=contact.queue,
        priority=voice.label("priority", contact.priority.value),
        opened=voice.moment(contact.opened_at),
    )
    if speed > 1 and clocks:
        left = min(c.due_at for c in clocks) - now
        context.say(
            "case.sped_up",
            ago=voice.f.duration(now - contact.opened_at),
            left=voice.f.duration(max(left, timedelta())),
        )
    for clock in sorted(clocks, key=lambda c: c.due_at):
        measure = voice.label("measure", clock.measure.value)
        late = now - clock.due_at
        context.say(
            "case.due" if late.total_seconds() < 0 else "case.overdue",
            measure=measure,
            due=voice.moment(clock.due_at),
            late=voice.length(abs(late)),
            policy=clock.policy,
        )
    context.next(f"muster case show {contact.ref}", f"muster sla explain {contact.ref}")
    return ExitCode.DONE


@case.command(help="case.help.show")
@click.argument("case_number", metavar="CASE")
@click.option("--json", "as_json", is_flag=True, help="case.help.json")
@pass_cli
def show(context: CliContext, case_number: str, as_json: bool) -> int:
    from bot.core.permissions import Action
    from bot.slack.blocks.case_file import case_file
    from bot.usecases.case_files import read_case

    context.need(Action.CASE_SEE)
    file = read_case(
        context.store,
        context.settings,
        case_number,
        viewer=None,
        by=context.operator,
        now=context.now(),
    )
    if as_json:
        echo_json(_plain(_file(file)))
    else:
        click.echo(_text(case_file(file, _voice(context))))
    return ExitCode.DONE


def _moment(context: CliContext, text: str, now: datetime) -> datetime:
    from bot.core.errors import RefusedError
    from bot.imports.fields import CellError, parse_instant, parse_time

    zone = ZoneInfo(context.settings.zone)
    if text.strip().lower() in ("now", "现在"):
        return now
    try:
        if re.fullmatch(r"\d{1,2}[:：]\d{2}", text.strip()):
            today = now.astimezone(zone).date()
            return datetime.combine(today, parse_time("at", text.strip()), zone)
        return parse_instant("at", text.strip(), zone).at
    except CellError:
        raise RefusedError(
            "at_unknown",
            "--at is no time; nothing was changed. Write now, 14:30 or 2026-11-24T14:30.",
            given=text,
        ) from None


def _voice(context: CliContext) -> Voice:
    from bot.i18n.formats import Formats
    from bot.slack.blocks.kit import escape
    from bot.slack.blocks.voice import Voice

    return Voice(
        t=context.t,
        f=Formats(context.locale, context.settings.zone),
        now=context.now(),
        settings=context.settings,
        person=escape,
        direct=True,
    )


def _text(content: Content) -> str:
    """A message as lines of a terminal: the same words, without Slack's markup and buttons."""
    found = []
    for block in content.blocks:
        if block["type"] == "section":
            found.append(_CODE.sub(r"\1", _BOLD.sub(r"\1", block["text"]["text"])))
    return html.unescape("\n\n".join(found))


def _file(file: CaseFile) -> Mapping[str, Any]:
    return {
        "case": asdict(file.contact),
        "record": None if file.record is None else asdict(file.record),
        "clocks": [asdict(clock) for clock in file.clocks],
        "from_file": file.from_file,
        "events": [
            {name: value for name, value in asdict(event).items() if value is not None}
            for event in file.events
        ],
        "owners": {stage.value: list(people) for stage, people in file.owners.items()},
        "hand_overs": [asdict(h) for h in file.hand_overs],
        "block": None if file.block is None else asdict(file.block),
        "approvals": [asdict(a) for a in file.approvals],
        "promises": [asdict(p) for p in file.promises],
        "links": [f"{source}:{name}" if source else name for source, name in file.links],
        "earlier": [c.ref for c in file.earlier],
        "earlier_perhaps": file.perhaps,
    }


def _plain(value: Any) -> Any:
    """JSON of what dataclasses hold."""
    if isinstance(value, Mapping):
        return {str(_plain(k)): _plain(v) for k, v in value.items()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value
