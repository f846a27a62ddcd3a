"""The service with a week to plan: six people, two months of history, a requirement; ada and chen plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.core.ids import RosterId
from bot.core.people import Role, RoleList
from bot.playground import Message
from bot.slack.manifest import SCOPES
from bot.usecases import forecast, plan_roster, staff
from tests.bot.usecases.planning import NOW, WEEK, fill, planning_settings
from tests.bot.usecases.test_planning_line import Direct
from tests.stories.service import Service, Setting, running

__all__ = ["answer", "drafted", "last", "patiently", "planning", "read"]


SOLVED_SECONDS = 180.0
"""Real seconds after which a wait is given up; nothing is measured with it."""


@contextmanager
def planning(
    tmp_path: Path,
    limit: timedelta = timedelta(seconds=60),
    *,
    certificate: float = 0.0,
    prepared: bool = True,
    scopes: frozenset[str] = frozenset(SCOPES),
) -> Iterator[Service]:
    """``limit`` for the solver; ada (English, in no team) and chen (Chinese, on the roster) are planners."""
    base = planning_settings(certificate=certificate)
    chosen = replace(
        base,
        roster=replace(base.roster, solve=replace(base.roster.solve, time_limit=limit)),
        roles=RoleList(by_email={"ada@harbour.example": Role.PLANNER, "chen@harbour.example": Role.PLANNER}),
    )
    with running(tmp_path, Setting(start=NOW, settings=chosen, scopes=scopes)) as service:
        if prepared:
            fill(service.store)
            forecast.make(service.store, chosen, weeks=1, now=NOW, seed=1)
            staff.make(service.store, chosen, first=WEEK, days=7, now=NOW)
        yield service


def answer(service: Service, user: str, text: str) -> str:
    """What a person reads who types `/roster text`."""
    outcome = service.slack.user(user).command("/roster", text)
    assert outcome.ok
    return service.slack.render(outcome.answer(), user)


def last(service: Service, user: str, number: int = 1) -> Message:
    """Message ``number`` from the bot to a person, counted from the first."""
    return service.wait(lambda: service.direct(user)[number - 1 :], f"direct message {number}")[0]


def read(service: Service, user: str, message: Message) -> str:
    return service.slack.render(message, user)


def drafted(service: Service) -> RosterId:
    """A draft of the week, without waiting for a process."""
    run = plan_roster.request(
        service.store, service.settings, first=WEEK, days=7, by="ada", now=service.clock(), claim=True
    )
    version = plan_roster.perform(
        service.store, service.settings, Direct(), run, now=service.clock, claimed=True
    )
    return version.roster_id


def patiently(service: Service, look: Callable[[], Any], what: str) -> Any:
    """As ``service.wait`` for what another process makes: on a busy machine its start alone takes long."""
    return service.slack.wait_for(look, timeout=SOLVED_SECONDS, what=what)
