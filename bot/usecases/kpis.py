"""Key figures of a team, a queue or one person, for any span of time; each row is read once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.core.errors import RefusedError
from bot.core.ids import AgentId, QueueId, TeamId
from bot.core.kpis.catalogue import Kpi, named
from bot.core.kpis.compute import Facts, Figures, compute, facts_of
from bot.core.kpis.goals import Goal, expected, on_course, reached
from bot.core.kpis.resolution import resolution_times
from bot.core.kpis.rows import ContactFact
from bot.core.packs import GoalLine
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit, Store
from forecasting.grid import local_midnight

__all__ = [
    "KpiReport",
    "Span",
    "TeamFacts",
    "goal_line",
    "meant",
    "of_days",
    "read_facts",
    "report",
    "team_queues",
]

Span = tuple[datetime, datetime]
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamFacts:
    """The rows of a team's queues, enough for every span that was asked for."""

    facts: Facts
    resolution_time: Callable[[ContactFact], float]
    now: datetime

    def figures(self, span: Span) -> Figures:
        return compute(self.facts, *span, now=self.now, resolution_time=self.resolution_time)

    def of_queue(self, queue: QueueId) -> TeamFacts:
        """The same of one queue alone."""
        return self._only(lambda row: row.queue == queue, lambda answer: answer.queue == queue)

    def of_agent(self, agent: AgentId) -> TeamFacts:
        """The same of one person's contacts; what customers answered is nobody's own (PS11)."""
        return self._only(lambda row: row.agent == agent, lambda _: False)

    def _only(self, contact: Callable[..., bool], answer: Callable[..., bool]) -> TeamFacts:
        held = self.facts
        return TeamFacts(
            facts=Facts(
                opened=[c for c in held.opened if contact(c)],
                solved=[c for c in held.solved if contact(c)],
                answers=[a for a in held.answers if answer(a)],
                repeats=held.repeats,
                followed=held.followed,
                repeat_within=held.repeat_within,
                reopened=held.reopened,
            ),
            resolution_time=self.resolution_time,
            now=self.now,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiReport:
    """Figures of [start, end) with those of the span before it, and the goals as of the day ``last``.

    ``asked``: customers the survey tool was told to ask in the span; ``answered`` so many of them.
    """

    team: TeamId
    first: date
    last: date
    figures: Figures
    before: Figures
    goals: tuple[GoalLine, ...]
    asked: int = 0
    answered: int = 0


def team_queues(settings: Settings, team: TeamId) -> list[QueueId]:
    return [queue.queue for queue in settings.queues.values() if queue.team == team]


def read_facts(
    uow: ReadUnit,
    settings: Settings,
    queues: Collection[QueueId],
    spans: Sequence[Span],
    *,
    now: datetime,
) -> TeamFacts:
    """The rows of these queues for these spans, read once."""
    start, end = min(s for s, _ in spans), max(e for _, e in spans)
    within = settings.kpis.repeat_within
    return TeamFacts(
        facts=facts_of(
            uow.kpi_facts.contacts(queues, start - within, start, end),
            uow.kpi_facts.answers(queues, start, end),
            within,
            uow.kpi_facts.reopened(queues, start - within, end),
        ),
        resolution_time=resolution_times(settings.terms),
        now=now,
    )


def report(
    store: Store,
    settings: Settings,
    team: TeamId,
    *,
    first: date,
    last: date,
    span: Span,
    before: Span,
    agent: AgentId | None = None,
    now: datetime,
) -> KpiReport:
    """Every figure of ``span`` (local days ``first`` to ``last``) with the one ``before``.

    ``agent``: of one person's contacts alone, without goals; who may ask is the caller's to see to.
    """
    with store.read() as uow:
        queues = team_queues(settings, team)
        facts = read_facts(uow, settings, queues, (before, span), now=now)
        asked, answered = (0, 0) if agent is not None else uow.survey_requests.response(queues, *span)
    if agent is not None:
        facts = facts.of_agent(agent)
    figures, earlier = facts.figures(span), facts.figures(before)
    goals = settings.teams[team].goals if agent is None else ()
    return KpiReport(
        team=team,
        first=first,
        last=last,
        figures=figures,
        before=earlier,
        goals=tuple(goal_line(g, facts, (earlier, figures), (first - _DAY, last)) for g in goals),
        asked=asked,
        answered=answered,
    )


def of_days(
    store: Store,
    settings: Settings,
    team: TeamId,
    first: date,
    last: date,
    *,
    agent: AgentId | None = None,
    now: datetime,
) -> KpiReport:
    """The report of local days, beside as many days before them.  Raises RefusedError for days to come."""
    zone = settings.teams[team].zone
    days = last - first + _DAY
    start, end = local_midnight(first, zone), local_midnight(last + _DAY, zone)
    if start >= now:
        raise RefusedError("pack_future", "That period has not begun; nothing was shown.")
    before = (local_midnight(first - days, zone), start)
    return report(
        store, settings, team, first=first, last=last, span=(start, end), before=before, agent=agent, now=now
    )


def meant(word: str) -> tuple[Kpi, ...]:
    """The figures a person names.  Raises RefusedError."""
    found = named(word)
    if not found:
        known = ", ".join(k.value for k in Kpi)
        raise RefusedError(
            "kpi_unknown",
            f"No key figure is called {word!r}; nothing was shown. Known: {known}",
            value=word.strip(),
            known=known,
        )
    return found


def goal_line(goal: Goal, facts: TeamFacts, trend: Sequence[Figures], days: Sequence[date]) -> GoalLine:
    """How a goal stands on the last of ``days``, which end the times of ``trend``, the team's figures."""
    if goal.queue is not None:
        own = facts.of_queue(goal.queue)
        trend = [own.figures((one.start, one.end)) for one in trend]
    *_, before, figures = trend
    figure = figures.by_kpi[Kpi(goal.kpi)]
    actual, day = figure.value, days[-1]
    started = day >= goal.start
    return GoalLine(
        kpi=goal.kpi.value,
        queue=goal.queue,
        baseline=goal.baseline,
        goal=goal.value,
        start=goal.start,
        by=goal.by,
        actual=actual,
        before=before.value(goal.kpi),
        expected=expected(goal, day),
        on_course=None if actual is None or not started else on_course(goal, actual, day),
        reached=actual is not None and reached(goal, actual),
        missing=None if figure.missing is None else figure.missing.value,
        started=started,
        trend=tuple(one.value(goal.kpi) for one in trend),
        path=tuple(expected(goal, one) for one in days),
    )
