"""An ImportReport in words and as JSON: the same figures."""

from __future__ import annotations

from typing import Any

from bot.core.import_report import ImportReport
from bot.i18n.catalog import Translator

__all__ = ["report_json", "report_lines"]

SHOWN = 20
"""Refused rows and findings of one kind printed on screen; JSON has all of them."""


def report_lines(report: ImportReport, t: Translator, *, shown: int = SHOWN) -> list[str]:
    """What happened to the file, refused rows by line, then what was noticed and assumed."""
    lines = [
        t.text(
            "import.summary",
            source=report.source,
            read=report.read,
            new=report.counts.new,
            changed=report.counts.changed,
            unchanged=report.counts.unchanged,
            refused=len(report.refused),
        )
    ]
    for row in report.refused[:shown]:
        lines.append(
            t.text("import.line", line=row.line, reason=t.text(f"import.refused.{row.reason}", **row.data))
        )
    if len(report.refused) > shown:
        lines.append(t.text("import.more_refused", more=len(report.refused) - shown))
    by_code: dict[str, int] = {}
    for finding in report.findings:
        by_code[finding.code] = by_code.get(finding.code, 0) + 1
        if by_code[finding.code] <= shown:
            lines.append("- " + t.text(f"import.finding.{finding.code}", **finding.data))
    lines += [
        "- " + t.text("import.more_findings", more=count - shown)
        for count in by_code.values()
        if count > shown
    ]
    return lines


def report_json(report: ImportReport) -> dict[str, Any]:
    """Everything in the report; codes do not change, sentences may."""
    return {
        "kind": report.kind,
        "source": report.source,
        "read": report.read,
        "new": report.counts.new,
        "changed": report.counts.changed,
        "unchanged": report.counts.unchanged,
        "refused": [{"line": r.line, "reason": r.reason, **r.data} for r in report.refused],
        "findings": [{"code": f.code, **f.data} for f in report.findings],
    }
