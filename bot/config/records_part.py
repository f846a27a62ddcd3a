"""The parts `records` and `departments` of app.yaml, and the core objects they make."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from bot.config.fields import DurationOrNone, Email, Name, OneOrMore, PositiveDuration, SlackChannel
from bot.core.allowed_text import code_problem
from bot.core.case_ids import CASE_PATTERN, CUSTOMER_PATTERN, NumberPattern
from bot.core.contacts import ContactType, Priority
from bot.core.errors import RefusedError
from bot.core.priorities import DEFAULT_RULES, PriorityRule
from bot.core.record_settings import Department, RecordSettings
from bot.core.records import RecordRules, Requirable

__all__ = ["DepartmentPart", "PriorityRulePart", "RecordsPart", "departments", "record_settings"]


_USER_GROUP = re.compile(r"S[A-Z0-9]{5,}")


def _number_pattern(text: str) -> str:
    try:
        NumberPattern(text)
    except RefusedError:
        raise PydanticCustomError("number_pattern", "not a pattern", {"value": text}) from None
    return text


def _code(text: str) -> str:
    if code_problem(text) is not None:
        raise PydanticCustomError("code", "not a code", {"value": text})
    return text


def _user_group(text: str) -> str:
    if not _USER_GROUP.fullmatch(text):
        raise PydanticCustomError("user_group", "not a user group", {"value": text})
    return text


Pattern = Annotated[str, AfterValidator(_number_pattern)]
Code = Annotated[str, AfterValidator(_code)]
UserGroup = Annotated[str, AfterValidator(_user_group)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PriorityRulePart(_Part):
    name: str
    priority: Priority
    type: Annotated[list[ContactType], OneOrMore] = []
    tag: Annotated[list[Code], OneOrMore] = []
    tier: Annotated[list[str], OneOrMore] = []
    words: Annotated[list[Annotated[str, Field(min_length=1)]], OneOrMore] = []

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        if not (self.type or self.tag or self.tier):
            raise PydanticCustomError("rule_without_condition", "type, tag or tier")
        if self.words and not self.tag:
            raise PydanticCustomError("words_without_tag", "words need a tag")
        return self


class DepartmentPart(_Part):
    name: str
    channel: SlackChannel
    user_group: UserGroup | None = None
    skill: Name | None = None


class RecordsPart(_Part):
    case_id: Pattern = CASE_PATTERN
    customer_no: Pattern = CUSTOMER_PATTERN
    within: DurationOrNone = Field(default="5m", validate_default=True)
    chase_every: PositiveDuration = Field(default="4h", validate_default=True)
    orphan_after: PositiveDuration = Field(default="3d", validate_default=True)
    reconfirm_after: DurationOrNone = Field(default="90d", validate_default=True)
    required: list[Requirable] = ["description", "solution"]
    verified_types: Annotated[list[ContactType], OneOrMore] = [ContactType.AFTER_SALES]
    complaint_skill: Name = "complaint"
    supervisors: list[Email] = []
    managers: list[Email] = []
    priorities: list[PriorityRulePart] | None = None


def record_settings(part: RecordsPart) -> RecordSettings:
    return RecordSettings(
        case_id=NumberPattern(part.case_id),
        customer_no=NumberPattern(part.customer_no),
        within=part.within,
        chase_every=part.chase_every,
        orphan_after=part.orphan_after,
        reconfirm_after=part.reconfirm_after,
        rules=RecordRules(required=frozenset(part.required), verified_types=frozenset(part.verified_types)),
        priorities=DEFAULT_RULES
        if part.priorities is None
        else tuple(
            PriorityRule(
                name=rule.name,
                priority=rule.priority,
                types=frozenset(rule.type),
                tags=frozenset(rule.tag),
                tiers=frozenset(rule.tier),
                words=tuple(rule.words),
            )
            for rule in part.priorities
        ),
        complaint_skill=part.complaint_skill,
        supervisors=tuple(part.supervisors),
        managers=tuple(part.managers),
    )


def departments(parts: Mapping[str, DepartmentPart]) -> dict[str, Department]:
    return {
        name: Department(
            department=name,
            name=part.name,
            channel=part.channel,
            user_group=part.user_group,
            skill=part.skill,
        )
        for name, part in parts.items()
    }
