"""KN4: what may be proposed, and which words stand where files and accepted proposals meet."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.core.errors import InvalidFormError
from bot.core.ids import AgentId, ProposalId
from bot.core.knowledge import Snippet, SnippetKind
from bot.core.knowledge_proposals import Draft, Proposal, ProposalState, check, served
from bot.imports.knowledge import read_folder, written
from tests.support.builders import SHANGHAI, TEAM, at

DRAFT = Draft(key="refund", kind=SnippetKind.PHRASE, locale="en", title="Refund", text="It is on its way.")
FILE = Snippet(
    key="refund",
    kind=SnippetKind.PHRASE,
    locale="en",
    title="Refund",
    version="7",
    dated=date(2026, 11, 20),
    text="Requested.",
    words=("money back",),
)


def accepted(version: int = 1, day: date = date(2026, 11, 24), text: str = "It is on its way.") -> Proposal:
    return Proposal(
        proposal=ProposalId(version),
        team=TEAM,
        draft=replace(DRAFT, text=text),
        by=AgentId("bo"),
        made_at=at(9, day=day),
        state=ProposalState.ACCEPTED,
        version=version,
        decided_by="lin",
        decided_at=at(10, day=day),
    )


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"key": "退款"}, ["key"]),
        ({"key": "", "title": " ", "text": ""}, ["key", "title", "text"]),
        ({"text": "We guarantee it."}, ["text"]),
        ({"text": "Ask for ID 110101199003074514."}, ["text"]),
        ({"kind": SnippetKind.GUIDE, "text": "Never say that we guarantee it."}, []),
        ({"key": "Money Back"}, []),
    ],
)
def test_a_proposal_is_checked_field_by_field(change: dict[str, object], names: list[str]) -> None:
    draft = replace(DRAFT, **change)  # type: ignore[arg-type]
    if not names:
        assert " " not in check(draft).key
        return
    with pytest.raises(InvalidFormError) as caught:
        check(draft)
    assert [p.name for p in caught.value.problems] == names


def test_of_files_and_accepted_words_the_later_day_stands() -> None:
    (found,) = served([FILE], [accepted(2, text="Newer."), accepted(1)], SHANGHAI)
    assert (found.text, found.version, found.dated) == ("Newer.", "2", date(2026, 11, 24))
    assert found.words == ("money back",)
    later = replace(FILE, dated=date(2026, 11, 25))
    assert served([later], [accepted()], SHANGHAI) == (later,)


def test_what_is_exported_is_read_back(tmp_path: Path) -> None:
    (found,) = served([FILE], [accepted(text="您好：\n---\n- 一")], SHANGHAI)
    (tmp_path / "en").mkdir()
    (tmp_path / "en/refund.md").write_text(written(found), encoding="utf-8")
    known = read_folder(tmp_path)
    assert known.problems == ()
    assert known.snippets == (found,)
