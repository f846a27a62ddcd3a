"""Samples of the messages the outbox keeps, with a name wherever one can stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

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
from bot.core.board import Stage
from bot.core.board_messages import (
    BoardPost,
    PostedGap,
    PostedPromise,
    PostedQueue,
    PostedStage,
    PostedType,
)
from bot.core.break_moves import BreakMove
from bot.core.cause import AwayPart, Here, LateCost, Need, SeenVolume, StaffingCause
from bot.core.cause_messages import UnnamedMiss
from bot.core.courses import Measure
from bot.core.data_age import DataAge
from bot.core.idea_messages import KudosLine
from bot.core.item_messages import ItemDue, ItemGiven, ItemLine, ItemNews, StandUpClosed
from bot.core.messages import (
    CoverToday,
    Message,
    OpenCase,
    OperatorNotice,
    OverdueCase,
    OverdueType,
    PrepareCard,
    QueueDay,
    RosterAnnounced,
    RosterPublished,
    SessionLine,
    ShiftChange,
    ShiftLine,
    ShiftReminder,
    SilentQueue,
    StandUpDigest,
    TopType,
)
from bot.core.outlook_messages import (
    CertifiedPeak,
    CoverAhead,
    EveningCard,
    ForecastDrift,
    GapAhead,
    MorningCard,
    OpenPromise,
    PeakAhead,
    RiskAhead,
    RiskWeek,
    SourceSilence,
    VolumeUnusual,
    WeakHalfHour,
)
from bot.core.trial_messages import TrialAlert
from scheduler.roster.shifts import SessionKind
from tests.bot.slack.campaign_samples import campaign_kinds
from tests.bot.slack.incident_samples import incident_kinds
from tests.bot.slack.pack_samples import a_pack
from tests.bot.slack.posts import NOW
from tests.bot.slack.rhythm_samples import an_idea, rhythm_kinds
from tests.support.builders import at


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
        "unnamed": many,
        "misses": (
            UnnamedMiss(
                ref=queue, measure="first_response", queue=queue, due_at=at(10), owner=queue, short=2
            ),
            UnnamedMiss(ref=queue[::-1], measure="resolution", queue=queue, due_at=at(11)),
        )[:many],
    }
    return EveningCard(**{**values, **fields})


def a_prepare(name: str, *, many: int = 2, **fields: Any) -> PrepareCard:
    shift = ShiftLine(day=date(2026, 11, 24), start=at(8, 55), end=at(18), queue=name)
    values: dict[str, Any] = {
        "shift": shift,
        "begins": at(9),
        "checklist": (name * 3,) * min(many, 8),
        "cases": (OpenCase(ref=name, due_at=at(9, 30)), OpenCase(ref=name)),
        "cases_total": many,
        "promises": (OpenPromise(owner=name, ref=name, due_at=at(9, 30)),),
        "promises_total": many,
    }
    return PrepareCard(**{**values, **fields})


def a_morning(queue: str, *, many: int = 2, **fields: Any) -> MorningCard:
    values: dict[str, Any] = {
        "team": queue,
        "day": date(2026, 11, 24),
        "start": at(8),
        "until": at(12),
        "cover": (CoverAhead(queue=queue, rostered=10, needed=11),) * many,
        "gaps": (
            GapAhead(queue=queue, start=at(10), end=at(10, 30), missing=1, pausing=2, away=1),
            GapAhead(queue=queue, start=at(11), end=at(11, 30), missing=2),
        )
        * (many // 2),
        "gaps_total": many + 3,
        "peaks": (PeakAhead(queue=queue, start=at(10), end=at(12), probability=0.914),) * many,
        "promises": many,
        "promises_until": at(10),
        "due": (OpenPromise(owner=queue, ref=queue, due_at=at(9, 30)),) * min(many, 8),
        "back": (queue,) * many,
        "certified_at": at(2),
        "changed_since": 1,
        "unstaffed": (queue,),
        "no_forecast": (queue,),
        "data_until": at(1, 40),
    }
    return MorningCard(**{**values, **fields})


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
        card(name, concern(), away=Away(why="session", until=at(10, 30)), owner=name),
        card(name, concern(), away=Away(why="off_shift"), owner=name, complaint=True, tags=("agitated",)),
        card(name, concern(), away=Away(why="unlinked"), owner=name, priority="urgent", heard_at=None),
        *(AlertNews(**news, what=what, by=name, to=name, level=name, mention=(name,)) for what in words),
        AlertNews(**news, what="broken", passed_over=(name, "owner")),
        *storm_kinds(name),
        AlertNews(**{**news, "concern": over}, what="ended", over=True),
        AlertNews(**{**news, "concern": concern("ownerless")}, what="broken"),
    ]


def an_item(name: str, **more: Any) -> ItemLine:
    plain = ItemLine(item=3, what=name * 3, made_at=at(9) - timedelta(days=2), about=name, due_at=at(9, 50))
    return replace(plain, **more)


def item_kinds(name: str, many: int) -> list[Message]:
    return [
        *(
            ItemNews(line=an_item(name, owner=name), news=news, by=name, because=name)
            for news in ("noted", "given", "done", "dropped")
        ),
        ItemGiven(line=an_item(name, owner=name, due_at=None, about=None), by=name),
        ItemDue(line=an_item(name, owner=name)),
        StandUpClosed(
            team=name,
            day=date(2026, 11, 24),
            lines=tuple(an_item(name, owner=None if i < 2 else name) for i in range(10)),
            total=many,
            owners=3,
            unowned=2,
        ),
        StandUpClosed(
            team=name,
            day=date(2026, 11, 24),
            lines=(an_item(name, owner=name, due_at=None),),
            total=1,
            owners=1,
            unowned=0,
        ),
    ]


def kinds(name: str, many: int = 40) -> list[Message]:
    talks = tuple(SessionLine(activity=kind, at=at(10, i)) for i, kind in enumerate(SessionKind))
    line = ShiftLine(
        day=date(2026, 11, 24), start=at(9), end=at(18), queue=name, lunch_at=at(12), sessions=talks
    )
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
        BoardPost(
            team=name,
            at=NOW,
            queues=tuple(
                PostedQueue(
                    queue=name,
                    pending=1000,
                    unanswered=i,
                    late=i,
                    in_resolution=900,
                    median_since=at(8),
                    oldest_since=at(8) - timedelta(days=40),
                )
                for i in range(many)
            ),
            stages=tuple(PostedStage(stage=s.value, cases=3, oldest_at=at(9)) for s in Stage),
            promises=tuple(PostedPromise(measure=m.value, running=9, overdue=2, soon=1) for m in Measure),
            types=tuple(PostedType(type=name, cases=i) for i in range(1, many)),
            every_seconds=60.0,
            gaps=tuple(
                PostedGap(queue=name, peak=11, worst_missing=i, worst_at=at(11)) for i in range(1, many)
            ),
            working=300,
            pausing=12,
            data_until=at(10, 14),
        ),
        BoardPost(team=name, at=NOW, queues=(), stages=(), promises=(), types=(), every_seconds=30.0),
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
            items=tuple(an_item(name, owner=None if i < 3 else name) for i in range(10)),
            items_total=many,
            kudos=(KudosLine(whom=name, by=name, words=name),) * 10,
            ideas=(an_idea(name),) * 10,
            done=tuple(an_item(name, owner=name) for _ in range(8)),
            top_types=tuple(
                TopType(queue=name, type=name, contacts=1000, share=0.3, change=c, self_service=True)
                for c in (None, 0.06, -0.004, -0.12)
            ),
        ),
        a_pack(name),
        a_pack(name, kind="month", late=True, empty=True),
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
        *(
            RosterPublished(
                roster=1,
                first=line.day,
                days=7,
                shifts=(),
                changes=(ShiftChange(day=line.day, before=line, after=line),) * many,
                first_version=False,
                request=12,
                ends_at=at(18),
                needs_consent=consent,
                why=name or None,
                state=state,
            )
            for consent in (True, False)
            for state in (None, "done", "declined", "withdrawn", "expired", "overtaken")
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
        ShiftReminder(shifts=tuple(days)),
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
        *item_kinds(name, many),
        *campaign_kinds(name, many),
        *rhythm_kinds(name, many),
        *incident_kinds(name, many),
        TrialAlert(key="trial-alert-harbour-1", by=name, sent_at=at(10)),
        TrialAlert(key="trial-alert-harbour-1", by=name, sent_at=at(10), pressed_by=name, seconds=1.24),
        a_prepare(name),
        a_prepare(name, many=40),
        a_prepare(name, checklist=(), cases=(), cases_total=0, promises=(), promises_total=0),
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
        a_morning(name),
        a_morning(name, many=40),
        a_morning(name, all_dark=True, cover=(), gaps=(), gaps_total=0, certified_at=None, data_until=None),
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
