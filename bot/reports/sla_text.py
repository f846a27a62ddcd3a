"""The arithmetic of a due time in words, and the table of promises with how they were kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.core.attainment import Attainment, fit
from bot.core.explanation import DayLine, Explanation, Idle, StretchLine
from bot.core.sla import ClockState, Counted, SlaClock, SlaPolicy, SlaTarget
from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats

__all__ = [
    "ATTAINMENT_COLUMNS",
    "attainment_row",
    "conditions_text",
    "explanation_lines",
    "promise_text",
    "verdict_text",
]


def explanation_lines(
    explanation: Explanation, t: Translator, locale: str, now: datetime
) -> tuple[str, list[str]]:
    """Title and lines of one promise; times on the wall of the calendar it counts on."""
    f = Formats(locale, explanation.zone)
    clock = explanation.clock
    won = next(row for row in explanation.rows if row.won)
    title = t.text(
        "sla.explain.title",
        measure=t.text(f"label.measure.{clock.measure.value}"),
        promise=promise_text(explanation.target, t, f),
        policy=won.policy,
        conditions=conditions_text(won.conditions, t, f),
        verdict=verdict_text(clock, t, f, now),
    )
    lines = [t.text("sla.explain.submitted", at=f.moment(clock.started_at))]
    for line in explanation.lines:
        lines.append(_day(line, t, f) if isinstance(line, DayLine) else _stretch(line, t, f))
    if explanation.left_out:
        lines.append(t.plural("sla.explain.left_out", explanation.left_out))
    lines += _milestones(clock, t, f)
    others = [row for row in explanation.rows if not row.won]
    if others:
        named = [f"{row.policy} ({conditions_text(row.conditions, t, f)})" for row in others]
        lines.append(t.text("sla.explain.others", rows=f.join(named)))
    zone = f.zone_label(clock.started_at)
    if explanation.target.counted is Counted.ELAPSED:
        lines.append(t.text("sla.explain.zone", zone=zone))
    else:
        lines.append(t.text("sla.explain.calendar", calendar=explanation.calendar, zone=zone))
    return title, lines


def _milestones(clock: SlaClock, t: Translator, f: Formats) -> list[str]:
    """Warnings, the due time and the stop, in the order of time."""
    found = [
        (at, t.text("sla.explain.warning", share=f.percent(fraction), at=f.moment(at)))
        for fraction, at in clock.warnings
    ]
    if clock.state is ClockState.PAUSED and clock.paused_since is not None:
        since = clock.paused_since
        found.append((since, t.text("sla.explain.stands_still", at=f.moment(since))))
    else:
        found.append((clock.due_at, t.text("sla.explain.due", at=f.moment(clock.due_at))))
    if clock.stopped_at is not None and clock.state is not ClockState.CANCELLED:
        found.append((clock.stopped_at, t.text("sla.explain.stopped", at=f.moment(clock.stopped_at))))
    return [text for _, text in sorted(found, key=lambda item: item[0])]


def verdict_text(clock: SlaClock, t: Translator, f: Formats, now: datetime) -> str:
    """How a promise stands: kept or broken and by how much, running, paused, no longer promised."""
    if clock.state is ClockState.CANCELLED:
        return t.text("sla.verdict.cancelled")
    if clock.state is ClockState.PAUSED:
        return t.text("sla.verdict.paused")
    if clock.state is ClockState.MET and clock.stopped_at is not None:
        return t.text("sla.verdict.met", left=_length(clock.due_at - clock.stopped_at, f))
    late = (clock.stopped_at or now) - clock.due_at
    if late >= timedelta(0):
        key = "sla.verdict.broken" if clock.stopped_at is not None else "sla.verdict.overdue"
        return t.text(key, late=_length(late, f))
    return t.text("sla.verdict.running", left=_length(-late, f))


def promise_text(target: SlaTarget, t: Translator, f: Formats) -> str:
    """``10 min of clock time``, ``3 working days``."""
    if target.counted is Counted.WORKING_DAYS:
        return t.plural("sla.promise.working_days", target.working_days)
    return t.text(f"sla.promise.{target.counted.value}", length=_length(target.within, f))


def conditions_text(conditions: Sequence[str], t: Translator, f: Formats) -> str:
    """What a row asks for, by the names of its conditions."""
    if not conditions:
        return t.text("sla.condition.none")
    return f.join([t.text(f"sla.condition.{name}") for name in conditions])


ATTAINMENT_COLUMNS = (
    "sla.column.row",
    "sla.column.measure",
    "sla.column.promise",
    "sla.column.judged",
    "sla.column.kept",
    "sla.column.excused",
    "sla.column.median",
    "sla.column.p90",
    "sla.column.fit",
)


def attainment_row(
    row: Attainment | None, policy: SlaPolicy | None, target: SlaTarget | None, t: Translator, f: Formats
) -> list[str]:
    """The cells of one row, in the order of ATTAINMENT_COLUMNS; ``row`` None: nothing was judged."""
    name = policy.name if policy is not None else (row.policy if row is not None else "")
    measure = target.measure if target is not None else (row.measure if row is not None else None)
    promised = "" if target is None else promise_text(target, t, f)
    label = "" if measure is None else t.text(f"label.measure.{measure.value}")
    if row is None:
        return [name, label, promised, f.number(0), "", "", "", "", ""]
    return [
        name,
        label,
        promised,
        f.number(row.judged),
        "" if row.share is None else f.percent(row.share, decimals=1),
        f.number(row.excused),
        "" if row.median is None else _length(row.median, f),
        "" if row.p90 is None else _length(row.p90, f),
        t.text(f"sla.fit.{fit(row).value}"),
    ]


def _stretch(line: StretchLine, t: Translator, f: Formats) -> str:
    span = _span(line.start, line.end, f)
    length = _length(line.end - line.start, f)
    if line.idle is None:
        return t.text("sla.explain.counts", span=span, length=length, total=_length(line.total, f))
    return t.text("sla.explain.idle", span=span, why=_why(line.idle, line.name, t))


def _day(line: DayLine, t: Translator, f: Formats) -> str:
    day, closes = f.day(line.day), f.time(line.closes_at)
    if line.number is None:
        why = _why(line.idle or Idle.CLOSED, line.name, t)
        return t.text("sla.explain.day_off", day=day, why=why)
    if line.idle is Idle.SUBMITTED:
        return t.text("sla.explain.day_submitted", day=day, closes=closes)
    return t.text("sla.explain.day", day=day, closes=closes, number=line.number)


def _why(idle: Idle, name: str | None, t: Translator) -> str:
    why = t.text(f"sla.idle.{idle.value}")
    return why if name is None else t.text("sla.idle.named", why=why, name=name)


def _span(start: datetime, end: datetime, f: Formats) -> str:
    return f"{f.moment(start)} – {f.moment(end, reference=start)}"


def _length(length: timedelta | float, f: Formats) -> str:
    return f.duration(length)
