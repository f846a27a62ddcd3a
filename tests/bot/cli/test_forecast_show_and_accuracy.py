"""`muster forecast show` and `muster forecast accuracy` as typed."""

from __future__ import annotations

import csv
import io
import json
import re
import warnings
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.context import CliContext, ExitCode
from bot.cli.main import cli
from tests.bot.cli.test_planning_commands import NOW, Desk, volumes


class DeskInTime(Desk):
    """A desk at which it can be earlier."""

    def at(self, now: datetime, *args: str, lang: str = "en") -> Result:
        context = CliContext(config=self.config, lang=lang, environ={}, clock=lambda: now)
        try:
            return CliRunner().invoke(cli, ["--lang", lang, *args], obj=context)
        finally:
            context.close()


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> DeskInTime:
    """Three forecasts, each a week after the one before, of two weeks each; the newest of today."""
    desk = DeskInTime(tmp_path_factory.mktemp("planned"))
    assert desk.bring("volumes", volumes(weeks=9)).exit_code == 0
    for back in (14, 7, 0):
        result = desk.at(NOW - timedelta(days=back), "forecast", "--queue", "phone", "--weeks", "2")
        assert result.exit_code == 0, result.output
    return desk


def test_show_makes_no_new_forecast_and_repeats_the_days_of_the_one_stored(planned: DeskInTime) -> None:
    before = json.loads(planned.run("forecast", "show", "--queue", "phone", "--json").stdout)
    text = planned.run("forecast", "show", "--queue", "phone").stdout
    after = json.loads(planned.run("forecast", "show", "--queue", "phone", "--json").stdout)
    assert before == after
    assert (after[0]["forecast"], after[0]["problem"], after[0]["backdated"]) == (3, None, False)
    assert "phone: forecast 3 by " in text
    assert "80% band" in text
    assert "Closed: every Sat and every Sun." in text
    assert re.search(r"Busiest: \w{3} \d+ Nov, \d\d:\d\d–\d\d:\d\d ", text)
    days = [d for d in after[0]["days"] if not d["closed"]]
    for day in days:
        assert day["q10"] <= day["mean"] <= day["q90"]
        rows = [i["mean"] for i in after[0]["intervals"] if i["start"].startswith(day["date"])]
        assert sum(rows) == pytest.approx(day["mean"], abs=0.1)
        assert day["actual"] is None


def test_a_week_that_is_over_shows_what_came(planned: DeskInTime) -> None:
    args = ("forecast", "show", "--queue", "phone", "--week", "2026-W47")
    (one,) = json.loads(planned.run(*args, "--json").stdout)
    assert one["forecast"] == 2
    opened = [d for d in one["days"] if not d["closed"]]
    assert [d["date"] for d in opened] == [f"2026-11-{day}" for day in range(16, 21)]
    told = list(csv.DictReader(io.StringIO(volumes(weeks=9))))
    monday = sum(
        int(r["contacts"]) for r in told if r["queue"] == "phone" and r["start"][:10] == "2026-11-16"
    )
    assert opened[0]["actual"] == monday
    assert f"{monday}" in planned.run(*args).stdout


def test_as_of_shows_what_was_said_then(planned: DeskInTime) -> None:
    (one,) = json.loads(
        planned.run("forecast", "show", "--queue", "phone", "--as-of", "2026-11-10", "--json").stdout
    )
    assert (one["forecast"], one["made_at"]) == (1, "2026-11-08T06:00:00+00:00")
    result = planned.run("forecast", "show", "--queue", "phone", "--as-of", "2026-01-01")
    assert result.exit_code == ExitCode.REFUSED
    assert "phone: no forecast is stored for that time." in result.stdout
    assert "forecast" in result.stderr


def test_a_queue_without_a_forecast_does_not_hide_the_others(planned: DeskInTime) -> None:
    result = planned.run("forecast", "show", lang="zh-Hans")
    assert result.exit_code == ExitCode.PARTIAL
    assert "phone：预测 3" in result.stdout
    assert "休息：每周六和每周日。" in result.stdout
    assert "chat：没有保存该时间的预测。" in result.stdout


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
@pytest.mark.parametrize("args", [(), ("--week", "2026-W47")])
def test_pictures_have_every_character(planned: DeskInTime, lang: str, args: tuple[str, ...]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for kind in ("png", "svg"):
            file = planned.folder / f"picture.{kind}"
            result = planned.run(
                "forecast", "show", "--queue", "phone", *args, "--picture", str(file), lang=lang
            )
            assert result.exit_code == 0, result.output
            assert str(file) in result.stderr
    assert (planned.folder / "picture.png").read_bytes().startswith(b"\x89PNG")
    svg = (planned.folder / "picture.svg").read_text(encoding="utf-8")
    assert svg.startswith("<svg")
    said = {"en": ("expected", "closed"), "zh-Hans": ("预测值", "休息")}[lang]
    assert all(word in svg for word in said)
    assert ({"en": "came", "zh-Hans": "实际"}[lang] in svg) is bool(args)


def test_a_picture_of_another_kind_is_refused_before_anything_is_done(planned: DeskInTime) -> None:
    for lang, says in (("en", "ends in .png or .svg"), ("zh-Hans", "须以 .png 或 .svg 结尾")):
        result = planned.run("forecast", "show", "--picture", "week.gif", lang=lang)
        assert (result.exit_code, says in result.output) == (ExitCode.REFUSED, True)


def test_accuracy_on_screen_as_json_and_as_csv_is_the_same(planned: DeskInTime) -> None:
    args = ("forecast", "accuracy", "--queue", "phone")
    text = planned.run(*args)
    assert text.exit_code == 0, text.output
    (one,) = json.loads(planned.run(*args, "--json").stdout)
    rows = list(csv.DictReader(io.StringIO(planned.run(*args, "--csv", "-").stdout)))
    assert [(int(r["horizon_weeks"]), float(r["wape"])) for r in rows] == [
        (s["horizon_weeks"], s["wape"]) for s in one["scores"]
    ]
    by = {s["horizon_weeks"]: s for s in one["scores"]}
    # Made on a Sunday: its first seven days are that Sunday and the week up to Saturday.
    assert (by[1]["forecasts"], by[1]["weeks"], by[2]["forecasts"], by[2]["weeks"]) == (2, 2, 1, 1)
    assert by[1]["contacts"] > by[2]["contacts"] > 0
    assert "phone: stored forecasts against what came" in text.stdout
    assert "weeks ahead" in text.stdout
    assert "it takes 14 days" in text.stdout
    assert "提前周数" in planned.run(*args, lang="zh-Hans").stdout


def test_forecasts_made_afterwards_are_said_and_counted_on_request(tmp_path: Path) -> None:
    desk = DeskInTime(tmp_path)
    desk.bring("volumes", volumes(weeks=9))
    desk.run("forecast", "--queue", "phone", "--weeks", "1", "--as-of", "2026-11-08")
    result = desk.run("forecast", "accuracy", "--queue", "phone")
    assert result.exit_code == ExitCode.REFUSED
    assert "One forecast was made long after it begins" in result.stdout
    again = desk.run("forecast", "accuracy", "--queue", "phone", "--backdated")
    assert again.exit_code == 0
    assert re.search(r"^1 +[\d.]+%", again.stdout, re.MULTILINE)
    shown = desk.run("forecast", "show", "--queue", "phone").stdout
    assert "It was made afterwards, with --as-of" in shown


def test_too_early_names_the_step_before(tmp_path: Path) -> None:
    result = Desk(tmp_path).run("forecast", "accuracy")
    assert result.exit_code == ExitCode.REFUSED
    assert "First: muster forecast" in result.stdout
