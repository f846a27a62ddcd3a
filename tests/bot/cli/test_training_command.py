"""`muster training` and `muster import skills`: recorded, granted, refused with what to do next."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.context import CliContext, ExitCode
from bot.cli.main import cli
from bot.core.ids import AgentId, TrainingId
from bot.core.people import Role
from bot.core.training import Attendance, Training
from bot.store.engine import make_engine
from bot.store.schema import check_current
from bot.store.unit_of_work import Store
from tests.support.builders import TEAM, agent, at

CONFIG = Path(__file__).parents[3] / "app.yaml"


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database with a training of bo's and chen's that nobody has recorded; dai was reported absent."""
    url = f"sqlite:///{tmp_path / 'muster.db'}"
    store = Store(make_engine(url))
    check_current(store.engine)
    with store.unit() as uow:
        uow.people.upsert(agent("lin", role=Role.LEAD))
        for name in ("bo", "chen", "dai"):
            uow.people.upsert(agent(name))
        uow.trainings.add(
            Training(
                training=TrainingId(0),
                team=TEAM,
                kind="training",
                start=at(10),
                end=at(11),
                people=(
                    Attendance(agent=AgentId("bo"), attended=True),
                    Attendance(agent=AgentId("chen"), attended=True),
                    Attendance(agent=AgentId("dai"), attended=False, away=True),
                ),
            ),
            now=at(11),
        )
        uow.commit()
    store.close()
    return url


def run(url: str, *args: str, by: str | None = "lin@harbour.example", lang: str = "en") -> Result:
    environ = {"MUSTER_DATABASE_URL": url, **({} if by is None else {"MUSTER_OPERATOR": by})}
    context = CliContext(config=CONFIG, environ=environ, clock=lambda: at(18), lang=lang)
    return CliRunner().invoke(cli, [*args], obj=context)


def test_a_training_is_recorded_and_its_skill_granted(url: str) -> None:
    assert "training, 3 people, not recorded yet" in run(url, "training", "list").output
    done = run(url, "training", "attend", "1", "--absent", "chen", "--topic", "refunds", "--skill", "refunds")
    assert "training refunds, 1 of 3 there" in done.output
    assert "to grant, number 1: bo, refunds, since Tue 24 Nov 2026, training" in done.output
    granted = run(url, "training", "grant", "1")
    assert "bo may be planned for refunds" in granted.output.replace("*", "")
    again = run(url, "training", "grant", "1", "--not-now")
    assert again.exit_code == ExitCode.REFUSED
    assert "decided already; nothing was changed" in again.output
    shown = run(url, "training", "record", "bo", by="bo@harbour.example").output
    assert "refunds, since Tue 24 Nov 2026, training" in shown
    assert "技能" in run(url, "training", "record", "bo", lang="zh-Hans").output
    found = json.loads(run(url, "training", "record", "chen", "--json").output)
    assert (found["skills"], found["trainings"][0]["attended"]) == ([], False)
    listed = json.loads(run(url, "training", "list", "--json").output)
    assert [p["attended"] for p in listed["trainings"][0]["people"]] == [True, False, False]


def test_a_record_put_right_takes_back_what_was_not_granted(url: str) -> None:
    run(url, "training", "attend", "1", "--skill", "refunds")
    listed = json.loads(run(url, "training", "list", "--json").output)
    assert [(p["agent"], p["decision"]) for p in listed["proposed"]] == [("bo", "open"), ("chen", "open")]
    run(url, "training", "grant", "1")
    run(url, "training", "attend", "1", "--absent", "bo", "--absent", "chen")
    assert json.loads(run(url, "training", "list", "--json").output)["proposed"] == []
    kept = json.loads(run(url, "training", "record", "bo", "--json").output)
    assert [(s["skill"], s["decision"]) for s in kept["skills"]] == [("refunds", "granted")]


def test_what_cannot_be_done_is_said(url: str) -> None:
    for args, said in (
        (("attend", "9"), "no such training"),
        (("attend", "1", "--absent", "eve"), "eve was not to be there; nothing was kept"),
        (("attend", "1", "--level", "3"), "above 0 and up to 2"),
        (("attend", "1", "--skill", "a;b"), "as in agents.csv; nothing was kept"),
        (("grant", "9"), "no such skill on record"),
        (("record", "eve"), "eve"),
    ):
        done = run(url, "training", *args)
        assert done.exit_code == ExitCode.REFUSED, args
        assert said in done.output
    for refused in (("list",), ("attend", "1"), ("record", "chen")):
        assert run(url, "training", *refused, by="bo@harbour.example").exit_code == ExitCode.REFUSED
    assert "not recorded yet" in run(url, "training", "list", by=None).output
    assert run(url, "training", "record", "bo", by="ada@harbour.example").exit_code == ExitCode.REFUSED


def test_skills_come_from_a_file(url: str, tmp_path: Path) -> None:
    file = tmp_path / "tests.csv"
    file.write_text("agent,skill,level,source\nbo,refunds,0.9,test\nbo,refunds,9,test\n", encoding="utf-8")
    done = run(url, "import", "skills", str(file))
    assert done.exit_code == ExitCode.PARTIAL
    assert "line 3" in done.output
    assert "refunds (level 0.9)" in run(url, "training", "list").output
