"""`muster playground` in headless Chromium: a newcomer plays an agent, a lead and a colleague."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.core.ids import AgentId
from bot.core.people import Role
from bot.core.rosters import RosterStatus
from bot.demo import line
from bot.demo.line import Days
from bot.demo.playground import Playground
from bot.store.engine import make_engine
from bot.store.tables import Base
from bot.store.unit_of_work import Store
from scheduler.roster.roster import Assignment, Roster, RosterPeriod
from tests.stories.service import DAY, publish, shift
from tests.stories.test_shifts_change_hands import THU, needed, with_rules
from tests.support.browser import Tab, chromium
from tests.support.builders import SHANGHAI, agent, at

pytestmark = [pytest.mark.chromium, pytest.mark.timeout(420)]

SHIFTS = [
    ("lin", at(9), at(18)),
    ("an", at(9), at(18)),
    ("an", at(8, day=THU), at(17, day=THU)),
    ("bo", at(13, day=THU), at(22, day=THU)),
]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Playground]:
    """A small roster in place of the solved one; everything else is what the command runs."""
    settings = replace(line.example_settings(DAY), roster=with_rules().roster)
    store = Store(make_engine(f"sqlite:///{tmp_path / 'muster.db'}"))
    Base.metadata.create_all(store.engine)
    with store.unit() as uow:
        uow.people.upsert(agent("lin", role=Role.LEAD))
        for name in ("an", "bo"):
            uow.people.upsert(agent(name))
        uow.commit()
    publish(store, SHIFTS)
    needed(SimpleNamespace(settings=settings, store=store), {})
    with Playground(settings=settings, store=store, days=Days(replay=DAY)) as playground:
        yield playground
    assert playground.stage.clean
    assert playground.stage.slack.workspace.refusals == []
    assert playground.stage.slack.workspace.complaints == []
    store.close()


@pytest.fixture
def tab(opened: Playground) -> Iterator[Tab]:
    with chromium() as browser:
        browser.open(opened.page.url)
        yield browser


def command(tab: Tab, typed: str) -> None:
    tab.type("#text", typed)
    tab.key("Enter")


def starts(playground: Playground, who: str) -> list[datetime]:
    """When somebody's shifts of Thursday begin."""
    with playground._store.read() as uow:
        found = uow.rosters.shifts_of(AgentId(who), at(0, day=THU), at(23, day=THU))
    return [shift.start for shift in found]


def test_an_agent_asks_a_lead_acknowledges_and_a_shift_is_swapped(opened: Playground, tab: Tab) -> None:
    # An agent first: the day has begun, one case is late, and the page says what to try.
    tab.sees("Agent: An Liu", "#players [aria-pressed=true]")
    tab.sees("Breach:", "#messages")
    tab.sees("/muster swap", "#side .try")
    tab.type("#text", "/sh")
    tab.sees("/shift week", "#completion")
    tab.type("#text", "ift")
    tab.key("Enter")
    tab.sees("Only visible to you", "#messages .whisper")
    tab.sees("09:00–18:00", "#messages .whisper")

    # The lead takes the alert; everybody sees who has it.
    tab.click("#players [data-player=lin]")
    tab.wait("document.querySelector('#players [data-player=lin]').ariaPressed === 'true'")
    assert tab.run("document.querySelectorAll('.whisper').length") == 0
    tab.click("#messages button.element", "Acknowledge")
    tab.sees("Taken:", "#messages")
    tab.sees("@lin", "#messages .at.me")
    tab.click("#players [data-player=an]")
    tab.wait("document.querySelector('#players [data-player=an]').ariaPressed === 'true'")
    tab.sees("Taken:", "#messages")

    # An offers Thursday, Bo agrees in Chinese, and the roster has changed.
    assert (starts(opened, "an"), starts(opened, "bo")) == ([at(8, day=THU)], [at(13, day=THU)])
    command(tab, "/muster swap thu")
    tab.sees("Swap with @bo", "#messages")
    tab.click("#messages .whisper button.element", "Ask for 1")
    tab.sees("1 person has to agree", "#messages")
    bo = opened.stage.slack.user("bo").user.id
    tab.run(
        "(() => { const one = document.getElementById('other');"
        f"one.value = {bo!r}; one.dispatchEvent(new Event('change')); }})()"
    )
    tab.click("#language [data-locale='zh-CN']")
    tab.sees("频道", "#side")
    tab.click(f"#side [data-place='{opened.stage.slack.dm('bo').id}']")
    tab.click("#messages button[data-action='request.yes']")
    tab.sees("已完成", "#messages")
    assert (starts(opened, "an"), starts(opened, "bo")) == ([at(13, day=THU)], [at(8, day=THU)])


def test_a_customer_writes_and_time_passes_until_the_lead_is_told(opened: Playground, tab: Tab) -> None:
    tab.click("[data-lever=customer]")
    tab.sees("Its first response is due in ten minutes", "#notice")
    case = tab.run("document.getElementById('notice').innerText.match(/GD\\d+/)[0]")
    tab.click("[data-lever=five_minutes]")
    tab.sees("Time has passed", "#notice")
    tab.click("[data-lever=five_minutes]")
    tab.sees(case, "#messages")
    # Nobody took the first case: ten minutes after its breach the lead on duty hears of it in person.
    tab.click("[data-lever=five_minutes]")
    tab.click("#players [data-player=lin]")
    tab.click(f"#side [data-place='{opened.stage.slack.dm('lin').id}']")
    tab.sees("GD20261124901", "#messages")


def test_a_planner_reads_chinese_on_a_telephone(opened: Playground) -> None:
    with chromium() as tab:
        pei = opened.stage.slack.user("pei").user.id
        tab.open(f"{opened.page.url}#as={pei}", width=390, height=800)
        tab.sees("Breach:", "#messages")
        tab.click("#language [data-locale='zh-CN']")
        command(tab, "/muster who")
        tab.sees("现在在岗", "#messages .whisper")
        # Nothing is wider than the screen, and the channels come out from the side.
        assert tab.run("document.documentElement.scrollWidth <= 390")
        tab.click("#menu")
        tab.sees("harbour-standup", "#side")
        tab.click("#side .place", "# harbour-standup")
        tab.sees("harbour-standup", "#title")
        tab.wait("getComputedStyle(document.getElementById('side')).display === 'none'")


def test_a_planner_publishes_a_roster(opened: Playground) -> None:
    """Below what may be published without a word it takes a reason, typed into a form."""
    first = DAY + timedelta(days=7)
    early = shift(at(8, day=first), at(17, day=first))
    draft = Roster(
        period=RosterPeriod(first=first, days=7, zone=SHANGHAI),
        assignments=(Assignment(agent="an", shift=early),),
    )
    with opened._store.unit() as uow:
        number = uow.rosters.save_draft(draft, made_at=at(8))
        uow.commit()
    pei = opened.stage.slack.user("pei").user.id
    with chromium() as tab:
        tab.open(f"{opened.page.url}#as={pei}")
        tab.sees("Breach:", "#messages")
        command(tab, f"/roster publish {number}")
        tab.sees("no certificate", "#messages .whisper")
        tab.click("#messages .whisper button.element", "Publish with a reason")
        tab.sees("reason", ".dialog")
        tab.type(".dialog textarea, .dialog input", "A new team begins")
        tab.click(".dialog button[type=submit]")
        tab.sees("is live", ".dialog")
    with opened._store.read() as uow:
        version = uow.rosters.get(number)
    assert version is not None
    assert (version.status, version.accepted_because) == (RosterStatus.PUBLISHED, "A new team begins")
    slack = opened.stage.slack
    told = slack.wait_for(lambda: slack.dm("an").messages)
    assert "08:00–17:00" in slack.render(told[-1], "an")
