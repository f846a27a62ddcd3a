"""What is wrong with app.yaml or the environment: every problem with its place, none without an answer."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bot.core.errors import ConfigurationError

if TYPE_CHECKING:
    from bot.i18n.catalog import Translator

__all__ = ["Problem", "SettingsRefusedError", "nearest"]


def nearest(given: object, allowed: Iterable[object]) -> str | None:
    """The allowed value that was probably meant, or None.

    >>> nearest("phone-80-2", ["chat-80-30", "phone-80-20"])
    'phone-80-20'
    """
    words = [str(a) for a in allowed]
    by_lower = {w.lower(): w for w in words}
    found = difflib.get_close_matches(str(given).lower(), list(by_lower), n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """``kind`` names the catalogue entry `config.problem.<kind>`; ``data`` fills it.

    ``path`` is the key as the operator would say it (`queues.phone.target`); ``line`` counts from 1,
    None where the file as a whole (or a variable) is meant.
    """

    kind: str
    file: Path | None = None
    line: int | None = None
    path: str = ""
    data: Mapping[str, object] = field(default_factory=dict)
    allowed: tuple[str, ...] = ()
    suggestion: str | None = None

    def text(self, translator: Translator) -> str:
        """One line: file, line, path of the key, what came, what is allowed, what was probably meant."""
        parts = [translator.text(f"config.problem.{self.kind}", **self.data)]
        if self.allowed:
            parts.append(translator.text("config.allowed", values=", ".join(self.allowed)))
        if self.suggestion is not None:
            parts.append(translator.text("config.did_you_mean", names=self.suggestion))
        place = ":".join(str(p) for p in (self.file, self.line) if p is not None)
        return ": ".join(p for p in (place, self.path, " ".join(parts)) if p)


class SettingsRefusedError(ConfigurationError):
    """Everything found wrong, at once; nothing was loaded."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("settings_refused", self._english(), problems=self.problems)

    def _english(self) -> str:
        from bot.i18n.catalog import Translator

        translator = Translator("en")
        return "\n".join(problem.text(translator) for problem in self.problems)
