"""/sla show: how the team's promises were kept over the last days, row by row of app.yaml."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.attainment import Attainment
from bot.core.errors import RefusedError
from bot.core.permissions import Action
from bot.core.sla import SlaPolicy, SlaTarget
from bot.reports.sla_text import attainment_row
from bot.slack.blocks.kit import Content, code, context, escape, lines, message, section
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.sla import team_of
from bot.usecases.review_sla import attainment

__all__ = ["SHOW"]

DAYS: Final = 7
MOST_DAYS: Final = 366
_ROWS: Final = 12
"""Rows of one section, so that none grows past Slack's limit."""


def show(asked: Asked) -> Content:
    """Every promise due in the last days: how many, how many were kept, how long they took."""
    days = _days(asked.argument.strip())
    settings, team = asked.desk.settings, team_of(asked)
    asked.need(Action.TEAM_FIGURES, team=team)
    queues = {queue.queue for queue in settings.queues.values() if queue.team == team}
    start = asked.now - timedelta(days=days)
    found = {
        (row.policy, row.measure): row
        for row in attainment(
            asked.desk.store, settings, start=start, end=asked.now, now=asked.now, queues=queues
        )
    }
    judged, kept = sum(r.judged for r in found.values()), sum(r.kept for r in found.values())
    title = asked.t.plural(
        "sla.kept.title",
        days,
        team=escape(team),
        share=asked.f.percent(kept / judged, decimals=1) if judged else "–",
        kept=asked.f.number(kept),
        judged=asked.f.number(judged),
    )
    if not found:
        return message([section(asked.t.plural("sla.kept.none", days, team=escape(team)))])
    rows = [
        _row(asked, found.pop((policy.name, target.measure)), policy, target)
        for policy in settings.policies
        for target in policy.targets
        if (policy.name, target.measure) in found
    ]
    # Rows that have left app.yaml since; their promises were made all the same.
    rows += [_row(asked, row, None, None) for row in found.values()]
    blocks: list[Block] = [section(title)]
    blocks += [section(lines(rows[n : n + _ROWS])) for n in range(0, len(rows), _ROWS)]
    zone = asked.voice.zone_note(sorted(queues))
    since = asked.t.text("sla.kept.since", at=asked.f.moment(start))
    more = asked.t.text("sla.kept.more", command=code("/sla explain"))
    blocks.append(context(since, *([zone] if zone else []), more))
    return message(blocks, shortened=asked.t.text("message.shortened"))


def _row(asked: Asked, row: Attainment, policy: SlaPolicy | None, target: SlaTarget | None) -> str:
    name, measure, promised, judged, kept, excused, median, p90, _ = attainment_row(
        row, policy, target, asked.t, asked.f
    )
    return asked.t.text(
        "sla.kept.row",
        row=escape(name),
        measure=measure,
        promise=promised or "–",
        judged=judged,
        kept=kept or "–",
        excused=excused,
        median=median or "–",
        p90=p90 or "–",
    )


def _days(text: str) -> int:
    if not text:
        return DAYS
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MOST_DAYS):
        raise RefusedError(
            "sla_days",
            f"that is no number of days; nothing was counted. Write /sla show 28, at most {MOST_DAYS}.",
            most=MOST_DAYS,
        )
    return int(text)


SHOW: Final = Subcommand(
    name="show",
    answer=show,
    aliases=("kept", "attainment", "达成", "达成率"),
    usage="[DAYS]",
    action=Action.TEAM_FIGURES,
    group="cases",
)
"""Subcommand of /sla."""
