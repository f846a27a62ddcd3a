"""`muster init`: files that work as they are, after at most three questions."""

from __future__ import annotations

import csv
import itertools
import re
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.context import ExitCode
from bot.cli.init import render
from bot.cli.main import cli
from bot.config.load import load_settings
from bot.config.model import AppFile
from bot.core.calendar import BusinessCalendar
from bot.core.ids import QueueId
from bot.core.queues import Channel

TODAY = date(2026, 11, 22)


def init(folder: Path, *args: str, lang: str = "en", answers: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["--lang", lang, "init", str(folder), *args], input=answers)


def test_the_defaults_are_a_working_configuration(tmp_path: Path) -> None:
    result = init(tmp_path / "new", "--yes", "--zone", "Asia/Shanghai")
    assert result.exit_code == 0, result.output
    assert "muster import agents agents.csv" in result.output
    settings = load_settings(tmp_path / "new/app.yaml", today=TODAY).settings
    assert set(settings.queues) == {"phone", "chat", "email"}
    assert settings.calendars["opening-hours"].holidays  # the zone's country: China
    with (tmp_path / "new/agents.csv").open(encoding="utf-8", newline="") as file:
        agents = list(csv.DictReader(file))
    assert list(agents[0]) == ["agent", "name", "email", "team", "skills", "contract", "zone", "role"]
    assert {a["contract"] for a in agents} <= set(settings.roster.contracts)
    assert {a["team"] for a in agents} <= set(settings.teams)
    skills = {s.partition(":")[0] for a in agents for s in a["skills"].split(";")}
    assert skills == {q.skill for q in settings.queues.values()}
    assert "lead" in {a["role"] for a in agents}


def test_it_asks_zone_hours_and_queues_and_nothing_else(tmp_path: Path) -> None:
    result = init(tmp_path, answers="Europe/Lisbon\nmon-sat 08:00-20:00\nsupport:phone, returns:email\n")
    assert result.exit_code == 0, result.output
    assert [result.output.count(q) for q in ("Time zone [", "Opening hours [", "Queues [")] == [1, 1, 1]
    settings = load_settings(tmp_path / "app.yaml", today=TODAY).settings
    assert settings.zone == "Europe/Lisbon"
    assert settings.queues[QueueId("returns")].channel is Channel.EMAIL
    calendar: BusinessCalendar = settings.calendars["opening-hours"]
    assert set(calendar.weekly) == {0, 1, 2, 3, 4, 5}
    assert date(2026, 4, 25) in calendar.holidays


def test_a_wrong_answer_is_asked_again(tmp_path: Path) -> None:
    result = init(tmp_path, answers="Europe/Lisbonn\nEurope/Lisbon\n\n\n")
    assert result.exit_code == 0, result.output
    assert "Did you mean: Europe/Lisbon?" in result.output
    assert result.output.count("Time zone [") == 2


@pytest.mark.parametrize(
    ("hours", "queues", "zone"),
    list(
        itertools.product(
            ["mon-sun 00:00-24:00", "mon-fri 09:00-12:00", "mon-fri 09:00-15:30, sat 10:00-13:00",
             "sun 08:00-08:30", "mon,wed 08:15-20:45"],
            ["phone", "客服热线, 在线chat", "a b, c.d:email"],
            ["America/New_York"],
        )
    ),
)  # fmt: skip
@pytest.mark.parametrize("locale", ["en", "zh-Hans"])
def test_whatever_is_answered_gives_files_that_load(
    tmp_path: Path, hours: str, queues: str, zone: str, locale: str
) -> None:
    texts = render(locale, zone=zone, hours=hours, queues=queues)
    (tmp_path / "app.yaml").write_text(texts["app.yaml"], encoding="utf-8")
    settings = load_settings(tmp_path / "app.yaml", today=TODAY, years=range(2026, 2027)).settings
    assert settings.locale == locale
    assert len(settings.queues) == len(queues.split(","))
    assert all(t.starts() for t in settings.roster.templates.values())


def test_comments_are_in_the_readers_language(tmp_path: Path) -> None:
    assert init(tmp_path, "--yes", lang="zh-Hans").exit_code == 0
    comments = [
        line for line in (tmp_path / "app.yaml").read_text(encoding="utf-8").splitlines() if "# " in line
    ]
    assert len(comments) > 30
    assert [line for line in comments if not re.search(r"[\u4e00-\u9fff]", line)] == []


def test_both_languages_explain_the_same_keys() -> None:
    texts = [
        render(locale, zone="UTC", hours="mon 09:00-18:00", queues="phone")["app.yaml"]
        for locale in ("en", "zh-Hans")
    ]
    english, chinese = ([line.partition("#")[0].rstrip() for line in text.splitlines()] for text in texts)
    assert [e for e in english if "language" not in e] == [c for c in chinese if "language" not in c]


def test_files_that_are_there_are_not_touched_without_force(tmp_path: Path) -> None:
    (tmp_path / "agents.csv").write_text("mine")
    result = init(tmp_path, "--yes")
    assert result.exit_code == ExitCode.REFUSED
    assert "--force" in result.output
    assert [p.name for p in tmp_path.iterdir()] == ["agents.csv"]
    assert (tmp_path / "agents.csv").read_text() == "mine"
    assert init(tmp_path, "--yes", "--force").exit_code == 0
    assert (tmp_path / "agents.csv").read_text(encoding="utf-8").startswith("agent,")


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--zone", "Asia/Shanghia", "Did you mean: Asia/Shanghai?"),
        ("--hours", "always", "mon-fri 09:00-18:00"),
        ("--hours", "mon-fri 18:00-09:00", "ends before it starts"),
        ("--hours", "mon-fri 09:00-18:00, fri 10:00-12:00", "each weekday once"),
        ("--queues", "phone, phone", "each once"),
        ("--queues", "support:fax", "phone, chat, email"),
        ("--queues", ",", "are no queues"),
    ],
)
def test_a_wrong_option_is_refused_and_nothing_is_written(
    tmp_path: Path, option: str, value: str, said: str
) -> None:
    result = init(tmp_path / "new", "--yes", option, value)
    assert result.exit_code == ExitCode.USAGE
    assert said in result.output
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("locale", ["en", "zh-Hans"])
def test_every_section_of_the_file_is_there_with_its_default(tmp_path: Path, locale: str) -> None:
    text = render(locale, zone="UTC", hours="mon 09:00-18:00", queues="phone")["app.yaml"]
    (tmp_path / "app.yaml").write_text(text, encoding="utf-8")
    written = load_settings(tmp_path / "app.yaml", today=TODAY).settings
    sections = set(re.findall(r"^(\w+):", text, re.MULTILINE))
    assert sections == set(AppFile.model_fields)
    optional = ("alerts", "records", "departments", "promises", "watch", "privacy", "connectors")
    optional += ("knowledge", "incidents", "kpis", "reviews", "surveys", "care")
    for section in optional:
        text = re.sub(rf"^{section}:.*\n(?:[ ].*\n)*", "", text, flags=re.MULTILINE)
    (tmp_path / "app.yaml").write_text(text, encoding="utf-8")
    assert load_settings(tmp_path / "app.yaml", today=TODAY).settings == written


def test_the_next_commands_run_where_they_say_also_without_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run by its path from elsewhere, the commands named next work after their own ``cd``."""
    own = tmp_path / "venv" / "bin" / "muster"
    own.parent.mkdir(parents=True)
    own.write_text("#!/bin/sh\n", encoding="utf-8")
    own.chmod(0o755)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("PATH", str(work))
    monkeypatch.setattr("sys.argv", ["../venv/bin/muster", "init", "team"])
    result = CliRunner().invoke(cli, ["init", "team", "--yes"])
    assert result.exit_code == 0
    first, second = re.findall(r"(\S*muster) (?:import|doctor)", result.output)
    assert (work / "team" / first).resolve() == own
    assert (work / "team" / second).resolve() == own
