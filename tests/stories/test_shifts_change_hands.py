"""A8, A9, A11, A15, A16, L2, L11, P9: shifts are swapped, given up and made up for, by rules and consent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from bot.core.errors import RefusedError
from bot.core.ids import AgentId, QueueId
from bot.core.requests import RequestState
from bot.core.requirements import RequirementInterval
from bot.core.settings import Settings
from bot.playground import Message
from bot.usecases import ask_changes
from scheduler.roster.people import Contract
from scheduler.roster.rules import MaxConsecutiveDays, MinimumRest, RosterRules
from scheduler.roster.shifts import BreakRule, ShiftTemplate
from tests.stories.service import DAY, Service, Setting, publish, running
from tests.support.builders import at, settings

HOUR = timedelta(hours=1)
WED, THU, FRI = (DAY + timedelta(days=n) for n in (1, 2, 3))
LUNCH = BreakRule(lunch=HOUR, lunch_earliest=3 * HOUR, lunch_latest=5 * HOUR, min_spacing=HOUR)


def with_rules() -> Settings:
    plain = settings()
    template = ShiftTemplate(
        name="day",
        earliest_start=time(8),
        latest_start=time(13),
        start_step=timedelta(minutes=30),
        lengths=(9 * HOUR,),
        breaks=LUNCH,
    )
    # Lisbon's clock is eight hours behind: chen's early morning is the team's afternoon.
    afar = replace(template, name="afar", earliest_start=time(0), latest_start=time(5))
    contract = Contract(
        name="full-time",
        min_hours_per_week=0,
        max_hours_per_week=40,
        max_days_per_week=5,
        templates=("day", "afar"),
    )
    roster = replace(
        plain.roster,
        templates={"day": template, "afar": afar},
        contracts={"full-time": contract},
        rules=RosterRules(rest=MinimumRest(hours=11), consecutive_days=MaxConsecutiveDays(days=6)),
    )
    return replace(plain, roster=roster)


def needed(service: Service, spans: Mapping[tuple[datetime, datetime], int]) -> None:
    """How many people chat needs; nobody outside of the spans."""
    first = at(0)
    step = service.settings.staffing.interval
    rows = []
    for number in range(7 * 96):
        start = first + number * step
        count = max((n for (a, b), n in spans.items() if a <= start < b), default=0)
        rows.append(
            RequirementInterval(
                queue=QueueId("chat"),
                start=start,
                interval=step,
                base_agents=count,
                scheduled_agents=count,
            )
        )
    with service.store.unit() as uow:
        uow.requirements.replace(
            QueueId("chat"), first, first + timedelta(days=7), rows, made_at=first, forecast=None
        )
        uow.commit()


@contextmanager
def team(
    tmp_path: Path, shifts: Sequence[tuple[str, datetime, datetime]], start: datetime | None = None
) -> Iterator[Service]:
    setting = Setting(start=start or at(10), shifts=shifts, settings=with_rules())
    with running(tmp_path, setting) as service:
        yield service


def said(service: Service, user: str, text: str) -> Message:
    outcome = service.slack.user(user).command("/muster", text, channel="harbour-alerts")
    assert outcome.ok
    return outcome.answer()


def got(service: Service, user: str, part: str) -> Message:
    """A direct message that says something, once it is there."""
    return service.wait(
        lambda: next((m for m in service.direct(user) if part in m.text), None), f"{user}: {part}"
    )


def shown(service: Service, message: Message, user: str) -> str:
    return service.slack.render(message, user)


def on_list(service: Service, who: str) -> list[tuple[datetime, datetime]]:
    with service.store.read() as uow:
        found = uow.rosters.shifts_of(AgentId(who), at(0), at(0) + timedelta(days=7))
    return [(s.start, s.end) for s in found]


SWAPPABLE = [
    ("bo", at(8, day=THU), at(17, day=THU)),
    ("chen", at(13, day=THU), at(22, day=THU)),
]


def test_a_swap_takes_one_consent_and_both_lists_change(tmp_path: Path) -> None:
    with team(tmp_path, SWAPPABLE) as service:
        needed(service, {(at(8, day=THU), at(12, day=THU)): 1})
        offer = said(service, "bo", "swap thu")
        text = shown(service, offer, "bo")
        assert "way" in text
        assert "Swap with @chen" in text
        assert "Rest, hours, skills and cover of both days are kept" in text
        place = next(k for k in offer.buttons() if k.startswith("swap.ask"))
        asked = service.slack.user("bo").press(offer, place).answer()
        assert "1 person has to agree" in asked.text
        assert on_list(service, "bo") == [SWAPPABLE[0][1:]]
        card = got(service, "chen", "想和您换班")
        assert "不答复视为不同意" in shown(service, card, "chen")
        done = service.slack.user("chen").press(card, "request.yes").answer()
        assert "已完成" in done.text
        assert on_list(service, "bo") == [SWAPPABLE[1][1:]]
        assert on_list(service, "chen") == [SWAPPABLE[0][1:]]
        told = got(service, "bo", "Your shift changed")
        assert "08:00–17:00" in shown(service, told, "bo")
        assert "13:00–22:00" in shown(service, told, "bo")
        lead = got(service, "lin", "Shifts were swapped")
        assert "nothing is left for you to do" in lead.text
        # The card says so and has no buttons any more; a second press explains itself.
        service.wait(lambda: not _card(service, card).buttons(), "the card is closed")
        again = said(service, "chen", "yes 1")
        assert "已经完成了" in again.text
        # Within a quarter of an hour either can turn it back.
        undone = service.slack.user("bo").press(told, "request.undo").answer()
        assert "Turned back" in undone.text
        assert on_list(service, "bo") == [SWAPPABLE[0][1:]]
        assert on_list(service, "chen") == [SWAPPABLE[1][1:]]


def test_nothing_is_turned_back_in_a_roster_that_was_superseded(tmp_path: Path) -> None:
    with team(tmp_path, SWAPPABLE) as service:
        offer = said(service, "bo", "swap thu")
        place = next(k for k in offer.buttons() if k.startswith("swap.ask"))
        service.slack.user("bo").press(offer, place)
        card = got(service, "chen", "想和您换班")
        service.slack.user("chen").press(card, "request.yes").answer()
        told = got(service, "bo", "Your shift changed")
        with service.store.read() as uow:
            before = uow.rosters.published(at(10))
        assert before is not None
        # The planner publishes the week anew, with the shifts as they are now.
        swapped = [("bo", *SWAPPABLE[1][1:]), ("chen", *SWAPPABLE[0][1:])]
        publish(service.store, swapped)
        answer = service.slack.user("bo").press(told, "request.undo").answer()
        assert "The week was published anew" in answer.text
        assert "nothing was changed" in answer.text
        assert on_list(service, "bo") == [SWAPPABLE[1][1:]]
        with service.store.read() as uow:
            after = uow.rosters.get(before.roster_id)
        assert after is not None
        assert after.roster == before.roster


def _card(service: Service, card: Message) -> Message:
    return next(m for m in service.direct("chen") if m.ts == card.ts)


def test_a_no_and_no_answer_leave_everything_as_it_is(tmp_path: Path) -> None:
    with team(tmp_path, SWAPPABLE) as service:
        offer = said(service, "bo", "swap thu")
        place = next(k for k in offer.buttons() if k.startswith("swap.ask"))
        service.slack.user("bo").press(offer, place)
        card = got(service, "chen", "想和您换班")
        assert "一切照旧" in service.slack.user("chen").press(card, "request.no").answer().text
        got(service, "bo", "declined")
        service.slack.user("bo").press(offer, place)
        service.wait(lambda: len(service.direct("chen")) == 2, "the second question")
        waits = said(service, "bo", "requests")
        assert "1 open request" in waits.text
        service.forward_to(service.clock() + timedelta(hours=24, minutes=1))
        service.application.runner.wake("requests", "deliver")
        got(service, "bo", "nobody answered in time")
        assert on_list(service, "bo") == [SWAPPABLE[0][1:]]
        with service.store.read() as uow:
            assert uow.requests.open_of(AgentId("bo")) == []


def test_too_little_rest_is_said_in_hours(tmp_path: Path) -> None:
    """Chen works until 22:00 on Wednesday: bo's Thursday at 08:00 would leave 10 hours, and bo has a shift of
    his own on Wednesday."""
    shifts = [
        ("bo", at(8, day=WED), at(17, day=WED)),
        ("bo", at(8, day=THU), at(17, day=THU)),
        ("chen", at(13, day=WED), at(22, day=WED)),
    ]
    with team(tmp_path, shifts) as service:
        needed(service, {})
        chen = service.slack.user("chen").user.id
        answer = said(service, "bo", f"swap thu <@{chen}|chen>")
        text = shown(service, answer, "bo")
        assert "Not with @chen" in text
        assert "rest" in text
        assert "10, allowed 11" in text
        # Lin has the day free, and takes it.
        assert "@lin is free and takes it" in text


def test_a_day_off_is_refused_with_what_could_be_had_and_taken_in_part(tmp_path: Path) -> None:
    shifts = [
        ("bo", at(9, day=THU), at(18, day=THU)),
        ("bo", at(9, day=FRI), at(18, day=FRI)),
    ]
    with team(tmp_path, shifts) as service:
        needed(service, {(at(10, day=THU), at(12, day=THU)): 1})
        answer = said(service, "bo", "off thu")
        text = shown(service, answer, "bo")
        assert "Not as asked" in text
        assert "1 missing on chat" in text
        assert "that day without 12:00–18:00" in text
        assert "all of Fri 27 Nov" in text
        assert "the whole day, if" in text
        taken = service.slack.user("bo").press(answer, "leave.part.1").answer()
        assert "Done" in taken.text
        assert on_list(service, "bo")[0] == (at(9, day=THU), at(12, day=THU))
        got(service, "lin", "Leave was granted by the rules")
        # The whole of Friday is nobody's loss.
        friday = said(service, "bo", "off fri")
        assert "Yes" in friday.text
        assert "Done" in service.slack.user("bo").press(friday, "leave.take").answer().text
        assert on_list(service, "bo") == [(at(9, day=THU), at(12, day=THU))]
        with service.store.read() as uow:
            (kept,) = uow.people.leave([AgentId("bo")], FRI, FRI)
        assert (kept.first, kept.last) == (FRI, FRI)
        # An old button explains itself.
        assert (
            "nothing was changed"
            in service.slack.user("bo").press(friday, "leave.take").answer().text.lower()
        )


ALONE = [("bo", at(9, day=THU), at(18, day=THU)), ("lin", at(8), at(17))]
"""Bo is the only one on Thursday; Lin leads."""


def test_a_day_off_asked_for_beside_an_older_request_shows_that_one(tmp_path: Path) -> None:
    """A9, what goes wrong: the older request is shown, and the same day is not put before the leads twice."""
    with team(tmp_path, [*ALONE, ("bo", at(9, day=FRI), at(18, day=FRI))]) as service:
        needed(service, {(at(10, day=d), at(17, day=d)): 1 for d in (THU, FRI)})
        service.slack.user("bo").press(said(service, "bo", "off thu"), "leave.ask_lead").answer()
        beside = shown(service, said(service, "bo", "off fri"), "bo")
        assert "You wait for answers already: 1" in beside
        assert "[Ask the lead]" in beside
        again = shown(service, said(service, "bo", "off thu"), "bo")
        assert "All of it lies before your leads already as request 1" in again
        assert "[Ask the lead]" not in again


def test_what_rules_cannot_grant_a_lead_decides_and_the_asker_is_told(tmp_path: Path) -> None:
    """P9."""
    with team(tmp_path, ALONE) as service:
        needed(service, {(at(10, day=THU), at(17, day=THU)): 1})
        bo, lin = service.slack.user("bo"), service.slack.user("lin")
        answer = said(service, "bo", "off thu")
        sent = bo.press(answer, "leave.ask_lead").answer()
        assert "Your leads decide" in sent.text
        assert on_list(service, "bo") == [ALONE[0][1:]]
        assert "lies before the leads already" in bo.press(answer, "leave.ask_lead").answer().text
        card = got(service, "lin", "asks for a day off")
        text = shown(service, card, "lin")
        assert "Then: 1 missing on chat" in text
        assert "No decision by Thu 26 Nov, 08:00 means no" in text
        listed = shown(service, said(service, "lin", "requests"), "lin")
        assert "1 request for you to decide" in listed
        assert "@bo" in listed
        mine = shown(service, said(service, "bo", "requests"), "bo")
        assert "your leads have until" in mine
        assert "for you to decide" not in mine
        with service.store.read() as uow:
            (held,) = uow.requests.referred()
        assert "只有组长" in said(service, "chen", f"yes {held.request}").text
        assert on_list(service, "bo") == [ALONE[0][1:]]
        done = lin.press(card, "referral.grant").answer()
        assert "Done" in done.text
        assert on_list(service, "bo") == []
        with service.store.read() as uow:
            (kept,) = uow.people.leave([AgentId("bo")], THU, THU)
        assert (kept.first, kept.last) == (THU, THU)
        got(service, "bo", "Your shift changed")
        settled = service.wait(
            lambda: next((m for m in service.direct("lin") if m.ts == card.ts and not m.buttons()), None),
            "the card is settled",
        )
        assert "Granted by @lin" in shown(service, settled, "lin")
        assert "nothing was changed" in said(service, "lin", f"no {held.request}").text.lower()


def test_a_lead_may_say_no_and_silence_means_no(tmp_path: Path) -> None:
    with team(tmp_path, ALONE) as service:
        needed(service, {(at(10, day=THU), at(17, day=THU)): 1})
        bo = service.slack.user("bo")
        bo.press(said(service, "bo", "off thu"), "leave.ask_lead").answer()
        got(service, "lin", "asks for a day off")
        with service.store.read() as uow:
            (first,) = uow.requests.referred()
        assert "Declined" in said(service, "lin", f"no {first.request}").text
        told = got(service, "bo", "declined")
        assert "Everything stays as it is" in told.text
        bo.press(said(service, "bo", "off thu"), "leave.ask_lead").answer()
        got(service, "lin", "asks for a day off")
        with service.store.read() as uow:
            (second,) = uow.requests.referred()
        assert second.ends_at == at(8, day=THU)
        service.forward_to(at(8, day=THU))
        got(service, "bo", "nobody answered in time")
        assert on_list(service, "bo") == [ALONE[0][1:]]
        assert "nothing was changed" in said(service, "lin", f"yes {second.request}").text.lower()


@pytest.mark.parametrize("word", ["yes", "no"])
def test_a_referral_whose_shift_has_gone_is_over(tmp_path: Path, word: str) -> None:
    with team(tmp_path, ALONE) as service:
        needed(service, {(at(10, day=THU), at(17, day=THU)): 1})
        service.slack.user("bo").press(said(service, "bo", "off thu"), "leave.ask_lead").answer()
        card = got(service, "lin", "asks for a day off")
        with service.store.read() as uow:
            (held,) = uow.requests.referred()
        said(service, "bo", "sick thu")
        assert "nothing was changed" in said(service, "lin", f"{word} {held.request}").text.lower()
        over = service.wait(
            lambda: next((m for m in service.direct("lin") if m.ts == card.ts and not m.buttons()), None),
            "the card is closed",
        )
        assert "Overtaken" in shown(service, over, "lin")
        with service.store.read() as uow:
            assert uow.requests.referred() == []


def test_a_grant_after_publishing_anew_or_too_late_changes_nothing(tmp_path: Path) -> None:
    with team(tmp_path, ALONE) as service:
        needed(service, {(at(10, day=THU), at(17, day=THU)): 1})
        for _ in range(2):
            service.slack.user("bo").press(said(service, "bo", "off thu"), "leave.ask_lead").answer()
            with service.store.read() as uow:
                (held,) = uow.requests.referred()
            publish(service.store, ALONE)
            assert "nothing was changed" in said(service, "lin", f"yes {held.request}").text.lower()
            assert on_list(service, "bo") == [ALONE[0][1:]]
        service.slack.user("bo").press(said(service, "bo", "off thu"), "leave.ask_lead").answer()
        with service.store.read() as uow:
            (held,) = uow.requests.referred()
        with pytest.raises(RefusedError):
            ask_changes.choose(service.store, service.settings, held.request, by="lin", now=held.ends_at)
        assert on_list(service, "bo") == [ALONE[0][1:]]
        with service.store.read() as uow:
            late = uow.requests.get(held.request)
        assert late is not None
        assert late.state is RequestState.EXPIRED


def test_a_lead_does_not_decide_about_themselves(tmp_path: Path) -> None:
    shifts = [("lin", at(9, day=THU), at(18, day=THU))]
    with team(tmp_path, shifts) as service:
        needed(service, {(at(10, day=THU), at(17, day=THU)): 1})
        lin = service.slack.user("lin")
        lin.press(said(service, "lin", "off thu"), "leave.ask_lead").answer()
        with service.store.read() as uow:
            (held,) = uow.requests.referred()
        assert "cannot decide about your own" in said(service, "lin", f"yes {held.request}").text
        assert "for you to decide" not in shown(service, said(service, "lin", "requests"), "lin")
        assert "Taken back" in said(service, "lin", f"withdraw {held.request}").text
        assert on_list(service, "lin") == [shifts[0][1:]]


def test_sick_is_one_step_and_the_lead_mends_it_with_one_press(tmp_path: Path) -> None:
    shifts = [("bo", at(12), at(21)), ("lin", at(8), at(17))]
    with team(tmp_path, shifts, start=at(9)) as service:
        needed(service, {(at(12), at(21)): 1})
        answer = said(service, "bo", "sick")
        assert "Get well" in answer.text
        assert "No reason is asked or kept" in shown(service, answer, "bo")
        assert on_list(service, "bo") == []
        card = got(service, "lin", "will be away")
        text = shown(service, card, "lin")
        assert "Way 1" in text
        assert "@chen" in text
        place = "repair.choose.1"
        chosen = service.slack.user("lin").press(card, place).answer()
        assert "has to agree" in chosen.text or "have to agree" in chosen.text
        service.wait(
            lambda: next((m for m in service.direct("lin") if m.ts == card.ts and not m.buttons()), None),
            "the card is settled",
        )
        with service.store.read() as uow:
            (waits,) = [r for r in uow.requests.of_event(_event(service)) if r.state is RequestState.OPEN]
        # All of it is inside the notice window: nobody's shift changes before everybody asked agreed.
        assert on_list(service, "chen") == []
        for who in waits.answers:
            question = service.wait(
                lambda who=who: next((m for m in service.direct(who) if "request.yes" in m.buttons()), None),
                f"{who} is asked",
            )
            assert service.slack.user(who).press(question, "request.yes").answer()
        assert on_list(service, "chen") == [(at(12), at(21))]
        with service.store.read() as uow:
            states = [r.state for r in uow.requests.of_event(_event(service))]
        assert states.count(RequestState.DONE) == 1
        assert set(states) == {RequestState.DONE, RequestState.WITHDRAWN}


def _event(service: Service) -> str:
    with service.store.read() as uow:
        numbers = range(1, 20)
        return next(
            r.event
            for n in numbers
            if (r := uow.requests.get(n)) is not None and r.event is not None  # type: ignore[arg-type]
        )


def test_the_lead_learns_of_an_absence_also_where_no_way_can_be_worked_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ValueError("a fault of ours")

    monkeypatch.setattr("bot.usecases.report_absence.repair", fails)
    with team(tmp_path, [("bo", at(12), at(21)), ("lin", at(8), at(17))], start=at(9)) as service:
        assert "Get well" in said(service, "bo", "sick").text
        card = got(service, "lin", "will be away")
        assert "could not be worked out" in shown(service, card, "lin")
        assert on_list(service, "bo") == []


def test_where_no_change_helps_the_card_says_what_is_left(tmp_path: Path) -> None:
    """L2, what goes wrong: nobody else has the skill."""
    with team(tmp_path, [("bo", at(8, day=THU), at(17, day=THU))]) as service:
        with service.store.unit() as uow:
            for other in ("lin", "chen"):
                held = uow.people.get(AgentId(other))
                assert held is not None
                uow.people.upsert(replace(held, skills={}))
            uow.commit()
        needed(service, {(at(8, day=THU), at(10, day=THU)): 1})
        assert "Get well" in said(service, "bo", "sick thu").text
        card = got(service, "lin", "will be away")
        text = shown(service, card, "lin")
        assert "Still open: 1 missing on chat, Thu 26 Nov, 08:00" in text
        assert "No lawful change helps; what is left is more hours, other days, or the gap." in text
        assert "Way 1" not in text


def test_nobody_reports_somebody_else_but_leads(tmp_path: Path) -> None:
    shifts = [("bo", at(12), at(21)), ("chen", at(13), at(22))]
    with team(tmp_path, shifts) as service:
        needed(service, {(at(12), at(21)): 1})
        chen = service.slack.user("chen").user.id
        refused = said(service, "bo", f"sick <@{chen}|chen>")
        assert "You can report only yourself" in refused.text
        assert on_list(service, "chen") != []
        told = said(service, "lin", f"absence <@{chen}|chen>")
        assert "is off the list" in told.text
        assert on_list(service, "chen") == []
        assert "取消" in shown(service, got(service, "chen", "班次变动"), "chen")
        assert "no shift of chen" in said(service, "lin", f"absence <@{chen}|chen>").text


@pytest.mark.parametrize("text", ["swap someday", "off 2020-01-01", "yes x", "sick <!channel>", "off 31 Feb"])
def test_what_cannot_be_understood_changes_nothing(tmp_path: Path, text: str) -> None:
    with team(tmp_path, SWAPPABLE) as service:
        assert "nothing was changed" in said(service, "bo", text).text
        assert on_list(service, "bo") == [SWAPPABLE[0][1:]]


def test_wishes_are_kept_counted_and_contradictions_asked_about(tmp_path: Path) -> None:
    """A15, and which of two wishes counts more."""
    shifts = [("bo", at(9), at(18)), ("chen", at(13), at(22))]
    with team(tmp_path, shifts) as service:
        assert "You have no wishes" in said(service, "bo", "wish").text
        assert "Kept: off on Sat and Sun" in said(service, "bo", "wish no weekends").text
        chen = service.slack.user("chen").user.id
        refused = said(service, "bo", f"wish sunday with <@{chen}|chen>")
        assert "Which counts more?" in refused.text
        assert "/muster wish drop 1" in refused.text
        assert "Kept: early shifts" in said(service, "bo", "wish early").text
        listed = shown(service, said(service, "bo", "wish"), "bo")
        assert "2 wishes" in listed
        assert "no published roster since" in listed
        assert "taken back" in said(service, "bo", "wish drop 1").text
        assert "您没有这个愿望" in said(service, "chen", "wish drop 2").text
        assert "您还没有愿望" in said(service, "chen", "愿望").text
        assert "no wish I understand" in said(service, "bo", "wish more money").text


def test_counts_stand_beside_the_teams_range_and_nobody_elses(tmp_path: Path) -> None:
    """A16: counts only."""
    shifts = [
        ("bo", at(9), at(18)),
        ("bo", at(9, day=WED), at(18, day=WED)),
        ("chen", at(13), at(22)),
    ]
    with team(tmp_path, shifts) as service:
        service.forward_to(at(23, day=WED))
        text = shown(service, said(service, "bo", "fair"), "bo")
        assert "shifts: 2 (team 0 to 2, median 1)" in text
        assert "weekends: 0" in text
        assert "chen" not in text
