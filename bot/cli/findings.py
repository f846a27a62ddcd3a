"""How a finding of a check is printed: its sign, its sentence, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import click

from bot.i18n.catalog import Translator
from bot.usecases.audit import Finding, Verdict

__all__ = ["echo", "remedy"]

_SIGNS: Final[Mapping[Verdict, str]] = MappingProxyType(
    {Verdict.OK: "✓", Verdict.WRONG: "✗", Verdict.NOT_YET: "–"}
)


def remedy(finding: Finding, under: str, t: Translator) -> str | None:
    """What to do about it, from the entry ``under.<kind>.fix``; None where there is nothing to do."""
    key = f"{under}.{finding.kind}.fix"
    return t.text(key, **finding.data) if t.has(key) else None


def echo(finding: Finding, under: str, t: Translator) -> None:
    """Its sentence, from the entry ``under.<kind>``, with the remedy below it."""
    click.echo(f"{_SIGNS[finding.verdict]} {t.text(f'{under}.{finding.kind}', **finding.data)}")
    fix = remedy(finding, under, t)
    if fix is not None:
        click.echo(f"    → {fix}")
