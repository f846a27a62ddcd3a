"""Translator: sentences in the reader's language.  There is no "current language": hand a Translator over.

Entries live in ``locales/<language>/<domain>.po``.  The msgid is a dotted key (``alert.breach.title``), the
msgstr a whole sentence with named ``{placeholders}``; an entry with plural forms repeats its key as
msgid_plural and has ``{n}``.  English and Chinese catalogues have the same keys and placeholders (tested).
Traditional Chinese is made from the Simplified catalogues by OpenCC, with the words of Taiwan; an entry in
a catalogue of its own goes before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from babel.core import Locale
from babel.messages.pofile import read_po

__all__ = ["LOCALES", "SPOKEN", "Translator", "locale_folder", "map_locale"]

LOCALES: tuple[str, ...] = ("en", "zh-Hans")
"""The languages with catalogues of their own, the default first."""
SPOKEN: tuple[str, ...] = (*LOCALES, "zh-Hant")
"""All that a reader can have."""

_FOLDER = Path(__file__).parent / "locales"
_TRADITIONAL = frozenset({"tw", "hk", "mo", "hant"})
_AS_IS = re.compile(r"(`[^`]*`|\{[^}]*\})")
"""Commands and placeholders: what is typed stays what it is."""
_TERMS = {"釋出": "發布", "程式碼": "代碼", "聯結器": "連接器"}
"""Words that OpenCC takes for something else than we mean."""
_MEANT = re.compile("|".join(_TERMS))
_Entry = str | tuple[str, ...]


def map_locale(tag: str | None, default: str = "en") -> str:
    """The supported language for a locale as Slack, a browser or the environment writes it.

    >>> [map_locale(tag) for tag in ("zh-CN", "zh_CN.UTF-8", "zh-TW", "zh-Hant-HK", "en-GB", "fr-FR", None)]
    ['zh-Hans', 'zh-Hans', 'zh-Hant', 'zh-Hant', 'en', 'en', 'en']
    """
    language, *parts = (tag or "").replace("_", "-").split(".")[0].lower().split("-")
    if language == "zh":
        return "zh-Hant" if _TRADITIONAL & set(parts) and "hans" not in parts else "zh-Hans"
    if language == "en":
        return "en"
    return default


def locale_folder(locale: str) -> Path:
    """Where the catalogues of a supported language are."""
    return _FOLDER / locale.replace("-", "_")


class Translator:
    """Sentences of one language.  Immutable and shared between threads; cheap to make."""

    def __init__(self, locale: str) -> None:
        """``locale``: one of `SPOKEN`; anything else is mapped by `map_locale`."""
        self.locale = locale if locale in SPOKEN else map_locale(locale)

    def __repr__(self) -> str:
        return f"Translator({self.locale!r})"

    @property
    def in_pictures(self) -> Translator:
        """The same language as far as the shipped typeface draws it: Simplified characters alone."""
        return Translator("zh-Hans") if self.locale == "zh-Hant" else self

    def has(self, key: str) -> bool:
        """Whether this language (or English, the fallback) has the entry."""
        return key in _entries(self.locale) or key in _entries(LOCALES[0])

    def below(self, prefix: str) -> dict[str, str]:
        """Every entry whose key begins with ``prefix.``, without that, as it stands in the catalogue.

        For a page that fills the placeholders itself; entries with plural forms are left out.
        """
        start = f"{prefix}."
        held = {**_entries(LOCALES[0]), **_entries(self.locale)}
        return {
            key.removeprefix(start): entry
            for key, entry in held.items()
            if key.startswith(start) and isinstance(entry, str)
        }

    def text(self, key: str, /, **data: object) -> str:
        """The sentence with its placeholders filled.

        An entry missing in this language is taken from English.  Raises KeyError for a key that
        no catalogue has and for a placeholder without data: both are mistakes in the code.

        >>> Translator("zh-CN").text("frame.language")
        '简体中文'
        """
        entry, _ = self._entry(key)
        return (entry if isinstance(entry, str) else entry[-1]).format(**data)

    def plural(self, key: str, n: int, /, **data: object) -> str:
        """The sentence for this number; ``{n}`` is filled with it."""
        entry, locale = self._entry(key)
        if isinstance(entry, str):
            return entry.format(n=n, **data)
        index = min(_plural_index(locale, n), len(entry) - 1)
        return entry[index].format(n=n, **data)

    def _entry(self, key: str) -> tuple[_Entry, str]:
        for locale in dict.fromkeys((self.locale, LOCALES[0])):
            entry = _entries(locale).get(key)
            if entry is not None:
                return entry, locale
        raise KeyError(f"no catalogue has an entry {key!r}")


def _plural_index(locale: str, n: int) -> int:
    # Chinese has one form; English tells one from all others.
    return 0 if locale.startswith("zh") or n == 1 else 1


@cache
def _entries(locale: str) -> Mapping[str, _Entry]:
    """Every entry of a language, all domains together."""
    found: dict[str, _Entry] = dict(_converted()) if locale == "zh-Hant" else {}
    for path in sorted(locale_folder(locale).glob("*.po")):
        with path.open("rb") as file:
            catalog = read_po(file, locale=Locale.parse(locale, sep="-"))
        for message in catalog:
            key = message.id if isinstance(message.id, str) else message.id[0]
            if not key:
                continue
            value = message.string if isinstance(message.string, str) else tuple(message.string or ())
            if value:
                found[key] = value
    return found


def _converted() -> Mapping[str, _Entry]:
    """The Simplified catalogues in Traditional characters and the words of Taiwan."""
    from opencc import OpenCC

    turn: Callable[[str], str] = OpenCC("s2twp").convert

    def convert(text: str) -> str:
        parts = [part if i % 2 else turn(part) for i, part in enumerate(_AS_IS.split(text))]
        return _MEANT.sub(lambda found: _TERMS[found[0]], "".join(parts))

    return {
        key: convert(entry) if isinstance(entry, str) else tuple(convert(form) for form in entry)
        for key, entry in _entries("zh-Hans").items()
    }
