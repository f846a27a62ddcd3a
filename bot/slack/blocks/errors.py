"""Errors as answers: what happened, what was not done, what to do next."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.errors import MusterError
from bot.i18n.catalog import Translator
from bot.slack.blocks.kit import Content, code, escape, message, section

__all__ = ["refused", "sentence", "unexpected", "unexpected_sentence"]

TEXT_CHARACTERS = 1_000


def sentence(error: MusterError, t: Translator) -> str:
    """The error in the reader's language, safe as mrkdwn; its English text where no entry fits."""
    key = next((entry for entry in error.entries if t.has(entry)), None)
    if key is not None:
        try:
            return t.text(key, **_escaped(error.data))
        except (KeyError, IndexError):
            pass
    return escape(str(error), TEXT_CHARACTERS)


def refused(error: MusterError, t: Translator) -> Content:
    """The reply to a request that Muster understood and could not grant."""
    return message([section(sentence(error, t))])


def unexpected(reference: str, t: Translator) -> Content:
    """The reply when Muster itself failed; the log has the same reference."""
    return message([section(unexpected_sentence(reference, t))])


def unexpected_sentence(reference: str, t: Translator) -> str:
    return t.text("error.unexpected", reference=code(reference))


def _escaped(data: Mapping[str, object]) -> dict[str, object]:
    return {name: escape(value, 300) if isinstance(value, str) else value for name, value in data.items()}
