"""`muster reviews`: counts for leads, S0's table 3 for whoever may see single forms."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.context import CliContext, ExitCode
from bot.cli.main import cli
from bot.core.ids import AgentId
from bot.core.own_figures import OwnFigures
from bot.core.people import Role
from bot.core.weekly_reviews import fill
from bot.store.engine import make_engine
from bot.store.schema import check_current
from bot.store.unit_of_work import Store
from tests.support.builders import TEAM, agent, at
from tests.support.own_week import solve_cases

CONFIG = Path(__file__).parents[3] / "app.yaml"
FRIDAY = date(2026, 11, 27)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database with a form of bo's that is back, and one of chen's that is not."""
    url = f"sqlite:///{tmp_path / 'muster.db'}"
    store = Store(make_engine(url))
    check_current(store.engine)
    measured = OwnFigures(handled=120, aht=185.0, fcr=0.85, csat=4.2)
    with store.unit() as uow:
        uow.people.upsert(agent("lin", role=Role.LEAD))
        for name in ("bo", "chen"):
            uow.people.upsert(agent(name))
        number = uow.weekly_reviews.send(AgentId("bo"), TEAM, FRIDAY, measured, now=at(15, day=FRIDAY))
        assert number is not None
        typed = {"handled": "120", "aht": "185", "fcr": "85", "csat": "4.2"}
        filled = fill(figures=typed, points=["brevity"], goal="AHT ≤ 180 s", measured=measured)
        uow.weekly_reviews.fill(number, filled, now=at(16, day=FRIDAY))
        nothing = OwnFigures(missing=dict.fromkeys(("handled", "aht", "fcr", "csat"), "no_cases"))
        uow.weekly_reviews.send(AgentId("chen"), TEAM, FRIDAY, nothing, now=at(15, day=FRIDAY))
        uow.commit()
    store.close()
    return url


def run(url: str, *args: str, by: str | None = None) -> Result:
    environ = {"MUSTER_DATABASE_URL": url, **({} if by is None else {"MUSTER_OPERATOR": by})}
    context = CliContext(config=CONFIG, environ=environ, clock=lambda: at(18, day=FRIDAY))
    return CliRunner().invoke(cli, ["reviews", *args], obj=context)


def test_a_lead_sees_how_many_are_back(url: str) -> None:
    assert "harbour: week until Fri 27 Nov 2026: sent 2, back 1" in run(url).output
    found = json.loads(run(url, "--json", by="lin@harbour.example").output)
    assert found["teams"] == [{"team": "harbour", "day": "2026-11-27", "sent": 2, "back": 1}]
    assert run(url, by="bo@harbour.example").exit_code == ExitCode.REFUSED
    wrong = run(url, "--team", "quay")
    assert "There is no team quay; nothing was shown." in wrong.output


def test_the_table_of_the_source_is_for_the_lead_and_not_for_an_admin(url: str) -> None:
    done = run(url, "--form", "s0-3", by="lin@harbour.example")
    assert done.output.splitlines() == [
        "客服工号,姓名,本周接听量,平均处理时长(秒),一次性解决率(%),客户满意度,改进点,下周目标",
        "bo,Bo,120,185,85,4.2,表达简洁，缩短处理时长,AHT≤180秒",
        "chen,Chen,,,,,,",
    ]
    refused = run(url, "--form", "s0-3", by="ada@harbour.example")
    assert refused.exit_code == ExitCode.PARTIAL
    assert "bo" not in refused.output
    assert "2 forms are left out" in refused.output


def test_the_lead_exports_balanced_figures_and_it_stands_on_record(url: str, tmp_path: Path) -> None:
    """TI3, KS17, PS11."""
    store = Store(make_engine(url))
    solve_cases(store, "bo", at(10, day=FRIDAY), name="A", count=10, seconds=180.0, answers=(4, 5))
    solve_cases(store, "chen", at(10, day=FRIDAY), name="B", count=4, seconds=60.0)
    out = tmp_path / "people.csv"

    def kpi(*args: str, by: str | None) -> Result:
        environ = {"MUSTER_DATABASE_URL": url, **({} if by is None else {"MUSTER_OPERATOR": by})}
        context = CliContext(config=CONFIG, environ=environ, clock=lambda: at(18, day=FRIDAY))
        return CliRunner().invoke(cli, ["kpi", "--week", "2026-W48", "--export", *args], obj=context)

    done = kpi(str(out), by="lin@harbour.example")
    assert done.exit_code == ExitCode.DONE, done.output
    assert "No figure in it decides anything by itself" in done.output
    rows = {row["agent"]: row for row in csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines())}
    assert list(rows) == ["bo", "chen", "lin"]
    assert (rows["bo"]["handled"], rows["bo"]["aht_seconds"]) == ("10", "180.0")
    assert (rows["bo"]["fcr"], rows["bo"]["csat"]) == ("1.0000", "4.50")
    # Chen is quicker, and what it costs is not known: the time does not stand alone.
    assert (rows["chen"]["handled"], rows["chen"]["aht_seconds"]) == ("4", "")
    assert "aht: without_quality" in rows["chen"]["not_shown"]
    with store.read() as uow:
        (entry,) = [e for e in uow.audit.entries() if e.action == "figures_exported"]
    assert (entry.actor, entry.subject) == ("lin@harbour.example", "team:harbour")
    # Not for agents; who leads nobody of them gets no row, and is told so.
    assert kpi("-", by="bo@harbour.example").exit_code == ExitCode.REFUSED
    planner = kpi("-", by="pei@harbour.example")
    assert planner.exit_code == ExitCode.PARTIAL
    assert "3 people are left out" in planner.output
    assert "180.0" not in planner.output
    ahead = CliRunner().invoke(
        cli,
        ["kpi", "--week", "2027-W10", "--export", "-"],
        obj=CliContext(config=CONFIG, environ={"MUSTER_DATABASE_URL": url}, clock=lambda: at(18, day=FRIDAY)),
    )
    assert "has not begun" in ahead.output
    store.close()
