"""ES8: files of runbooks; a bad one is left out with its line and keeps no other out."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.core.runbooks import find, nearest, review, versions
from bot.imports.runbooks import read_folder, shipped
from tests.bot.imports.packs import put

HEAD = "---\ntitle: Outage\nversion: 1\ndate: 2026-11-01\nwords: [down]\n"
STEPS = "steps:\n  - do: Look\n    role: lead\n    minutes: 5\n"


def written(folder: Path, text: str, name: str = "en/outage.md") -> Path:
    return put(folder, text, name)


def test_the_example_pack_is_whole_in_both_languages_and_promises_nothing_too_much() -> None:
    known = shipped()
    assert known.problems == ()
    assert {r.key for r in known.runbooks} >= {"outage", "phones-down", "data-leak", "safety", "surge"}
    assert review(known.runbooks, locales=("en", "zh-Hans"), today=date(2026, 12, 1)) == []


@pytest.mark.parametrize(
    ("text", "kind", "line", "detail"),
    [
        ("Look", "no_head", 1, ""),
        (HEAD + "---\nText", "head", 2, "steps"),
        (HEAD + "steps:\n  - do: Look\n  - role: lead\n---\nText", "head", 8, "steps[2].do"),
        (HEAD + STEPS + "    colour: red\n---\nText", "head", 10, "steps[1].colour"),
        (HEAD + STEPS + "contacts:\n  - {name: IT, reach: 'card 6222021234567890128'}\n---\nText",
         "personal", 11, ""),
        (HEAD + STEPS + "---\n", "empty", 10, ""),
    ],
)  # fmt: skip
def test_a_broken_file_is_named_with_its_line_and_the_rest_is_kept(
    tmp_path: Path, text: str, kind: str, line: int, detail: str
) -> None:
    good = HEAD + STEPS + "contacts:\n  - {name: IT, reach: 'call 13812345678'}\n---\nText"
    written(tmp_path, good, "en/good.md")
    bad = written(tmp_path, text)
    known = read_folder(tmp_path)
    assert [r.key for r in known.runbooks] == ["good"]
    (problem,) = known.problems
    assert (problem.file, problem.kind, problem.line, problem.detail) == (bad, kind, line, detail)


def test_what_a_keeper_should_look_at(tmp_path: Path) -> None:
    written(tmp_path, HEAD + "exception: outage\n" + STEPS + "  - do: Mend\n---\nText")
    written(tmp_path, HEAD + "notice: 保证今天恢复\n" + STEPS + "---\nText", "zh_Hans/outage.md")
    known = read_folder(tmp_path)
    found = review(
        known.runbooks, locales=("en", "zh-Hans"), today=date(2027, 11, 1), drilled=["outage", "flood"]
    )
    assert {(f.kind, f.key, f.locale) for f in found} == {
        ("stale", "outage", "en"),
        ("stale", "outage", "zh-Hans"),
        ("no_notice", "outage", "en"),
        ("unowned", "outage", "en"),
        ("overpromise", "outage", "zh-Hans"),
        ("steps_differ", "outage", ""),
        ("drill", "flood", ""),
    }


def test_a_scenario_is_found_by_key_title_or_word_in_the_readers_language() -> None:
    known = shipped().runbooks
    for typed in ("outage", "System outage", "宕机"):
        assert {r.locale for r in versions(known, typed)} == {"en", "zh-Hans"}
    found = find(known, "宕机", "en")
    assert found is not None
    assert found.title == "System outage"
    assert nearest(known, "outge") == "outage"
