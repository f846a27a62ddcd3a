"""Public holidays and make-up workdays of a country, and whether a year of them is known yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

__all__ = ["CountryDays", "country_days", "unknown_years"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryDays:
    """``without_days``: years for which nothing is known; ``without_makeup``: years whose make-up workdays
    are not announced yet, in a country that has them in other years."""

    holidays: Mapping[date, str] = field(default_factory=dict)
    makeup_workdays: Mapping[date, str] = field(default_factory=dict)
    without_days: frozenset[int] = frozenset()
    without_makeup: frozenset[int] = frozenset()


@lru_cache(maxsize=32)
def country_days(country: str, years: range) -> CountryDays:
    """Days of the given years only: the library's set of make-up workdays carries strays of other years."""
    import holidays

    code, _, part = country.partition("-")
    found = holidays.country_holidays(code, subdiv=part or None, years=years)
    days = {day: name for day, name in sorted(found.items()) if day.year in years}
    makeup = {day: "make-up workday" for day in sorted(found.weekend_workdays) if day.year in years}
    with_makeup = {day.year for day in makeup}
    return CountryDays(
        holidays=days,
        makeup_workdays=makeup,
        without_days=frozenset(years) - {day.year for day in days},
        without_makeup=frozenset(years) - with_makeup if with_makeup else frozenset(),
    )


def unknown_years(days: CountryDays, today: date) -> tuple[int, ...]:
    """Years worth a warning now: this year's gap, and from October on next year's."""
    missing = days.without_days | days.without_makeup
    watched = (today.year, today.year + 1) if today.month >= 10 else (today.year,)
    return tuple(year for year in watched if year in missing)
