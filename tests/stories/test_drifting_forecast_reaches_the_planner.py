"""A forecast that stays too low reaches lead and planner once, from two replicas."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.core.people import Role
from bot.store.unit_of_work import Store
from tests.bot.usecases.test_review_forecast import DAY, came
from tests.stories.service import DAY as TODAY
from tests.stories.service import Service, Setting, running
from tests.support.builders import at
from tests.support.forecasts import forecast, save

SHIFTS = [("lin", at(8), at(17)), ("bo", at(8), at(17))]
WEEKS = 21 * DAY


def plan_too_low(store: Store) -> None:
    """Three weeks ago 8 were expected in every interval; since then 10 came."""
    save(store, forecast(8.0, first=TODAY - WEEKS, days=28))
    came(store, TODAY - WEEKS - 35 * DAY, 35 + 21, 10.0)


def told(service: Service, person: str) -> list:
    return [
        m for m in service.direct(person) if "chat" in m.text and ("forecast" in m.text or "预测" in m.text)
    ]


def test_two_replicas_tell_lead_and_planner_once(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(8, 20), shifts=SHIFTS)) as service:
        plan_too_low(service.store)
        with service.store.unit() as uow:
            (bo,) = [a for a in uow.people.all() if a.agent == "bo"]
            uow.people.upsert(replace(bo, role=Role.PLANNER))
            uow.commit()
        with service.replica() as other:
            service.clock.forward_to(at(8, 31))
            runners = [service.application.runner, other.application.runner]
            for runner in runners:
                runner.wake("daily")
            (lead,) = service.wait(lambda: told(service, "lin"), "what the lead is told")
            service.wait(lambda: told(service, "bo"), "what the planner is told")
            for runner in runners:
                runner.wake("daily", "deliver")
            service.settle()
            assert len(told(service, "lin")) == len(told(service, "bo")) == 1
            assert service.posts() == []
            text = service.slack.render(lead, "lin")
            assert "20% too little was forecast" in text
            assert "muster forecast" in text
