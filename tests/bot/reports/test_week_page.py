"""The week's HTML page: complete, self-contained, in both languages, with nothing unescaped."""

from __future__ import annotations

import re
import warnings
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser

import numpy as np
import pytest

from bot.i18n.catalog import Translator
from bot.reports.charts.coverage import draw_coverage
from bot.reports.charts.style import chart_style, new_figure, to_png
from bot.reports.html import render_week
from bot.usecases.week_report import QueueWeek, WeekReport
from forecasting.forecast import LEVELS, VolumeForecast
from forecasting.grid import IntervalGrid
from scheduler.roster.roster import Assignment
from scheduler.roster.shifts import Segment, Shift

HOUR = timedelta(hours=1)
MADE = datetime(2026, 11, 22, 2, 6, tzinfo=UTC)


def queue_week(queue: str, *, first: date = date(2026, 11, 30), zone: str = "Asia/Shanghai") -> QueueWeek:
    grid = IntervalGrid.for_days(first=first, days=2, interval=timedelta(minutes=30), zone=zone)
    minutes = grid.minutes_of_day()
    opened = (minutes >= 480) & (minutes < 1320)
    mean = np.where(opened, 40.0, 0.0)
    required = np.where(opened, 10, 0)
    rostered = np.where(opened, np.where(minutes < 540, 7, 11), 0)
    return QueueWeek(
        queue=queue,
        grid=grid,
        required=required.astype(np.int64),
        rostered=rostered.astype(np.int64),
        forecast=VolumeForecast(
            queue=queue,
            grid=grid,
            mean=mean,
            quantiles={level: mean * (0.5 + level) for level in LEVELS},
            aht_seconds=np.full(grid.count, 240.0),
            open=opened,
            model="mean_of_weeks",
            made_at=MADE,
            trained_until=MADE,
        ),
        inside_share=0.9,
    )


def assignment(agent: str, queue: str) -> Assignment:
    start = datetime(2026, 11, 30, 0, tzinfo=UTC)
    return Assignment(
        agent=agent,
        shift=Shift(
            date=date(2026, 11, 30),
            start=start,
            end=start + 9 * HOUR,
            segments=(
                Segment(activity=queue, start=start, end=start + 4 * HOUR, paid=True),
                Segment(activity="lunch", start=start + 4 * HOUR, end=start + 5 * HOUR, paid=False),
                Segment(activity=queue, start=start + 5 * HOUR, end=start + 9 * HOUR, paid=True),
            ),
        ),
    )


def week(*queues: str) -> WeekReport:
    return WeekReport(
        roster=7,
        status="published",
        zone="Asia/Shanghai",
        first=date(2026, 11, 30),
        days=2,
        queues=tuple(queue_week(q) for q in queues),
        assignments=tuple(assignment(f"agent-{i}", queues[0]) for i in range(3)),
        agents=3,
        paid_hours=24.0,
        violations=0,
        weakest=0.71,
        inside_share=0.93,
        threshold=0.85,
        accepted_because="<b>trial week</b>",
    )


class _References(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.scripts = 0
        self.external: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        for name, value in attrs:
            if name in ("src", "href", "xlink:href") and value and not value.startswith("#"):
                self.external.append(value)


@pytest.mark.parametrize("locale", ["en", "zh-Hans"])
def test_page_needs_no_network_and_runs_no_script(locale: str) -> None:
    page = render_week(week("phone", "chat"), locale=locale, zone="Asia/Shanghai", made_at=MADE)
    references = _References()
    references.feed(page)
    assert references.scripts == 0
    assert references.external == []
    assert page.count("<svg") == 5  # two coverages, two forecasts, one day of shifts


def test_page_shows_the_numbers_of_the_week() -> None:
    page = render_week(week("phone"), locale="en", zone="Asia/Shanghai", made_at=MADE)
    cells = re.findall(r"<td>([^<]*)</td>", page)
    # 2 days x 28 open half-hours: 40 contacts and 10 agents each; 2 half-hours a day 3 agents short
    assert cells == ["phone", "2,240", "280", "300", "6", "90%"]
    assert "71%" in page
    assert "10:06" in page  # made at, in the reader's zone


def test_words_from_people_are_escaped() -> None:
    page = render_week(week('<i>phone</i> & "co"'), locale="en", zone="Asia/Shanghai", made_at=MADE)
    assert "<b>trial week</b>" not in page
    assert "&lt;b&gt;trial week&lt;/b&gt;" in page
    assert "<i>phone</i>" not in page


def test_chinese_page_has_no_missing_glyph_and_no_english_heading() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        page = render_week(week("电话"), locale="zh-Hans", zone="Asia/Shanghai", made_at=MADE)
    assert "<h2>覆盖情况</h2>" in page
    assert "电话：排班人数与需求人数" in page


def test_chinese_picture_draws_every_character() -> None:
    """A PNG has no second chance: matplotlib only warns where a glyph is missing."""
    data = queue_week("电话")
    with warnings.catch_warnings(), chart_style():
        warnings.simplefilter("error")
        figure, axes = new_figure(width=8, height=3)
        draw_coverage(
            axes,
            Translator("zh-Hans"),
            queue=data.queue,
            grid=data.grid,
            required=data.required,
            rostered=data.rostered,
        )
        assert to_png(figure).startswith(b"\x89PNG")


def test_day_of_23_hours_is_drawn_as_long_as_it_was() -> None:
    data = queue_week("phone", first=date(2026, 3, 29), zone="Europe/Lisbon")
    with chart_style():
        _, axes = new_figure(width=8, height=3)
        draw_coverage(
            axes,
            Translator("en"),
            queue="phone",
            grid=data.grid,
            required=data.required,
            rostered=data.rostered,
        )
        assert axes.get_xlim() == (0, 47)
        assert axes.get_xticks().tolist() == [0, 23, 47]
        labels = [label.get_text() for label in axes.get_xticklabels(minor=True)]
        assert labels == ["Sun 29 Mar", "Mon 30 Mar"]
