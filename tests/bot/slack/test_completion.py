"""What is offered after a slash follows the table of commands, the role and the language."""

from __future__ import annotations

import re

import pytest

from bot.core.people import Role
from bot.i18n.catalog import Translator
from bot.slack.commands.completion import completions
from bot.slack.commands.table import COMMANDS
from bot.slack.people import Person
from tests.support.builders import SHANGHAI, agent


def offered(role: Role, *, known: bool = True, locale: str = "en") -> dict[str, str]:
    member = agent("bo", role=role) if known else None
    person = Person(user="U0000001", agent=member, role=role, locale=locale, zone=SHANGHAI)
    return {each.typed: each.help for each in completions(COMMANDS, person, Translator(locale))}


def test_each_role_is_offered_what_it_may_use() -> None:
    by_an_agent, by_a_lead = offered(Role.AGENT), offered(Role.LEAD)
    assert {"/shift", "/shift week", "/muster", "/muster swap", "/muster help"} <= by_an_agent.keys()
    assert by_an_agent.keys() <= by_a_lead.keys()
    assert by_a_lead["/muster link"] != by_an_agent["/muster link"]
    stranger = offered(Role.AGENT, known=False)
    assert "/muster link" in stranger
    assert "/muster swap" not in stranger


@pytest.mark.parametrize("role", list(Role))
def test_every_line_is_in_the_readers_language(role: Role) -> None:
    chinese = offered(role, locale="zh-Hans")
    assert chinese.keys() == offered(role).keys()
    assert [typed for typed, help_ in chinese.items() if not re.search(r"[\u4e00-\u9fff]", help_)] == []


def test_a_what_if_says_what_may_follow_it() -> None:
    member = agent("bo", role=Role.PLANNER)
    person = Person(user="U0000001", agent=member, role=Role.PLANNER, locale="en", zone=SHANGHAI)
    [line] = [c for c in completions(COMMANDS, person, Translator("en")) if c.typed == "/roster what-if"]
    for part in ("minus @NAME", "target QUEUE=45s", "+35%"):
        assert part in line.usage
    assert "campaign" in line.help
    assert "/roster what-if" not in offered(Role.AGENT)
