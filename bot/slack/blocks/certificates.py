"""A certificate as the planner who asked for it follows it, and whom a publication reached."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.errors import MusterError
from bot.core.planner_messages import CertificateCard, CheapestFix, Detail, PublicationCard, WeakPeak
from bot.core.runs import RunState
from bot.core.weeks import iso_week
from bot.slack.blocks import errors
from bot.slack.blocks.kit import actions, button, code, context, lines, section
from bot.slack.blocks.voice import Voice

__all__ = [
    "ACCEPT",
    "CERTIFY",
    "COMPARE",
    "PICTURE",
    "PUBLISH",
    "RETRY",
    "bar",
    "card",
    "publication",
    "reason",
    "week_of",
]

CERTIFY: Final = "roster.certify"
COMPARE: Final = "roster.compare"
PUBLISH: Final = "roster.publish"
ACCEPT: Final = "roster.accept"
RETRY: Final = "roster.retry"
PICTURE: Final = "roster.picture"
"""Action ids; the value is the roster's number, of RETRY the run's."""

_CELLS: Final = 12
_SHOWN: Final = 30


def card(message: CertificateCard, voice: Voice) -> list[Block]:
    """While it is played, and what came of it."""
    t, week = voice.t, week_of(message.first, message.days, voice)
    if message.state in (RunState.QUEUED.value, RunState.RUNNING.value):
        key = "again" if message.again else "waits" if message.state == RunState.QUEUED.value else "playing"
        head = t.text(f"planner.certify.{key}", roster=message.roster, week=week, paths=message.paths)
        found: list[Block] = [section(head)]
        if message.played:
            played = t.text("planner.certify.played", played=message.played, paths=message.paths)
            found.append(section(lines([bar(message.played, message.paths), played])))
        return found
    if message.weakest is None:
        head = t.text("planner.certify.failed", roster=message.roster, week=week)
        return [section(head), section(reason(message.error, message.details, voice))]
    return _judged(message, message.weakest, week, voice)


def _judged(message: CertificateCard, weakest: float, week: str, voice: Voice) -> list[Block]:
    t, f = voice.t, voice.f
    passed = weakest >= message.threshold
    head = t.text(
        "planner.certify.passed" if passed else "planner.certify.below",
        roster=message.roster,
        week=week,
        weakest=f.percent(weakest),
        threshold=f.percent(message.threshold),
        inside=f.percent(message.inside_share, decimals=1),
    )
    rows = [t.text("planner.certify.no_peaks")]
    if message.peaks:
        rows = [t.plural("planner.certify.weakest", len(message.peaks))]
        rows += [row for peak in message.peaks for row in _peak(peak, voice)]
    rows += [t.text("plan.certify.not_played", queue=voice.queue(queue)) for queue in message.not_played]
    value = str(message.roster)
    press = [
        button(t.text("planner.button.compare"), action=COMPARE, value=value),
        button(
            t.text("planner.button.publish"), action=PUBLISH, value=value, style="primary" if passed else None
        ),
    ]
    if not passed:
        press.append(button(t.text("planner.button.accept"), action=ACCEPT, value=value, style="danger"))
    notes = [t.text("planner.certify.basis", paths=message.paths)]
    zone = voice.zone_note([peak.queue for peak in message.peaks])
    if zone is not None:
        notes.append(zone)
    return [section(head), section(lines(rows)), actions("planner", *press), context(*notes)]


def publication(message: PublicationCard, voice: Voice) -> list[Block]:
    """P7: who was told, who was not and why, and what to do."""
    t, week = voice.t, week_of(message.first, message.days, voice)
    everybody = message.told + message.waiting + len(message.untold)
    if message.waiting:
        head = t.plural("planner.publish.telling", everybody, roster=message.roster, week=week)
        if message.told or message.untold:
            head += "\n" + t.text("planner.publish.still", told=message.told, waiting=message.waiting)
        if not message.untold:
            return [section(head)]
    elif not message.untold:
        return [section(t.plural("planner.publish.told", message.told, roster=message.roster, week=week))]
    else:
        head = t.plural(
            "planner.publish.partly",
            message.told,
            roster=message.roster,
            week=week,
            missing=len(message.untold),
        )
    rows = []
    for one in message.untold[:_SHOWN]:
        key = f"planner.untold.{one.code}"
        why = t.text(key) if t.has(key) else t.text("planner.untold.other", code=code(one.code))
        rows.append(t.text("planner.publish.not_told", person=voice.person(one.agent), why=why))
    if len(message.untold) > _SHOWN:
        rows.append(t.text("planner.more", more=len(message.untold) - _SHOWN))
    press = button(t.text("planner.button.retry"), action=RETRY, value=str(message.run))
    note = t.text("planner.publish.live")
    return [section(head), section(lines(rows)), actions("planner", press), context(note)]


def reason(error: str | None, details: Sequence[Detail], voice: Voice) -> str:
    """Why a run ended without what it was for."""
    if error is None or not voice.t.has(f"error.{error}"):
        return voice.t.text("planner.solve.unexpected", kind=code(error or "-"))
    data = {one.name: one.value for one in details}
    return errors.sentence(MusterError(error, error, **data), voice.t)


def week_of(first: date, days: int, voice: Voice) -> str:
    """``2026-W49 (Mon 30 Nov to Sun 6 Dec)``."""
    last = first + timedelta(days=days - 1)
    return voice.t.text(
        "planner.week", week=iso_week(first), first=voice.f.day(first), last=voice.f.day(last)
    )


def bar(done: float, whole: float) -> str:
    """How far something is."""
    filled = round(_CELLS * min(1.0, done / whole)) if whole else 0
    return "▰" * filled + "▱" * (_CELLS - filled)


def _peak(peak: WeakPeak, voice: Voice) -> list[str]:
    t, f = voice.t, voice.f
    line = t.text(
        "planner.certify.peak",
        queue=voice.queue(peak.queue),
        when=f.moment(peak.start),
        end=f.moment(peak.end, reference=peak.start),
        probability=f.percent(peak.probability),
        level="–" if peak.level is None else f.percent(peak.level),
        agents=f.number(peak.agents, decimals=1),
    )
    if peak.missing:
        line += " " + t.plural("plan.certify.missing", peak.missing)
    rows = [f"• {line}"]
    if peak.fix is not None:
        rows.append(f"    {_fix(peak.fix, voice)}")
    return rows


def _fix(fix: CheapestFix, voice: Voice) -> str:
    return voice.t.text(
        f"plan.fix.{fix.kind}",
        agent="" if fix.agent is None else voice.person(fix.agent),
        before="" if fix.before is None else voice.f.moment(fix.before),
        start=voice.f.moment(fix.start),
        end=voice.f.moment(fix.end, reference=fix.start),
        paid=voice.f.duration(fix.paid_minutes * 60),
    )
