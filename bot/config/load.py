"""app.yaml to core `Settings`: read, check everything, and only then build anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.config.build import build_settings
from bot.config.check import check_references
from bot.config.document import read_document
from bot.config.holiday_years import CountryDays, country_days, unknown_years
from bot.config.model import AppFile
from bot.config.problems import Problem, SettingsRefusedError
from bot.config.validation import validate
from bot.core.settings import Settings

__all__ = ["Loaded", "load_settings", "years_around"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Settings and what the operator should know although it stops nothing."""

    settings: Settings
    path: Path
    warnings: tuple[Problem, ...] = ()


def years_around(today: date) -> range:
    """Years of holidays a running installation needs: the history behind, the rosters ahead."""
    return range(today.year - 4, today.year + 2)


def load_settings(path: Path, *, today: date, years: range | None = None) -> Loaded:
    """Everything app.yaml says.

    ``years``: whose public holidays are loaded, by default `years_around` today.  Raises
    SettingsRefusedError with every problem found at once; then nothing was loaded.
    """
    document = read_document(path)
    tree, problems = validate(document)
    problems = [*document.problems, *problems, *check_references(document)]
    if tree is None or problems:
        raise SettingsRefusedError(sorted(problems, key=lambda p: (p.line or 0, p.path)))
    days = _holidays(tree, years or years_around(today))
    settings, problems = build_settings(tree, document, days)
    if settings is None:
        raise SettingsRefusedError(problems)
    warnings = [
        document.problem(
            "holidays_unknown",
            ("calendars", name, "holidays"),
            country=calendar.holidays,
            years=", ".join(map(str, missing)),
        )
        for name, calendar in tree.calendars.items()
        if calendar.holidays is not None
        for missing in [unknown_years(days[calendar.holidays], today)]
        if missing and not any(day.year in missing for day in calendar.days)
    ]
    return Loaded(settings=settings, path=path, warnings=tuple(warnings))


def _holidays(tree: AppFile, years: range) -> Mapping[str, CountryDays]:
    calendars = tree.calendars.values()
    countries = {c for part in calendars for c in (part.holidays, part.worked_holidays) if c is not None}
    return {country: country_days(country, years) for country in sorted(countries)}
