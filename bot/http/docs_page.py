"""GET /docs: the description of the interface as a page that needs no script and no other server."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape

__all__ = ["docs_page"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    name: str
    value: str
    required: bool
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    title: str
    fields: tuple[_Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Endpoint:
    method: str
    path: str
    anchor: str
    summary: str
    description: str
    token: bool
    tables: tuple[_Table, ...]
    example: str
    answers: tuple[str, ...]


def docs_page(schema: Mapping[str, Any]) -> str:
    """An OpenAPI document as HTML."""
    environment = Environment(
        loader=PackageLoader("bot.http", "templates"),
        autoescape=select_autoescape(default=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("docs.html.j2")
    return page.render(title=schema["info"]["title"], endpoints=tuple(_endpoints(schema)))


def _endpoints(schema: Mapping[str, Any]) -> Iterator[_Endpoint]:
    models = schema.get("components", {}).get("schemas", {})
    for path, methods in schema["paths"].items():
        for method, told in methods.items():
            sent = _content(told.get("requestBody", {}))
            tables = [_table("Fields", sent["schema"], models)] if "schema" in sent else []
            answers: Mapping[str, Mapping[str, Any]] = told["responses"]
            good = next((answer for code, answer in answers.items() if code.startswith("2")), {})
            if "schema" in _content(good):
                tables.append(_table("Answer", _content(good)["schema"], models))
            example = sent.get("example")
            yield _Endpoint(
                method=method.upper(),
                path=path,
                anchor=told["operationId"],
                summary=told.get("summary", ""),
                description=told.get("description", ""),
                token=bool(told.get("security")),
                tables=tuple(table for table in tables if table.fields),
                example="" if example is None else json.dumps(example, ensure_ascii=False, indent=2),
                answers=tuple(answers),
            )


def _content(part: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = part.get("content", {}).get("application/json", {})
    return found


def _table(title: str, schema: Mapping[str, Any], models: Mapping[str, Any]) -> _Table:
    # One item or a list of them: the item says what there is.
    schema = _meant(schema.get("oneOf", [schema])[0], models)
    named = {**models, **schema.get("$defs", {})}
    needed = schema.get("required", ())
    return _Table(
        title=title,
        fields=tuple(
            _Field(
                name=name,
                value=_value(field, named),
                required=name in needed,
                meaning=field.get("description", ""),
            )
            for name, field in schema.get("properties", {}).items()
        ),
    )


def _meant(schema: Mapping[str, Any], models: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = models.get(str(schema.get("$ref", "")).rpartition("/")[2], schema)
    return found


def _value(schema: Mapping[str, Any], models: Mapping[str, Any]) -> str:
    """What may stand in a field, in words: its allowed values where they are counted."""
    schema = _meant(schema, models)
    if "anyOf" in schema:
        return " or ".join(_value(one, models) for one in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(str(one) for one in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_value(schema.get('items', {}), models)}"
    return str(schema.get("format") or schema.get("type") or "any")
