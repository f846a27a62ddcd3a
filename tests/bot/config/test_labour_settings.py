"""`roster.labour`: packs, severities and contracts by name; what does not exist is refused, with what was
meant."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.config.load import load_settings
from bot.config.problems import SettingsRefusedError
from bot.i18n.catalog import Translator
from scheduler.labour.packs import PACKS, LabourPack, Severity

SAMPLE = (Path(__file__).parents[3] / "app.yaml").read_text(encoding="utf-8")
AFTER = "  solve: {time_limit: 60s, workers: 2, seed: 1}\n"


def packs(tmp_path: Path, labour: str) -> dict[str, LabourPack]:
    assert SAMPLE.count(AFTER) == 1
    file = tmp_path / "app.yaml"
    file.write_text(SAMPLE.replace(AFTER, f"{AFTER}  labour: {labour}\n"), encoding="utf-8")
    return {p.name: p for p in load_settings(file, today=date(2026, 11, 22)).settings.roster.labour}


def test_nothing_is_judged_unless_asked_for(tmp_path: Path) -> None:
    assert packs(tmp_path, "{}") == {}


def test_a_pack_comes_as_it_is_but_for_what_is_taken_differently(tmp_path: Path) -> None:
    found = packs(tmp_path, "{packs: [cn, eu], severity: {cn.weekly_rest: warning, eu.night_work: hard}}")
    assert list(found) == ["cn", "eu"]
    assert {p.contracts for p in found.values()} == {None}
    taken = {f"{p.name}.{r.code}": r.severity for p in found.values() for r in p.rules}
    usual = {f"{n}.{r.code}": r.severity for n in ("cn", "eu") for r in PACKS[n].rules}
    assert {k: v for k, v in taken.items() if v is not usual[k]} == {
        "cn.weekly_rest": Severity.WARNING,
        "eu.night_work": Severity.HARD,
    }


def test_contracts_with_packs_of_their_own_leave_the_others(tmp_path: Path) -> None:
    found = packs(tmp_path, "{packs: [cn], contracts: {lisbon-full-time: [eu], part-time: []}}")
    assert found["cn"].contracts == {"full-time"}
    assert found["eu"].contracts == {"lisbon-full-time"}


@pytest.mark.parametrize(
    ("labour", "path", "suggestion"),
    [
        ("{packs: [cn, us_ca]}", "roster.labour.packs[2]", "us-ca"),
        ("{packs: [cn], severity: {cn.weekly_rset: warning}}", "roster.labour.severity.cn.weekly_rset",
         "cn.weekly_rest"),
        ("{packs: [cn], severity: {cn.weekly_rest: warn}}", "roster.labour.severity.cn.weekly_rest",
         "warning"),
        ("{contracts: {fulltime: [eu]}}", "roster.labour.contracts.fulltime", "full-time"),
        ("{contracts: {full-time: [us-cal]}}", "roster.labour.contracts.full-time[1]", "us-ca"),
        ("{pack: [cn]}", "roster.labour.pack", "packs"),
    ],
)  # fmt: skip
def test_what_does_not_exist_is_refused_with_what_was_meant(
    tmp_path: Path, labour: str, path: str, suggestion: str
) -> None:
    with pytest.raises(SettingsRefusedError) as refused:
        packs(tmp_path, labour)
    (problem,) = refused.value.problems
    assert (problem.path, problem.suggestion) == (path, suggestion)
    assert f"是不是想写：{suggestion}" in problem.text(Translator("zh-Hans"))


@pytest.mark.parametrize(
    "labour", ["[cn]", "{packs: cn}", "{packs: [[1]]}", "{contracts: [eu]}", "{severity: x}"]
)
def test_other_shapes_are_refused_in_words(tmp_path: Path, labour: str) -> None:
    with pytest.raises(SettingsRefusedError) as refused:
        packs(tmp_path, labour)
    assert all(problem.text(Translator("en")) for problem in refused.value.problems)
