"""Posts about changed shifts: both languages, inside Slack's limits, harmless names, readable alone."""

from __future__ import annotations

import re

import pytest

from bot.core.request_messages import (
    KINDS,
    ChangeAsked,
    ChangeEnded,
    ExchangeMade,
    OpenSpan,
    PersonChange,
    PlanUnanswered,
    ReferralDecided,
    RepairProposed,
    RepairSettled,
    RepairWay,
    RequestMessage,
    RequestReferred,
    ShiftsChanged,
    ShiftTimes,
    TalkChange,
)
from bot.core.requests import Cause, RequestState
from bot.i18n.catalog import SPOKEN
from scheduler.repair.changes import ChangeKind
from tests.bot.slack.posts import HOSTILE, latin_words, refuse_another_beginning, refuse_harm, render, shown
from tests.support.builders import at

MADE = (Cause.SWAP, Cause.GIVE, Cause.CHAIN, Cause.LEAVE, Cause.REPAIR, Cause.OVERTIME, Cause.GO_HOME)
ASKING = (Cause.SWAP, Cause.GIVE, Cause.CHAIN, Cause.LEAVE)


def changes(name: str) -> list[PersonChange]:
    """One of each kind, and a day given up for another."""
    shift = ShiftTimes(start=at(9), end=at(18), queue=name)
    later = ShiftTimes(start=at(13), end=at(22), queue=name)
    found = [
        PersonChange(
            agent=name,
            kind=kind.value,
            before=None if kind is ChangeKind.CALL_IN else shift,
            after=None if kind is ChangeKind.SEND_HOME else later,
            needs_consent=True,
        )
        for kind in ChangeKind
    ]
    talks = [
        PersonChange(
            agent=name,
            kind="move_pauses",
            before=shift,
            after=shift,
            talk=TalkChange(start=at(14), end=at(14, 30), gone=gone),
        )
        for gone in (False, True)
    ]
    return [*found, *talks, PersonChange(agent=name, kind="move", after=later, dropped=shift)]


def kinds(name: str, many: int = 30) -> list[RequestMessage]:
    shift = ShiftTimes(start=at(9), end=at(18), queue=name)
    gap = OpenSpan(queue=name, start=at(10), end=at(11), missing=2)
    every = tuple(changes(name))
    ways = (
        *(
            RepairWay(
                number=n,
                changes=every[: n % 4 + 1] * 3,
                open_spans=(gap,) * (n * many // 3),
                paid_minutes=60.0,
                overtime_minutes=30.0 * n,
            )
            for n in range(4)
        ),
        RepairWay(number=0, changes=(), open_spans=(gap,) * many, paid_minutes=0, overtime_minutes=0),
    )
    return [
        *(
            ChangeAsked(request=7, cause=cause.value, change=one, ends_at=at(20), asker=name, others=many)
            for cause, one in zip(ASKING, every, strict=False)
        ),
        *(
            ChangeAsked(request=7, cause=cause, change=every[1], ends_at=at(20))
            for cause in ("repair", "overtime", "go_home")
        ),
        ChangeAsked(request=7, cause="give", change=every[1], ends_at=at(20), asker=name, granted=True),
        *(
            ChangeEnded(request=7, cause="swap", state=state.value, by=name, change=every[0])
            for state in RequestState
            if state not in (RequestState.OPEN, RequestState.PROPOSED)
        ),
        ChangeEnded(
            request=7, cause="overtime", state="overtaken", by="muster", change=every[0], filled_at=at(14, 4)
        ),
        *(ShiftsChanged(changes=every * (many // 3 + 1), cause=cause.value, request=7) for cause in Cause),
        *(ExchangeMade(cause=cause.value, changes=every, request=7) for cause in MADE),
        RepairProposed(absence=1, agent=name, day=at(9).date(), gone=shift, ways=ways),
        RepairProposed(absence=0, agent=name, day=at(9).date(), gone=shift, ways=ways[-1:]),
        RepairProposed(
            absence=0,
            agent=name,
            day=at(9).date(),
            gone=shift,
            ways=(RepairWay(number=0, changes=(), open_spans=(), paid_minutes=0, overtime_minutes=0),),
        ),
        RepairProposed(absence=0, agent=name, day=at(9).date(), gone=shift, ways=()),
        RepairSettled(absence=1, agent=name, by=name),
        RepairSettled(absence=1, agent=name, by=name, changes=every, asked=(name,) * many),
        RepairSettled(absence=1, agent=name, by=name, changes=every),
        RequestReferred(request=7, agent=name, change=every[0], open_spans=(gap,) * many, ends_at=at(20)),
        *(
            PlanUnanswered(declined=declined, made=made, changes=every * (many // 3 + 1))
            for declined in (True, False)
            for made in (True, False)
        ),
        *(
            ReferralDecided(request=7, agent=name, change=every[0], state=state.value, by=name)
            for state in RequestState
            if state not in (RequestState.OPEN, RequestState.PROPOSED)
        ),
        *(
            ReferralDecided(
                request=7,
                agent=name,
                change=every[0],
                state=RequestState.DONE.value,
                by=name,
                open_spans=(gap,) * count,
            )
            for count in (0, many)
        ),
        *(
            RequestReferred(
                request=7,
                agent=name,
                change=every[0],
                open_spans=(gap,) * many,
                ends_at=at(20),
                cause=cause,
                others=every[:1],
            )
            for cause in ("swap", "give")
        ),
        *(
            ReferralDecided(
                request=7,
                agent=name,
                change=every[0],
                state=state.value,
                by=name,
                open_spans=(gap,),
                others=every[:1],
            )
            for state in RequestState
            if state is not RequestState.PROPOSED
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
    refuse_another_beginning(render(kinds("bo")[index], locale))


def test_chinese_messages_are_chinese() -> None:
    for message in kinds("甲", many=3):
        assert latin_words(message, "UTC") == []


def test_no_message_says_why_somebody_is_away() -> None:
    """A11: neither the lead's card nor anybody's list tells sickness from anything else."""
    for locale, words in (("en", "sick|ill|disease|doctor"), ("zh-CN", "病|医")):
        for message in kinds("bo"):
            assert not re.search(rf"\b(?:{words})\b", shown(render(message, locale)).casefold())


def test_times_are_the_readers_own_and_the_zone_is_named() -> None:
    content = shown(
        render(ShiftsChanged(changes=tuple(changes("chat")[3:4]), cause="swap"), "en", "Europe/Lisbon")
    )
    assert "01:00–10:00" in content
    assert "05:00–14:00" in content
    assert "Lisbon" in content
