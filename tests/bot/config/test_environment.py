"""The environment: checked by name, and its secrets never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config.environment import Environment, SlackMode
from bot.config.problems import SettingsRefusedError

SECRETS = {
    "SLACK_BOT_TOKEN": "xoxb-111-aaa",
    "SLACK_APP_TOKEN": "xapp-1-222-bbb",
    "SLACK_SIGNING_SECRET": "8f742231b10e8888",
    "MUSTER_INTAKE_TOKEN": "let-me-in-please",
    "MUSTER_DATABASE_URL": "postgresql://muster:pass-word@db/muster",
}


def test_nothing_set_is_enough_to_plan() -> None:
    environment = Environment.read({})
    assert environment.slack_mode is SlackMode.SOCKET
    assert (environment.http_host, environment.http_port) == ("127.0.0.1", 8080)
    assert environment.missing_for_slack() == ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN")


def test_everything_set_is_read() -> None:
    environment = Environment.read(
        {
            **SECRETS,
            "MUSTER_CONFIG": "/etc/muster.yaml",
            "MUSTER_HTTP_PORT": "9000",
            "MUSTER_HTTP_HOST": "0.0.0.0",
            "MUSTER_SLACK_MODE": "http",
            "SLACK_API_URL": "http://127.0.0.1:8888/api",
        }
    )
    assert environment.config == Path("/etc/muster.yaml")
    assert environment.slack_api_url == "http://127.0.0.1:8888/api/"
    assert (environment.http_port, environment.slack_mode) == (9000, SlackMode.HTTP)
    assert environment.missing_for_slack() == ()
    assert environment.slack_bot_token == SECRETS["SLACK_BOT_TOKEN"]


def test_no_secret_is_in_the_repr() -> None:
    shown = repr(Environment.read(SECRETS))
    assert [value for value in SECRETS.values() if value in shown] == []


def test_empty_variables_count_as_absent() -> None:
    assert Environment.read({"MUSTER_DATABASE_URL": " ", "MUSTER_HTTP_PORT": ""}).database_url is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_BOT_TOKEN", "xapp-1-wrong-one"),
        ("SLACK_BOT_TOKEN", "xoxb-with space"),
        ("SLACK_APP_TOKEN", "xoxb-111-wrong"),
        ("SLACK_SIGNING_SECRET", "two words"),
        ("MUSTER_INTAKE_TOKEN", "新密码"),
        ("SLACK_API_URL", "slack.com"),
        ("SLACK_API_URL", "https://slack.com:port/"),
        ("MUSTER_PUBLIC_URL", "my-host.example"),
        ("MUSTER_PUBLIC_URL", "https://muster.example/?tenant=1"),
        ("MUSTER_PUBLIC_URL", "https://muster.example/?"),
        ("MUSTER_PUBLIC_URL", "https://muster.example/#top"),
        ("MUSTER_PUBLIC_URL", "https://lin:pass-word@muster.example"),
        ("MUSTER_PUBLIC_URL", "https://muster.example /x"),
        ("MUSTER_DATABASE_URL", "my-data.db"),
        ("MUSTER_DATABASE_URL", "mysql://somebody:pass-word@host/db"),
        ("MUSTER_HTTP_PORT", "eighty"),
        ("MUSTER_HTTP_PORT", "70000"),
        ("MUSTER_HTTP_PORT", "-1"),
        ("MUSTER_SLACK_MODE", "sockets"),
    ],
)
def test_nonsense_is_refused_by_the_variables_name(name: str, value: str) -> None:
    with pytest.raises(SettingsRefusedError) as refused:
        Environment.read({name: value})
    (problem,) = refused.value.problems
    assert problem.path == name
    assert name in str(refused.value)
    if name not in {"SLACK_API_URL", "MUSTER_HTTP_PORT", "MUSTER_SLACK_MODE"}:
        assert value not in str(refused.value)


def test_all_wrong_variables_are_named_at_once() -> None:
    with pytest.raises(SettingsRefusedError) as refused:
        Environment.read({"MUSTER_HTTP_PORT": "x", "MUSTER_SLACK_MODE": "htp", "SLACK_BOT_TOKEN": "y"})
    assert {p.path for p in refused.value.problems} == {
        "MUSTER_HTTP_PORT",
        "MUSTER_SLACK_MODE",
        "SLACK_BOT_TOKEN",
    }
    assert {p.suggestion for p in refused.value.problems} == {None, "http"}


@pytest.mark.parametrize(
    ("address", "in_the_clear"),
    [
        ("https://muster.example/below", False),
        ("http://muster.example", True),
        ("http://10.0.0.7:8080", True),
        ("http://127.0.0.1:8080", False),
        ("http://[::1]:8080", False),
        ("http://localhost:8080/", False),
        ("http://localhost.example", True),
    ],
)
def test_an_address_anybody_on_the_way_could_read_is_known(address: str, in_the_clear: bool) -> None:
    environment = Environment.read({"MUSTER_PUBLIC_URL": address})
    assert environment.public_url == address.rstrip("/")
    assert environment.public_in_the_clear is in_the_clear


def test_without_a_public_address_nothing_is_in_the_clear() -> None:
    assert not Environment.read({}).public_in_the_clear
