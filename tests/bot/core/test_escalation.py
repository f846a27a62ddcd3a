"""Who is told next, and who is on duty."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.alerts import Alert, AlertKind, AlertState
from bot.core.courses import Measure
from bot.core.escalation import EscalationChain, EscalationStep, Notify, first_step, next_step
from bot.core.ids import AgentId, AlertId, ContactRef
from bot.core.messages import RecipientKind
from bot.core.on_duty import OnShift, leads_on_duty, working_on
from bot.core.people import Role, RoleList
from tests.support.builders import CHAIN, CHAT, TEAM, agent, at

LONG = EscalationChain(
    name="long",
    steps=(
        *CHAIN.steps,
        EscalationStep(after=timedelta(minutes=20), notify=Notify.CHANNEL),
        EscalationStep(after=timedelta(minutes=30), notify=Notify.PERSON, email="max@harbour.example"),
    ),
    last_resort="ada@harbour.example",
)


def alert(step: int = 0) -> Alert:
    return Alert(
        alert=AlertId(1),
        kind=AlertKind.BREACH,
        ref=ContactRef("GD1"),
        queue=CHAT,
        team=TEAM,
        measure=Measure.FIRST_RESPONSE,
        state=AlertState.OPEN,
        opened_at=at(10),
        due_at=at(10),
        step=step,
        next_step_at=None,
    )


def told(now: datetime, step: int, *leads: str) -> tuple[int, list[tuple[RecipientKind, str]], bool] | None:
    decision = next_step(LONG, alert(step), channel="alerts", leads=[AgentId(x) for x in leads], now=now)
    if decision is None:
        return None
    return decision.step, [(r.kind, r.name) for r in decision.recipients], decision.nobody_on_duty


def test_the_lead_on_duty_is_told_when_the_step_is_due_and_not_before() -> None:
    assert told(at(10, 9, 59), 0, "lin") is None
    assert told(at(10, 10), 0, "lin") == (1, [(RecipientKind.AGENT, "lin")], False)


def test_with_nobody_on_duty_the_last_resort_is_told_that() -> None:
    assert told(at(10, 10), 0) == (1, [(RecipientKind.EMAIL, "ada@harbour.example")], True)


def test_after_an_outage_the_furthest_step_is_told_and_none_between() -> None:
    assert told(at(10, 25), 0, "lin") == (2, [(RecipientKind.CHANNEL, "alerts")], False)
    assert told(at(14), 0, "lin") == (3, [(RecipientKind.EMAIL, "max@harbour.example")], False)
    assert told(at(14), 3, "lin") is None


def test_a_breach_noticed_late_is_posted_before_it_is_escalated() -> None:
    decision = first_step(LONG, alert(-1), channel="alerts", leads=(), now=at(12))
    assert decision is not None
    assert decision.step == 0
    assert decision.next_step_at == at(10, 10)


def test_the_last_step_has_none_after_it() -> None:
    decision = next_step(LONG, alert(2), channel="alerts", leads=(), now=at(10, 30))
    assert decision is not None
    assert decision.next_step_at is None


def on_shift(name: str, activity: str = CHAT) -> OnShift:
    return OnShift(agent=AgentId(name), activity=activity, until=at(11), shift_end=at(17))


def duty(*shifts: OnShift) -> tuple[str, ...]:
    agents = {
        a.agent: a
        for a in (
            agent("lin", slack_user="U1"),  # a lead by app.yaml
            agent("li", role=Role.LEAD, slack_user="U2"),  # a lead by agents.csv
            agent("bo", slack_user="U3"),
            agent("far", role=Role.LEAD),  # not linked to Slack
            agent("out", role=Role.LEAD, slack_user="U4", team="other"),
        )
    }
    roles = RoleList(by_email={"lin@harbour.example": Role.LEAD})
    return leads_on_duty(shifts, agents, team=TEAM, roles=roles)


def test_leads_on_duty_are_reachable_leads_of_the_team() -> None:
    everybody = [on_shift(name) for name in ("lin", "li", "bo", "far", "out", "stranger")]
    assert duty(*everybody) == ("li", "lin")
    assert duty(on_shift("bo"), on_shift("far")) == ()


def test_a_lead_at_lunch_is_told_only_where_no_other_is_at_work() -> None:
    assert duty(on_shift("lin", "lunch"), on_shift("li")) == ("li",)
    assert duty(on_shift("lin", "lunch")) == ("lin",)


def test_people_at_a_queue_are_those_not_on_a_break() -> None:
    assert working_on([on_shift("a"), on_shift("b", "lunch"), on_shift("c", "phone")], CHAT) == 1
