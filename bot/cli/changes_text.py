"""Repairs, reasons and gaps as the terminal shows them, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from bot.cli.context import CliContext

if TYPE_CHECKING:
    from bot.i18n.formats import Formats
    from bot.usecases.repair_roster import Gaps, Mended
    from scheduler.explain.why import WhyNot, WhyShift
    from scheduler.repair.changes import Change, RepairOption
    from scheduler.roster.roster import UncoveredInterval
    from scheduler.roster.shifts import Shift
    from scheduler.roster.violation import Violation

__all__ = [
    "gaps_json",
    "gaps_lines",
    "mended_json",
    "mended_lines",
    "why_json",
    "why_lines",
    "why_not_json",
    "why_not_lines",
]

_SHOWN = 4


def mended_lines(context: CliContext, mended: Mended) -> list[str]:
    """What falls away, then every way with its price and what stays open."""
    t, f, result = context.t, _formats(context), mended.result
    lines = [t.text("repair.head", roster=mended.roster, seconds=f.number(result.seconds, decimals=1))]
    for change in result.gone:
        lines.append("  " + t.text("repair.gone", change=change_text(context, change)))
    if not result.opened:
        lines.append(t.text("request.repair.closed"))
        return lines
    lines.append(t.text("request.repair.left", gaps=_gaps(context, result.opened)))
    for number, option in enumerate(result.options, start=1):
        lines += _option(context, number, option)
    outcome = mended.outcome
    if outcome is not None:
        state = outcome.request.state.value
        if state == "open":
            names = f.join(sorted(outcome.request.answers))
            lines.append(t.text("repair.asked", people=names, until=f.moment(outcome.request.ends_at)))
        else:
            lines.append(t.text("repair.applied"))
    return lines


def _option(context: CliContext, number: int, option: RepairOption) -> list[str]:
    t, f = context.t, _formats(context)
    if not option.changes:
        head = t.text("repair.leave_gap", number=number, cost=f.number(option.cost))
    else:
        head = t.plural(
            "repair.way", len(option.changes), number=number, cost=f.number(option.cost),
            paid=f.number(option.paid_minutes), overtime=f.number(option.overtime_minutes),
        )  # fmt: skip
    lines = [head, *("     " + change_text(context, c) for c in option.changes)]
    if option.consent:
        lines.append("     " + t.text("request.repair.consent", people=f.join(list(option.consent))))
    if option.changes:
        left = option.uncovered
        text = t.text("request.repair.closed")
        if left:
            text = t.text("request.repair.left", gaps=_gaps(context, left))
        lines.append("     " + text)
    return lines


def change_text(context: CliContext, change: Change) -> str:
    """What becomes of one person's day."""
    held = {
        name: "" if shift is None else _shift(context, shift)
        for name, shift in (("before", change.before), ("after", change.after), ("dropped", change.dropped))
    }
    kind = change.kind.value
    if kind == "move":
        kind = "dropped" if change.dropped is not None else "moved"
    said = context.t.text(f"request.change.{kind}", **held)
    return context.t.text("request.change.of", person=change.agent, change=said)


def _shift(context: CliContext, shift: Shift) -> str:
    f = _formats(context)
    return context.t.text(
        "request.shift",
        day=f.day(f.local_day(shift.start)),
        period=f.period(shift.start, shift.end),
        queue=", ".join(shift.queues),
    )


def _gaps(context: CliContext, gaps: Iterable[UncoveredInterval]) -> str:
    t, f = context.t, _formats(context)
    found = list(gaps)
    shown = [
        t.plural("request.gap", g.missing, queue=g.queue, at=f.moment(g.start), until=f.time(g.end))
        for g in found[:_SHOWN]
    ]
    if len(found) > _SHOWN:
        shown.append(t.plural("request.repair.more_gaps", len(found) - _SHOWN))
    return f.join(shown)


def _rule(context: CliContext, violation: Violation) -> str:
    t, f = context.t, _formats(context)
    key = f"plan.rule.{violation.rule}"
    return t.text(
        "verdict.rule",
        person=violation.agent,
        rule=t.text(key) if t.has(key) else violation.code,
        day=f.day(violation.date),
        amount=f.number(violation.amount, decimals=1),
        limit=f.number(violation.limit, decimals=1),
    )


def why_lines(context: CliContext, why: WhyShift, agents: int) -> list[str]:
    """What a shift is for and how it could be done without."""
    t, f = context.t, _formats(context)
    lines = [t.text("repair.why", shift=_shift(context, why.shift))]
    if why.without:
        lines.append("  " + t.text("repair.why_without", gaps=_gaps(context, why.without)))
    else:
        lines.append("  " + t.text("repair.why_not_needed"))
    lines.append("  " + t.plural("why.skilled", why.skilled, agents=agents))
    lines.append("  " + t.plural("why.free", why.free))
    if why.without:
        changes = f.join([change_text(context, c) for c in why.instead.changes])
        key = "repair.why_instead" if why.instead.changes else "why.no_instead"
        lines.append("  " + t.text(key, changes=changes))
    total = len(why.kept) + len(why.missed)
    if total:
        lines.append("  " + t.plural("repair.why_wishes", total, kept=len(why.kept)))
    return lines


def why_not_lines(context: CliContext, found: WhyNot) -> list[str]:
    """What stands against another shift."""
    t, f = context.t, _formats(context)
    what = t.text("why.day_off") if found.wanted.template is None else found.wanted.template
    day = f.day(found.wanted.date)
    if found.change is None:
        return [t.text("repair.no_such", what=what, day=day)]
    lines = [t.text("repair.why_not", what=what, day=day)]
    lines += ["  " + _rule(context, v) for v in found.violations]
    if found.opened:
        lines.append("  " + t.text("why.then_missing", gaps=_gaps(context, found.opened)))
    if found.others is not None and found.others.changes:
        changes = f.join([change_text(context, c) for c in found.others.changes])
        lines.append("  " + t.text("why.would_need", changes=changes))
    elif found.others is not None:
        lines.append("  " + t.text("why.no_instead"))
    if len(lines) == 1:
        lines.append("  " + t.text("repair.nothing_against", cost=f.number(found.cost)))
    return lines


def gaps_lines(context: CliContext, gaps: Gaps) -> list[str]:
    """Each gap, the rules that together keep everybody out, and what lifting them would bring."""
    t, f = context.t, _formats(context)
    if not gaps.found:
        return [t.text("repair.no_gaps", roster=gaps.roster)]
    lines = [t.plural("repair.gaps_head", len(gaps.found), roster=gaps.roster)]
    for held in gaps.found:
        lines.append("")
        lines.append(_gaps(context, [held.gap]))
        if not held.skilled:
            lines.append("  " + t.text("repair.gap_no_skill"))
            continue
        if held.conflict:
            rules = f.join([_rule_name(context, rule) for rule in held.conflict])
            lines.append("  " + t.plural("repair.gap_conflict", held.skilled, rules=rules))
        elif held.reliefs:
            lines.append("  " + t.text("repair.gap_free"))
        elif held.at_work == held.skilled:
            lines.append("  " + t.plural("repair.gap_all_at_work", held.skilled))
        else:
            lines.append("  " + t.text("repair.gap_not_worth"))
        for relief in held.reliefs[:_SHOWN]:
            names = f.join([_rule_name(context, rule) for rule in relief.rules])
            key = "repair.relief" if relief.rules else "repair.relief_free"
            lines.append(
                "  - "
                + t.plural(
                    key,
                    relief.people,
                    rules=names,
                    agent=relief.agent,
                    shift=_shift(context, relief.shift),
                    gain=f.number(relief.gain),
                    closes=f.duration(relief.closes * 60),
                )
            )
    return lines


def _rule_name(context: CliContext, rule: str) -> str:
    key = f"plan.rule.{rule}"
    return context.t.text(key) if context.t.has(key) else rule


def mended_json(mended: Mended) -> dict[str, Any]:
    """The same as data; times in UTC, costs in paid minutes."""
    result = mended.result
    return {
        "roster": mended.roster,
        "seconds": round(result.seconds, 3),
        "dates": [d.isoformat() for d in result.dates],
        "gone": [_change_json(c) for c in result.gone],
        "uncovered": _gaps_json(result.opened),
        "ways": [
            {
                "number": number,
                "cost": round(option.cost, 1),
                "paid_minutes": option.paid_minutes,
                "overtime_minutes": option.overtime_minutes,
                "consent": list(option.consent),
                "changes": [_change_json(c) for c in option.changes],
                "uncovered": _gaps_json(option.uncovered),
            }
            for number, option in enumerate(result.options, start=1)
        ],
        "request": None
        if mended.outcome is None
        else {"number": mended.outcome.request.request, "state": mended.outcome.request.state.value},
    }


def why_json(why: WhyShift, agents: int) -> dict[str, Any]:
    """The reasons as data."""
    return {
        "shift": _shift_json(why.shift),
        "without": _gaps_json(why.without),
        "agents": agents,
        "skilled": why.skilled,
        "free": why.free,
        "instead": [_change_json(c) for c in why.instead.changes],
        "wishes_kept": len(why.kept),
        "wishes_missed": len(why.missed),
    }


def why_not_json(found: WhyNot) -> dict[str, Any]:
    """What stands against it as data."""
    return {
        "wanted": {"date": found.wanted.date.isoformat(), "template": found.wanted.template},
        "change": None if found.change is None else _change_json(found.change),
        "violations": [
            {
                "rule": v.code,
                "agent": v.agent,
                "date": v.date.isoformat(),
                "amount": v.amount,
                "limit": v.limit,
            }
            for v in found.violations
        ],
        "uncovered": _gaps_json(found.opened),
        "cost": round(found.cost, 1),
        "others": None if found.others is None else [_change_json(c) for c in found.others.changes],
        "possible": found.is_possible,
    }


def gaps_json(gaps: Gaps) -> dict[str, Any]:
    """Gaps and reliefs as data."""
    return {
        "roster": gaps.roster,
        "gaps": [
            {
                **_gaps_json([held.gap])[0],
                "skilled": held.skilled,
                "at_work": held.at_work,
                "conflict": list(held.conflict),
                "reliefs": [
                    {
                        "rules": list(r.rules),
                        "agent": r.agent,
                        "people": r.people,
                        "shift": _shift_json(r.shift),
                        "gain": round(r.gain, 1),
                        "closes_minutes": r.closes,
                    }
                    for r in held.reliefs
                ],
            }
            for held in gaps.found
        ],
    }


def _change_json(change: Change) -> dict[str, Any]:
    return {
        "agent": change.agent,
        "kind": change.kind.value,
        "before": None if change.before is None else _shift_json(change.before),
        "after": None if change.after is None else _shift_json(change.after),
        "dropped": None if change.dropped is None else _shift_json(change.dropped),
        "needs_consent": change.needs_consent,
    }


def _shift_json(shift: Shift) -> dict[str, Any]:
    return {
        "date": shift.date.isoformat(),
        "start": shift.start.isoformat(),
        "end": shift.end.isoformat(),
        "template": shift.template,
        "segments": [
            {"activity": s.activity, "start": s.start.isoformat(), "end": s.end.isoformat()}
            for s in shift.segments
        ],
    }


def _gaps_json(gaps: Iterable[UncoveredInterval]) -> list[dict[str, Any]]:
    return [
        {"queue": u.queue, "start": u.start.isoformat(), "end": u.end.isoformat(), "missing": u.missing}
        for u in gaps
    ]


def _formats(context: CliContext) -> Formats:
    from bot.i18n.formats import Formats

    return Formats(context.locale, context.settings.zone)
