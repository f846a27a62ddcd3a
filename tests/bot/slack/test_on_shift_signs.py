"""U13: what Slack is told of a group or a topic, in Slack's own terms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.core.on_shift_places import GROUP_GIVES_ROLES, TOPIC_FULL, TopicLine
from bot.core.ports import DeliveryError
from bot.playground import AppSettings, Fault, FaultKind, RateLimits, StandInSlack, Workspace
from bot.slack.manifest import scopes
from bot.slack.on_shift_signs import SlackOnShiftSigns, line_text, with_line
from bot.slack.web_api import WebApi

SCOPES = set(scopes(user_groups=False, on_shift_groups=True, on_shift_topics=True))
LINE = TopicLine(on_shift=3, leads=("Lin", "Wei"), next_at=None, locale="en", zone="Asia/Shanghai")
NIGHT = TopicLine(
    on_shift=0,
    leads=(),
    next_at=datetime(2026, 11, 25, 1, tzinfo=UTC),
    locale="zh-Hans",
    zone="Asia/Shanghai",
)


@pytest.fixture
def slack() -> Iterator[StandInSlack]:
    workspace = Workspace(limits=RateLimits.none(), app=AppSettings(scopes=set(SCOPES)))
    for name in ("ada", "bo", "chen"):
        workspace.add_user(name)
    workspace.add_usergroup("now", members=["ada"])
    workspace.add_channel("floor")
    with StandInSlack(workspace) as slack:
        yield slack


def signs(slack: StandInSlack, *forbidden: str) -> SlackOnShiftSigns:
    api = WebApi(slack.bot_token, url=slack.api_url, timeout=2)
    return SlackOnShiftSigns(api, lambda: datetime(2026, 11, 24, 2, tzinfo=UTC), forbidden)


def ids(slack: StandInSlack, *names: str) -> list[str]:
    return [slack.workspace.user(name).id for name in names]


def test_by_handle_or_id_off_without_members_and_on_again(slack: StandInSlack) -> None:
    (group,) = slack.workspace.usergroups.values()
    assert signs(slack).set_group("now", ids(slack, "bo")) == []
    assert group.users == ids(slack, "bo")
    assert signs(slack).set_group(group.id, []) == []
    assert group.disabled_at
    assert signs(slack).set_group("now", []) == []
    assert [c.method for c in slack.workspace.calls].count("usergroups.disable") == 1
    assert signs(slack).set_group("now", ids(slack, "chen", "bo")) == []
    assert (group.disabled_at, group.users) == (0, ids(slack, "chen", "bo"))


def test_a_group_that_gives_roles_is_never_touched_however_it_is_named(slack: StandInSlack) -> None:
    (group,) = slack.workspace.usergroups.values()
    with pytest.raises(DeliveryError) as refused:
        signs(slack, group.id).set_group("now", ids(slack, "bo"))
    assert (refused.value.code, refused.value.temporary) == (GROUP_GIVES_ROLES, False)
    assert group.users == ids(slack, "ada")


def test_a_group_that_is_not_there(slack: StandInSlack) -> None:
    for name in ("then", "S0NOTHERE"):
        with pytest.raises(DeliveryError) as refused:
            signs(slack).set_group(name, ids(slack, "bo"))
        assert refused.value.code == "no_such_subteam"


def test_with_nobody_left_whom_slack_admits_it_is_switched_off(slack: StandInSlack) -> None:
    (group,) = slack.workspace.usergroups.values()
    slack.workspace.deactivate("bo")
    kept = signs(slack)
    assert kept.set_group("now", ids(slack, "bo")) == ids(slack, "bo")
    assert group.disabled_at
    # It stays off for somebody known not to be admitted, and is on for the others.
    assert kept.set_group("now", ids(slack, "bo")) == ids(slack, "bo")
    assert [c.method for c in slack.workspace.calls].count("usergroups.users.update") == 1
    assert kept.set_group("now", ids(slack, "bo", "chen")) == ids(slack, "bo")
    assert group.users == ids(slack, "chen")


@pytest.mark.parametrize("kind", ["single_channel", "stranger", "bot"])
def test_nobody_of_these_keeps_the_others_out(slack: StandInSlack, kind: str) -> None:
    visitor = slack.workspace.add_user("visitor", **{kind: True})
    assert signs(slack).set_group("now", [visitor.id, *ids(slack, "bo")]) == [visitor.id]
    (group,) = slack.workspace.usergroups.values()
    assert group.users == ids(slack, "bo")


def test_a_group_that_was_off_does_not_come_back_with_last_nights_people(slack: StandInSlack) -> None:
    (group,) = slack.workspace.usergroups.values()
    group.disabled_at = 1
    slack.faults.add("usergroups.users.update", Fault(kind=FaultKind.SERVER_ERROR), times=1)
    with pytest.raises(DeliveryError) as failed:
        signs(slack).set_group("now", ids(slack, "bo"))
    assert failed.value.temporary
    assert group.disabled_at


def test_a_topic_is_set_once_and_only_in_a_channel_the_bot_is_in(slack: StandInSlack) -> None:
    floor = slack.workspace.channel("floor")
    floor.topic = "Tips & <https://wiki.example|the wiki>"
    for _ in range(2):
        signs(slack).set_topic("floor", LINE)
    assert floor.topics == ["Tips & https://wiki.example | ▸ On shift: 3 · lead: Lin and Wei"]
    slack.workspace.remove_bot("floor")
    with pytest.raises(DeliveryError) as refused:
        signs(slack).set_topic("floor", NIGHT)
    assert refused.value.code == "not_in_channel"


def test_a_private_channel_needs_a_scope_of_its_own(slack: StandInSlack) -> None:
    slack.workspace.add_channel("secret", private=True)
    signs(slack).set_topic("secret", LINE)
    slack.workspace.app.scopes.discard("groups:write.topic")
    with pytest.raises(DeliveryError) as refused:
        signs(slack).set_topic("secret", NIGHT)
    assert refused.value.code == "missing_scope"


def test_words_in_the_channels_language_and_zone() -> None:
    assert line_text(NIGHT) == "目前无人当值 · 下一班：11月25日 周三 09:00"
    one = TopicLine(on_shift=1, leads=(), next_at=None, locale="zh-Hant", zone="UTC")
    assert line_text(one) == "當值 1 人"


def test_peoples_words_are_kept_whole_and_ours_give_way() -> None:
    theirs = "x" * 225
    assert with_line(theirs, LINE) == f"{theirs} | ▸ On shift: 3"
    assert with_line("x" * 245, LINE) is None
    # Slack counts as JavaScript does: an emoji is two.
    assert with_line("😀" * 118, LINE) is None
    assert (
        with_line("▸ mine ▸ yours", NIGHT) == "▸ mine ▸ yours | ▸ 目前无人当值 · 下一班：11月25日 周三 09:00"
    )
    assert with_line("▸ On shift: 2", LINE) == "▸ On shift: 3 · lead: Lin and Wei"


def test_a_full_topic_is_left_alone(slack: StandInSlack) -> None:
    floor = slack.workspace.channel("floor")
    floor.topic = "x" * 240
    with pytest.raises(DeliveryError) as refused:
        signs(slack).set_topic("floor", LINE)
    assert (refused.value.code, refused.value.temporary) == (TOPIC_FULL, False)
    assert floor.topics == []
