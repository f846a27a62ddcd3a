"""P9: what rules cannot grant goes before the leads; what they read is how things stand when they decide."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bot.core.people import Role, RoleList
from bot.core.requests import Request
from bot.playground import Message
from tests.stories.service import Service, Setting, running
from tests.stories.test_shifts_change_hands import (
    ALONE,
    FRI,
    THU,
    got,
    needed,
    on_list,
    said,
    shown,
    team,
    with_rules,
)
from tests.support.builders import CHAIN, at

NEEDED = {(at(10, day=THU), at(17, day=THU)): 1}


def referred(service: Service, who: str = "bo") -> Request:
    """Who asks for Thursday off puts it before the leads."""
    answer = said(service, who, "off thu")
    assert "Your leads decide" in service.slack.user(who).press(answer, "leave.ask_lead").answer().text
    with service.store.read() as uow:
        (held,) = uow.requests.referred()
    return held


def closed(service: Service, who: str, card: Message) -> str:
    """What stands in the place of a card once it has no buttons any more."""
    over = service.wait(
        lambda: next((m for m in service.direct(who) if m.ts == card.ts and not m.buttons()), None),
        "the card is closed",
    )
    return shown(service, over, who)


def test_a_grant_says_who_is_missing_now_not_when_it_was_asked(tmp_path: Path) -> None:
    with team(tmp_path, ALONE) as service:
        needed(service, NEEDED)
        referred(service)
        card = got(service, "lin", "asks for a day off")
        assert "as it was when this was asked" in shown(service, card, "lin")
        needed(service, {(at(10, day=THU), at(12, day=THU)): 1})
        done = service.slack.user("lin").press(card, "referral.grant").answer()
        now = "As it stands now: 1 missing on chat, Thu 26 Nov, 10:00 to 12:00"
        assert now in shown(service, done, "lin")
        over = closed(service, "lin", card)
        assert "Granted by @lin" in over
        assert now in over
        assert "17:00" not in over


def test_a_grant_of_what_leaves_no_gap_any_more_says_so(tmp_path: Path) -> None:
    with team(tmp_path, ALONE) as service:
        needed(service, NEEDED)
        held = referred(service)
        card = got(service, "lin", "asks for a day off")
        needed(service, {})
        done = shown(service, said(service, "lin", f"yes {held.request}"), "lin")
        assert "Nobody is missing because of it" in done
        over = closed(service, "lin", card)
        assert "Nobody is missing because of it" in over
        assert "gap" not in over
        assert on_list(service, "bo") == []


def test_who_comes_second_reads_who_decided_and_when(tmp_path: Path) -> None:
    """Ada is the admin and not on the roster: there is nothing she would have to be linked to."""
    with team(tmp_path, ALONE) as service:
        needed(service, NEEDED)
        held = referred(service)
        service.clock.forward_to(at(10, 30))
        said(service, "lin", f"no {held.request}")
        service.clock.forward_to(at(11))
        late = shown(service, said(service, "ada", f"yes {held.request}"), "ada")
        assert re.search(r"Not granted by @lin, 10:\d\d", late)
        assert "Nothing was changed" in late
        assert on_list(service, "bo") == [ALONE[0][1:]]
        # Who asked or has no say in it reads no more than that it is over.
        assert "@lin" not in shown(service, said(service, "chen", f"yes {held.request}"), "chen")
        second = referred(service)
        assert "Done" in said(service, "ada", f"yes {second.request}").text
        text = shown(service, said(service, "lin", f"no {second.request}"), "lin")
        assert re.search(r"Granted by @ada, 11:\d\d", text)
        assert on_list(service, "bo") == []


def test_a_press_on_what_was_taken_back_says_so(tmp_path: Path) -> None:
    with team(tmp_path, ALONE) as service:
        needed(service, NEEDED)
        held = referred(service)
        card = got(service, "lin", "asks for a day off")
        said(service, "bo", f"withdraw {held.request}")
        late = service.slack.user("lin").press(card, "referral.grant").answer()
        assert re.search(r"Taken back by @bo, 10:\d\d", shown(service, late, "lin"))
        assert on_list(service, "bo") == [ALONE[0][1:]]


def test_no_button_is_shown_that_would_be_refused(tmp_path: Path) -> None:
    with team(tmp_path, ALONE) as service:
        needed(service, NEEDED)
        held = referred(service)
        again = said(service, "bo", "off thu")
        assert "leave.ask_lead" not in again.buttons()
        assert f"lies before your leads already as request {held.request}" in shown(service, again, "bo")
        said(service, "lin", f"no {held.request}")
        service.clock.forward_to(at(8, 5, day=THU))
        late = said(service, "bo", "off thu")
        assert "leave.ask_lead" not in late.buttons()
        assert "begins within the hour" in shown(service, late, "bo")


@contextmanager
def only_lead(tmp_path: Path, **others: Role) -> Iterator[Service]:
    """Lin is the only lead, and the last resort may decide nothing."""
    chain = replace(CHAIN, last_resort="max@harbour.example")
    roles = {f"{name}@harbour.example": role for name, role in others.items()}
    chosen = replace(
        with_rules(),
        roles=RoleList(by_email={"lin@harbour.example": Role.LEAD, **roles}),
        chains={chain.name: chain},
    )
    shifts = [("lin", at(9, day=THU), at(18, day=THU))]
    with running(tmp_path, Setting(shifts=shifts, settings=chosen)) as service:
        needed(service, NEEDED)
        yield service


def test_where_the_only_lead_asks_a_planner_decides(tmp_path: Path) -> None:
    with only_lead(tmp_path, ada=Role.PLANNER) as service:
        held = referred(service, "lin")
        card = got(service, "ada", "asks for a day off")
        assert "Done" in service.slack.user("ada").press(card, "referral.grant").answer().text
        assert on_list(service, "lin") == []
        assert "Granted by @ada" in shown(service, said(service, "lin", f"yes {held.request}"), "lin")


def test_where_nobody_else_may_decide_the_only_lead_reads_so(tmp_path: Path) -> None:
    with only_lead(tmp_path) as service:
        answer = said(service, "lin", "off thu")
        assert "leave.ask_lead" not in answer.buttons()
        assert "Nobody else may decide" in shown(service, answer, "lin")
        with service.store.read() as uow:
            assert uow.requests.referred() == []


def test_an_order_is_said_where_there_are_several(tmp_path: Path) -> None:
    shifts = [(who, at(9, day=day), at(18, day=day)) for who, day in (("lin", THU), ("bo", THU), ("bo", FRI))]
    chosen = replace(
        with_rules(),
        roles=RoleList(
            by_email={"lin@harbour.example": Role.LEAD, "chen@harbour.example": Role.PLANNER},
        ),
    )
    with running(tmp_path, Setting(shifts=shifts, settings=chosen)) as service:
        needed(service, {(at(10, day=day), at(17, day=day)): 2 for day in (THU, FRI)})
        for who, day, count in (("lin", "thu", 1), ("bo", "fri", 2)):
            service.slack.user(who).press(said(service, who, f"off {day}"), "leave.ask_lead").answer()
            listed = shown(service, said(service, "chen", "requests"), "chen")
            assert f"{count} 个请求待您决定" in listed
            assert ("最早的在前" in listed) is (count > 1)
            assert listed.index("@lin") < listed.find("@bo") or count == 1
