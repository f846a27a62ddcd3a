"""Snippets from a folder: one Markdown file each, ``LANGUAGE/KEY.md``, headed by a few lines of YAML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import as_file, files
from io import StringIO
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from bot.core.knowledge import Snippet, SnippetKind
from bot.core.privacy import findings

__all__ = ["FOLDERS", "FileProblem", "Knowledge", "read_folder", "shipped", "written"]

FOLDERS: Final[Mapping[str, str]] = {"en": "en", "zh_Hans": "zh-Hans"}
"""Folder of a language to the language."""
_MARK: Final = "---"


class _Head(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1, max_length=80)
    kind: SnippetKind = SnippetKind.PHRASE
    version: str | int | float
    date: date
    words: list[str] = []
    minutes: int | None = Field(default=None, ge=1, le=600)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileProblem:
    """A file that was left out, with the line at fault.  ``kind``: the entry ``knowledge.problem.<kind>``."""

    file: Path
    line: int
    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What could be read, and what could not: one bad file never keeps the others out."""

    snippets: tuple[Snippet, ...]
    problems: tuple[FileProblem, ...]


def written(snippet: Snippet) -> str:
    """The file of a snippet, as `read_folder` reads it."""
    head: dict[str, object] = {
        "title": snippet.title,
        "kind": snippet.kind.value,
        "version": snippet.version,
        "date": snippet.dated,
    }
    if snippet.words:
        head["words"] = list(snippet.words)
    if snippet.minutes is not None:
        head["minutes"] = snippet.minutes
    yaml = YAML(pure=True)
    yaml.allow_unicode = True
    stream = StringIO()
    yaml.dump(head, stream)
    return f"{_MARK}\n{stream.getvalue()}{_MARK}\n\n{snippet.text}\n"


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
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return FileProblem(file=file, line=1, kind="unreadable")
    if not lines or lines[0].strip() != _MARK or _MARK not in [line.strip() for line in lines[1:]]:
        return FileProblem(file=file, line=1, kind="no_head")
    end = next(i for i, line in enumerate(lines[1:], start=1) if line.strip() == _MARK)
    text = "\n".join(lines[end + 1 :]).strip()
    try:
        head = _Head.model_validate(YAML(typ="safe", pure=True).load("\n".join(lines[1:end])) or {})
    except MarkedYAMLError as error:
        line = 2 if error.problem_mark is None else error.problem_mark.line + 2
        return FileProblem(file=file, line=line, kind="no_yaml")
    except YAMLError:
        return FileProblem(file=file, line=2, kind="no_yaml")
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0]) if error.errors()[0]["loc"] else ""
        return FileProblem(file=file, line=_line_of(lines[:end], name), kind="head", detail=name)
    if not text:
        return FileProblem(file=file, line=end + 1, kind="empty")
    personal = next(iter(_personal(lines, end)), None)
    if personal is not None:
        return FileProblem(file=file, line=personal, kind="personal")
    return Snippet(
        key=file.stem,
        kind=head.kind,
        locale=locale,
        title=head.title,
        version=str(head.version),
        dated=head.date,
        text=text,
        words=tuple(head.words),
        minutes=head.minutes,
    )


def _personal(lines: list[str], end: int) -> Iterator[int]:
    """Lines of the text with somebody's data in them: a text for everybody has nobody's."""
    for number, line in enumerate(lines[end + 1 :], start=end + 2):
        if findings(line):
            yield number


def _line_of(lines: list[str], name: str) -> int:
    return next((i for i, line in enumerate(lines, start=1) if line.strip().startswith(f"{name}:")), 2)
