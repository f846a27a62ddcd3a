"""Every kind of problem and finding has its sentence in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.i18n.catalog import Translator

ROOT = Path(__file__).parents[3]
KIND = re.compile(r'(?:\.problem\(|Problem\(|_note\(|PydanticCustomError\()\s*(?:kind=)?"([a-z_]+)"')
FINDING = re.compile(r'(?:Verdict\.\w+, |kind=|_wrong\("\w+", )"([a-z_]+)"')


def kinds(pattern: re.Pattern[str], *places: str) -> set[str]:
    files = [f for place in places for f in sorted(ROOT.glob(place))]
    return {kind for file in files for kind in pattern.findall(file.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("locale", ["en", "zh-Hans"])
def test_every_problem_has_a_sentence(locale: str) -> None:
    found = kinds(KIND, "bot/config/*.py", "bot/cli/init.py")
    assert len(found) > 40
    assert [kind for kind in sorted(found) if not Translator(locale).has(f"config.problem.{kind}")] == []


@pytest.mark.parametrize("locale", ["en", "zh-Hans"])
def test_every_finding_has_a_sentence(locale: str) -> None:
    found = kinds(FINDING, "bot/usecases/audit.py", "bot/cli/doctor.py")
    assert len(found) > 15
    assert [kind for kind in sorted(found) if not Translator(locale).has(f"config.doctor.{kind}")] == []


def test_every_error_of_the_schema_is_translated() -> None:
    errors = kinds(
        re.compile(r'(?:ConfigurationError|UnavailableError|RefusedError)\(\s*"([a-z_]+)"'),
        "bot/store/*.py",
        "bot/cli/init.py",
    )
    assert {"database_newer", "database_older", "init_exists"} <= errors
    for locale in ("en", "zh-Hans"):
        assert [kind for kind in sorted(errors) if not Translator(locale).has(f"error.{kind}")] == []
