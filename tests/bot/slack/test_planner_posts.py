"""What a planner reads of a run: both languages, inside Slack's limits, harmless names, readable alone."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core.peak_fixes import FixKind
from bot.core.planner_messages import (
    KINDS,
    BrokenRule,
    CertificateCard,
    CheapestFix,
    Detail,
    OpenGap,
    PlannerMessage,
    PublicationCard,
    SolveCard,
    Untold,
    WeakPeak,
)
from bot.i18n.catalog import SPOKEN
from tests.bot.slack.posts import HOSTILE, latin_words, refuse_another_beginning, refuse_harm, render
from tests.support.builders import at

DAY = at(9).date()


def kinds(name: str) -> list[PlannerMessage]:
    def card(state: str, **more: Any) -> SolveCard:
        return SolveCard(run=7, first=DAY, days=7, state=state, limit_seconds=60.0, **more)

    figures = {"seconds": 12.0, "objective": 123456.0, "bound": 120000.0, "gap": 0.0123}
    gap = OpenGap(queue=name, start=at(10), end=at(11), missing=2)
    gaps = (
        gap,
        OpenGap(queue=name, start=at(10), end=at(11), missing=2, skilled=3, rules=(name, "minimum_rest")),
        OpenGap(queue=name, start=at(10), end=at(11), missing=2, skilled=3, at_work=3),
        OpenGap(queue=name, start=at(10), end=at(11), missing=2, skilled=3, free=True),
        OpenGap(queue=name, start=at(10), end=at(11), missing=2, skilled=3, at_work=1),
    )
    broken = BrokenRule(rule="minimum_rest", agent=name, day=DAY, amount=9.5, limit=11.0)
    made = {
        **figures,
        "roster": 3,
        "agents": 30,
        "shifts": 150,
        "paid_hours": 1200.0,
    }
    return [
        card("queued"),
        card("queued", again=True),
        card("running"),
        card("running", seconds=0.4),
        card("running", **figures),
        card("running", stopping=True, **figures),
        card("done", outcome="optimal", **made),
        card(
            "done", outcome="cancelled", interrupted=True, uncovered=9, missing_hours=4.5, gaps=gaps, **made
        ),
        card("done", outcome="infeasible", violations=9, broken=(broken,) * 5, unmet=2, **made),
        card("cancelled", error="stopped", details=(Detail(name="seconds", value=name),)),
        card("cancelled", error="stopped"),
        card("failed", error="no_answer", details=(Detail(name="seconds", value="60"),)),
        card("failed", error=name),
        *certificates(name),
        *publications(name),
    ]


def certificates(name: str) -> list[PlannerMessage]:
    def card(state: str, **more: Any) -> CertificateCard:
        return CertificateCard(run=7, roster=3, first=DAY, days=7, state=state, paths=100, **more)

    peaks = tuple(
        WeakPeak(
            queue=name,
            start=at(10),
            end=at(11),
            probability=0.71,
            agents=4.5,
            level=None if kind is FixKind.NOBODY else 0.63,
            missing=2,
            fix=CheapestFix(
                kind=kind.value,
                start=at(10),
                end=at(12),
                agent=None if kind is FixKind.NOBODY else name,
                before=at(9),
                paid_minutes=60,
            ),
        )
        for kind in FixKind
    )
    return [
        card("queued"),
        card("running"),
        card("running", played=40),
        card("queued", again=True),
        card("done", weakest=0.71, threshold=0.85, inside_share=0.9, peaks=peaks, not_played=(name,)),
        card("done", weakest=1.0, threshold=0.85, inside_share=0.9),
        card(
            "failed",
            error="no_forecast",
            details=(Detail(name="first", value=name), Detail(name="last", value=name)),
        ),
        card("failed", error=name),
    ]


def publications(name: str) -> list[PlannerMessage]:
    def card(told: int, waiting: int, *codes: str) -> PublicationCard:
        untold = tuple(Untold(agent=name, code=code) for code in codes)
        return PublicationCard(run=7, roster=3, first=DAY, days=7, told=told, waiting=waiting, untold=untold)

    return [
        card(0, 30),
        card(20, 10),
        card(20, 10, "user_disabled"),
        card(30, 0),
        card(28, 0, "user_disabled", name),
        card(0, 0, *["user_not_linked"] * 300),
    ]


def test_every_kind_is_shown_here() -> None:
    assert {type(m) for m in kinds("x")} == set(KINDS.values())


@pytest.mark.parametrize("locale", SPOKEN)
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("index", range(len(kinds("x"))))
def test_inside_limits_and_harmless(index: int, name: str, locale: str) -> None:
    refuse_harm(render(kinds(name)[index], locale, "Europe/Lisbon"))


@pytest.mark.parametrize("locale", SPOKEN)
@pytest.mark.parametrize("index", range(len(kinds("x"))))
def test_the_first_block_alone_reads_as_the_notification(index: int, locale: str) -> None:
    refuse_another_beginning(render(kinds("bo")[index], locale))


def test_chinese_messages_are_chinese() -> None:
    for message in kinds("甲"):
        assert latin_words(message, r"\d{4}-W\d{2}|--seconds|roster\.solve\.time_limit|UTC") == []
