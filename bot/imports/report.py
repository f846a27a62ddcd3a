"""An ImportReport in words and as JSON: the same figures."""

from __future__ import annotations

from collections.abc import Mapping
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
            t.text("import.line", line=row.line, reason=_said(f"import.refused.{row.reason}", row.data, t))
        )
    if len(report.refused) > shown:
        lines.append(t.text("import.more_refused", more=len(report.refused) - shown))
    by_code: dict[str, int] = {}
    for finding in report.findings:
        by_code[finding.code] = by_code.get(finding.code, 0) + 1
        if by_code[finding.code] <= shown:
            lines.append("- " + _said(f"import.finding.{finding.code}", finding.data, t))
    lines += [
        "- " + t.text("import.more_findings", more=count - shown)
        for count in by_code.values()
        if count > shown
    ]
    return lines


def _said(key: str, data: Mapping[str, object], t: Translator) -> str:
    """The sentence for these data: cells not repeated, and names nothing is near to, have their own."""
    if "value" not in data and t.has(f"{key}.unsaid"):
        key += ".unsaid"
    if data.get("near", "-") in ("", "-") and t.has(f"{key}.none_near"):
        key += ".none_near"
    return t.text(key, **data)


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
