"""The rounds of `muster roster solve --prove` as lines for a terminal and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.cli.context import CliContext
from bot.cli.roster_text import certificate_json
from bot.i18n.formats import Formats

if TYPE_CHECKING:
    from bot.usecases.prove_roster import Proven, Round

SHOWN = 5


def round_lines(context: CliContext, held: Round) -> list[str]:
    """What a round's roster reached, and what the next one is asked for."""
    t = context.t
    version = held.certified.version
    f = Formats(t.locale, version.roster.period.zone)
    lines = [
        t.text(
            "plan.prove.round",
            round=held.number,
            roster=version.roster_id,
            hours=f.number(held.assessment.paid_hours, decimals=0),
            weakest=f.number(held.certified.stored.weakest, decimals=2),
            threshold=f.number(held.certified.certificate.threshold, decimals=2),
        )
    ]
    for raised in held.raised[:SHOWN]:
        lines.append(
            "  "
            + t.text(
                "plan.prove.raised",
                queue=raised.queue,
                when=f.moment(raised.interval.start),
                before=raised.scheduled_before,
                after=raised.interval.scheduled_agents,
            )
        )
    if len(held.raised) > SHOWN:
        lines.append("  " + t.plural("plan.prove.more", len(held.raised) - SHOWN))
    return lines


def proven_lines(context: CliContext, proven: Proven) -> list[str]:
    """Why it ended, and which roster is the best of all rounds."""
    t = context.t
    roster = proven.best.certified.stored.roster
    return [t.text(f"plan.prove.{proven.ended.value}", roster=roster), ""]


def proven_json(proven: Proven) -> dict[str, Any]:
    return {
        "ended": proven.ended.value,
        "best": certificate_json(proven.best.certified),
        "rounds": [
            {
                "round": held.number,
                "roster": held.certified.stored.roster,
                "paid_hours": round(held.assessment.paid_hours, 2),
                "weakest": held.certified.stored.weakest,
                "raised": [
                    {
                        "queue": raised.queue,
                        "start": raised.interval.start.isoformat(),
                        "before": raised.scheduled_before,
                        "after": raised.interval.scheduled_agents,
                    }
                    for raised in held.raised
                ],
            }
            for held in proven.rounds
        ],
    }
