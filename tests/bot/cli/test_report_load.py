"""`muster report load`: a page and data that name nobody, for leads."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.context import CliContext, ExitCode
from bot.cli.main import cli
from bot.core.people import Role
from bot.store.engine import make_engine
from bot.store.schema import check_current
from bot.store.unit_of_work import Store
from tests.stories.service import publish
from tests.support.builders import agent, at

ROOT = Path(__file__).parents[3]
WEEK = date(2026, 11, 16)
NOW = at(9, day=WEEK + timedelta(days=7))
PEOPLE = ("quill", "bosun", "yarrow")
Muster = Callable[..., Result]


@pytest.fixture
def muster(tmp_path: Path) -> Muster:
    """A Monday after a week in which quill worked on all seven days."""
    url = f"sqlite:///{tmp_path / 'muster.db'}"
    store = Store(make_engine(url))
    check_current(store.engine)
    with store.unit() as uow:
        for name in PEOPLE:
            uow.people.upsert(agent(name, role=Role.LEAD if name == "bosun" else Role.AGENT))
        uow.commit()
    days = [WEEK + timedelta(days=n) for n in range(7)]
    shifts = [("quill", at(9, day=d), at(18, day=d)) for d in days]
    shifts += [(who, at(9, day=d), at(18, day=d)) for who in ("bosun", "yarrow") for d in days[:4]]
    publish(store, shifts, first=WEEK)
    store.close()

    def run(*words: str, **environ: str) -> Result:
        held = {"MUSTER_DATABASE_URL": url, "MUSTER_CONFIG": str(ROOT / "app.yaml"), **environ}
        return CliRunner().invoke(cli, [*words], obj=CliContext(environ=held, clock=lambda: NOW))

    return run


@pytest.mark.parametrize(
    ("locale", "said"), [("en", "1 person of 3 shows a pattern."), ("zh-Hans", "3 人中有 1 人出现过载迹象。")]
)
def test_the_page_has_ranges_and_patterns_and_nobodys_name(
    muster: Muster, tmp_path: Path, locale: str, said: str
) -> None:
    out = tmp_path / "load.html"
    result = muster("--lang", locale, "report", "load", "--out", str(out))
    assert result.exit_code == ExitCode.DONE, result.output
    page = out.read_text(encoding="utf-8")
    assert said in page
    assert "32" in page
    assert "56" in page
    assert "<script" not in page
    assert [name for name in PEOPLE if name in page.casefold()] == []


def test_data_says_the_same_and_a_week_alone_has_no_ranges(muster: Muster) -> None:
    found = json.loads(muster("report", "load", "--json").output)
    assert (found["people"], found["concerned"], found["patterns"]) == (3, 1, {"run": 1})
    assert found["measures"]["overtime"]["total"] == 16.0
    assert found["weeks"][-1] == "2026-11-16"
    nobody = json.loads(muster("report", "load", "--json", "--week", "2026-W40").output)
    assert (nobody["people"], nobody["measures"], nobody["concerned"]) == (0, {}, None)


def test_weeks_ahead_and_people_without_the_role_are_refused(muster: Muster) -> None:
    ahead = muster("report", "load", "--week", "2027-W10")
    assert ahead.exit_code == ExitCode.REFUSED
    assert "has not begun" in ahead.output
    refused = muster("report", "load", "--json", MUSTER_OPERATOR="yarrow@harbour.example")
    assert refused.exit_code == ExitCode.REFUSED
    assert "quill" not in refused.output
    assert (
        muster("report", "load", "--json", MUSTER_OPERATOR="bosun@harbour.example").exit_code == ExitCode.DONE
    )
