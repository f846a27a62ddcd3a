"""The weekly self-review (SR8, TI11): the week's figures, points to improve, a goal for the next week.

The form is S0's table 3.  A goal is read from the words people write ("AHT ≤ 180 s", "FCR to 85 %") and is
judged a week later by the figures of `bot.core.own_figures`, always beside satisfaction: a shorter call that
leaves the customer unhappy is no success.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.errors import FieldProblem, InvalidFormError
from bot.core.ids import AgentId, ReviewId, TeamId
from bot.core.own_figures import FIGURES, OwnFigures

__all__ = [
    "BOUNDS",
    "Filled",
    "Goal",
    "GoalMeasure",
    "GoalOutcome",
    "ImprovementPoint",
    "Review",
    "ReviewTimes",
    "due_day",
    "fill",
    "outcomes",
    "parse_goals",
    "remind_due",
    "shown",
    "window",
]

GRACE: Final = timedelta(hours=6)
"""A form or reminder that could not leave for so long is left out."""
MOST_GOALS: Final = 3


class ImprovementPoint(Enum):
    """What somebody wants to do better, in the order of a call."""

    GREETING = "greeting"
    LISTENING = "listening"
    PRODUCT = "product"
    STEPS = "steps"
    BREVITY = "brevity"
    FIRST_CONTACT = "first_contact"
    CALMING = "calming"
    RECORD = "record"
    FOLLOW_UP = "follow_up"
    PHRASES = "phrases"


class GoalMeasure(Enum):
    """What a goal is about; the values are the figures' names."""

    HANDLED = "handled"
    AHT = "aht"
    FCR = "fcr"
    CSAT = "csat"

    @property
    def falls(self) -> bool:
        """Whether lower is better."""
        return self is GoalMeasure.AHT


BOUNDS: Final[Mapping[GoalMeasure, tuple[float, float]]] = MappingProxyType(
    {
        GoalMeasure.HANDLED: (1.0, 2_000.0),
        GoalMeasure.AHT: (10.0, 7_200.0),
        GoalMeasure.FCR: (0.01, 1.0),
        GoalMeasure.CSAT: (1.0, 5.0),
    }
)
"""Least and most of each figure: seconds, share, points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """``value`` in the figure's unit: seconds, share, points; at most of AHT, at least of the others."""

    measure: GoalMeasure
    value: float

    def reached(self, actual: float) -> bool:
        return actual <= self.value if self.measure.falls else actual >= self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalOutcome:
    """A goal and the week after it; ``actual`` None where that week has no such figure, ``missing`` why."""

    goal: Goal
    actual: float | None
    missing: str | None = None

    @property
    def reached(self) -> bool | None:
        return None if self.actual is None else self.goal.reached(self.actual)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewTimes:
    """When a team's forms leave and when those not back are reminded; local times of each agent.

    ``at_shift_end``: agents are also told what each shift was about.
    """

    weekday: int = 4
    at: time = time(15)
    remind_weekday: int = 0
    remind_at: time = time(10)
    at_shift_end: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What the agent sent back.  ``told``: figures as the agent has them, absent where left empty."""

    told: Mapping[str, float] = field(default_factory=dict)
    points: tuple[ImprovementPoint, ...] = ()
    goals: tuple[Goal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One agent's form of one week, which ends on ``day``.  ``measured``: the figures it was sent with.

    ``filled`` is None until it is back.
    """

    review: ReviewId
    agent: AgentId
    team: TeamId
    day: date
    sent_at: datetime
    measured: OwnFigures
    filled: Filled | None = None
    back_at: datetime | None = None
    reminded_at: datetime | None = None


def due_day(times: ReviewTimes, zone: str, now: datetime) -> date | None:
    """The agent's local day whose form is due at ``now``; None at any other time.

    >>> now = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)  # a Friday, 15:00 in Shanghai
    >>> due_day(ReviewTimes(), "Asia/Shanghai", now), due_day(ReviewTimes(), "Europe/Lisbon", now)
    (datetime.date(2026, 11, 27), None)
    """
    return _due(times.weekday, times.at, zone, now)


def remind_due(times: ReviewTimes, zone: str, day: date, now: datetime) -> bool:
    """Whether the one reminder of the form of ``day`` is due at ``now``."""
    today = _due(times.remind_weekday, times.remind_at, zone, now)
    return today is not None and 0 < (today - day).days <= 7


def window(times: ReviewTimes, zone: str, day: date) -> tuple[datetime, datetime]:
    """The week a form is about: [start, end) from one form's time to the next, in UTC."""
    end = datetime.combine(day, times.at, tzinfo=ZoneInfo(zone))
    start = datetime.combine(day - timedelta(days=7), times.at, tzinfo=ZoneInfo(zone))
    return start.astimezone(UTC), end.astimezone(UTC)


def outcomes(before: Review | None, measured: OwnFigures) -> tuple[GoalOutcome, ...]:
    """What became of the goals of the form before this one; satisfaction is shown beside them."""
    if before is None or before.filled is None:
        return ()
    return tuple(
        GoalOutcome(
            goal=goal,
            actual=measured.value(goal.measure.value),
            missing=measured.missing.get(goal.measure.value),
        )
        for goal in before.filled.goals
    )


def fill(*, figures: Mapping[str, str], points: Sequence[str], goal: str, measured: OwnFigures) -> Filled:
    """What was typed into the form, checked.  Raises InvalidFormError with every problem at its field.

    A figure that stands as it was measured is kept exactly.

    >>> fill(figures={"aht": "185"}, points=["brevity"], goal="AHT ≤ 180 s", measured=OwnFigures()).goals
    (Goal(measure=<GoalMeasure.AHT: 'aht'>, value=180.0),)
    """
    problems: list[FieldProblem] = []
    told: dict[str, float] = {}
    for name in FIGURES:
        typed = figures.get(name, "").strip()
        if not typed:
            continue
        value = _figure(name, typed)
        if value is None:
            problems.append(FieldProblem(name=name, kind=f"review_figure_{name}"))
            continue
        exact = measured.value(name)
        told[name] = exact if exact is not None and shown(name, exact) == shown(name, value) else value
    goals: tuple[Goal, ...] = ()
    try:
        goals = parse_goals(goal)
    except InvalidFormError as error:
        problems += error.problems
    if problems:
        raise InvalidFormError(problems)
    chosen = [p for p in ImprovementPoint if p.value in points]
    return Filled(told=told, points=tuple(chosen), goals=goals)


def shown(figure: str, value: float) -> str:
    """A figure as the form's fields have it: whole calls and seconds, per cent, one decimal.

    >>> shown("aht", 185.2), shown("fcr", 0.85), shown("csat", 4.2)
    ('185', '85', '4.2')
    """
    if figure == "fcr":
        return f"{round(value * 100, 1):g}"
    return f"{round(value, 1):g}" if figure == "csat" else str(round(value))


_WORDS: Final[Mapping[str, GoalMeasure]] = MappingProxyType(
    {
        "average handling time": GoalMeasure.AHT,
        "handling time": GoalMeasure.AHT,
        "aht": GoalMeasure.AHT,
        "平均处理时长": GoalMeasure.AHT,
        "平均通话时长": GoalMeasure.AHT,
        "处理时长": GoalMeasure.AHT,
        "通话时长": GoalMeasure.AHT,
        "first contact resolution": GoalMeasure.FCR,
        "fcr": GoalMeasure.FCR,
        "一次性解决率": GoalMeasure.FCR,
        "首次解决率": GoalMeasure.FCR,
        "一次解决率": GoalMeasure.FCR,
        "csat": GoalMeasure.CSAT,
        "satisfaction": GoalMeasure.CSAT,
        "满意度": GoalMeasure.CSAT,
        "calls": GoalMeasure.HANDLED,
        "cases": GoalMeasure.HANDLED,
        "handled": GoalMeasure.HANDLED,
        "接听量": GoalMeasure.HANDLED,
        "通话量": GoalMeasure.HANDLED,
        "处理量": GoalMeasure.HANDLED,
    }
)
_AT_MOST: Final = (
    "≤|<=|<|at most|no more than|under|below|down to|不超过|降至|降到|降低到|缩短至|缩短到|低于|小于等于"
)
_AT_LEAST: Final = (
    "≥|>=|>|at least|no less than|above|over|up to|不低于|提升至|提升到|提高至|提高到|达到|高于|大于等于"
)
_NEITHER: Final = "to|of|is|=|:|：|至|到|为|是"
_UNITS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "s": 1.0,
        "sec": 1.0,
        "seconds": 1.0,
        "秒": 1.0,
        "m": 60.0,
        "min": 60.0,
        "minutes": 60.0,
        "分钟": 60.0,
        "分": 60.0,
    }
)
_GOAL: Final = re.compile(
    rf"(?P<measure>{'|'.join(map(re.escape, _WORDS))})\s*"
    rf"(?:(?P<most>{_AT_MOST})|(?P<least>{_AT_LEAST})|{_NEITHER})?\s*"
    r"(?P<number>\d{1,5}(?:\.\d{1,3})?)\s*(?P<unit>%|％|seconds|sec|s|minutes|min|m|秒|分钟|分)?",
    re.IGNORECASE,
)
_BETWEEN: Final = re.compile(r"[,;，；、\n]+|\band\b")


def parse_goals(text: str) -> tuple[Goal, ...]:
    """Goals as people write them, one or several; none for no words.

    Raises InvalidFormError at the field ``goal`` for words that are no goal, for a number out of bounds, for
    a direction that would be a change for the worse, and for two goals about one figure.

    >>> [g.value for g in parse_goals("AHT ≤ 180 s, FCR to 85 %")]
    [180.0, 0.85]
    >>> parse_goals("一次性解决率提升到85%")[0].measure, parse_goals("平均处理时长不超过3分钟")[0].value
    (<GoalMeasure.FCR: 'fcr'>, 180.0)
    """
    parts = [part.strip(" .。") for part in _BETWEEN.split(text)]
    goals: list[Goal] = []
    for part in filter(None, parts):
        goal = _goal(part)
        if any(g.measure is goal.measure for g in goals):
            raise _wrong("review_goal_twice")
        goals.append(goal)
    if len(goals) > MOST_GOALS:
        raise _wrong("review_goal_many", most=MOST_GOALS)
    return tuple(goals)


def _goal(part: str) -> Goal:
    found = _GOAL.fullmatch(part)
    if found is None:
        raise _wrong("review_goal")
    measure = _WORDS[found["measure"].lower()]
    if found["least" if measure.falls else "most"]:
        raise _wrong("review_goal_direction")
    number, unit = float(found["number"]), (found["unit"] or "").lower()
    if measure is GoalMeasure.AHT:
        if unit in ("%", "％"):
            raise _wrong("review_goal")
        number *= _UNITS.get(unit, 1.0)
    elif measure is GoalMeasure.FCR:
        if unit in ("%", "％") or (not unit and number > 1):
            number /= 100
        elif unit:
            raise _wrong("review_goal")
    elif unit not in ("", "分") or (measure is GoalMeasure.HANDLED and unit):
        raise _wrong("review_goal")
    least, most = BOUNDS[measure]
    if not least <= number <= most:
        raise _wrong(f"review_figure_{measure.value}")
    return Goal(measure=measure, value=number)


def _figure(name: str, typed: str) -> float | None:
    """A figure as typed; None where it is none, or out of bounds."""
    found = re.fullmatch(r"(\d{1,5}(?:[.,]\d{1,3})?)\s*(?:%|％|s|秒|分)?", typed)
    if found is None:
        return None
    value = float(found[1].replace(",", "."))
    if name == "fcr":
        value /= 100
    if name == "handled" and value != int(value):
        return None
    least, most = BOUNDS[GoalMeasure(name)]
    # Nobody has to have solved a case at the first contact, nor any case at all.
    least = 0.0 if name in ("fcr", "handled") else least
    return value if least <= value <= most else None


def _wrong(kind: str, **data: object) -> InvalidFormError:
    return InvalidFormError([FieldProblem(name="goal", kind=kind, data=data)])


def _due(weekday: int, at: time, zone: str, now: datetime) -> date | None:
    local = now.astimezone(ZoneInfo(zone))
    if local.weekday() != weekday:
        return None
    since = now - datetime.combine(local.date(), at, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return local.date() if timedelta(0) <= since < GRACE else None
