"""Roles by user group: the highest counts, and a plan or scope that lacks them changes nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog
from structlog.testing import capture_logs

from bot.core.people import Role, RoleList
from bot.playground import AppSettings, Fault, FaultKind, RateLimits, StandInSlack, Workspace
from bot.slack.manifest import scopes
from bot.slack.user_groups import GroupRoles
from bot.slack.web_api import WebApi


@pytest.mark.parametrize(
    ("named", "recorded", "group", "role"),
    [
        (Role.AGENT, Role.AGENT, Role.AGENT, Role.AGENT),
        (Role.AGENT, Role.AGENT, Role.LEAD, Role.LEAD),
        (Role.LEAD, Role.AGENT, Role.PLANNER, Role.PLANNER),
        (Role.LEAD, Role.ADMIN, Role.AGENT, Role.ADMIN),
        (Role.ADMIN, Role.LEAD, Role.LEAD, Role.ADMIN),
    ],
)
def test_the_highest_role_counts(named: Role, recorded: Role, group: Role, role: Role) -> None:
    roles = RoleList(by_email={"bo@x.example": named}, by_group_member={"bo@x.example": group})
    assert roles.role_of("Bo@X.example", recorded) is role


def test_who_is_in_two_groups_has_the_higher_role_and_the_last_reading_counts() -> None:
    workspace = Workspace(limits=RateLimits.none(), app=AppSettings(scopes=set(scopes(user_groups=True))))
    bo, guest = workspace.add_user("bo"), workspace.add_user("guest", email="")
    leads = workspace.add_usergroup("leads", members=["bo", "guest"])
    planners = workspace.add_usergroup("planners", members=["bo"])
    groups = GroupRoles({planners.id: Role.PLANNER, leads.id: Role.LEAD})
    emails = {bo.id: "Bo@X.example"}
    with StandInSlack(workspace) as slack:
        api = WebApi(slack.bot_token, url=slack.api_url, timeout=2)
        groups.read(api, emails)
        assert dict(groups) == {"bo@x.example": Role.PLANNER}
        # Without a known address the Slack user has the role all the same.
        assert (groups.of_user(guest.id), groups.of_user("U999")) == (Role.LEAD, Role.AGENT)

        planners.users.clear()
        groups.read(api, emails)
        assert groups["bo@x.example"] is Role.LEAD

        # An outage takes nobody's role away.
        slack.faults.add("usergroups.users.list", Fault(kind=FaultKind.SERVER_ERROR), times=2)
        groups.read(api, emails)
        assert groups["bo@x.example"] is Role.LEAD


@pytest.fixture
def _every_line() -> Iterator[None]:
    before = structlog.get_config()
    structlog.reset_defaults()
    yield
    structlog.configure(**before)


@pytest.mark.usefixtures("_every_line")
@pytest.mark.parametrize("error", ["missing_scope", "paid_teams_only"])
def test_a_workspace_without_user_groups_is_said_once(error: str) -> None:
    groups = GroupRoles({"S1": Role.LEAD})
    with StandInSlack() as slack, capture_logs() as logs:
        slack.faults.add("usergroups.users.list", Fault(kind=FaultKind.SLACK_ERROR, error=error), times=3)
        api = WebApi(slack.bot_token, url=slack.api_url, timeout=2)
        for _ in range(3):
            groups.read(api, {"U1": "bo@x.example"})
    assert dict(groups) == {}
    assert [(line["event"], line["code"]) for line in logs] == [("user_group_not_read", error)]


def test_without_groups_in_app_yaml_slack_is_not_asked() -> None:
    with StandInSlack() as slack:
        GroupRoles({}).read(WebApi(slack.bot_token, url=slack.api_url), {})
        assert slack.workspace.calls == []
