"""The building kit keeps Slack's limits whatever it is handed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.checks import Surface, characters, check_blocks
from bot.slack.blocks.kit import actions, button, code, context, escape, lines, message, section


@given(st.lists(st.text(min_size=1, max_size=4000), min_size=1, max_size=80))
def test_any_blocks_become_a_message_slack_takes(texts: list[str]) -> None:
    blocks = [section("Title"), *(section(escape(t, 4000) or "-") for t in texts)]
    content = message([*blocks, actions("a", button("x" * 200, action="b", value="1"))], shortened="cut")
    assert check_blocks(list(content.blocks), Surface.MESSAGE) == []
    assert characters(list(content.blocks)) <= 13_200
    assert content.text == "Title"
    # The way to act on it is the last thing that would be left out.
    assert content.blocks[-1]["type"] == "actions"


def test_what_was_left_out_is_said_once() -> None:
    content = message([section("Title"), *(section("x" * 3000) for _ in range(9))], shortened="Shortened.")
    notes = [b for b in content.blocks if b["type"] == "context"]
    assert [n["elements"][0]["text"] for n in notes] == ["Shortened."]


def test_lines_are_cut_whole() -> None:
    assert lines(["a" * 10, "b" * 10], limit=12) == "a" * 10 + "\n…"
    assert lines(["a", "b"], limit=3) == "a\nb"


def test_a_cut_breaks_no_entity_and_no_mention() -> None:
    for tail in ("&amp;", "<@U0000001>"):
        text = "x" * (3000 - len(tail) + 2) + tail
        cut = section(text).to_dict()["text"]["text"]
        assert len(cut) <= 3000
        assert cut.rstrip("…").endswith("x")


def test_names() -> None:
    assert escape("<@U1>") == "&lt;@U1&gt;"
    assert code("") == "`?`"
    assert escape("a\u202eb\x00c\nd") == "a b c d"
    assert len(context("y" * 5000).to_dict()["elements"][0]["text"]) <= 2000


@pytest.mark.parametrize(
    ("marked", "read"),
    [
        ("*预计超时：* `A1`", "预计超时： A1"),
        ("*新个案。*保存时", "*新个案。*保存时"),
        ("*Over:* `A1`, *2 short*.", "Over: A1, 2 short."),
        ("（*三*），", "（三），"),
    ],
)
def test_a_notification_loses_the_signs_where_slack_shows_bold(marked: str, read: str) -> None:
    assert message([section(marked)]).text == read
