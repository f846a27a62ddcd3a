"""Why a shift, and why not another, as the one who asked reads it (SCENARIOS A7)."""

from __future__ import annotations

from slack_sdk.models.blocks import Block

from bot.core.planner_messages import BrokenRule
from bot.core.reason_messages import ReasonMessage, ReasonsAgainst, ReasonsUnknown, ShiftReasons
from bot.slack.blocks.certificates import reason
from bot.slack.blocks.kit import code, context, lines, section
from bot.slack.blocks.requests import change_line, gaps_line, times
from bot.slack.blocks.voice import Voice

__all__ = ["blocks", "broken_line"]


def blocks(kind: ReasonMessage, voice: Voice) -> list[Block]:
    match kind:
        case ShiftReasons():
            return _why(kind, voice)
        case ReasonsAgainst():
            return _why_not(kind, voice)
        case ReasonsUnknown():
            again = voice.t.text("why.again", command=code("/muster why"))
            title = voice.t.text("why.unknown", day=voice.f.day(kind.day))
            return [section(lines([title, reason(kind.error, kind.details, voice)])), context(again)]


def broken_line(rule: BrokenRule, voice: Voice, *, otherwise: str | None = None) -> str:
    """Which rule, for whom, and the numbers; ``otherwise`` names a rule that has no words."""
    key = f"plan.rule.{rule.rule}"
    name = voice.t.text(key) if voice.t.has(key) else code(otherwise or rule.rule)
    return voice.t.text(
        "verdict.rule",
        person=voice.person(rule.agent),
        rule=name,
        day=voice.f.day(rule.day),
        amount=voice.f.number(rule.amount, decimals=1),
        limit=voice.f.number(rule.limit, decimals=1),
    )


def _why(held: ShiftReasons, voice: Voice) -> list[Block]:
    """What a shift is for, who else could, and what became of the wishes."""
    rows: list[str] = []
    if held.without:
        rows.append(voice.t.text("why.without", gaps=gaps_line(held.without, voice)))
    else:
        rows.append(voice.t.text("why.not_needed"))
    rows.append(voice.t.plural("why.skilled", held.skilled, agents=held.agents))
    rows.append(voice.t.plural("why.free", held.free))
    if held.without:
        if held.instead:
            changes = [change_line(c, voice) for c in held.instead]
            rows.append(voice.t.text("why.instead", changes=voice.f.join(changes)))
        else:
            rows.append(voice.t.text("why.no_instead"))
    if held.wishes:
        rows.append(voice.t.plural("why.wishes", held.wishes, kept=held.kept))
    if held.lates_median is not None:
        median = voice.f.number(held.lates_median, decimals=1)
        rows.append(voice.t.plural("why.lates", held.weeks, own=voice.f.number(held.lates), median=median))
    zone = voice.zone_note([q.strip() for q in held.shift.queue.split(",")])
    notes = [voice.t.text("why.tried"), *([] if zone is None else [zone])]
    return [
        section(voice.t.text("why.title", shift=times(held.shift, voice))),
        section(lines([f"• {row}" for row in rows])),
        context(*notes),
    ]


def _why_not(found: ReasonsAgainst, voice: Voice) -> list[Block]:
    """What stands against what was wanted, or that nothing does."""
    day = voice.f.day(found.day)
    what = voice.t.text("why.day_off") if found.template is None else code(found.template)
    if not found.exists:
        return [section(voice.t.text("why.no_such", what=what, day=day))]
    rows = [broken_line(rule, voice) for rule in found.broken]
    if found.missing:
        rows.append(voice.t.text("why.then_missing", gaps=gaps_line(found.missing, voice)))
    if found.instead:
        changes = [change_line(c, voice) for c in found.instead]
        rows.append(voice.t.text("why.would_need", changes=voice.f.join(changes)))
    elif found.mended:
        rows.append(voice.t.text("why.no_instead"))
    if not rows:
        rows.append(voice.t.text("why.nothing_against", command=code("/muster off")))
    return [
        section(voice.t.text("why.not_title", what=what, day=day)),
        section(lines([f"• {row}" for row in rows])),
        context(voice.t.text("why.tried")),
    ]
