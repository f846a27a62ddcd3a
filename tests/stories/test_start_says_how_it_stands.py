"""K1, K3, K9, K11: what `muster run` and `muster slack manifest` say when they cannot simply run."""

from __future__ import annotations

import json
import logging
import shutil
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from bot.cli.context import CliContext
from bot.cli.main import cli
from bot.http.contact_events import ContactEventBody
from bot.playground import StandInSlack
from bot.store.unit_of_work import Store
from bot.usecases import intake
from tests.stories.service import Setting, event, running
from tests.support.builders import at

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


@pytest.fixture
def muster(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator:
    """Runs a command as the console script would, with this environment and the shipped app.yaml."""
    shutil.copy(ROOT / "app.yaml", tmp_path / "app.yaml")
    before, config = logging.getLogger().handlers[:], structlog.get_config()

    def run(environ: Mapping[str, str], *args: str) -> Said:
        context = CliContext(environ=environ, clock=lambda: at(10, 11))
        with pytest.raises(SystemExit) as ended:
            cli.main(["--config", str(tmp_path / "app.yaml"), *args], prog_name="muster", obj=context)
        shown = capsys.readouterr()
        return Said(code=int(ended.value.code or 0), out=shown.out, err=shown.err)

    yield run
    logging.getLogger().handlers[:] = before
    structlog.configure(**config)


def test_a_wrong_token_is_said_and_ends_it(muster) -> None:
    with StandInSlack() as slack:
        for name, wrong in (("SLACK_BOT_TOKEN", "xoxb-wrong"), ("SLACK_APP_TOKEN", "xapp-wrong")):
            said = muster(slack.environment() | {name: wrong, "MUSTER_HTTP_PORT": "0"}, "run")
            assert said.code == 1
            assert f"Slack refuses {name}" in said.err
            assert wrong not in said.out + said.err
            assert slack.connections == 0


def test_missing_variables_are_named(muster) -> None:
    said = muster({"SLACK_BOT_TOKEN": "xoxb-1"}, "run")
    assert said.code == 1
    assert "Not set: SLACK_APP_TOKEN." in said.err
    assert "muster slack manifest" in said.err
    assert "SLACK_SIGNING_SECRET" in muster({"MUSTER_SLACK_MODE": "http"}, "run").err
    assert "未设置：SLACK_BOT_TOKEN" in muster({}, "--lang", "zh-Hans", "run").err


def test_a_taken_port_is_said(muster) -> None:
    with StandInSlack() as slack, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = muster(slack.environment() | {"MUSTER_HTTP_PORT": str(port)}, "run")
    assert said.code == 1
    assert f"Port {port} of 127.0.0.1 cannot be used" in said.err


def test_slack_out_of_reach_at_start(tmp_path: Path) -> None:
    """It says so and goes on trying; contact events are taken meanwhile; what was due leaves afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with running(tmp_path, Setting(slack_port=port, slack_absent=True)) as service:
        health = service.health()
        assert health["slack"]["state"] == "unreachable"
        assert health["slack"]["detail"] == "connection_refused"
        assert health["status"] == "degraded"
        service.opened("GD1", at(10))
        service.forward_to(at(10, 15))
        service.settle()
        with service.slack:
            service.wait(lambda: service.slack.connections, "the socket")
            (post,) = service.wait(
                lambda: [m for m in service.posts() if m.text.startswith("Breach")], "the breach"
            )
            assert service.health()["slack"]["state"] == "connected"
            assert post.text


def test_dry_run_prints_where_and_changes_nothing(muster, tmp_path: Path) -> None:
    """K11: twice the same, because nothing is kept."""
    path = tmp_path / "app.yaml"
    context = CliContext(environ={}, config=path, clock=lambda: at(10, 1))
    opened = event("GD7", "opened", at(10), queue="chat", priority="high")
    record(context.store, context, opened)
    context.close()
    structlog.reset_defaults()  # as in a process of its own
    first = muster({}, "run", "--dry")
    assert first.code == 0
    assert "message_sent" not in first.out + first.err
    assert "→ #harbour-alerts" in first.out
    assert "Breach: `GD7`" in first.out.replace("*", "")
    assert "[Acknowledge]" in first.out
    assert muster({}, "run", "--dry").out == first.out


def record(store: Store, context: CliContext, sent: dict) -> None:
    result = intake.record(
        store, context.settings, [ContactEventBody.model_validate(sent).event()], now=context.now()
    )
    assert result.accepted == 1, result


def test_manifest_is_json_with_reasons_beside_it(muster) -> None:
    """K1: only the scopes that are needed, each with its reason; both variants."""
    for args, socket_mode in (((), True), (("--http", "https://muster.example.org"), False)):
        said = muster({}, "slack", "manifest", *args)
        assert said.code == 0
        shown = json.loads(said.out)
        assert shown["settings"]["socket_mode_enabled"] is socket_mode
        for scope in shown["oauth_config"]["scopes"]["bot"]:
            assert scope in said.err
        urls = [c.get("url") for c in shown["features"]["slash_commands"]]
        expected = None if socket_mode else "https://muster.example.org/slack/events"
        assert set(urls) == {expected}
    assert muster({}, "slack", "manifest", "--http", "http://here").code == 1
