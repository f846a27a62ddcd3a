"""Markdown files headed by a few lines of YAML; what cannot be read is named with its line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from bot.core.privacy import findings

__all__ = ["FOLDERS", "FileProblem", "Headed", "personal_line", "read_headed"]

FOLDERS: Final = {"en": "en", "zh_Hans": "zh-Hans"}
"""Folder of a language to the language."""
_MARK: Final = "---"

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileProblem:
    """A file that was left out, with the line at fault.

    ``kind``: the entry ``knowledge.problem.<kind>``; ``detail``: the key at fault, such as ``steps[2].do``.
    """

    file: Path
    line: int
    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headed:
    """The lines of a file; the head ends before ``lines[end]``, ``text`` is what stands below it."""

    lines: tuple[str, ...]
    end: int
    text: str


def read_headed(file: Path, model: type[M]) -> tuple[M, Headed] | FileProblem:
    """The head as ``model`` checks it, and the text below; a text of nothing is a problem."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return FileProblem(file=file, line=1, kind="unreadable")
    if not lines or lines[0].strip() != _MARK or _MARK not in [line.strip() for line in lines[1:]]:
        return FileProblem(file=file, line=1, kind="no_head")
    end = next(i for i, line in enumerate(lines[1:], start=1) if line.strip() == _MARK)
    source = "\n".join(lines[1:end])
    try:
        head = model.model_validate(YAML(typ="safe", pure=True).load(source) or {})
    except MarkedYAMLError as error:
        line = 2 if error.problem_mark is None else error.problem_mark.line + 2
        return FileProblem(file=file, line=line, kind="no_yaml")
    except YAMLError:
        return FileProblem(file=file, line=2, kind="no_yaml")
    except ValidationError as error:
        place = error.errors()[0]["loc"]
        return FileProblem(file=file, line=_line_of(source, place), kind="head", detail=_spoken(place))
    text = "\n".join(lines[end + 1 :]).strip()
    if not text:
        return FileProblem(file=file, line=end + 1, kind="empty")
    return head, Headed(lines=tuple(lines), end=end, text=text)


def personal_line(headed: Headed) -> int | None:
    """The first line of the text with somebody's data in it: a text for everybody has nobody's."""
    return next(_personal(headed), None)


def _personal(headed: Headed) -> Iterator[int]:
    for number, line in enumerate(headed.lines[headed.end + 1 :], start=headed.end + 2):
        if findings(line):
            yield number


def _line_of(source: str, place: Sequence[int | str]) -> int:
    """The line, in the file, of the key or list item at ``place``, or of the nearest above it."""
    node: Any = YAML(typ="safe", pure=True).compose(source)
    line = 2
    for part in place:
        node, found = _inside(node, part)
        if found is None:
            break
        line = found + 2
    return line


def _inside(node: Node | None, part: int | str) -> tuple[Node | None, int | None]:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return value, key.start_mark.line
    elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
        item = node.value[part]
        return item, item.start_mark.line
    return None, None


def _spoken(place: Sequence[int | str]) -> str:
    said = ""
    for part in place:
        said += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if said else part
    return said
