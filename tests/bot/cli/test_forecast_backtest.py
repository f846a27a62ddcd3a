"""`muster forecast backtest`, the bar, and what Ctrl-C leaves."""

from __future__ import annotations

import csv
import io
import json
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.cli.context import CliContext, ExitCode
from bot.cli.forecast_progress import progress
from bot.core.ids import QueueId
from forecasting.models.mean_of_weeks import MeanOfWeeks
from tests.bot.cli.test_planning_commands import Desk, volumes


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk(tmp_path_factory.mktemp("stocked"))
    result = desk.bring("volumes", volumes(weeks=9))
    assert result.exit_code == 0, result.output
    return desk


@pytest.fixture
def pressing(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Somebody presses Ctrl-C while the mean of weeks is fitted for the n-th time."""

    def press(at: int) -> None:
        fit, fits = MeanOfWeeks.fit, [0]

        def interrupted(self: MeanOfWeeks, training: Any) -> Any:
            fits[0] += 1
            if fits[0] == at:
                signal.raise_signal(signal.SIGINT)
            return fit(self, training)

        monkeypatch.setattr(MeanOfWeeks, "fit", interrupted)

    return press


def test_the_table_names_every_model_and_why_one_is_chosen(stocked: Desk) -> None:
    english = stocked.run("forecast", "backtest", "--weeks", "4", "--horizons", "1,2").stdout
    assert "phone: backtest of 4 weeks, " in english
    assert re.search("weeks ahead +WAPE +bias", english)
    assert "mean of weeks" in english
    assert "Chosen: " in english
    chinese = stocked.run("forecast", "backtest", "--weeks", "4", lang="zh-Hans").stdout
    assert "phone：回测 4 周" in chinese
    assert "选用：" in chinese


def test_screen_json_and_csv_carry_the_same_figures(stocked: Desk) -> None:
    args = ("forecast", "backtest", "--queue", "phone", "--weeks", "4", "--horizons", "1")
    data = json.loads(stocked.run(*args, "--json").stdout)
    rows = list(csv.DictReader(io.StringIO(stocked.run(*args, "--csv", "-").stdout)))
    assert [float(r["wape"]) for r in rows] == [s["wape"] for s in data[0]["scores"]]
    assert [r["model"] for r in rows if r["chosen"] == "1"] == [data[0]["chosen"]]
    shown = [float(found) for found in re.findall(r" 1 +([\d.]+)% ", stocked.run(*args).stdout)]
    assert shown == pytest.approx([100 * s["wape"] for s in data[0]["scores"]], abs=0.051)


def test_ctrl_c_shows_what_was_tested_so_far(stocked: Desk, pressing: Callable[[int], None]) -> None:
    pressing(3)
    result = stocked.run("forecast", "backtest", "--queue", "phone", "--weeks", "5", "--horizons", "1")
    assert result.exit_code == ExitCode.INTERRUPTED
    assert "what is done so far is kept" in result.stderr
    assert "Stopped: 3 of 5 origins were tested" in result.stdout
    assert "Chosen: " in result.stdout


def test_ctrl_c_keeps_the_forecasts_of_queues_already_done(
    stocked: Desk, pressing: Callable[[int], None]
) -> None:
    whole = json.loads(stocked.run("forecast", "--weeks", "1", "--json").stdout)
    fits = {"n": 0}
    counted = MeanOfWeeks.fit

    def count(self: MeanOfWeeks, training: Any) -> Any:
        fits["n"] += 1
        return counted(self, training)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MeanOfWeeks, "fit", count)
        stocked.run("forecast", "--weeks", "1", "--queue", "phone")
    pressing(fits["n"] + 2)
    result = stocked.run("forecast", "--weeks", "1", "--json")
    assert result.exit_code == ExitCode.INTERRUPTED
    phone, chat = json.loads(result.stdout)
    assert phone["problem"] is None
    assert phone["days"] == whole[0]["days"]
    assert (chat["problem"], "forecast" in chat) == ("stopped", False)


def test_the_second_ctrl_c_leaves(tmp_path: Path) -> None:
    context = CliContext(config=tmp_path / "app.yaml", lang="en", environ={})
    before = signal.getsignal(signal.SIGINT)
    with progress(context, [QueueId("phone")]) as bar:
        bar.told("phone", 1, 2)
        assert not bar.stopping()
        signal.raise_signal(signal.SIGINT)
        assert bar.stopping()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("horizons", ["0", "1,99", "soon", ""])
def test_horizons_that_are_none(stocked: Desk, horizons: str) -> None:
    for lang, says in (("en", "write weeks ahead from 1 to 13"), ("zh-Hans", "请填写提前周数")):
        result = stocked.run("forecast", "backtest", "--horizons", horizons, lang=lang)
        assert result.exit_code == ExitCode.REFUSED
        assert says in result.output


def test_a_short_history_says_what_it_would_take(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.bring("volumes", volumes(weeks=2))
    result = desk.run("forecast", "backtest", "--queue", "phone")
    assert result.exit_code == ExitCode.REFUSED
    assert "it takes a week to test and 14 days before it" in result.stdout


def test_no_history_names_the_step_before(tmp_path: Path) -> None:
    result = Desk(tmp_path).run("forecast", "backtest")
    assert result.exit_code == ExitCode.REFUSED
    assert "muster import volumes FILE" in result.output
