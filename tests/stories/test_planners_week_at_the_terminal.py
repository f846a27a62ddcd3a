"""P1 to P5, P7, P8 as a planner types them: from a file of contacts to a published roster that is mended."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from bot.core.ports import SolveProgress
from scheduler.roster.problem import RosterProblem
from scheduler.roster.roster import RosterResult
from tests.bot.cli.test_planning_commands import AGENTS, APP, NOW, Desk, volumes
from tests.bot.usecases.test_planning_line import Direct

CASES = """contact,queue,arrived
GD1,phone,2026-11-16 10:00
GD2,phone,2026-11-16 10:05
GD2,phone,2026-11-16 10:05
GD3,fax,2026-11-16 10:07
"""
TWO_AGENTS = "\n".join(AGENTS.splitlines()[:3]) + "\n"
LED = APP.replace(
    "rest_days_per_week: 1}", "rest_days_per_week: 1, presence: [{name: a lead, attribute: lead, least: 1}]}"
)
"""The same team, where a lead has to be there whenever it is open."""


def days_of(first: str) -> str:
    """The history from a day on."""
    head, *rows = volumes().splitlines()
    return "\n".join([head, *(row for row in rows if row.split(",")[1] >= first)]) + "\n"


@pytest.fixture(autouse=True)
def _in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The solver works in the solver's own units: the same roster on every machine."""
    monkeypatch.setattr("bot.jobs.compute.ProcessSolver", Direct)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def typed(desk: Desk, *words: str, code: int = 0, lang: str = "en") -> str:
    """What stands on the planner's screen after a command that ends with this code."""
    done = desk.run(*words, lang=lang)
    assert done.exit_code == code, done.output
    return done.output


def brought(desk: Desk, kind: str, text: str, *words: str, code: int = 0, lang: str = "en") -> str:
    done = desk.bring(kind, text, *words, lang=lang)
    assert done.exit_code == code, done.output
    return done.output


def staffed(desk: Desk, agents: str = AGENTS, history: str | None = None) -> Desk:
    """Everything before a solve."""
    brought(desk, "volumes", volumes() if history is None else history)
    brought(desk, "agents", agents)
    typed(desk, "forecast", "--weeks", "1")
    typed(desk, "staffing")
    return desk


def test_a_file_of_contacts_is_read_and_the_same_again_changes_nothing(desk: Desk) -> None:
    """P1."""
    said = brought(desk, "contacts", CASES, code=3)
    assert "4 rows read; 2 new, 0 changed, 0 unchanged, 1 refused" in said
    assert "line 5: queue is none of app.yaml, which has: phone, chat" in said
    assert "1 rows repeat an earlier row and were counted once (lines 4)" in said
    assert "read as local time in Asia/Shanghai" in said
    again = brought(desk, "contacts", CASES, code=3, lang="zh-Hans")
    assert "新增 0，更新 0，未变 2，拒绝 1" in again
    autumn = "queue,start,contacts\n" + "".join(
        f"phone,2026-10-25T{hour:02d}:{minute:02d},1\n" for hour in range(4) for minute in (0, 30)
    )
    assert "2026-10-25" in brought(desk, "volumes", autumn, "--zone", "Europe/Lisbon")


def test_a_column_that_is_missing_is_named_with_how_to_map_it(desk: Desk) -> None:
    """P1, what goes wrong: nothing of the file is kept before the columns are clear."""
    file = "contact,queue,created_at\nGD1,phone,2026-11-16 10:00\n"
    said = brought(desk, "contacts", file, code=1)
    assert "Line 1: no column 'arrived'. Found: contact, queue, created_at" in said
    assert "Map with --map arrived=created_at" in said
    assert "第 1 行" in brought(desk, "contacts", file, code=1, lang="zh-Hans")
    assert "1 rows read; 1 new" in brought(desk, "contacts", file, "--map", "arrived=created_at")


def test_a_forecast_says_how_good_it_is_and_the_need_how_it_came_about(desk: Desk) -> None:
    """P2, P3."""
    brought(desk, "volumes", volumes())
    brought(desk, "agents", AGENTS)
    said = typed(desk, "forecast", "--weeks", "1")
    for queue in ("phone", "chat"):
        assert re.search(rf"{queue}: forecast \d+ by .*; history 2026-10-09 to 2026-11-20", said)
    assert said.count("Back-test: WAPE") == 2
    assert "80 % band" in said
    assert "43 days of history: too few for effects of the month" in said
    need = typed(desk, "staffing")
    assert "phone, week 2026-W48: target 80% within 30 sec" in need
    assert "one contact at a time (Erlang)" in need
    assert "2 conversations at once (Erlang)" in need
    assert "Shrinkage 5% on top" in need
    assert "4*" in need, "a peak is marked"
    worked = typed(desk, "staffing", "--explain", "Tue 10:30 phone")
    assert "7.0 contacts x 280 s / 1800 s = 1.09 erlangs" in worked
    assert "2 people: 73.8% within 30 sec (target 80%)" in worked
    assert "3 / (1 - 5%) = 4 people on the roster" in worked


def test_eleven_days_of_history_and_a_target_out_of_reach_are_said(desk: Desk) -> None:
    """P2, P3, what goes wrong: too little to learn from, and too few people whatever the roster."""
    brought(desk, "volumes", days_of("2026-11-10"))
    brought(desk, "agents", TWO_AGENTS)
    said = typed(desk, "forecast", "--weeks", "1")
    assert "11 days of history: the weekday shape rests on one or two samples" in said
    assert "Good enough for a first roster; better from 14 days on" in said
    assert re.search(r"The band is assumed, not measured: about ±\d+%", said)
    assert "11 天" in typed(desk, "forecast", "--weeks", "1", lang="zh-Hans")
    need = typed(desk, "staffing")
    assert "more people than the 2 with the skill; with 5 it would be possible (worst: Mon 23 Nov" in need
    assert "有 5 人才能满足" in typed(desk, "staffing", lang="zh-Hans")
    assert "not possible with them" in typed(desk, "staffing", "--explain", "Mon 10:00 phone")


def test_a_roster_is_solved_as_a_draft_the_same_for_the_same_seed(desk: Desk) -> None:
    """P4."""
    staffed(desk)
    said = typed(desk, "roster", "solve", "--week", "2026-W48", "--seed", "7")
    assert "Roster 1 of week 2026-W48 written as a draft" in said
    assert re.search(r"Objective [\d,]+ paid minutes, bound [\d,]+, gap [\d.]+%; seed 7\.", said)
    assert "Checker: 0 broken rules." in said
    assert "草稿" in typed(desk, "roster", "solve", "--seed", "7", lang="zh-Hans")
    first, second = (typed(desk, "roster", "export", "--roster", number) for number in ("1", "2"))
    assert first == second


class Pressed(Direct):
    """Somebody presses Ctrl-C once a roster was found."""

    def solve(
        self,
        problem: RosterProblem,
        *,
        on_progress: Callable[[SolveProgress], None],
        should_stop: Callable[[], bool],
        **more: Any,
    ) -> RosterResult:
        found = super().solve(problem, on_progress=on_progress, should_stop=lambda: False, **more)
        signal.raise_signal(signal.SIGINT)
        while not should_stop():  # the request travels through the run, which is looked at now and then
            on_progress(SolveProgress(seconds=1, objective=found.objective, bound=0, gap=None, solutions=1))
            sleep(0.05)
        return found


def test_ctrl_c_keeps_the_best_so_far(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """P4."""
    staffed(desk)
    monkeypatch.setattr("bot.jobs.compute.ProcessSolver", Pressed)
    # Whether somebody asked to stop is looked at every so many seconds: this clock has to run.
    begun = monotonic()
    desk.clock = lambda: NOW + timedelta(seconds=monotonic() - begun)
    said = typed(desk, "roster", "solve")
    assert "Stopping; the best roster so far is kept" in said
    assert "Roster 1 of week 2026-W48 written as a draft" in said
    assert "Checker: 0 broken rules." in typed(desk, "roster", "show")


def test_what_cannot_hold_together_is_named_with_the_cheapest_ways_out(desk: Desk) -> None:
    """P4, what goes wrong: two people, one of them on leave, and a lead wanted who is not there."""
    desk.write("app.yaml", LED)
    brought(desk, "volumes", volumes())
    brought(desk, "agents", TWO_AGENTS)
    brought(desk, "leave", "agent,start,end,kind\na0,2026-11-23,2026-11-29,leave\n")
    typed(desk, "forecast", "--weeks", "1")
    typed(desk, "staffing")
    said = typed(desk, "roster", "solve")
    assert "INFEASIBLE" not in said.upper()
    assert "written as a draft" in said, "the best there is, all the same"
    assert "! a lead Mon 23 Nov, 09:00–17:00: 1 not there" in said
    assert re.search(r"spans are short of people, [\d.]+ agent-hours in all; the worst:\n  phone Mon", said)
    assert "roster gaps --roster 1" in said
    named = typed(desk, "roster", "gaps", "--roster", "1", "--most", "2")
    assert "Of 2 people with the skill nobody can, because of: leave." in named
    assert re.search(
        r"lifting leave: a0 could work Mon 23 Nov 09:00–17:00, phone; that closes .* saves", named
    )
    assert "休假" in typed(desk, "roster", "gaps", "--roster", "1", "--most", "2", lang="zh-Hans")


def test_below_the_threshold_nothing_is_published_without_a_reason(desk: Desk) -> None:
    """P5, and what goes wrong: the weak peak is named, how many are missing there, and what would help."""
    staffed(desk)
    typed(desk, "roster", "solve")
    said = typed(desk, "roster", "certify", code=3)
    assert "played 5 times (seed 1)" in said
    weak = re.search(r"weakest peak meets its target with P (0\.\d\d) \(needed 0\.85\)", said)
    assert weak is not None
    assert "Below the threshold" in said
    assert re.search(rf"phone Mon 23 Nov, 11:30–14:00: P {weak[1]}, service level \d+% with", said)
    assert "About 1 more person would do" in said
    assert "No change of a single shift is allowed that puts somebody there" in said
    refused = typed(desk, "roster", "publish", code=1)
    assert "Nothing was published: the weakest peak of roster 1 (phone 2026-11-23 11:30)" in refused
    assert f"with P {weak[1]}, below 0.85" in refused
    assert "about 1 people are missing there" in refused
    assert "--accept" in refused
    assert "未发布" in typed(desk, "roster", "publish", code=1, lang="zh-Hans")
    done = typed(desk, "roster", "publish", "--accept", "New people start on Tuesday")
    assert "Accepted because: New people start on Tuesday" in done
    assert "New people start on Tuesday" in typed(desk, "roster", "show")
    assert "New people start on Tuesday" in typed(desk, "audit")


def test_a_roster_that_holds_is_published_once_and_names_who_has_to_agree(desk: Desk) -> None:
    """P5, P7."""
    desk.write("app.yaml", APP.replace("certificate: 0.85", "certificate: 0.1"))
    staffed(desk)
    typed(desk, "roster", "solve")
    held = typed(desk, "roster", "certify")
    assert "Certificate: the weakest peak meets its target with P" in held
    done = typed(desk, "roster", "publish")
    assert "Roster 1 of week 2026-W48 is published; 6 agents will be told." in done
    assert "Less than 24 h notice for: a0, a1, a2, a3, a4, a5. Ask for their consent." in done
    assert "published already" in typed(desk, "roster", "publish", "--week", "2026-W48")


def test_an_absence_is_mended_with_the_fewest_changes_and_says_what_each_costs(desk: Desk) -> None:
    """P8."""
    staffed(desk)
    typed(desk, "roster", "solve")
    typed(desk, "roster", "publish", "--accept", "trial week")
    rows = json.loads(desk.run("roster", "show", "--json").stdout)["rows"]
    who = next(r["agent"] for r in rows if r["date"] == "2026-11-25" and r["activity"] == "chat")
    asked = ("roster", "repair", "--absent", who, "--from", "2026-11-25")
    said = typed(desk, *asked)
    assert f"Falls away – {who}: off: Wed 25 Nov 09:00–17:00" in said
    assert "Costs are paid minutes more than before" in said
    people = [int(n) for n in re.findall(r"(\d+) (?:person changes|people change)", said)]
    assert people, "there is a way"
    assert max(people) <= 2, "and it touches few"
    assert "1. " in said
    assert "空出" in typed(desk, *asked, lang="zh-Hans")
    assert "There is no way 99" in typed(desk, *asked, "--apply", "99", code=1)
    assert "No roster is published" in typed(desk, "roster", "repair", "--day", "2030-01-01", code=1)
