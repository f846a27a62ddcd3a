"""Fields whose words other systems may send, resolved where data enters (`bot.core.source_words`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from bot.core.source_words import meant

__all__ = ["Word"]

E = TypeVar("E", bound=Enum)


@dataclass(frozen=True, slots=True)
class Word(Generic[E]):
    """Annotation of an enum field: its own words and these are understood."""

    kind: type[E]
    words: Mapping[str, E]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._resolve, handler(source))

    def _resolve(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        member = meant(value, self.kind, self.words)
        # An unknown word goes on to pydantic, which names the allowed ones.
        return value if member is None else member
