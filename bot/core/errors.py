"""Errors of the application: what happened, what was not done, what to do next.

``kind`` never changes and is what logs and catalogues use; ``data`` fills the sentence in the reader's
language (`bot.i18n`, entries `error.<kind>`, or `error.<kind>.<variant>` where data has a ``variant``).  The
English text in ``str()`` is for logs and developers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = [
    "ConfigurationError",
    "FieldProblem",
    "InvalidFormError",
    "MusterError",
    "NotAllowedError",
    "NotFoundError",
    "RefusedError",
    "UnavailableError",
]


class MusterError(Exception):
    """Base.  ``temporary`` says whether the same request may succeed later without a change."""

    temporary = False

    def __init__(self, kind: str, text: str, **data: object) -> None:
        super().__init__(text)
        self.kind = kind
        self.data: Mapping[str, object] = data

    @property
    def entries(self) -> tuple[str, ...]:
        """Keys of the catalogue entries that say this, the most exact first."""
        whole = f"error.{self.kind}"
        variant = self.data.get("variant")
        return (whole,) if variant is None else (f"{whole}.{variant}", whole)


class ConfigurationError(MusterError):
    """app.yaml or the environment cannot be used; nothing was started."""


class RefusedError(MusterError):
    """The request itself is wrong: nothing was changed; the text says what would be right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProblem:
    """What is wrong in the field ``name`` of a form; entry ``error.<kind>`` of the catalogue has the words.

    ``data`` never repeats what was typed: it may be what must not be kept.
    """

    name: str
    kind: str
    data: Mapping[str, object] = field(default_factory=dict)


class InvalidFormError(RefusedError):
    """Fields of a form are wrong: nothing was saved; each problem names its field."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        named = ", ".join(f"{p.name} ({p.kind})" for p in problems)
        super().__init__("invalid_form", f"not saved: {named}. Put these fields right.", fields=named)
        self.problems = tuple(problems)


class NotAllowedError(MusterError):
    """This person's role does not permit it; nothing was changed."""


class NotFoundError(MusterError):
    """What the request names does not exist; nothing was changed."""


class UnavailableError(MusterError):
    """Another system (database, Slack) does not answer; the work is kept and tried again."""

    temporary = True
