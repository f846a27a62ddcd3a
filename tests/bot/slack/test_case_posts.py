"""Posts about cases: both languages, inside Slack's limits, safe with hostile names, readable alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.core.case_work import OrphanReason
from bot.core.records_messages import (
    KINDS,
    ApprovalAsked,
    ApprovalDecided,
    CaseEscalated,
    ChaseReminder,
    ComplaintAssigned,
    ComplaintRaised,
    HandedOver,
    HandOverAnswered,
    OrphanCase,
    OrphanCases,
    RecordDue,
    RecordsMessage,
)
from bot.i18n.catalog import SPOKEN
from tests.bot.slack.posts import HOSTILE, latin_words, refuse_another_beginning, refuse_harm, render, shown
from tests.support.builders import at


def kinds(name: str, many: int = 30) -> list[RecordsMessage]:
    return [
        RecordDue(ref=name, queue=name, ended_at=at(10), within_seconds=300),
        *(
            HandedOver(
                hand_over=1,
                ref=name,
                queue=name,
                department=name,
                priority=priority,
                type="order",
                asked_by=name,
                asked_at=at(10),
                expected_at=at(15),
                feedback=feedback,
                tags=(name, "agitated"),
            )
            for priority, feedback in (("high", False), ("urgent", False), ("low", True))
        ),
        *(
            HandOverAnswered(
                hand_over=1,
                ref=name,
                queue=name,
                department=name,
                answered_by=name,
                answered_at=at(hour),
                expected_at=at(15),
            )
            for hour in (14, 16)
        ),
        ChaseReminder(block=1, ref=name, queue=name, department=name, since=at(6), told=2),
        *(
            ComplaintRaised(
                ref=name,
                queue=name,
                priority="high",
                opened_at=at(10),
                owner=owner,
                complained_about=about,
                proposed=proposed,
                skilled=skilled,
                nobody_until=until,
            )
            for owner, about, proposed, skilled, until in (
                (None, None, None, False, None),
                (name, name, name, True, None),
                ("x", name, name, False, at(18)),
            )
        ),
        ComplaintAssigned(
            ref=name, queue=name, priority="high", opened_at=at(10), owner=name, by=name, at=at(10, 3)
        ),
        *(
            CaseEscalated(
                ref=name,
                queue=name,
                priority="high",
                level=level,
                reason=name,
                by=name,
                at=at(10),
                nobody_on_duty=nobody,
            )
            for level, nobody in (("supervisor", False), ("lead", True), (name, False))
        ),
        ApprovalAsked(
            approval=1, ref=name, queue=name, code=name, asked_by=name, asked_at=at(10), tell_by=at(18)
        ),
        *(
            ApprovalDecided(
                approval=1,
                ref=name,
                queue=name,
                code="refund",
                asked_by=name,
                tell_by=at(18),
                approved=approved,
                decided_by=name,
                decided_at=at(11),
            )
            for approved in (True, False)
        ),
        OrphanCases(
            team=name,
            day=date(2026, 11, 24),
            total=many + 5,
            cases=tuple(
                OrphanCase(
                    ref=name,
                    queue=name,
                    priority="high",
                    reason=reason.value,
                    since=at(10) - timedelta(days=4),
                    owner=name if n % 2 else None,
                )
                for n in range(many // 3)
                for reason in OrphanReason
            ),
        ),
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
    refuse_another_beginning(render(kinds("GD1")[index], locale))


def test_chinese_messages_are_chinese() -> None:
    for message in kinds("甲", many=3):
        assert latin_words(message, r":rotating_light:|:warning:|GD") == []


def test_a_group_is_called_and_a_forged_one_is_not() -> None:
    (post,) = [m for m in kinds("GD1")[1:2] if isinstance(m, HandedOver)]
    called = shown(render(replace(post, user_group="S0123AB", on_shift=("chen",))))
    assert "<!subteam^S0123AB>" in called
    assert "On shift now: chen" in called
    assert "subteam" not in shown(render(replace(post, user_group="S1> <!channel")))


def test_an_urgent_case_is_marked_in_the_departments_channel() -> None:
    text = shown(render(kinds("GD1")[2]))
    assert "URGENT" in text
    assert "URGENT" not in shown(render(kinds("GD1")[1]))


def test_a_complaint_says_until_when_nobody_skilled_is_there() -> None:
    text = shown(render(kinds("GD1")[9], direct=True))
    assert "Nobody with the skill for complaints until 18:00" in text
