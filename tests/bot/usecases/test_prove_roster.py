"""A certificate that fails asks for more people, until it holds or nobody is left."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.errors import RefusedError
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases import forecast, plan_roster, prove_roster, staff
from bot.usecases.prove_roster import Ended, Proven, Round
from scheduler.queueing.targets import ServiceTarget
from scheduler.staffing.shrinkage import ShrinkagePlan
from tests.bot.usecases.planning import NOW, WEEK, fill, planning_settings
from tests.bot.usecases.test_planning_line import PERIOD, Direct
from tests.support.builders import CHAT, PHONE, agent


def lax(*, certificate: float) -> Settings:
    base = planning_settings(certificate=certificate, paths=60)
    return replace(base, staffing=replace(base.staffing, probability=0.5, shrinkage=ShrinkagePlan()))


def too_few(settings: Settings) -> Settings:
    """Staffed for every second contact only, so that the certificate has something to find."""
    easy = {"standard": ServiceTarget(share=0.3, within_seconds=30.0)}
    return replace(settings, staffing=replace(settings.staffing, targets=easy))


def ready(store: Store, settings: Settings, *, spare: int) -> None:
    fill(store)
    with store.unit() as uow:
        for i in range(spare):
            uow.people.upsert(agent(f"spare{i}", skills={PHONE: 1.0, CHAT: 1.0}))
        uow.commit()
    forecast.make(store, settings, weeks=1, now=NOW, seed=1)
    staff.make(store, too_few(settings), first=WEEK, days=7, now=NOW)


def prove(store: Store, settings: Settings, *, rounds: int = 4, told: list[Round] | None = None) -> Proven:
    return prove_roster.prove(
        store,
        settings,
        Direct(),
        first=WEEK,
        days=7,
        by="pei",
        rounds=rounds,
        now=lambda: NOW,
        on_round=None if told is None else told.append,
    )


def test_failing_peaks_are_given_people_until_the_certificate_holds(store: Store) -> None:
    settings = lax(certificate=0.9)
    ready(store, settings, spare=12)
    with store.read() as uow:
        before = {
            i.start: i.scheduled_agents for i in uow.requirements.between(PHONE, PERIOD.start, PERIOD.end)
        }
    told: list[Round] = []
    proven = prove(store, settings, told=told)
    assert proven.ended is Ended.HOLDS
    assert told == list(proven.rounds)
    assert len(proven.rounds) >= 2, "the first roster was too thin"
    assert not proven.rounds[0].certified.certificate.passed
    assert proven.best is proven.rounds[-1]
    assert proven.best.certified.stored.weakest >= 0.9
    assert proven.best.assessment.violations == ()
    first = proven.rounds[0]
    weak = [j for j in first.certified.certificate.weakest if j.probability < 0.9]
    assert set(first.certified.fixes) == set(weak), "each of the weakest below the threshold has its fix"
    told_fixes = [j["fix"] for j in first.certified.stored.report["judgements"] if j["fix"]]
    assert len(told_fixes) == len(weak)
    failed = {
        judgement.queue for judgement in first.certified.certificate.judgements if judgement.probability < 0.9
    }
    assert {raised.queue for raised in first.raised} <= failed
    assert all(raised.interval.scheduled_agents > raised.scheduled_before for raised in first.raised)
    with store.read() as uow:
        after = uow.requirements.between(PHONE, PERIOD.start, PERIOD.end)
        audit = uow.audit.entries()
    asked = {r.interval.start for held in proven.rounds for r in held.raised if r.queue == PHONE}
    assert {i.start for i in after if i.scheduled_agents > before[i.start]} == asked
    assert {e.action for e in audit} >= {"requirement.raised"}
    # Staffing again forgets what a roster of the past asked for.
    staff.make(store, too_few(settings), first=WEEK, days=7, now=NOW)
    with store.read() as uow:
        anew = uow.requirements.between(PHONE, PERIOD.start, PERIOD.end)
    assert {i.start: i.scheduled_agents for i in anew} == before


def test_where_nobody_is_left_it_ends_and_keeps_the_best(sqlite_store: Store) -> None:
    settings = lax(certificate=0.999)
    ready(sqlite_store, settings, spare=0)
    proven = prove(sqlite_store, settings, rounds=6)
    assert proven.ended is Ended.NOBODY_LEFT
    assert proven.best.certified.stored.weakest == max(
        held.certified.stored.weakest for held in proven.rounds
    )
    assert proven.rounds[-1].raised == ()


def test_the_last_round_asks_for_nothing_more(sqlite_store: Store) -> None:
    settings = lax(certificate=0.999)
    ready(sqlite_store, settings, spare=12)
    proven = prove(sqlite_store, settings, rounds=1)
    assert (proven.ended, len(proven.rounds)) == (Ended.ROUNDS, 1)
    assert proven.rounds[0].raised == ()


def test_a_stop_ends_after_the_round(sqlite_store: Store) -> None:
    settings = lax(certificate=0.999)
    ready(sqlite_store, settings, spare=12)
    proven = prove_roster.prove(
        sqlite_store,
        settings,
        Direct(),
        first=WEEK,
        days=7,
        by="pei",
        now=lambda: NOW,
        should_stop=lambda: True,
    )
    assert (proven.ended, len(proven.rounds)) == (Ended.STOPPED, 1)


def test_a_later_round_without_a_roster_keeps_the_earlier_ones(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = lax(certificate=0.999)
    ready(sqlite_store, settings, spare=12)
    perform, calls = plan_roster.perform, []

    def once(*args: object, **kwargs: object) -> object:
        calls.append(1)
        if len(calls) > 1:
            raise RefusedError("no_answer", "No roster was found.")
        return perform(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(plan_roster, "perform", once)
    proven = prove(sqlite_store, settings)
    assert (proven.ended, len(proven.rounds)) == (Ended.NO_ANSWER, 1)
    calls.append(1)
    with pytest.raises(RefusedError):
        prove(sqlite_store, settings)
