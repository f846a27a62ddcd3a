"""AuditEntry: who did what, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """``actor`` is an agent id, a Slack user id, an e-mail address or 'cli'; ``detail`` is plain JSON."""

    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]
