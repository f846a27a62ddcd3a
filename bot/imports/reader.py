"""From bytes to rows: encodings (GB18030 too), delimiters, headers in two languages."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from bot.core.errors import RefusedError
from bot.core.import_report import Finding, Numbered, RefusedRow
from bot.imports.columns import Column
from bot.imports.fields import shown

__all__ = ["Row", "Table", "read_table"]

Row = Mapping[str, str]
"""Column name to its text, stripped; a column the file does not have is absent."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = ",;\t，"
_TOO_LONG = 10_000
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_DATA = re.compile(r"\d{6,}|@")
_END = "\x03"
_LINES_OF_A_TEXT = 50
"""How far a quoted text may go on in a column that is not stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file's rows under our column names.  ``ignored``: headers of columns that are not stored."""

    columns: frozenset[str]
    ignored: tuple[str, ...]
    encoding: str
    delimiter: str
    findings: tuple[Finding, ...]
    text: str
    positions: Mapping[str, int]
    header_line: int
    width: int

    def rows(self) -> Iterator[Numbered[Row] | RefusedRow]:
        """Every data row, or why it cannot be one; empty lines are skipped.

        No column of ours has line breaks: a quote that stays open spoils its own line and no other, unless
        the text it opens is a column that is not stored.
        """
        lines = _LINE_ENDS.split(self.text)
        at = self.header_line
        while at < len(lines):
            line, at = at + 1, at + 1
            try:
                values, whole = self._record(lines[line - 1 : line])
                if not whole:
                    joined = self._over_lines(lines, line - 1)
                    if joined is None:
                        yield RefusedRow(line=line, reason="stray_quote")
                        continue
                    values, at = joined
            except csv.Error as error:
                yield RefusedRow(line=line, reason="not_csv", data={"problem": str(error)})
                continue
            if not any(v.strip() for v in values):
                continue
            if len(values) > self.width and any(v.strip() for v in values[self.width :]):
                yield RefusedRow(
                    line=line, reason="too_many_fields", data={"found": len(values), "expected": self.width}
                )
                continue
            if len(values) < self.width and any(p >= len(values) for p in self.positions.values()):
                yield RefusedRow(
                    line=line, reason="too_few_fields", data={"found": len(values), "expected": self.width}
                )
                continue
            if any(len(v) > _TOO_LONG for v in values):
                yield RefusedRow(line=line, reason="too_long", data={"limit": _TOO_LONG})
                continue
            yield Numbered(line=line, value={n: values[p].strip() for n, p in self.positions.items()})

    def _record(self, lines: Sequence[str]) -> tuple[list[str], bool]:
        """The first record of these lines, and whether no quote is left open at their end."""
        given = [*(line + "\n" for line in lines), _END]
        values = next(csv.reader(given, delimiter=self.delimiter))
        return values, not (values and values[-1].endswith(_END))

    def _over_lines(self, lines: Sequence[str], first: int) -> tuple[list[str], int] | None:
        """The record that a quote carries over several lines, and the index after it; None if it is stray.

        It is stray when a line that follows is a row of its own, or its text would be one of our columns.
        """
        for after in range(first + 1, min(len(lines), first + _LINES_OF_A_TEXT)):
            if len(self._record(lines[after : after + 1])[0]) == self.width:
                return None
            values, whole = self._record(lines[first : after + 1])
            if not whole:
                continue
            broken = {i for i, v in enumerate(values) if "\n" in v}
            fits = len(values) == self.width and not broken & set(self.positions.values())
            return (values, after + 1) if fits else None
        return None


def read_table(
    data: bytes, columns: Sequence[Column], *, source: str, mapping: Mapping[str, str] | None = None
) -> Table:
    """Decode a file and find its columns.  ``mapping``: our column name to the file's header.

    Raises RefusedError for an empty file, a workbook, an unreadable encoding or a missing column; the
    whole file is refused then, because no row could be understood.
    """
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise RefusedError("file_empty", f"{source} is empty; nothing was imported.", source=source)
    if data[:2] == b"PK":
        raise RefusedError(
            "file_workbook", f"{source} is a workbook, not CSV; nothing was imported.", source=source
        )
    text, encoding = _decode(data, source)
    lines = _LINE_ENDS.split(text)
    header_line = next(i for i, line in enumerate(lines) if line.strip())
    forced = re.fullmatch(r"sep=(.)", lines[header_line].strip())
    delimiter = forced.group(1) if forced else _delimiter(lines[header_line])
    if forced:
        header_line += 1
    headers = next(csv.reader([lines[header_line]], delimiter=delimiter)) if header_line < len(lines) else []
    headers = [h.strip() for h in headers]
    positions = _positions(columns, headers, mapping or {}, header_line + 1)
    used = set(positions.values())
    ignored = tuple(h for i, h in enumerate(headers) if h and i not in used)
    findings = []
    if encoding not in ("utf-8", "utf-8-sig"):
        findings.append(Finding(code="encoding", data={"encoding": encoding.upper()}))
    if ignored:
        findings.append(Finding(code="columns_ignored", data={"columns": _named(ignored)}))
    return Table(
        columns=frozenset(positions),
        ignored=ignored,
        encoding=encoding,
        delimiter=delimiter,
        findings=tuple(findings),
        text=text,
        positions=positions,
        header_line=header_line + 1,
        width=len(headers),
    )


def _decode(data: bytes, source: str) -> tuple[str, str]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                return data.decode(encoding), encoding
            except UnicodeDecodeError:
                break
    guesses = ["utf-8", "gb18030"]
    start = data[:4096]
    if start.count(b"\x00") * 8 > len(start):
        # Digits and commas have their zero byte second in little endian, first in big endian.
        little = start[1::2].count(b"\x00") > start[0::2].count(b"\x00")
        guesses = ["utf-16-le" if little else "utf-16-be"]
    for encoding in guesses:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text, encoding
    raise RefusedError(
        "file_encoding",
        f"{source} is neither UTF-8, UTF-16 nor GB18030; nothing was imported. Save it as UTF-8 CSV.",
        source=source,
    )


def _delimiter(header: str) -> str:
    bare = re.sub(r'"[^"]*"', "", header)
    return max(_DELIMITERS, key=lambda d: (bare.count(d), -_DELIMITERS.index(d)))


def _key(header: str) -> str:
    return re.sub(r"[\s\-]+", "_", header.strip().lower())


def _named(headers: Sequence[str]) -> str:
    """Headers as they may be repeated: a file without a header has a customer's data in their place."""
    return ", ".join("..." if _DATA.search(h) else shown(h) for h in headers)


def _positions(
    columns: Sequence[Column], headers: Sequence[str], mapping: Mapping[str, str], line: int
) -> dict[str, int]:
    keys = [_key(h) for h in headers]
    known = {c.name for c in columns}
    found: dict[str, int] = {}
    for name, header in mapping.items():
        if name not in known:
            raise RefusedError(
                "map_column",
                f"--map {name}={header}: no column {name!r}; there are {', '.join(c.name for c in columns)}.",
                name=name,
                header=header,
                columns=", ".join(c.name for c in columns),
            )
        if _key(header) not in keys:
            raise RefusedError(
                "map_header",
                f"--map {name}={header}: line {line} has no column {header!r}. Found: {_named(headers)}.",
                name=name,
                header=header,
                line=line,
                found=_named(headers),
            )
        found[name] = keys.index(_key(header))
    for column in columns:
        if column.name in found:
            continue
        for candidate in (column.name, *column.aliases):
            if candidate in keys and keys.index(candidate) not in found.values():
                found[column.name] = keys.index(candidate)
                break
    for column in columns:
        if column.required and column.name not in found:
            likely = get_close_matches(column.name, keys, n=1, cutoff=0.5)
            unused = [h for i, h in enumerate(headers) if h and i not in found.values()]
            example = headers[keys.index(likely[0])] if likely else (unused[0] if unused else "HEADER")
            example = _named([example])
            found_headers = _named(headers)
            raise RefusedError(
                "column_missing",
                f"Line {line}: no column {column.name!r}. Found: {found_headers}. "
                f"Map with --map {column.name}={example}.",
                line=line,
                column=column.name,
                found=found_headers,
                example=example,
            )
    return found
