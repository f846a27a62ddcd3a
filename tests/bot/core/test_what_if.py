"""A what-if as people write it, in English and Chinese; what is senseless is refused, never guessed (P6)."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import RefusedError
from bot.core.what_if import Question, VolumeAsked, read_campaign, read_target, read_volume
from bot.core.what_if_phrases import parts

MONDAY = date(2026, 11, 23)


def cut(text: str) -> list[tuple[str, str]]:
    return [(part.sort.value, part.text) for part in parts(text)]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("minus @a, target chat=45s, +35%", [("minus", "@a"), ("target", "chat=45s"), ("volume", "+35%")]),
        ('minus "Bo Li" eve', [("minus", "Bo Li eve")]),
        ("minus “Bo Li”, Eve Wu", [("minus", "Bo Li"), ("minus", "Eve Wu")]),
        ("minus <@U0001|bo li> and <@U0002>", [("minus", "<@U0001|bo li>"), ("minus", "<@U0002>")]),
        ("--minus bo --target chat=45s", [("minus", "bo"), ("target", "chat=45s")]),
        ("chat = 80 / 45 s", [("target", "chat=80/45s")]),
        ("target chat=90% phone=20s", [("target", "chat=90%"), ("target", "phone=20s")]),
        ("target chat 80% in 45s", [("target", "chat 80% in 45s")]),
        ("+ 35 % on fri", [("volume", "+35% on fri")]),
        ("volume chat +35% tue to thu, -10%", [("volume", "chat +35% tue to thu"), ("volume", "-10%")]),
        ("campaign double11 +35%", [("campaign", "double11 +35%")]),
        ("campaign double11, +35%", [("campaign", "double11"), ("volume", "+35%")]),
        (
            "减去小李、小王，目标chat=45秒，来量+35% 周五",
            [("minus", "小李"), ("minus", "小王"), ("target", "chat=45秒"), ("volume", "+35% 周五")],
        ),
        ("減去 小李，活動 double11 +35%", [("minus", "小李"), ("campaign", "double11 +35%")]),
        ("没有「Bo Li」和 eve", [("minus", "Bo Li"), ("minus", "eve")]),
        ("", []),
    ],
)
def test_a_line_is_cut_into_what_is_asked(text: str, asked: list[tuple[str, str]]) -> None:
    assert cut(text) == asked


def test_a_quoted_name_is_one_word_and_never_a_keyword() -> None:
    [part] = parts('minus "target" "Bo Li"')
    assert part.words == ("target", "Bo Li")


@pytest.mark.parametrize("text", ["hello", "bo, +35%", "+35% fri, sat"])
def test_words_that_belong_to_nothing_are_named(text: str) -> None:
    with pytest.raises(RefusedError) as refused:
        parts(text)
    assert refused.value.kind == "what_if_word"
    assert str(refused.value.data["value"]) in text


@given(st.text(max_size=60))
def test_any_text_is_cut_or_refused(text: str) -> None:
    try:
        cut_up = parts(text)
    except RefusedError as error:
        # Anything but an answer fails the test by itself.
        refused = error.kind
    else:
        refused = None
        assert all(part.words for part in cut_up)
    assert refused in (None, "what_if_word")


@pytest.mark.parametrize(
    ("text", "queue", "share", "seconds"),
    [
        ("chat=45s", "chat", None, 45),
        ("chat=80/45s", "chat", 0.8, 45),
        ("chat=0.8/45s", "chat", 0.8, 45),
        ("chat=92.5%/1m30s", "chat", 0.925, 90),
        ("after-sales=2h", "after-sales", None, 7200),
        ("chat=80%/45秒", "chat", 0.8, 45),
        ("邮件：3小时", "邮件", None, 10800),
        ("chat=90%", "chat", 0.9, None),
        ("chat 80% in 45 seconds", "chat", 0.8, 45),
    ],
)
def test_a_target_is_read(text: str, queue: str, share: float | None, seconds: float | None) -> None:
    asked = read_target(text)
    assert (asked.queue, asked.share, asked.within_seconds) == (queue, share, seconds)


@pytest.mark.parametrize(
    "text", ["chat", "chat=", "chat=90", "chat=100/20s", "chat=0%/20s", "chat=soon", "chat=-5s", "chat=99d"]
)
def test_a_target_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read_target(text)
    assert refused.value.kind == "what_if_target"


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("+35%", VolumeAsked(queue=None, factor=1.35)),
        ("35%", VolumeAsked(queue=None, factor=1.35)),
        ("-10%", VolumeAsked(queue=None, factor=0.9)),
        ("−10％", VolumeAsked(queue=None, factor=0.9)),
        ("chat=+35%", VolumeAsked(queue="chat", factor=1.35)),
        ("chat+35%", VolumeAsked(queue="chat", factor=1.35)),
        ("after-sales-10%", VolumeAsked(queue="after-sales", factor=0.9)),
        ("增加35%", VolumeAsked(queue=None, factor=1.35)),
        ("chat减少10%", VolumeAsked(queue="chat", factor=0.9)),
        (
            "+20% tue to thu",
            VolumeAsked(queue=None, factor=1.2, first=date(2026, 11, 24), last=date(2026, 11, 26)),
        ),
        (
            "+20% 周三至周五",
            VolumeAsked(queue=None, factor=1.2, first=date(2026, 11, 25), last=date(2026, 11, 27)),
        ),
        (
            "+20% 2026-11-24..2026-11-26",
            VolumeAsked(queue=None, factor=1.2, first=date(2026, 11, 24), last=date(2026, 11, 26)),
        ),
        (
            "+20% on fri 10:00-24:00",
            VolumeAsked(
                queue=None,
                factor=1.2,
                first=date(2026, 11, 27),
                last=date(2026, 11, 27),
                start=time(10),
                end=time(0),
            ),
        ),
        ("+20% 10:00至14:30", VolumeAsked(queue=None, factor=1.2, start=time(10), end=time(14, 30))),
    ],
)
def test_a_volume_is_read(text: str, asked: VolumeAsked) -> None:
    assert read_volume(text, date(2026, 11, 20), since=MONDAY) == asked


def test_weekdays_are_those_of_the_roster_and_today_is_today() -> None:
    friday = date(2026, 11, 20)
    assert read_volume("+5% fri", friday, since=MONDAY).first == date(2026, 11, 27)
    assert read_volume("+5% today", friday, since=MONDAY).first == friday


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("+0%", "what_if_percent"),
        ("-100%", "what_if_percent"),
        ("+2000%", "what_if_percent"),
        ("+35", "what_if_volume"),
        ("much", "what_if_volume"),
        ("+35% someday", "what_if_volume"),
        ("+35% 2026-11-26 to 2026-11-24", "what_if_volume"),
        ("+35% 14:00-10:00", "what_if_volume"),
        ("+35% 10:00-25:00", "what_if_volume"),
        ("two words +35%", "what_if_volume"),
    ],
)
def test_a_senseless_volume_is_refused(text: str, kind: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read_volume(text, MONDAY, since=MONDAY)
    assert refused.value.kind == kind


def test_a_campaign_is_a_name_with_or_without_a_lift() -> None:
    assert read_campaign("double11 +35%").factor == 1.35
    assert read_campaign('"spring sale" -10%').name == "spring sale"
    assert read_campaign("spring sale").factor is None
    for text in ("", "+35%"):
        with pytest.raises(RefusedError) as refused:
            read_campaign(text)
        assert refused.value.kind == "what_if_campaign_name"


def test_nothing_asked_is_empty() -> None:
    assert Question().empty
    assert not Question(volumes=[VolumeAsked(queue=None, factor=1.1)]).empty
