"""A solve as the planner who asked for it follows it, and what came of it."""

from __future__ import annotations

from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.planner_messages import (
    BrokenRule,
    CertificateCard,
    OpenGap,
    PlannerMessage,
    PublicationCard,
    SolveCard,
)
from bot.core.runs import RunState
from bot.core.weeks import iso_week
from bot.slack.blocks import certificates
from bot.slack.blocks.certificates import CERTIFY, COMPARE, PICTURE, PUBLISH, bar, week_of
from bot.slack.blocks.kit import actions, button, code, context, escape, lines, section
from bot.slack.blocks.voice import Voice

__all__ = ["CANCEL", "SOLVE", "blocks", "figures", "rule_name"]

CANCEL: Final = "roster.cancel"
SOLVE: Final = "roster.solve"
"""Action ids: stop a run and keep its best; solve the week that begins on the button's date."""


def blocks(message: PlannerMessage, voice: Voice) -> list[Block]:
    """The blocks of any message about a run."""
    match message:
        case CertificateCard():
            return certificates.card(message, voice)
        case PublicationCard():
            return certificates.publication(message, voice)
        case _:
            return _solve(message, voice)


def _solve(message: SolveCard, voice: Voice) -> list[Block]:
    state = RunState(message.state)
    if state in (RunState.QUEUED, RunState.RUNNING):
        return _working(message, state, voice)
    if message.roster is not None:
        return _done(message, voice)
    return _ended(message, voice)


def _working(card: SolveCard, state: RunState, voice: Voice) -> list[Block]:
    t, week = voice.t, week_of(card.first, card.days, voice)
    limit = voice.f.duration(card.limit_seconds)
    if card.again:
        head = t.text("planner.solve.again", week=week)
    elif state is RunState.QUEUED:
        head = t.text("planner.solve.queued", week=week, limit=limit)
    elif card.seconds is None:
        head = t.text("planner.solve.begun", week=week, limit=limit)
    else:
        head = t.text("planner.solve.running", week=week, seconds=voice.f.duration(card.seconds), limit=limit)
    found: list[Block] = [section(head)]
    if card.seconds is not None and not card.again:
        found.append(section(lines([bar(card.seconds, card.limit_seconds), figures(card, voice)])))
    if card.stopping:
        found.append(context(t.text("planner.solve.stopping")))
        return found
    found.append(
        actions(
            "planner",
            button(t.text("planner.button.cancel"), action=CANCEL, value=str(card.run), style="danger"),
        )
    )
    note = t.text("planner.solve.as_of", at=voice.f.time(voice.now, seconds=True))
    return [*found, context(note, t.text("planner.solve.keeps"))]


def _done(card: SolveCard, voice: Voice) -> list[Block]:
    t = voice.t
    title = t.text(
        "planner.solve.done",
        roster=card.roster,
        week=week_of(card.first, card.days, voice),
        outcome=t.text(f"plan.outcome.{card.outcome}"),
        seconds=voice.f.duration(card.seconds or 0.0),
    )
    rows = [
        figures(card, voice),
        t.text(
            "planner.solve.size",
            agents=card.agents,
            shifts=card.shifts,
            hours=voice.f.number(card.paid_hours, decimals=1),
        ),
        t.plural("plan.roster.violations", card.violations),
    ]
    rows += [f"• {_broken(one, voice)}" for one in card.broken]
    if card.violations > len(card.broken):
        rows.append(t.text("planner.more", more=card.violations - len(card.broken)))
    if card.unmet:
        rows.append(t.plural("plan.roster.unmet", card.unmet))
    cover = [t.text("plan.roster.covered")]
    if card.uncovered:
        hours = voice.f.number(card.missing_hours, decimals=1)
        cover = [t.plural("planner.solve.uncovered", card.uncovered, hours=hours)]
        cover += [f"• {_gap(one, voice)}" for one in card.gaps]
        if card.uncovered > len(card.gaps):
            cover.append(t.text("planner.more", more=card.uncovered - len(card.gaps)))
    notes = [t.text("planner.solve.next", command=code(f"/roster state {iso_week(card.first)}"))]
    if card.interrupted:
        notes.insert(0, t.text("planner.solve.interrupted"))
    zone = voice.zone_note([one.queue for one in card.gaps])
    if zone is not None:
        notes.append(zone)
    roster = str(card.roster)
    press = actions(
        "planner",
        button(t.text("planner.button.certify"), action=CERTIFY, value=roster, style="primary"),
        button(t.text("planner.button.compare"), action=COMPARE, value=roster),
        button(t.text("planner.button.publish"), action=PUBLISH, value=roster),
        button(t.text("planner.button.picture"), action=PICTURE, value=roster),
    )
    return [section(title), section(lines(rows)), section(lines(cover)), press, context(*notes)]


def _ended(card: SolveCard, voice: Voice) -> list[Block]:
    t = voice.t
    if card.error == "stopped" and not card.details:
        # Nobody had begun it yet.
        why = t.text("planner.solve.nothing")
    else:
        why = certificates.reason(card.error, card.details, voice)
    key = "planner.solve.cancelled" if card.state == RunState.CANCELLED.value else "planner.solve.failed"
    again = button(t.text("planner.button.solve_again"), action=SOLVE, value=card.first.isoformat())
    return [
        section(t.text(key, week=week_of(card.first, card.days, voice))),
        section(why),
        actions("planner", again),
    ]


def figures(card: SolveCard, voice: Voice) -> str:
    """Objective, bound and gap; a dash for what is not known yet."""
    shown = {
        name: "–" if value is None else voice.f.number(value)
        for name, value in (("objective", card.objective), ("bound", card.bound))
    }
    gap = "–" if card.gap is None else voice.f.percent(card.gap, decimals=2)
    return voice.t.text("planner.solve.figures", gap=gap, **shown)


def rule_name(rule: str, voice: Voice) -> str:
    key = f"plan.rule.{rule}"
    return voice.t.text(key) if voice.t.has(key) else escape(rule)


def _broken(one: BrokenRule, voice: Voice) -> str:
    return voice.t.text(
        "plan.roster.violation",
        agent=voice.person(one.agent),
        day=voice.f.day(one.day),
        rule=rule_name(one.rule, voice),
        amount=f"{one.amount:g}",
        limit=f"{one.limit:g}",
    )


def _gap(one: OpenGap, voice: Voice) -> str:
    t = voice.t
    where = t.plural(
        "request.gap",
        one.missing,
        queue=voice.queue(one.queue),
        at=voice.f.moment(one.start),
        until=voice.f.time(one.end),
    )
    if not one.skilled:
        why = t.text("repair.gap_no_skill")
    elif one.rules:
        rules = voice.f.join([rule_name(rule, voice) for rule in one.rules])
        why = t.plural("repair.gap_conflict", one.skilled, rules=rules)
    elif one.free:
        why = t.text("repair.gap_free")
    elif one.at_work == one.skilled:
        why = t.plural("planner.gap.all_at_work", one.skilled)
    else:
        why = t.text("repair.gap_not_worth")
    return t.text("planner.gap", where=where, why=why)
