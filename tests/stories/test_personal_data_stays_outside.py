"""PS1, A5, F9: whatever door personal data is sent through, no table, log or post has it afterwards."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import structlog
from click.testing import CliRunner
from sqlalchemy import select

from bot.cli.context import CliContext
from bot.cli.main import cli
from bot.connectors.registry import secret_variable
from bot.logs import configure_logs
from bot.playground import Message
from bot.store.engine import make_engine
from bot.store.schema import upgrade
from bot.store.tables import Base
from tests.stories.service import INTAKE_TOKEN, Service, Setting, event, running
from tests.support.builders import at, settings
from tests.support.webhooks import SECRET, SETTINGS, sample, signed

APP_YAML = Path(__file__).parents[2] / "app.yaml"

IDENTITY = "11010519491231002X"
CARD = "6222021234567890128"
PHONE = "13812345678"
MAIL = "wangfang@mail.example"
ADDRESS = "XX路88号3单元"
SAID = {
    IDENTITY: "this looks like an ID number. Use the order number or the last 4 digits of the phone.",
    CARD: "this looks like a bank card number. Use the order number",
    PHONE: "this looks like a phone number. Write only its last 4 digits.",
    MAIL: "this looks like an e-mail address.",
    ADDRESS: "this looks like a detailed address.",
}


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    """The process's own log, from its first line to its last."""
    root, config = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logs(stream=stream)
    # Other stories must find their own configuration again.
    structlog.configure(cache_logger_on_first_use=False)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**config)


def test_no_door_lets_personal_data_in(tmp_path: Path, logs: io.StringIO) -> None:
    url = f"sqlite:///{tmp_path / 'muster.db'}"
    upgrade(make_engine(url))  # with its revision, for the command line
    setting = Setting(
        database_url=url,
        settings=replace(settings(), connectors=SETTINGS),
        environ={secret_variable("zendesk"): SECRET},
    )
    with running(tmp_path, setting) as service:
        for number, value in enumerate(SAID):
            _over_http(service, value)
            _by_webhook(service, value, number)
            _by_command(service, value)
        _by_forged_button(service)
        _by_file(service, tmp_path)
        service.opened("GD20261124001", at(10))
        service.forward_to(at(10, 11))
        service.wait(lambda: service.posts(), "the breach of the case that may be kept")
        service.settle()
        kept = _everything_kept(service)
        posted = _everything_posted(service)
    logged = logs.getvalue()
    assert "GD20261124001" in kept
    assert "GD20261124001" in posted
    assert "request_refused" in logged
    for value in SAID:
        assert value not in kept
        assert value not in posted
        assert value not in logged


def _over_http(service: Service, value: str) -> None:
    fields = ("contact", "source", "event_id", "tier", "outcome", "note", "queue", "department", "into")
    for field in (*fields, "tags"):
        given = [value] if field == "tags" else value
        answer = service.tell({**event(f"GD-{field}", "opened", at(10), queue="chat"), field: given})
        # A long number with a card's check digit may be any id: its event is kept, the number is not.
        as_digest = value == CARD and field == "event_id"
        assert answer.status_code == (202 if as_digest else 422), field
        assert value not in answer.text
    # A wrong agent is left out and the rest is kept.
    service.tell(event("GD-kept", "responded", at(10), agent=value))
    service.tell(event("GD-kept", "reclassified", at(10, 1), complained_about=value, type="complaint"))
    for path, item in {
        "/v1/presence": {"agent": value, "state": "available", "since": at(10).isoformat(), "source": value},
        "/v1/volumes": {"queue": "chat", "start": at(10).isoformat(), "source": value, "offered": 3},
    }.items():
        answer = _post(service, path, json=[item])
        assert answer.status_code in (400, 422), path
    assert _post(service, "/v1/contact-events", content=f'{{"contact": "{value}'.encode()).status_code == 400


def _by_webhook(service: Service, value: str, number: int) -> None:
    """A ticket whose every text is the customer's."""
    ticket = sample("zendesk_created")
    ticket["id"] = f"event-{number}"
    ticket["detail"] |= {
        "id": str(2000 + number),
        "subject": value,
        "description": f"call me: {value}",
        "tags": [value, "vip"],
        "priority": value,
        "type": value,
        "assignee_id": value,
        "group_id": value,
        "via": {"channel": value},
    }
    body = json.dumps(ticket).encode()
    headers = signed("zendesk", body, service.clock(), SECRET)
    answer = httpx.post(f"{service.url}/v1/connectors/zendesk", content=body, headers=headers, timeout=10)
    assert value not in answer.text
    assert answer.json()["accepted"] == 1, "the ticket itself is watched"


def _post(service: Service, path: str, **body: object) -> httpx.Response:
    headers = {"Authorization": f"Bearer {INTAKE_TOKEN}"}
    return httpx.post(f"{service.url}{path}", headers=headers, timeout=10, **body)  # type: ignore[arg-type]


def _by_command(service: Service, value: str) -> None:
    for text in (f"take {value}", f"link {value}", f"接手 客户说 {value}", value):
        reply = service.slack.user("lin").command("/muster", text, channel="harbour-alerts").answer()
        assert SAID[value] in reply.text, text
    assert SAID[value] in service.slack.user("bo").command("/shift", value).answer().text


def _by_forged_button(service: Service) -> None:
    service.opened("GD20261124000", at(10))
    service.forward_to(at(10, 10, 30))
    post: Message = service.wait(lambda: next(iter(service.posts()), None), "a breach")
    button = next(e for _, e in post.elements() if e["type"] == "button")
    real, button["value"] = button["value"], IDENTITY
    reply = service.slack.user("bo").press(post, button["action_id"]).answer()
    button["value"] = real
    assert IDENTITY not in reply.text


def _by_file(service: Service, folder: Path) -> None:
    rows = ["contact,queue,arrived,agent,tier,outcome,客户,备注", "GD5,chat,2026-11-23 10:00,,,,,"]
    for value in SAID:
        rows += [
            f"{value},chat,2026-11-23 10:00,,,,,",
            f"GD6,chat,2026-11-23 10:00,,{value},,,",
            f"GD7,chat,2026-11-23 10:00,,,{value},,",
            f"GD8{len(rows)},chat,2026-11-23 10:00,{value},,,{value},{value}",
            f"GD9,{value},2026-11-23 10:00,,,,,",
            f"GD9,chat,{value},,,,,",
        ]
    _imported(service, folder, rows, keeps="GD5")
    # S0's own table of calls, whose texts are kept: the rows that hold personal data are not.
    table = [
        "日期,时间,客户姓名(脱敏),联系方式(后四位),工单号,问题类型,问题简述,处理结果,跟进时间,满意度,客服工号",
        "2026-11-23,14:30,王小明,5678,GD20261123001,咨询,账单金额有疑问,已说明,,4,bo",
    ]
    for number, value in enumerate(SAID):
        ref = f"GD2026112310{number}"
        table += [
            f"2026-11-23,14:30,张女士,5678,{ref},咨询,客户说 {value},已说明,,4,bo",
            f"2026-11-23,14:30,张女士,5678,{ref},咨询,账单,已告知{value},,4,bo",
            f"2026-11-23,14:30,{value},5678,{ref}-n,咨询,账单,已说明,,4,bo",
            f"2026-11-23,14:30,张女士,5678,{value},咨询,账单,已说明,,4,bo",
        ]
    _imported(service, folder, table, keeps="账单金额有疑问")
    assert "王小明" not in _everything_kept(service)


def _imported(service: Service, folder: Path, rows: list[str], *, keeps: str) -> None:
    file = folder / "contacts.csv"
    file.write_text("\n".join(rows), encoding="utf-8")
    url = service.store.engine.url.render_as_string(hide_password=False)
    context = CliContext(
        environ={"MUSTER_DATABASE_URL": url, "MUSTER_CONFIG": str(APP_YAML)}, clock=service.clock
    )
    done = CliRunner().invoke(cli, ["import", "contacts", str(file)], obj=context)
    context.close()
    assert done.exit_code == 3, done.output
    assert keeps in _everything_kept(service)
    for value in SAID:
        assert value not in done.output


def _everything_kept(service: Service) -> str:
    with service.store.engine.connect() as connection:
        rows = [row for table in Base.metadata.sorted_tables for row in connection.execute(select(table))]
    return "\n".join(str(tuple(row)) for row in rows)


def _everything_posted(service: Service) -> str:
    workspace = service.slack.workspace
    with workspace.lock:
        messages = [
            m for channel in workspace.channels.values() for m in channel.posts
        ] + workspace.ephemerals
        return "\n".join(f"{m.versions} {m.text} {m.blocks}" for m in messages if m.bot)
