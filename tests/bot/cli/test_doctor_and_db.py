"""`muster doctor` and `muster db`: where everything stands, and what to do."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli.context import CliContext, ExitCode
from bot.cli.main import cli
from bot.core.ids import AgentId, QueueId, TeamId
from bot.core.messages import OperatorNotice, Outgoing, Recipient, RecipientKind, Urgency
from bot.core.people import Agent, Role
from bot.store.engine import make_engine
from bot.store.schema import check_current
from bot.store.unit_of_work import Store
from bot.store.volumes import VolumeCount, VolumeSource
from forecasting.models import registry
from tests.stories.service import publish

SAMPLE = Path(__file__).parents[3] / "app.yaml"
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "app.yaml").write_text(SAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


@pytest.fixture
def store(folder: Path) -> Any:
    engine = make_engine(f"sqlite:///{folder / 'muster.db'}")
    check_current(engine)
    store = Store(engine)
    yield store
    store.close()


def muster(folder: Path, *args: str, lang: str = "en", environ: dict[str, str] | None = None) -> Result:
    context = CliContext(config=folder / "app.yaml", lang=lang, environ=environ or {}, clock=lambda: NOW)
    return CliRunner().invoke(cli, list(args), obj=context)


def checks(folder: Path, **options: Any) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for line in json.loads(muster(folder, "doctor", "--json", **options).stdout):
        found.setdefault(line["check"], []).append(line)
    return found


def agent(name: str = "A001", **changes: Any) -> Agent:
    values: dict[str, Any] = {
        "agent": AgentId(name), "name": name, "email": f"{name}@harbour.example", "team": TeamId("harbour"),
        "skills": {"phone": 1.0, "chat": 1.0, "email": 1.0}, "contract": "full-time", "zone": "Asia/Shanghai",
        "role": Role.LEAD,
    }  # fmt: skip
    return Agent(**{**values, **changes})


def test_a_new_installation_has_nothing_wrong_and_is_told_the_next_step(folder: Path) -> None:
    result = muster(folder, "doctor")
    assert result.exit_code == 0, result.output
    assert "✓ Python" in result.output
    assert "– No database yet" in result.output
    assert "✗" not in result.output
    assert not (folder / "muster.db").exists()


@pytest.mark.usefixtures("store")
def test_a_fresh_database_shows_what_is_still_to_do(folder: Path) -> None:
    found = checks(folder)
    assert found["database"][0]["verdict"] == "ok"
    assert found["agents"][0]["verdict"] == "not_yet"
    assert found["agents"][0]["fix"] == "muster import agents agents.csv"
    assert {line["verdict"] for line in found["history"]} == {"not_yet"}


def test_text_and_json_say_the_same(folder: Path, store: Store) -> None:
    shown = muster(folder, "doctor").output
    for lines in checks(folder).values():
        for line in lines:
            assert line["text"] in shown


def test_agents_that_contradict_the_configuration_are_named(folder: Path, store: Store) -> None:
    with store.unit() as uow:
        uow.people.upsert(agent("A001", contract="half-moon"))
        uow.people.upsert(agent("A002", skills={"juggling": 1.0}, role=Role.AGENT))
        uow.people.upsert(agent("A003", team=TeamId("elsewhere")))
        uow.commit()
    result = muster(folder, "doctor")
    assert result.exit_code == ExitCode.REFUSED
    found = checks(folder)
    assert "A001" in found["agents_contract"][0]["text"]
    assert "A002" in found["agents_skill"][0]["text"]
    assert "A003" in found["agents_team"][0]["text"]
    assert "3 things are wrong." in result.output


def test_a_queue_nobody_can_work_and_a_team_without_a_lead(folder: Path, store: Store) -> None:
    with store.unit() as uow:
        uow.people.upsert(agent("A001", skills={"phone": 1.0}, role=Role.AGENT))
        uow.commit()
    found = checks(folder)
    assert [line["text"].partition(":")[0] for line in found["queues_staffed"]] == [
        "Nobody can work queue chat",
        "Nobody can work queue email",
    ]
    assert "harbour" in found["leads"][0]["text"]


def test_a_rule_nobody_can_keep_is_pointed_out(folder: Path, store: Store) -> None:
    with store.unit() as uow:
        uow.people.upsert(agent("A001"))
        uow.commit()
    file = folder / "app.yaml"
    text = file.read_text(encoding="utf-8")
    rules = "rest_days_per_week: 1}"
    assert text.count(rules) == 1
    presence = "{name: speakers, skill: english, least: 1}, {name: desks, skill: chat, most: 5}"
    added = f"rest_days_per_week: 1, presence: [{presence}]}}"
    file.write_text(text.replace(rules, added, 1), encoding="utf-8")
    (found,) = checks(folder)["rules_staffed"]
    assert found["verdict"] == "wrong"
    assert "speakers" in found["text"]
    assert "english" in found["text"]


def test_a_lead_named_in_app_yaml_is_enough(folder: Path, store: Store) -> None:
    with store.unit() as uow:
        uow.people.upsert(agent("A001", email="lin@harbour.example", role=Role.AGENT))
        uow.commit()
    assert "leads" not in checks(folder)


def test_leads_who_may_be_in_a_user_group_are_not_called_missing(folder: Path, store: Store) -> None:
    with store.unit() as uow:
        uow.people.upsert(agent("A001", role=Role.AGENT))
        uow.commit()
    assert checks(folder)["leads"][0]["verdict"] == "wrong"
    file = folder / "app.yaml"
    text = file.read_text(encoding="utf-8")
    named = text.replace("\npeople:\n", "\npeople:\n  slack_user_groups: {lead: S0123ABCD}\n", 1)
    file.write_text(named, encoding="utf-8")
    assert checks(folder)["leads"][0]["verdict"] == "not_yet"


def test_how_a_group_that_follows_the_roster_stands(folder: Path, store: Store) -> None:
    file = folder / "app.yaml"
    text = file.read_text(encoding="utf-8")
    part = '\n    on_shift: {group: "@harbour-now", by_skill: {klingon: "@k-now"}}\n    stand_up:'
    file.write_text(text.replace("\n    stand_up:", part, 1), encoding="utf-8")
    with store.unit() as uow:
        uow.people.upsert(agent("A001"))
        uow.commit()
    start = NOW - timedelta(hours=1)
    publish(store, [("A001", start, start + timedelta(hours=9))], first=start.date())
    found = {(line["verdict"], line["text"]) for line in checks(folder)["on_shift"]}
    assert any(v == "wrong" and "klingon" in text for v, text in found)
    assert any(v == "not_yet" and text.startswith("@harbour-now is named") for v, text in found)
    assert any(v == "not_yet" and "not linked" in text and "1 (A001)" in text for v, text in found)
    with store.unit() as uow:
        uow.people.upsert(agent("A001", slack_user="U1"))
        held = uow.on_shift_places.lock("group:harbour-now")
        uow.on_shift_places.save(replace(held, shown={"users": ["U1"]}, changed_at=NOW, left_out=1))
        refused = uow.on_shift_places.lock("group:k-now")
        uow.on_shift_places.save(replace(refused, error="permission_denied", again_at=NOW))
        uow.commit()
    lines = checks(folder)["on_shift"]
    said = [line["text"] for line in lines]
    assert any("@harbour-now follows who is on shift" in text for text in said)
    assert any("whom Slack does not admit: 1" in text for text in said)
    assert any("@k-now is not current" in text and "permission_denied" in text for text in said)
    assert not any("not linked" in text for text in said)


def test_a_calendar_address_without_encryption_is_pointed_out(folder: Path) -> None:
    found = checks(folder, environ={"MUSTER_PUBLIC_URL": "http://muster.example"})
    (line,) = found["public_url"]
    assert line["verdict"] == "not_yet"
    assert "http://muster.example" in line["text"]
    assert "https" in line["fix"]
    assert "public_url" not in checks(folder, environ={"MUSTER_PUBLIC_URL": "https://muster.example"})
    refused = checks(folder, environ={"MUSTER_PUBLIC_URL": "https://lin:pass-word@muster.example"})
    (wrong,) = refused["environment"]
    assert "MUSTER_PUBLIC_URL" in wrong["text"]
    assert "pass-word" not in wrong["text"]


def test_a_lead_whose_own_requests_nobody_could_decide_is_pointed_out(folder: Path, store: Store) -> None:
    with store.unit() as uow:
        uow.people.upsert(agent("A001"))
        uow.commit()
    assert "leads" not in checks(folder)
    file = folder / "app.yaml"
    text = file.read_text(encoding="utf-8")
    for role, name in (("planners", "pei"), ("leads", "lin")):
        line = f"  {role}: [{name}@harbour.example]\n"
        assert line in text
        text = text.replace(line, "", 1)
    text = text.replace("  admins: [ada@harbour.example]", "  admins: [a001@harbour.example]", 1)
    file.write_text(text, encoding="utf-8")
    (found,) = checks(folder)["leads"]
    assert found["verdict"] == "not_yet"
    assert "Only a001@harbour.example may decide" in found["text"]


@pytest.mark.parametrize(("days", "verdict"), [(1, "ok"), (30, "wrong")])
def test_the_age_of_the_history(folder: Path, store: Store, days: int, verdict: str) -> None:
    row = VolumeCount(
        queue=QueueId("phone"), start=NOW - timedelta(days=days), interval=timedelta(minutes=15), contacts=7
    )
    with store.unit() as uow:
        uow.volumes.save([row], source=VolumeSource.VOLUMES)
        uow.commit()
    (phone,) = [line for line in checks(folder)["history"] if line["text"].startswith("phone")]
    assert phone["verdict"] == verdict


def test_history_of_a_queue_that_is_not_configured(folder: Path, store: Store) -> None:
    row = VolumeCount(queue=QueueId("fax"), start=NOW, interval=timedelta(minutes=15), contacts=7)
    with store.unit() as uow:
        uow.volumes.save([row], source=VolumeSource.VOLUMES)
        uow.commit()
    assert "fax" in checks(folder)["history"][0]["text"]


@pytest.mark.parametrize(("minutes", "verdict"), [(2, "ok"), (90, "wrong")])
def test_the_age_of_the_oldest_unsent_message(folder: Path, store: Store, minutes: int, verdict: str) -> None:
    waiting_since = NOW - timedelta(minutes=minutes)
    message = Outgoing(
        recipient=Recipient(kind=RecipientKind.EMAIL, name="ada@harbour.example"),
        message=OperatorNotice(code="test", subject="x"),
        dedupe_key="doctor-test",
        urgency=Urgency.NOTICE,
        not_before=waiting_since,
    )
    with store.unit() as uow:
        assert uow.outbox.put(message, waiting_since)
        uow.commit()
    (line,) = checks(folder)["outbox"]
    assert line["verdict"] == verdict
    assert ("90 minutes" in line["text"]) is (verdict == "wrong")


def test_a_broken_configuration_does_not_stop_the_other_checks(folder: Path) -> None:
    text = (
        SAMPLE.read_text(encoding="utf-8")
        .replace("shrinkage:", "shrinkag:")
        .replace("rest: 11h", "rest: eleven")
    )
    (folder / "app.yaml").write_text(text, encoding="utf-8")
    result = muster(folder, "doctor")
    assert result.exit_code == ExitCode.REFUSED
    assert "staffing.shrinkag" in result.output
    assert "roster.rules.rest" in result.output
    assert "✓ Charts can show Chinese." in result.output


def test_secrets_are_checked_and_never_shown(folder: Path) -> None:
    environ = {
        "SLACK_BOT_TOKEN": "xoxb-hidden-1",
        "SLACK_APP_TOKEN": "xapp-hidden-2",
        "MUSTER_INTAKE_TOKEN": "hidden-3",
    }
    result = muster(folder, "doctor", environ=environ)
    assert "✓ Slack: everything for socket mode is set." in result.output
    assert "hidden" not in result.output
    wrong = muster(folder, "doctor", environ={"SLACK_BOT_TOKEN": "hidden-4"})
    assert wrong.exit_code == ExitCode.REFUSED
    assert "SLACK_BOT_TOKEN" in wrong.output
    assert "hidden-4" not in wrong.output


def test_the_database_of_a_newer_version_is_not_to_be_upgraded(folder: Path, store: Store) -> None:
    with sqlite3.connect(folder / "muster.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '20280101_future'")
    (line,) = checks(folder)["database"]
    assert line["verdict"] == "wrong"
    assert "20280101_future, which this version of Muster does not know" in line["text"]
    for command in (["doctor"], ["db", "check"]):
        result = muster(folder, *command)
        assert result.exit_code == ExitCode.REFUSED
        assert "Start the newer version of Muster" in result.output
        assert "db upgrade" not in result.output


def test_the_doctor_counts_as_people_do(folder: Path) -> None:
    (line,) = checks(folder)["config"]
    assert "3 queues, 1 team, 3 contracts" in line["text"]
    assert "3 个队列，1 个团队，3 种合同" in muster(folder, "doctor", lang="zh-Hans").output


def test_the_doctor_speaks_chinese(folder: Path) -> None:
    assert "还没有数据库" in muster(folder, "doctor", lang="zh-Hans").output


def test_db_check_says_where_the_database_stands_and_changes_nothing(folder: Path) -> None:
    result = muster(folder, "db", "check")
    assert result.exit_code == ExitCode.REFUSED
    # The file that was named is named again: the next command is to meet the same database.
    assert f"muster --config {folder / 'app.yaml'} db upgrade" in result.output
    assert not (folder / "muster.db").exists()
    assert muster(folder, "db", "upgrade").exit_code == 0
    assert muster(folder, "db", "check").exit_code == 0
    again = muster(folder, "db", "upgrade")
    assert (again.exit_code, "is current" in again.output) == (0, True)


def test_a_database_that_is_no_database_is_refused_and_kept(folder: Path) -> None:
    (folder / "muster.db").write_text("not a database, but long enough to have a header " * 9)
    result = muster(folder, "doctor")
    assert result.exit_code == ExitCode.REFUSED
    assert "nothing was changed" in result.output
    assert (folder / "muster.db").read_text().startswith("not a database")


def test_an_unreachable_server_is_temporary(folder: Path) -> None:
    environ = {"MUSTER_DATABASE_URL": "postgresql://someone:pass-word@127.0.0.1:1/muster"}
    result = muster(folder, "db", "upgrade", environ=environ)
    assert result.exit_code == ExitCode.TEMPORARY
    assert "pass-word" not in result.output


def test_a_locked_database_is_temporary(folder: Path, store: Store) -> None:
    holder = sqlite3.connect(folder / "muster.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        result = muster(folder, "db", "upgrade")
    finally:
        holder.close()
    assert result.exit_code == ExitCode.TEMPORARY
    assert "locked" in result.output


def test_the_address_that_init_writes_is_pointed_out_until_it_is_replaced(tmp_path: Path) -> None:
    assert CliRunner().invoke(cli, ["init", str(tmp_path), "--yes"]).exit_code == 0
    (found,) = checks(tmp_path)["people"]
    assert found["verdict"] == "not_yet"
    assert "you@example.com" in found["text"]
    assert muster(tmp_path, "doctor").exit_code == 0
    file = tmp_path / "app.yaml"
    once = file.read_text(encoding="utf-8").replace("you@example.com", "ada@harbour.example", 1)
    file.write_text(once, encoding="utf-8")
    assert "people" in checks(tmp_path)  # still the last resort
    file.write_text(once.replace("you@example.com", "ada@harbour.example"), encoding="utf-8")
    assert "people" not in checks(tmp_path)


def test_a_model_whose_package_is_absent_is_named_with_the_command_that_installs_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "app.yaml"
    file.write_text(file.read_text().replace("  # extra_models: [lightgbm, mstl]", "  extra_models: [mstl]"))
    assert "models" not in checks(folder)
    monkeypatch.setattr(registry, "find_spec", lambda package: None)
    (line,) = checks(folder)["models"]
    assert line["verdict"] == "wrong"
    assert "pip install 'muster[statsforecast]'" in line["fix"]
