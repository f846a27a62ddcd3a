"""Forms that every modal needs: what is wrong in a field, something told, and "still working"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import Block

from bot.core.errors import FieldProblem, MusterError
from bot.i18n.catalog import Translator
from bot.slack.blocks import errors
from bot.slack.blocks.form import Form
from bot.slack.blocks.kit import Content, section

__all__ = ["of_content", "problem_sentence", "told", "working"]


def problem_sentence(problem: FieldProblem, t: Translator) -> str:
    """What is wrong in a field, in the reader's language, as the plain text Slack shows below it."""
    return errors.sentence(MusterError(problem.kind, problem.kind, **problem.data), t)


def told(text: str, t: Translator) -> Form:
    """A modal that says one thing."""
    return _shown([section(text or t.text("form.closed"))], t)


def of_content(content: Content, t: Translator, *, metadata: str = "") -> Form:
    """A message as a modal; ``metadata`` comes back with what is done in it."""
    return _shown(content.blocks, t, metadata)


def working(t: Translator) -> Form:
    """The work takes longer than Slack waits; the result takes this one's place."""
    return _shown([section(t.text("form.working"))], t)


def _shown(blocks: Sequence[Block | Mapping[str, Any]], t: Translator, metadata: str = "") -> Form:
    return Form(
        callback="told",
        title=t.text("form.title"),
        close=t.text("form.close"),
        blocks=blocks,
        metadata=metadata,
    )
