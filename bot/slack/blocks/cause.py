"""The staffing cause of an alert, line by line, and how old the data behind it is."""

from __future__ import annotations

from bot.core.break_moves import BreakMove
from bot.core.cause import CausePart, LateCost, Need, StaffingCause, gap_parts, need_parts
from bot.core.data_age import DataAge
from bot.slack.blocks.kit import escape
from bot.slack.blocks.voice import Voice

__all__ = ["age_line", "cause_lines", "move_line", "people"]


def cause_lines(cause: StaffingCause, voice: Voice) -> list[str]:
    """The gap, its parts, the need and its parts, and what could be moved; sums that add up.

    What is not known has a line that says so.
    """
    found = [_sum(cause, voice)]
    parts = gap_parts(cause)
    if cause.short is not None and cause.short > 0 and parts:
        found.append(
            voice.t.text("cause.gap", short=cause.short, parts=_arithmetic(parts, "cause.part", voice))
        )
    if cause.cost is not None and round(cause.cost.late) > round(cause.cost.late_anyway):
        found.append(_cost(cause.cost, voice))
    if cause.here is not None and cause.here.unreported:
        found.append(voice.t.plural("cause.unreported", cause.here.unreported))
    if cause.here is not None and cause.here.unplaced:
        found.append(voice.t.plural("cause.unplaced", cause.here.unplaced))
    if cause.resting:
        found.append(voice.t.plural("cause.resting", cause.resting))
    if cause.need is not None:
        found += _need(cause, cause.need, voice)
    found += [voice.t.text("cause.could_move", move=move_line(move, voice)) for move in cause.moves]
    return found


def move_line(move: BreakMove, voice: Voice) -> str:
    """``bo's lunch 11:30 to 12:00``; the id, because a mention would call the person."""
    return voice.t.text(
        "cause.move",
        agent=escape(move.agent),
        activity=voice.label("activity", move.activity),
        start=voice.f.time(move.start),
        to=voice.f.time(move.to),
    )


def age_line(age: DataAge, voice: Voice) -> str:
    """How old each datum is, as of now; what is not known is said."""
    parts = [
        voice.t.text("age.contacts", age=voice.length(max(0.0, (voice.now - age.contacts).total_seconds())))
        if age.contacts is not None
        else voice.t.text("age.no_contacts"),
        voice.t.text("age.presence", age=voice.length(max(0.0, (voice.now - age.presence).total_seconds())))
        if age.presence is not None
        else voice.t.text("age.no_presence"),
        voice.t.text("age.forecast", at=voice.moment(age.forecast))
        if age.forecast is not None
        else voice.t.text("age.no_forecast"),
        voice.t.text("age.roster", at=voice.moment(age.roster))
        if age.roster is not None
        else voice.t.text("age.no_roster"),
    ]
    return voice.t.text("age.line", parts=", ".join(parts) if voice.t.locale == "en" else "，".join(parts))


def people(count: int | None, voice: Voice) -> str:
    """A number of people, or that it is not known."""
    return voice.t.text("cause.unknown") if count is None else voice.t.text("cause.count", people=count)


def _sum(cause: StaffingCause, voice: Voice) -> str:
    data = {
        "queue": voice.queue(cause.queue),
        "period": voice.f.period(cause.start, cause.end),
        "rostered": people(cause.rostered, voice),
        "present": people(None if cause.here is None else cause.here.present, voice),
    }
    if cause.need is None:
        return voice.t.text("cause.no_need", **data)
    data["needed"] = str(cause.need.people)
    if cause.short is None:
        return voice.t.text("cause.no_people", **data)
    if cause.short > 0:
        return voice.t.text("cause.short", short=cause.short, **data)
    if cause.short == 0:
        return voice.t.text("cause.even", **data)
    return voice.t.text("cause.spare", spare=-cause.short, **data)


def _cost(cost: LateCost, voice: Voice) -> str:
    return voice.t.text(
        "cause.cost",
        contacts=voice.f.number(cost.contacts),
        late=voice.f.number(cost.late),
        anyway=voice.f.number(cost.late_anyway),
        within=voice.f.duration(cost.within_seconds),
    )


def _arithmetic(parts: tuple[CausePart, ...], group: str, voice: Voice) -> str:
    """``1 not rostered + 2 off − 1 rostered beyond the need``."""
    shown = ""
    for index, part in enumerate(parts):
        sign = "−" if part.people < 0 else "+"
        words = voice.t.text(
            f"{group}.{part.code}{'' if part.people >= 0 else '.less'}", people=abs(part.people)
        )
        shown += (f"{sign} " if part.people < 0 else "") + words if index == 0 else f" {sign} {words}"
    return shown


def _need(cause: StaffingCause, need: Need, voice: Voice) -> list[str]:
    t, f = voice.t, voice.f
    if need.forecast_contacts is None or need.planned_aht_seconds is None:
        return [t.text("cause.need.no_forecast", people=need.by_forecast)]
    changed = [p for p in need_parts(need) if p.people or p.code == "forecast"]
    found = [
        t.text(
            "cause.need.sum",
            people=need.people,
            parts=_arithmetic(tuple(changed), "cause.need.part", voice),
            contacts=f.number(need.forecast_contacts, decimals=1),
            aht=voice.f.duration(need.planned_aht_seconds),
        )
    ]
    if cause.silent_since is not None:
        found.append(t.text("cause.volume.silent", at=voice.moment(cause.silent_since)))
    elif need.seen is None:
        found.append(t.text("cause.volume.unknown"))
    else:
        seen = need.seen
        data = {
            "period": f.period(seen.start, seen.end),
            "contacts": f.number(seen.contacts),
            "expected": f.number(seen.expected, decimals=1),
        }
        if seen.expected > 0:
            change = seen.contacts / seen.expected - 1
            sign = "+" if change >= 0 else "−"
            found.append(t.text("cause.volume.seen", change=f"{sign}{f.percent(abs(change))}", **data))
        else:
            found.append(t.text("cause.volume.unforeseen", **data))
    if need.aht_seconds is None:
        found.append(t.text("cause.handling.unknown"))
    else:
        found.append(
            t.text(
                "cause.handling.seen",
                aht=f.duration(need.aht_seconds),
                planned=f.duration(need.planned_aht_seconds),
                contacts=f.number(need.aht_contacts),
            )
        )
    if need.planned is not None and cause.rostered is not None and need.planned > cause.rostered:
        found.append(t.text("cause.planned", planned=need.planned, rostered=cause.rostered))
    return found
