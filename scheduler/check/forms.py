"""Rules about one shift by itself: its segments, template, breaks, queue, and when it lies."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.check.opening import open_spans
from scheduler.roster.people import RosterAgent
from scheduler.roster.problem import RosterProblem
from scheduler.roster.rules import (
    Availability,
    BreaksRule,
    LeaveRule,
    OpeningHours,
    SegmentsRule,
    SkillRule,
    TemplateRule,
)
from scheduler.roster.shifts import BREAK, LUNCH, PREPARE, PauseWindow, Segment, Shift, ShiftTemplate
from scheduler.roster.violation import Violation

__all__ = ["break_faults", "shift_violations", "template_of"]

_MINUTE = timedelta(minutes=1)


def shift_violations(problem: RosterProblem, agent: RosterAgent, shift: Shift) -> list[Violation]:
    """Rules that one shift breaks whatever else is on the roster."""
    report = _Report(agent.agent, shift.date)
    _check_period(problem, shift, report)
    _check_segments(problem, shift, report)
    rules = problem.rules
    if rules.availability is not None and not agent.is_available(shift.start, shift.end):
        report.add(Availability.name, "outside", _hours(shift.presence), 0)
    if rules.leave is not None:
        away = sum(
            (max(timedelta(0), min(s.end, shift.end) - max(s.start, shift.start)) for s in agent.leave),
            start=timedelta(0),
        )
        if away:
            report.add(LeaveRule.name, "overlap", _hours(away), 0)
    skill_of = {r.queue: r.skill for r in problem.requirements}
    for queue in shift.queues:
        if queue in skill_of and skill_of[queue] not in agent.skills:
            report.add(SkillRule.name, "missing", 1, 0)
    _check_opening(problem, shift, report)
    _check_template(problem, agent, shift, report)
    return report.found


class _Report:
    """Collects the violations of one shift."""

    def __init__(self, agent: str, day: date) -> None:
        self.agent = agent
        self.day = day
        self.found: list[Violation] = []

    def add(self, rule: str, code: str, amount: float, limit: float) -> None:
        self.found.append(
            Violation(
                rule=rule,
                code=f"{rule}.{code}",
                agent=self.agent,
                date=self.day,
                amount=amount,
                limit=limit,
            )
        )


def _hours(duration: timedelta) -> float:
    return duration / timedelta(hours=1)


def _check_period(problem: RosterProblem, shift: Shift, report: _Report) -> None:
    if not problem.period.start <= shift.start < problem.period.end:
        report.add("period", "outside", 1, 0)
    if problem.period.date_of(shift.start) != shift.date:
        report.add("period", "date", 1, 0)


def _check_segments(problem: RosterProblem, shift: Shift, report: _Report) -> None:
    """Gap and overlap in minutes; an activity that is neither a pause nor a queue counts once each."""
    gap = overlap = timedelta(0)
    now = shift.start
    for segment in shift.segments:
        gap += max(timedelta(0), segment.start - now)
        overlap += max(timedelta(0), min(now, segment.end) - segment.start)
        now = max(now, segment.end)
    gap += max(timedelta(0), shift.end - now)
    outside = max(timedelta(0), now - shift.end)
    if shift.segments:
        outside += max(timedelta(0), shift.start - shift.segments[0].start)
    for code, amount in (("gap", gap), ("overlap", overlap), ("outside", outside)):
        if amount:
            report.add(SegmentsRule.name, code, amount / _MINUTE, 0)
    unknown = [q for q in shift.queues if q not in problem.queues]
    if unknown:
        report.add(SegmentsRule.name, "unknown_queue", len(unknown), 0)


def _check_opening(problem: RosterProblem, shift: Shift, report: _Report) -> None:
    for queue in shift.queues:
        spans = open_spans(problem, queue) if queue in problem.queues else None
        if spans is None:
            continue
        work = [s for s in shift.segments if s.activity == queue]
        closed = sum((_closed(s, spans) for s in work), start=timedelta(0))
        if closed:
            report.add(OpeningHours.name, "closed", _hours(closed), 0)


def _closed(segment: Segment, spans: tuple[tuple[datetime, datetime], ...]) -> timedelta:
    inside = sum(
        (max(timedelta(0), min(end, segment.end) - max(start, segment.start)) for start, end in spans),
        start=timedelta(0),
    )
    return segment.duration - inside


def _check_template(problem: RosterProblem, agent: RosterAgent, shift: Shift, report: _Report) -> None:
    """A shift made by hand names no template: any that fits start and length will do, at its best."""
    if problem.rules.templates is None and problem.rules.breaks is None:
        return
    own = [t for t in problem.templates if t.name in agent.contract.templates]
    faults = break_faults(own, shift, agent.zone)
    if faults is None:
        if problem.rules.templates is not None:
            report.add(TemplateRule.name, "none_fits", _hours(shift.presence), 0)
        return
    if problem.rules.breaks is not None:
        for code, amount, limit in faults:
            report.add(BreaksRule.name, code, amount, limit)


def break_faults(
    templates: Iterable[ShiftTemplate], shift: Shift, zone: str
) -> list[tuple[str, float, float]] | None:
    """What is wrong with a shift's pauses, by the template that suits it best; None where none fits at all.

    (code, found, allowed), in minutes or numbers.  ``zone``: the agent's, in which templates start.
    """
    fitting = [t for t in templates if _template_fits(t, shift, zone)]
    return min((_break_faults(t, shift) for t in fitting), key=len, default=None)


def template_of(problem: RosterProblem, agent: RosterAgent, shift: Shift) -> str:
    """The template a shift was made from: its own word, else the first of the agent's that fits; or empty."""
    if shift.template:
        return shift.template
    own = (t for t in problem.templates if t.name in agent.contract.templates)
    return next((t.name for t in own if _template_fits(t, shift, agent.zone)), "")


def _template_fits(template: ShiftTemplate, shift: Shift, zone: str) -> bool:
    if shift.template not in ("", template.name):
        return False
    local = (shift.start + template.prepare).astimezone(ZoneInfo(zone))
    return local.time() in template.starts() and shift.presence - template.prepare in template.lengths


def _break_faults(template: ShiftTemplate, shift: Shift) -> list[tuple[str, float, float]]:
    """(code, found, allowed) in minutes or numbers; lengths and counts first, then windows and spacing."""
    windows = template.breaks.pauses(shift.presence - template.prepare)
    phones = shift.start + template.prepare
    prepared = sum((s.duration for s in shift.segments if s.activity == PREPARE), start=timedelta(0))
    if prepared != template.prepare:
        return [("prepare_length", prepared / _MINUTE, template.prepare / _MINUTE)]
    held = [s for s in shift.segments if s.activity in (LUNCH, BREAK)]
    faults: list[tuple[str, float, float]] = []
    for activity in (LUNCH, BREAK):
        have = [s for s in held if s.activity == activity]
        want = [w for w in windows if w.activity == activity]
        if len(have) != len(want):
            faults.append((f"{activity}_count", len(have), len(want)))
    if faults:
        return faults
    if [s.activity for s in held] != [w.activity for w in windows]:
        return [("order", 1, 0)]
    spacing = template.breaks.min_spacing
    free_from = phones
    for segment, window in zip(held, windows, strict=True):
        faults += _window_faults(phones, segment, window)
        if segment.start - free_from < spacing:
            faults.append(("spacing", (segment.start - free_from) / _MINUTE, spacing / _MINUTE))
        free_from = segment.end
    if held and shift.end - free_from < spacing:
        faults.append(("spacing", (shift.end - free_from) / _MINUTE, spacing / _MINUTE))
    return faults


def _window_faults(phones: datetime, segment: Segment, window: PauseWindow) -> list[tuple[str, float, float]]:
    faults: list[tuple[str, float, float]] = []
    if segment.duration != window.length:
        faults.append((f"{window.activity}_length", segment.duration / _MINUTE, window.length / _MINUTE))
    # A short break's window only follows from its neighbours; the spacing says it better.
    if window.activity == LUNCH:
        offset = segment.start - phones
        if offset < window.earliest:
            faults.append(("lunch_early", offset / _MINUTE, window.earliest / _MINUTE))
        if offset > window.latest:
            faults.append(("lunch_late", offset / _MINUTE, window.latest / _MINUTE))
    return faults
