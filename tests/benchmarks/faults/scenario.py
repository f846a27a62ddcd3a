"""What happens in one run, and what must be told of it, to whom: known before anything runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from bot.core.alert_settings import AlertSettings
from bot.core.contacts import Priority
from bot.core.escalation import EscalationChain, EscalationStep, Notify
from bot.core.people import Role, StandUp
from bot.core.settings import Settings
from bot.core.sla import SlaPolicy
from bot.playground import RateLimits, StandInSlack, Workspace
from bot.store.unit_of_work import Store
from tests.benchmarks.faults.clock import FastClock
from tests.stories.service import publish
from tests.support.builders import POLICIES, SHANGHAI, TEAM, agent, at, only, resolution, response, settings

START = at(14, 20, 5)
INTAKE_TOKEN = "intake-token-of-the-benchmark"
ALERTS, STAND_UP = "#harbour-alerts", "#harbour-standup"
OWNER, LEAD, LAST = "@bo", "@lin", "@ada"
CARD, NEWS, OVER = "alert_card", "alert_news", "over"

CHAIN = EscalationChain(
    name="harbour",
    steps=(
        EscalationStep(after=timedelta(0), notify=Notify.CHANNEL),
        EscalationStep(after=timedelta(minutes=40), notify=Notify.LEAD_ON_DUTY),
        EscalationStep(after=timedelta(minutes=120), notify=Notify.PERSON, email="ada@harbour.example"),
    ),
    last_resort="ada@harbour.example",
)


@dataclass(frozen=True, order=True, kw_only=True)
class Told:
    """One thing that must be said exactly once: what, of which case, and where it must stand."""

    kind: str
    ref: str
    place: str


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """``first`` is sent when the service is up, ``later`` when everything of ``first`` has been told."""

    first: tuple[dict[str, Any], ...]
    later: tuple[dict[str, Any], ...]
    told_first: Counter[Told]
    told_later: Counter[Told]


def chosen_settings() -> Settings:
    """The team Harbour with three levels; a run is over long before the next threshold of a case."""
    slow = SlaPolicy(name="slow", priorities=only(Priority.MEDIUM), targets=(response(240), resolution(48)))
    policies = (slow, *(p for p in POLICIES if p.name != "standard"))
    base = settings(warn_at=(0.5, 0.8), chain=CHAIN, policies=policies)
    # Nothing that depends on how fast a run goes: no repeats, no groups, nobody spared.
    alerts = AlertSettings(repeat=None, ownerless_after=None, storm=None, budget=None, quiet_hours=None)
    team = base.teams[TEAM]
    stand_up = StandUp(
        at=time(14, 30),
        digest_before=timedelta(minutes=10),
        length=timedelta(minutes=15),
        weekdays=frozenset(range(5)),
    )
    at_night = replace(base.timetable, orphans=time(23))
    return replace(
        base, teams={TEAM: replace(team, locale="en", stand_up=stand_up)}, alerts=alerts, timetable=at_night
    )


def make(rng: Random, *, cases: int) -> Scenario:
    """``cases`` of each sort, opened long enough ago that what they need is due now or in a moment."""
    first: list[dict[str, Any]] = []
    later: list[dict[str, Any]] = []
    told: Counter[Told] = Counter({Told(kind="stand_up_digest", ref="", place=STAND_UP): 1})
    ended: Counter[Told] = Counter()

    def case(sort: str, minutes: float, priority: str, number: int) -> str:
        ref = f"GD-{sort}{number}"
        jitter = rng.uniform(0, 20)
        opened = START - timedelta(minutes=minutes, seconds=jitter)
        first.append(event(ref, "opened", opened, queue="chat", priority=priority, type="consult"))
        return ref

    def say(kind: str, ref: str, place: str) -> None:
        told[Told(kind=kind, ref=ref, place=place)] += 1

    for number in range(cases):
        # Half of four hours gone: a warning to the leads; to its owner where it has one.
        say(CARD, case("W", 121, "medium", number), LEAD)
        owned = case("O", 193, "medium", number)
        first.append(event(owned, "assigned", START - timedelta(minutes=20), agent="bo"))
        say(CARD, owned, OWNER)
        # It becomes due while the run goes on.
        soon = f"GD-S{number}"
        opened = START + timedelta(seconds=rng.uniform(3, 25), minutes=-120)
        first.append(event(soon, "opened", opened, queue="chat", priority="medium", type="consult"))
        say(CARD, soon, LEAD)
        # Broken, to be answered later.
        broken = case("B", 11, "high", number)
        say(CARD, broken, ALERTS)
        if number == 0:
            later.append(event(broken, "responded", START + timedelta(seconds=5), agent="bo"))
            ended[Told(kind=OVER, ref=broken, place=ALERTS)] += 1
        # Broken and not taken: the lead; longer still: the furthest level alone.
        level = case("L", 51, "high", number)
        say(CARD, level, ALERTS)
        say(CARD, level, LEAD)
    furthest = case("F", 131, "high", 0)
    say(CARD, furthest, ALERTS)
    say(CARD, furthest, LAST)
    # In any order of cases; a case's own events together, or who is told would be a matter of chance.
    order = sorted({e["contact"] for e in first})
    rng.shuffle(order)
    first.sort(key=lambda e: order.index(e["contact"]))
    return Scenario(first=tuple(first), later=tuple(later), told_first=told, told_later=ended)


def event(ref: str, kind: str, when: datetime, **fields: Any) -> dict[str, Any]:
    body = {
        "contact": ref,
        "kind": kind,
        "at": when.isoformat(),
        "source": "crm",
        "event_id": f"{ref}-{kind}",
    }
    return body | fields


def workspace(clock: FastClock) -> Workspace:
    """Slack with its documented limits: a post a second and channel, and no burst above that."""
    made = Workspace(now=clock.seconds, limits=RateLimits())
    people = {"lin": "en-US", "bo": "en-US", "chen": "zh-CN", "ada": "en-US"}
    for name, locale in people.items():
        made.add_user(name, email=f"{name}@harbour.example", locale=locale, tz=SHANGHAI)
    for channel in ("harbour-alerts", "harbour-standup"):
        made.add_channel(channel, members=people)
    return made


def furnish(store: Store, slack: StandInSlack) -> None:
    """The team, linked to Slack, and today's roster: lin leads and bo works."""
    with store.unit() as uow:
        for name, role in (("lin", Role.LEAD), ("bo", Role.AGENT), ("chen", Role.AGENT)):
            uow.people.upsert(agent(name, role=role, slack_user=slack.workspace.user(name).id))
        uow.commit()
    publish(store, _shifts())


def _shifts() -> Sequence[tuple[str, datetime, datetime]]:
    return [("lin", at(9), at(21)), ("bo", at(9), at(21))]
