"""HTTP mode refuses what Slack did not sign, and what Slack signed once but somebody sends again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.playground import Forgery
from bot.playground.http_mode import sign
from bot.slack.requests import LARGEST_BODY, Signatures
from tests.stories.service import Setting, running

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


def test_the_running_service_refuses_every_forgery(tmp_path: Path) -> None:
    with running(tmp_path, Setting(mode="http")) as service:
        assert service.slack.verify_url()
        for forgery in Forgery:
            delivery = service.slack.forge(forgery, "bo", "/muster", "help")
            assert delivery.status == 401, forgery
        assert service.slack.user("bo").command("/muster", "help").ok
        assert httpx.get(f"{service.url}/slack/events").status_code == 405


def test_a_body_beyond_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(20):
            yield b"x" * 100_000

    with running(tmp_path, Setting(mode="http")) as service:
        url = f"{service.url}/slack/events"
        assert httpx.post(url, content=b"x" * LARGEST_BODY).status_code == 401
        announced = httpx.post(url, content=b"x" * (LARGEST_BODY + 1))
        assert announced.status_code == 413
        assert httpx.post(url, content=chunks()).status_code == 413
        assert service.slack.user("bo").command("/muster", "help").ok


def test_socket_mode_has_no_such_endpoint(tmp_path: Path) -> None:
    with running(tmp_path, Setting(mode="socket")) as service:
        assert httpx.post(f"{service.url}/slack/events", json={}).status_code == 404


@pytest.mark.parametrize(
    ("timestamp", "signature", "problem"),
    [
        (None, "v0=1", "missing"),
        ("1000", None, "missing"),
        ("abc", "v0=1", "malformed"),
        ("１０００", "v0=1", "malformed"),
        ("600", "v0=1", "stale"),
        ("1400", "v0=1", "stale"),
        ("1000", "v0=é", "wrong"),
        ("1000", "v0=" + "0" * 64, "wrong"),
    ],
)
def test_problems(timestamp: str | None, signature: str | None, problem: str) -> None:
    signatures = Signatures(SECRET, seconds=lambda: 1000.0)
    assert signatures.problem(b"token=x", timestamp, signature) == problem


def test_accepted_once() -> None:
    signatures = Signatures(SECRET, seconds=lambda: 1000.0)
    signature = sign(SECRET, "1000", b"a=1")
    assert signatures.problem(b"a=1", "1000", signature) is None
    assert signatures.problem(b"a=1", "1000", signature) == "replayed"
    assert signatures.problem(b"a=1", "1001", sign(SECRET, "1001", b"a=1")) is None
    assert signatures.problem(b"\xff", "1000", sign(SECRET, "1000", b"\xff")) == "malformed"


def test_a_replay_is_refused_for_as_long_as_its_timestamp_is_accepted() -> None:
    now = 1000.0
    signatures = Signatures(SECRET, seconds=lambda: now)
    ahead = sign(SECRET, "1300", b"a=1")  # Slack's clock is five minutes ahead
    assert signatures.problem(b"a=1", "1300", ahead) is None
    for later in (1001.0, 1300.0, 1599.0, 1600.0):
        now = later
        assert signatures.problem(b"a=1", "1300", ahead) == "replayed"
    now = 1601.0
    assert signatures.problem(b"a=1", "1300", ahead) == "stale"
