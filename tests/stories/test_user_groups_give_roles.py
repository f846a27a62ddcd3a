"""PS10: a role from a Slack user group, for what one may type and for who is told."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

from bot.core.people import Role
from bot.playground.model import Usergroup
from bot.slack.manifest import scopes
from tests.stories.service import Setting, running
from tests.support.builders import at, settings

GROUP = "S0LEADERS1"


def test_members_of_the_leads_group_are_leads(tmp_path: Path) -> None:
    """bo is an agent in agents.csv and a lead by the group; chen becomes one while the service runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    chosen = settings()
    setting = Setting(
        settings=replace(chosen, roles=replace(chosen.roles, by_user_group={GROUP: Role.LEAD})),
        scopes=frozenset(scopes(user_groups=True)),
        shifts=[("bo", at(9), at(18))],
        slack_port=port,
        slack_absent=True,
    )
    with running(tmp_path, setting) as service:
        workspace = service.slack.workspace
        bo, chen = workspace.user("bo"), workspace.user("chen")
        leads = Usergroup(id=GROUP, handle="leads", name="leads", users=[bo.id])
        workspace.usergroups[GROUP] = leads
        with service.slack:
            service.wait(lambda: service.slack.connections, "the socket")
            service.wait(
                lambda: [c for c in workspace.calls if c.method == "usergroups.users.list"], "groups"
            )

            # Told as the lead on duty: lin, who is one by agents.csv, is not on shift.
            service.opened("GD1", at(10))
            service.forward_to(at(10, 21))
            service.wait(
                lambda: [m for m in service.slack.user("bo").dm if m.text.startswith("Nobody has taken")],
                "the escalation",
            )

            refused = service.slack.user("chen").command("/muster", f"link <@{bo.id}>").answer()
            assert "只有组长" in refused.text
            linked = service.slack.user("bo").command("/muster", f"link <@{chen.id}>").answer()
            assert "is linked with agent chen" in linked.text

            leads.users.append(chen.id)
            service.slack.user("chen").command("/muster", "link me").answer()
            allowed = service.slack.user("chen").command("/muster", f"link <@{bo.id}>").answer()
            assert "只有组长" not in allowed.text

            # Out of the group: an agent again, for the next one who links.
            leads.users.remove(chen.id)
            service.slack.user("bo").command("/muster", "link").answer()
            again = service.slack.user("chen").command("/muster", f"link <@{bo.id}>").answer()
            assert "只有组长" in again.text
