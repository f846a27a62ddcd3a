"""Harbour with a lead, two agents and a finance department."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.people import Role
from tests.bot.usecases.cases.desk import FINANCE
from tests.bot.usecases.harbour import Harbour
from tests.support.builders import CHAT, agent, settings


@pytest.fixture
def harbour(harbour: Harbour) -> Harbour:
    harbour.settings = replace(settings(warn_at=()), departments={"finance": FINANCE})
    harbour.people(
        agent("lin", role=Role.LEAD, slack_user="ULIN"),
        agent("bo", slack_user="UBO"),
        agent("chen", slack_user="UCHEN", skills={CHAT: 1.0, "complaint": 1.0}),
    )
    return harbour
