"""What came of certified peaks, and how true certificates are, as lines for a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.cli.context import CliContext
from bot.cli.planning import table
from bot.i18n.formats import Formats

if TYPE_CHECKING:
    from bot.core.certificate_calibration import Calibration, PeakOutcome


def outcome_lines(context: CliContext, found: Sequence[PeakOutcome]) -> list[str]:
    """One line per peak: promised, expected, came, in time."""
    t, zone = context.t, context.settings.zone
    f = Formats(t.locale, zone)
    rows = [
        [
            outcome.queue,
            f"{f.moment(outcome.start)}–{f.moment(outcome.end, reference=outcome.start)}",
            f.number(outcome.promised, decimals=2),
            f.number(outcome.expected_contacts, decimals=0),
            str(outcome.contacts),
            "-" if outcome.share is None else f.percent(outcome.share),
            t.text("plan.peaks.held" if outcome.held else "plan.peaks.missed"),
        ]
        for outcome in found
    ]
    head = [
        t.text(f"plan.peaks.head_{name}")
        for name in ("queue", "peak", "promised", "expected", "came", "in_time", "target")
    ]
    held = sum(outcome.held for outcome in found)
    return [*table(head, rows), "", t.text("plan.peaks.sum", held=held, peaks=len(found))]


def outcome_json(found: Sequence[PeakOutcome]) -> list[dict[str, Any]]:
    return [
        {
            "roster": outcome.roster,
            "queue": outcome.queue,
            "start": outcome.start.isoformat(),
            "end": outcome.end.isoformat(),
            "promised": outcome.promised,
            "target_share": outcome.target_share,
            "expected_contacts": outcome.expected_contacts,
            "contacts": outcome.contacts,
            "in_time": outcome.in_time,
            "held": outcome.held,
        }
        for outcome in found
    ]


def calibration_lines(context: CliContext, found: Calibration) -> list[str]:
    """A row per range of promises, the weeks, and what it means."""
    t = context.t
    f = Formats(t.locale, context.settings.zone)
    whole = found.whole
    assert whole is not None
    head = [
        t.text(f"plan.calibration.head_{name}") for name in ("range", "peaks", "promised", "held", "interval")
    ]
    rows = [
        [
            f"{f.number(b.low, decimals=2)}–{f.number(b.high, decimals=2)}",
            str(b.peaks),
            f.number(b.promised, decimals=2),
            f.percent(b.share_held),
            f"{f.percent(b.interval[0])}–{f.percent(b.interval[1])}",
        ]
        for b in found.bins
    ]
    lines = [*table(head, rows), ""]
    lines += [
        t.text("plan.calibration.week", week=f.day(monday), held=held, peaks=peaks)
        for monday, peaks, held in found.weeks
    ]
    lines += [
        "",
        t.text(
            f"plan.calibration.{found.verdict.value}",
            promised=f.number(whole.promised, decimals=2),
            held=f.percent(whole.share_held),
            peaks=whole.peaks,
        ),
    ]
    if found.assumed_error is not None and found.seen_error is not None:
        seen, assumed = f.percent(found.seen_error), f.percent(found.assumed_error)
        proposed = found.proposed_error
        if proposed is None:
            lines.append(t.text("plan.calibration.error", seen=seen, assumed=assumed))
        else:
            lines.append(
                t.text(
                    "plan.calibration.underestimated",
                    promised=f.number(whole.promised, decimals=2),
                    held=f.percent(whole.share_held),
                    seen=seen,
                    assumed=assumed,
                    proposed=f.percent(proposed),
                    key=f"staffing.volume_error: {proposed:g}",
                )
            )
    if found.busier is not None and found.as_busy is not None:
        lines.append(
            t.text(
                "plan.calibration.volume",
                failed=f.percent(found.busier),
                held=f.percent(found.as_busy),
            )
        )
    return lines


def calibration_json(found: Calibration) -> dict[str, Any]:
    return {
        "verdict": found.verdict.value,
        "bins": [
            {
                "low": b.low,
                "high": b.high,
                "peaks": b.peaks,
                "promised": b.promised,
                "held": b.held,
                "interval": list(b.interval),
            }
            for b in found.bins
        ],
        "weeks": [
            {"monday": monday.isoformat(), "peaks": peaks, "held": held}
            for monday, peaks, held in found.weeks
        ],
        "volume_error_assumed": found.assumed_error,
        "volume_error_seen": found.seen_error,
        "volume_error_proposed": found.proposed_error,
        "contacts_over_expected_where_failed": found.busier,
        "contacts_over_expected_where_held": found.as_busy,
    }
