"""Promised return calls and follow-ups, as `muster staffing` shows the work they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot.cli.context import CliContext

if TYPE_CHECKING:
    from bot.i18n.formats import Formats
    from scheduler.staffing.explanation import StaffingExplanation
    from scheduler.staffing.promised import PromisedWork

__all__ = ["explained_promise_lines", "promise_lines", "promises_json"]

DAYS_SHOWN = 7
"""Lines at most: with more, return calls and follow-ups are told for the whole time."""
CALL = "call_back"


def promise_lines(
    context: CliContext, f: Formats, promised: Sequence[PromisedWork], *, reference: datetime | None = None
) -> list[str]:
    """``2 promised return calls due by Tue 24 Nov, 11:00: +0.3 h``, a line for each day and sort of work.

    Of a moment on the day of ``reference`` the time alone is shown.
    """
    by_day: dict[tuple[object, bool], list[PromisedWork]] = defaultdict(list)
    for work in promised:
        by_day[(f.local_day(work.due_at), work.kind != CALL)].append(work)
    if len(by_day) > DAYS_SHOWN:
        by_day = {
            (None, other): [w for w in promised if (w.kind != CALL) is other] for other in (False, True)
        }
    return [_line(context, f, works, other, reference) for (_, other), works in by_day.items() if works]


def explained_promise_lines(context: CliContext, f: Formats, told: StaffingExplanation) -> list[str]:
    """The promises of which a part is done in the interval, and how much that is; none where nothing is."""
    if not told.promised:
        return []
    lines = promise_lines(context, f, told.promised, reference=told.start)
    return [*lines, context.t.text("staffing.promised.here", erlangs=f"{told.promised_erlangs:.2f}")]


def promises_json(promised: Sequence[PromisedWork], zone: str) -> list[dict[str, Any]]:
    return [
        {
            "kind": work.kind,
            "due": work.due_at.astimezone(ZoneInfo(zone)).isoformat(),
            "handling_seconds": round(work.handling_seconds, 1),
        }
        for work in promised
    ]


def _line(
    context: CliContext,
    f: Formats,
    works: Sequence[PromisedWork],
    other: bool,
    reference: datetime | None,
) -> str:
    return context.t.plural(
        f"staffing.promised.{'follow_up' if other else 'call_back'}",
        len(works),
        due=f.moment(max(work.due_at for work in works), reference=reference),
        hours=f.number(sum(work.handling_seconds for work in works) / 3600.0, decimals=1),
    )
