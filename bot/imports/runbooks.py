"""Runbooks from a folder: one Markdown file each, ``LANGUAGE/SCENARIO.md``, headed by YAML (ES8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from bot.core.privacy import FindingKind, findings
from bot.core.runbooks import LONGEST_STEP, Runbook, RunbookContact, RunbookStep
from bot.imports.front_matter import FOLDERS, FileProblem, Headed, personal_line, read_headed

__all__ = ["FOLDERS", "FileProblem", "Runbooks", "known_runbooks", "read_folder", "shipped"]

_CODE = r"^[A-Za-z][A-Za-z0-9_-]*$"
_REACHED = frozenset({FindingKind.PHONE, FindingKind.EMAIL})
"""What may stand in the head: whoever is called in an emergency is called by number."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Step(_Part):
    do: str = Field(min_length=1, max_length=LONGEST_STEP)
    role: str | None = Field(default=None, min_length=1, max_length=40)
    owner: str | None = Field(default=None, min_length=1, max_length=80)
    minutes: int | None = Field(default=None, ge=1, le=1440)


class _Contact(_Part):
    name: str = Field(min_length=1, max_length=60)
    reach: str = Field(min_length=1, max_length=100)


class _Head(_Part):
    title: str = Field(min_length=1, max_length=60)
    version: str | int | float
    date: date
    words: list[str] = []
    steps: list[_Step] = Field(min_length=1, max_length=12)
    contacts: list[_Contact] = Field(default=[], max_length=10)
    exception: str | None = Field(default=None, pattern=_CODE, max_length=32)
    exception_minutes: int = Field(default=240, ge=5, le=20_160)
    notice: str = Field(default="", max_length=1_500)
    cases: int = Field(default=3, ge=0, le=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbooks:
    """What could be read, and what could not: one bad file never keeps the others out."""

    runbooks: tuple[Runbook, ...]
    problems: tuple[FileProblem, ...]


def known_runbooks(folder: str | None) -> Runbooks:
    """Those of the folder app.yaml names, else the example pack."""
    return shipped() if folder is None else read_folder(Path(folder))


def shipped() -> Runbooks:
    """The example pack, in both languages."""
    with as_file(files("bot.runbooks")) as folder:
        return read_folder(folder)


def read_folder(folder: Path) -> Runbooks:
    """Every runbook below ``folder``, by scenario; files are read again only when they change."""
    found: list[Runbook] = []
    problems: list[FileProblem] = []
    for name, locale in FOLDERS.items():
        for file in sorted((folder / name).glob("*.md")):
            read = _read(file, locale, file.stat().st_mtime_ns)
            if isinstance(read, Runbook):
                found.append(read)
            else:
                problems.append(read)
    return Runbooks(runbooks=tuple(sorted(found, key=lambda r: (r.key, r.locale))), problems=tuple(problems))


@lru_cache(maxsize=500)
def _read(file: Path, locale: str, _changed: int) -> Runbook | FileProblem:
    read = read_headed(file, _Head)
    if isinstance(read, FileProblem):
        return read
    head, headed = read
    personal = _personal_in_head(headed) or personal_line(headed)
    if personal is not None:
        return FileProblem(file=file, line=personal, kind="personal")
    return Runbook(
        key=file.stem,
        locale=locale,
        title=head.title,
        version=str(head.version),
        dated=head.date,
        text=headed.text,
        steps=tuple(
            RunbookStep(do=step.do.strip(), role=step.role, owner=step.owner, minutes=step.minutes)
            for step in head.steps
        ),
        words=tuple(head.words),
        contacts=tuple(RunbookContact(name=c.name, reach=c.reach) for c in head.contacts),
        exception=head.exception,
        exception_minutes=head.exception_minutes,
        notice=head.notice.strip(),
        cases=head.cases,
    )


def _personal_in_head(headed: Headed) -> int | None:
    for number, line in enumerate(headed.lines[1 : headed.end], start=2):
        if {finding.kind for finding in findings(line)} - _REACHED:
            return number
    return None
