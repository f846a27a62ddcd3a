"""Rosters and certificates as lines for a terminal and as JSON: the same numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot.cli.context import CliContext
from bot.cli.planning import by_hour, table
from bot.core.weeks import iso_week
from bot.i18n.formats import Formats
from bot.reports.spreadsheet import roster_rows

if TYPE_CHECKING:
    from bot.core.peak_fixes import PeakFix
    from bot.usecases.certify import AgainstTruth, Certified
    from bot.usecases.plan_roster import Assessment
    from scheduler.roster.roster import UncoveredInterval
    from scheduler.roster.shifts import Shift

SHOWN = 10
AGENTS_SHOWN = 40
WEAKEST = 5


def roster_json(assessment: Assessment) -> dict[str, Any]:
    version = assessment.version
    return {
        "roster": version.roster_id,
        "week": iso_week(version.roster.period.first),
        "first": version.roster.period.first.isoformat(),
        "days": version.roster.period.days,
        "zone": version.roster.period.zone,
        "status": version.status.value,
        "outcome": version.outcome,
        "gap": version.gap,
        "weakest": version.weakest,
        "inside_share": version.inside_share,
        "accepted_because": version.accepted_because,
        "agents": assessment.agents,
        "shifts": len(version.roster.assignments),
        "paid_hours": round(assessment.paid_hours, 2),
        "violations": [
            {
                "rule": v.rule,
                "code": v.code,
                "agent": v.agent,
                "date": v.date.isoformat(),
                "amount": v.amount,
                "limit": v.limit,
            }
            for v in assessment.violations
        ],
        "unmet_minimum_hours": len(assessment.unmet),
        "uncovered": _gaps(assessment.uncovered, "queue"),
        "absent": _gaps(assessment.absent, "rule"),
        "seatless": _gaps(assessment.seatless, "rule"),
        "rows": roster_rows(version.roster),
    }


def _gaps(gaps: Iterable[UncoveredInterval], of: str) -> list[dict[str, Any]]:
    return [
        {of: u.queue, "start": u.start.isoformat(), "end": u.end.isoformat(), "missing": u.missing}
        for u in gaps
    ]


def solve_lines(context: CliContext, assessment: Assessment, result: Mapping[str, Any]) -> list[str]:
    """What the solver found and what the checker says."""
    t, version = context.t, assessment.version
    number = _whole
    lines = [
        t.text(
            "plan.solve.done",
            roster=version.roster_id,
            week=iso_week(version.roster.period.first),
            outcome=t.text(f"plan.outcome.{version.outcome}"),
            seconds=f"{result.get('seconds', 0.0):.1f}",
        ),
        t.text(
            "plan.solve.figures",
            objective=number(result.get("objective")),
            bound=number(result.get("bound")),
            gap="-" if version.gap is None else f"{version.gap:.2%}",
            seed=result.get("seed"),
        ),
    ]
    return [*lines, *_assessed(context, assessment), *_sessions(context, assessment, result)]


def _sessions(context: CliContext, assessment: Assessment, result: Mapping[str, Any]) -> list[str]:
    """Per activity how many sessions were set, and for each who cannot be there."""
    t = context.t
    f = Formats(t.locale, assessment.version.roster.period.zone)
    by_activity: dict[str, list[Mapping[str, Any]]] = {}
    for session in result.get("sessions", ()):
        by_activity.setdefault(session["activity"], []).append(session)
    lines: list[str] = []
    for activity, sessions in by_activity.items():
        absent = sum(len(s["missing"]) for s in sessions)
        lines.append(t.plural("plan.roster.sessions", len(sessions), activity=activity, missing=absent))
        missing = [s for s in sessions if s["missing"]]
        lines += [
            "  "
            + t.text(
                "plan.roster.session_missed",
                when=f.moment(datetime.fromisoformat(s["start"])),
                people=f.join(s["missing"][:SHOWN]),
            )
            for s in missing[:SHOWN]
        ]
        if len(missing) > SHOWN:
            lines.append(t.text("plan.roster.more", more=len(missing) - SHOWN))
    return lines


def roster_lines(
    context: CliContext, assessment: Assessment, *, everybody: bool = False, receipt: Sequence[str] = ()
) -> list[str]:
    """The roster as a table of agents by days; ``receipt``: what to say of labour law."""
    t, version = context.t, assessment.version
    period = version.roster.period
    f = Formats(t.locale, period.zone)
    status = t.text(f"plan.status.{version.status.value}")
    lines = [t.text("plan.show.title", roster=version.roster_id, week=iso_week(period.first), status=status)]
    if version.accepted_because:
        lines.append(t.text("plan.publish.accepted", reason=version.accepted_because))
    if version.weakest is not None:
        lines.append(
            t.text(
                "plan.show.certificate",
                weakest=f"{version.weakest:.2f}",
                inside=f.percent(version.inside_share or 0.0, decimals=1),
            )
        )
    lines += [*_assessed(context, assessment), *receipt]
    own = version.roster.by_agent()
    rows = []
    for agent, shifts in list(own.items())[: None if everybody else AGENTS_SHOWN]:
        days: dict[date, str] = {}
        for shift in shifts:
            days[shift.date] = (days[shift.date] + " " if shift.date in days else "") + _shift(f, shift)
        rows.append([agent, *(days.get(day, "·") for day in period.dates)])
    lines += table([t.text("plan.show.agent"), *(f.day(day) for day in period.dates)], rows)
    if len(own) > len(rows):
        lines.append(t.text("plan.show.more", more=len(own) - len(rows)))
    return lines


def _shift(f: Formats, shift: Shift) -> str:
    return f"{f.period(shift.start, shift.end)} {'/'.join(shift.queues)}"


def _assessed(context: CliContext, assessment: Assessment) -> list[str]:
    t, period = context.t, assessment.version.roster.period
    f = Formats(t.locale, period.zone)
    lines = [
        t.text(
            "plan.roster.size",
            agents=assessment.agents,
            shifts=len(assessment.version.roster.assignments),
            hours=f.number(assessment.paid_hours, decimals=1),
        )
    ]
    lines.append(t.plural("plan.roster.violations", len(assessment.violations)))
    for v in assessment.violations[:SHOWN]:
        lines.append(
            "! "
            + t.text(
                "plan.roster.violation",
                agent=v.agent,
                day=f.day(v.date),
                rule=_rule(context, v.rule),
                amount=f"{v.amount:g}",
                limit=f"{v.limit:g}",
            )
        )
    if len(assessment.violations) > SHOWN:
        lines.append(t.text("plan.roster.more", more=len(assessment.violations) - SHOWN))
    if assessment.unmet:
        lines.append(t.plural("plan.roster.unmet", len(assessment.unmet)))
    for key, gaps in (
        ("plan.roster.absent", assessment.absent),
        ("plan.roster.seatless", assessment.seatless),
    ):
        worst_first = sorted(gaps, key=lambda u: (-u.missing, u.start))
        lines += [
            "! " + t.text(key, rule=u.queue, when=f.moment(u.start), end=f.time(u.end), people=u.missing)
            for u in worst_first[:SHOWN]
        ]
        if len(gaps) > SHOWN:
            lines.append(t.text("plan.roster.more", more=len(gaps) - SHOWN))
    if not assessment.required_known:
        lines.append(t.text("plan.roster.no_requirement"))
        return lines
    if not assessment.uncovered:
        lines.append(t.text("plan.roster.covered"))
        return lines
    hours = sum(u.missing * (u.end - u.start).total_seconds() / 3600 for u in assessment.uncovered)
    lines.append(
        t.text("plan.roster.uncovered", spans=len(assessment.uncovered), hours=f.number(hours, decimals=1))
    )
    worst = sorted(assessment.uncovered, key=lambda u: (-u.missing, u.start))[:SHOWN]
    lines += [
        "  "
        + t.text(
            "plan.roster.gap", queue=u.queue, when=f.moment(u.start), end=f.time(u.end), missing=u.missing
        )
        for u in worst
    ]
    return lines


def _rule(context: CliContext, rule: str) -> str:
    key = f"plan.rule.{rule}"
    return context.t.text(key) if context.t.has(key) else rule


def certificate_json(done: Certified) -> dict[str, Any]:
    stored = done.stored
    return {
        "roster": stored.roster,
        "week": iso_week(done.version.roster.period.first),
        "passed": done.certificate.passed,
        "weakest": stored.weakest,
        "inside_share": stored.inside_share,
        "seed": stored.seed,
        "paths": stored.paths,
        "not_played": list(done.missing),
        **stored.report,
    }


def certificate_lines(context: CliContext, done: Certified) -> list[str]:
    """Weakest peaks first, then the service level hour by hour."""
    t, certificate, stored = context.t, done.certificate, done.stored
    f = Formats(t.locale, done.version.roster.period.zone)
    lines = [
        t.text(
            "plan.certify.title",
            roster=stored.roster,
            week=iso_week(done.version.roster.period.first),
            paths=stored.paths,
            seed=stored.seed,
        ),
        t.text(
            "plan.certify.passed" if certificate.passed else "plan.certify.failed",
            weakest=f"{stored.weakest:.2f}",
            threshold=f"{certificate.threshold:.2f}",
            inside=f.percent(stored.inside_share, decimals=1),
        ),
    ]
    if certificate.judgements:
        lines.append(t.text("plan.certify.weakest", n=min(WEAKEST, len(certificate.judgements))))
    for j in certificate.weakest[:WEAKEST]:
        line = t.text(
            "plan.certify.peak",
            queue=j.queue,
            when=f.moment(j.start),
            # Peaks of few contacts are judged together, and the last of them may lie on another day.
            end=f.moment(j.end, reference=j.start),
            probability=f"{j.probability:.2f}",
            level="-" if math.isnan(j.service_level) else f.percent(j.service_level),
            agents=f"{j.staffed_agents:.1f}",
        )
        if j.missing_agents:
            line += " " + t.plural("plan.certify.missing", j.missing_agents)
        lines.append("  " + line)
        if j in done.fixes:
            lines.append("    " + fix_line(context, f, done.fixes[j]))
    lines += _outside_peaks(context, f, done)
    for queue, target in certificate.targets.items():
        lines += ["", t.text("plan.certify.levels", queue=queue, share=f.percent(target.share))]
        lines += _levels(context, f, stored.report["intervals"][queue], done.version.roster.period.zone)
    lines += [t.text("plan.certify.not_played", queue=queue) for queue in done.missing]
    return lines


def fix_line(context: CliContext, f: Formats, fix: PeakFix) -> str:
    """The cheapest change that puts one more person into a weak peak."""
    return context.t.text(
        f"plan.fix.{fix.kind.value}",
        agent=fix.agent or "",
        before="" if fix.before is None else f.moment(fix.before),
        start=f.moment(fix.start),
        end=f.moment(fix.end, reference=fix.start),
        paid=f.duration(fix.paid_minutes * 60),
    )


def _outside_peaks(context: CliContext, f: Formats, done: Certified) -> list[str]:
    """Per queue, the worst interval off the peaks where it misses the target: the gate does not see it."""
    lines = []
    for queue, target in done.certificate.targets.items():
        peaks = [(j.start, j.end) for j in done.certificate.judgements if j.queue == queue]
        outside = [
            (interval["service_level"], start)
            for interval in done.stored.report["intervals"][queue]
            if interval["service_level"] is not None
            for start in (datetime.fromisoformat(interval["start"]),)
            if not any(begin <= start < end for begin, end in peaks)
        ]
        missed = [entry for entry in outside if entry[0] < target.share]
        if missed:
            level, start = min(missed)
            lines.append(
                context.t.plural(
                    "plan.certify.outside_peaks",
                    len(missed),
                    queue=queue,
                    when=f.moment(start),
                    level=f.percent(level),
                    share=f.percent(target.share),
                )
            )
    return lines


def _levels(context: CliContext, f: Formats, intervals: list[dict[str, Any]], zone: str) -> list[str]:
    tz = ZoneInfo(zone)
    return by_hour(
        [datetime.fromisoformat(i["start"]).astimezone(tz) for i in intervals],
        [i["service_level"] for i in intervals],
        min,
        lambda value: f.percent(value),
        day_label=f.day,
        corner=context.t.text("plan.certify.corner"),
    )


def against_json(played: AgainstTruth) -> dict[str, Any]:
    return {
        "roster": played.version.roster_id,
        "week": iso_week(played.version.roster.period.first),
        "seed": played.comparison.seed,
        "repeats": played.comparison.repeats,
        "staffed_hours": played.comparison.staffed_hours,
        "not_played": list(played.missing),
        "queues": {
            name: {
                "contacts": q.contacts,
                "expected_contacts": played.expected[name],
                "service_level": _number(q.overall_service_level),
                "abandonment": _number(q.overall_abandonment),
                "share_inside": _number(q.share_inside),
                "peak_share_inside": _number(q.peak_share_inside),
                "turned_away": q.turned_away,
                "intervals": [
                    {
                        "start": start.isoformat(),
                        "service_level": float(q.service_level[i]),
                        "inside": bool(q.inside[i]),
                        "peak": bool(q.peak[i]),
                    }
                    for i, start in enumerate(played.comparison.report.queues[name].grid.local_starts())
                    if not math.isnan(q.service_level[i])
                ],
            }
            for name, q in played.comparison.queues.items()
        },
    }


def against_lines(context: CliContext, played: AgainstTruth) -> list[str]:
    t = context.t
    f = Formats(t.locale, played.version.roster.period.zone)
    lines = [
        t.text(
            "plan.against.title",
            roster=played.version.roster_id,
            week=iso_week(played.version.roster.period.first),
            hours=f.number(played.comparison.staffed_hours, decimals=1),
        )
    ]
    for name, q in played.comparison.queues.items():
        lines.append(
            t.text(
                "plan.against.queue",
                queue=name,
                contacts=f.number(q.contacts),
                expected=f.number(played.expected[name]),
                level=_percent(f, q.overall_service_level),
                share=f.percent(q.target.share),
                within=f.duration(q.target.within_seconds),
                inside=_percent(f, q.share_inside),
                peak=_percent(f, q.peak_share_inside),
            )
        )
        if q.turned_away:
            lines.append("! " + t.text("plan.against.turned_away", contacts=q.turned_away, queue=name))
        starts = played.comparison.report.queues[name].grid.local_starts()
        lines += by_hour(
            starts,
            [None if math.isnan(v) else float(v) for v in q.service_level],
            lambda values: sum(values) / len(values),
            lambda value: f.percent(value),
            day_label=f.day,
            corner=t.text("plan.against.corner"),
        )
    lines += [t.text("plan.against.no_truth", queue=queue) for queue in played.missing]
    return lines


def _percent(f: Formats, value: float) -> str:
    return "-" if math.isnan(value) else f.percent(value, decimals=1)


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _whole(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"
