"""Receipts of labour law as lines for a terminal, from the same data as their JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from bot.cli.context import CliContext
from bot.cli.planning import table
from bot.i18n.formats import Formats

if TYPE_CHECKING:
    from bot.usecases.labour_receipts import StateChange

SHOWN = 5
_STATES = ("broken", "warning", "kept", "not_covered")
_COUNTED = {"us-ca.rest_breaks": "pauses", "us-ca.day_of_rest": "days"}
"""Rules whose amounts are not hours."""
_OWED = frozenset({"cn.holiday_work", "cn.overtime_pay"})
"""Rules that name hours to be paid; there is no limit to set beside them."""


def summary_line(context: CliContext, report: Mapping[str, Any]) -> str:
    """``labour: cn 7 kept, 1 warning, 2 not covered``."""
    t = context.t
    parts = []
    for pack in report["packs"]:
        counts = [
            t.text(f"labour.count.{state}", n=pack["counts"][state])
            for state in _STATES
            if pack["counts"][state]
        ]
        parts.append(f"{pack['pack']} {t.text('labour.comma').join(counts)}")
    line = t.text("labour.summary", packs=t.text("labour.semicolon").join(parts))
    if report["outside"]:
        line += t.text("labour.semicolon") + t.plural("labour.outside_short", len(report["outside"]))
    return line


def labour_lines(context: CliContext, report: Mapping[str, Any], *, everybody: bool = False) -> list[str]:
    """The law table with each rule's state, where it was judged, and what no pack covers."""
    t = context.t
    f = Formats(t.locale, context.settings.zone)
    lines: list[str] = []
    for pack in report["packs"]:
        version = f.day(date.fromisoformat(pack["version"]), year=True)
        lines += ["", t.text("labour.pack", pack=pack["pack"], name=_pack_name(context, pack), day=version)]
        for rule in pack["rules"]:
            lines += _rule_lines(context, f, rule, None if everybody else SHOWN)
        lines += [f"  - {t.text('labour.silent', what=t.text(f'labour.case.{c}'))}" for c in pack["silent"]]
    if report["outside"]:
        lines += ["", "! " + t.text("labour.outside", agents=", ".join(report["outside"]))]
    return [*lines, ""]


def ledger_lines(context: CliContext, report: Mapping[str, Any]) -> list[str]:
    """Overtime per person and month: used and left; those without any are counted only."""
    t = context.t
    f = Formats(t.locale, context.settings.zone)
    entries = report["overtime"]
    used = [e for e in entries if e["hours"]]
    rows = [
        [
            e["agent"],
            e["month"],
            ("" if e["complete"] else ">= ") + f.number(e["hours"], decimals=2),
            "-" if e["left"] is None else f.number(e["left"], decimals=2),
        ]
        for e in sorted(used, key=lambda e: (e["month"], -e["hours"], e["agent"]))
    ]
    header = [t.text(f"labour.overtime.{name}") for name in ("agent", "month", "used", "left")]
    lines = [t.text("labour.overtime.title"), *table(header, rows)]
    idle = len({e["agent"] for e in entries} - {e["agent"] for e in used})
    if idle:
        lines.append(t.plural("labour.overtime.none", idle))
    if any(not e["complete"] for e in entries):
        lines.append(t.text("labour.overtime.incomplete"))
    return [*lines, ""]


def change_lines(context: CliContext, changed: Iterable[StateChange]) -> list[str]:
    """What stands differently than in the receipt kept at publication."""
    t = context.t
    lines = [
        t.text(
            "labour.changed",
            rule=c.rule,
            before=t.text(f"labour.state.{c.before}"),
            now=t.text(f"labour.state.{c.now}"),
        )
        for c in changed
    ]
    return [*lines, ""] if lines else []


def _pack_name(context: CliContext, pack: Mapping[str, Any]) -> str:
    return context.t.text(f"labour.name.{pack['pack'].replace('-', '_')}")


def _rule_lines(context: CliContext, f: Formats, rule: Mapping[str, Any], shown: int | None) -> list[str]:
    t = context.t
    key = rule["rule"].replace("-", "_")
    severity = t.text(f"labour.severity.{rule['severity']}")
    what = t.text(f"labour.rule.{key}")
    state = rule["state"]
    mark = "! " if state == "broken" else "  "
    head = t.text("labour.rule", rule=rule["rule"], what=what, severity=severity)
    if state is not None:
        head = t.text("labour.judged", state=t.text(f"labour.state.{state}"), rule=head)
    lines = [mark + head, "      " + t.text("labour.source", source=t.text(f"labour.law.{key}"))]
    if state is None:
        return lines
    findings = rule["findings"]
    for found in findings[:shown]:
        data = {
            "agent": found["agent"],
            "day": f.day(date.fromisoformat(found["date"])),
            "amount": f.number(found["amount"], decimals=2),
            "limit": f.number(found["limit"], decimals=2),
        }
        unit = "owed" if rule["rule"] in _OWED else _COUNTED.get(rule["rule"], "hours")
        lines.append("      " + t.text(f"labour.found.{unit}", **data))
    if shown is not None and len(findings) > shown:
        lines.append("      " + t.plural("labour.more", len(findings) - shown))
    for gap in rule["not_covered"]:
        reason = t.text(f"labour.reason.{gap['reason']}")
        lines.append("      " + t.plural("labour.gap", len(gap["agents"]), reason=reason))
    if rule["reason"] is not None:
        lines.append("      " + t.text(f"labour.reason.{rule['reason']}"))
    return lines
