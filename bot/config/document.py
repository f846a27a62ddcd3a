"""A YAML file as plain data, with the line of every key, and with every duplicate key found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.config.problems import Problem, SettingsRefusedError

__all__ = ["Document", "KeyPath", "read_document"]

KeyPath = tuple[str | int, ...]

_MERGE = "tag:yaml.org,2002:merge"
_STANDARD = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """``data`` is dicts, lists and scalars; ``lines`` the line (from 1) of each key and list item."""

    file: Path
    data: Mapping[object, object]
    lines: Mapping[KeyPath, int]
    problems: tuple[Problem, ...] = ()

    def line_of(self, path: Sequence[str | int]) -> int | None:
        """Line of the key, or of the nearest key above it that is in the file."""
        for length in range(len(path), 0, -1):
            line = self.lines.get(tuple(path[:length]))
            if line is not None:
                return line
        return None

    def problem(
        self,
        kind: str,
        path: Sequence[str | int],
        /,
        *,
        allowed: tuple[str, ...] = (),
        suggestion: str | None = None,
        **data: object,
    ) -> Problem:
        """A problem at this key."""
        return Problem(
            kind=kind,
            file=self.file,
            line=self.line_of(path),
            path=_spoken(path),
            data=data,
            allowed=allowed,
            suggestion=suggestion,
        )


def read_document(file: Path) -> Document:
    """Read a file that is one YAML mapping.

    Duplicate keys and unreadable values are listed in ``problems``.  Raises SettingsRefusedError where
    there is nothing to check at all: no file, not UTF-8, not YAML, empty, or no mapping.
    """
    text = _read_text(file)
    yaml = YAML(typ="safe", pure=True)
    try:
        root = yaml.compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else None
        lines = text.splitlines()
        tabbed = line is not None and line <= len(lines) and "\t" in _indentation(lines[line - 1])
        kind = "tab" if tabbed else "syntax"
        reason = {} if tabbed else {"reason": error.problem or error.context or "not YAML"}
        raise SettingsRefusedError([Problem(kind=kind, file=file, line=line, data=reason)]) from None
    except RecursionError:
        reason = {"reason": "nested too deeply"}
        raise SettingsRefusedError([Problem(kind="syntax", file=file, data=reason)]) from None
    except YAMLError as error:
        reason = {"reason": str(error).splitlines()[0]}
        raise SettingsRefusedError([Problem(kind="syntax", file=file, data=reason)]) from None
    if root is None or (isinstance(root, ScalarNode) and not root.value.strip()):
        raise SettingsRefusedError([Problem(kind="empty_file", file=file)])
    if not isinstance(root, MappingNode):
        raise SettingsRefusedError([Problem(kind="no_mapping", file=file, line=1)])
    reader = _Reader(file=file, yaml=yaml)
    data = reader.mapping(root, (), ())
    return Document(file=file, data=data, lines=reader.lines, problems=tuple(reader.problems))


def _read_text(file: Path) -> str:
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        raise SettingsRefusedError([Problem(kind="no_file", data={"file": file})]) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsRefusedError(
            [Problem(kind="unreadable", data={"file": file, "reason": reason})]
        ) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise SettingsRefusedError([Problem(kind="encoding", file=file, line=line)]) from None


def _indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _spoken(path: Sequence[str | int]) -> str:
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Walks the nodes once; the loader itself would stop at the first duplicate and forget the lines."""

    file: Path
    yaml: YAML
    lines: dict[KeyPath, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def mapping(self, node: MappingNode, path: KeyPath, above: tuple[Node, ...]) -> dict[object, object]:
        result: dict[object, object] = {}
        merged: dict[object, object] = {}
        first_line: dict[object, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if key_node.tag == _MERGE:
                merged.update(self._merged(value_node, path, (*above, node)))
                continue
            key = self.key(key_node)
            here = (*path, str(key))
            if key in first_line:
                self._note("duplicate_key", line, here, key=key, first=first_line[key])
                continue
            first_line[key] = line
            self.lines[here] = line
            result[key] = self.value(value_node, here, (*above, node))
        return {**merged, **result}

    def key(self, node: Node) -> object:
        """A key that cannot be read (30 February) stays text: whoever expects a date says so."""
        if not isinstance(node, ScalarNode):
            return str(node.tag)
        try:
            return self.yaml.constructor.construct_object(node)
        except (ValueError, YAMLError):
            return node.value

    def value(self, node: Node, path: KeyPath, above: tuple[Node, ...]) -> object:
        if any(node is parent for parent in above):
            self._note("circular", node.start_mark.line + 1, path)
            return None
        if isinstance(node, MappingNode):
            return self.mapping(node, path, above)
        if isinstance(node, SequenceNode):
            items = []
            for index, item in enumerate(node.value):
                here = (*path, index)
                self.lines[here] = item.start_mark.line + 1
                items.append(self.value(item, here, (*above, node)))
            return items
        return self.scalar(node, path)

    def scalar(self, node: Node, path: KeyPath) -> object:
        if not (node.tag or "").startswith(_STANDARD):
            self._note("tag", node.start_mark.line + 1, path, tag=node.tag)
            return node.value
        try:
            return self.yaml.constructor.construct_object(node)
        except (ValueError, YAMLError) as error:
            self._note("value", node.start_mark.line + 1, path, value=node.value, reason=str(error))
            return node.value

    def _merged(self, node: Node, path: KeyPath, above: tuple[Node, ...]) -> dict[object, object]:
        parts = node.value if isinstance(node, SequenceNode) else [node]
        result: dict[object, object] = {}
        for part in reversed(parts):
            value = self.value(part, path, above)
            if isinstance(value, dict):
                result.update(value)
        return result

    def _note(self, kind: str, line: int, path: KeyPath, /, **data: object) -> None:
        self.problems.append(Problem(kind=kind, file=self.file, line=line, path=_spoken(path), data=data))
