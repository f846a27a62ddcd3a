"""P7, P11: a roster against a hard rule of labour law is published only with a reason; the receipt stays."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.context import CliContext
from bot.cli.main import cli
from bot.core.rosters import RosterStatus

NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
APP = """
version: 1
zone: Asia/Shanghai
people: {admins: [ada@harbour.example]}
calendars:
  office: {zone: Asia/Shanghai, hours: {mon-sun: ["08:00-22:00"]}, holidays: CN}
teams:
  harbour:
    calendar: office
    channels: {alerts: harbour-alerts, standup: harbour-standup}
    escalation: harbour
queues:
  phone: {team: harbour, channel: phone, skill: phone, target: fast, aht: 5m}
escalation:
  harbour: {steps: [{after: 0m, notify: channel}], last_resort: ada@harbour.example}
staffing:
  interval: 30m
  targets: {fast: {share: 0.8, within: 30s}}
roster:
  templates:
    day: {start: "08:00-13:00", step: 30m, lengths: [9h, 13h], lunch: {length: 60m, after: 3h, before: 6h}}
  contracts:
    full-time: {hours: 0-60, days: 6, templates: [day]}
    foreign: {hours: 0-60, days: 6, templates: [day]}
  labour: LABOUR
"""  # fmt: skip
AGENTS = """agent,name,email,team,skills,contract,zone,role
an,An,an@harbour.example,harbour,phone,full-time,,agent
bo,Bo,bo@harbour.example,harbour,phone,foreign,,agent
"""


class Desk:
    """A folder with an app.yaml, and commands typed in it."""

    def __init__(self, folder: Path, labour: str) -> None:
        self.folder = folder
        self.labour(labour)
        (folder / "agents.csv").write_text(AGENTS)
        assert self.run("import", "agents", str(folder / "agents.csv")).exit_code == 0

    def labour(self, labour: str) -> None:
        (self.folder / "app.yaml").write_text(APP.replace("LABOUR", labour))

    def run(self, *args: str, lang: str = "en") -> Result:
        context = CliContext(
            config=self.folder / "app.yaml", lang=lang, environ={"COLUMNS": "200"}, clock=lambda: NOW
        )
        try:
            return CliRunner().invoke(cli, ["--lang", lang, *args], obj=context)
        finally:
            context.close()

    def plan(self, *shifts: tuple[str, str, str, str]) -> None:
        """(agent, date, start, end); lunch is from 13:00 to 14:00."""
        lines = ["agent,date,activity,start,end"]
        for agent, day, start, end in shifts:
            lines += [
                f"{agent},{day},phone,{start},13:00",
                f"{agent},{day},lunch,13:00,14:00",
                f"{agent},{day},phone,14:00,{end}",
            ]
        file = self.folder / "roster.csv"
        file.write_text("\n".join(lines) + "\n")
        done = self.run("import", "roster", str(file))
        assert done.exit_code == 0, done.output


def week(agent: str, first: date = date(2026, 11, 30), days: int = 5) -> list[tuple[str, str, str, str]]:
    return [(agent, str(first + timedelta(days=i)), "09:00", "18:00") for i in range(days)]


#: Wednesday is 12 h of work: 4 h of overtime where three are the most.
LONG = [s if s[1] != "2026-12-02" else ("an", "2026-12-02", "08:00", "21:00") for s in week("an")]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, "{packs: [cn]}")


def test_refused_then_accepted_with_a_reason_and_the_receipt_is_kept(desk: Desk) -> None:
    desk.plan(*LONG)
    refused = desk.run("roster", "publish")
    assert refused.exit_code == 1
    assert "breaks hard rules of labour law: cn.daily_overtime; the worst" in refused.output
    assert "is an, 2026-12-02" in refused.output
    assert "--accept" in refused.output
    assert "cn.daily_overtime" in desk.run("roster", "publish", lang="zh-Hans").output
    assert json.loads(desk.run("roster", "show", "--json").stdout)["status"] == RosterStatus.DRAFT.value

    done = desk.run("roster", "publish", "--accept", "trade fair, agreed with the union")
    assert done.exit_code == 0, done.output
    assert "1 hard rule of labour law broken: cn.daily_overtime" in done.output
    assert "trade fair, agreed with the union" in done.output
    shown = desk.run("roster", "show").stdout
    assert "labour: cn 1 broken, 4 warning, 2 kept, 3 not covered" in shown
    assert "劳动法规：cn 1 条违反" in desk.run("roster", "show", lang="zh-Hans").stdout
    audit = desk.run("audit", "--json").stdout
    assert '"labour_broken": [' in audit
    assert "trade fair, agreed with the union" in audit


def test_the_check_names_law_person_amount_and_what_is_left_of_the_month(desk: Desk) -> None:
    desk.plan(*LONG)
    done = desk.run("rules", "check")
    assert done.exit_code == 3
    words = done.stdout
    assert "! [broken] cn.daily_overtime (hard): overtime of at most 3 h a day" in words
    assert "source: Labour Law of the PRC art. 41" in words
    assert "an, Wed 2 Dec: 4 h, limit 3 h" in words
    assert "not legal advice" in words
    assert "[not covered] the pack says nothing about minors" in words
    chinese = desk.run("rules", "check", lang="zh-Hans").stdout
    assert "《劳动法》第四十一条" in chinese
    assert "[未涵盖] 规则包未涉及未成年工" in chinese
    value = json.loads(desk.run("rules", "check", "--json").stdout)
    ledger = {(e["agent"], e["month"]): (e["hours"], e["left"]) for e in value["overtime"]}
    assert ledger["an", "2026-12"] == (4, 32)
    assert ledger["bo", "2026-12"] == (0, 36)
    rules = {r["rule"]: r for p in value["packs"] for r in p["rules"]}
    assert rules["cn.weekly_rest"]["state"] == "kept"
    assert rules["cn.weekly_hours"]["findings"] == [
        {"agent": "an", "date": "2026-11-30", "amount": 44, "limit": 40}
    ]


def test_a_rule_taken_as_a_warning_lets_the_roster_pass_to_the_certificate(desk: Desk) -> None:
    desk.plan(*LONG)
    desk.labour("{packs: [cn], severity: {cn.daily_overtime: warning}}")
    refused = desk.run("roster", "publish")
    assert (refused.exit_code, "has no certificate" in refused.output) == (1, True)
    # The receipt kept at publication is what the week is compared with later.
    desk.run("roster", "publish", "--accept", "trial")
    desk.labour("{packs: [cn]}")
    words = desk.run("rules", "check").stdout
    assert 'Since it was published: cn.daily_overtime was "warning", now "broken".' in words


def test_each_contract_has_its_own_law_and_nobody_without_one_is_called_legal(desk: Desk) -> None:
    desk.labour("{packs: [cn], contracts: {foreign: [eu]}}")
    desk.plan(*LONG, *week("bo", days=6))
    value = json.loads(desk.run("rules", "check", "--json").stdout)
    found = {r["rule"]: r for p in value["packs"] for r in p["rules"]}
    assert {f["agent"] for f in found["cn.daily_hours"]["findings"]} == {"an"}
    assert (found["eu.break"]["people"], found["eu.break"]["state"]) == (1, "kept")
    assert found["eu.weekly_average"]["not_covered"] == [{"reason": "no_history", "agents": ["bo"]}]
    desk.labour("{packs: [cn], contracts: {foreign: []}}")
    assert "not covered: no pack holds for bo" in desk.run("rules", "check").stdout
    assert "1 person under no pack" in desk.run("roster", "show").stdout


def test_published_weeks_are_the_history_of_the_next(desk: Desk) -> None:
    desk.plan(*week("an", date(2026, 11, 23)))
    assert desk.run("roster", "publish", "--accept", "trial").exit_code == 0
    desk.plan(*LONG)
    value = json.loads(desk.run("rules", "check", "--week", "2026-W49", "--json").stdout)
    complete = {(e["agent"], e["month"]): e["complete"] for e in value["overtime"]}
    assert complete["an", "2026-12"]
    assert not complete["an", "2026-11"]


def test_hours_on_a_holiday_the_team_works_are_named(desk: Desk) -> None:
    held = (desk.folder / "app.yaml").read_text()
    (desk.folder / "app.yaml").write_text(held.replace("holidays: CN", "holidays: none, worked_holidays: CN"))
    desk.plan(*week("an", date(2026, 12, 28)))
    words = desk.run("rules", "check").stdout
    assert "[warning] cn.holiday_work" in words
    assert "an, Fri 1 Jan: 8 h\n" in words


def test_without_a_roster_or_a_pack_the_table_alone(desk: Desk) -> None:
    words = desk.run("rules", "check", "--pack", "eu", "--pack", "us-ca")
    assert words.exit_code == 0
    assert "Directive 2003/88/EC art. 3" in words.stdout
    assert "California Labor Code 512 (a)" in words.stdout
    assert "There is no roster yet" in words.stdout
    assert "cn.weekly_rest" not in words.stdout
    desk.labour("{}")
    assert "No pack is in use" in desk.run("rules", "check").stdout
    wrong = desk.run("rules", "check", "--pack", "eo")
    assert (wrong.exit_code, "cn, eu, us, us-ca" in wrong.output) == (1, True)
