from collections.abc import Iterator

import pytest
from slack_sdk import WebClient

from bot.playground import RateLimits, StandInSlack, Workspace


def make_workspace(**options: object) -> Workspace:
    workspace = Workspace(limits=RateLimits.none(), **options)  # type: ignore[arg-type]
    workspace.add_user("agent-a", real_name="Ada Stone", tz="Europe/Berlin")
    workspace.add_user("agent-b", locale="zh-CN", tz="Asia/Shanghai")
    workspace.add_user("lead")
    workspace.add_channel("harbour-alerts", members=["agent-a", "agent-b", "lead"])
    workspace.add_channel("harbour-standup", members=["lead"])
    workspace.add_channel("elsewhere", with_bot=False)
    workspace.add_channel("secret", private=True, with_bot=False)
    workspace.add_channel("old", archived=True)
    return workspace


@pytest.fixture
def slack() -> Iterator[StandInSlack]:
    with StandInSlack(make_workspace()) as running:
        yield running


@pytest.fixture
def client(slack: StandInSlack) -> WebClient:
    return client_of(slack)


def client_of(slack: StandInSlack, token: str | None = None) -> WebClient:
    return WebClient(token=token or slack.bot_token, base_url=slack.api_url, retry_handlers=[], timeout=3)
