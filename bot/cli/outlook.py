"""`muster outlook`: why a queue is short now, who waits, and the risk of the next hour."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.cli.planning import echo_json

if TYPE_CHECKING:
    from bot.core.ids import QueueId
    from bot.slack.blocks.voice import Voice
    from bot.store.unit_of_work import ReadUnit


@click.command(help="outlook.help")
@click.option("--queue", "queues", multiple=True, help="plan.help.queue")
@click.option("--json", "as_json", is_flag=True, help="plan.help.json")
@pass_cli
def outlook(context: CliContext, queues: tuple[str, ...], as_json: bool) -> int:
    from bot.core.ids import QueueId
    from bot.core.queues import check_queue

    settings, now = context.settings, context.now()
    for name in queues:
        check_queue(name, settings.queues)
    chosen = [QueueId(q) for q in queues] or list(settings.queues)
    with context.store.read() as uow:
        found = [_queue(uow, context, queue, now) for queue in chosen]
    if as_json:
        echo_json([json.loads(json.dumps(f, default=_plain)) for f in found])
        return ExitCode.DONE
    for index, facts in enumerate(found):
        if index:
            click.echo()
        for line in _lines(context, facts, now):
            click.echo(line)
    return ExitCode.DONE


def _queue(uow: ReadUnit, context: CliContext, queue: QueueId, now: datetime) -> dict[str, Any]:
    from bot.usecases.find_cause import cause_at
    from bot.usecases.foretell_risk import BACK, obstacle, predict

    settings = context.settings
    waiting = uow.live_queues.waiting(queue, now - BACK)
    # What is asked for is shown whatever the chance; a helping move from 5 % on.
    made = predict(uow, settings, queue, now, threshold=0.05)
    why_not = obstacle(uow, settings, queue, now)
    return {
        "queue": queue,
        "at": now,
        "cause": cause_at(uow, settings, queue, now, now),
        "waiting": len(waiting),
        "oldest": waiting[0].opened_at if waiting else None,
        "overdue": sum(w.due_at is not None and w.due_at <= now for w in waiting),
        "risk": made,
        "not_foretold": None if why_not is None else why_not.value,
    }


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return asdict(value)  # type: ignore[call-overload]


def _lines(context: CliContext, facts: dict[str, Any], now: datetime) -> list[str]:
    from bot.slack.blocks.cause import age_line, cause_lines, move_line
    from bot.slack.blocks.kit import message, section

    voice = _voice(context, now)
    t, f, risk = context.t, voice.f, facts["risk"]
    lines = [
        t.text("outlook.title", queue=facts["queue"], at=f.moment(now)),
        *cause_lines(facts["cause"], voice),
    ]
    if facts["oldest"] is None:
        lines.append(t.text("outlook.nobody_waits"))
    else:
        oldest = voice.length(now - facts["oldest"])
        lines.append(t.plural("outlook.waiting", facts["waiting"], oldest=oldest, overdue=facts["overdue"]))
    if risk is None:
        lines.append(t.text(f"outlook.not_foretold.{facts['not_foretold']}"))
    else:
        data = {
            "period": f.period(risk.start, risk.end),
            "chance": f.percent(risk.chance),
            "breaches": risk.breaches,
            "expected": f.number(risk.expected, decimals=1),
            "pausing": risk.pausing,
            "leaving": risk.leaving,
        }
        lines.append(t.text("outlook.risk", **data))
        if risk.fix is not None and risk.chance_after is not None:
            lines.append(
                t.text("risk.fix", move=move_line(risk.fix, voice), after=f.percent(risk.chance_after))
            )
    lines.append(age_line(facts["cause"].age, voice))
    # The words are those of the cards; a terminal shows them without Slack's marks.
    return message([section("\n".join(lines))]).text.split("\n")


def _voice(context: CliContext, now: datetime) -> Voice:
    from bot.i18n.formats import Formats
    from bot.slack.blocks.voice import Voice

    return Voice(
        t=context.t,
        f=Formats(context.t.locale, context.settings.zone),
        now=now,
        settings=context.settings,
        person=str,
    )
