"""Every message kind, in both languages, with hostile names: inside Slack's limits, safe, and readable."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.alert_messages import (
    AlertCard,
    AlertNews,
    AlertSummary,
    Away,
    CardConcern,
    FoldedAlert,
    StormCard,
    StormNews,
)
from bot.core.alerts import ConcernKind
from bot.core.break_moves import BreakMove
from bot.core.cause import AwayPart, Here, LateCost, Need, SeenVolume, StaffingCause
from bot.core.data_age import DataAge
from bot.core.ids import MessageId
from bot.core.messages import (
    CoverToday,
    DeliveryState,
    Message,
    OperatorNotice,
    OutboxMessage,
    Outgoing,
    OverdueCase,
    OverdueType,
    QueueDay,
    Recipient,
    RecipientKind,
    RosterAnnounced,
    RosterPublished,
    ShiftChange,
    ShiftLine,
    SilentQueue,
    StandUpDigest,
    Urgency,
)
from bot.core.outlook_messages import (
    CertifiedPeak,
    EveningCard,
    ForecastDrift,
    OpenPromise,
    RiskAhead,
    RiskWeek,
    SourceSilence,
    VolumeUnusual,
    WeakHalfHour,
)
from bot.core.ports import Destination
from bot.playground.checks import Surface, characters, check_blocks
from bot.slack.blocks.kit import Content, escape
from bot.slack.render import Renderer
from tests.support.builders import at
from tests.support.builders import settings as make_settings

HOSTILE = [
    "<!channel>",
    "<@U0000001> & <https://evil.example|click>",
    "*bold* _it_ ~no~ `code` ```block```",
    "\u202eevil\u202c\u200b\x00\x1b[31m\r\n\n> quote",
    "😀" * 300,
    "漢" * 4000,
    "",
]
NOW = at(10, 15)
VERBATIM = re.compile(
    r"`[^`]*`|/\w+( @?\w+)?|Slack|Muster|first_response|app\.yaml|never heard of|muster (roster )?\w+"
)


def a_cause(name: str) -> StaffingCause:
    return StaffingCause(
        queue=name,
        start=at(10),
        end=at(10, 15),
        at=at(10, 10),
        age=DataAge(at=NOW, contacts=at(10, 14), presence=at(10, 9), forecast=at(2, 10), roster=at(8)),
        need=Need(
            by_forecast=9,
            by_volume=2,
            planned=12,
            forecast_contacts=44.0,
            planned_aht_seconds=240.0,
            seen=SeenVolume(start=at(10), end=at(10, 10), contacts=52, expected=44.0),
            aht_seconds=251.0,
            aht_contacts=31,
        ),
        rostered=10,
        resting=2,
        here=Here(present=9, away=(AwayPart(code="break", people=1),), unreported=1, unplaced=3),
        moves=(BreakMove(agent=name, activity="lunch", start=at(10, 15), to=at(11), minutes=60),),
        cost=LateCost(contacts=52.0, within_seconds=30.0, late=23.4, late_anyway=8.2),
    )


def unknown_cause(name: str) -> StaffingCause:
    return StaffingCause(
        queue=name, start=at(10), end=at(10, 15), at=at(10, 10), age=DataAge(at=NOW), silent_since=at(2, 10)
    )


def a_drift(queue: str, **fields: Any) -> ForecastDrift:
    values: dict[str, Any] = {
        "queue": queue,
        "last": date(2026, 11, 23),
        "days": 28,
        "signal": -0.82,
        "limit": 0.75,
        "bias": -0.18,
        "number": 12,
        "made": date(2026, 11, 9),
        "stale": False,
    }
    return ForecastDrift(**{**values, **fields})


def an_evening(queue: str, *, many: int = 2, **fields: Any) -> EveningCard:
    peak = CertifiedPeak(
        queue=queue,
        start=at(10),
        end=at(12),
        promised=0.91,
        expected=88.4,
        contacts=112,
        share=0.74,
        held=False,
    )
    values: dict[str, Any] = {
        "team": queue,
        "day": date(2026, 11, 24),
        "peaks": many,
        "held": many - 1,
        "shown": (peak, replace(peak, share=None, contacts=0, held=True))[:many],
        "promises": many,
        "due": (OpenPromise(owner=queue, ref=queue, due_at=at(23, 30)),) * min(many, 8),
    }
    return EveningCard(**{**values, **fields})


def a_risk(queue: str, **fields: Any) -> RiskAhead:
    values: dict[str, Any] = {
        "queue": queue,
        "start": at(12, 10),
        "end": at(12, 40),
        "chance": 0.38,
        "breaches": 3,
        "expected": 2.4,
        "backlog": 14,
        "pausing": 4,
        "leaving": 1,
        "age": DataAge(at=NOW, contacts=at(10, 14)),
        "fix": BreakMove(agent=queue, activity="lunch", start=at(12), to=at(13), minutes=60),
        "chance_after": 0.09,
        "sent": 6,
        "judged": 5,
        "came_true": 3,
    }
    return RiskAhead(**{**values, **fields})


def a_surge(queue: str, **fields: Any) -> VolumeUnusual:
    values: dict[str, Any] = {
        "queue": queue,
        "since": at(9, 30),
        "start": at(9, 30),
        "end": at(10),
        "contacts": 60,
        "expected": 20.0,
        "low": 9,
        "high": 33,
        "age": DataAge(at=NOW, contacts=at(10, 14)),
    }
    return VolumeUnusual(**{**values, **fields})


def test_a_risk_card_reads_as_in_the_scenario() -> None:
    """L8."""
    text = shown(render(a_risk("chat"), direct=True))
    assert "Risk 12:10–12:40, chat:* 38% chance that 3 or more first responses come late" in text
    assert "waiting now 14; breaks and lunches in that time 4, shifts that end 1" in text
    assert "Move chat's lunch from 12:00 to 13:00: the chance falls to 9%" in text
    assert "Risk cards this week: 6 sent, 3 came true, 1 not judged yet" in text
    assert "contacts 1 min old, presence not known" in text
    within = shown(render(a_risk("chat", within_seconds=60.0, fix=None, chance_after=None)))
    assert "3 or more wait longer than 1 min" in within
    assert "No single break that may be moved would help" in within
    over = shown(render(a_risk("chat", happened=2)))
    assert "*Did not come true:* 2 late" in over
    assert "Move" not in over
    often_wrong = shown(
        render(RiskWeek(team="harbour", first=date(2026, 11, 16), sent=9, judged=8, came_true=1))
    )
    assert "9 sent, 1 came true" in often_wrong
    assert "wrong too often" in often_wrong


def test_the_evening_sets_what_was_promised_beside_what_came() -> None:
    card = shown(render(an_evening("chat")))
    assert "1 of 2 certified peaks were inside their target" in card
    assert "*missed* chat, 10:00–12:00: 0.91 promised, 74% in time; 112 contacts came, 88 expected" in card
    assert "2 promises are due by tomorrow noon" in card
    chinese = shown(render(an_evening("chat"), locale="zh-Hans"))
    assert "2 个高峰中 1 个达标" in chinese
    assert "未达标" in chinese
    none = shown(render(an_evening("chat", peaks=0, held=0, shown=(), promises=0, due=())))
    assert "no certified peak to compare" in none


def test_a_drift_says_how_far_to_which_side_and_what_to_do_first() -> None:
    low = render(a_drift("chat"))
    assert low.text.startswith("chat: more contacts come than forecast. 18% too little was forecast")
    assert "add the event behind it" in shown(low)
    assert "Tracking signal 0.82 (limit 0.75) over 28 days until Mon 23 Nov" in shown(low)
    assert "`muster forecast show --queue chat`" in shown(low)
    high = shown(render(a_drift("chat", bias=0.31, stale=True)))
    assert "fewer contacts come than forecast" in high
    assert "The forecast in use is of Mon 9 Nov. Next: run `muster forecast`" in high
    chinese = render(a_drift("chat", bias=0.31), locale="zh-Hans")
    assert chinese.text.startswith("chat：实际来量持续低于预测。 近期预测偏高 31%")
    over = render(a_drift("chat", over_on=date(2026, 12, 1)))
    assert over.text.startswith("chat: the forecast is right again since Tue 1 Dec")


def test_silence_is_the_first_line_of_the_digest() -> None:
    """L3, when a source is silent."""
    digest = StandUpDigest(
        team="harbour", day=date(2026, 11, 24), meeting_at=at(9, 30), yesterday=(), overdue=(),
        overdue_total=7, cover=(), roster_known=False,
        overdue_type=OverdueType(type="complaint", count=5),
        silent=(SilentQueue(queue="email", since=at(2, 10)),), no_forecast=("chat", "phone"),
    )  # fmt: skip
    content = render(digest)
    assert content.text.startswith("email data stops at 02:10")
    text = shown(content)
    assert "Of the 7 overdue cases, 5 are" in text
    assert "71%" in text
    assert "No forecast for today: chat and phone" in text


def test_the_notice_of_a_digest_says_where_it_goes_instead() -> None:
    lost = OperatorNotice(code="not_in_channel", subject="#desk", detail="stand_up_digest", instead=("lin",))
    text = shown(render(lost))
    assert "/invite @muster" in text
    assert "This was the stand-up digest. It goes to lin as a direct message instead." in text
    assert "stand_up_digest" not in text
    assert "站会摘要" in shown(render(lost, "zh-CN"))


def hostile_person(who: str) -> str:
    return escape(who)


def concern(kind: str = "breach", **fields: Any) -> CardConcern:
    clocked = kind in ("breach", "warning")
    values: dict[str, Any] = {
        "kind": kind,
        "measure": "first_response" if clocked else None,
        "since": at(10, 10),
        "due_at": at(10, 10) if clocked else None,
        **fields,
    }
    return CardConcern(**values)


def card(name: str, *concerns: CardConcern, **fields: Any) -> AlertCard:
    values: dict[str, Any] = {
        "alert": 17,
        "ref": name,
        "queue": name,
        "priority": name,
        "opened_at": at(10),
        "state": "open",
        "concerns": concerns,
        "heard_at": at(10, 14),
        **fields,
    }
    return AlertCard(**values)


def warned(name: str) -> AlertCard:
    return card(
        name,
        concern("warning", fraction=0.5, due_at=at(10, 20)),
        level="warning",
        next_level="breach",
        next_at=at(10, 20),
    )


def broken(name: str, **fields: Any) -> AlertCard:
    values: dict[str, Any] = {
        "owner": name,
        "noticed_late_seconds": 420,
        "level": "channel",
        "mention": (name,),
        "next_level": "lead_on_duty",
        "next_at": at(10, 20),
        **fields,
    }
    return card(name, concern(), **values)


def storm_card(name: str, **fields: Any) -> StormCard:
    values: dict[str, Any] = {
        "storm": 4,
        "queue": name,
        "state": "open",
        "opened_at": at(10, 10),
        "count": 11,
        "open": 9,
        "urgent": 2,
        "oldest_ref": name,
        "oldest_due": at(10, 1),
        "type": "order",
        "of_type": 6,
        "level": "channel",
        "next_level": "lead_on_duty",
        "next_at": at(10, 20),
        "mention": (name,),
        "heard_at": at(10, 14),
        **fields,
    }
    return StormCard(**values)


def storm_kinds(name: str) -> list[Message]:
    folded = FoldedAlert(alert=17, ref=name, queue=name, due_at=at(10, 5))
    return [
        storm_card(name),
        storm_card(
            name, cause=a_cause(name), level="lead_on_duty", escalated=True, passed_over=("owner", name)
        ),
        storm_card(name, state="acknowledged", by=name, at=at(10, 12), type=name),
        storm_card(name, state="resolved", open=0, urgent=0, oldest_ref=None, oldest_due=None, type=None),
        storm_card(name, next_level="repeat", heard_at=None, mention=()),
        *(
            StormNews(storm=4, queue=name, what=what, at=at(10, 12), count=11, open=9, by=name, level=name)
            for what in ("taken", "escalated", "repeated", "over", "of a later version")
        ),
        AlertSummary(since=at(10, 5), count=9, oldest=folded, newest=(folded,) * 5),
        AlertSummary(
            since=at(10, 5),
            count=1,
            oldest=FoldedAlert(alert=17, ref=name, queue=name, due_at=None),
            newest=(folded,),
        ),
    ]


def alert_kinds(name: str, many: int) -> list[Message]:
    over = concern(over_at=at(10, 13), over_by=name)
    others = [kind.value for kind in ConcernKind]
    news = {"alert": 17, "ref": name, "queue": name, "at": at(10, 12), "concern": concern()}
    words = ("warned", "broken", "reopened", "ended", "taken", "escalated", "repeated", "unheard of")
    return [
        warned(name),
        broken(name),
        broken(name, cause=a_cause(name)),
        broken(name, cause=unknown_cause(name)),
        broken(name, level="lead_on_duty", escalated=True, passed_over=("owner", name)),
        broken(name, level="last_resort", escalated=True, passed_over=("lead_on_duty",)),
        broken(name, state="acknowledged", by=name, at=at(10, 12)),
        card(name, over, state="resolved"),
        card(name, concern(over_at=at(10, 3)), state="resolved"),
        card(name, concern(over_at=at(10, 3), ending="moved"), state="resolved"),
        card(name, concern(over_at=at(10, 3), ending="cancelled"), concern()),
        card(name, concern("ownerless", over_at=at(10, 3), over_by=name), state="resolved"),
        card(name, concern(), goes_on=True, heard_at=None),
        *(card(name, concern(kind, excused=name), over) for kind in [*others, "of a later version"]),
        card(name, *(concern() for _ in range(many)), away=Away(why="break", until=at(10, 30)), owner=name),
        card(name, concern(), away=Away(why="off_shift"), owner=name, complaint=True, tags=("agitated",)),
        card(name, concern(), away=Away(why="unlinked"), owner=name, priority="urgent", heard_at=None),
        *(AlertNews(**news, what=what, by=name, to=name, level=name, mention=(name,)) for what in words),
        AlertNews(**news, what="broken", passed_over=(name, "owner")),
        *storm_kinds(name),
        AlertNews(**{**news, "concern": over}, what="ended", over=True),
        AlertNews(**{**news, "concern": concern("ownerless")}, what="broken"),
    ]


def kinds(name: str, many: int = 40) -> list[Message]:
    line = ShiftLine(day=date(2026, 11, 24), start=at(9), end=at(18), queue=name, lunch_at=at(12))
    days = [
        ShiftLine(
            day=line.day + timedelta(days=i),
            start=line.start + timedelta(days=i),
            end=line.end + timedelta(days=i),
            queue=name,
        )
        for i in range(many)
    ]
    changes = [
        ShiftChange(day=d.day, before=None if i % 3 == 0 else d, after=None if i % 3 == 1 else line)
        for i, d in enumerate(days)
    ]
    return [
        *alert_kinds(name, many),
        StandUpDigest(
            team=name,
            day=date(2026, 11, 24),
            meeting_at=at(9, 30),
            yesterday=tuple(
                QueueDay(queue=name, contacts=1000, judged=i, within=0, median_response_seconds=61.0)
                for i in range(many)
            ),
            overdue=tuple(
                OverdueCase(ref=name, queue=name, priority="high", due_at=at(8), owner=name)
                for _ in range(200)
            ),
            overdue_total=200,
            cover=tuple(
                CoverToday(
                    queue=name,
                    required_agents_peak=11,
                    missing_agent_minutes=90,
                    worst_at=at(10),
                    worst_missing=i,
                )
                for i in range(many)
            ),
            roster_known=True,
            data_until=at(9, 15),
            late=True,
        ),
        StandUpDigest(
            team=name,
            day=date(2026, 11, 24),
            meeting_at=at(9, 30),
            yesterday=(),
            overdue=(),
            overdue_total=0,
            cover=(),
            roster_known=False,
        ),
        RosterPublished(
            roster=1, first=line.day, days=many, shifts=tuple(days), changes=(), first_version=True
        ),
        RosterPublished(roster=1, first=line.day, days=7, shifts=(), changes=(), first_version=True),
        RosterPublished(
            roster=2,
            first=line.day,
            days=many,
            shifts=tuple(days),
            changes=tuple(changes),
            first_version=False,
        ),
        RosterAnnounced(
            roster=1,
            first=line.day,
            days=7,
            agents=300,
            inside_share=0.947,
            weakest=0.71,
            weakest_queue=name,
            weakest_at=at(10),
            accepted_because=name * 5,
        ),
        RosterAnnounced(roster=1, first=line.day, days=7, agents=1, inside_share=None, weakest=None),
        OperatorNotice(code="not_in_channel", subject=name, detail=name),
        OperatorNotice(code="never heard of", subject=name),
        a_risk(name),
        a_risk(name, happened=5, judged=6),
        a_risk(name, fix=None, nobody_on_duty=True, within_seconds=60.0),
        RiskWeek(team=name, first=date(2026, 11, 16), sent=9, judged=8, came_true=1),
        RiskWeek(
            team=name,
            first=date(2026, 11, 16),
            sent=1,
            judged=1,
            came_true=1,
            weakest=(
                WeakHalfHour(queue=name, start=at(12, 30), broken=9, rostered=2, needed=4),
                WeakHalfHour(queue=name, start=at(13), broken=2),
            ),
        ),
        a_surge(name),
        a_surge(name, contacts=2, ended_at=at(10, 13)),
        SourceSilence(queue=name, since=at(2, 10), noticed_at=at(8, 40), expected=31.0, chance=1e-5),
        SourceSilence(
            queue=name, since=at(2, 10), noticed_at=at(8, 40), expected=31.0, chance=1e-5, heard_at=at(10)
        ),
        an_evening(name),
        an_evening(name, many=20),
        an_evening(name, peaks=0, held=0, shown=(), promises=1),
        a_drift(name),
        a_drift(name, bias=0.31, stale=True),
        a_drift(name, over_on=date(2026, 12, 1)),
        a_drift(name, bias=0.31, over_on=date(2026, 12, 1)),
        StandUpDigest(
            team=name,
            day=date(2026, 11, 24),
            meeting_at=at(9, 30),
            yesterday=(),
            overdue=(),
            overdue_total=7,
            cover=(),
            roster_known=False,
            overdue_type=OverdueType(type=name, count=5),
            silent=tuple(SilentQueue(queue=name, since=at(2, 10)) for _ in range(many)),
            no_forecast=(name,) * many,
        ),
    ]


def row(message: Message, *, created_at: datetime = NOW, attempts: int = 1) -> OutboxMessage:
    recipient = Recipient(kind=RecipientKind.CHANNEL, name="harbour-alerts", team="harbour")
    return OutboxMessage(
        id=MessageId(1),
        outgoing=Outgoing(
            recipient=recipient,
            message=message,
            dedupe_key="key",
            urgency=Urgency.ALERT,
            not_before=created_at,
        ),
        state=DeliveryState.SENDING,
        attempts=attempts,
        created_at=created_at,
    )


def render(
    message: Message, locale: str = "en", zone: str = "Asia/Shanghai", *, direct: bool = False, **fields: Any
) -> Content:
    kind = RecipientKind.AGENT if direct else RecipientKind.CHANNEL
    destination = Destination(recipient=Recipient(kind=kind, name="x"), locale=locale, zone=zone)
    return Renderer(make_settings(), hostile_person).render(row(message, **fields), destination, NOW)


def shown(content: Content) -> str:
    found = [content.text]
    for block in content.blocks:
        for item in [block, *block.get("elements", [])]:
            text = item.get("text")
            found += [text] if isinstance(text, str) else [text["text"]] if text else []
    return "\n".join(found)


@pytest.mark.parametrize("locale", ["en", "zh-Hans"])
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("index", range(len(kinds("x"))))
def test_inside_limits_and_harmless(index: int, name: str, locale: str) -> None:
    content = render(kinds(name)[index], locale, "Europe/Lisbon")
    assert check_blocks(list(content.blocks), Surface.MESSAGE) == []
    assert characters(list(content.blocks)) <= 13_200
    assert 0 < len(content.text) <= 3_000
    assert content.text.strip()
    text = shown(content)
    # Nothing of the name became a mention, a link or another direction of writing.
    assert not re.search(r"<(?!/)[^>]*>", text)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x00-\x08\x1b\r]", text)
    # Each & begins an entity that is whole, whatever was cut.
    assert not re.search(r"&(?!(?:amp|lt|gt);)", text)


@given(st.text(max_size=300))
@settings(max_examples=40, deadline=None)
def test_any_name_whatever(name: str) -> None:
    for message in alert_kinds(name, many=3):
        content = render(message)
        assert check_blocks(list(content.blocks), Surface.MESSAGE) == []
        assert not re.search(r"<[^>]*>", shown(content))


@pytest.mark.parametrize("locale", ["en", "zh-Hans"])
@pytest.mark.parametrize("index", range(len(kinds("x"))))
def test_the_first_block_alone_reads_as_the_notification(index: int, locale: str) -> None:
    content = render(kinds("GD1")[index], locale)
    first = content.blocks[0]
    assert first["type"] == "section"
    assert re.sub("[*`]", "", first["text"]["text"]) == re.sub("[*`]", "", content.text)
    assert len(content.text) > 10


def test_chinese_messages_are_chinese() -> None:
    for message in kinds("甲", many=3):
        text = VERBATIM.sub("", shown(render(message, "zh-CN")))
        assert re.findall(r"[A-Za-z]{2,}", text) == []


def test_breach_says_what_when_and_why_and_what_comes_next() -> None:
    text = shown(render(broken("GD1")))
    assert "first response was due 10:10, 5 min ago" in text
    assert "learned of it 7 min after" in text
    assert "/muster take 17" in text
    assert "the lead on duty is told 10:20" in text
    assert "On duty: GD1." in text
    assert "Data as of 10:14, 1 min old." in text


def test_the_cause_of_a_breach_reads_as_arithmetic() -> None:
    """L6."""
    text = shown(render(broken("chat", cause=a_cause("chat"))))
    assert "needed 11, rostered 10, present 9: *2 short*" in text
    assert "2 short = 1 not rostered + 1 on a break that the roster has elsewhere" in text
    assert "11 needed = 9 by the forecast + 2 by more volume (forecast 44 contacts of 4 min)" in text
    assert "Volume 10:00–10:10: 52 against 44 forecast (+18%)" in text
    assert "Handling time: 4 min 11 sec against 4 min planned (last 31 contacts)" in text
    assert "The plan was 12 on the roster" in text
    assert "Could move: chat's lunch from 10:15 to 11:00" in text
    assert "contacts 1 min old, presence 6 min old, forecast of 02:10, roster published 08:00" in text
    assert (
        "Cost: about 23 of 52 contacts in this time are not answered within 30 sec; with the people" in text
    )
    assert "needed it would be 8." in text
    chinese = shown(render(broken("chat", cause=a_cause("chat")), "zh-CN"))
    assert "代价：本时段约 52 次联络中有 23 次未在30秒内应答；若人数足够则为 8 次。" in chinese
    little = replace(
        a_cause("chat"), cost=LateCost(contacts=9.0, within_seconds=30.0, late=1.4, late_anyway=1.1)
    )
    assert "Cost" not in shown(render(broken("chat", cause=little)))
    nothing = shown(render(broken("chat", cause=unknown_cause("chat"))))
    assert "no forecast and no requirement, so the need is not known" in nothing
    assert "short" not in nothing
    assert "presence not known" in nothing


def test_escalation_says_why_this_person_and_who_was_not_there() -> None:
    lead = broken("GD1", level="lead_on_duty", escalated=True)
    text = shown(render(lead, direct=True))
    assert text.startswith("Nobody has taken this:")
    assert "you are on duty" in text.lower()
    resort = broken("GD1", level="last_resort", escalated=True, passed_over=("lead_on_duty",))
    text = shown(render(resort, direct=True))
    assert "last resort" in text
    assert "Nobody is there for: the lead on duty." in text


def test_an_owner_on_a_break_is_said_with_its_end() -> None:
    away = broken("GD1", away=Away(why="break", until=at(10, 30)))
    assert "on a break until 10:30" in shown(render(away))


def test_urgent_complaints_and_agitated_customers_are_flagged() -> None:
    """MA10, MA13"""
    text = shown(render(broken("GD1", priority="urgent", complaint=True, tags=("agitated",))))
    assert "*URGENT* *COMPLAINT* *Customer is agitated*" in text
    assert "URGENT" not in shown(render(broken("GD1")))


def test_an_exception_is_named_and_the_clock_runs_on() -> None:
    text = shown(render(card("GD1", concern(excused="typhoon"))))
    assert "declared exception (typhoon)" in text
    assert "the clock runs on" in text


def test_of_what_ended_together_the_promise_is_told() -> None:
    ended = {"over_at": at(10, 13), "over_by": "bo"}
    text = shown(render(card("GD1", concern(**ended), concern("ownerless", **ended), state="resolved")))
    assert text.startswith("Over: GD1 on GD1: first response came 10:13, 3 min late.")
    assert text.count("first response came") == 2  # in the notification and in the post


def test_an_owner_is_missed_once() -> None:
    text = shown(render(card("GD1", concern(), concern("ownerless"))))
    assert "Nobody owns it since 10:10." in text
    assert "Nobody owns it yet." not in text


def test_what_somebody_has_is_not_said_to_be_nobodys() -> None:
    """Whoever acknowledges has it, also where the source knows no owner."""
    text = shown(render(card("GD1", concern(), state="acknowledged", by="bo", at=at(10, 12))))
    assert "bo has it since 10:12:00" in text
    assert "Nobody owns it" not in text
    also = shown(
        render(card("GD1", concern(), concern("ownerless"), state="acknowledged", by="bo", at=at(10, 12)))
    )
    assert "Nobody owns it" not in also
    over = concern("ownerless", over_at=at(10, 13))
    assert "Nobody owns it yet." not in shown(render(card("GD1", concern(), over)))
    alone = card("GD1", concern("ownerless"), state="acknowledged", by="bo", at=at(10, 12))
    assert "Nobody owns it" not in shown(render(alone))


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "acknowledged", "by": "bo", "at": at(10, 12)},
        {"state": "snoozed", "by": "bo", "at": at(10, 12), "until": at(10, 22)},
        {"state": "open", "escalated": True},
    ],
)
def test_a_warning_is_told_in_one_place(fields: dict[str, Any]) -> None:
    """The title has the whole sentence; open, it has only the time, and the share follows below."""
    warning = concern("warning", fraction=0.5, due_at=at(10, 20))
    (first, *rest) = [
        block["text"]["text"] for block in render(card("GD1", warning, **fields)).blocks if "text" in block
    ]
    assert "50% of the time was used" in first
    assert "of the time was used" not in " ".join(rest)
    assert "50% of the time was used" in shown(render(warned("GD1")))


def test_a_storm_says_how_many_the_oldest_and_what_they_share() -> None:
    text = shown(render(storm_card("chat")))
    assert text.startswith("Storm on chat: 9 cases are late and open, the oldest by 14 min.")
    assert "11 broke so far, 9 of them are open." in text
    assert "6 of 9 are about order" in text
    assert "2 of them are urgent" in text
    assert "/muster take S4" in text
    assert "Acknowledge all 9" in text


def test_a_summary_says_since_when_and_the_oldest() -> None:
    folded = FoldedAlert(alert=17, ref="GD1", queue="chat", due_at=at(10, 5))
    text = shown(render(AlertSummary(since=at(10, 5), count=9, oldest=folded, newest=(folded,))))
    assert text.startswith("9 more alerts since 10:05: the oldest is GD1 chat, due 10:05")


def test_news_call_people_by_name_and_a_later_kind_is_shown_all_the_same() -> None:
    news = AlertNews(
        alert=17, ref="GD1", queue="chat", what="broken", at=at(10, 12), concern=concern(), mention=("lin",)
    )
    assert shown(render(news)).startswith("lin Breach: GD1: first response was due 10:10")
    later = AlertNews(alert=17, ref="GD1", queue="chat", what="unheard of", at=at(10, 12))
    assert "GD1" in shown(render(later))


def test_zone_is_named_only_where_it_differs_from_the_queues() -> None:
    warning = warned("chat")
    assert "UTC" not in shown(render(warning))
    abroad = shown(render(warning, "en", "Europe/Lisbon"))
    assert "All times: Lisbon, UTC." in abroad
    assert "due 02:20" in abroad
    # Another name for the same time needs no word.
    assert "UTC" not in shown(render(warning, "en", "Asia/Singapore"))


def test_a_message_that_left_late_says_so() -> None:
    late = shown(render(broken("chat"), created_at=NOW - timedelta(minutes=7), attempts=5))
    # When, not why: nobody knows here whether Slack, the database or Muster itself was away.
    assert "Sent 7 min late." in late
    assert "Slack" not in late
    assert "Sent " not in shown(render(broken("chat")))


def test_a_changed_roster_shows_before_and_after() -> None:
    line = ShiftLine(day=date(2026, 11, 24), start=at(9), end=at(18), queue="chat")
    later = ShiftLine(day=date(2026, 11, 24), start=at(10), end=at(19), queue="chat")
    message = RosterPublished(
        roster=2,
        first=date(2026, 11, 23),
        days=7,
        shifts=(later,),
        changes=(ShiftChange(day=line.day, before=line, after=later),),
        first_version=False,
    )
    text = shown(render(message, direct=True))
    assert "1 day is different" in text
    assert "09:00–18:00, chat → 10:00–19:00, chat" in text
