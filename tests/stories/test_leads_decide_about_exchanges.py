"""P9, A8: a swap or a gift that only cover stands against goes before a lead, then to the colleague."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bot.core.ids import AgentId
from bot.core.people import Role, RoleList
from bot.core.requests import Request, RequestState
from bot.core.settings import PresenceSettings
from bot.playground import Message
from scheduler.roster.people import skill_attribute
from tests.stories.service import Service, Setting, publish, running
from tests.stories.test_leads_decide_what_rules_cannot import closed
from tests.stories.test_shifts_change_hands import FRI, THU, got, needed, on_list, said, shown, with_rules
from tests.support.builders import agent, at

SHIFTS = [("bo", at(9, day=THU), at(18, day=THU)), ("lin", at(8), at(17))]


@contextmanager
def speakers(
    tmp_path: Path, shifts: list[tuple[str, object, object]] | None = None, **roles: Role
) -> Iterator[Service]:
    """Bo is the only one who speaks English, and one speaker is to be there."""
    rule = PresenceSettings(
        name="speakers", attribute=skill_attribute("english"), least=1, most=None, weight=30, queues=()
    )
    plain = with_rules()
    by_email = {"ada@harbour.example": Role.ADMIN, "lin@harbour.example": Role.LEAD}
    by_email |= {f"{name}@harbour.example": role for name, role in roles.items()}
    chosen = replace(plain, roster=replace(plain.roster, presence=(rule,)), roles=RoleList(by_email=by_email))
    with running(tmp_path, Setting(shifts=shifts or SHIFTS, settings=chosen)) as service:
        with service.store.unit() as uow:
            uow.people.upsert(agent("bo", skills={"chat": 1.0, "english": 1.0}))
            uow.commit()
        needed(service, {})
        yield service


def offered(service: Service, who: str = "chen") -> Message:
    return said(service, "bo", f"swap thu <@{service.slack.user(who).user.id}|{who}>")


def referred(service: Service) -> Request:
    answer = service.slack.user("bo").press(offered(service), "swap.ask_lead").answer()
    assert "Your leads decide" in answer.text
    with service.store.read() as uow:
        (held,) = uow.requests.referred()
    return held


def test_a_gift_that_leaves_no_speaker_is_granted_and_then_agreed(tmp_path: Path) -> None:
    with speakers(tmp_path) as service:
        text = shown(service, offered(service), "bo")
        assert "@chen could take it without breaking a rule" in text
        assert "nobody can lawfully take it" not in text
        assert "1 missing on speakers" in text
        held = referred(service)
        again = offered(service)
        assert "swap.ask_lead" not in again.buttons()
        assert f"lies before your leads already as request {held.request}" in shown(service, again, "bo")
        card = got(service, "lin", "asks to give a shift away")
        text = shown(service, card, "lin")
        assert "1 missing on speakers" in text
        assert "If you grant it, @chen is asked" in text
        # Nothing is asked of the colleague before a lead has granted it.
        assert service.direct("chen") == []
        assert "没有等您答复的请求" in said(service, "chen", "requests").text
        home = service.slack.user("chen").open_home().home()
        assert "request.yes" not in home.buttons()
        assert "只有组长" in said(service, "chen", f"yes {held.request}").text
        listed = shown(service, said(service, "lin", "requests"), "lin")
        assert "1 request for you to decide" in listed
        assert "@chen" in listed
        home = service.slack.user("lin").open_home().home()
        assert "referral.grant" in home.buttons()
        (row,) = [r for r in service.slack.render(home, "lin").splitlines() if "@bo: off" in r]
        assert "@chen: a shift more: Thu 26 Nov 09:00–18:00" in row
        granted = shown(service, said(service, "lin", f"yes {held.request}"), "lin")
        assert "1 person has to agree" in granted
        assert "As it stands now: 1 missing on speakers" in granted
        assert "Granted by @lin: @chen is asked now" in closed(service, "lin", card)
        assert on_list(service, "bo") == [SHIFTS[0][1:]]
        assert "Granted by @lin already" in shown(service, said(service, "ada", f"no {held.request}"), "ada")
        question = service.wait(
            lambda: next((m for m in service.direct("chen") if "request.yes" in m.buttons()), None), "chen"
        )
        assert "缺口由组长承担" in shown(service, question, "chen")
        assert "规则与人手均已核对" not in shown(service, question, "chen")
        done = service.slack.user("chen").press(question, "request.yes").answer()
        assert "已完成" in done.text
        assert "speakers" not in shown(service, done, "chen")
        assert on_list(service, "bo") == []
        assert on_list(service, "chen") == [SHIFTS[0][1:]]
        service.wait(lambda: "Done: it was granted" in closed(service, "lin", card), "the card is settled")
        late = shown(service, said(service, "lin", f"yes {held.request}"), "lin")
        assert re.search(r"Done, 10:\d\d: it was granted and agreed", late)
        # Within a quarter of an hour either can turn it back.
        told = got(service, "bo", "Your shift changed")
        assert "Turned back" in service.slack.user("bo").press(told, "request.undo").answer().text
        assert on_list(service, "bo") == [SHIFTS[0][1:]]
        assert on_list(service, "chen") == []


def test_a_swap_may_be_put_before_the_leads_and_refused(tmp_path: Path) -> None:
    shifts = [*SHIFTS, ("chen", at(13, day=THU), at(22, day=THU))]
    with speakers(tmp_path, shifts) as service:
        answer = offered(service)
        text = shown(service, answer, "bo")
        # Bo would speak English from 13:00 on; it is missed in the morning, and was in the evening.
        assert "A swap with @chen breaks no rule" in text
        assert "You would get: Thu 26 Nov 13:00–22:00" in text
        held = referred(service)
        card = got(service, "lin", "asks for a swap")
        assert "Declined" in service.slack.user("lin").press(card, "referral.decline").answer().text
        assert "Not done: @lin said no" in closed(service, "lin", card)
        got(service, "bo", "declined")
        assert service.direct("chen") == []
        assert [on_list(service, who) for who in ("bo", "chen")] == [[SHIFTS[0][1:]], [shifts[2][1:]]]
        late = shown(service, said(service, "ada", f"yes {held.request}"), "ada")
        assert re.search(r"@lin said no, 10:\d\d", late)


def test_the_colleague_may_say_no_after_the_lead_said_yes(tmp_path: Path) -> None:
    with speakers(tmp_path) as service:
        held = referred(service)
        card = got(service, "lin", "asks to give a shift away")
        service.slack.user("lin").press(card, "referral.grant").answer()
        assert "一切照旧" in said(service, "chen", f"no {held.request}").text
        service.wait(lambda: "@chen said no" in closed(service, "lin", card), "the card is settled")
        got(service, "bo", "declined")
        assert on_list(service, "bo") == [SHIFTS[0][1:]]


def test_no_decision_in_time_means_no(tmp_path: Path) -> None:
    with speakers(tmp_path) as service:
        held = referred(service)
        card = got(service, "lin", "asks to give a shift away")
        assert held.ends_at == at(8, day=THU)
        service.forward_to(held.ends_at)
        service.application.runner.wake("requests", "deliver")
        got(service, "bo", "nobody answered in time")
        assert "no decision or no answer in time" in closed(service, "lin", card)
        assert service.direct("chen") == []
        late = offered(service)
        assert "swap.ask_lead" not in late.buttons()
        assert "begins within the hour" in shown(service, late, "bo")


def test_a_grant_after_publishing_anew_changes_nothing(tmp_path: Path) -> None:
    with speakers(tmp_path) as service:
        held = referred(service)
        publish(service.store, SHIFTS)
        assert "nothing was changed" in said(service, "lin", f"yes {held.request}").text.lower()
        assert service.direct("chen") == []
        with service.store.read() as uow:
            over = uow.requests.get(held.request)
        assert over is not None
        assert over.state is RequestState.OVERTAKEN


def test_an_old_button_explains_itself(tmp_path: Path) -> None:
    with speakers(tmp_path) as service:
        old = offered(service)
        with service.store.unit() as uow:
            uow.people.upsert(agent("chen", zone="Europe/Lisbon", skills={"chat": 1.0, "english": 1.0}))
            uow.commit()
        text = service.slack.user("bo").press(old, "swap.ask_lead").answer().text
        assert "No lead has to decide this" in text
        assert "/muster swap" in text
        with service.store.read() as uow:
            assert uow.requests.referred() == []


def test_what_breaks_a_rule_is_not_put_before_a_lead(tmp_path: Path) -> None:
    """Chen works until 22:00 the evening before: ten hours of rest are no matter of cover."""
    evening = ("chen", at(13, day=THU), at(22, day=THU))
    shifts = [("bo", at(8, day=FRI), at(17, day=FRI)), SHIFTS[1], evening, ("bo", *evening[1:])]
    with speakers(tmp_path, shifts) as service:
        chen = service.slack.user("chen").user.id
        answer = said(service, "bo", f"swap fri <@{chen}|chen>")
        assert "swap.ask_lead" not in answer.buttons()
        assert "10, allowed 11" in shown(service, answer, "bo")


def test_a_lead_does_not_decide_about_a_shift_of_their_own(tmp_path: Path) -> None:
    """Lin would get the shift: somebody else decides, and Lin's yes is that of a colleague."""
    with speakers(tmp_path, [SHIFTS[0]]) as service:
        service.slack.user("bo").press(offered(service, "lin"), "swap.ask_lead").answer()
        got(service, "ada", "asks to give a shift away")
        with service.store.read() as uow:
            (held,) = uow.requests.referred()
        assert held.people == (AgentId("bo"), AgentId("lin"))
        assert service.direct("lin") == []
        assert "cannot decide about your own" in said(service, "lin", f"yes {held.request}").text
        assert "1 person has to agree" in said(service, "ada", f"yes {held.request}").text
        assert "Done" in said(service, "lin", f"yes {held.request}").text
        assert on_list(service, "lin") == [SHIFTS[0][1:]]
