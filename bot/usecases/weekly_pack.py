"""The weekly and the monthly pack: read once, posted once per team and period (L13, SR6, SR7, SR9)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from bot.core.errors import RefusedError
from bot.core.fairness import FairnessSettings, TeamRange, counts_of, team_ranges
from bot.core.ids import QueueId, TeamId
from bot.core.kpis.catalogue import Kpi
from bot.core.kpis.compute import Figures, type_shares
from bot.core.kpis.settings import PackTimes
from bot.core.messages import Recipient, RecipientKind
from bot.core.packs import (
    MONTH,
    TREND,
    WEEK,
    AccuracyLine,
    AspectLine,
    CauseLine,
    ClassLine,
    FairnessLine,
    FigureLine,
    MeasureLine,
    Pack,
    PackPeriod,
    TypeLine,
    due_at,
    last_period,
    period_of,
)
from bot.core.people import Team
from bot.core.settings import Settings
from bot.core.weeks import parse_week
from bot.store.unit_of_work import ReadUnit, Store, UnitOfWork
from bot.usecases.kpis import goal_line, read_facts, team_queues
from bot.usecases.measures import measures_of
from bot.usecases.pareto import causes_between
from bot.usecases.review_forecast import came_and_said
from forecasting.accuracy import score_frozen
from scheduler.roster.shifts import Shift

__all__ = ["LATE", "MAX_DELAY", "period_meant", "post", "read_pack", "tick"]

_CHANNEL = re.compile(r"[^\s#A-Z.,!@]{1,80}")
"""As in app.yaml: the name of a channel."""

LATE = timedelta(minutes=5)
"""A pack written so long after its time is marked late."""
MAX_DELAY = timedelta(days=1)
"""A pack that could not be written for so long after its time is left out; it can still be asked for."""


def tick(store: Store, settings: Settings, *, now: datetime) -> int:
    """Write the packs that are due; returns how many.

    The slot is the team and the period, so replicas, restarts and clock changes make no second one.  It is
    taken in the transaction that writes the message: where that fails, whoever comes next tries again.
    The figures are read before it: replicas may read side by side, and nobody waits for them to write.
    """
    written = 0
    for team in settings.teams.values():
        for kind, times in _packs(team):
            due = due_at(times, now, team.zone, settings.calendars[team.calendar])
            if not due <= now < due + MAX_DELAY:
                continue
            period = last_period(kind, due, team.zone)
            job, slot = f"pack:{kind}:{team.team}", period.first.isoformat()
            with store.read() as look:
                if look.job_slots.taken(job, slot):
                    continue
                pack = read_pack(look, settings, team.team, period, now=now, late=now - due >= LATE)
            with store.unit() as uow:
                if not uow.job_slots.take(job, slot, now):
                    continue
                if _knows_something(pack):
                    _post(uow, pack, _channel(team, kind), f"{team.team}:{slot}", now)
                    written += 1
                uow.commit()
    return written


def post(
    store: Store,
    settings: Settings,
    team: TeamId,
    period: PackPeriod,
    *,
    channel: str,
    by: str,
    now: datetime,
) -> Pack:
    """Put a pack into the outbox for a channel (``#ops``), because somebody asked for it; this is noted.

    Raises RefusedError for what is no channel.
    """
    name = channel.strip().removeprefix("#")
    if not _CHANNEL.fullmatch(name):
        raise RefusedError(
            "pack_channel", f"{channel} is no channel; nothing was posted. Write it as #ops.", value=channel
        )
    with store.read() as look:
        pack = read_pack(look, settings, team, period, now=now)
    with store.unit() as uow:
        _post(uow, pack, name, f"{team}:{period.first.isoformat()}:{name}:{now.isoformat()}", now)
        uow.audit.add(
            by,
            "pack_posted",
            f"pack:{team}:{period.kind}:{period.first.isoformat()}",
            {"channel": name},
            now,
        )
        uow.commit()
    return pack


def period_meant(
    settings: Settings, team: TeamId, *, week: str | None, month: str | None, now: datetime
) -> PackPeriod:
    """The week (``2026-W47`` or a day in it) or month (``2026-11``) named; the last whole week for neither.

    Raises RefusedError for what is no period, for both, and for one that has not begun.
    """
    if week is not None and month is not None:
        raise RefusedError("pack_both", "Give either a week or a month; nothing was shown.")
    zone = settings.teams[team].zone
    if month is not None:
        try:
            period = period_of(MONTH, date.fromisoformat(f"{month.strip()}-01"))
        except ValueError:
            raise RefusedError(
                "pack_month", f"{month} is no month; nothing was shown. Write it as 2026-11.", value=month
            ) from None
    elif week is not None:
        period = period_of(WEEK, parse_week(week))
    else:
        return last_period(WEEK, now, zone)
    if period.bounds(zone)[0] >= now:
        raise RefusedError("pack_future", "That period has not begun; nothing was shown.")
    return period


def read_pack(
    uow: ReadUnit, settings: Settings, team: TeamId, period: PackPeriod, *, now: datetime, late: bool = False
) -> Pack:
    """Everything a pack shows of a period; the same numbers wherever it is shown."""
    zone = settings.teams[team].zone
    queues = team_queues(settings, team)
    periods = [period.back(n) for n in range(TREND[period.kind] - 1, -1, -1)]
    spans = [one.bounds(zone) for one in periods]
    facts = read_facts(uow, settings, queues, spans, now=now)
    trend = [facts.figures(span) for span in spans]
    figures, before = trend[-1], trend[-2]
    start, end = spans[-1]
    causes = causes_between(uow, settings, team, start, min(end, now))
    chosen = settings.roster.fairness or FairnessSettings()
    asked, answered = uow.survey_requests.response(queues, start, end)
    return Pack(
        team=team,
        kind=period.kind,
        first=period.first,
        last=period.last,
        contacts=sum(figures.types.values()),
        figures=tuple(_figure(settings, kpi, trend) for kpi in Kpi if _worth_a_line(kpi, trend)),
        goals=tuple(
            goal_line(g, facts, trend, [one.last for one in periods]) for g in settings.teams[team].goals
        ),
        classes=_classes(figures, before),
        types=tuple(
            TypeLine(type=t.type, count=t.count, share=t.share, change=t.change)
            for t in type_shares(figures.types, before.types)
        ),
        aspects=_aspects(figures, before),
        causes=tuple(
            CauseLine(
                key=line.key,
                count=line.count,
                share=line.share,
                cumulative=line.cumulative,
                vital=line.vital,
            )
            for line in causes.lines
        ),
        measures=tuple(
            MeasureLine(
                measure=m.item,
                what=m.what,
                owner=m.owner,
                state=m.state,
                kpi=m.kpi,
                before=m.before,
                after=m.after,
                verdict=m.verdict,
            )
            for m in measures_of(uow, settings, team, now)
        ),
        fairness=tuple(_fairness(uow, settings, team, end, start, chosen.weeks)),
        accuracy=tuple(_accuracy(uow, settings, queues, start, end, now)),
        unnamed=causes.unnamed,
        repeat_days=settings.kpis.repeat_within / timedelta(days=1),
        fairness_weeks=chosen.weeks,
        data_until=uow.contacts.data_until(),
        late=late,
        asked=asked,
        answered=answered,
    )


def _channel(team: Team, kind: str) -> str:
    """Where a pack goes by itself: its own channel, else that of the stand-up."""
    purpose = "weekly_pack" if kind == WEEK else "monthly_pack"
    return team.channels.get(purpose, team.channels["standup"])


def _knows_something(pack: Pack) -> bool:
    """Whether the team has had any contact in all of the trend: a service just set up has nothing to tell.

    A single week without contacts is told: its data may have stopped.
    """
    return pack.contacts > 0 or any(value is not None for line in pack.figures for value in line.trend)


def _packs(team: Team) -> Iterator[tuple[str, PackTimes]]:
    if team.weekly_pack is not None:
        yield WEEK, team.weekly_pack
    if team.monthly_pack is not None:
        yield MONTH, team.monthly_pack


def _post(uow: UnitOfWork, pack: Pack, channel: str, key: str, now: datetime) -> None:
    recipient = Recipient(kind=RecipientKind.CHANNEL, name=channel, team=pack.team)
    uow.outbox.post(recipient, pack, f"pack:{pack.kind}:{key}", now)


_SCALES = frozenset({Kpi.CSAT_FIVE, Kpi.CSAT_THREE, Kpi.CSAT_POINTS, Kpi.NPS})


def _worth_a_line(kpi: Kpi, trend: list[Figures]) -> bool:
    """A scale nobody was ever asked on is no news; every other figure shows that it is missing."""
    return kpi not in _SCALES or any(f.value(kpi) is not None for f in trend)


def _figure(settings: Settings, kpi: Kpi, trend: list[Figures]) -> FigureLine:
    figure = trend[-1].by_kpi[kpi]
    benchmark = settings.kpis.benchmarks.get(kpi)
    return FigureLine(
        kpi=kpi.value,
        value=figure.value,
        count=figure.count,
        missing=None if figure.missing is None else figure.missing.value,
        before=trend[-2].value(kpi),
        trend=tuple(f.value(kpi) for f in trend),
        benchmark=None if benchmark is None else benchmark.value,
        source=None if benchmark is None else benchmark.source,
    )


def _classes(figures: Figures, before: Figures) -> tuple[ClassLine, ...]:
    earlier = {c.priority: c.overdue / c.judged for c in before.classes if c.judged}
    return tuple(
        ClassLine(priority=c.priority, judged=c.judged, overdue=c.overdue, before=earlier.get(c.priority))
        for c in figures.classes
    )


def _aspects(figures: Figures, before: Figures) -> tuple[AspectLine, ...]:
    earlier = {a.aspect: a.points for a in before.aspects}
    return tuple(
        AspectLine(
            aspect=a.aspect,
            points=a.points,
            count=a.count,
            change=a.points - earlier[a.aspect] if a.aspect in earlier else None,
        )
        for a in figures.aspects
    )


def _fairness(
    uow: ReadUnit, settings: Settings, team: TeamId, end: datetime, before: datetime, weeks: int
) -> Iterator[FairnessLine]:
    """The team's ranges over the weeks to ``end``, and to ``before`` that; no one person's count is told."""
    length = timedelta(weeks=weeks)
    people = [a for a in uow.people.all() if a.team == team]
    assignments = uow.rosters.shifts_between(before - length, end)
    ranges: list[Mapping[str, TeamRange]] = []
    for until in (before, end):
        shifts: dict[str, list[Shift]] = {a.agent: [] for a in people}
        for assignment in assignments:
            if assignment.agent in shifts and until - length <= assignment.shift.start < until:
                shifts[assignment.agent].append(assignment.shift)
        if not any(shifts.values()):
            ranges.append({})
            continue
        counts = [counts_of(shifts[a.agent], a.zone, settings.roster.wishes.late) for a in people]
        ranges.append(team_ranges(counts))
    earlier, now = ranges
    for what in ("weekends", "lates", "hours"):
        if what in now:
            held = earlier.get(what)
            yield FairnessLine(
                what=what,
                least=now[what].least,
                most=now[what].most,
                spread_before=None if held is None else held.most - held.least,
            )


def _accuracy(
    uow: ReadUnit, settings: Settings, queues: list[QueueId], start: datetime, end: datetime, now: datetime
) -> Iterator[AccuracyLine]:
    """Of each queue's forecasts, as they stood when the period began; queues without one are absent."""
    for queue in queues:
        if not uow.forecasts.frozen(queue, start, end):
            continue
        frozen, actuals = came_and_said(uow, settings, queue, start, now)
        if actuals is None or actuals.grid.end <= start:
            continue
        judged = actuals.part(actuals.grid.slice_between(start, min(end, actuals.grid.end)))
        fitting = [f for f in frozen if f.grid.interval == actuals.grid.interval and not f.backdated]
        for score in score_frozen(fitting, judged, horizons=(1,)).scores:
            if score.contacts > 0:
                yield AccuracyLine(queue=queue, wape=score.wape, bias=score.bias, contacts=score.contacts)
