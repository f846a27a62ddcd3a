"""`muster kpi` and `muster report pack` on the terminal, in both languages and as data."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from bot.cli.context import CliContext, ExitCode
from bot.cli.main import cli
from bot.store.engine import make_engine
from bot.store.schema import check_current
from bot.store.tables import OutboxRow
from bot.store.unit_of_work import Store
from tests.support.builders import at, contact

ROOT = Path(__file__).parents[3]
MONDAY = date(2026, 11, 23)
NOW = at(9, day=MONDAY)
Muster = Callable[..., Result]


@pytest.fixture
def muster(tmp_path: Path) -> Muster:
    """A Monday at 9:00 after a week with two chats, one of them a complaint."""
    url = f"sqlite:///{tmp_path / 'muster.db'}"
    store = Store(make_engine(url))
    check_current(store.engine)
    opened = at(10, day=MONDAY - timedelta(days=3))
    with store.unit() as uow:
        minutes = (4, 20)
        uow.contacts.save(
            [
                contact(f"GD{n}", opened_at=opened, responded_at=opened + timedelta(minutes=m))
                for n, m in enumerate(minutes)
            ]
        )
        uow.commit()
    store.close()
    config = tmp_path / "app.yaml"
    text = (ROOT / "app.yaml").read_text(encoding="utf-8")
    goal = (
        "    goals: [{kpi: first_response_mean, queue: chat, baseline: 15m, value: 8m,\n"
        "             start: 2026-11-01, by: 2026-12-01}]\n"
    )
    config.write_text(text.replace("    # board: {", goal + "    # board: {", 1), encoding="utf-8")

    def run(*words: str) -> Result:
        environ = {"MUSTER_DATABASE_URL": url, "MUSTER_CONFIG": str(config)}
        return CliRunner().invoke(cli, [*words], obj=CliContext(environ=environ, clock=lambda: NOW))

    return run


def test_one_figure_has_goal_definition_and_formula(muster: Muster) -> None:
    said = muster("kpi", "first_response_mean")
    assert said.exit_code == ExitCode.DONE
    assert "First response, mean: 12 min · of 2 cases" in said.output
    assert "Goal (chat): 15 min → 8 min by Tue 1 Dec 2026" in said.output
    assert "the straight path stands at 10 min: behind" in said.output
    assert "Formula: sum of (first answer - opened) / contacts answered" in said.output
    chinese = muster("--lang", "zh", "kpi", "first_response_mean").output
    assert "首次响应时间（平均）：12分钟" in chinese
    assert "落后于进度" in chinese


def test_an_aht_stands_with_fcr_and_csat_and_missing_data_with_its_reason(muster: Muster) -> None:
    said = muster("kpi", "aht").output
    assert "missing: no handling times are known" in said
    assert "First-contact resolution (FCR): missing" in said
    assert "CSAT, all scales: missing: no customer has answered" in said
    data = json.loads(muster("kpi", "--week", "2026-W47", "--json").output)
    assert data["figures"]["aht"] == {"value": None, "count": 0, "missing": "no_handle_times", "before": None}
    assert data["figures"]["first_response_mean"]["value"] == 720.0
    assert data["goals"][0]["on_course"] is False


def test_what_is_meant_wrongly_is_said(muster: Muster) -> None:
    for words, said in (
        (("kpi", "speed"), 'No key figure is called "speed"'),
        (("kpi", "--from", "2026-11-09", "--to", "2026-11-01"), "first day lies after the last"),
        (("kpi", "--from", "then"), "then is no day"),
        (("kpi", "--week", "2026-W47", "--from", "2026-11-01"), "either --week or --from"),
        (("kpi", "--team", "quay"), "Name one of the teams: harbour"),
        (("report", "pack", "--month", "november"), "november is no month"),
        (("report", "pack", "--to", "no channel"), "is no channel; nothing was posted"),
    ):
        result = muster(*words)
        assert result.exit_code == ExitCode.REFUSED
        assert said in result.output + result.stderr


def test_the_pack_is_a_file_or_goes_to_a_channel(muster: Muster, tmp_path: Path) -> None:
    page = tmp_path / "pack.html"
    assert muster("report", "pack", "--out", str(page)).exit_code == ExitCode.DONE
    assert "Weekly pack harbour, Mon 16 Nov to Sun 22 Nov 2026" in page.read_text(encoding="utf-8")
    assert muster("report", "week", "--to", "#ops").exit_code == ExitCode.DONE
    engine = make_engine(f"sqlite:///{tmp_path / 'muster.db'}")
    with engine.connect() as connection:
        rows = connection.execute(select(OutboxRow.kind, OutboxRow.recipient)).all()
    engine.dispose()
    assert [tuple(row) for row in rows] == [("pack", "ops")]
