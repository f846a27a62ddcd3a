"""`surveys`: answers of customers after the solution, one row each; numbers alone are read (CP7, KS20)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.allowed_text import reference_problem
from bot.core.errors import RefusedError
from bot.core.ids import ContactRef
from bot.core.import_report import ImportReport, Numbered, RefusedRow
from bot.core.satisfaction import RANGES, THREE_VALUES, Satisfaction, Scale, parse_satisfaction
from bot.core.settings import Settings
from bot.core.survey_requests import TOKEN
from bot.core.surveys import SurveyEntry
from bot.imports.clock_changes import ClockNotes
from bot.imports.columns import ASPECTS, SURVEYS
from bot.imports.fields import CellError, parse_instant, parse_number
from bot.imports.reader import Row, read_table
from bot.imports.volumes import known_queue, named_zone

__all__ = ["read_surveys"]

_SCALES: Final[Mapping[str, Scale]] = {
    **{scale.value: scale for scale in Scale},
    "five": Scale.FIVE,
    "1–5": Scale.FIVE,
    "5分": Scale.FIVE,
    "五分制": Scale.FIVE,
    "三档": Scale.THREE,
    "points": Scale.POINTS,
    "百分制": Scale.POINTS,
    "净推荐值": Scale.NPS,
}


def read_surveys(
    data: bytes,
    *,
    source: str,
    settings: Settings,
    zone: str | None = None,
    mapping: Mapping[str, str] | None = None,
) -> tuple[list[Numbered[SurveyEntry]], ImportReport]:
    """Check a file of answers: each names its case or its token, or its date and queue.

    Without a scale the value says it (``4``, ``85 points``, ``NPS 9``, ``satisfied``).  Comments are not
    read.  Raises RefusedError where the file as a whole cannot be used.
    """
    table = read_table(data, SURVEYS, source=source, mapping=mapping)
    tz = named_zone(zone or settings.zone)
    found: list[Numbered[SurveyEntry]] = []
    refused: list[RefusedRow] = []
    clock_notes = ClockNotes(tz)
    read = 0
    for row in table.rows():
        read += 1
        if isinstance(row, RefusedRow):
            refused.append(row)
            continue
        try:
            entry = _entry(row.value, settings, tz, clock_notes)
        except CellError as error:
            unsaid = error.without_value()  # a cell may hold what a customer wrote
            refused.append(RefusedRow(line=row.line, reason=unsaid.reason, data=unsaid.data))
            continue
        found.append(Numbered(line=row.line, value=entry))
    findings = [*table.findings, *clock_notes.findings()]
    report = ImportReport(
        kind="surveys", source=source, read=read, refused=tuple(refused), findings=tuple(findings)
    )
    return found, report


def _entry(row: Row, settings: Settings, tz: ZoneInfo, clock_notes: ClockNotes) -> SurveyEntry:
    ref, token, day, queue = (row.get(name, "") for name in ("case", "token", "answered", "queue"))
    if ref and reference_problem(ref) is not None:
        raise CellError("not_a_reference", column="case")
    if token and not TOKEN.fullmatch(token):
        raise CellError("survey_token")
    if not ref and not token and not (day and queue):
        raise CellError("survey_place")
    satisfaction = _satisfaction(row)
    aspects = {name: _aspect(row, name, satisfaction.scale) for name in ASPECTS if row.get(name)}
    named = known_queue(queue, settings.queues) if queue else None
    at = parse_instant("answered", day, tz) if day else None
    if at is not None:
        clock_notes.note(at)
    return SurveyEntry(
        ref=ContactRef(ref) if ref else None,
        token=token if token and not ref else None,
        queue=named,
        answered_at=None if at is None else at.at,
        satisfaction=satisfaction,
        aspects=aspects,
    )


def _satisfaction(row: Row) -> Satisfaction:
    word, text = row.get("scale", "").casefold(), row["value"]
    if not text:
        raise CellError("empty", column="value")
    if not word:
        try:
            return parse_satisfaction(text)
        except RefusedError:
            raise CellError("survey_scale") from None
    scale = _SCALES.get(word)
    if scale is None:
        raise CellError("survey_scale")
    if scale is Scale.THREE and not text.isdigit():
        try:
            held = parse_satisfaction(text)
        except RefusedError:
            held = None
        if held is None or held.scale is not Scale.THREE:
            raise CellError("survey_value", least=0, most=len(THREE_VALUES) - 1)
        return held
    value = parse_number("value", text, allow_negative=True)
    least, most = RANGES[scale]
    if value != int(value) or not least <= value <= most:
        raise CellError("survey_value", least=least, most=most)
    return Satisfaction(scale=scale, value=int(value))


def _aspect(row: Row, name: str, scale: Scale) -> float:
    value = parse_number(name, row[name], allow_negative=True)
    least, most = RANGES[scale]
    if not least <= value <= most:
        raise CellError("survey_aspect", column=name, least=least, most=most)
    return value
