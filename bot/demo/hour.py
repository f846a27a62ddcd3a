"""One working hour at Harbour, replayed: the stand-up digest, contacts coming in, two that are late."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np

from bot.core.ids import AgentId
from bot.demo.harbour import ALERT_CHANNEL
from bot.demo.stage import Stage
from bot.demo.truth import ZONE, queues
from bot.store.unit_of_work import Store
from forecasting.calendars import ForecastCalendar
from forecasting.grid import IntervalGrid
from forecasting.synthetic import arrival_times, expected_contacts

_MINUTE: Final = timedelta(minutes=1)
_LONGEST_WAIT: Final = timedelta(hours=1)
_FIRST_WAIT: Final = {"phone": 12.0, "chat": 25.0, "email": 600.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """Who pressed Acknowledge, what they saw, and what the second was told."""

    as_posted: str
    first: str
    second: str
    told_second: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """What happened.  ``late``: the two cases whose first response came too late."""

    start: datetime
    end: datetime
    contacts: int
    late: tuple[str, str]
    pressed: Pressed
    asked: Sequence[tuple[str, str, str]] = field(default=())
    """(person, command, answer) of the slash commands typed at the end."""


def play_hour(
    stage: Stage, store: Store, *, day: date, calendars: Mapping[str, ForecastCalendar], seed: int
) -> Hour:
    """Play 09:15 to 10:15 of ``day`` in Shanghai.  Raises TimeoutError where the service falls silent."""
    tz = ZoneInfo(ZONE)

    def clock(hour: int, minute: int, second: int = 0) -> datetime:
        return datetime.combine(day, time(hour, minute, second), tzinfo=tz)

    start, end = clock(9, 15), clock(10, 15)
    stage.advance(start, step=timedelta(days=30))
    working = on_shift(store, clock(9, 41))
    leads = [a for a in working if a in ("lin", "mei", "rui")]
    others = [a for a in working if a not in leads]
    taker = (leads or others)[0]
    second = next(a for a in [*leads, *others] if a != taker)
    late = (f"GD{day:%Y%m%d}801", f"GD{day:%Y%m%d}802")

    agenda = sorted(usual_contacts(day, start, end, calendars, seed, others), key=lambda item: item[0])
    contacts = sum(1 for _, event in agenda if event["kind"] == "opened")
    agenda += [
        (clock(9, 31), opened(late[0], "chat", "order", "high", clock(9, 31), others[0])),
        (clock(9, 43, 30), answered(late[0], clock(9, 43, 30), others[0])),
        (clock(9, 45), opened(late[1], "chat", "complaint", "high", clock(9, 45), others[1])),
        (clock(10, 8), answered(late[1], clock(10, 8), others[1])),
    ]
    pressed: list[Pressed] = []

    def press() -> None:
        pressed.append(_press(stage, late[0], taker, second))

    moments: list[tuple[datetime, Callable[[], object]]] = [(clock(9, 42, 10), press)]
    moments += [(at, lambda event=event: stage.post_events([event])) for at, event in agenda]  # type: ignore[misc]
    for at, act in sorted(moments, key=lambda moment: moment[0]):
        stage.advance(at)
        act()
    stage.advance(end)
    asked = [_ask(stage, who, "/shift", text) for who, text in ((taker, ""), (others[0], "week"))]
    asked.append(_ask(stage, others[0], "/muster", "help"))
    refs = dict.fromkeys(event["contact"] for _, event in agenda)
    stage.post_events([resolved(ref, end) for ref in refs])
    _run_on(stage, store, end)
    return Hour(start=start, end=end, contacts=contacts + 2, late=late, pressed=pressed[0], asked=asked)


def _run_on(stage: Stage, store: Store, end: datetime) -> None:
    """Let the clock run until nothing waits: a reminder of a call's record leaves minutes after the call."""
    stage.advance(end + _MINUTE)
    while stage.clock() < end + _LONGEST_WAIT:
        with store.unit() as uow:
            if not uow.outbox.backlog(end + _LONGEST_WAIT).waiting:
                return
        stage.advance(stage.clock() + _MINUTE)


def on_shift(store: Store, instant: datetime) -> list[AgentId]:
    with store.unit() as uow:
        return [entry.agent for entry in uow.rosters.on_shift(instant)]


def usual_contacts(
    day: date,
    start: datetime,
    end: datetime,
    calendars: Mapping[str, ForecastCalendar],
    seed: int,
    agents: Sequence[str],
) -> Iterator[tuple[datetime, dict[str, Any]]]:
    """The hour's ordinary contacts, each answered inside its promise."""
    rng = np.random.default_rng(seed)
    grid = IntervalGrid.for_days(first=day, days=1, interval=15 * _MINUTE, zone=ZONE)
    number = 500
    for i, queue in enumerate(queues()):
        counts = rng.poisson(expected_contacts(queue, grid, calendars[queue.name])).astype(float)
        for at in arrival_times(counts, grid, seed=seed + i):
            if not start < at < end - 5 * _MINUTE:
                continue
            number += 1
            ref = f"GD{day:%Y%m%d}{number:03d}"
            wait = float(rng.lognormal(np.log(_FIRST_WAIT[queue.name]), 0.6))
            first_answer = min(at + timedelta(seconds=round(wait) + 1), end - _MINUTE)
            agent = agents[number % len(agents)]
            # Whoever answers e-mail has it before: it is longer on the way than a case may be ownerless.
            owner = agent if queue.name == "email" else None
            yield at, opened(ref, queue.name, "consult", "medium", at, owner)
            yield first_answer, answered(ref, first_answer, agent)


def _press(stage: Stage, ref: str, taker: str, second: str) -> Pressed:
    """Two people press Acknowledge; the second saw the post as it was before the first one's press."""
    slack = stage.slack
    post = next(
        m
        for m in slack.channel(ALERT_CHANNEL).messages
        if ref in slack.render(m) and "alert" in str(m.blocks)
    )
    before = len(post.versions)
    as_posted = slack.render(post, taker)
    button = next(iter(post.buttons()))
    slack.user(taker).press(post, button)
    stage.application.runner.run_now("deliver")
    slack.wait_for(lambda: len(post.versions) > before, what="the edited alert")
    told = slack.user(second).press(post, button, seen=before).reply()
    return Pressed(as_posted=as_posted, first=taker, second=second, told_second=slack.render(told, second))


def _ask(stage: Stage, who: str, command: str, text: str) -> tuple[str, str, str]:
    answer = stage.slack.user(who).command(command, text, channel=ALERT_CHANNEL).reply()
    return who, f"{command} {text}".strip(), stage.slack.render(answer, who)


def _event(ref: str, kind: str, at: datetime, **fields: object) -> dict[str, Any]:
    return {
        "contact": ref,
        "kind": kind,
        "at": at.isoformat(),
        "source": "demo",
        "event_id": f"{ref}-{kind}",
        **fields,
    }


def opened(
    ref: str, queue: str, type_: str, priority: str, at: datetime, agent: str | None = None
) -> dict[str, Any]:
    owner = {} if agent is None else {"agent": agent}
    return _event(ref, "opened", at, queue=queue, type=type_, priority=priority, tier="standard", **owner)


def answered(ref: str, at: datetime, agent: str) -> dict[str, Any]:
    return _event(ref, "responded", at, agent=agent)


def resolved(ref: str, at: datetime) -> dict[str, Any]:
    return _event(ref, "resolved", at, outcome="solved")
