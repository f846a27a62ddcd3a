"""`kpis` of app.yaml, and of each team its `goals`, `weekly_pack` and `monthly_pack`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, model_validator
from pydantic_core import PydanticCustomError

from bot.config.fields import (
    DayKey,
    LocalTime,
    PositiveDuration,
    SlackChannel,
    parse_duration,
    parse_weekdays,
)
from bot.config.problems import nearest
from bot.core.ids import QueueId
from bot.core.kpis.catalogue import KPIS, Kpi, Unit
from bot.core.kpis.goals import Benchmark, Goal
from bot.core.kpis.settings import KpiSettings, PackTimes

__all__ = [
    "GoalPart",
    "KpisPart",
    "MonthlyPackPart",
    "WeeklyPackPart",
    "build_goals",
    "build_kpis",
    "build_monthly",
    "build_weekly",
    "pack_channels",
]

_NAMES: Final = tuple(kpi.value for kpi in Kpi)
_RANGES: Final = {
    Unit.SHARE: (0.0, 1.0),
    Unit.POINTS: (0.0, 100.0),
    Unit.SCORE: (1.0, 5.0),
    Unit.NPS: (-100.0, 100.0),
    Unit.COUNT: (0.0, 1e9),
}


def _kpi(value: object) -> Kpi:
    if isinstance(value, Kpi):
        return value
    if value not in _NAMES:
        raise PydanticCustomError(
            "kpi_name",
            "no key figure",
            {"value": str(value), "allowed": _NAMES, "suggestion": nearest(value, _NAMES)},
        )
    return Kpi(value)


def _weekday(value: object) -> int:
    if isinstance(value, int):
        return value
    days = parse_weekdays(value)
    if len(days) != 1:
        raise PydanticCustomError("one_weekday", "several days", {"value": str(value)})
    return next(iter(days))


KpiName = Annotated[Kpi, PlainValidator(_kpi)]
Weekday = Annotated[int, PlainValidator(_weekday)]
KpiValue = Annotated[object, PlainValidator(lambda value: value)]
"""Text or a number; what it may be follows from the key figure."""


def _number(kpi: Kpi, value: object) -> float:
    """A value in the KPI's unit: ``8m``, ``95%`` or 0.95, 85.  Raises PydanticCustomError."""
    unit = KPIS[kpi].unit
    if unit is Unit.SECONDS:
        if isinstance(value, str):
            seconds = parse_duration(value).total_seconds()
            if seconds > 0:
                return seconds
        raise PydanticCustomError("kpi_duration", "not a duration", {"value": str(value), "kpi": kpi.value})
    try:
        if isinstance(value, str) and value.strip().endswith("%") and unit is Unit.SHARE:
            number = float(value.strip().removesuffix("%")) / 100
        else:
            number = float(str(value))
    except ValueError:
        number = float("nan")
    least, most = _RANGES[unit]
    if isinstance(value, bool) or not least <= number <= most:
        raise PydanticCustomError(
            "kpi_value",
            "out of range",
            {"value": str(value), "kpi": kpi.value, "least": f"{least:g}", "most": f"{most:g}"},
        )
    return number


class BenchmarkPart(BaseModel):
    """What others reach; who says so is required (KS15)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: KpiValue
    source: Annotated[str, Field(min_length=1, max_length=120)]


class KpisPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    repeat_within: PositiveDuration = timedelta(days=7)
    individual: bool = True
    benchmarks: dict[KpiName, BenchmarkPart] = {}

    @model_validator(mode="after")
    def _values(self) -> Self:
        for kpi, part in self.benchmarks.items():
            _number(kpi, part.value)
        return self


class GoalPart(BaseModel):
    """From ``baseline`` on the day ``start`` to ``value`` on the day ``by``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kpi: KpiName
    queue: str | None = None
    baseline: KpiValue
    value: KpiValue
    start: DayKey
    by: DayKey

    @model_validator(mode="after")
    def _sense(self) -> Self:
        for given in (self.baseline, self.value):
            _number(self.kpi, given)
        if self.by <= self.start:
            raise PydanticCustomError("goal_dates", "ends before it starts", {"value": self.by.isoformat()})
        return self


class WeeklyPackPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    at: LocalTime = Field(default="09:00", validate_default=True)
    day: Weekday = Field(default="mon", validate_default=True)
    channel: SlackChannel | None = None


class MonthlyPackPart(BaseModel):
    """On the first working day of the month."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: LocalTime = Field(default="09:00", validate_default=True)
    channel: SlackChannel | None = None


def pack_channels(weekly: WeeklyPackPart | None, monthly: MonthlyPackPart | None) -> dict[str, str]:
    """Channels of packs that go elsewhere than the stand-up's digest, by purpose."""
    parts = {"weekly_pack": weekly, "monthly_pack": monthly}
    return {
        purpose: part.channel
        for purpose, part in parts.items()
        if part is not None and part.channel is not None
    }


def build_kpis(part: KpisPart) -> KpiSettings:
    return KpiSettings(
        repeat_within=part.repeat_within,
        individual=part.individual,
        benchmarks={
            kpi: Benchmark(value=_number(kpi, held.value), source=held.source.strip())
            for kpi, held in part.benchmarks.items()
        },
    )


def build_goals(parts: list[GoalPart]) -> tuple[Goal, ...]:
    return tuple(
        Goal(
            kpi=part.kpi,
            queue=None if part.queue is None else QueueId(part.queue),
            baseline=_number(part.kpi, part.baseline),
            value=_number(part.kpi, part.value),
            start=part.start,
            by=part.by,
        )
        for part in parts
    )


def build_weekly(part: WeeklyPackPart | None) -> PackTimes | None:
    return None if part is None else PackTimes(at=part.at, weekday=part.day)


def build_monthly(part: MonthlyPackPart | None) -> PackTimes | None:
    return None if part is None else PackTimes(at=part.at, weekday=None)
