"""Reasons that follow by direct message: both languages, inside Slack's limits, harmless names."""

from __future__ import annotations

import pytest

from bot.core.planner_messages import BrokenRule, Detail
from bot.core.reason_messages import KINDS, ReasonMessage, ReasonsAgainst, ReasonsUnknown, ShiftReasons
from bot.core.request_messages import OpenSpan, ShiftTimes
from bot.i18n.catalog import SPOKEN
from tests.bot.slack.posts import HOSTILE, latin_words, refuse_another_beginning, refuse_harm, render
from tests.bot.slack.test_request_posts import changes
from tests.support.builders import at

DAY = at(9).date()


def kinds(name: str, many: int = 30) -> list[ReasonMessage]:
    shift = ShiftTimes(start=at(9), end=at(18), queue=name)
    gaps = (OpenSpan(queue=name, start=at(10), end=at(11), missing=2),) * many
    every = tuple(changes(name))
    broken = BrokenRule(rule="minimum_rest", agent=name, day=DAY, amount=9.5, limit=11.0)
    return [
        ShiftReasons(shift=shift, without=(), skilled=3, agents=4, free=1),
        ShiftReasons(
            shift=shift,
            without=gaps,
            skilled=3,
            agents=4,
            free=0,
            wishes=5,
            kept=3,
            weeks=8,
            lates=2,
            lates_median=1.5,
        ),
        ShiftReasons(shift=shift, without=gaps, skilled=3, agents=4, free=2, instead=every),
        ReasonsAgainst(day=DAY, template=None, exists=False),
        ReasonsAgainst(day=DAY, template=None, exists=True),
        ReasonsAgainst(day=DAY, template="甲", exists=True, broken=(broken,) * 3),
        ReasonsAgainst(day=DAY, template=None, exists=True, missing=gaps, mended=True),
        ReasonsAgainst(day=DAY, template=None, exists=True, missing=gaps, mended=True, instead=every),
        ReasonsUnknown(day=DAY, error="no_published_roster", details=(Detail(name="day", value=name),)),
        ReasonsUnknown(day=DAY, error="OperationalError"),
    ]


def test_every_kind_is_shown_here() -> None:
    assert {type(m) for m in kinds("x")} == set(KINDS.values())


@pytest.mark.parametrize("locale", SPOKEN)
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("index", range(len(kinds("x"))))
def test_inside_limits_and_harmless(index: int, name: str, locale: str) -> None:
    refuse_harm(render(kinds(name)[index], locale, "Europe/Lisbon", direct=True))


@pytest.mark.parametrize("locale", SPOKEN)
@pytest.mark.parametrize("index", range(len(kinds("x"))))
def test_the_first_block_alone_reads_as_the_notification(index: int, locale: str) -> None:
    refuse_another_beginning(render(kinds("bo")[index], locale, direct=True))


def test_chinese_messages_are_chinese() -> None:
    for message in kinds("甲", many=3)[:-1]:
        assert latin_words(message, "UTC") == []
