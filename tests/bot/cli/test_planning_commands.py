"""The planner's commands as typed: every bad input of a newcomer, and the whole line on a small team."""

from __future__ import annotations

import copy
import csv
import io
import json
import math
import warnings
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.context import CliContext
from bot.cli.main import cli
from bot.core.ids import AgentId, ContactRef, QueueId
from bot.core.promises import PromiseKind
from tests.support.builders import contact

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)

APP = """
version: 1
language: en
zone: Asia/Shanghai
people: {admins: [ada@harbour.example]}
calendars:
  office: {zone: Asia/Shanghai, hours: {mon-fri: ["09:00-17:00"]}, holidays: none}
teams:
  harbour:
    zone: Asia/Shanghai
    language: en
    calendar: office
    channels: {alerts: harbour-alerts, standup: harbour-standup}
    escalation: harbour
queues:
  phone: {team: harbour, channel: phone, skill: phone, calendar: office, target: fast, aht: 5m, patience: 4m}
  chat: {team: harbour, channel: chat, skill: chat, calendar: office, target: fast, aht: 5m, concurrency: 2}
sla:
  policies: [{name: standard, first_response: 30m, counted: business}]
escalation:
  harbour: {steps: [{after: 0m, notify: channel}], last_resort: ada@harbour.example}
staffing:
  interval: 30m
  targets: {fast: {share: 0.8, within: 30s}}
  shrinkage: 0.05
  minimum_agents: 1
roster:
  templates:
    day: {start: "09:00-09:00", step: 30m, lengths: [8h], lunch: {length: 30m, after: 2h, before: 5h}}
  contracts: {full-time: {hours: 0-40, days: 5, templates: [day]}}
  rules: {rest: 11h, days_in_a_row: 6, rest_days_per_week: 1}
  solve: {time_limit: 8s, workers: 1, seed: 1}
  publish: {notice: 24h, certificate: 0.85, paths: 5}
"""

AGENTS = "agent,name,email,team,skills,contract,zone,role\n" + "".join(
    f"a{i},Agent {i},a{i}@harbour.example,harbour,"
    f"{'phone:1.0;chat:0.9' if i % 2 else 'phone'},full-time,,agent\n"
    for i in range(6)
)


class Desk:
    """A folder with an app.yaml, and the commands typed in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock: Callable[[], datetime] = lambda: NOW
        self.config = self.write("app.yaml", APP)

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def run(self, *args: str, lang: str = "en") -> Result:
        context = CliContext(config=self.config, lang=lang, environ={}, clock=self.clock)
        try:
            return CliRunner().invoke(cli, ["--lang", lang, *args], obj=context)
        finally:
            context.close()

    def bring(self, kind: str, text: str | bytes, *args: str, lang: str = "en") -> Result:
        return self.run("import", kind, str(self.write(f"{kind}.csv", text)), *args, lang=lang)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk where everything up to a certified draft has been done."""
    held = Desk(tmp_path_factory.mktemp("planned"))
    for result in (
        held.bring("volumes", volumes()),
        held.bring("agents", AGENTS),
        held.run("forecast", "--weeks", "1"),
        held.run("staffing"),
        held.run("roster", "solve", "--seconds", "6"),
    ):
        assert result.exit_code == 0, result.output
    return held


def volumes(weeks: int = 6, until: date = date(2026, 11, 20)) -> str:
    lines = ["queue,start,contacts,aht_seconds"]
    day = until - timedelta(weeks=weeks)
    while day <= until:
        for i in range(16 if day.weekday() < 5 else 0):
            start = f"{day}T{9 + i // 2:02d}:{30 * (i % 2):02d}"
            level = 6 + (day.toordinal() * 5 + i * 3) % 3
            lines += [f"phone,{start},{level},280", f"chat,{start},{level // 2},"]
        day += timedelta(days=1)
    return "\n".join(lines) + "\n"


class TestBadInput:
    @pytest.mark.parametrize(
        ("kind", "data", "args", "says"),
        [
            ("volumes", "", (), "is empty"),
            ("volumes", b"start,contacts\n\xff\xff\xff,1\n", ("--queue", "phone"), "neither UTF-8"),
            ("volumes", b"PK\x03\x04....", (), "workbook"),
            ("volumes", "start,contacts\n2026-11-02T09:00,1\n", (), "--queue: phone, chat"),
            ("volumes", "start,contacts\n2026-11-02T09:00,1\n", ("--queue", "phon"), "Did you mean phone?"),
            (
                "volumes",
                "when,contacts\nx,1\n",
                ("--queue", "phone"),
                "Line 1: no column 'start'. Found: when, contacts.",
            ),
            ("contacts", "case,queue,created_at\n1,phone,x\n", (), "Map with --map arrived=created_at"),
            ("leave", "agent,start\na1,2026-11-24\n", (), "muster import agents FILE"),
            ("volumes", "start,contacts\n", ("--queue", "phone"), "0 rows read"),
        ],
    )
    def test_a_file_that_cannot_be_used_says_why_and_what_to_do(
        self, desk: Desk, kind: str, data: str | bytes, args: tuple[str, ...], says: str
    ) -> None:
        result = desk.bring(kind, data, *args)
        assert result.exit_code == 1
        assert says in result.output
        assert "Traceback" not in result.output

    def test_bad_rows_are_listed_by_line_and_the_rest_is_kept(self, desk: Desk) -> None:
        text = volumes() + "phone,2026-11-23T09:00,-4,\nphnoe,2026-11-23T09:30,4,\nphone,soon,4,\n"
        result = desk.bring("volumes", text)
        last = text.count("\n")
        assert result.exit_code == 3
        assert f"line {last - 2}: contacts is -4; it cannot be negative." in result.output
        assert f"line {last - 1}: there is no queue phnoe. Did you mean phone?" in result.output
        assert f"line {last}: start is soon" in result.output
        assert "3 refused" in result.output

    def test_a_mapped_column_and_a_gb18030_file(self, desk: Desk) -> None:
        text = "编号,队列,created_at,结果\nGD1,phone,2026-11-20 10:00,已解决\n"
        result = desk.bring("contacts", text.encode("gb18030"), "--map", "arrived=created_at")
        assert result.exit_code == 0, result.output
        assert "read as GB18030" in result.output
        assert "1 new" in result.output

    def test_a_time_that_does_not_exist_in_its_zone(self, desk: Desk) -> None:
        text = "queue,start,contacts\n" + "".join(
            f"phone,2026-03-29T{h:02d}:{m:02d},1\n" for h in range(3) for m in (0, 30)
        )
        result = desk.bring("volumes", text, "--zone", "Europe/Lisbon")
        assert result.exit_code == 3
        assert result.output.count("does not exist in Europe/Lisbon") == 2

    @pytest.mark.parametrize("pair", ["arrived", "=x", "arrived="])
    def test_a_mapping_that_is_none(self, desk: Desk, pair: str) -> None:
        result = desk.bring("contacts", "contact,queue,arrived\n", "--map", pair)
        assert (result.exit_code, "--map arrived=created_at" in result.output) == (1, True)

    def test_a_file_that_is_not_there(self, desk: Desk) -> None:
        result = desk.run("import", "agents", "nowhere.csv")
        assert result.exit_code == 2

    def test_each_step_too_early_names_the_step_before(self, desk: Desk) -> None:
        for args, says in (
            (("forecast",), "muster import volumes FILE"),
            (("staffing",), "First: muster forecast"),
            (("roster", "solve"), "First: muster staffing"),
            (("roster", "certify"), "First: muster roster solve"),
            (("roster", "publish"), "First: muster roster solve"),
            (("roster", "show", "--roster", "7"), "There is no roster 7."),
            (("roster", "solve", "--week", "2026-W99"), "2026-W49"),
            (("staffing", "--explain", "whenever"), "Tue 10:30 chat"),
            (("staffing", "--explain", "Tue 10:30 cat"), "chat"),
        ):
            result = desk.run(*args)
            assert result.exit_code == 1, (args, result.output)
            assert says in result.output

    def test_no_agents(self, desk: Desk) -> None:
        desk.bring("volumes", volumes())
        desk.run("forecast", "--weeks", "1")
        desk.run("staffing")
        result = desk.run("roster", "solve")
        assert (result.exit_code, "muster import agents FILE" in result.output) == (1, True)


class TestTheLine:
    def test_the_same_file_twice_changes_nothing(self, planned: Desk) -> None:
        result = planned.bring("volumes", volumes(), "--json")
        value = json.loads(result.stdout)
        assert (value["new"], value["changed"], value["unchanged"]) == (0, 0, value["read"])
        again = planned.bring("agents", AGENTS, lang="zh-Hans")
        assert "新增 0，更新 0，未变 6，拒绝 0" in again.output

    def test_forecast_says_how_good_it_is_and_gives_the_same_numbers_as_data(self, planned: Desk) -> None:
        screen = planned.run("forecast", "--weeks", "1")
        assert "WAPE" in screen.output
        # What comes next runs on the same file: the option given here is not lost.
        assert f"muster --config {planned.config} staffing" in screen.stderr
        rows = list(csv.DictReader(io.StringIO(planned.run("forecast", "--weeks", "1", "--csv", "-").stdout)))
        assert list(rows[0]) == [
            "queue", "start", "mean", "q05", "q10", "q25", "q50", "q75", "q90", "q95", "aht_seconds",
        ]  # fmt: skip
        assert rows[0]["start"].endswith("+08:00")
        data = json.loads(planned.run("forecast", "--weeks", "1", "--json").stdout)
        phone = next(q for q in data if q["queue"] == "phone")
        assert [float(r["mean"]) for r in rows if r["queue"] == "phone"] == [
            i["mean"] for i in phone["intervals"]
        ]
        monday = phone["days"][0]
        total = sum(i["mean"] for i in phone["intervals"] if i["start"].startswith(monday["date"]))
        assert monday["mean"] == pytest.approx(total, abs=0.1)
        assert f"{round(monday['mean']):,}" in screen.stdout

    def test_as_of_is_the_end_of_that_local_day(self, planned: Desk) -> None:
        result = planned.run(
            "forecast", "--weeks", "1", "--as-of", "2026-11-12", "--queue", "phone", "--csv", "-"
        )
        rows = list(csv.DictReader(io.StringIO(result.stdout)))
        assert rows[0]["start"] == "2026-11-13T00:00:00+08:00"
        assert rows[-1]["start"] == "2026-11-22T23:30:00+08:00"

    def test_staffing_on_screen_as_csv_and_explained(self, planned: Desk) -> None:
        planned.run("forecast", "--weeks", "1")
        screen = planned.run("staffing", "--week", "2026-W48")
        assert "80% within 30 sec" in screen.stdout
        assert "Shrinkage 5%" in screen.stdout
        rows = list(csv.DictReader(io.StringIO(planned.run("staffing", "--csv", "-").stdout)))
        assert list(rows[0]) == ["queue", "start", "base_agents", "scheduled_agents"]
        told = json.loads(planned.run("staffing", "--explain", "周二 10:30 phone", "--json").stdout)
        row = next(r for r in rows if r["queue"] == "phone" and r["start"] == "2026-11-24T10:30:00+08:00")
        assert int(row["scheduled_agents"]) == told["scheduled_agents"]
        words = planned.run("staffing", "--explain", "Tue 10:30 phone").stdout
        assert f"= {told['scheduled_agents']} people on the roster" in words
        assert "mean wait " in words
        assert told["enough"]["asa_seconds"] <= told["one_fewer"]["asa_seconds"]
        assert ("Peak: the target is to hold with probability 0.9" in words) == (
            told["probability"] is not None
        )
        assert ("No peak: all contacts together" in words) == (told["probability"] is None)

    def test_causes_of_shrinkage_are_named_one_a_line(self, planned: Desk) -> None:
        causes = """
    - {name: sickness, share: 0.05}
    - {name: training, share: 0.3, planned: true, days: tue, hours: "10:00-11:00"}"""
        text = planned.config.read_text(encoding="utf-8").replace("shrinkage: 0.05", f"shrinkage: {causes}")
        other = Desk(planned.folder)
        other.config = planned.write("causes.yaml", text)
        screen = other.run("staffing", "--week", "2026-W48").stdout
        assert "  sickness 5%\n  training 30%, planned, Tue 10:00–11:00\n" in screen
        told = other.run("staffing", "--week", "2026-W48", "--explain", "Tue 10:30 phone").stdout
        assert "Away: sickness 5%\nAway: training 30%, planned, Tue 10:00–11:00\n" in told
        assert "/ (1 - 35%)" in told
        said = other.run("staffing", "--explain", "Tue 10:30 phone", lang="zh-Hans").stdout
        assert "不在岗：training 30%，计划内，周二 10:00–11:00" in said
        wednesday = other.run("staffing", "--week", "2026-W48", "--explain", "Wed 10:30 phone").stdout
        assert "training" not in wednesday
        data = json.loads(other.run("staffing", "--week", "2026-W48", "--json").stdout)
        assert data["shrinkage"][1] == {
            "name": "training",
            "share": 0.3,
            "planned": True,
            "days": [1],
            "hours": ["10:00", "11:00"],
        }
        rows = {i["start"][:16]: i for i in data["queues"][0]["intervals"]}
        need = rows["2026-11-24T10:30"]
        assert need["scheduled_agents"] == math.ceil(need["base_agents"] / 0.65)
        planned.run("staffing", "--week", "2026-W48")

    def test_prices_stand_beside_the_requirement_and_store_nothing(self, planned: Desk) -> None:
        before = json.loads(planned.run("staffing", "--week", "2026-W48", "--json").stdout)
        data = json.loads(planned.run("staffing", "--week", "2026-W48", "--prices", "--json").stdout)
        for queue, stored in zip(data["queues"], before["queues"], strict=True):
            assert queue["present"]["agent_hours"] == stored["agent_hours"]
            assert queue["present"]["peak_agents"] == stored["peak_agents"]
            assert [p["share"] for p in queue["by_share"]] == [0.7, 0.75, 0.8, 0.85, 0.9, 0.95]
            assert [p["within_seconds"] for p in queue["by_time"]] == [10, 20, 30, 60, 120]
        phone, chat = data["queues"]
        assert 0 < phone["present"]["abandonment"] < 0.2
        assert chat["present"]["abandonment"] is None
        screen = planned.run("staffing", "--week", "2026-W48", "--prices", "--queue", "phone").stdout
        hours = phone["present"]["agent_hours"]
        assert f"80% within 30 sec takes {hours:g} agent-hours" in screen
        (present,) = [line for line in screen.splitlines() if line.startswith("80% within 30 sec *")]
        assert present.split()[5:8] == [f"{hours:g}", "0", "0%"]
        assert "chat, week" not in screen
        said = planned.run("staffing", "--prices", "--queue", "phone", lang="zh-Hans").stdout
        assert "30秒内 80% *" in said
        clash = planned.run("staffing", "--prices", "--explain", "Tue 10:30 phone")
        assert (clash.exit_code, "ask for one at a time" in clash.output) == (1, True)

    def test_pooling_says_what_is_saved_and_who_could_do_it(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path)
        queue = (
            "orders: {team: harbour, channel: phone, skill: chat, calendar: office, target: easy, aht: 12m}"
        )
        text = APP.replace("  chat: {team", f"  {queue}\n  chat: {{team")
        desk.write("app.yaml", text.replace("targets: {", "targets: {easy: {share: 0.7, within: 1m}, "))
        rows = volumes().splitlines()
        own = [row.replace("phone", "orders").replace(",280", ",1400") for row in rows if "phone" in row]
        desk.bring("volumes", "\n".join([*rows, *own]) + "\n")
        desk.bring("agents", AGENTS)
        desk.run("forecast", "--weeks", "1")
        apart = json.loads(desk.run("staffing", "--json").stdout)
        data = json.loads(desk.run("staffing", "--pooling", "--json").stdout)
        (found,) = data["poolings"]
        assert found["queues"] == ["phone", "orders"]
        assert (found["share"], found["within_seconds"]) == (0.8, 30.0)
        assert found["split_hours"] == sum(
            q["agent_hours"] for q in apart["queues"] if q["queue"] in ("phone", "orders")
        )
        assert 0 < found["saved_hours"] == found["split_hours"] - found["pooled_hours"]
        assert found["agents_with_all_skills"] == 3
        screen = desk.run("staffing", "--pooling").stdout
        assert "phone + orders  80% within 30 sec" in screen
        assert "! phone + orders: handling times differ" in screen
        alone = desk.run("staffing", "--pooling", "--queue", "phone", lang="zh-Hans")
        assert (alone.exit_code, "没有两个可合并的电话队列" in alone.stdout) == (0, True)

    def test_a_target_out_of_reach_says_with_how_many_it_would_be_possible(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path)
        desk.bring("volumes", volumes())
        desk.run("forecast", "--weeks", "1")
        unknown = desk.run("staffing").stdout
        assert "it would be possible" not in unknown, "before anybody is imported nobody is too few"
        desk.bring(
            "agents", "\n".join(AGENTS.splitlines()[:3]) + "\n"
        )  # two on the phone, one of them on chat
        data = json.loads(desk.run("staffing", "--json").stdout)
        phone = data["queues"][0]
        short = [i for i in phone["intervals"] if i["scheduled_agents"] > 2]
        assert [(i["start"], i["needed"]) for i in phone["impossible"]] == [
            (i["start"], i["scheduled_agents"]) for i in short
        ]
        assert phone["possible_with"] == phone["peak_agents"] > 2 == phone["agents_with_skill"]
        worst = max(short, key=lambda i: i["scheduled_agents"])
        at = datetime.fromisoformat(worst["start"])
        screen = desk.run("staffing", "--queue", "phone").stdout
        said = f"! {len(short)} intervals need more people than the 2 with the skill; "
        assert (
            said + f"with {phone['possible_with']} it would be possible (worst: Mon 23 Nov, {at:%H:%M})"
            in screen
        )
        chinese = desk.run("staffing", "--queue", "phone", lang="zh-Hans").stdout
        assert f"超过具备技能的 2 人；有 {phone['possible_with']} 人才能满足" in chinese
        moment = f"{at:%a %H:%M} phone"
        told = desk.run("staffing", "--explain", moment).stdout
        need = worst["scheduled_agents"]
        assert f"! {need} people are needed and 2 have the skill: not possible with them." in told
        assert f"有 {need} 人即可" in desk.run("staffing", "--explain", moment, lang="zh-Hans").stdout
        fits = json.loads(desk.run("staffing", "--explain", "Sun 10:30 phone", "--json").stdout)
        assert (fits["impossible"], fits["agents_with_skill"]) == (False, 2)

    def test_promised_calls_stand_on_their_own_line(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path)
        desk.bring("volumes", volumes())
        desk.bring("agents", AGENTS)
        desk.run("forecast", "--weeks", "1")
        due = datetime(2026, 11, 24, 3, tzinfo=UTC)
        with CliContext(config=desk.config, lang="en", environ={}, clock=lambda: NOW).store.unit() as uow:
            for i, kind in enumerate((PromiseKind.CALL_BACK, PromiseKind.CALL_BACK, PromiseKind.UPDATE)):
                ref = f"GD2026112400{i}"
                uow.contacts.save([contact(ref, queue=QueueId("phone"))])
                uow.promises.add(
                    ref=ContactRef(ref),
                    kind=kind,
                    owner=AgentId("a1"),
                    due_at=due,
                    made_at=NOW,
                    made_by="a1",
                    remind_at=None,
                    next_check_at=due,
                )
            uow.commit()
        screen = desk.run("staffing", "--queue", "phone").stdout
        # Two contacts of 280 s are 0.16 hours, one is 0.08.
        assert "\n2 promised return calls due by Tue 24 Nov, 11:00: +0.2 h\n" in screen
        assert "\n1 promised follow-up due by Tue 24 Nov, 11:00: +0.1 h\n" in screen
        told = desk.run("staffing", "--explain", "Tue 10:30 phone").stdout
        assert "2 promised return calls due by 11:00: +0.2 h\n" in told
        # Three times 280 s over four half hours.
        assert "Promised work adds 0.12 erlangs in this interval.\n" in told
        assert "promised" not in desk.run("staffing", "--explain", "Tue 11:00 phone").stdout
        said = desk.run("staffing", "--queue", "phone", lang="zh-Hans").stdout
        assert "2 个已承诺的回电，11月24日 周二 11:00 前到期：+0.2 小时" in said
        data = json.loads(desk.run("staffing", "--json").stdout)
        assert [p["kind"] for p in data["queues"][0]["promised"]] == ["call_back", "call_back", "update"]
        assert data["queues"][0]["promised"][0]["due"] == "2026-11-24T11:00:00+08:00"

    @pytest.mark.parametrize("lang", ["en", "zh-Hans"])
    @pytest.mark.parametrize("args", [(), ("--queue", "phone")])
    def test_the_requirement_as_a_picture(self, tmp_path: Path, lang: str, args: tuple[str, ...]) -> None:
        desk = Desk(tmp_path)
        desk.bring("volumes", volumes())
        desk.bring("agents", "\n".join(AGENTS.splitlines()[:3]) + "\n")
        desk.run("forecast", "--weeks", "1")
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a character without a glyph is only a warning to matplotlib
            for kind in ("png", "svg"):
                file = tmp_path / f"need.{kind}"
                result = desk.run("staffing", *args, "--picture", str(file), lang=lang)
                assert result.exit_code == 0, result.output
                assert str(file) in result.stderr
        assert (tmp_path / "need.png").read_bytes().startswith(b"\x89PNG")
        svg = (tmp_path / "need.svg").read_text(encoding="utf-8")
        said = {
            "en": ("People needed", "to roster", "at the queue", "closed", "the 2 with the skill"),
            "zh-Hans": ("所需人数", "排班人数", "在岗人数", "休息", "具备技能的 2 人"),
        }[lang]
        assert all(word in svg for word in said)
        # One queue by day has the hours below each day; several have the days of the week on one axis.
        assert ("09:00" in svg) is bool(args)
        refused = desk.run("staffing", "--picture", "need.gif", lang=lang)
        assert (refused.exit_code, ".png" in refused.output) == (1, True)
        both = desk.run("staffing", "--prices", "--picture", str(tmp_path / "no.png"), lang=lang)
        assert (both.exit_code, (tmp_path / "no.png").exists()) == (1, False)

    def test_what_came_of_certified_peaks_is_told_or_that_nothing_is_known(self, planned: Desk) -> None:
        for command in ("outcome", "calibration"):
            said = planned.run("roster", command)
            assert (said.exit_code, "nothing to compare" in said.stdout) == (0, True)
        assert "无可比较" in planned.run("roster", "outcome", lang="zh-Hans").stdout
        assert json.loads(planned.run("roster", "outcome", "--day", "2026-11-24", "--json").stdout) == []
        empty = json.loads(planned.run("roster", "calibration", "--json").stdout)
        assert (empty["verdict"], empty["bins"]) == ("unknown", [])

    def test_the_roster_goes_out_and_comes_back_identically(self, planned: Desk) -> None:
        out = planned.run("roster", "export", "--format", "csv")
        assert out.stdout.splitlines()[0] == "agent,date,activity,start,end"
        shown = json.loads(planned.run("roster", "show", "--json").stdout)
        assert shown["violations"] == []
        assert shown["rows"] == list(csv.DictReader(io.StringIO(out.stdout)))
        back = planned.bring("roster", out.stdout, "--json")
        value = json.loads(back.stdout)
        assert (value["new"], value["changed"], value["unchanged"]) == (0, 0, shown["shifts"])

    def test_show_names_shifts_and_checker(self, planned: Desk) -> None:
        result = planned.run("roster", "show")
        assert "Checker: 0 broken rules." in result.stdout
        assert "09:00–17:00" in result.stdout
        assert "检查器：违反 0 条规则。" in planned.run("roster", "show", lang="zh-Hans").stdout

    def test_show_names_whoever_a_presence_rule_misses(self, planned: Desk) -> None:
        ruled = copy.copy(planned)
        asked = "presence: [{name: a lead, attribute: lead, least: 1}, {name: seats, most: 1}]"
        ruled.config = planned.write(
            "presence.yaml", APP.replace("rest_days_per_week: 1}", f"rest_days_per_week: 1, {asked}}}")
        )
        words = ruled.run("roster", "show").stdout
        assert "! a lead Mon 23 Nov, 09:00–17:00: 1 not there" in words
        assert "without a seat" in words
        assert "缺 1 人在岗" in ruled.run("roster", "show", lang="zh-Hans").stdout
        value = json.loads(ruled.run("roster", "show", "--json").stdout)
        assert {gap["rule"] for gap in value["absent"]} == {"a lead"}
        assert value["seatless"]
        assert "not there" not in planned.run("roster", "show").stdout

    def test_a_presence_rule_counts_a_skill(self, desk: Desk) -> None:
        """One of two English speakers is there whenever the queues are open; nobody is incident-capable."""
        rules = (
            "presence: [{name: english, skill: english, least: 1},"
            " {name: incidents, skill: incidents, least: 1}]"
        )
        desk.config = desk.write(
            "app.yaml", APP.replace("rest_days_per_week: 1}", f"rest_days_per_week: 1, {rules}}}")
        )
        desk.bring("volumes", volumes())
        agents = AGENTS.replace("phone:1.0;chat:0.9", "phone;chat;english", 2)
        imported = desk.bring("agents", agents)
        assert "english" not in imported.output, "a skill that a rule counts is not pointed out"
        assert "Rule incidents counts the skill incidents, which nobody has" in imported.output
        desk.run("forecast", "--weeks", "1")
        desk.run("staffing")
        assert desk.run("roster", "solve", "--seconds", "3").exit_code == 0
        shown = json.loads(desk.run("roster", "show", "--json").stdout)
        assert {gap["rule"] for gap in shown["absent"]} == {"incidents"}
        speakers = {row["date"] for row in shown["rows"] if row["agent"] in {"a1", "a3"}}
        assert len(speakers) == 5

    def test_stand_ups_lie_off_the_peak_and_are_told(self, desk: Desk) -> None:
        """SR1, ST5: everybody on shift meets once a day, in the hour that asks for fewest people."""
        busy = "".join(
            f"phone,2026-{month:02d}-{day:02d}T{h:02d}:{m:02d},{1 if h == 11 else 14},280\n"
            f"chat,2026-{month:02d}-{day:02d}T{h:02d}:{m:02d},1,\n"
            for month, days in ((10, range(5, 31)), (11, range(2, 21)))
            for day in days
            if date(2026, month, day).weekday() < 5
            for h in range(9, 17)
            for m in (0, 30)
        )
        desk.write(
            "app.yaml",
            APP.replace(
                "  solve: {",
                "  activities: {stand-up: {kind: stand_up, length: 30m, days: [mon-fri], "
                'between: "09:00-13:00", price: 40}}\n  solve: {',
            ),
        )
        desk.bring("volumes", "queue,start,contacts,aht_seconds\n" + busy)
        desk.bring("agents", AGENTS)
        for args in (("forecast", "--weeks", "1"), ("staffing",)):
            assert desk.run(*args).exit_code == 0
        done = desk.run("roster", "solve", "--seconds", "5")
        assert done.exit_code == 0, done.output
        assert "stand-up: 5 sessions, missed by " in done.output
        assert "0 broken rules" in done.output
        rows = list(csv.DictReader(io.StringIO(desk.run("roster", "export").output)))
        meetings = [r for r in rows if r["activity"] == "stand_up"]
        assert {r["start"][11:13] for r in meetings} == {"11"}
        assert len({r["date"] for r in meetings}) == 5
        again = desk.bring("roster", desk.run("roster", "export").output)
        assert again.exit_code == 0, again.output
        shown = desk.run("roster", "solve", "--seconds", "5", lang="zh")
        assert "stand-up：5 场" in shown.output

    def test_certify_then_publish_once(self, planned: Desk) -> None:
        refused = planned.run("roster", "publish")
        assert (refused.exit_code, "no certificate" in refused.output) == (1, True)
        certified = planned.run("roster", "certify", "--json")
        value = json.loads(certified.stdout)
        assert certified.exit_code == (0 if value["passed"] else 3)
        assert value["paths"] == 5
        words = planned.run("roster", "certify").stdout
        assert f"P {value['weakest']:.2f}" in words
        assert "service level in the worst interval of each hour" in words
        done = planned.run("roster", "publish", "--accept", "trial week")
        assert (done.exit_code, "is published" in done.output) == (0, True)
        again = planned.run("roster", "publish", "--week", "2026-W48")
        assert (again.exit_code, "published already" in again.output) == (0, True)

    def test_certify_tells_what_the_gate_does_not_see(self, planned: Desk) -> None:
        """Only peaks decide about publication; a thin day must not hide behind them."""
        value = json.loads(planned.run("roster", "certify", "--json").stdout)
        words = planned.run("roster", "certify").stdout
        expected = 0
        for queue, intervals in value["intervals"].items():
            share = 0.9 if queue == "email" else 0.8
            peaks = [(j["start"], j["end"]) for j in value["judgements"] if j["queue"] == queue]
            missed = [
                i
                for i in intervals
                if i["service_level"] is not None
                and i["service_level"] < share
                and not any(
                    datetime.fromisoformat(a)
                    <= datetime.fromisoformat(i["start"])
                    < datetime.fromisoformat(b)
                    for a, b in peaks
                )
            ]
            expected += bool(missed)
            assert (f"! {queue}: outside the peaks {len(missed)} interval" in words) is bool(missed)
        assert words.count("outside the peaks") == expected

    def test_certify_against_what_came(self, planned: Desk) -> None:
        truth = volumes(weeks=1, until=date(2026, 11, 27))
        path = planned.write("truth.csv", truth)
        value = json.loads(planned.run("roster", "certify", "--against", str(path), "--json").stdout)
        expected = sum(
            int(line.split(",")[2])
            for line in truth.splitlines()
            if line.startswith("phone") and line[6:16] >= "2026-11-23"
        )
        assert value["queues"]["phone"]["contacts"] == expected
        case = "contact,queue,arrived\nc1,phone,2026-11-23 10:00\nc2,phone,2026-11-23 10:05\n"
        path = planned.write("cases.csv", case)
        value = json.loads(planned.run("roster", "certify", "--against", str(path), "--json").stdout)
        assert value["queues"]["phone"]["contacts"] == 2
        assert "chat" in value["not_played"]
