"""L16, ES11, TI2: a drill is an incident in everything but what counts; its result is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any

from bot.core.ids import QueueId
from bot.core.incident_settings import DrillPlan, IncidentSettings
from tests.stories.service import DAY, Service, Setting, running
from tests.stories.test_incidents_are_led import card, forward, responders, shown, threaded, told, typed
from tests.support.builders import CHAT, TEAM, at, settings

SHIFTS = [(who, at(9), at(18)) for who in ("lin", "bo")]


def counted(service: Service) -> Mapping[str, Any]:
    """Whatever figures, alerts and forecasts are made of."""
    with service.store.read() as uow:
        start, end = at(0), at(23)
        return {
            "contacts": uow.contacts.opened_between([CHAT, QueueId("phone"), QueueId("email")], start, end),
            "judged": list(uow.clocks.judged_between(start, end, end)),
            "windows": uow.exception_windows.between(start, end),
            "arrivals": uow.volumes.arrivals(CHAT, start, end),
            "next": uow.clocks.next_due(),
        }


def test_a_drill_is_marked_counts_nowhere_and_its_result_is_kept(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(10), shifts=SHIFTS)) as service:
        responders(service, "bo")
        before = counted(service)
        said = typed(service, "lin", "incident drill outage")
        assert "Everything of it is marked TEST and counts nowhere" in said
        post = card(service)
        assert "TEST · #1 System outage" in shown(service, post)
        assert "This is a drill. Nothing is wrong" in shown(service, post)
        assert "TEST" in shown(service, told(service, "bo", "this step is yours"), "bo")
        cases = threaded(service, post, "simulated cases are open. They are no customers.")
        assert "TEST-1-1 · by 10:10" in shown(service, cases)
        forward(service, at(10, 2))
        bo = service.slack.user("bo")
        assert "It was a TEST" in shown(service, bo.press(cases, "Handled", value="1.1").answer(), "bo")
        assert "1." in typed(service, "bo", "incident step 1 done")
        forward(service, at(10, 15, 1))
        late = threaded(service, post, "late: 2.")
        assert "TEST" in shown(service, late)
        assert "TEST" in shown(service, told(service, "lin", "a step is late"))
        assert "its contacts are simulated" in typed(service, "lin", "incident form")
        typed(service, "lin", "incident over")
        # Nobody was told that anything is wrong, and nothing was counted.
        service.settle()
        assert [m for m in service.direct("bo") if "something is wrong" in m.text] == []
        assert counted(service) == before
        result = typed(service, "bo", "incident drills")
        assert "1 of 5 steps in time, 1 done · 1 of 3 simulated cases in time" in result
        assert "first action after" in result
        assert "No incident is going on" in typed(service, "lin", "incident")


def test_a_planned_drill_begins_once_on_its_day_whatever_the_replicas(tmp_path: Path) -> None:
    plan = DrillPlan(scenario="surge", team=TEAM, days=(DAY, DAY + timedelta(days=7)), at=time(10, 30))
    planned = replace(settings(), incidents=IncidentSettings(drills=(plan,)))
    with (
        running(tmp_path, Setting(start=at(10), shifts=SHIFTS, settings=planned)) as service,
        service.replica() as other,
    ):
        assert service.posts() == []
        service.clock.forward_to(at(10, 30, 1))
        for each in (service.application, other.application):
            each.runner.wake("incidents")
        post = card(service, "Sudden surge")
        assert "begun by Muster" in shown(service, post)
        service.settle()
        assert len([m for m in service.posts() if "Sudden surge" in m.text]) == 1
        # A drill nobody ends is over by itself.
        service.clock.forward_to(at(13, 1))
        for each in (service.application, other.application):
            each.runner.wake("incidents")
        threaded(service, post, "is over, says Muster")
        assert "nobody did anything" in typed(service, "lin", "incident drills")
