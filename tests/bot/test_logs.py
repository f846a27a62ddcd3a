"""Logs are JSON lines without secrets and without the values of local variables."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.logs import configure_logs


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level, config = root.handlers[:], root.level, structlog.get_config()
    stream = io.StringIO()
    configure_logs(stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**config)


def test_json_lines(out: io.StringIO) -> None:
    structlog.get_logger("test").info("message_sent", outbox_id=3)
    logging.getLogger("another").warning("told by %s", "a library")
    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert (first["event"], first["outbox_id"], first["level"]) == ("message_sent", 3, "info")
    assert second["event"] == "told by a library"


def test_no_secret_and_no_local_variable(out: io.StringIO) -> None:
    def fails(name_of_a_customer: str) -> None:
        raise ValueError("with xoxb-123-abc")

    try:
        fails("".join(["王", "小明"]))
    except ValueError:
        structlog.get_logger("test").exception("request_failed", url="postgresql://ann:pw@db/x")
    logging.getLogger("another").warning("Authorization: Bearer s3cret and xapp-1-A-b")
    text = out.getvalue()
    assert "request_failed" in text
    for secret in ("xoxb", "xapp", "s3cret", "pw@", "王小明"):
        assert secret not in text
