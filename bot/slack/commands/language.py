"""/muster language: the language one is spoken to in, where it is not the one set at Slack (LA1)."""

from __future__ import annotations

from typing import Final

from bot.core.errors import RefusedError
from bot.core.permissions import Action
from bot.i18n.catalog import SPOKEN, Translator
from bot.slack.blocks.kit import Content, code, context, message, section
from bot.slack.commands.command import Asked, Subcommand

__all__ = ["LANGUAGE", "SLACK"]

SLACK: Final = "slack"
"""The word for: as Slack says."""
_WORDS: Final = {
    "en": "en", "english": "en", "英文": "en", "英语": "en", "英語": "en",
    "zh": "zh-Hans", "zh-cn": "zh-Hans", "zh-hans": "zh-Hans", "中文": "zh-Hans", "简体": "zh-Hans",
    "简体中文": "zh-Hans", "簡體": "zh-Hans", "簡體中文": "zh-Hans",
    "zh-tw": "zh-Hant", "zh-hk": "zh-Hant", "zh-hant": "zh-Hant", "繁體": "zh-Hant", "繁體中文": "zh-Hant",
    "繁体": "zh-Hant", "繁体中文": "zh-Hant", "正體": "zh-Hant",
}  # fmt: skip
_BACK: Final = frozenset({"auto", SLACK, "自动", "自動"})


def language(asked: Asked) -> Content:
    """With a language: that from now on; ``auto``: as Slack says; alone: how it stands."""
    text = asked.argument.strip().casefold()
    person = asked.person.actor
    if not text:
        return _stands(asked.t)
    if text in _BACK:
        with asked.desk.store.unit() as uow:
            uow.languages.end(person)
            uow.languages.end(asked.person.user)
            uow.commit()
        return message([section(asked.t.text("language.as_slack"))])
    locale = _WORDS.get(text)
    if locale is None:
        raise RefusedError(
            "language_unknown",
            f"{text[:40]!r} is no language Muster speaks; nothing was changed. "
            "There are: en, zh-CN, zh-TW, auto.",
            given=text[:40],
        )
    with asked.desk.store.unit() as uow:
        uow.languages.keep(person, locale, now=asked.now)
        uow.commit()
    return _stands(Translator(locale))


def _stands(t: Translator) -> Content:
    others = [Translator(locale) for locale in SPOKEN if locale != t.locale]
    known = {"en": "en", "zh-Hans": "zh-CN", "zh-Hant": "zh-TW"}
    rows = [f"{o.text('frame.language')}: {code('/muster language ' + known[o.locale])}" for o in others]
    back = t.text("language.back", command=code("/muster language auto"))
    title = t.text("language.stands", language=t.text("frame.language"))
    return message([section(title), context(*rows, back)])


LANGUAGE = Subcommand(
    name="language",
    answer=language,
    aliases=("lang", "语言", "语种"),
    usage="[en | zh-CN | zh-TW | auto]",
    group="shifts",
    action=Action.LINK_SELF,
)
