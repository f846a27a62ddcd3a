"""Outcomes and calibration as a planner reads them, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli.context import CliContext
from bot.cli.outcome_text import calibration_json, calibration_lines, outcome_json, outcome_lines
from bot.core.certificate_calibration import calibrate
from tests.bot.core.test_certificate_calibration import peak

SAMPLE = Path(__file__).parents[3] / "app.yaml"


def context(lang: str) -> CliContext:
    return CliContext(config=SAMPLE, lang=lang, environ={})


def test_each_peak_is_a_line_with_what_was_promised_and_what_came() -> None:
    found = [peak(0, promised=0.91, contacts=112, in_time=92), peak(1, contacts=0, in_time=0)]
    lines = outcome_lines(context("en"), found)
    assert lines[0].split() == ["queue", "peak", "promised", "expected", "came", "in", "time", "target"]
    assert lines[1].startswith("phone")
    assert lines[1].split()[-5:] == ["0.91", "100", "112", "82%", "held"]
    assert lines[2].split()[-3:] == ["0", "-", "held"], "where nobody came nothing was missed"
    assert lines[-1] == "2 of 2 peaks were inside their target."
    assert outcome_lines(context("zh-Hans"), found)[-1] == "2 个高峰中 2 个达标。"
    assert [row["held"] for row in outcome_json(found)] == [True, True]


@pytest.mark.parametrize(
    ("held", "en", "zh"),
    [
        (
            71,
            "The promises are too sure: 0.9 was promised on average, 71% of 100 peaks held.",
            "承诺过于乐观",
        ),
        (90, "The promises are true as far as 100 peaks can tell", "就 100 个高峰而言承诺可信"),
        (100, "The promises are too careful", "承诺过于保守"),
    ],
)
def test_the_sentence_says_what_the_table_means(held: int, en: str, zh: str) -> None:
    peaks = [
        peak(i % 28, contacts=100 if i < held else 125, in_time=80 if i < held else 60) for i in range(100)
    ]
    found = calibrate(peaks)
    lines = calibration_lines(context("en"), found)
    assert any(line.startswith(en) for line in lines)
    assert any(line.startswith(zh) for line in calibration_lines(context("zh-Hans"), found))
    told = any(
        "In the peaks that failed 125% of the expected contacts came, in the others 100%" in s for s in lines
    )
    assert told == (held < 100)
    assert sum(row["peaks"] for row in calibration_json(found)["bins"]) == 100
