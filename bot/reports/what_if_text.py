"""A what-if in words, for the terminal and for Slack: what was assumed, what opens, what to know about it."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from datetime import date, time

from bot.core.what_if import TargetAsked, VolumeAsked
from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.usecases.what_if import Side, WhatIf
from bot.usecases.what_if_load import CampaignActs, Counted
from forecasting.events import OPEN_END
from scheduler.queueing.targets import ServiceTarget
from scheduler.roster.roster import UncoveredInterval

__all__ = ["as_command", "assumed", "gap", "notes", "pair", "signed"]

Shown = Callable[[str], str]


def assumed(found: WhatIf, t: Translator, f: Formats, *, person: Shown, shown: Shown = str) -> list[str]:
    """One line for each thing that was asked; ``shown`` makes a text safe where it is shown."""
    lines = []
    if found.question.minus:
        people = f.join([person(agent) for agent in found.question.minus])
        lines.append(
            t.plural("what_if.without", found.shifts, people=people, hours=f.number(found.hours, decimals=1))
        )
    for effect in found.effects:
        asked = any(target.queue == effect.queue for target in found.question.targets)
        if asked and effect.before.target is not None and effect.after.target is not None:
            lines.append(
                t.text(
                    "what_if.target",
                    queue=shown(effect.queue),
                    target=_target(effect.after.target, t, f),
                    present=_target(effect.before.target, t, f),
                )
            )
    lines += [_volume(volume, t, f, shown) for volume in found.question.volumes]
    lines += [_campaign(campaign, t, f, shown) for campaign in found.campaigns]
    return lines


def pair(before: Side, after: Side, name: str, f: Formats) -> str:
    """``3.5 → 12``: hours needed or missing before and after; one figure where both are the same."""
    was, would = (f.number(getattr(side, name), decimals=1) for side in (before, after))
    return was if was == would and name == "needed" else f"{was} → {would}"


def gap(opened: UncoveredInterval, t: Translator, f: Formats, shown: Shown = str) -> str:
    """Who is missing, where and when."""
    return t.plural(
        "request.gap",
        opened.missing,
        queue=shown(opened.queue),
        at=f.moment(opened.start),
        until=f.time(opened.end),
    )


def notes(found: WhatIf, t: Translator, f: Formats, shown: Shown = str) -> list[str]:
    """What the figures rest on where that is not plain."""
    said = [t.text("planner.what_if.note")]
    stale = [shown(effect.queue) for effect in found.effects if effect.stale]
    if stale:
        said.append(t.text("what_if.note.stale", queues=f.join(stale)))
    if found.question.changes_load and found.without_forecast:
        said.append(
            t.text("what_if.note.no_forecast", queues=f.join([shown(q) for q in found.without_forecast]))
        )
    return said


def as_command(found: WhatIf) -> str:
    """The same question on the command line, with the chances of the peaks."""
    question = found.question
    words = ["muster", "roster", "what-if", "--roster", str(found.version.roster_id)]
    words += [word for agent in question.minus for word in ("--minus", str(agent))]
    words += [word for target in question.targets for word in ("--target", _typed_target(target))]
    words += [word for volume in question.volumes for word in ("--volume", _typed_volume(volume))]
    for campaign in question.campaigns:
        percent = "" if campaign.factor is None else f" {_typed(campaign.factor)}"
        words += ["--campaign", f"{campaign.name}{percent}"]
    return " ".join(_quoted(word) for word in [*words, "--certify"])


def _quoted(word: str) -> str:
    """In double quotes, which every shell takes; what would act within them is quoted for a POSIX shell."""
    if shlex.quote(word) == word:
        return word
    return shlex.quote(word) if set(word) & set('"$`\\!') else f'"{word}"'


def signed(factor: float, f: Formats) -> str:
    """``+35%``, ``-10%``."""
    change = factor - 1
    # As many decimals as it takes: +2.5%.
    return ("+" if change > 0 else "-") + f.percent(abs(change), decimals=1)


def _target(target: ServiceTarget, t: Translator, f: Formats) -> str:
    return t.text(
        "plan.staffing.target",
        share=f.percent(target.share, decimals=1),
        within=f.duration(target.within_seconds),
    )


def _volume(asked: VolumeAsked, t: Translator, f: Formats, shown: Shown) -> str:
    queue = t.text("what_if.every_queue") if asked.queue is None else shown(asked.queue)
    said = t.text("what_if.volume", percent=signed(asked.factor, f), queue=queue)
    when = [
        *([] if asked.first is None or asked.last is None else [_days(asked.first, asked.last, t, f)]),
        *([] if asked.start is None or asked.end is None else [_hours(asked.start, asked.end)]),
    ]
    return said if not when else t.text("what_if.when", said=said, when=" ".join(when))


def _campaign(acts: CampaignActs, t: Translator, f: Formats, shown: Shown) -> str:
    event = acts.event
    said = t.text(
        "what_if.campaign",
        name=shown(event.kind),
        days=_days(event.first_day, event.last_day, t, f),
        percent=signed(acts.factor, f),
        queues=f.join([shown(queue) for queue in acts.queues]),
    )
    own = "" if event.lift is None else signed(event.lift.mid, f)
    if acts.counted is Counted.ENTERED:
        return said + t.text("what_if.counted.entered", own=own)
    if acts.counted is Counted.LEARNED:
        return said + t.text("what_if.counted.learned")
    return said


def _days(first: date, last: date, t: Translator, f: Formats) -> str:
    if first == last:
        return f.day(first)
    if last >= OPEN_END:
        return t.text("event.from", day=f.day(first))
    return t.text("what_if.days", first=f.day(first), last=f.day(last))


def _hours(start: time, end: time) -> str:
    return f"{start:%H:%M}–{'24:00' if end == time(0) else f'{end:%H:%M}'}"


def _typed_target(target: TargetAsked) -> str:
    share = "" if target.share is None else f"{target.share * 100:g}%"
    within = "" if target.within_seconds is None else f"{target.within_seconds:g}s"
    return f"{target.queue}={'/'.join(part for part in (share, within) if part)}"


def _typed_volume(volume: VolumeAsked) -> str:
    typed = _typed(volume.factor) if volume.queue is None else f"{volume.queue}={_typed(volume.factor)}"
    if volume.first is not None and volume.last is not None:
        typed += f" {volume.first}" if volume.first == volume.last else f" {volume.first} to {volume.last}"
    if volume.start is not None and volume.end is not None:
        typed += " " + _hours(volume.start, volume.end).replace("–", "-")
    return typed


def _typed(factor: float) -> str:
    return f"{round((factor - 1) * 100, 4):+g}%"
