"""Several replicas on PostgreSQL: everything is said exactly once, also when one of them is lost."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.alert_settings import AlertSettings
from bot.playground import Message
from bot.store.engine import make_engine
from bot.store.tables import Base
from bot.usecases import publish_roster
from scheduler.roster.roster import Assignment, Roster, RosterPeriod
from tests.bot.usecases.planning import planning_settings
from tests.stories.service import DAY, Replica, Service, Setting, event, running, shift
from tests.support.builders import SHANGHAI, at, settings
from tests.support.databases import PostgresServer

pytestmark = pytest.mark.postgres

PRESSERS = ("lin", "bo")
SHIFTS = [("bo", at(9), at(18)), ("lin", at(9), at(18))]


@pytest.fixture
def both(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[tuple[Service, Replica]]:
    url = postgres_server.fresh_schema()
    engine = make_engine(url)
    Base.metadata.create_all(engine)
    engine.dispose()
    # Each breach a post of its own: here it is counted that each is said once.
    base = settings(warn_at=(), alerts=AlertSettings(storm=None, budget=None, ownerless_after=None))
    chosen = replace(base, roster=planning_settings().roster)
    setting = Setting(start=at(9, 15), shifts=SHIFTS, database_url=url, settings=chosen)
    with running(tmp_path, setting) as service, service.replica() as other:
        yield service, other


def forward_both(service: Service, other: Replica, to) -> None:
    service.forward_to(to)
    other.application.runner.wake("watch_sla", "escalate", "stand_up", "deliver")


def let_out(service: Service, other: Replica, count: int) -> None:
    """Until ``count`` posts stand: a second of the clock per message, as the channel's pace wants it."""
    for _ in range(300):
        if len(service.posts()) >= count:
            return
        forward_both(service, other, service.clock() + timedelta(seconds=1.01))
        time.sleep(0.06)
    raise AssertionError(f"{len(service.posts())} of {count} posts")


def press_at_once(service: Service, other: Replica, post: Message) -> None:
    """Two people press the same button: one has the alert, the other is told who."""
    told_before = {name: len(service.slack.user(name).ephemerals) for name in PRESSERS}
    with ThreadPoolExecutor(2) as people:
        pressed = people.map(
            lambda name: service.slack.user(name).press(post, "alert.acknowledge", seen=0), PRESSERS
        )
        assert all(p.ok for p in pressed)
    forward_both(service, other, service.clock() + timedelta(seconds=1.01))
    service.wait(lambda: post.text.startswith("Taken"), "the edit")
    mention = {name: f"<@{service.slack.user(name).user.id}> has it" for name in PRESSERS}
    (winner,) = (name for name in PRESSERS if mention[name] in post.text)
    (loser,) = (name for name in PRESSERS if name != winner)
    heard = service.slack.user(loser)
    service.wait(lambda: len(heard.ephemerals) > told_before[loser], "who was first")
    assert mention[winner] in heard.ephemerals[-1].text
    assert len(service.slack.user(winner).ephemerals) == told_before[winner]


def test_publication_digest_breach_and_escalation_are_told_once(both: tuple[Service, Replica]) -> None:
    service, other = both
    draft = Roster(
        period=RosterPeriod(first=DAY + timedelta(days=7), days=7, zone=SHANGHAI),
        assignments=tuple(
            Assignment(agent=a, shift=shift(s + timedelta(days=7), e + timedelta(days=7)))
            for a, s, e in SHIFTS
        ),
    )
    with service.store.unit() as uow:
        number = uow.rosters.save_draft(draft, made_at=service.clock())
        uow.commit()
    with ThreadPoolExecutor(2) as planners:
        done = list(
            planners.map(
                lambda store: publish_roster.publish(
                    store, service.settings, number, by="pei", accept="a story", now=service.clock()
                ),
                (service.store, other.store),
            )
        )
    assert sorted(p.repeated for p in done) == [False, True]
    forward_both(service, other, at(9, 21))
    bo, lin = service.slack.user("bo"), service.slack.user("lin")
    service.wait(lambda: bo.dm and lin.dm and service.posts(), "the publication")
    service.wait(lambda: service.posts("harbour-standup"), "the digest")

    first, second = (event(f"GD{i}", "opened", at(9, 30), queue="chat", priority="high") for i in (1, 2))
    forward_both(service, other, at(9, 31))
    with ThreadPoolExecutor(4) as sources:
        # Both replicas are told both cases at once, as a source does that was not sure of an answer.
        answers = list(
            sources.map(
                lambda to: service.tell(first, second, url=to),
                [service.url, other.url, service.url, other.url],
            )
        )
    assert {a.status_code for a in answers} <= {200, 202}
    forward_both(service, other, at(9, 41))
    let_out(service, other, 3)
    service.tell(event("GD2", "responded", at(9, 41), agent="bo"), url=other.url)
    forward_both(service, other, at(9, 52))
    service.wait(lambda: len(service.direct("lin")) >= 2, "the escalation")
    service.settle()

    assert len(service.direct("bo")) == 1
    assert [m.text.startswith("Nobody has taken") for m in service.direct("lin")] == [False, True]
    assert len(service.posts("harbour-standup")) == 1
    assert Counter(m.text.split(":")[0] for m in service.posts())["Breach"] == 1
    assert len(service.posts()) == 3


def test_two_people_press_at_once_through_both_replicas(both: tuple[Service, Replica]) -> None:
    service, other = both
    forward_both(service, other, at(10))
    cases = [f"GD{i}" for i in range(6)]
    service.tell(*(event(ref, "opened", at(10), queue="chat", priority="high") for ref in cases))
    forward_both(service, other, at(10, 11))
    let_out(service, other, len(cases))
    for post in service.posts():
        press_at_once(service, other, post)
    with service.store.read() as uow:
        assert uow.alerts.open_count() == 0
    told = [m for name in PRESSERS for m in service.slack.user(name).ephemerals]
    assert len(told) == len(cases)
    forward_both(service, other, service.clock() + timedelta(minutes=30))
    service.settle()
    assert [m.text.split(":")[0] for m in service.posts()] == ["Taken"] * len(cases)
    assert service.slack.user("lin").dm == []


def test_a_burst_is_told_once_although_a_replica_is_lost_in_the_middle(both: tuple[Service, Replica]) -> None:
    service, other = both
    forward_both(service, other, at(10))
    cases = [f"GD{i:02}" for i in range(30)]
    halves = (cases[::2], service.url), (cases[1::2], other.url)
    for refs, url in halves:
        told = [event(ref, "opened", at(10), queue="chat", priority="high") for ref in refs]
        assert service.tell(*told, url=url).status_code == 202
    forward_both(service, other, at(10, 11))
    let_out(service, other, 10)
    other.cut_off()
    for _ in range(20):
        forward_both(service, other, service.clock() + timedelta(seconds=1.01))
        time.sleep(0.06)
    # What it may have been sending is looked up once its claim has run out.
    forward_both(service, other, service.clock() + timedelta(minutes=3))
    let_out(service, other, 30)
    service.settle()
    told_of = Counter(ref for m in service.posts() for ref in cases if ref in m.text)
    assert told_of == Counter(cases)
    assert len(service.posts()) == 30
    with service.store.read() as uow:
        assert uow.outbox.backlog(service.clock()).waiting == 0
        assert uow.outbox.backlog(service.clock()).failed == 0
