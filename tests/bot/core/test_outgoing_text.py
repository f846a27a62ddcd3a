"""CP10: what a text must not promise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.outgoing_text import FORBIDDEN, ForbiddenPhrase, overpromises
from bot.i18n.catalog import Translator


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("我们一定给您退款", ["一定"]),
        ("肯定退款，请放心", ["肯定退款"]),
        ("绝对没问题，保证到货", ["绝对", "保证"]),
        ("We will DEFINITELY refund you.", ["definitely"]),
        ("Ａｂｓｏｌｕｔｅｌｙ no problem", ["absolutely"]),
        ("Delivery is guaranteed", ["guaranteed"]),
        ("退款3个工作日内到账", ["退款到账时间"]),
        ("您的退款明天就能到账", ["退款到账时间"]),
        ("Your refund will arrive within 3 days.", ["a day on which a refund arrives"]),
        ("You receive the refund on Friday", ["a day on which a refund arrives"]),
    ],
)
def test_what_promises_too_much_is_named_with_something_better(text: str, phrases: list[str]) -> None:
    found = overpromises(text)
    assert [f.phrase for f in found] == phrases
    assert all(f.better for f in found)


@pytest.mark.parametrize(
    "text",
    [
        "不一定能今天处理完",
        "我们不能保证时间",
        "无法保证",
        "保证金会原路退回",
        "需要一定的时间",
        "We cannot guarantee a date",
        "There is no guarantee",
        "That is not certainly so",
        "guaranteeing is not the word searched for",
        "退款申请已提交，到账时间以银行为准",
        "Your refund has been requested. We will call you tomorrow.",
        "我们会在今天18:00前给您答复。",
        "",
    ],
)
def test_what_does_not_is_left_alone(text: str) -> None:
    assert overpromises(text) == ()


def test_a_phrase_of_the_operators_own() -> None:
    own = [ForbiddenPhrase(phrase="In No Time", better="as soon as we can"), ForbiddenPhrase(phrase="秒回")]
    found = overpromises("We answer in no time，秒回", own)
    assert [(f.phrase, f.better) for f in found] == [("In No Time", "as soon as we can"), ("秒回", "")]


@pytest.mark.parametrize("locale", ["en", "zh-Hans"])
def test_our_own_words_to_customers_promise_nothing_too_much(locale: str) -> None:
    t = Translator(locale)
    for key in ("promise.notice.text_response", "promise.notice.text_resolution"):
        assert overpromises(t.text(key, ref="GD1", by=t.text("promise.notice.today", time="18:00"))) == ()
    assert overpromises(t.text("promise.handler_text", ref="GD1", name="Bo", by="18:00")) == ()
    # Nor do the suggestions themselves.
    assert [entry.better for entry in FORBIDDEN if overpromises(entry.better)] == []


@given(st.text(max_size=200))
def test_any_text_is_answered(text: str) -> None:
    overpromises(text)
