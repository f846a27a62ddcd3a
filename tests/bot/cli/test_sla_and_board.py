"""`muster sla` and `muster board` on the terminal: the same figures in words, as Markdown and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.context import CliContext, ExitCode
from bot.cli.main import cli
from bot.config.load import load_settings
from bot.core.contacts import EventKind, Priority
from bot.store.engine import make_engine
from bot.store.schema import check_current
from bot.store.unit_of_work import Store
from bot.usecases import intake
from tests.support.builders import at, event
from tests.support.forecasts import forecast, save

CONFIG = Path(__file__).parents[3] / "app.yaml"
NOW = at(11)
Muster = Callable[..., Result]


@pytest.fixture
def muster(tmp_path: Path) -> Muster:
    """A terminal at 11:00 with one case kept, one late, and one waiting."""
    url = f"sqlite:///{tmp_path / 'muster.db'}"
    store = Store(make_engine(url))
    check_current(store.engine)
    settings = load_settings(CONFIG, today=date(2026, 11, 24)).settings
    events = [
        event(EventKind.OPENED, at(9), "kept"),
        event(EventKind.RESPONDED, at(9, 8), "kept"),
        event(EventKind.OPENED, at(10), "late"),
        event(EventKind.OPENED, at(9, 30), "slow", priority=Priority.LOW),
        event(EventKind.RESPONDED, at(9, 31), "slow"),
        event(EventKind.PENDING, at(9, 40), "slow"),
    ]
    assert intake.record(store, settings, events, now=NOW).refused == ()
    store.close()

    def run(*words: str, now: datetime = NOW) -> Result:
        environ = {"MUSTER_DATABASE_URL": url, "MUSTER_CONFIG": str(CONFIG)}
        context = CliContext(environ=environ, clock=lambda: now)
        return CliRunner().invoke(cli, [*words], obj=context)

    return run


def test_a_due_time_is_explained_in_both_languages_and_as_data(muster: Muster) -> None:
    said = muster("sla", "explain", "late")
    assert said.exit_code == ExitCode.DONE
    assert "first response: 10 min of clock time, row high (priority) – overdue by 50 min" in said.output
    assert "counts 10 min, 10 min in all" in said.output
    assert "已超时50分钟" in muster("--lang", "zh", "sla", "explain", "late").output
    data = {p["measure"]: p for p in json.loads(muster("sla", "explain", "slow", "--json").output)}
    assert data["resolution"]["state"] == "paused"
    assert data["first_response"]["due_at"] == "2026-11-24T10:00:00+08:00"


def test_a_case_nobody_knows_is_said_and_nothing_else(muster: Muster) -> None:
    said = muster("sla", "explain", "GD404")
    assert said.exit_code == ExitCode.REFUSED
    assert "No case GD404 is known" in said.output


def test_what_was_promised_and_how_it_was_kept(muster: Muster) -> None:
    rows = {(r["policy"], r["measure"]): r for r in json.loads(muster("sla", "show", "--json").output)}
    high = rows[("high", "first_response")]
    assert (high["judged"], high["kept"], high["broken"], high["median_seconds"]) == (2, 1, 1, 480.0)
    shown = muster("sla", "show", "--markdown").output
    assert "| high | first response | 10 min of clock time | 2 | 50% |" in shown
    assert "too few cases to say" in muster("sla", "review").output


def test_a_review_prices_what_does_not_fit(muster: Muster, tmp_path: Path) -> None:
    store = Store(make_engine(f"sqlite:///{tmp_path / 'muster.db'}"))
    settings = load_settings(CONFIG, today=date(2026, 11, 24)).settings
    told = []
    for i in range(40):
        told.append(event(EventKind.OPENED, at(8, i), f"q{i}"))
        # Half of the calls are answered after a quarter of an hour: ten minutes were promised.
        told.append(event(EventKind.RESPONDED, at(8, i + 1) + timedelta(minutes=15 * (i % 2)), f"q{i}"))
    assert intake.record(store, settings, told, now=NOW).refused == ()
    without = muster("sla", "review")
    assert "too tight" in without.output
    assert "muster staffing --prices" in without.output
    assert "agent-hours" not in without.output
    save(store, forecast(60.0))
    store.close()
    said = muster("sla", "review").output
    data = {(r["policy"], r["measure"]): r for r in json.loads(muster("sla", "review", "--json").output)}
    (cost,) = data[("high", "first_response")]["change_costs"]
    assert (cost["queue"], cost["within_seconds"], cost["share"]) == ("chat", 600.0, 0.9)
    fewer = -cost["difference_hours"]
    assert fewer > 0, "80 % within 30 s, for which chat is staffed, keeps ten minutes nearly always"
    hours = f"{cost['agent_hours']:,.1f}".removesuffix(".0")
    assert f"high, chat: keeping 10 min takes {hours} agent-hours, {fewer:g} fewer than" in said
    assert f"做到 10分钟 需要排班工时 {hours} 小时" in muster("--lang", "zh", "sla", "review").output


def test_an_exception_is_declared_listed_and_ended(muster: Muster) -> None:
    done = muster("sla", "exception", "declare", "--reason", "outage", "--until", "16:00", "--queue", "chat")
    assert done.exit_code == ExitCode.DONE
    assert "chat, Tue 24 Nov, 11:00 to Tue 24 Nov, 16:00" in done.output
    assert "outage" in muster("sla", "exception", "list").output
    assert muster("sla", "exception", "end", "1", now=at(12)).exit_code == ExitCode.DONE
    assert "No exception window" in muster("sla", "exception", "list", now=at(12)).output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--reason", "surge", "--from", "17:00", "--until", "16:00"), "would be over before it begins"),
        (("--reason", "surge", "--until", "09:00"), "would be over before it begins"),
        (("--reason", "a bad day", "--until", "16:00"), "one short word"),
        (("--reason", "surge", "--until", "16:00", "--queue", "chatt"), "Queues: chat, email, phone"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(muster: Muster, words: tuple[str, ...], said: str) -> None:
    refused = muster("sla", "exception", "declare", *words)
    assert refused.exit_code == ExitCode.REFUSED
    assert said in refused.output
    assert "nothing was declared" in refused.output
    assert "No exception window" in muster("sla", "exception", "list").output


def test_the_board_counts_what_waits(muster: Muster) -> None:
    (board,) = json.loads(muster("board", "--json").output)
    chat = next(q for q in board["queues"] if q["queue"] == "chat")
    assert (chat["pending"], chat["unanswered"], chat["late"], chat["in_resolution"]) == (3, 1, 1, 2)
    text = muster("board", "--stage").output
    assert "waiting for the customer" in text
    assert "*" not in text
    assert "待处理" in muster("--lang", "zh", "board").output


def test_bottlenecks_say_where_and_what_to_do(muster: Muster) -> None:
    quiet = muster("bottlenecks")
    assert quiet.exit_code == ExitCode.DONE
    assert "No hour of the week stands out" in quiet.output
    rows = json.loads(muster("bottlenecks", "--json").stdout)
    assert sum(row["judged"] for row in rows) == 3
    assert {(row["weekday"], row["hour"]) for row in rows} == {(2, 9), (2, 10)}
    assert "没有突出的时段" in muster("--lang", "zh", "bottlenecks").output
    nothing = muster("bottlenecks", now=NOW + timedelta(weeks=60))
    assert "No first response was due" in nothing.output
