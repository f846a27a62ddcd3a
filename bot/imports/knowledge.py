"""Snippets from a folder: one Markdown file each, ``LANGUAGE/KEY.md``, headed by a few lines of YAML."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from bot.core.knowledge import Snippet, SnippetKind
from bot.imports.front_matter import FOLDERS, FileProblem, personal_line, read_headed

__all__ = ["FOLDERS", "FileProblem", "Knowledge", "read_folder", "shipped"]


class _Head(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1, max_length=80)
    kind: SnippetKind = SnippetKind.PHRASE
    version: str | int | float
    date: date
    words: list[str] = []
    minutes: int | None = Field(default=None, ge=1, le=600)


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What could be read, and what could not: one bad file never keeps the others out."""

    snippets: tuple[Snippet, ...]
    problems: tuple[FileProblem, ...]


def shipped() -> Knowledge:
    """The example pack, in both languages."""
    with as_file(files("bot.knowledge")) as folder:
        return read_folder(folder)


def read_folder(folder: Path) -> Knowledge:
    """Every snippet below ``folder``, by key; files are read again only when they change."""
    snippets: list[Snippet] = []
    problems: list[FileProblem] = []
    for name, locale in FOLDERS.items():
        for file in sorted((folder / name).glob("*.md")):
            read = _read(file, locale, file.stat().st_mtime_ns)
            if isinstance(read, Snippet):
                snippets.append(read)
            else:
                problems.append(read)
    return Knowledge(
        snippets=tuple(sorted(snippets, key=lambda s: (s.key, s.locale))), problems=tuple(problems)
    )


@lru_cache(maxsize=2_000)
def _read(file: Path, locale: str, _changed: int) -> Snippet | FileProblem:
    read = read_headed(file, _Head)
    if isinstance(read, FileProblem):
        return read
    head, headed = read
    personal = personal_line(headed)
    if personal is not None:
        return FileProblem(file=file, line=personal, kind="personal")
    return Snippet(
        key=file.stem,
        kind=head.kind,
        locale=locale,
        title=head.title,
        version=str(head.version),
        dated=head.date,
        text=headed.text,
        words=tuple(head.words),
        minutes=head.minutes,
    )
