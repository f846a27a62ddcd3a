"""Words other systems use for our identifiers, in both languages; resolved here, where data enters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

__all__ = ["CONTACT_TYPES", "EVENT_KINDS", "PRIORITIES", "Word"]

EVENT_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "created": "opened",
        "new": "opened",
        "replied": "responded",
        "first_reply": "responded",
        "answered": "responded",
        "on_hold": "pending",
        "waiting": "pending",
        "solved": "resolved",
        "closed": "resolved",
    }
)
PRIORITIES: Mapping[str, str] = MappingProxyType(
    {"normal": "medium", "critical": "urgent", "紧急": "urgent", "高": "high", "中": "medium", "低": "low"}
)
CONTACT_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "consultation": "consult",
        "question": "consult",
        "after-sales": "after_sales",
        "咨询": "consult",
        "订单": "order",
        "售后": "after_sales",
        "投诉": "complaint",
        "紧急": "urgent",
        "建议": "suggestion",
        "其他": "other",
    }
)


@dataclass(frozen=True, slots=True)
class Word:
    """Annotation of an enum field: case does not matter, and these aliases are understood."""

    aliases: Mapping[str, str]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._resolve, handler(source))

    def _resolve(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        word = value.strip().lower()
        return self.aliases.get(word, word)
