"""Secrets and addresses from the environment; nothing of them ever stands in app.yaml, logs or reprs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bot.config.problems import Problem, SettingsRefusedError, nearest
from bot.connectors.registry import CONNECTORS, secret_variable

__all__ = ["VARIABLES", "Environment", "SlackMode"]

VARIABLES: Final = (
    "SLACK_BOT_TOKEN",
    "SLACK_APP_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_API_URL",
    "MUSTER_DATABASE_URL",
    "MUSTER_CONFIG",
    "MUSTER_INTAKE_TOKEN",
    "MUSTER_HTTP_HOST",
    "MUSTER_HTTP_PORT",
    "MUSTER_PUBLIC_URL",
    "MUSTER_SLACK_MODE",
    "MUSTER_LANG",
    "MUSTER_OPERATOR",
    "MUSTER_CUSTOMER_KEY",
    "MUSTER_DIVERSION_URL",
    "MUSTER_DIVERSION_TOKEN",
    "MUSTER_SURVEY_URL",
    "MUSTER_SURVEY_SECRET",
    *map(secret_variable, CONNECTORS),
)
"""Every variable Muster reads."""

_DATABASE: Final = re.compile(r"(sqlite|postgresql)(\+\w+)?://")
_PRINTABLE: Final = re.compile(r"[\x21-\x7e]+")


class SlackMode(Enum):
    SOCKET = "socket"  # Slack is called; no public address needed
    HTTP = "http"  # Slack calls /slack/events


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Checked values; a secret that is absent is None, and none is ever shown by ``repr``."""

    slack_bot_token: str | None = field(default=None, repr=False)
    slack_app_token: str | None = field(default=None, repr=False)
    slack_signing_secret: str | None = field(default=None, repr=False)
    slack_api_url: str = "https://slack.com/api/"
    database_url: str | None = field(default=None, repr=False)
    config: Path | None = None
    intake_token: str | None = field(default=None, repr=False)
    http_host: str = "127.0.0.1"
    http_port: int = 8080
    public_url: str | None = None
    slack_mode: SlackMode = SlackMode.SOCKET
    operator: str | None = None
    customer_key: str | None = field(default=None, repr=False)
    diversion_url: str | None = field(default=None, repr=False)
    diversion_token: str | None = field(default=None, repr=False)
    survey_url: str | None = field(default=None, repr=False)
    survey_secret: str | None = field(default=None, repr=False)
    connector_secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Environment:
        """The variables in use; empty ones count as absent.

        Raises SettingsRefusedError naming every variable that cannot be meant; no message repeats a
        secret's value.
        """
        given = {name: environ[name].strip() for name in VARIABLES if environ.get(name, "").strip()}
        problems: list[Problem] = []
        problems += _prefixed(given, "SLACK_BOT_TOKEN", "xoxb-")
        problems += _prefixed(given, "SLACK_APP_TOKEN", "xapp-")
        secrets = {name: secret_variable(name) for name in CONNECTORS}
        printable = (
            "SLACK_SIGNING_SECRET",
            "MUSTER_INTAKE_TOKEN",
            "MUSTER_CUSTOMER_KEY",
            "MUSTER_DIVERSION_TOKEN",
            "MUSTER_SURVEY_SECRET",
        )
        for name in (*printable, *secrets.values()):
            if name in given and not _PRINTABLE.fullmatch(given[name]):
                problems.append(Problem(kind="secret_characters", path=name))
        problems += _web_address(given, "SLACK_API_URL")
        problems += _public_address(given, "MUSTER_PUBLIC_URL")
        problems += _public_address(given, "MUSTER_DIVERSION_URL")
        problems += _public_address(given, "MUSTER_SURVEY_URL")
        if "MUSTER_DATABASE_URL" in given and not _DATABASE.match(given["MUSTER_DATABASE_URL"]):
            problems.append(Problem(kind="database_url", path="MUSTER_DATABASE_URL"))
        port = given.get("MUSTER_HTTP_PORT", "8080")
        if not (port.isascii() and port.isdigit() and 0 <= int(port) <= 65535):
            problems.append(Problem(kind="port", path="MUSTER_HTTP_PORT", data={"value": port}))
        modes = tuple(mode.value for mode in SlackMode)
        mode = given.get("MUSTER_SLACK_MODE", "socket").lower()
        if mode not in modes:
            problems.append(
                Problem(
                    kind="not_allowed",
                    path="MUSTER_SLACK_MODE",
                    data={"value": mode},
                    allowed=modes,
                    suggestion=nearest(mode, modes),
                )
            )
        if problems:
            raise SettingsRefusedError(problems)
        address = given.get("SLACK_API_URL", "https://slack.com/api/")
        return cls(
            slack_bot_token=given.get("SLACK_BOT_TOKEN"),
            slack_app_token=given.get("SLACK_APP_TOKEN"),
            slack_signing_secret=given.get("SLACK_SIGNING_SECRET"),
            slack_api_url=address if address.endswith("/") else address + "/",
            database_url=given.get("MUSTER_DATABASE_URL"),
            config=Path(given["MUSTER_CONFIG"]) if "MUSTER_CONFIG" in given else None,
            intake_token=given.get("MUSTER_INTAKE_TOKEN"),
            http_host=given.get("MUSTER_HTTP_HOST", "127.0.0.1"),
            http_port=int(port),
            public_url=given["MUSTER_PUBLIC_URL"].rstrip("/") if "MUSTER_PUBLIC_URL" in given else None,
            slack_mode=SlackMode(mode),
            operator=given.get("MUSTER_OPERATOR"),
            customer_key=given.get("MUSTER_CUSTOMER_KEY"),
            diversion_url=given.get("MUSTER_DIVERSION_URL"),
            diversion_token=given.get("MUSTER_DIVERSION_TOKEN"),
            survey_url=given.get("MUSTER_SURVEY_URL"),
            survey_secret=given.get("MUSTER_SURVEY_SECRET"),
            connector_secrets={n: given[variable] for n, variable in secrets.items() if variable in given},
        )

    @property
    def missing_for_surveys(self) -> tuple[str, ...]:
        """The variables without which the survey tool cannot be told."""
        needed = {"MUSTER_SURVEY_URL": self.survey_url, "MUSTER_SURVEY_SECRET": self.survey_secret}
        return tuple(name for name, value in needed.items() if value is None)

    @property
    def public_in_the_clear(self) -> bool:
        """Whether calendars would send their secret addresses unencrypted over a network."""
        if self.public_url is None:
            return False
        parts = urlsplit(self.public_url)
        return parts.scheme == "http" and not _is_loopback(parts.hostname or "")

    def missing_for_slack(self) -> tuple[str, ...]:
        """Variables ``muster run`` still needs to talk to Slack in the chosen mode."""
        needed = {"SLACK_BOT_TOKEN": self.slack_bot_token}
        if self.slack_mode is SlackMode.SOCKET:
            needed["SLACK_APP_TOKEN"] = self.slack_app_token
        else:
            needed["SLACK_SIGNING_SECRET"] = self.slack_signing_secret
        return tuple(name for name, value in needed.items() if value is None)


def _prefixed(given: Mapping[str, str], name: str, prefix: str) -> list[Problem]:
    value = given.get(name)
    if value is None or (value.startswith(prefix) and _PRINTABLE.fullmatch(value)):
        return []
    return [Problem(kind="token_prefix", path=name, data={"prefix": prefix})]


def _public_address(given: Mapping[str, str], name: str) -> list[Problem]:
    """An address that others are added to; no problem repeats it, since it may hold a password."""
    value = given.get(name)
    if value is None:
        return []
    extra = any(mark in value for mark in "?#@\\") or not _PRINTABLE.fullmatch(value)
    return [Problem(kind="public_address", path=name)] if extra or _web_address(given, name) else []


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _web_address(given: Mapping[str, str], name: str) -> list[Problem]:
    if name not in given:
        return []
    try:
        parts = urlsplit(given[name])
        sound = (
            parts.scheme in {"http", "https"}
            and bool(parts.hostname)
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        sound = False
    return [] if sound else [Problem(kind="web_address", path=name, data={"value": given[name]})]
