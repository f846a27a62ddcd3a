"""L15: a campaign has goals, is made ready, is reported on while it runs, and is closed with its lessons."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.core.ids import CampaignId
from bot.core.record_settings import Department
from bot.core.sla import SlaPolicy
from bot.usecases import ready_campaign
from tests.stories.service import DAY, Service, Setting, event, running
from tests.support.builders import POLICIES, at, response, settings

TOMORROW = DAY + timedelta(days=1)
THIRD = DAY + timedelta(days=2)
SHIFTS = [(who, at(8, day=day), at(16, day=day)) for who in ("lin", "bo") for day in (DAY, TOMORROW)]
RULES = replace(
    settings(
        policies=(SlaPolicy(name="sale", tags=frozenset({"campaign"}), targets=(response(3),)), *POLICIES)
    ),
    departments={"market": Department(department="market", name="Marketing", channel="market")},
)


def shown(service: Service, words: str, who: str = "lin") -> str:
    return service.slack.render(service.slack.user(who).command("/muster", words).answer(), who)


def plan(service: Service, **more: Any) -> dict[str, Any]:
    bo = service.slack.user("bo").user.id
    return {
        "name": "Double 12",
        "first": TOMORROW.isoformat(),
        "last": THIRD.isoformat(),
        "queues": ["chat"],
        "goal_response": "20% from 90s",
        "goal_satisfaction": "85% from 80%",
        "goal_feedback": "90% from 85%",
        "lift": "20%..50%",
        "duty_knowledge": bo,
        **more,
    }


def planned(service: Service, **more: Any) -> str:
    lin = service.slack.user("lin")
    form = lin.command("/muster", "campaign new").modal()
    answer = lin.submit(form, plan(service, **more))
    return service.slack.render(answer.modal(), "lin")


def wake(service: Service) -> None:
    service.application.runner.wake("campaigns", "deliver")


def posts(service: Service, words: str, channel: str = "harbour-standup") -> list[Any]:
    return [m for m in service.posts(channel) if words in m.text]


def test_open_items_are_named_before_the_start_once_and_it_ends_with_measures(tmp_path: Path) -> None:
    setting = Setting(start=at(14), shifts=SHIFTS, settings=RULES, channels=("market",))
    with running(tmp_path, setting) as service, service.replica():
        said = planned(service, department="market")
        assert "Campaign #1 is saved" in said
        assert "Readiness: 0 of 15 done" in said
        with service.store.read() as uow:
            (lift,) = uow.queue_events.all()
        assert (lift.queue, lift.event.name, lift.event.first_day) == ("chat", "Double 12", TOMORROW)
        assert lift.event.lift is not None
        assert (lift.event.lift.low, lift.event.lift.high) == (1.2, 1.5)
        (warned,) = service.wait(lambda: posts(service, "starts in 18 hr"), "the warning")
        # What has an owner names them; of the load test nobody has thought.
        text = service.slack.render(warned, "lin")
        assert "double-registration answer (@bo)" in text
        assert "load test (–)" in text
        shown_to_bo = service.slack.user("bo").press(warned, "Show").answer()
        ticked = service.slack.user("bo").press(shown_to_bo, "campaign.tick", value="1:1").answer()
        assert "Done: 1. knowledge base: aim of the campaign" in service.slack.render(ticked, "bo")
        for item in range(2, 16):
            if item not in (8, 11):
                ready_campaign.tick(service.store, CampaignId(1), item, by="lin", now=service.clock())
        service.forward_to(at(8, 1, day=TOMORROW))
        wake(service)
        (begun,) = service.wait(lambda: posts(service, "has begun"), "the start")
        assert (
            "Campaign Double 12 has begun; open: double-registration answer (@bo), load test (–)"
            in service.slack.render(begun, "lin")
        )
        service.settle()
        assert len(posts(service, "starts in")) == 1
        # Its contacts have its tag, and with it the row of app.yaml for campaigns.
        service.forward_to(at(9, 31, day=TOMORROW))
        for n in range(4):
            kind = "complaint" if n == 3 else "order"
            service.opened(f"C{n}", at(9, n, day=TOMORROW), type=kind)
        service.tell(event("C0", "responded", at(9, 1, day=TOMORROW), agent="bo"))
        with service.store.read() as uow:
            contacts = uow.contacts.opened_between(["chat"], at(8, day=TOMORROW), at(20, day=TOMORROW))
        assert {frozenset(c.tags) for c in contacts} == {frozenset({"campaign", "campaign-1"})}
        service.forward_to(at(21, 46, day=TOMORROW))
        wake(service)
        (report,) = service.wait(lambda: posts(service, "day 1 of 2"), "the report")
        text = service.slack.render(report, "lin")
        assert "4 contacts so far" in text
        assert "Mean response: cut by 33.3%, wanted 20%" in text
        assert "3 questions, 1 complaints, 0 wishes" in text
        (issues,) = service.wait(lambda: posts(service, "what customers said", "market"), "the issues")
        assert "order 3 (75%)" in service.slack.render(issues, "lin")
        # The end: a goal that was missed takes a cause and a measure.
        service.tell(event("C1", "responded", at(9, 30, day=TOMORROW), agent="bo"))
        lin = service.slack.user("lin")
        form = lin.command("/muster", "campaign close 1").modal()
        assert "Mean response: cut by" in service.slack.render(form, "lin")
        refused = lin.submit(form, {"causes": "too few agents"})
        assert "one measure with an owner and a time" in str(refused.field_errors)
        closing = {
            "causes": "too few agents",
            "measure1": "plan two more agents",
            "owner1": service.slack.user("bo").user.id,
            "due1": int(at(12, day=DAY + timedelta(days=9)).timestamp()),
        }
        lin.submit(form, closing)
        (closed,) = service.wait(lambda: posts(service, "is closed by"), "the closing")
        text = service.slack.render(closed, "lin")
        assert "too few agents" in text
        assert "#1 plan two more agents · @bo" in text
        assert "1 action is open." in shown(service, "action")
        with service.store.read() as uow:
            (lift,) = uow.queue_events.all()
        assert lift.event.lift is None  # what came teaches the forecast


def test_without_a_goal_or_a_known_lift_nothing_is_saved_and_the_form_stays(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(14), shifts=SHIFTS, settings=RULES)) as service:
        lin = service.slack.user("lin")
        form = lin.command("/muster", "campaign new").modal()
        no_lift = lin.submit(form, plan(service, lift=""))
        assert "No earlier campaign" in no_lift.field_errors["lift"]
        no_baseline = lin.submit(form, plan(service, goal_response="20%"))
        assert "say nothing of this goal's baseline" in no_baseline.field_errors["goal_response"]
        assert "No campaign is stored." in shown(service, "campaign")
        assert "Only leads may do that" in shown(service, "campaign new", "bo")


def test_a_changed_rule_is_read_by_everybody_and_asked_again_at_the_next_shift(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(14), shifts=SHIFTS)) as service:
        lin = service.slack.user("lin")
        form = lin.command("/muster", "announce").modal()
        lin.submit(
            form,
            {
                "what": "Coupons end on Sunday",
                "reason": "stock is low",
                "content": "no coupon after Sunday 24:00",
                "effect": "apologise and offer points",
            },
        )
        assert service.wait(lambda: posts(service, "Coupons end on Sunday"), "the post")
        (told,) = service.wait(
            lambda: [m for m in service.direct("bo") if "Coupons" in m.text], "bo's message"
        )
        assert "0 of 2 have read it" in shown(service, "announce status")
        (chens,) = service.wait(
            lambda: [m for m in service.direct("chen") if "Coupons" in m.text], "chen's message"
        )
        service.slack.user("chen").press(chens, "announcement.read").answer()
        service.forward_to(at(8, 1, day=TOMORROW))
        wake(service)
        (again,) = service.wait(
            lambda: [m for m in service.direct("bo") if "not said yet" in m.text], "the second asking"
        )
        answer = service.slack.user("bo").press(again, "I have read it").answer()
        assert "you have read it" in answer.text
        assert "2 of 2 have read it" in shown(service, "announce status")
        wake(service)
        service.settle()
        assert len([m for m in service.direct("bo") if "not said yet" in m.text]) == 1
        assert told.text != again.text
