"""MA3, MA4, A2, A9, A11, P9 on the App Home: each role sees what it has to do, and does it there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.ids import AgentId
from bot.core.people import Role
from bot.playground import View
from bot.slack import listeners
from tests.stories.service import DAY, Service, Setting, event, running
from tests.stories.test_shifts_change_hands import needed, with_rules
from tests.support.builders import SHANGHAI, TEAM, at

THU = DAY + timedelta(days=2)
WORKING = "Working, this takes a moment"
SHIFTS = [
    ("bo", at(9), at(18)),
    ("lin", at(8), at(17)),
    ("bo", at(8, day=THU), at(17, day=THU)),
    ("chen", at(13, day=THU), at(22, day=THU)),
]


@contextmanager
def team(tmp_path: Path, mode: str = "socket") -> Iterator[Service]:
    chosen = with_rules()
    roles = {**chosen.roles.by_email, "pei@harbour.example": Role.PLANNER}
    chosen = replace(chosen, roles=replace(chosen.roles, by_email=roles))
    environ = {"MUSTER_PUBLIC_URL": "https://muster.example"}
    setting = Setting(mode=mode, shifts=SHIFTS, settings=chosen, environ=environ)
    with running(tmp_path, setting) as service:
        pei = {"email": "pei@harbour.example", "locale": "en-US", "tz": SHANGHAI}
        service.slack.workspace.add_user("pei", **pei)
        yield service


def opened(service: Service, who: str) -> str:
    """The home a person sees on opening it."""
    return shown(service, who, service.slack.user(who).open_home().home())


def shown(service: Service, who: str, view: View | None) -> str:
    """What a person reads, once it is more than that an answer takes a moment."""
    assert view is not None
    service.wait(lambda: WORKING not in service.slack.render(view, who), "the answer")
    return service.slack.render(view, who)


def pressed(service: Service, who: str, what: str) -> View:
    """The modal that answers a press on the person's home."""
    person = service.slack.user(who)
    assert person.home is not None
    modal = person.press(person.home, what).modal()
    shown(service, who, modal)
    return modal


@pytest.mark.parametrize("mode", ["socket", "http"])
def test_an_agent_sees_shifts_promises_and_cases_and_keeps_a_promise_there(tmp_path: Path, mode: str) -> None:
    with team(tmp_path, mode) as service:
        service.opened("GD1", at(9, 58), agent="bo")
        service.slack.user("bo").command("/muster", 'promise GD1 today 18:00 "parcel"').answer()
        text = opened(service, "bo")
        assert text.startswith("Today, Tue 24 Nov: 09:00–18:00, chat, lunch 13:30")
        assert "Next: Thu 26 Nov, 08:00–17:00" in text
        assert "1 promise you owe" in text
        assert "GD1  chat, high: due 10:08" in text
        assert "pending" not in text  # the board is the lead's
        assert "GD1" in shown(service, "bo", pressed(service, "bo", "case.show"))
        bo = service.slack.user("bo")
        home = bo.home
        assert home is not None
        done = bo.press(home, "promise.keep")
        assert "Promise 1" in shown(service, "bo", done.modal())
        service.wait(lambda: "promise you owe" not in shown(service, "bo", bo.home), "the home drawn again")


def test_a_form_asks_a_colleague_and_the_request_is_taken_back_on_the_home(tmp_path: Path) -> None:
    with team(tmp_path) as service:
        needed(service, {(at(8, day=THU), at(12, day=THU)): 1})
        opened(service, "bo")
        opened(service, "chen")
        bo, chen = service.slack.user("bo"), service.slack.user("chen")
        form = pressed(service, "bo", "home.swap")
        assert "Day: [2026-11-26" in shown(service, "bo", form)
        assert bo.submit(form, {"person": "chen"}).ok
        offered = bo.modal
        assert offered is not None
        assert "Swap with @chen" in shown(service, "bo", offered)
        assert "1 person has to agree" in shown(service, "bo", bo.press(offered, "swap.ask.1").modal())
        service.wait(lambda: "1 open request" in shown(service, "bo", bo.home), "the request on the home")
        # Whoever is asked answers on their own home, in their own language and zone.
        asked = opened(service, "chen")
        assert "等您答复" in asked
        assert "[同意] [不同意]" in asked
        assert "撤回" not in asked
        bo.close(bo.modal, all_of_them=True)
        pressed(service, "bo", "home.withdraw")
        service.wait(lambda: "open request" not in shown(service, "bo", bo.home), "nothing open")
        late = shown(service, "chen", chen.press(chen.home, "request.yes").modal())
        assert "没有改变" in late
        service.wait(lambda: "等您答复" not in shown(service, "chen", chen.home), "gone from the other home")


def test_small_forms_do_what_their_commands_do(tmp_path: Path) -> None:
    with team(tmp_path) as service:
        opened(service, "bo")
        bo = service.slack.user("bo")

        def sent(door: str, fields: dict[str, str]) -> str:
            form = pressed(service, "bo", door)
            outcome = bo.submit(form, fields)
            assert outcome.ok
            answer = " ".join(outcome.field_errors.values()) or shown(service, "bo", bo.modal)
            bo.close(bo.modal, all_of_them=True)
            return answer

        assert "At 20:30 you are told" in sent("home.remind", {"at": "20:30"})
        assert "20:30" in shown(service, "bo", pressed(service, "bo", "home.remind"))
        bo.close(bo.modal, all_of_them=True)
        assert "no wish I understand" in sent("home.wish", {"wish": "blue moon"})
        assert "Kept" in sent("home.wish", {"wish": "no sunday"})
        assert "no published shift on 2026-11-25" in sent("home.off", {"day": "2026-11-25"})
        assert "That day is past" in sent("home.off", {"day": "2026-11-01"})
        assert "Get well" in sent("home.sick", {"day": THU.isoformat()})
        with service.store.read() as uow:
            left = uow.rosters.shifts_of(AgentId("bo"), at(0, day=THU), at(23, day=THU))
        assert left == []
        service.wait(lambda: "Next:" not in shown(service, "bo", bo.home), "the shift gone from the home")
        address = shown(service, "bo", pressed(service, "bo", "home.calendar"))
        assert "https://muster.example/calendar/" in address


def test_a_lead_sees_board_gaps_and_people_and_decides_what_was_referred(tmp_path: Path) -> None:
    with team(tmp_path) as service:
        needed(service, {(at(12), at(15)): 3, (at(8, day=THU), at(12, day=THU)): 1})
        late = event("GD2", "opened", at(9, 30), queue="phone", priority="low", type="complaint")
        service.tell(event("GD1", "opened", at(9, 58), queue="chat", priority="high"), late)
        answer = service.slack.user("bo").command("/muster off thu", channel="harbour-alerts").answer()
        service.slack.user("bo").press(answer, "leave.ask_lead").answer()
        text = opened(service, "lin")
        assert text.startswith("harbour, 10:00: 2 pending, 1 of 2 unanswered are late (50%)")
        for part in (
            "1 request for you to decide",
            "phone  1 pending: 1 unanswered (1 late, 100%)",
            "waiting for a first answer: 2",
            "complaint 1 (100%)",
            "chat: up to 3 people required",
            "On now: 2 people at work",
            "Today, Tue 24 Nov: 08:00–17:00",
        ):
            assert part in text
        lin = service.slack.user("lin")
        granted = shown(service, "lin", lin.press(lin.home, "referral.grant").modal())
        assert "Done" in granted
        service.wait(
            lambda: "for you to decide" not in shown(service, "lin", lin.home), "the home drawn again"
        )
        staffed = shown(service, "lin", pressed(service, "lin", "home.exceptions"))
        assert "No exception" in staffed


def test_a_planner_sees_the_line_and_what_comes_next(tmp_path: Path) -> None:
    with team(tmp_path) as service:
        text = opened(service, "pei")
        assert text == opened(service, "pei")
        said = shown(service, "pei", service.slack.user("pei").command("/roster").answer())
        # The home begins with what the command says.
        assert text.startswith(said.splitlines()[0])
        assert "chat" in text
        assert "muster import" in text
        assert "harbour, 10:00: 0 pending" in text
        assert "My week" not in text  # nobody on the roster


def test_whom_no_file_names_is_offered_to_be_linked_and_a_guest_is_told_why_not(tmp_path: Path) -> None:
    with team(tmp_path) as service:
        text = opened(service, "stranger")
        assert "我还不认识您" in text
        assert "[关联我]" in text
        assert "已通知管理员" in shown(service, "stranger", pressed(service, "stranger", "people.link_me"))
        service.slack.workspace.add_user("visitor", locale="en-US", tz=SHANGHAI, guest=True)
        told = opened(service, "visitor")
        assert "Guests" in told
        assert "[Refresh]" in told
        assert "pending" not in told


def test_what_takes_long_opens_at_once_and_is_answered_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A press opens a modal for three seconds only: here no answer comes in time."""
    monkeypatch.setattr(listeners, "OPEN_SECONDS", 0)
    with team(tmp_path) as service:
        needed(service, {(at(8, day=THU), at(12, day=THU)): 1})
        opened(service, "bo")
        bo = service.slack.user("bo")

        def becomes(view: View, part: str) -> View:
            service.wait(lambda: part in shown(service, "bo", view), part)
            return view

        becomes(pressed(service, "bo", "home.week"), "Your week")
        bo.close(bo.modal, all_of_them=True)
        form = becomes(pressed(service, "bo", "home.swap"), "Nobody is asked")
        assert bo.submit(form, {"person": "chen"}).ok
        offered = bo.modal
        assert offered is not None
        becomes(offered, "Swap with @chen")
        becomes(bo.press(offered, "swap.ask.1").modal(), "1 person has to agree")
        service.wait(lambda: "1 open request" in shown(service, "bo", bo.home), "the request on the home")


def test_refresh_draws_it_anew_and_a_forged_button_does_nothing(tmp_path: Path) -> None:
    with team(tmp_path) as service:
        assert "0 pending" in opened(service, "lin")
        service.opened("GD1", at(9, 58))
        lin = service.slack.user("lin")
        assert "1 pending" in shown(service, "lin", lin.press(lin.home, "home.refresh").home())
        # An agent who forges a lead's button is answered as one who types its command.
        opened(service, "bo")
        bo = service.slack.user("bo")
        home = bo.home
        assert home is not None
        home.body["blocks"].append(
            {
                "type": "actions",
                "block_id": "forged",
                "elements": [
                    {
                        "type": "button",
                        "action_id": "home.overtime",
                        "value": "overtime",
                        "text": {"type": "plain_text", "text": "forged"},
                    }
                ],
            }
        )
        assert "lead" in shown(service, "bo", bo.press(home, "home.overtime").modal())


def test_new_doors_open_for_whom_they_are(tmp_path: Path) -> None:
    with team(tmp_path) as service:
        own = opened(service, "bo")
        assert "[Idea]" in own
        assert "[Weekly pack]" not in own
        assert "[Start an incident]" not in own
        bo, lin = service.slack.user("bo"), service.slack.user("lin")
        form = pressed(service, "bo", "home.idea")
        assert bo.submit(form, {"idea": "a wall for thanks"}).ok
        assert "Idea #1" in shown(service, "bo", bo.modal)
        bo.close(bo.modal, all_of_them=True)
        assert "own figures" in shown(service, "bo", pressed(service, "bo", "home.own_week"))
        bo.close(bo.modal, all_of_them=True)
        assert shown(service, "bo", pressed(service, "bo", "home.review"))
        text = opened(service, "lin")
        for name in ("[Weekly pack]", "[Causes]", "[Campaigns]", "[Start an incident]"):
            assert name in text
        for door, said in (("pack", "Weekly pack harbour"), ("causes", "cause"), ("campaigns", "campaign")):
            assert said in shown(service, "lin", pressed(service, "lin", f"home.{door}"))
            lin.close(lin.modal, all_of_them=True)
        form = pressed(service, "lin", "home.incident")
        assert lin.submit(form, {"scenario": "outage", "what": "no calls", "since": "09:40"}).ok
        assert "System outage" in shown(service, "lin", lin.modal)
        with service.store.read() as uow:
            (begun,) = uow.incidents.open_of(TEAM)
        assert (begun.what, begun.started_at) == ("no calls", at(9, 40))
