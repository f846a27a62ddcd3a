"""The frame of the command line: what every command has in common."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from bot.cli.context import CliContext, ExitCode
from bot.cli.failures import explain
from bot.cli.main import COMMANDS, cli
from bot.core.errors import NotFoundError, UnavailableError
from bot.store.schema import HEAD

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
SAMPLE = Path(__file__).parents[3] / "app.yaml"


def run(*args: str, env: dict[str, str | None] | None = None) -> Result:
    clean = {
        "LANG": "C.UTF-8",
        "LC_ALL": None,
        "LC_MESSAGES": None,
        "MUSTER_LANG": None,
        "MUSTER_CONFIG": None,
    }
    return CliRunner().invoke(cli, list(args), env={**clean, **(env or {})})


def test_the_table_names_every_command_in_the_order_a_newcomer_needs() -> None:
    assert list(COMMANDS) == [
        "init", "import", "event", "campaign", "forecast", "staffing", "roster", "replay", "rules", "outlook",
        "bottlenecks", "kpi", "causes", "report", "board", "sla", "case", "export", "run", "promise",
        "demo", "playground", "connectors", "doctor", "db", "slack", "audit", "knowledge", "reviews",
        "training", "incident", "purge", "backup", "restore",
    ]  # fmt: skip


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_can_be_loaded_and_answers_help_in_both_languages(name: str) -> None:
    for language in ("en", "zh-Hans"):
        result = run("--lang", language, name, "-h")
        assert result.exit_code == 0, result.output
        assert re.findall(r"\b[a-z_]+\.help\.[a-z_.]+", result.output) == []


def test_version_needs_no_file_no_database_and_no_time(tmp_path: Path) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "bot.cli.main", "--version"]
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path.cwd())
    seconds = time.perf_counter() - started
    assert done.stdout.startswith("muster ")
    heavy = {"pydantic", "sqlalchemy", "slack_sdk", "ortools", "numpy", "babel", "ruamel.yaml", "alembic"}
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert heavy & imported == set()
    # 0.14 s on two quiet cores; the bound leaves room for a busy machine and for -X importtime.
    assert seconds < 1.5


def test_help_lists_the_commands_in_the_readers_language() -> None:
    assert "Check everything" in run("--help").output
    assert "检查全部环节" in run("--lang", "zh-Hans", "--help").output
    assert "检查全部环节" in run("-h", env={"LANG": "zh_CN.UTF-8"}).output
    assert "Check everything" in run("-h", env={"LANG": "zh_CN.UTF-8", "MUSTER_LANG": "en"}).output
    assert "检查全部环节" in run("--lang=zh-CN", "-h").output


def test_without_a_command_the_help_is_shown() -> None:
    result = run()
    assert result.exit_code == ExitCode.USAGE
    assert "Usage: " in result.output


def test_a_mistyped_command_gets_a_suggestion() -> None:
    result = run("docter")
    assert result.exit_code == ExitCode.USAGE
    assert 'There is no command "docter". Did you mean: doctor' in result.output
    assert "--help" in result.output
    assert "您是不是想写：doctor" in run("--lang", "zh-Hans", "docter").output


def test_a_mistyped_option_gets_a_suggestion() -> None:
    result = run("doctor", "--jsn")
    assert result.exit_code == ExitCode.USAGE
    assert "Did you mean: --json?" in result.output
    assert "doctor --help" in result.output


@pytest.mark.parametrize(
    ("args", "english", "chinese"),
    [
        (["init", "a", "b"], "One argument too many: b.", "多余的 1 个参数：b。"),
        (["init", "a", "b", "c"], "2 arguments too many: b c.", "多余的 2 个参数：b c。"),
        (["import", "agents"], "FILE is missing.", "缺少 FILE。"),
        (
            ["import", "agents", "gone.csv"],
            'FILE: the file "gone.csv" does not exist.',
            "文件“gone.csv”不存在",
        ),
        (["import", "agents", "."], 'FILE: "." is a directory.', "“.”是目录"),
        (["forecast", "--weeks", "x"], '--weeks: "x" is not a whole number.', "--weeks：“x”不是整数"),
        (["forecast", "--weeks", "99"], "--weeks: 99 is not in the range 1<=x<=53.", "99 超出范围 1<=x<=53"),
        (
            ["forecast", "--as-of", "soon"],
            '--as-of: "soon" is not written as YYYY-MM-DD.',
            "“soon”的写法不是 YYYY-MM-DD",
        ),
        (["roster", "export", "--format", "x"], '--format: "x" is none of csv, json.', "“x”不属于 csv, json"),
        (["roster", "solve", "--seed"], "--seed needs a value.", "--seed 需要一个值。"),
        (["doctor", "--json=1"], "--json takes no value.", "--json 不带值。"),
        (
            ["--lang", "fr", "doctor"],
            '--lang: "fr" is none of en, zh-Hans, zh-Hant.',
            '--lang: "fr" is none of en, zh-Hans, zh-Hant.',
        ),
    ],
)
def test_a_mistake_on_the_command_line_is_said_in_the_readers_language(
    args: list[str], english: str, chinese: str
) -> None:
    for language, said in (("en", english), ("zh-Hans", chinese)):
        result = run(*args, env={"MUSTER_LANG": language})
        assert result.exit_code == ExitCode.USAGE
        assert said in result.output
    if said == chinese and chinese != english:
        assert not re.search("Invalid value|Missing|Got unexpected|does not", result.output)


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_the_frame_of_the_help_is_in_the_readers_language(name: str) -> None:
    english = run(*filter(None, [name, "--help"])).output
    assert english.startswith("Usage: ")
    assert "Options:" in english
    chinese = run("--lang", "zh-Hans", *filter(None, [name, "--help"])).output
    assert chinese.startswith("用法：")
    assert "选项：" in chinese
    words = "Usage|Options|Commands|Show this message|\\[OPTIONS\\]|COMMAND|ARGS|default:|required"
    assert re.findall(words, chinese) == []


def test_an_unknown_language_is_a_mistake_of_usage() -> None:
    result = run("--lang", "klingon", "doctor")
    assert result.exit_code == ExitCode.USAGE
    assert "zh-Hans" in result.output


def test_a_missing_configuration_says_how_to_make_one(tmp_path: Path) -> None:
    result = run("--config", str(tmp_path / "none.yaml"), "doctor")
    assert result.exit_code == ExitCode.REFUSED
    assert "muster init" in result.output


def context(traceback: bool = False, lang: str = "en") -> CliContext:
    return CliContext(lang=lang, environ={}, clock=lambda: NOW, traceback=traceback)


def test_an_error_we_know_is_its_sentence_in_the_readers_language() -> None:
    error = UnavailableError("database_unavailable", "the database does not answer (locked)", reason="locked")
    explained = explain(error, context(lang="zh-Hans"))
    assert explained.code is ExitCode.TEMPORARY
    assert explained.text.startswith("数据库没有响应（locked）")


def test_an_error_without_a_translation_is_still_its_own_sentence() -> None:
    explained = explain(NotFoundError("no_such_moon", "there is no moon 7; nothing was changed"), context())
    assert (explained.text, explained.code) == ("there is no moon 7; nothing was changed", ExitCode.REFUSED)


def test_an_unexpected_error_is_short_and_the_traceback_is_there_when_asked_for() -> None:
    def fail() -> None:
        raise ZeroDivisionError("division by zero")

    for traceback in (False, True):
        with pytest.raises(ZeroDivisionError) as raised:
            fail()
        explained = explain(raised.value, context(traceback))
        assert explained.code is ExitCode.REFUSED
        assert "ZeroDivisionError: division by zero" in explained.text
        assert "muster --traceback" in explained.text
        assert ("Traceback" in explained.text) is traceback


def test_errors_inside_a_command_end_in_the_frame(tmp_path: Path) -> None:
    bad = tmp_path / "app.yaml"
    bad.write_text(SAMPLE.read_text(encoding="utf-8").replace("shrinkage:", "shrinkag:"), encoding="utf-8")
    result = run("--config", str(bad), "db", "upgrade", env={"MUSTER_DATABASE_URL": "mysql://x"})
    assert result.exit_code == ExitCode.REFUSED
    assert result.output.startswith("MUSTER_DATABASE_URL: ")
    assert "Nothing was loaded" in result.output


def test_settings_and_store_are_opened_when_first_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "app.yaml"
    file.write_text(SAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    opened = CliContext(config=file, environ={}, clock=lambda: NOW)
    assert opened.database_url == f"sqlite:///{file.parent.as_posix()}/muster.db"
    assert opened.settings.zone == "Asia/Shanghai"
    assert not (tmp_path / "muster.db").exists()
    with opened.store.unit() as uow:
        assert uow.people.all() == []
    assert (tmp_path / "muster.db").exists()
    opened.close()


def test_the_database_of_a_newer_version_is_refused_by_every_command_that_opens_it(tmp_path: Path) -> None:
    import sqlite3

    file = tmp_path / "app.yaml"
    file.write_text(SAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    assert run("--config", str(file), "db", "upgrade").exit_code == 0
    with sqlite3.connect(tmp_path / "muster.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '20280101_future'")
    for command in (["db", "upgrade"], ["doctor"]):
        result = run("--config", str(file), *command)
        assert result.exit_code == ExitCode.REFUSED
        assert "20280101_future" in result.output
        assert HEAD in result.output


def test_click_itself_is_not_needed_to_fail(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["nothing-like-it"], prog_name="muster")
    assert ended.value.code == ExitCode.USAGE
    assert "nothing-like-it" in capsys.readouterr().err
    assert click.get_current_context(silent=True) is None
