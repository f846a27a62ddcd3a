"""A certificate asked for: a run of the service, followed in one message (SCENARIOS P5)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final, cast

from bot.core.errors import MusterError, NotFoundError, RefusedError
from bot.core.ids import RosterId, RunId
from bot.core.messages import Recipient
from bot.core.peak_fixes import PeakFix
from bot.core.planner_messages import CertificateCard, CheapestFix, WeakPeak
from bot.core.ports import Clock
from bot.core.runs import Run, RunState
from bot.core.settings import Settings
from bot.store.unit_of_work import Store, UnitOfWork
from bot.usecases import run_posts
from bot.usecases.certify import Certified, certify
from scheduler.simulation.certificate import PeakJudgement

__all__ = ["KIND", "perform", "request"]

KIND: Final = "certificate"
LEASE: Final = timedelta(minutes=2)
EVERY: Final = timedelta(seconds=3)
PEAKS: Final = 5


class _InterruptedError(Exception):
    """The service stops: what was played so far would pass for a whole certificate."""


def request(
    store: Store, settings: Settings, roster: RosterId, *, by: str, now: datetime, tell: Recipient
) -> RunId:
    """Queue a certificate of a roster.  Raises NotFoundError, and RefusedError where one is being made."""
    with store.unit() as uow:
        uow.job_slots.hold(KIND, "ask", now)
        version = uow.rosters.get(roster)
        if version is None:
            raise NotFoundError("no_roster", f"There is no roster {roster}.", roster=roster)
        for other in uow.runs.unfinished(KIND):
            if other.parameters["roster"] == roster:
                raise RefusedError(
                    "certificate_under_way",
                    f"Roster {roster} is being certified already (run {other.run}); nothing was begun.",
                    roster=roster,
                )
        period = version.roster.period
        run = uow.runs.add(
            KIND,
            {
                "roster": int(roster),
                "first": period.first.isoformat(),
                "days": period.days,
                **run_posts.parameters(tell, paths=settings.roster.publish.paths),
            },
            by=by,
            now=now,
            seed=settings.roster.solve.seed,
        )
        _write(uow, run, now)
        uow.commit()
    return run


def perform(
    store: Store, settings: Settings, run: RunId, *, now: Clock, should_stop: Callable[[], bool]
) -> Certified | None:
    """Make the certificate of a queued run.  None where the service stops: it is queued again.

    Raises RefusedError where another process has it, and what ``certify`` raises.
    """
    with store.unit() as uow:
        if not uow.runs.claim(run, now=now(), lease_until=now() + LEASE):
            raise RefusedError("run_taken", f"Another process works on run {run}.", run=run)
        held = uow.runs.get(run)
        assert held is not None
        _write(uow, run, now())
        uow.commit()
    told = now()

    def on_progress(played: int, paths: int) -> None:
        nonlocal told
        if should_stop():
            raise _InterruptedError
        if now() - told < EVERY:
            return
        told = now()
        with store.unit() as uow:
            uow.runs.report(run, {"played": played, "paths": paths}, lease_until=told + LEASE)
            _write(uow, run, told)
            uow.commit()

    try:
        done = certify(
            store,
            settings,
            RosterId(int(cast(int, held.parameters["roster"]))),
            seed=settings.roster.solve.seed if held.seed is None else held.seed,
            paths=settings.roster.publish.paths,
            now=now(),
            on_progress=on_progress,
        )
    except _InterruptedError:
        with store.unit() as uow:
            uow.runs.give_back(run)
            _write(uow, run, now(), again=True)
            uow.commit()
        return None
    except BaseException as error:
        kind = error.kind if isinstance(error, MusterError) else type(error).__name__
        with store.unit() as uow:
            uow.runs.finish(run, RunState.FAILED, now=now(), result={}, error=kind)
            _write(uow, run, now(), why=error)
            uow.commit()
        raise
    with store.unit() as uow:
        uow.runs.finish(run, RunState.DONE, now=now(), result={"weakest": done.stored.weakest})
        after = uow.runs.get(run)
        assert after is not None
        run_posts.write(uow, after, _judged(_card(after), done), now=now())
        uow.commit()
    return done


def _write(
    uow: UnitOfWork, run: RunId, now: datetime, *, again: bool = False, why: BaseException | None = None
) -> None:
    held = uow.runs.get(run)
    assert held is not None
    card = replace(_card(held), again=again, details=run_posts.details(why))
    run_posts.write(uow, held, card, now=now)


def _card(run: Run) -> CertificateCard:
    return CertificateCard(
        run=int(run.run),
        roster=int(cast(int, run.parameters["roster"])),
        first=date.fromisoformat(str(run.parameters["first"])),
        days=int(cast(int, run.parameters["days"])),
        state=run.state.value,
        paths=int(cast(int, run.parameters.get("paths", 0))),
        played=int(cast(int, run.progress.get("played", 0))),
        error=run.error,
    )


def _judged(card: CertificateCard, done: Certified) -> CertificateCard:
    return replace(
        card,
        paths=done.stored.paths,
        weakest=done.stored.weakest,
        threshold=done.certificate.threshold,
        inside_share=done.stored.inside_share,
        peaks=tuple(_peak(j, done.fixes.get(j)) for j in done.certificate.weakest[:PEAKS]),
        not_played=tuple(done.missing),
    )


def _peak(judged: PeakJudgement, fix: PeakFix | None) -> WeakPeak:
    return WeakPeak(
        queue=judged.queue,
        start=judged.start,
        end=judged.end,
        probability=judged.probability,
        agents=judged.staffed_agents,
        level=None if math.isnan(judged.service_level) else judged.service_level,
        missing=judged.missing_agents,
        fix=None
        if fix is None
        else CheapestFix(
            kind=fix.kind.value,
            start=fix.start,
            end=fix.end,
            agent=fix.agent,
            before=fix.before,
            paid_minutes=fix.paid_minutes,
        ),
    )
