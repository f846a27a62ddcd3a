"""Who decides where no lead of the team can."""

from __future__ import annotations

from bot.core.deciders import everybody_who_may, in_place_of_leads
from bot.core.ids import TeamId
from bot.core.people import Agent, Role, RoleList
from tests.support.builders import TEAM, agent

LIN = agent("lin", role=Role.LEAD, slack_user="U1")


def asked(*agents: Agent, resort: str = "max@harbour.example", **roles: Role) -> tuple[str, ...]:
    by_email = {f"{name}@harbour.example": role for name, role in roles.items()}
    return in_place_of_leads(
        RoleList(by_email=by_email), (LIN, *agents), TEAM, last_resort=resort, but={"lin@harbour.example"}
    )


def test_the_last_resort_only_where_its_role_allows_it() -> None:
    assert asked(resort="Ada@harbour.example", ada=Role.ADMIN, pei=Role.PLANNER) == ("ada@harbour.example",)
    assert asked(ada=Role.ADMIN, pei=Role.PLANNER) == ("pei@harbour.example",)
    assert asked(resort="lin@harbour.example", ada=Role.ADMIN, kim=Role.ADMIN) == (
        "ada@harbour.example",
        "kim@harbour.example",
    )


def test_nobody_who_may_not_or_cannot_be_reached() -> None:
    other = agent("kim", role=Role.LEAD, team=TeamId("quay"), slack_user="U2")
    unlinked = agent("zoe", role=Role.PLANNER)
    gone = agent("bo", role=Role.ADMIN, slack_user="U3", active=False)
    assert asked(other, unlinked, gone) == ()
    planner = agent("pei", role=Role.PLANNER, team=TeamId("quay"), slack_user="U4")
    assert asked(planner, unlinked) == ("pei@harbour.example",)


def test_a_lead_whom_only_app_yaml_names_looks_after_every_team() -> None:
    assert asked(sun=Role.LEAD) == ("sun@harbour.example",)
    assert everybody_who_may(RoleList(by_email={"sun@harbour.example": Role.LEAD}), [LIN], TEAM) == {
        "lin@harbour.example": Role.LEAD,
        "sun@harbour.example": Role.LEAD,
    }
