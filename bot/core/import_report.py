"""ImportReport: what became of a file, row by row, as data; `bot.imports.report` has the words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from bot.core.changes import ChangeCounts

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered(Generic[T_co]):
    """A value and the line of the file it came from (the first line is 1)."""

    line: int
    value: T_co


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """A row that was not taken.  ``reason`` names the catalogue entry, ``data`` fills it."""

    line: int
    reason: str
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something noticed about the file as a whole, or an assumption that was made."""

    code: str
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """``read``: data rows of the file.  ``counts``: what the store took; rows refused are in neither.

    ``kind`` is volumes, contacts, agents, availability, leave, roster, events, surveys or skills.
    """

    kind: str
    source: str
    read: int
    counts: ChangeCounts = field(default_factory=ChangeCounts)
    refused: tuple[RefusedRow, ...] = ()
    findings: tuple[Finding, ...] = ()

    def with_outcome(
        self,
        counts: ChangeCounts,
        refused: tuple[RefusedRow, ...] = (),
        findings: tuple[Finding, ...] = (),
    ) -> ImportReport:
        """The report after the store had its say; refused rows in order of their lines."""
        ordered = sorted((*self.refused, *refused), key=lambda r: r.line)
        return replace(self, counts=counts, refused=tuple(ordered), findings=(*self.findings, *findings))
