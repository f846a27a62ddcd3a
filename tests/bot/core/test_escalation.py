"""Who is told next, and who is on duty."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.escalation import (
    LAST_RESORT,
    EscalationChain,
    EscalationStep,
    Notify,
    first_step,
    next_step,
)
from bot.core.ids import AgentId
from bot.core.messages import Recipient, RecipientKind
from bot.core.on_duty import OnShift, leads_on_duty, skilled_on_duty, working_on
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


OPENED = at(10)
LIN = Recipient(kind=RecipientKind.AGENT, name="lin", team=TEAM)


def reaching(*there: Notify) -> Callable[[EscalationStep], tuple[Recipient, ...]]:
    """Everybody of these levels is there, and nobody else."""

    def reach(step: EscalationStep) -> tuple[Recipient, ...]:
        if step.notify not in there:
            return ()
        if step.notify is Notify.CHANNEL:
            return (Recipient(kind=RecipientKind.CHANNEL, name="alerts", team=TEAM),)
        if step.notify is Notify.PERSON:
            return (Recipient(kind=RecipientKind.EMAIL, name=step.email or "", team=TEAM),)
        return (LIN,)

    return reach


ALL = reaching(*Notify)
NO_LEAD = reaching(Notify.CHANNEL, Notify.PERSON)


def told(
    now: datetime, step: int, reach: Callable[[EscalationStep], tuple[Recipient, ...]] = ALL
) -> tuple[int, list[tuple[RecipientKind, str]], tuple[str, ...]] | None:
    decision = next_step(LONG, OPENED, step, team=TEAM, reach=reach, now=now)
    if decision is None:
        return None
    return decision.step, [(r.kind, r.name) for r in decision.recipients], decision.passed_over


def test_the_lead_on_duty_is_told_when_the_step_is_due_and_not_before() -> None:
    assert told(at(10, 9, 59), 0) is None
    assert told(at(10, 10), 0) == (1, [(RecipientKind.AGENT, "lin")], ())


def test_where_a_level_has_nobody_the_next_one_is_told_at_once_and_that() -> None:
    assert told(at(10, 10), 0, NO_LEAD) == (2, [(RecipientKind.CHANNEL, "alerts")], ("lead_on_duty",))
    # The next of the chain then comes at its own time.
    decision = next_step(LONG, OPENED, 0, team=TEAM, reach=NO_LEAD, now=at(10, 10))
    assert decision is not None
    assert decision.next_step_at == at(10, 30)


def test_with_nobody_at_any_level_left_the_last_resort_is_told_that() -> None:
    nobody = reaching(Notify.CHANNEL)
    assert told(at(10, 30), 2, nobody) == (3, [(RecipientKind.EMAIL, "ada@harbour.example")], ("person",))
    short = replace(LONG, steps=LONG.steps[:2])
    decision = next_step(short, OPENED, 0, team=TEAM, reach=nobody, now=at(10, 10))
    assert decision is not None
    assert (decision.level, decision.passed_over) == (LAST_RESORT, ("lead_on_duty",))
    assert decision.next_step_at is None


def test_after_an_outage_the_furthest_step_is_told_and_none_between() -> None:
    assert told(at(10, 25), 0) == (2, [(RecipientKind.CHANNEL, "alerts")], ())
    assert told(at(14), 0) == (3, [(RecipientKind.EMAIL, "max@harbour.example")], ())
    assert told(at(14), 3) is None


def test_a_breach_noticed_late_is_posted_before_it_is_escalated() -> None:
    decision = first_step(LONG, OPENED, team=TEAM, reach=ALL, now=at(12))
    assert decision is not None
    assert decision.step == 0
    assert decision.next_step_at == at(10, 10)


def test_a_chain_that_begins_later_says_nothing_before() -> None:
    later = replace(LONG, steps=LONG.steps[1:])
    assert first_step(later, OPENED, team=TEAM, reach=ALL, now=at(10, 9)) is None


def test_the_last_step_has_none_after_it() -> None:
    decision = next_step(LONG, OPENED, 2, team=TEAM, reach=ALL, now=at(10, 30))
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


def test_people_with_a_skill_on_shift_are_those_at_work_else_those_on_a_break() -> None:
    agents = {
        a.agent: a
        for a in (
            agent("sun", slack_user="U1", skills={"supervisor": 1.0}),
            agent("zoe", slack_user="U2", skills={"supervisor": 1.0}),
            agent("bo", slack_user="U3"),
        )
    }
    both = [on_shift("sun", "lunch"), on_shift("zoe"), on_shift("bo")]
    assert skilled_on_duty(both, agents, skill="supervisor") == ("zoe",)
    assert skilled_on_duty(both[:1], agents, skill="supervisor") == ("sun",)
    assert skilled_on_duty(both[2:], agents, skill="supervisor") == ()
