"""Every entry that the code asks for by name is in the catalogue."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.i18n.catalog import Translator

BOT = Path(__file__).parents[3] / "bot"
# A key written out as the first argument of whatever looks one up; keys made of parts are not seen here.
ASKED = re.compile(r'\b(?:text|plural|say)\(\s*"([a-z0-9_]+(?:\.[a-z0-9_]+)+)"\s*[,)]')
HELP = re.compile(r'\bhelp="([a-z0-9_]+(?:\.[a-z0-9_]+)+)"')


def _asked() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted(p for p in BOT.rglob("*.py") if "store" not in p.parts):  # SQL also has `text`
        source = path.read_text(encoding="utf-8")
        for key in [*ASKED.findall(source), *HELP.findall(source)]:
            found[key] = path.relative_to(BOT).as_posix()
    for path in sorted(BOT.rglob("*.j2")):
        for key in ASKED.findall(path.read_text(encoding="utf-8")):
            found[key] = path.relative_to(BOT).as_posix()
    return found


@pytest.mark.parametrize("locale", ["en", "zh-Hans"])
def test_every_key_in_the_code_has_an_entry(locale: str) -> None:
    asked = _asked()
    assert len(asked) > 200
    translator = Translator(locale)
    missing = {key: where for key, where in asked.items() if not translator.has(key)}
    assert missing == {}
