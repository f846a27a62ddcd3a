"""`teams.NAME.on_shift` of app.yaml: user groups and a topic that follow who is on shift (U13)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, PlainValidator, model_validator
from pydantic_core import PydanticCustomError

from bot.config.document import Document, KeyPath
from bot.config.fields import Name, SlackChannel
from bot.config.problems import Problem
from bot.core.on_shift_places import OnShiftGroup, is_group_id

__all__ = ["OnShiftPart", "build_groups", "on_shift_problems"]

_HANDLE: Final = re.compile(r"[^\s#,!@<>]{1,80}")


def _group(value: object) -> str:
    name = value.strip().removeprefix("@") if isinstance(value, str) else ""
    if is_group_id(name):
        return name
    if not _HANDLE.fullmatch(name.lower()):
        raise PydanticCustomError("slack_group", "not a user group", {"value": str(value)})
    return name.lower()  # as Slack keeps it


SlackGroup = Annotated[str, PlainValidator(_group)]


class OnShiftPart(BaseModel):
    """``group``: everybody on shift; ``by_skill``: those of them with a skill, by skill."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    group: SlackGroup | None = None
    by_skill: dict[Name, SlackGroup] = {}
    topic: SlackChannel | None = None

    @model_validator(mode="after")
    def _shows_something(self) -> Self:
        if self.group is None and self.topic is None and not self.by_skill:
            raise PydanticCustomError("on_shift_empty", "names nothing")
        return self


def build_groups(part: OnShiftPart | None) -> tuple[OnShiftGroup, ...]:
    """The core objects, in the file's order."""
    if part is None:
        return ()
    every = () if part.group is None else (OnShiftGroup(group=part.group),)
    return (*every, *(OnShiftGroup(group=group, skill=skill) for skill, group in part.by_skill.items()))


def on_shift_problems(document: Document) -> Iterator[Problem]:
    """Groups that give roles as well, and topics two teams would write."""
    teams = document.data.get("teams")
    roles = _roles(document)
    topics: dict[str, str] = {}
    for team, held in teams.items() if isinstance(teams, Mapping) else ():
        part = held.get("on_shift") if isinstance(held, Mapping) else None
        if not isinstance(part, Mapping):
            continue
        for key, group in _groups(part):
            role = roles.get(_plain(group))
            if role is not None:
                path = ("teams", str(team), "on_shift", *key)
                yield document.problem("on_shift_gives_role", path, value=group, role=role)
        topic = part.get("topic")
        if isinstance(topic, str):
            name = topic.strip().removeprefix("#")
            if name in topics:
                path = ("teams", str(team), "on_shift", "topic")
                yield document.problem("on_shift_topic_twice", path, value=topic, team=topics[name])
            topics.setdefault(name, str(team))


def _roles(document: Document) -> dict[str, str]:
    people = document.data.get("people")
    groups = people.get("slack_user_groups") if isinstance(people, Mapping) else None
    if not isinstance(groups, Mapping):
        return {}
    return {_plain(group): str(role) for role, group in groups.items() if isinstance(group, str)}


def _groups(part: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(part.get("group"), str):
        yield ("group",), part["group"]
    by_skill = part.get("by_skill")
    for skill, group in by_skill.items() if isinstance(by_skill, Mapping) else ():
        if isinstance(group, str):
            yield ("by_skill", str(skill)), group


def _plain(group: str) -> str:
    return group.strip().removeprefix("@").casefold()
