"""A what-if says what staffing, the checker and the certificate would say of the changed week (P6)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from bot.core.errors import MusterError, NotFoundError, RefusedError
from bot.core.ids import AgentId, RosterId
from bot.core.queue_events import QueueEvent
from bot.core.rosters import RosterStatus, RosterVersion
from bot.core.settings import Settings
from bot.core.what_if import CampaignAsked, Question, TargetAsked, VolumeAsked
from bot.store.engine import make_engine
from bot.store.tables import Base
from bot.store.unit_of_work import Store
from bot.usecases import certify, forecast, plan_roster, queue_events, staff
from bot.usecases.what_if import QueueEffect, WhatIf, chances, person_named, work_out
from bot.usecases.what_if_load import Counted
from forecasting.events import DatedEvent, Lift
from forecasting.forecast import VolumeForecast
from scheduler.roster.roster import Roster
from scheduler.roster.shifts import Shift
from tests.bot.usecases.planning import NOW, WEEK, planning_settings
from tests.bot.usecases.test_planning_line import plan
from tests.support.builders import CHAT, EMAIL, PHONE
from tests.support.forecasts import forecast as flat
from tests.support.forecasts import save

SETTINGS = planning_settings()
MORE = VolumeAsked(queue=None, factor=1.35)
SLOWER = TargetAsked(queue=CHAT, share=None, within_seconds=300.0)
STRICTER = TargetAsked(queue=PHONE, share=0.95, within_seconds=10.0)


@pytest.fixture(scope="module")
def planned_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a forecast, a requirement and a draft, made once: a solve takes its time."""
    file = tmp_path_factory.mktemp("planned") / "muster.db"
    made = Store(make_engine(f"sqlite:///{file}"))
    Base.metadata.create_all(made.engine)
    plan(made)
    made.close()
    return file


@pytest.fixture
def planned(planned_file: Path, tmp_path: Path) -> Iterator[Store]:
    """A copy of its own for each test."""
    copied = shutil.copy(planned_file, tmp_path / "copy.db")
    held = Store(make_engine(f"sqlite:///{copied}"))
    try:
        yield held
    finally:
        held.close()


def draft(store: Store) -> RosterVersion:
    with store.read() as uow:
        version = uow.rosters.latest(RosterStatus.DRAFT, WEEK)
    assert version is not None
    return version


def dump(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with store.engine.connect() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


def ask(store: Store, version: RosterVersion, **asked: object) -> WhatIf:
    return work_out(store, SETTINGS, version.roster_id, Question(**asked))  # type: ignore[arg-type]


def effect(found: WhatIf, queue: str) -> QueueEffect:
    return next(e for e in found.effects if e.queue == queue)


def missing(store: Store, settings: Settings, roster: RosterId, queue: str) -> float:
    """Agent-hours missing as the checker says it, against the stored requirement."""
    held = plan_roster.assess(store, settings, roster)
    gaps = [g for g in held.uncovered if g.queue == queue]
    return sum(g.missing * (g.end - g.start).total_seconds() for g in gaps) / 3600


def needed(made: staff.StaffingMade, queue: str) -> float:
    return next(q.requirement.agent_hours for q in made.queues if q.load.queue.queue == queue)


def test_nothing_at_all_is_written(store: Store) -> None:
    version = plan(store)
    queue_events.add(store, SETTINGS, sale(lift=1.2))
    before = dump(store)
    found = ask(
        store,
        version,
        minus=(AgentId("bo"),),
        targets=(SLOWER,),
        volumes=(MORE,),
        campaigns=(CampaignAsked(name="double11", factor=1.5),),
    )
    chances(found, SETTINGS, seed=1, paths=2)
    assert found.shifts
    assert dump(store) == before


def test_a_target_gives_the_requirement_of_a_changed_app_yaml(planned: Store) -> None:
    version = draft(planned)
    found = ask(planned, version, targets=(SLOWER, STRICTER))
    for queue in (PHONE, CHAT):
        assert effect(found, queue).before.missing == pytest.approx(
            missing(planned, SETTINGS, version.roster_id, queue)
        )
        assert effect(found, queue).remade
        assert not effect(found, queue).stale
    # The independent run: app.yaml really says so, and `muster staffing` stores what that asks for.
    targets = SETTINGS.staffing.targets["standard"]
    changed = replace(
        SETTINGS,
        queues={
            **SETTINGS.queues,
            CHAT: replace(SETTINGS.queues[CHAT], target="slower"),
            PHONE: replace(SETTINGS.queues[PHONE], target="stricter"),
        },
        staffing=replace(
            SETTINGS.staffing,
            targets={
                **SETTINGS.staffing.targets,
                "slower": replace(targets, within_seconds=300.0),
                "stricter": replace(targets, share=0.95, within_seconds=10.0),
            },
        ),
    )
    made = staff.make(planned, changed, first=WEEK, days=7, now=NOW)
    for queue in (PHONE, CHAT):
        assert effect(found, queue).after.needed == pytest.approx(needed(made, queue))
        assert effect(found, queue).after.missing == pytest.approx(
            missing(planned, changed, version.roster_id, queue)
        )
    assert effect(found, CHAT).after.needed < effect(found, CHAT).before.needed
    assert effect(found, PHONE).after.needed > effect(found, PHONE).before.needed


def test_a_queue_that_was_not_asked_about_stays_as_it_is(planned: Store) -> None:
    version = draft(planned)
    found = ask(planned, version, targets=(STRICTER,), volumes=(VolumeAsked(queue=PHONE, factor=2.0),))
    chat = effect(found, CHAT)
    assert chat.before == chat.after
    assert not chat.remade
    assert all(gap.queue == PHONE for gap in found.opened)


def test_a_volume_gives_the_requirement_of_such_a_forecast(planned: Store) -> None:
    """Large counts: there a band drawn anew differs from a stretched one only by rounding."""
    version = draft(planned)
    save(planned, half_hours(40.0))
    staff.make(planned, SETTINGS, queues=[PHONE], first=WEEK, days=7, now=NOW)
    found = ask(planned, version, volumes=(VolumeAsked(queue=PHONE, factor=1.5),))
    assert not effect(found, PHONE).stale
    save(planned, half_hours(60.0))
    made = staff.make(planned, SETTINGS, queues=[PHONE], first=WEEK, days=7, now=NOW)
    phone = effect(found, PHONE)
    assert phone.before.contacts is not None
    assert phone.after.contacts == pytest.approx(1.5 * phone.before.contacts)
    assert phone.after.needed == pytest.approx(needed(made, PHONE), rel=0.01)
    assert phone.after.missing == pytest.approx(
        missing(planned, SETTINGS, version.roster_id, PHONE), rel=0.02
    )


def half_hours(level: float) -> VolumeForecast:
    return flat(level, queue=PHONE, interval=timedelta(minutes=30), hours=(9, 17), made_at=NOW)


def test_days_and_hours_limit_a_volume_and_volumes_multiply(planned: Store) -> None:
    version = draft(planned)
    tuesday = date(2026, 11, 24)
    whole = ask(planned, version, volumes=(MORE,))
    day = ask(planned, version, volumes=(replace(MORE, first=tuesday, last=tuesday),))
    for queue in (PHONE, CHAT):
        all_days, one_day = effect(whole, queue), effect(day, queue)
        assert all_days.after.contacts is not None
        assert one_day.after.contacts is not None
        assert one_day.before.contacts is not None
        assert one_day.before.contacts < one_day.after.contacts < all_days.after.contacts
    assert {gap.start.date() for gap in day.opened} <= {tuesday}
    twice = ask(planned, version, volumes=(MORE, VolumeAsked(queue=CHAT, factor=1 / 1.35)))
    chat = effect(twice, CHAT)
    assert chat.after.contacts == pytest.approx(chat.before.contacts)


def test_gaps_that_were_there_before_are_not_called_opened(planned: Store) -> None:
    version = draft(planned)
    less = ask(planned, version, volumes=(VolumeAsked(queue=None, factor=0.5),))
    assert less.opened == ()
    assert sum(e.after.missing for e in less.effects) <= sum(e.before.missing for e in less.effects)
    more = ask(planned, version, volumes=(VolumeAsked(queue=None, factor=3.0),))
    assert [g.missing for g in more.opened] == sorted((g.missing for g in more.opened), reverse=True)


def test_the_chances_are_those_of_a_certificate(planned: Store) -> None:
    version = draft(planned)
    found = ask(planned, version, minus=(AgentId("bo"), AgentId("dee")))
    judged = chances(found, SETTINGS, seed=3, paths=6)
    kept = tuple(a for a in version.roster.assignments if a.agent not in ("bo", "dee"))
    with planned.unit() as uow:
        second = uow.rosters.save_draft(
            Roster(period=version.roster.period, assignments=kept), made_at=NOW + timedelta(hours=1)
        )
        uow.commit()
    for roster, side in ((version.roster_id, judged.before), (second, judged.after)):
        alone = certify.certify(planned, SETTINGS, roster, seed=3, paths=6, now=NOW)
        assert side.gate == alone.certificate.gate
        assert [j.probability for j in side.judgements] == [
            j.probability for j in alone.certificate.judgements
        ]
    assert judged.weakest[0].judged.probability == judged.after.gate
    assert all(one.before is not None for one in judged.weakest)


def test_a_requirement_older_than_its_forecast_is_pointed_out(planned: Store) -> None:
    version = draft(planned)
    stored = missing(planned, SETTINGS, version.roster_id, PHONE)
    save(planned, half_hours(60.0))
    found = ask(planned, version, volumes=(VolumeAsked(queue=PHONE, factor=1.01),))
    assert effect(found, PHONE).stale
    assert effect(found, PHONE).before.missing > stored
    # Who leaves people out alone asks about the requirement as it is stored.
    alone = ask(planned, version, minus=(AgentId("bo"),))
    assert effect(alone, PHONE).before.missing == pytest.approx(stored)


def sale(lift: float | None, queue: str | None = CHAT, kind: str = "double11") -> QueueEvent:
    return QueueEvent(
        queue=None if queue is None else CHAT,
        event=DatedEvent(
            kind=kind,
            first_day=date(2026, 11, 25),
            last_day=date(2026, 11, 26),
            name="Double 11",
            lift=None if lift is None else Lift(low=lift, mid=lift, high=lift),
        ),
        added_by="ada",
        added_at=NOW + timedelta(hours=1),
    )


def test_a_campaign_acts_on_its_days_and_queue(planned: Store) -> None:
    version = draft(planned)
    queue_events.add(planned, SETTINGS, sale(lift=1.2))
    own = ask(planned, version, campaigns=(CampaignAsked(name="double11", factor=None),))
    [acts] = own.campaigns
    assert (acts.factor, acts.queues, acts.counted) == (1.2, (CHAT,), Counted.NOT_YET)
    by_days = ask(
        planned,
        version,
        volumes=(VolumeAsked(queue=CHAT, factor=1.2, first=acts.event.first_day, last=acts.event.last_day),),
    )
    assert [e.after for e in own.effects] == [e.after for e in by_days.effects]
    named = ask(planned, version, campaigns=(CampaignAsked(name="Double 11", factor=1.5),))
    assert effect(named, CHAT).after.contacts > effect(own, CHAT).after.contacts  # type: ignore[operator]


def test_a_campaign_the_forecast_counts_on_is_replaced_not_added(planned: Store) -> None:
    version = draft(planned)
    queue_events.add(planned, SETTINGS, sale(lift=1.2))
    later = NOW + timedelta(hours=2)
    forecast.make(planned, SETTINGS, weeks=1, now=later, seed=1)
    found = ask(planned, version, campaigns=(CampaignAsked(name="double11", factor=1.5),))
    assert found.campaigns[0].counted is Counted.ENTERED
    with pytest.raises(RefusedError) as refused:
        ask(planned, version, campaigns=(CampaignAsked(name="double11", factor=None),))
    assert refused.value.kind == "what_if_campaign_known"
    # The independent run: the event really says 50 %, and the forecast is made again.
    queue_events.add(planned, SETTINGS, replace(sale(lift=1.5), added_at=later))
    forecast.make(planned, SETTINGS, weeks=1, now=later + timedelta(hours=1), seed=1)
    made = staff.make(planned, SETTINGS, queues=[CHAT], first=WEEK, days=7, now=later)
    [chat] = made.queues
    assert effect(found, CHAT).after.contacts == pytest.approx(
        float(chat.load.workload.contacts.sum()), rel=1e-6
    )
    assert effect(found, CHAT).after.needed == pytest.approx(chat.requirement.agent_hours, rel=0.03)


def test_a_campaign_of_every_queue_without_a_lift_of_its_own(planned: Store) -> None:
    version = draft(planned)
    queue_events.add(planned, SETTINGS, sale(lift=None, queue=None))
    with pytest.raises(RefusedError) as refused:
        ask(planned, version, campaigns=(CampaignAsked(name="double11", factor=None),))
    assert refused.value.kind == "what_if_no_lift"
    found = ask(planned, version, campaigns=(CampaignAsked(name="double11", factor=1.3),))
    assert set(found.campaigns[0].queues) == {PHONE, CHAT}
    forecast.make(planned, SETTINGS, weeks=1, now=NOW + timedelta(hours=2), seed=1)
    again = ask(planned, version, campaigns=(CampaignAsked(name="double11", factor=1.3),))
    assert again.campaigns[0].counted is Counted.LEARNED


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ({}, "what_if_usage"),
        ({"targets": (replace(SLOWER, queue="chatt"),)}, "what_if_queue"),
        ({"volumes": (VolumeAsked(queue="fax", factor=1.1),)}, "what_if_queue"),
        ({"targets": (SLOWER, SLOWER)}, "what_if_twice"),
        ({"targets": (replace(SLOWER, queue=EMAIL),)}, "what_if_queue"),
        ({"minus": (AgentId("nobody"),)}, "what_if_nobody"),
        ({"volumes": (replace(MORE, first=date(2027, 1, 4), last=date(2027, 1, 4)),)}, "what_if_no_contacts"),
        (
            {"volumes": (replace(MORE, first=date(2026, 11, 29), last=date(2026, 11, 29)),)},
            "what_if_no_contacts",
        ),
        ({"campaigns": (CampaignAsked(name="double12", factor=1.1),)}, "what_if_campaign"),
        ({"campaigns": (CampaignAsked(name="mail", factor=1.1),)}, "what_if_campaign_days"),
    ],
)
def test_what_cannot_be_reckoned_is_refused(planned: Store, asked: dict[str, object], kind: str) -> None:
    version = draft(planned)
    mailed = replace(
        sale(lift=1.2).event, kind="mail", first_day=date(2026, 12, 24), last_day=date(2026, 12, 24)
    )
    for event in (sale(lift=1.2), replace(sale(lift=1.2), event=mailed)):
        queue_events.add(planned, SETTINGS, event)
    with pytest.raises(MusterError) as refused:
        ask(planned, version, **asked)
    assert refused.value.kind == kind
    if kind == "what_if_campaign":
        assert refused.value.data["near"] == "double11"
        assert "mail (2026-12-24)" in str(refused.value.data["events"])


def test_without_a_forecast_only_people_can_be_left_out(planned: Store) -> None:
    version = draft(planned)
    later = replace(version.roster.period, first=WEEK + timedelta(days=28))
    moved = tuple(replace(a, shift=moved_on(a.shift, timedelta(days=28))) for a in version.roster.assignments)
    with planned.unit() as uow:
        roster = uow.rosters.save_draft(Roster(period=later, assignments=moved), made_at=NOW)
        uow.commit()
    found = work_out(planned, SETTINGS, roster, Question(minus=(AgentId("bo"),)))
    assert found.shifts
    assert not found.required_known
    for question in (Question(volumes=(MORE,)), Question(targets=(SLOWER,))):
        with pytest.raises(RefusedError) as refused:
            work_out(planned, SETTINGS, roster, question)
        assert refused.value.kind == "no_forecast"
    with pytest.raises(RefusedError):
        chances(found, SETTINGS, seed=1, paths=1)
    with pytest.raises(NotFoundError):
        work_out(planned, SETTINGS, RosterId(99), Question(minus=(AgentId("bo"),)))


def moved_on(shift: Shift, by: timedelta) -> Shift:
    segments = tuple(replace(s, start=s.start + by, end=s.end + by) for s in shift.segments)
    return replace(shift, date=shift.date + by, segments=segments)


def test_a_queue_without_a_forecast_is_named(planned: Store) -> None:
    version = draft(planned)
    with_mail = replace(
        SETTINGS,
        queues={**SETTINGS.queues, EMAIL: replace(SETTINGS.queues[PHONE], queue=EMAIL, skill=PHONE)},
    )
    found = work_out(planned, with_mail, version.roster_id, Question(volumes=(MORE,)))
    assert found.without_forecast == (EMAIL,)
    with pytest.raises(RefusedError) as refused:
        work_out(planned, with_mail, version.roster_id, Question(targets=(replace(SLOWER, queue=EMAIL),)))
    assert refused.value.kind == "what_if_no_forecast"


def test_people_are_named_by_id_or_whole_name(planned: Store) -> None:
    with planned.unit() as uow:
        bo = uow.people.get(AgentId("bo"))
        assert bo is not None
        uow.people.upsert(replace(bo, name="Bo Li"))
        uow.commit()
        people = uow.people.all()
    assert person_named(people, "bo li").agent == "bo"
    assert person_named(people, "@BO").agent == "bo"
    with pytest.raises(RefusedError) as refused:
        person_named(people, "Bo Lee")
    assert refused.value.data["near"] == "Bo Li"


def test_the_stored_requirement_is_left_alone(planned: Store) -> None:
    version = draft(planned)
    with planned.read() as uow:
        before = uow.requirements.between(PHONE, version.roster.period.start, version.roster.period.end)
    ask(planned, version, volumes=(MORE,))
    with planned.read() as uow:
        after = uow.requirements.between(PHONE, version.roster.period.start, version.roster.period.end)
    assert np.array_equal([r.scheduled_agents for r in before], [r.scheduled_agents for r in after])
