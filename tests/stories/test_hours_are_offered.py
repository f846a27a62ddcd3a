"""A10: more hours, or fewer, are offered to whom they fit; an offer ends when its hours are filled."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from bot.usecases import repair_roster
from scheduler.labour.packs import PACKS
from tests.stories.service import DAY, Setting, running
from tests.stories.test_shifts_change_hands import got, needed, on_list, said, shown, team, with_rules
from tests.support.builders import at


def test_overtime_is_offered_to_whom_it_fits_and_counts_when_taken(tmp_path: Path) -> None:
    """A10."""
    shifts = [("bo", at(9), at(18)), ("chen", at(13), at(22))]
    with team(tmp_path, shifts, start=at(14)) as service:
        needed(service, {(at(14), at(18)): 1, (at(18), at(20)): 2})
        offers = said(service, "lin", "overtime")
        text = shown(service, offers, "lin")
        assert "1 person for whom overtime fits" in text
        assert "@bo: longer" in text
        asked = service.slack.user("lin").press(offers, "hours.offer.1").answer()
        # Answers count until an hour before the shift would have ended.
        assert "by 17:00" in asked.text
        card = got(service, "bo", "Overtime")
        assert "2 hr more?" in card.text
        assert "no answer means no, and costs you nothing" in shown(service, card, "bo")
        assert "Done" in service.slack.user("bo").press(card, "request.yes").answer().text
        assert on_list(service, "bo") == [(at(9), at(20))]
        got(service, "lin", "Overtime was agreed")
        assert "no gap" in said(service, "lin", "overtime").text
        # An agent may not offer, and an old button explains itself.
        assert "nothing was" in said(service, "bo", "overtime").text
        assert "nobody was asked" in service.slack.user("lin").press(offers, "hours.offer.1").answer().text


def test_an_offer_that_is_filled_meanwhile_says_since_when(tmp_path: Path) -> None:
    """A10: chen's lunch moves out of the gap while bo has not answered yet; a late yes changes nothing."""
    shifts = [("bo", at(9), at(18)), ("chen", at(13), at(22))]
    with team(tmp_path, shifts, start=at(14)) as service:
        needed(service, {(at(14), at(18, 30)): 1})
        service.slack.user("lin").press(said(service, "lin", "overtime"), "hours.offer.1").answer()
        card = got(service, "bo", "Overtime")
        late_yes = re.search(r"/muster (yes \d+)", shown(service, card, "bo"))[1]  # type: ignore[index]
        service.clock.forward_to(at(14, 4))
        repair_roster.apply(
            service.store, service.settings, day=DAY, absent=None, number=1, by="ada", now=service.clock()
        )
        service.application.runner.wake("deliver")
        filled = service.wait(
            lambda: next((m for m in service.direct("bo") if m.ts == card.ts and not m.buttons()), None),
            "the offer is over",
        )
        text = shown(service, filled, "bo")
        assert "Filled 14:04: nobody is missing there any more" in text
        assert "your shift stays as it is, and it costs you nothing" in text
        assert "filled meanwhile" in said(service, "bo", late_yes).text
        assert on_list(service, "bo") == [(at(9), at(18))]


def test_who_wants_none_today_is_offered_none_again_and_it_costs_nothing(tmp_path: Path) -> None:
    """A10: *Not today* is a no for the day; the offer names what law leaves of the month."""
    shifts = [("bo", at(9), at(18)), ("chen", at(13), at(22))]
    base = with_rules()
    chosen = replace(base, roster=replace(base.roster, labour=(PACKS["cn"],)))
    with running(tmp_path, Setting(start=at(14), shifts=shifts, settings=chosen)) as service:
        needed(service, {(at(14), at(18)): 1, (at(18), at(20)): 2})
        service.slack.user("lin").press(said(service, "lin", "overtime"), "hours.offer.1").answer()
        card = got(service, "bo", "Overtime")
        assert "You have 36 of 36 hours of overtime left this month." in shown(service, card, "bo")
        answer = service.slack.user("bo").press(card, "request.not_today").answer()
        assert "Everything stays" in answer.text
        assert "@bo" not in shown(service, said(service, "lin", "overtime"), "lin")
        assert on_list(service, "bo") == [(at(9), at(18))]


def test_who_is_not_needed_may_go_home_by_choice(tmp_path: Path) -> None:
    shifts = [("bo", at(9), at(18)), ("chen", at(13), at(22))]
    with team(tmp_path, shifts, start=at(14)) as service:
        # Chen is at lunch from 17:30 to 18:30; bo is alone then, and it is quiet.
        needed(service, {(at(14), at(17, 30)): 1, (at(18, 30), at(22)): 1})
        offers = said(service, "lin", "gohome")
        text = shown(service, offers, "lin")
        assert "nobody is missed" in text
        assert "@bo: shorter" in text
        service.slack.user("lin").press(offers, "hours.offer.1").answer()
        card = got(service, "bo", "Home early")
        assert "Everything stays" in service.slack.user("bo").press(card, "request.no").answer().text
        assert on_list(service, "bo") == [(at(9), at(18))]
