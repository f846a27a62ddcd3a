"""The cause of a breach from what is stored: forecast, roster, presence, and what really came."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.core.alert_messages import AlertCard
from bot.core.cause import gap_parts, need_parts
from bot.core.floor import AgentState, PresenceEntry
from bot.core.ids import AgentId, QueueId
from bot.core.queues import Channel
from bot.core.requirements import RequirementInterval
from bot.store.unit_of_work import Store
from bot.usecases.find_cause import MOST, Causes, cause_at
from scheduler.queueing import erlang_c
from scheduler.roster.people import Contract
from scheduler.roster.roster import Roster, RosterPeriod
from tests.bot.core.test_break_moves import DAY, assignment
from tests.bot.usecases.harbour import ALERTS, Harbour
from tests.support.builders import CHAT, EMAIL, SHANGHAI, agent, at, contact, settings
from tests.support.forecasts import forecast, save

QUARTER = timedelta(minutes=15)


def require(store: Store, base: int, scheduled: int, number: int | None) -> None:
    first, count = at(8), 56
    with store.unit() as uow:
        rows = [
            RequirementInterval(
                queue=CHAT,
                start=first + i * QUARTER,
                interval=QUARTER,
                base_agents=base,
                scheduled_agents=scheduled,
            )
            for i in range(count)
        ]
        uow.requirements.replace(CHAT, first, first + count * QUARTER, rows, made_at=at(7), forecast=number)
        uow.commit()


def publish(harbour: Harbour, *people: tuple[str, datetime, datetime, datetime]) -> None:
    roster = Roster(
        period=RosterPeriod(first=at(12).date(), days=1, zone=SHANGHAI),
        assignments=tuple(assignment(*p) for p in people),
    )
    with harbour.store.unit() as uow:
        for name, *_ in people:
            uow.people.upsert(agent(name))
        made = uow.rosters.save_draft(roster, made_at=at(7))
        uow.rosters.publish(made, by="pei", at=at(7, 30), accepted_because=None)
        uow.commit()


def came(harbour: Harbour, count: int, start: datetime, end: datetime, **fields: object) -> None:
    step = (end - start) / count
    with harbour.store.unit() as uow:
        uow.contacts.save(
            contact(f"C{start:%H%M}{i}", opened_at=start + i * step, **fields) for i in range(count)
        )
        uow.commit()


def test_a_breach_says_why_with_parts_that_add_up(harbour: Harbour) -> None:
    harbour.settings = replace(
        harbour.settings,
        roster=replace(
            harbour.settings.roster,
            templates={"day": DAY},
            contracts={
                "full-time": Contract(
                    name="full-time",
                    min_hours_per_week=32,
                    max_hours_per_week=40,
                    max_days_per_week=5,
                    templates=("day",),
                )
            },
        ),
    )
    require(harbour.store, 3, 4, save(harbour.store, forecast(10.0, aht_seconds=120.0)))
    publish(
        harbour,
        ("bo", at(10, 30), at(12, 30), at(15)),
        ("chen", at(11), at(13), at(15, 30)),
        ("dai", at(10), at(12), at(15)),
    )
    with harbour.store.unit() as uow:
        words = [("bo", AgentState.BUSY), ("chen", AgentState.BREAK), ("dai", AgentState.BREAK)]
        entries = [PresenceEntry(agent=AgentId(a), state=s, since=at(10), source="acd") for a, s in words]
        uow.presence.save(entries, at(10, 5))
        uow.commit()
    came(harbour, 30, at(10), at(10, 10))
    harbour.clock.now = at(10)
    harbour.open(at(10))
    harbour.run_until(at(10, 11))
    (said,) = (m for m in harbour.slack.in_place(ALERTS) if isinstance(m, AlertCard))
    cause = said.cause
    assert cause is not None
    assert (cause.start, cause.end) == (at(10), at(10, 15))
    need = cause.need
    assert need is not None
    # 31 of which 6.7 were forecast in ten minutes; the need rose with them.
    assert need.seen is not None
    assert need.seen.contacts == 31
    assert 6 < need.seen.expected < 7.5
    assert need.by_volume > 0
    assert need.planned == 4
    assert sum(p.people for p in need_parts(need)) == need.people
    # Two are rostered at the queue (dai's break is where the roster has it), one of them pauses.
    assert (cause.rostered, cause.resting) == (2, 1)
    assert cause.here is not None
    assert [(p.code, p.people) for p in cause.here.away] == [("break", 1)]
    assert sum(p.people for p in gap_parts(cause)) == cause.short == need.people - 1
    assert cause.age.presence == at(10, 5)
    assert cause.age.roster == at(7, 30)
    assert cause.age.forecast == at(2, 10, day=at(10).date() - timedelta(days=1))
    # Nobody can be spared all day, so nothing is proposed.
    assert cause.moves == ()
    # By the formula the queue is staffed with: one person there, and as many as are needed.
    assert cause.cost is not None
    assert need.contacts == pytest.approx(10 * 31 / need.seen.expected)
    target = harbour.settings.staffing.targets["standard"]
    erlangs = need.contacts * 120 / 900
    enough = erlang_c.measures(need.people, erlangs, aht_seconds=120.0, within_seconds=target.within_seconds)
    assert erlangs > 1, "one person cannot even keep up, so all are late"
    assert cause.cost.late == pytest.approx(need.contacts)
    assert cause.cost.late_anyway == pytest.approx((1 - float(enough.service_level)) * need.contacts)
    assert cause.cost.late_anyway < 0.2 * need.contacts + 1e-9


def test_only_a_gap_of_people_at_a_queue_that_cannot_wait_has_a_price(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    save(harbour.store, forecast(10.0, aht_seconds=120.0))
    save(harbour.store, forecast(10.0, queue=EMAIL, aht_seconds=900.0))
    lunches = [("bo", 12), ("chen", 13), ("dai", 12), ("eva", 13), ("fei", 12)]
    publish(harbour, *((name, at(10), at(hour), at(15)) for name, hour in lunches))
    with harbour.store.read() as uow:
        enough = cause_at(uow, harbour.settings, CHAT, at(11), at(11))
        mail = cause_at(uow, harbour.settings, EMAIL, at(11), at(11))
    assert enough.short is not None
    assert enough.short <= 0
    assert enough.cost is None
    assert mail.short is not None
    assert mail.short > 0, "nobody is rostered on e-mail"
    assert mail.cost is None


def test_a_break_is_proposed_only_where_the_requirement_leaves_room(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    configured = settings()
    contract = Contract(
        name="full-time",
        min_hours_per_week=32,
        max_hours_per_week=40,
        max_days_per_week=5,
        templates=("day",),
    )
    configured = replace(
        configured,
        roster=replace(configured.roster, templates={"day": DAY}, contracts={"full-time": contract}),
    )
    require(harbour.store, 1, 1, save(harbour.store, forecast(10.0)))
    publish(harbour, ("bo", at(10, 30), at(12, 30), at(15)), ("chen", at(11, 30), at(13, 30), at(16, 30)))
    came(harbour, 30, at(10), at(10, 10))
    with harbour.store.read() as uow:
        cause = cause_at(uow, configured, CHAT, at(10, 10), at(10, 10))
    assert cause.short is not None
    assert cause.short > 0
    (move,) = cause.moves
    assert (move.agent, move.activity, move.start) == ("bo", "break", at(10, 30))
    # Not at 11:30, when chen pauses: then nobody would be there.
    assert move.to == at(11, 15)


def test_without_forecast_or_roster_it_says_so_and_counts_nothing(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    with harbour.store.read() as uow:
        nothing = cause_at(uow, harbour.settings, CHAT, at(10, 10), at(10, 11))
    assert (nothing.need, nothing.rostered, nothing.here, nothing.short) == (None, None, None, None)
    require(harbour.store, 3, 4, None)
    with harbour.store.read() as uow:
        required = cause_at(uow, harbour.settings, CHAT, at(10, 10), at(10, 11))
    assert required.need is not None
    assert (required.need.people, required.need.forecast_contacts, required.rostered) == (3, None, None)
    assert required.age.contacts is None


def test_longer_handling_raises_the_need_only_when_measured_on_enough(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    save(harbour.store, forecast(10.0, aht_seconds=120.0))

    def handling() -> int:
        with harbour.store.read() as uow:
            need = cause_at(uow, harbour.settings, CHAT, at(10, 10), at(10, 12)).need
        assert need is not None
        return need.by_handling

    came(harbour, 9, at(9, 45), at(10, 10), handle_seconds=600.0)
    assert handling() == 0
    came(harbour, 5, at(9, 46), at(10, 9), handle_seconds=600.0)
    assert handling() > 0


def test_deferrable_work_is_measured_over_the_day(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    save(harbour.store, forecast(6.0, queue=EMAIL, aht_seconds=600.0))
    came(harbour, 150, at(8), at(10), queue=EMAIL, channel=Channel.EMAIL)
    with harbour.store.read() as uow:
        need = cause_at(uow, harbour.settings, EMAIL, at(10, 10), at(10, 12)).need
    assert need is not None
    assert need.seen is not None
    assert (need.seen.contacts, need.by_volume > 0) == (150, True)


def test_a_storm_shares_its_causes_and_an_outage_does_not_wait_for_them(quick_harbour: Harbour) -> None:
    harbour = quick_harbour
    save(harbour.store, forecast(10.0))
    now = at(20)
    with harbour.store.read() as uow:
        causes = Causes(uow, harbour.settings)
        first = causes.at(CHAT, at(10, 1), now)
        assert first is not None
        assert causes.at(CHAT, at(10, 14), now) is first
        found = [causes.at(CHAT, at(hour), now) for hour in range(8, 20)]
    assert sum(c is not None for c in found) == MOST


def test_a_cause_that_cannot_be_found_leaves_the_alert_without(quick_harbour: Harbour) -> None:
    with quick_harbour.store.read() as uow:
        assert Causes(uow, quick_harbour.settings).at(QueueId("gone"), at(10), at(10, 1)) is None
