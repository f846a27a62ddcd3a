"""K7, CR17, CR18: `muster case`, `muster export`, and tables of records through `muster import contacts`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.context import CliContext
from bot.cli.main import cli

APP_YAML = (Path(__file__).parents[3] / "app.yaml").read_text(encoding="utf-8")
NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)  # 10:00 in Shanghai
ROW = "2026-11-23,14:30,张女士,5678,GD20261123001,咨询,账单金额有疑问,已说明,18:00,4,lin"
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    config = tmp_path / "app.yaml"
    config.write_text(APP_YAML, encoding="utf-8")
    agents = tmp_path / "agents.csv"
    agents.write_text(
        "agent,name,email,team,skills,contract\nlin,Lin,lin@harbour.example,harbour,chat:1.0,full-time\n"
    )

    def runner(*words: str, lang: str = "en", operator: str | None = None) -> Result:
        environ = {"MUSTER_DATABASE_URL": f"sqlite:///{tmp_path / 'muster.db'}"}
        if operator is not None:
            environ["MUSTER_OPERATOR"] = operator
        context = CliContext(environ=environ, clock=lambda: NOW)
        given = ["--config", str(config), "--lang", lang, *words]
        return CliRunner().invoke(cli, given, obj=context, standalone_mode=True)

    assert runner("import", "agents", str(agents)).exit_code == 0
    return runner


def test_a_case_is_injected_with_its_clocks(run: Run) -> None:
    done = run("case", "add", "--channel", "chat", "--priority", "high", "--at", "now")
    assert done.exit_code == 0, done.output
    assert "GD20261124001: chat, priority high, received 10:00." in done.output
    assert "first response due 10:10 (high)" in done.output
    assert "case show GD20261124001" in done.output
    shown = run("case", "show", "GD20261124001", lang="zh")
    assert shown.exit_code == 0
    assert "GD20261124001  新建，优先级高，其他，chat" in shown.output
    assert "首次响应：10:10 到期，还剩10分钟（high）" in shown.output
    assert "*" not in shown.output
    held = json.loads(run("case", "show", "GD20261124001", "--json").stdout)
    assert held["case"]["priority"] == "high"
    assert held["events"][0]["kind"] == "opened"


def test_at_speed_the_first_due_time_comes_so_many_times_sooner(run: Run) -> None:
    """K7: ten minutes in ten seconds."""
    done = run("case", "add", "--channel", "chat", "--priority", "high", "--speed", "60")
    assert done.exit_code == 0, done.output
    assert "GD20261124001: chat, priority high, received 09:50." in done.output
    assert "first response due 10:00" in done.output
    held = json.loads(
        run("case", "add", "--channel", "chat", "--priority", "high", "--speed", "60", "--json").stdout
    )
    first = min(datetime.fromisoformat(c["due_at"]) for c in held["clocks"])
    assert (first - NOW).total_seconds() == pytest.approx(10, abs=0.01)
    assert held["case"]["ref"] == "GD20261124002", "the trial used up no number"


def test_rules_speak_at_the_command_line_too(run: Run) -> None:
    done = run("case", "add", "--channel", "email", "--type", "complaint", "--at", "09:45")
    assert "priority high, received 09:45" in done.output


@pytest.mark.parametrize("tier", ["王小明 13812345678", "13812345678", "Zhang Wei", "lives in XX road 88"])
def test_what_may_not_be_stored_is_refused_at_the_command_line_too(run: Run, tier: str) -> None:
    for lang, said in (("en", "The tier was not stored"), ("zh", "客户等级未保存")):
        done = run("case", "add", "--channel", "chat", "--tier", tier, lang=lang)
        assert done.exit_code == 1, done.output
        assert said in done.output
        assert tier not in done.output
    assert "GD20261124001" in run("case", "add", "--channel", "chat", "--tier", "金卡").output


def test_a_time_ahead_is_refused_by_name_and_burns_no_number(run: Run) -> None:
    for lang, said in (("en", "2026-11-24 23:30 lies in the future"), ("zh", "2026-11-24 23:30 在未来")):
        done = run("case", "add", "--channel", "chat", "--at", "23:30", lang=lang)
        assert done.exit_code == 1, done.output
        assert said in done.output
        assert "now" in done.output
    assert "GD20261124001" in run("case", "add", "--channel", "chat").output


def test_a_case_of_the_past_says_what_is_overdue(run: Run) -> None:
    done = run("case", "add", "--channel", "chat", "--priority", "high", "--at", "09:40")
    assert "first response overdue since 09:50, by 10 min" in done.output
    assert "resolution due" in done.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("case", "add", "--queue", "chatt"), "Did you mean chat?"),
        (("case", "add", "--channel", "chat", "--agent", "lim"), "Did you mean lin?"),
        (("case", "add", "--at", "now"), "Say which queue with --queue"),
        (("case", "add", "--queue", "fax", "--at", "now"), "There is no such queue"),
        (("case", "add", "--channel", "chat", "--at", "gestern"), "is no time"),
        (("case", "add", "--channel", "chat", "--agent", "nobody"), "There is no such agent"),
        (("case", "show", "GD9"), "No case GD9 is known"),
        (("export", "contacts", "--form", "s0-1", "--from", "May"), "is no day"),
    ],
)
def test_what_cannot_be_done_is_answered(run: Run, words: tuple[str, ...], said: str) -> None:
    done = run(*words)
    assert done.exit_code == 1, done.output
    assert said in done.output


def test_a_template_filled_by_hand_comes_in_and_goes_out_again(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "offline.csv"
    assert run("export", "contacts", "--form", "s0-1", "--empty", "--out", str(file)).exit_code == 0
    headings = file.read_text(encoding="utf-8-sig").strip()
    assert headings.startswith("日期,时间,客户姓名(脱敏),联系方式(后四位),工单号,问题类型,问题简述")
    file.write_text(f"{headings}\n{ROW},,\n", encoding="utf-8")
    done = run("import", "contacts", str(file), "--live")
    assert done.exit_code == 0, done.output
    assert "Records: 1 new" in done.output
    assert "Cases opened with the times of the file: 1" in done.output
    out = tmp_path / "out.csv"
    exported = run("export", "contacts", "--form", "s0-1", "--out", str(out))
    assert "1 record" in exported.output
    rows = list(csv.reader(io.StringIO(out.read_text(encoding="utf-8-sig"))))
    expected = ROW.split(",")
    expected[2], expected[8] = "*女士", "2026-11-23 18:00"
    assert rows[1][: len(expected)] == expected
    again = run("import", "contacts", str(out), "--live")
    assert "Records: 0 new, 0 changed, 1 unchanged" in again.output
    trail = run("audit", "--subject", "export:s0-1")
    assert "records_exported" in trail.output


def test_a_refused_row_is_named_in_both_languages_and_the_rest_is_kept(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    run("export", "contacts", "--form", "s0-1", "--empty", "--out", str(file))
    headings = file.read_text(encoding="utf-8-sig").strip()
    bad = ROW.replace("账单金额有疑问", "身份证 11010519491231002X").replace("3001", "3002")
    file.write_text(f"{headings}\n{bad},,\n{ROW},,\n", encoding="utf-8")
    done = run("import", "contacts", str(file), lang="zh")
    assert done.exit_code == 3
    assert "2" in done.output
    assert "问题简述：疑似身份证号" in done.output
    assert "11010519491231002X" not in done.output
    assert run("case", "show", "GD20261123001").exit_code == 0
    assert run("case", "show", "GD20261123002").exit_code == 1


def test_live_is_for_tables_of_records(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "history.csv"
    file.write_text("contact,queue,arrived\nGD1,chat,2026-11-20T09:00\n")
    done = run("import", "contacts", str(file), "--live")
    assert done.exit_code == 1
    assert "muster export contacts --form s3-1 --empty" in done.output


def test_an_imported_case_shows_the_clocks_that_explain_computes(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "history.csv"
    file.write_text(
        "contact,queue,arrived,answered,resolved,status,agent,priority\n"
        "GD1,chat,2026-11-20T09:00,2026-11-20T09:05,2026-11-20T09:30,solved,lin,high\n"
    )
    assert run("import", "contacts", str(file)).exit_code == 0
    shown = run("case", "show", "GD1").output
    assert "nothing is promised" not in shown
    assert shown.count("(computed from the imported file)") == 2
    assert "first response: kept" in shown
    held = json.loads(run("case", "show", "GD1", "--json").stdout)
    explained = json.loads(run("sla", "explain", "GD1", "--json").stdout)
    assert {c["measure"]: c["state"] for c in held["clocks"]} == {c["measure"]: c["state"] for c in explained}
    assert [e["kind"] for e in held["events"]] == ["opened", "responded", "resolved"]
    assert held["from_file"] is True


def test_an_export_needs_the_role_where_an_operator_is_named(run: Run) -> None:
    refused = run("export", "contacts", "--form", "s0-1", operator="lin@harbour.example")
    assert refused.exit_code == 1
    assert "planner" in refused.output
    assert run("export", "contacts", "--form", "s0-1", operator="pei@harbour.example").exit_code == 0
