"""`roster.labour` of app.yaml: which packs of labour law a roster is judged by, and how strictly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ConfigDict

from bot.config.document import Document, KeyPath
from bot.config.problems import Problem, nearest
from scheduler.labour.packs import PACKS, LabourPack, Severity, rule_names

__all__ = ["LabourPart", "build_labour", "labour_problems"]


class LabourPart(BaseModel):
    """``severity``: rules taken differently, by ``pack.rule``.  ``contracts``: packs of a contract's own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    packs: list[str] = []
    severity: dict[str, Severity] = {}
    contracts: dict[str, list[str]] = {}


def build_labour(part: LabourPart, contracts: Iterable[str]) -> tuple[LabourPack, ...]:
    """The packs in use, those of all contracts first; names were checked by ``labour_problems``."""
    names = list(dict.fromkeys([*part.packs, *(n for own in part.contracts.values() for n in own)]))
    packs_of = {contract: part.contracts.get(contract, part.packs) for contract in contracts}
    found = []
    for name in names:
        severity = {
            code: taken
            for full, taken in part.severity.items()
            for pack, _, code in [full.partition(".")]
            if pack == name
        }
        holds_for = frozenset(contract for contract, packs in packs_of.items() if name in packs)
        found.append(
            replace(
                PACKS[name].with_severity(severity),
                contracts=None if not part.contracts else holds_for,
            )
        )
    return tuple(found)


def labour_problems(document: Document) -> Iterator[Problem]:
    """Packs, rules and contracts that do not exist."""
    here: KeyPath = ("roster", "labour")
    labour = _at(document.data, here)
    contracts = _at(document.data, ("roster", "contracts"))
    yield from _unknown(document, (*here, "packs"), _list(_at(labour, ("packs",))), tuple(PACKS))
    for name in _names(_at(labour, ("severity",))):
        if name not in rule_names():
            yield _problem(document, (*here, "severity", name), name, rule_names())
    for name, packs in _items(_at(labour, ("contracts",))):
        if name not in _names(contracts):
            yield _problem(document, (*here, "contracts", name), name, _names(contracts))
        yield from _unknown(document, (*here, "contracts", name), _list(packs), tuple(PACKS))


def _unknown(
    document: Document, path: KeyPath, given: list[Any], allowed: tuple[str, ...]
) -> Iterator[Problem]:
    for index, name in enumerate(given):
        if str(name) not in allowed:
            yield _problem(document, (*path, index), str(name), allowed)


def _problem(document: Document, path: KeyPath, name: str, allowed: tuple[str, ...]) -> Problem:
    return document.problem(
        "not_allowed", path, value=name, allowed=allowed, suggestion=nearest(name, allowed)
    )


def _at(data: Any, path: KeyPath) -> Any:
    for key in path:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data


def _list(data: Any) -> list[Any]:
    return data if isinstance(data, list) else []


def _names(data: Any) -> tuple[str, ...]:
    return tuple(name for name, _ in _items(data))


def _items(data: Any) -> list[tuple[str, Any]]:
    return [(str(key), value) for key, value in data.items()] if isinstance(data, Mapping) else []
