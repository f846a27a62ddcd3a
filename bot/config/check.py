"""Cross references of app.yaml: every name that is used must be defined, and the parts must agree.

Works on the plain data, so that references are checked even where a value elsewhere is wrong: the
operator sees everything at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bot.config.activities_part import activity_problems
from bot.config.connectors_part import unknown_connectors
from bot.config.document import Document, KeyPath
from bot.config.labour_part import labour_problems
from bot.config.on_shift_part import on_shift_problems
from bot.config.problems import Problem, nearest
from scheduler.roster.shifts import RESERVED_ACTIVITIES

__all__ = ["REFERENCES", "check_references"]

REFERENCES: Final = (
    (("teams", "*", "calendar"), ("calendars",)),
    (("teams", "*", "escalation"), ("escalation",)),
    (("queues", "*", "team"), ("teams",)),
    (("teams", "*", "goals", "*", "queue"), ("queues",)),
    (("surveys", "queues", "*"), ("queues",)),
    (("queues", "*", "calendar"), ("calendars",)),
    (("queues", "*", "target"), ("staffing", "targets")),
    (("sla", "policies", "*", "calendar"), ("calendars",)),
    (("connectors", "*", "queue"), ("queues",)),
    (("connectors", "*", "queues", "*"), ("queues",)),
    (("incidents", "drills", "*", "team"), ("teams",)),
    (("roster", "contracts", "*", "templates", "*"), ("roster", "templates")),
    (("roster", "contracts", "*", "most_shifts", "*", "templates", "*"), ("roster", "templates")),
    (("roster", "rules", "never_after", "*", "after"), ("roster", "templates")),
    (("roster", "rules", "never_after", "*", "never", "*"), ("roster", "templates")),
    (("roster", "rules", "presence", "*", "queues", "*"), ("queues",)),
)
"""Where a name is used (``*``: any key or item) and where it must be defined."""

_CONDITIONS: Final = ("channel", "type", "priority", "tier", "tag", "days", "hours")
_ROLES: Final = ("admins", "planners", "leads")


def check_references(document: Document) -> list[Problem]:
    """Every broken reference and contradiction between parts of the file."""
    return [
        *_broken_references(document),
        *_reserved_queues(document),
        *_roles_given_twice(document),
        *_policies_alike(document),
        *_concurrency_of_calls(document),
        *_watched_queues(document),
        *unknown_connectors(document),
        *labour_problems(document),
        *activity_problems(document),
        *on_shift_problems(document),
    ]


def _broken_references(document: Document) -> Iterator[Problem]:
    for pattern, home in REFERENCES:
        defined = _names(_at(document.data, home))
        for path, name in _matches(document.data, pattern):
            if isinstance(name, (str, int)) and str(name) not in defined:
                yield document.problem(
                    "unknown_name",
                    path,
                    value=name,
                    home=".".join(home),
                    allowed=defined,
                    suggestion=nearest(name, defined),
                )


def _reserved_queues(document: Document) -> Iterator[Problem]:
    for name in _names(_at(document.data, ("queues",))):
        if name in RESERVED_ACTIVITIES:
            yield document.problem(
                "reserved_queue", ("queues", name), name=name, reserved=", ".join(sorted(RESERVED_ACTIVITIES))
            )


def _roles_given_twice(document: Document) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for role in _ROLES:
        for path, address in _matches(document.data, ("people", role, "*")):
            key = str(address).strip().lower()
            if key in seen:
                yield document.problem("role_twice", path, value=address, role=seen[key])
            seen.setdefault(key, role)


def _policies_alike(document: Document) -> Iterator[Problem]:
    """Two rows with one name or the same conditions: no rule could choose between them."""
    names: dict[str, int] = {}
    conditions: dict[object, str] = {}
    for path, policy in _matches(document.data, ("sla", "policies", "*")):
        if not isinstance(policy, Mapping):
            continue
        name = str(policy.get("name"))
        if name in names:
            yield document.problem("policy_name_twice", (*path, "name"), value=name)
        names[name] = 1
        condition = tuple(_as_set(policy.get(key)) for key in _CONDITIONS)
        if condition in conditions:
            yield document.problem("policies_alike", path, name=name, other=conditions[condition])
        conditions.setdefault(condition, name)


def _concurrency_of_calls(document: Document) -> Iterator[Problem]:
    for path, queue in _matches(document.data, ("queues", "*")):
        if isinstance(queue, Mapping) and queue.get("channel") not in ("chat", "app"):
            concurrency = queue.get("concurrency", 1)
            if isinstance(concurrency, int) and concurrency > 1:
                yield document.problem("concurrency", (*path, "concurrency"), value=concurrency)


def _watched_queues(document: Document) -> Iterator[Problem]:
    """An answer time names its queue as a key, not as a value."""
    defined = _names(_at(document.data, ("queues",)))
    for name in _names(_at(document.data, ("watch", "risk", "within"))):
        if name not in defined:
            yield document.problem(
                "unknown_name",
                ("watch", "risk", "within", name),
                value=name,
                home="queues",
                allowed=defined,
                suggestion=nearest(name, defined),
            )


def _matches(data: Any, pattern: tuple[str, ...], path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    if not pattern:
        yield path, data
        return
    first, rest = pattern[0], pattern[1:]
    if isinstance(data, Mapping):
        for key, value in data.items():
            if first in {"*", str(key)}:
                yield from _matches(value, rest, (*path, str(key)))
    elif isinstance(data, list) and first == "*":
        for index, value in enumerate(data):
            yield from _matches(value, rest, (*path, index))


def _at(data: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data


def _names(data: Any) -> tuple[str, ...]:
    return tuple(str(key) for key in data) if isinstance(data, Mapping) else ()


def _as_set(value: object) -> frozenset[str]:
    if value is None:
        return frozenset()
    return frozenset(map(str, value)) if isinstance(value, list) else frozenset({str(value)})
