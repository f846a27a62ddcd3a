"""Risk ahead, unusual volume, silent sources and drifting forecasts, as a lead reads them."""

from __future__ import annotations

from slack_sdk.models.blocks import Block

from bot.core.outlook_messages import (
    CertifiedPeak,
    EveningCard,
    ForecastDrift,
    OutlookMessage,
    RiskAhead,
    RiskWeek,
    SourceSilence,
    VolumeUnusual,
    WeakHalfHour,
)
from bot.slack.blocks.cause import age_line, move_line, people
from bot.slack.blocks.kit import code, context, escape, section
from bot.slack.blocks.voice import Voice

__all__ = ["blocks", "drift", "evening", "risk", "risk_week", "silence", "volume"]

JUDGED_ENOUGH = 5
"""Judged cards from which a poor hit rate says something."""


def blocks(message: OutlookMessage, voice: Voice) -> list[Block]:
    """The blocks of any message of the outlook."""
    match message:
        case EveningCard():
            return evening(message, voice)
        case ForecastDrift():
            return drift(message, voice)
        case RiskAhead():
            return risk(message, voice)
        case RiskWeek():
            return risk_week(message, voice)
        case SourceSilence():
            return silence(message, voice)
        case VolumeUnusual():
            return volume(message, voice)


def risk(message: RiskAhead, voice: Voice) -> list[Block]:
    """The chance, what it rests on, the cheapest fix, and how often such cards were right."""
    t, f = voice.t, voice.f
    data = {
        "queue": voice.queue(message.queue),
        "period": f.period(message.start, message.end),
        "chance": f.percent(message.chance),
        "breaches": message.breaches,
    }
    if message.within_seconds is None:
        title = t.text("risk.title", **data)
    else:
        title = t.text("risk.title_within", within=f.duration(message.within_seconds), **data)
    facts = []
    if message.happened is not None:
        came_true = message.happened >= message.breaches
        key = "risk.came_true" if came_true else "risk.did_not_come_true"
        facts.append(t.text(key, happened=message.happened))
    facts.append(
        t.text(
            "risk.facts",
            expected=f.number(message.expected, decimals=1),
            backlog=f.number(message.backlog),
            pausing=message.pausing,
            leaving=message.leaving,
        )
    )
    if message.happened is None:
        if message.fix is not None and message.chance_after is not None:
            after = f.percent(message.chance_after)
            facts.append(t.text("risk.fix", move=move_line(message.fix, voice), after=after))
        else:
            facts.append(t.text("risk.no_fix"))
    if message.nobody_on_duty:
        facts.append(t.text("risk.nobody_on_duty"))
    return [
        section(title),
        section("\n".join(facts)),
        context(_rate(message.sent, message.judged, message.came_true, voice), age_line(message.age, voice),
                *_zone(message.queue, voice)),
    ]  # fmt: skip


def risk_week(message: RiskWeek, voice: Voice) -> list[Block]:
    """How the cards of a week did, what to do where they were mostly wrong, and when promises broke most."""
    title = voice.t.text(
        "risk.week.title",
        team=escape(message.team),
        first=voice.f.day(message.first),
        rate=_rate(message.sent, message.judged, message.came_true, voice),
    )
    shown: list[Block] = [section(title)]
    chance = voice.settings.watch.risk_chance
    wrong = chance is not None and message.came_true < chance * message.judged
    if wrong and message.judged >= JUDGED_ENOUGH:
        shown.append(section(voice.t.text("risk.week.too_often")))
    if message.weakest:
        rows = [f"• {_weak(half, voice)}" for half in message.weakest]
        shown.append(section("\n".join([voice.t.text("risk.week.weakest"), *rows])))
    return shown


def evening(message: EveningCard, voice: Voice) -> list[Block]:
    """Today's certified peaks, the worst first, and what is owed until tomorrow noon."""
    t = voice.t
    data = {"team": escape(message.team), "day": voice.f.day(message.day)}
    if message.peaks:
        title = t.text("evening.title", held=message.held, peaks=message.peaks, **data)
    else:
        title = t.text("evening.no_peaks", **data)
    shown: list[Block] = [section(title)]
    if message.shown:
        shown.append(section("\n".join(f"• {_certified(peak, voice)}" for peak in message.shown)))
    if message.peaks > len(message.shown):
        shown.append(context(t.text("evening.more", command=code("muster roster outcome"))))
    if message.promises:
        rows = [
            "• "
            + t.text(
                "evening.promise",
                owner=voice.person(promise.owner),
                ref=voice.ref(promise.ref),
                due=voice.moment(promise.due_at),
            )
            for promise in message.due
        ]
        shown.append(section("\n".join([t.plural("evening.promises", message.promises), *rows])))
    return shown


def _certified(peak: CertifiedPeak, voice: Voice) -> str:
    f = voice.f
    return voice.t.text(
        "evening.held" if peak.held else "evening.missed",
        queue=voice.queue(peak.queue),
        period=f.period(peak.start, peak.end),
        promised=f.number(peak.promised, decimals=2),
        share="-" if peak.share is None else f.percent(peak.share),
        contacts=f.number(peak.contacts),
        expected=f.number(peak.expected, decimals=0),
    )


def _weak(half: WeakHalfHour, voice: Voice) -> str:
    return voice.t.plural(
        "risk.week.weak",
        half.broken,
        queue=voice.queue(half.queue),
        at=voice.f.moment(half.start),
        rostered=people(half.rostered, voice),
        needed=people(half.needed, voice),
    )


def volume(message: VolumeUnusual, voice: Voice) -> list[Block]:
    """More or fewer contacts than the forecast's band; over once back inside."""
    t, f = voice.t, voice.f
    data = {
        "queue": voice.queue(message.queue),
        "period": f.period(message.start, message.end),
        "contacts": f.number(message.contacts),
        "expected": f.number(message.expected, decimals=1),
        "low": f.number(message.low),
        "high": f.number(message.high),
    }
    side = "high" if message.contacts > message.expected else "low"
    if message.ended_at is not None:
        title = t.text(f"volume.over.{side}", since=voice.moment(message.since),
                       ended=voice.moment(message.ended_at), **data)  # fmt: skip
    else:
        title = t.text(f"volume.{side}", **data)
    return [section(title), context(age_line(message.age, voice), *_zone(message.queue, voice))]


def silence(message: SourceSilence, voice: Voice) -> list[Block]:
    """The data of a queue stops; heard again later."""
    t = voice.t
    data = {"queue": voice.queue(message.queue), "since": voice.moment(message.since)}
    if message.heard_at is not None:
        title = t.text("silence.heard", heard=voice.moment(message.heard_at), **data)
        return [section(title), *_note(message.queue, voice)]
    expected = voice.f.number(message.expected, decimals=1)
    facts = t.text("silence.facts", expected=expected, until=voice.moment(message.noticed_at), **data)
    return [section(t.text("silence.title", **data)), section(facts), *_note(message.queue, voice)]


def drift(message: ForecastDrift, voice: Voice) -> list[Block]:
    """How far the forecast is off to which side, what to do first, and what that rests on."""
    t, f = voice.t, voice.f
    data = {"queue": voice.queue(message.queue), "bias": f.percent(abs(message.bias))}
    side = "over" if message.bias > 0 else "under"
    if message.over_on is not None:
        title = t.text(f"drift.ended.{side}", day=f.day(message.over_on), last=f.day(message.last), **data)
        return [section(title)]
    figures = t.text(
        "drift.figures",
        signal=f.number(abs(message.signal), decimals=2),
        limit=f.number(message.limit, decimals=2),
        days=message.days,
        last=f.day(message.last),
        number=message.number,
        made=f.day(message.made),
    )
    action = "drift.next.stale" if message.stale else "drift.next.fresh"
    look = code(f"muster forecast show --queue {message.queue}", 200)
    return [
        section(t.text(f"drift.{side}", **data)),
        section(t.text(action, made=f.day(message.made))),
        context(figures, t.text("drift.look", command=look)),
    ]


def _rate(sent: int, judged: int, came_true: int, voice: Voice) -> str:
    """``6 sent, 3 came true``; how many are not judged yet is said."""
    line = voice.t.plural("risk.rate", sent, came_true=came_true)
    if judged < sent:
        line += voice.t.text("risk.rate.open", open=sent - judged)
    return line


def _zone(queue: str, voice: Voice) -> list[str]:
    note = voice.zone_note([queue])
    return [] if note is None else [note]


def _note(queue: str, voice: Voice) -> list[Block]:
    notes = _zone(queue, voice)
    return [context(*notes)] if notes else []
