"""PS10, PS11: one table says who may do what, and the documentation shows the same one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import NotAllowedError
from bot.core.ids import AgentId, TeamId
from bot.core.people import Role
from bot.core.permissions import RULES, Action, Actor, Scope, demand, permits
from bot.i18n.catalog import Translator
from bot.slack.commands.command import Subcommand
from bot.slack.commands.muster import muster_command
from bot.slack.commands.targets import SLA
from tests.support.builders import TEAM, agent

QUAY = TeamId("quay")
BO = agent("bo")


def member(role: Role, name: str = "chen", team: TeamId | None = TEAM) -> Actor:
    return Actor(role=role, agent=AgentId(name), team=team)


@pytest.mark.parametrize("action", Action)
def test_every_action_has_a_rule_and_its_least_role_may(action: Action) -> None:
    rule = RULES[action]
    if rule.scope is Scope.SELF_OR_LEAD:
        return
    assert permits(action, member(rule.least), team=TEAM)
    below = [role for role in Role if role.rank < rule.least.rank]
    assert not any(permits(action, member(role), team=TEAM) for role in below)


@given(
    st.sampled_from(Action), st.sampled_from(Role), st.sampled_from(Role), st.sampled_from([TEAM, QUAY, None])
)
def test_a_higher_role_may_never_do_less_for_a_team(
    action: Action, one: Role, other: Role, team: TeamId | None
) -> None:
    low, high = sorted((one, other), key=lambda role: role.rank)
    if permits(action, member(low), team=team):
        assert permits(action, member(high), team=team)


def test_cases_belong_to_the_team() -> None:
    assert permits(Action.CASE_SEE, member(Role.AGENT), team=TEAM)
    assert not permits(Action.CASE_SEE, member(Role.AGENT), team=QUAY)
    assert not permits(Action.CASE_SEE, member(Role.LEAD), team=QUAY)
    assert permits(Action.CASE_SEE, member(Role.PLANNER), team=QUAY)
    # Somebody of the workspace whom no file names sees no case, of whatever team.
    assert not permits(Action.CASE_SEE, Actor(role=Role.AGENT), team=TEAM)
    assert permits(Action.CASE_SEE, Actor(role=Role.LEAD), team=TEAM)


def test_figures_of_a_person_are_that_persons_and_their_leads() -> None:
    def may(who: Actor) -> bool:
        return permits(Action.PERSONAL_FIGURES, who, person=BO)

    assert may(member(Role.AGENT, "bo"))
    assert may(member(Role.LEAD, "lin"))
    assert not may(member(Role.AGENT, "chen"))
    assert not may(member(Role.LEAD, "kim", QUAY))
    assert not may(Actor(role=Role.ADMIN))


@pytest.mark.parametrize(
    ("action", "who", "kind", "said"),
    [
        (Action.AUDIT_READ, member(Role.LEAD), "role_too_low", "Only admins may do that"),
        (Action.EXCEPTION_DECLARE, member(Role.AGENT), "role_too_low", "Only leads may do that"),
        (Action.CASE_SEE, member(Role.AGENT, team=QUAY), "not_yours", "belongs to another team"),
    ],
)
def test_a_refusal_says_what_is_missing(action: Action, who: Actor, kind: str, said: str) -> None:
    with pytest.raises(NotAllowedError) as refused:
        demand(action, who, team=TEAM)
    assert refused.value.kind == kind
    t = Translator("en")
    key = next(entry for entry in refused.value.entries if t.has(entry))
    assert said in t.text(key)
    assert Translator("zh-Hans").has(key)


def test_the_documentation_shows_the_table() -> None:
    text = (Path(__file__).parents[3] / "bot/docs/privacy.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z_.]+)` \| (\w+) \| ([\w ]+) \|", text, flags=re.MULTILINE)
    scopes = {Scope.ANY: "any", Scope.OWN_TEAM: "own team", Scope.SELF_OR_LEAD: "self or lead"}
    assert rows == [(a.value, rule.least.value, scopes[rule.scope]) for a, rule in RULES.items()]


@pytest.mark.parametrize(
    "command",
    [*muster_command(()).subcommands, *SLA.subcommands],
    ids=lambda command: command.name,
)
def test_the_documentation_names_each_command_under_its_action(command: Subcommand) -> None:
    if command.action is None:
        return
    text = (Path(__file__).parents[3] / "bot/docs/privacy.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| `{re.escape(command.action.value)}` \|.*$", text, flags=re.MULTILINE)
    assert row is not None
    assert re.search(rf"`(/muster |/sla )?{command.name}[` ]", row[0])
