"""KN1, KN5, KN8: files of snippets; a bad one is left out with its line and keeps no other out."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from bot.core.knowledge import SnippetKind, find, nearest, review
from bot.imports.knowledge import read_folder, shipped
from tests.bot.imports.packs import put

HEAD = "---\ntitle: Refund\nversion: 3\ndate: 2026-11-01\nwords: [money back]\n---\n"


def written(folder: Path, text: str, name: str = "en/refund.md") -> Path:
    return put(folder, text, name)


def test_the_example_pack_is_whole_in_both_languages_and_promises_nothing_too_much() -> None:
    known = shipped()
    assert known.problems == ()
    assert {s.kind for s in known.snippets} == set(SnippetKind)
    assert len(known.snippets) >= 20
    assert review(known.snippets, locales=("en", "zh-Hans"), today=date(2026, 12, 1)) == []


@pytest.mark.parametrize(
    ("text", "kind", "line", "detail"),
    [
        ("Your refund", "no_head", 1, ""),
        ("---\ntitle: [\n---\nText", "no_yaml", 2, ""),
        ("---\ntitle: Refund\nversion: 3\ndate: soon\n---\nText", "head", 4, "date"),
        ("---\ntitle: Refund\ncolour: red\nversion: 3\ndate: 2026-11-01\n---\nText", "head", 3, "colour"),
        (HEAD, "empty", 6, ""),
        (HEAD + "\nWe call 13812345678.\n", "personal", 8, ""),
    ],
)
def test_a_bad_file_is_named_with_its_line_and_the_others_stay(
    tmp_path: Path, text: str, kind: str, line: int, detail: str
) -> None:
    written(tmp_path, HEAD + "\nRequested.\n", "en/good.md")
    bad = written(tmp_path, text)
    known = read_folder(tmp_path)
    assert [s.key for s in known.snippets] == ["good"]
    (problem,) = known.problems
    assert (problem.file, problem.kind, problem.line, problem.detail) == (bad, kind, line, detail)


def test_a_changed_file_is_read_anew(tmp_path: Path) -> None:
    file = written(tmp_path, HEAD + "\nFirst.\n")
    assert read_folder(tmp_path).snippets[0].text == "First."
    written(tmp_path, HEAD + "\nSecond.\n")
    os.utime(file, ns=(1, 1))
    assert read_folder(tmp_path).snippets[0].text == "Second."
    assert read_folder(tmp_path / "nowhere").snippets == ()


def test_old_texts_missing_languages_and_promises_are_for_the_keeper(tmp_path: Path) -> None:
    written(tmp_path, HEAD + "\nWe will definitely pay.\n")
    known = read_folder(tmp_path).snippets
    found = review(known, locales=("en", "zh-Hans"), today=date(2027, 11, 1))
    assert {(f.kind, f.key, f.locale) for f in found} == {
        ("stale", "refund", "en"),
        ("overpromise", "refund", "en"),
        ("missing", "refund", "zh-Hans"),
    }
    (overpromise,) = [f.overpromise for f in found if f.overpromise is not None]
    assert overpromise.phrase == "definitely"


def test_found_by_key_title_or_word_and_near_ones_are_guessed(tmp_path: Path) -> None:
    written(tmp_path, HEAD + "\nRequested.\n")
    known = read_folder(tmp_path).snippets
    for typed in ("refund", "REFUND", "money back"):
        found = find(known, typed, "zh-Hans")
        assert found is not None
        assert found.key == "refund"
    assert find(known, "invoice", "en") is None
    assert nearest(known, "refnd") == "refund"
