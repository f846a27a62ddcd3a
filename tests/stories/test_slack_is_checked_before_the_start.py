"""K2: `muster slack check` finds what would keep `muster run` from being heard, and says how to mend it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.context import CliContext
from bot.cli.main import cli
from bot.playground import AppSettings, Fault, FaultKind, RateLimits, StandInSlack, Workspace
from bot.playground.model import Usergroup
from bot.slack.manifest import SCOPES

ROOT = Path(__file__).parents[2]
CHANNELS = ("harbour-alerts", "harbour-standup")

Muster = Callable[..., Result]


def workspace(
    *, without: str = "", beside: Collection[str] = (), channels: bool = True, **channel: bool
) -> Workspace:
    made = Workspace(
        limits=RateLimits.none(), app=AppSettings(scopes=(set(SCOPES) - {without}) | set(beside))
    )
    for name in CHANNELS if channels else ():
        made.add_channel(name, **channel)
    return made


@pytest.fixture
def check(tmp_path: Path) -> Muster:
    shutil.copy(ROOT / "app.yaml", tmp_path / "app.yaml")

    def run(environ: Mapping[str, str], *, lang: str = "en", wrong_by: timedelta = timedelta(0)) -> Result:
        context = CliContext(
            config=tmp_path / "app.yaml",
            lang=lang,
            environ=environ,
            clock=lambda: datetime.now(UTC) + wrong_by,
        )
        return CliRunner().invoke(cli, ["slack", "check"], obj=context)

    return run


def test_a_workspace_in_order(check: Muster) -> None:
    with StandInSlack(workspace()) as slack:
        result = check(slack.environment())
        assert (result.exit_code, "✗" in result.output) == (0, False), result.output
        assert f"Workspace {slack.workspace.name}; the bot is @muster." in result.output
        for said in (
            "Socket Mode can be opened",
            "clock agrees",
            "Every scope",
            *(f"#{c}: the bot is in it" for c in CHANNELS),
            *(f"#{c}: everybody in the workspace reads it, as app.yaml allows" for c in CHANNELS),
        ):
            assert said in result.output
        assert slack.bot_token not in result.output
        assert "机器人已加入" in check(slack.environment(), lang="zh-Hans").output


@pytest.mark.parametrize(
    ("state", "said", "fix"),
    [
        ({"with_bot": False}, "the bot is not in it", "/invite @muster"),
        ({"archived": True}, "is archived", "Restore it in Slack"),
        ({"channels": False}, "no public channel has this name", "teams.harbour.channels"),
        ({"private": True, "with_bot": False}, "no public channel has this name", "/invite @muster"),
        ({"ext_shared": True}, "shared with people outside this workspace", "teams.harbour.channels"),
        ({"without": "chat:write"}, "not granted: chat:write (post alerts", "muster slack manifest"),
        ({"without": "channels:read"}, "cannot be looked up (missing_scope)", "Grant the missing scopes"),
    ],
)
def test_a_fault_is_named_with_its_remedy(check: Muster, state: dict, said: str, fix: str) -> None:
    with StandInSlack(workspace(**state)) as slack:
        result = check(slack.environment())
    assert result.exit_code == 1
    assert said in result.output
    assert fix in result.output


def test_scopes_that_nothing_needs_are_named_with_what_they_would_be_for(check: Muster) -> None:
    with StandInSlack(workspace(beside=("admin", "pins:write"))) as slack:
        result = check(slack.environment())
        chinese = check(slack.environment(), lang="zh-Hans").output
    # Nothing fails for them.
    assert (result.exit_code, "✗" in result.output) == (0, False), result.output
    spare = (
        "– Scopes that are granted and not needed: admin (Muster has no use for it); "
        "pins:write (pin the post that shows a team's board (`teams.NAME.board`))."
    )
    assert spare in result.output
    assert "To grant less, paste the manifest again" in result.output
    assert "– 已授予但不需要的权限：admin（Muster 用不到）" in chinese
    with StandInSlack(workspace()) as slack:
        assert "not needed" not in check(slack.environment()).output


def test_guests_in_a_channel_are_counted(check: Muster) -> None:
    made = workspace()
    made.add_user("visitor", guest=True)
    made.invite("harbour-alerts", "visitor")
    with StandInSlack(made) as slack:
        result = check(slack.environment())
    assert result.exit_code == 1
    assert "✗ #harbour-alerts: guests among its members: 1;" in result.output
    assert "✓ #harbour-standup: everybody in the workspace reads it" in result.output


@pytest.mark.parametrize("name", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"])
def test_a_wrong_token(check: Muster, name: str) -> None:
    with StandInSlack(workspace()) as slack:
        wrong = slack.environment()[name][:5] + "wrong"
        result = check(slack.environment() | {name: wrong})
    assert result.exit_code == 1
    assert f"✗ Slack refuses {name} (invalid_auth)." in result.output
    assert wrong not in result.output


@pytest.mark.parametrize(("minutes", "said"), [(3, "180 seconds ahead"), (-3, "180 seconds behind")])
def test_a_wrong_clock(check: Muster, minutes: int, said: str) -> None:
    with StandInSlack(workspace()) as slack:
        result = check(slack.environment(), wrong_by=timedelta(minutes=minutes))
    assert result.exit_code == 1
    # The header is cut to the second, and the answer takes a moment.
    assert said.split()[1:] == [word.strip(".") for word in result.output.split("clock is ")[1].split()[1:3]]
    assert 175 <= int(result.output.split("clock is ")[1].split()[0]) <= 185


def test_slack_out_of_reach_is_for_later(check: Muster) -> None:
    with StandInSlack(workspace()) as slack:
        environ = slack.environment()
        slack.faults.add("users.conversations", Fault(kind=FaultKind.SERVER_ERROR))
        halfway = check(environ)
    assert halfway.exit_code == 75
    assert "✓ Workspace" in halfway.output
    assert "Slack does not answer" in halfway.output
    gone = check(environ)
    assert (gone.exit_code, "✓" in gone.output) == (75, False)
    assert "Slack does not answer (unreachable)" in gone.output


def test_missing_variables_are_named(check: Muster) -> None:
    result = check({"SLACK_BOT_TOKEN": "xoxb-1"})
    assert result.exit_code == 1
    assert "Not set: SLACK_APP_TOKEN. Nothing was checked." in result.output


def test_the_scope_for_user_groups_is_asked_for_only_where_they_are_used(tmp_path: Path) -> None:
    def asked() -> tuple[bool, str]:
        context = CliContext(config=tmp_path / "app.yaml", lang="en", environ={})
        result = CliRunner().invoke(cli, ["slack", "manifest"], obj=context)
        scopes = json.loads(result.stdout)["oauth_config"]["scopes"]["bot"]
        return "usergroups:read" in scopes, result.stderr

    assert asked()[0] is False
    sample = (ROOT / "app.yaml").read_text(encoding="utf-8")
    (tmp_path / "app.yaml").write_text(sample, encoding="utf-8")
    assert asked()[0] is False
    named = sample.replace("\npeople:\n", "\npeople:\n  slack_user_groups: {lead: S0123ABCD}\n", 1)
    assert named != sample
    (tmp_path / "app.yaml").write_text(named, encoding="utf-8")
    asks, reasons = asked()
    assert asks
    assert "usergroups:read" in reasons


def test_the_manifest_switches_the_home_on_and_needs_no_scope_for_it(tmp_path: Path) -> None:
    def made(*options: str) -> dict:
        context = CliContext(config=tmp_path / "app.yaml", lang="en", environ={})
        result = CliRunner().invoke(cli, ["slack", "manifest", *options], obj=context)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    socket = made()
    assert socket["features"]["app_home"]["home_tab_enabled"] is True
    assert socket["settings"]["event_subscriptions"] == {
        "bot_events": ["app_home_opened", "file_shared", "message.im"]
    }
    assert set(socket["oauth_config"]["scopes"]["bot"]) == set(SCOPES)
    over_http = made("--http", "https://muster.example")["settings"]
    assert over_http["event_subscriptions"]["request_url"] == over_http["interactivity"]["request_url"]


def test_the_scope_that_pins_is_asked_for_only_where_a_team_has_a_board(tmp_path: Path) -> None:
    sample = (ROOT / "app.yaml").read_text(encoding="utf-8")
    board = "\n    board: {channel: harbour-floor}\n    stand_up:"

    def asked(text: str) -> tuple[bool, str]:
        (tmp_path / "app.yaml").write_text(text, encoding="utf-8")
        context = CliContext(config=tmp_path / "app.yaml", lang="en", environ={})
        result = CliRunner().invoke(cli, ["slack", "manifest"], obj=context)
        return "pins:write" in json.loads(result.stdout)["oauth_config"]["scopes"]["bot"], result.stderr

    assert asked(sample)[0] is False
    asks, reasons = asked(sample.replace("\n    stand_up:", board, 1))
    assert asks
    assert "pins:write" in reasons
    assert "teams.NAME.board" in reasons


ON_SHIFT = """
    on_shift:
      group: "@harbour-now"
      by_skill: {english: "@harbour-english-now"}
      topic: harbour-floor
    stand_up:"""


def test_scopes_for_groups_and_topics_are_asked_for_only_where_they_are_used(tmp_path: Path) -> None:
    sample = (ROOT / "app.yaml").read_text(encoding="utf-8")
    roles = "\npeople:\n  slack_user_groups: {lead: S0123ABCD}\n"

    def asked(text: str, lang: str = "en") -> tuple[set[str], str]:
        (tmp_path / "app.yaml").write_text(text, encoding="utf-8")
        context = CliContext(config=tmp_path / "app.yaml", lang=lang, environ={})
        result = CliRunner().invoke(cli, ["slack", "manifest"], obj=context)
        return set(json.loads(result.stdout)["oauth_config"]["scopes"]["bot"]) - set(SCOPES), result.stderr

    groups = {"usergroups:read", "usergroups:write"}
    topics = {"channels:write.topic", "groups:write.topic"}
    assert asked(sample)[0] == set()
    with_all = sample.replace("\n    stand_up:", ON_SHIFT, 1)
    scopes, reasons = asked(with_all)
    assert scopes == groups | topics
    assert reasons.count("teams.NAME.on_shift") == 3
    assert "随当值人员更新" in asked(with_all, "zh-Hans")[1]
    assert asked(with_all.replace("      topic: harbour-floor\n", "", 1))[0] == groups
    alone = sample.replace("\n    stand_up:", "\n    on_shift: {topic: harbour-floor}\n    stand_up:", 1)
    assert asked(alone)[0] == topics
    both = asked(with_all.replace("\npeople:\n", roles, 1))[1]
    assert "gives roles to; find those" in both


def test_groups_and_topics_that_follow_the_roster_are_looked_for(check: Muster, tmp_path: Path) -> None:
    file = tmp_path / "app.yaml"
    text = file.read_text(encoding="utf-8").replace("\n    stand_up:", ON_SHIFT, 1)
    file.write_text(
        text.replace("\npeople:\n", "\npeople:\n  slack_user_groups: {lead: S0LEADERS}\n", 1), "utf-8"
    )
    made = workspace()
    more = ("usergroups:read", "usergroups:write", "channels:write.topic", "groups:write.topic")
    made.app.scopes |= set(more)
    made.add_channel("harbour-floor", with_bot=False)
    group = made.add_usergroup("harbour-now")
    group.disabled_at = 1  # at night it is off, and found all the same
    with StandInSlack(made) as slack:
        first = check(slack.environment())
        assert first.exit_code == 1
        assert "✓ User group @harbour-now: found." in first.output
        assert "✗ There is no user group @harbour-english-now." in first.output
        assert "teams.harbour.on_shift" in first.output
        assert "✗ #harbour-floor: the bot is not in it." in first.output
        made.channel("harbour-floor").members.append(made.bot.id)
        made.usergroups["S0LEADERS"] = Usergroup(id="S0LEADERS", handle="harbour-english-now", name="x")
        second = check(slack.environment(), lang="zh-Hans")
        assert second.exit_code == 1
        assert "✗ 用户组 @harbour-english-now 用于赋予角色" in second.output
        assert "✓ #harbour-floor：主题可随当值人员更新。" in second.output
        made.usergroups["S0LEADERS"].id = "S0ENGLISH"
        third = check(slack.environment())
        assert third.exit_code == 0, third.output
        file.write_text(file.read_text("utf-8").replace("@harbour-english-now", group.id, 1), "utf-8")
        twice = check(slack.environment())
        assert f"✗ {group.id} and @harbour-now are the same user group" in twice.output
        made.app.scopes.discard("usergroups:read")
        hidden = check(slack.environment())
        assert "✗ User groups cannot be looked up (missing_scope)." in hidden.output
