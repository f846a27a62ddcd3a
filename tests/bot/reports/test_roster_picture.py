"""A roster as pictures: both languages render, and what would not be readable is not drawn."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest

from bot.i18n.catalog import Translator
from bot.reports.roster_picture import MOST_A_DAY, bars_png, coverage_png
from bot.store.unit_of_work import Store
from bot.usecases.week_report import WeekReport, read_week
from tests.bot.usecases.planning import planning_settings
from tests.bot.usecases.test_planning_line import plan


@pytest.fixture
def report(sqlite_store: Store) -> WeekReport:
    version = plan(sqlite_store)
    return read_week(sqlite_store, planning_settings(), version.roster_id)


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


@pytest.mark.filterwarnings("error:Glyph")
@pytest.mark.parametrize("locale", ["en", "zh-Hans"])
def test_cover_and_bars_in_both_languages(report: WeekReport, locale: str) -> None:
    t = Translator(locale)
    cover, bars = coverage_png(report, t), bars_png(report, t)
    assert bars is not None
    assert size(cover) == (1650, round(2.9 * 150 * len(report.queues)))
    # Five working days in two columns.
    assert size(bars)[0] == 2400


def test_no_shifts_and_too_many_people_are_not_drawn(report: WeekReport) -> None:
    t = Translator("en")
    assert bars_png(replace(report, assignments=()), t) is None
    first = report.assignments[0]
    crowd = tuple(replace(first, agent=f"a{n}") for n in range(MOST_A_DAY + 1))
    assert bars_png(replace(report, assignments=crowd), t) is None
    assert bars_png(replace(report, assignments=crowd[1:]), t) is not None
