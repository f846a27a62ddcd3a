"""The delay notice as its reader gets it: words for the customer, and what they promise too much."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.outgoing_text import ForbiddenPhrase
from bot.core.promise_messages import Colleague, DelayNotice
from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.slack.blocks.promises import notice, notice_text
from bot.slack.blocks.voice import Voice
from tests.support.builders import SHANGHAI, at, settings


def voice(locale: str = "en", zone: str = SHANGHAI, **phrases: str) -> Voice:
    forbidden = tuple(ForbiddenPhrase(phrase=p, better=b) for p, b in phrases.items())
    configured = settings()
    return Voice(
        t=Translator(locale),
        f=Formats(locale, zone),
        now=at(15),
        settings=replace(configured, promises=replace(configured.promises, forbidden=forbidden)),
        person=lambda who: f"<@{who}>",
        direct=True,
    )


def late(**fields: object) -> DelayNotice:
    values: dict[str, object] = {
        "ref": "GD20261124003",
        "queue": "chat",
        "measure": "resolution",
        "cycle": 0,
        "due_at": at(15, 10),
        "new_at": at(18),
        "language": "zh-Hans",
        "owner": "bo",
    }
    return DelayNotice(**{**values, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("days", "english", "chinese"),
    [
        (0, "before 18:00 today", "会在今天18:00前"),
        (1, "before 18:00 tomorrow", "会在明天18:00前"),
        (2, "before 18:00 on Thu 26 Nov", "会在11月26日 周四 18:00前"),
    ],
)
def test_the_customer_reads_the_queues_own_time_in_either_language(
    days: int, english: str, chinese: str
) -> None:
    told = late(new_at=at(18) + timedelta(days=days))
    # Whatever the zone of the agent who sends it.
    for reader in (voice(), voice("zh-Hans", "Europe/Lisbon")):
        assert english in notice_text(told, "en", reader)
        assert chinese in notice_text(told, "zh-Hans", reader)


def test_a_phrase_the_operator_forbids_is_warned_of_in_our_own_words_too() -> None:
    shown = json.dumps([b.to_dict() for b in notice(late(), voice(sorry="we apologise"))])
    assert "we apologise" in shown
    assert "promises too much" not in json.dumps([b.to_dict() for b in notice(late(), voice())])


def test_each_colleague_has_a_button_of_their_own() -> None:
    people = tuple(Colleague(agent=a, until=at(22)) for a in ("chen", "di", "ed"))
    blocks = [b.to_dict() for b in notice(late(leaves_at=at(17), colleagues=people), voice())]
    (buttons,) = (b["elements"] for b in blocks if b["type"] == "actions")
    assert [b["value"].split("|")[-1] for b in buttons] == ["", "chen", "di", "ed"]
    assert len({b["action_id"] for b in buttons}) == 4
    assert "leaves at 17:00" in json.dumps(blocks)
