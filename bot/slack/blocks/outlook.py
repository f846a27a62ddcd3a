"""Risk ahead, unusual volume, silent sources and drifting forecasts, as a lead reads them."""

from __future__ import annotations

from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.outlook_messages import (
    CertifiedPeak,
    EveningCard,
    ForecastDrift,
    GapAhead,
    MorningCard,
    OpenPromise,
    OutlookMessage,
    RiskAhead,
    RiskWeek,
    SourceSilence,
    VolumeUnusual,
    WeakHalfHour,
)
from bot.slack.blocks import causes
from bot.slack.blocks.breaks import move_buttons
from bot.slack.blocks.cause import age_line, move_line, people
from bot.slack.blocks.kit import BUTTON_VALUE_CHARACTERS, actions, button, code, context, escape, section
from bot.slack.blocks.voice import Voice

__all__ = ["SURGE", "blocks", "drift", "evening", "morning", "risk", "risk_week", "silence", "volume"]

SURGE: Final = "surge.ladder"
"""Opens the surge ladder; its value is the queue."""

JUDGED_ENOUGH = 5
"""Judged cards from which a poor hit rate says something."""


def blocks(message: OutlookMessage, voice: Voice) -> list[Block]:
    """The blocks of any message of the outlook."""
    match message:
        case EveningCard():
            return evening(message, voice)
        case MorningCard():
            return morning(message, voice)
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
    buttons: list[Block] = []
    if message.happened is None and message.fix is not None:
        presses = move_buttons(message.queue, (message.fix,), voice)
        buttons += [actions("break", *presses)] if presses else []
    return [
        section(title),
        section("\n".join(facts)),
        *buttons,
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
        rows = _owed(message.due, voice)
        shown.append(section("\n".join([t.plural("evening.promises", message.promises), *rows])))
    if message.unnamed:
        shown.append(section(f"*{t.plural('cause.total', message.unnamed)}*"))
        shown += causes.sections(message.misses, message.unnamed, voice)
        press = causes.proposed_button(message.misses, voice)
        if press is not None:
            shown.append(actions("evening-causes", press))
    return shown


def _owed(promises: tuple[OpenPromise, ...], voice: Voice) -> list[str]:
    return [
        "• "
        + voice.t.text(
            "evening.promise",
            owner=voice.person(promise.owner),
            ref=voice.ref(promise.ref),
            due=voice.moment(promise.due_at),
        )
        for promise in promises
    ]


def morning(message: MorningCard, voice: Voice) -> list[Block]:
    """Before a lead's shift: cover, gaps with their reasons, certified peaks, promises, who is back."""
    t, f = voice.t, voice.f
    data = {"team": escape(message.team), "start": f.time(message.start), "until": f.time(message.until)}
    if message.all_dark:
        title = t.text("morning.title_dark", dark=_dark(message, voice), **data)
    elif message.gaps_total:
        title = t.plural("morning.title", message.gaps_total, **data)
    else:
        title = t.text("morning.title_none" if message.cover else "morning.title_unknown", **data)
    facts = []
    if message.no_forecast and not message.all_dark:
        facts.append(_dark(message, voice))
    if message.unstaffed:
        names = f.join([voice.queue(q) for q in message.unstaffed])
        facts.append(t.text("morning.unstaffed", queues=names, command=code("muster staffing")))
    if message.cover:
        cover = [
            t.text("morning.cover", queue=voice.queue(c.queue), rostered=c.rostered, needed=c.needed)
            for c in message.cover
        ]
        facts.append(t.text("morning.on_shift", cover=f.join(cover), **data))
    facts += [f"• {_gap(gap, voice)}" for gap in message.gaps]
    more = message.gaps_total - len(message.gaps)
    if more:
        facts.append(t.plural("morning.more_gaps", more))
    shown: list[Block] = [section(title), *([section("\n".join(facts))] if facts else [])]
    shown.append(section("\n".join(_certificate_ahead(message, voice))))
    if message.promises:
        rows = _owed(message.due, voice)
        until = t.plural("morning.promises", message.promises, until=f.time(message.promises_until))
        shown.append(section("\n".join([until, *rows])))
    if message.back:
        shown.append(section(t.text("morning.back", people=f.join([voice.person(a) for a in message.back]))))
    zone = voice.zone_note([*(c.queue for c in message.cover), *message.no_forecast])
    return [*shown, *([] if zone is None else [context(zone)])]


def _dark(message: MorningCard, voice: Voice) -> str:
    t = voice.t
    if message.data_until is None:
        last = t.text("morning.no_data")
    else:
        last = t.text("morning.last_data", at=voice.moment(message.data_until))
    data = {
        "day": voice.f.day(message.day),
        "last": last,
        "command": code("muster import contacts"),
        "queues": voice.f.join([voice.queue(q) for q in message.no_forecast]),
    }
    return t.text("morning.no_forecast" if message.all_dark else "morning.no_forecast_of", **data)


def _gap(gap: GapAhead, voice: Voice) -> str:
    t = voice.t
    reasons = []
    if gap.away:
        reasons.append(t.plural("morning.gap.away", gap.away))
    if gap.pausing:
        reasons.append(t.plural("morning.gap.pausing", gap.pausing))
    return t.text(
        "morning.gap",
        queue=voice.queue(gap.queue),
        period=voice.f.period(gap.start, gap.end),
        missing=gap.missing,
        reason=voice.f.join(reasons) if reasons else t.text("morning.gap.thin"),
    )


def _certificate_ahead(message: MorningCard, voice: Voice) -> list[str]:
    t, f = voice.t, voice.f
    if message.certified_at is None:
        return [t.text("morning.uncertified")]
    if not message.peaks:
        return [t.text("morning.no_peaks")]
    rows = [
        "• "
        + t.text(
            "morning.peak",
            queue=voice.queue(p.queue),
            period=f.period(p.start, p.end),
            probability=f.number(p.probability, decimals=2),
        )
        for p in message.peaks
    ]
    if message.changed_since:
        rows.append(t.plural("morning.changed", message.changed_since))
    return [t.text("morning.certificate", at=voice.moment(message.certified_at)), *rows]


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
    shown: list[Block] = [section(title)]
    carried = len(message.queue) <= BUTTON_VALUE_CHARACTERS
    if side == "high" and message.ended_at is None and carried:
        # The press that comes next: what helps today, the most helpful first.
        press = button(t.text("surge.button.ladder"), action=SURGE, value=message.queue)
        shown.append(actions("surge", press))
    return [*shown, context(age_line(message.age, voice), *_zone(message.queue, voice))]


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
