"""Logging: structlog to standard error, JSON unless a person reads it on a terminal."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

from bot.core.privacy import mask_text

__all__ = ["configure_logs", "redact", "without_personal_data"]

_TOKEN = re.compile(r"xox[a-z]-[\w-]+|xapp-[\w-]+|(?<=://)[^/@\s:]+:[^/@\s]+(?=@)|Bearer\s+\S+")


def configure_logs(*, stream: TextIO | None = None, level: str = "INFO") -> None:
    """Set logging up for the process, once, at its start."""
    out = stream or sys.stderr
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        # Traces without the values of local variables: those may be what must not be logged.
        structlog.processors.format_exc_info,
        redact,
        without_personal_data,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    terminal = out.isatty()
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=terminal, exception_formatter=structlog.dev.plain_traceback)
        if terminal
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Access logs repeat every request, and the clients of others put bodies into theirs.
    for name in (
        "uvicorn",
        "uvicorn.error",
        "uvicorn.access",
        "apscheduler",
        "slack_sdk",
        "slack_bolt",
        "asyncio",
    ):
        logging.getLogger(name).setLevel(logging.WARNING)


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace what looks like a token or a password, in whatever field it stands.

    >>> redact(None, "info", {"event": "x", "url": "postgresql://ann:secret@db/muster", "t": "xoxb-1-2"})
    {'event': 'x', 'url': 'postgresql://***@db/muster', 't': '***'}
    """
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _TOKEN.sub("***", value)
    return event


def without_personal_data(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace what looks like a person's number, mail or address: a net under the rule not to log any.

    >>> without_personal_data(None, "info", {"event": "x", "cause": "no user li@shop.example"})
    {'event': 'x', 'cause': 'no user ⟨email⟩'}
    """
    for key, value in event.items():
        event[key] = _masked(value)
    return event


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, dict):
        return {key: _masked(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked(inner) for inner in value]
    return value
