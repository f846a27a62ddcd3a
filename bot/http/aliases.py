"""Fields whose words other systems may send, resolved where data enters (`bot.core.source_words`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from bot.core.near_names import nearest
from bot.core.source_words import meant

__all__ = ["Word"]

E = TypeVar("E", bound=Enum)


@dataclass(frozen=True, slots=True)
class Word(Generic[E]):
    """Annotation of an enum field: its own words and these are understood.

    ``unsaid``: members that are no answer to "what may I send?".
    """

    kind: type[E]
    words: Mapping[str, E]
    unsaid: frozenset[E] = frozenset()

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._resolve, handler(source))

    def _resolve(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        member = meant(value, self.kind, self.words)
        if member is None:
            raise ValueError(self._allowed(value))
        return member

    def _allowed(self, sent: str) -> str:
        """What may be sent; of ``sent`` itself nothing is repeated, it may be a customer's words."""
        own = [member.value for member in self.kind if member not in self.unsaid]
        near = nearest(sent, [*own, *self.words])
        question = f"did you mean {near}? " if near else ""
        return (
            f"no word that is known here; {question}Allowed: {', '.join(own)}; also {', '.join(self.words)}"
        )
