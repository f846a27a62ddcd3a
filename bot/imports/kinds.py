"""Which kind of file this is, by its columns and, where several fit, by its name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.core.errors import RefusedError
from bot.imports.columns import KINDS
from bot.imports.reader import Table, read_table

__all__ = ["kind_of"]

_NAMED: Mapping[str, str] = MappingProxyType(
    {
        "来量": "volumes",
        "联络": "contacts",
        "客服": "agents",
        "可上班": "availability",
        "休假": "leave",
        "排班": "roster",
        "班表": "roster",
        "活动": "events",
        "事件": "events",
        "调查": "surveys",
        "满意度": "surveys",
        "技能": "skills",
    }
)


def kind_of(data: bytes, *, source: str) -> str:
    """The kind a file is named after, where its columns fit; else the kind that leaves the fewest out.

    Raises RefusedError: what is wrong with the file named after a kind, else ``kind_unknown``.
    """
    named = _named(source)
    fitting: dict[str, Table] = {}
    problem: RefusedError | None = None
    for kind, columns in KINDS.items():
        try:
            fitting[kind] = read_table(data, columns, source=source)
        except RefusedError as error:
            if error.kind != "column_missing":
                raise
            if kind == named:
                problem = error
    if named in fitting:
        return named
    if problem is not None:
        raise problem
    if not fitting:
        known = ", ".join(KINDS)
        raise RefusedError(
            "kind_unknown",
            f"The columns of {source} are those of no file Muster reads; nothing was imported. Name it after "
            f"what it holds ({known}), and what is missing will be said.",
            source=source,
            known=known,
        )
    return min(fitting, key=lambda kind: (len(fitting[kind].ignored), -len(fitting[kind].columns)))


def _named(source: str) -> str:
    """The kind in a file's name; empty where there is none."""
    name = source.casefold()
    for kind in KINDS:
        if kind in name or kind.removesuffix("s") in name:
            return kind
    return next((kind for word, kind in _NAMED.items() if word in name), "")
