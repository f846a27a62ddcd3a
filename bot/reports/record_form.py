"""The form on which contacts are written down while the system is away: CSV, headings only (CR17)."""

from __future__ import annotations

import csv
import io
import re
from typing import Final

from bot.core.record_tables import FORMS

__all__ = ["LANGUAGES", "form_name", "incident_of", "record_form"]

LANGUAGES: Final = ("en", "zh-Hans")
_TABLE: Final = FORMS["s3-1"]
_MORE: Final = {"en": ("queue", "priority"), "zh-Hans": ("队列", "优先级")}
_NAME: Final = re.compile(r"incident-(\d{1,15})-records", re.IGNORECASE)


def record_form(language: str) -> bytes:
    """UTF-8 with the mark by which spreadsheets know it; ``arrived`` (提交时间) is when the customer came.

    >>> record_form("en").decode("utf-8-sig").split(",")[5]
    'arrived'
    """
    headings = _TABLE.headings if language != "en" else tuple(field for field, _ in _TABLE.columns)
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\r\n").writerow([*headings, *_MORE[language]])
    return file.getvalue().encode("utf-8-sig")


def form_name(incident: int, language: str) -> str:
    return f"incident-{incident}-records-{language}.csv"


def incident_of(name: str) -> int | None:
    """The incident a file of this name was written down in; None for any other file.

    >>> incident_of("incident-3-records-en (1).csv"), incident_of("records.csv")
    (3, None)
    """
    found = _NAME.match(name)
    return None if found is None else int(found[1])
