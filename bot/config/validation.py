"""From a document to the Pydantic tree, with Pydantic's complaints turned into `Problem`s."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, core_schema

from bot.config.document import Document
from bot.config.model import AppFile
from bot.config.problems import Problem, nearest

__all__ = ["validate"]

_TYPES = {
    "string_type": "text",
    "int_type": "whole_number",
    "int_from_float": "whole_number",
    "float_type": "number",
    "bool_type": "true_false",
    "bool_parsing": "true_false",
    "list_type": "list",
    "dict_type": "mapping",
    "model_type": "mapping",
    "model_attributes_type": "mapping",
}
_PYDANTICS_OWN = frozenset(get_args(core_schema.ErrorType))
_BOUNDS = {
    "greater_than": ("above", "gt"),
    "greater_than_equal": ("at_least", "ge"),
    "less_than": ("below", "lt"),
    "less_than_equal": ("at_most", "le"),
}


def validate(document: Document) -> tuple[AppFile | None, list[Problem]]:
    """The tree, or None with every problem of shape and value (references are checked elsewhere)."""
    try:
        return AppFile.model_validate(document.data), []
    except ValidationError as error:
        return None, [_problem(details, document) for details in error.errors(include_url=False)]


def _problem(details: ErrorDetails, document: Document) -> Problem:
    path = _key_path(details["loc"], document.data)
    kind, context, given = details["type"], details.get("ctx", {}), details.get("input")
    if kind == "extra_forbidden":
        allowed = _keys_at(path[:-1])
        return document.problem(
            "unknown_key", path, key=path[-1], allowed=allowed, suggestion=nearest(path[-1], allowed)
        )
    if kind == "missing":
        return document.problem("missing_key", path, key=path[-1])
    if given is None and kind in {
        *_TYPES,
        "enum",
        "literal_error",
        "duration",
        "duration_range",
        "time",
        "slack_channel",
        "email",
    }:
        return document.problem("no_value", path)
    if kind in {"enum", "literal_error"}:
        allowed = _allowed(context.get("expected", ""))
        return document.problem(
            "not_allowed", path, value=given, allowed=allowed, suggestion=nearest(given, allowed)
        )
    if kind in _TYPES:
        return document.problem(f"expected_{_TYPES[kind]}", path, value=_shown(given))
    if kind in _BOUNDS:
        name, key = _BOUNDS[kind]
        return document.problem(name, path, value=given, bound=context[key])
    if kind in {"too_short", "frozen_set_type"}:
        return document.problem("empty_list", path)
    if details["type"] in _PYDANTICS_OWN:
        return document.problem("invalid", path, value=_shown(given))
    data = {name: value for name, value in context.items() if name not in {"allowed", "suggestion", "given"}}
    allowed = tuple(context.get("allowed", ()))
    suggestion = context.get("suggestion") or (
        nearest(context["given"], allowed) if "given" in context else None
    )
    return document.problem(kind, path, allowed=allowed, suggestion=suggestion, **data)


def _key_path(location: tuple[int | str, ...], data: object) -> tuple[str | int, ...]:
    """Pydantic's location as keys of the file: what it adds (unions, single values as lists) is left out."""
    path: list[str | int] = []
    here: Any = data
    for part in location:
        if isinstance(here, Mapping):
            if part == "[key]":
                break
            path.append(str(part))
            here = next((value for key, value in here.items() if str(key) == str(part)), None)
        elif isinstance(here, list) and isinstance(part, int):
            path.append(part)
            here = here[part] if part < len(here) else None
        elif isinstance(here, list):
            continue  # the name of a union's form
        else:
            break
    return tuple(path)


def _keys_at(path: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys the model allows at a place of the file."""
    annotation: Any = AppFile
    for part in path:
        annotation = _inside(annotation, part)
    return tuple(annotation.model_fields) if _is_model(annotation) else ()


def _inside(annotation: Any, part: str | int) -> Any:
    if _is_model(annotation):
        field = annotation.model_fields.get(str(part))
        return _plain(field.annotation) if field is not None else None
    arguments = get_args(annotation)
    return _plain(arguments[-1]) if arguments else None


def _plain(annotation: Any) -> Any:
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in {Union, types.UnionType}:
        return _plain(next(a for a in get_args(annotation) if a is not type(None)))
    return annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _allowed(expected: str) -> tuple[str, ...]:
    """The words in Pydantic's list: "'en' or 'zh-Hans'"."""
    return tuple(
        word.strip().strip("'") for word in expected.replace(" or ", ", ").split(",") if word.strip()
    )


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."
