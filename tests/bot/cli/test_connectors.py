"""`muster connectors`: how each helpdesk stands, and a rehearsal that stores nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.context import CliContext, ExitCode
from bot.cli.main import cli
from bot.store.engine import make_engine
from bot.store.schema import check_current
from bot.store.unit_of_work import Store
from tests.support.webhooks import SAMPLES

SAMPLE = Path(__file__).parents[3] / "app.yaml"
NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
SECTION = """
connectors:
  zendesk:
    queue: chat
    queues: {8447320466431: email}
    tiers: {VIP: gold}
  intercom: {queue: chat, enabled: false}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    text = SAMPLE.read_text(encoding="utf-8") + SECTION
    (tmp_path / "app.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def muster(folder: Path, *args: str, lang: str = "en", **environ: str) -> Result:
    context = CliContext(config=folder / "app.yaml", lang=lang, environ=environ, clock=lambda: NOW)
    return CliRunner().invoke(cli, list(args), obj=context)


def test_the_list_says_what_is_missing_and_when_each_was_heard(folder: Path) -> None:
    engine = make_engine(f"sqlite:///{folder / 'muster.db'}")
    check_current(engine)
    store = Store(engine)
    with store.unit() as uow:
        uow.sources.heard("zendesk", NOW, NOW)
        uow.sources.heard("pbx", NOW, NOW)
        uow.commit()
    store.close()
    listed = muster(folder, "connectors")
    assert listed.exit_code == ExitCode.PARTIAL
    lines = listed.stdout.splitlines()
    assert lines[0] == "zendesk    on · no secret · last heard 2026-11-24 10:30:00"
    assert "MUSTER_CONNECTOR_ZENDESK_SECRET" in lines[1]
    assert "intercom   off (enabled: false) · no secret · never heard" in lines
    assert "freshdesk  not in app.yaml · no secret · never heard" in lines
    assert "Also heard: pbx, last 2026-11-24 10:30:00." in lines
    sound = muster(folder, "connectors", "list", "--json", MUSTER_CONNECTOR_ZENDESK_SECRET="s3cret-of-theirs")
    assert sound.exit_code == ExitCode.DONE
    assert "s3cret" not in sound.output
    assert json.loads(sound.stdout)[0]["secret_set"] is True
    assert "最近收到 2026-11-24 10:30:00" in muster(folder, "connectors", lang="zh-Hans").stdout


def test_a_payload_is_rehearsed_and_nothing_is_stored(folder: Path) -> None:
    tried = muster(folder, "connectors", "try", "zendesk", str(SAMPLES / "zendesk_created.json"))
    assert tried.exit_code == ExitCode.DONE
    first, last = tried.stdout.splitlines()
    assert first.startswith("zendesk:1001 opened 2026-11-24T02:00:00+00:00 queue=chat channel=chat")
    assert "tier=gold" in first
    assert last == "Nothing was stored."
    assert "Zhang" not in tried.output
    told = json.loads(
        muster(
            folder, "connectors", "try", "zendesk", str(SAMPLES / "zendesk_group_changed.json"), "--json"
        ).stdout
    )
    assert told["events"][0]["queue"] == "email"
    with Store(make_engine(f"sqlite:///{folder / 'muster.db'}")).read() as uow:
        assert uow.contacts.data_until() is None
        assert uow.sources.all() == []


def test_what_would_be_left_out_or_refused_is_said_with_what_to_do(folder: Path) -> None:
    nobody = muster(folder, "connectors", "try", "zendesk", str(SAMPLES / "zendesk_assigned.json"))
    assert nobody.exit_code == ExitCode.PARTIAL
    assert "name the vendor's id under `agents`" in nobody.stdout
    # A connector that is not set up yet can be tried, too.
    bare = muster(
        folder, "connectors", "try", "chatwoot", str(SAMPLES / "chatwoot_conversation_created.json")
    )
    assert "no queue claims this case" in bare.stdout
    wrong = muster(folder, "connectors", "try", "intercom", str(SAMPLES / "chatwoot_message_by_agent.json"))
    assert wrong.exit_code in {ExitCode.REFUSED, ExitCode.PARTIAL}
    (folder / "broken.json").write_text("{")
    broken = muster(folder, "connectors", "try", "zendesk", str(folder / "broken.json"))
    assert broken.exit_code == ExitCode.REFUSED
    assert "broken.json is not JSON" in broken.output
    (folder / "other.json").write_text('{"type": "zen:event-type:ticket.created", "id": "Zhang Wei"}')
    other = muster(folder, "connectors", "try", "zendesk", str(folder / "other.json"), lang="zh-Hans")
    assert other.exit_code == ExitCode.REFUSED
    assert "不符合 Zendesk 文档中的格式" in other.output
    assert "Zhang" not in other.output


def test_a_misspelt_connector_or_queue_is_named_with_what_was_meant(folder: Path) -> None:
    text = (folder / "app.yaml").read_text(encoding="utf-8")
    (folder / "app.yaml").write_text(
        text.replace("  zendesk:\n    queue: chat", "  zendsk:\n    queue: chta").replace(
            "{VIP: gold}", "{VIP: two words}"
        ),
        encoding="utf-8",
    )
    refused = muster(folder, "connectors")
    assert refused.exit_code == ExitCode.REFUSED
    assert "zendesk" in refused.output
    assert "connectors.zendsk.queue" in refused.output
    assert "connectors.zendsk.tiers.VIP" in refused.output


def test_the_doctor_names_a_connector_whose_deliveries_are_refused(folder: Path) -> None:
    told = muster(folder, "doctor").stdout
    assert "MUSTER_CONNECTOR_ZENDESK_SECRET is not set" in told
    assert "INTERCOM" not in told  # it is off
    assert "ZENDESK" not in muster(folder, "doctor", MUSTER_CONNECTOR_ZENDESK_SECRET="theirs").stdout
    broken = muster(folder, "doctor", MUSTER_CONNECTOR_ZENDESK_SECRET="the irs")
    assert "MUSTER_CONNECTOR_ZENDESK_SECRET" in broken.stdout
    assert "the irs" not in broken.output
