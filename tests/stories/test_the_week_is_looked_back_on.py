"""A13, L14: the weekly self-review, its goal a week later, and what its lead and nobody else sees."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from bot.core.contacts import ContactType
from bot.core.settings import Settings
from bot.core.weekly_reviews import ReviewTimes
from bot.playground import Message
from tests.stories.service import Service, Setting, publish, running
from tests.support.builders import TEAM, at, settings
from tests.support.own_week import solve_cases

FRIDAY = date(2026, 11, 27)
MONDAY = FRIDAY + timedelta(days=3)
NEXT = FRIDAY + timedelta(days=7)


def with_reviews() -> Settings:
    made = settings()
    return replace(made, teams={TEAM: replace(made.teams[TEAM], review=ReviewTimes())})


def look(service: Service, instant: datetime) -> None:
    service.clock.forward_to(instant)
    service.application.runner.wake("reviews", "deliver")


def told(service: Service, who: str, words: str) -> list[Message]:
    return [m for m in service.direct(who) if words in m.text]


def asked(service: Service, who: str, nth: int = 0) -> Message:
    words = "自评表已备好" if who == "chen" else "self-review form is ready"
    found = service.wait(lambda: told(service, who, words)[nth:], f"the form of {who}")
    message: Message = found[0]
    return message


def typed(service: Service, who: str, words: str) -> str:
    return service.slack.render(service.slack.user(who).command("/muster", words).answer(), who)


def week(service: Service, day: date, name: str, seconds: float | None, **more: object) -> None:
    start = at(9, day=day - timedelta(days=2))
    solve_cases(service.store, "bo", start, name=name, count=20, seconds=seconds, **more)  # type: ignore[arg-type]


def test_the_form_is_filled_in_and_next_friday_shows_the_goal(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(14, day=FRIDAY), settings=with_reviews())) as service:
        week(service, FRIDAY, "A", 185.0, again=3, answers=(4, 4, 4, 4, 5))
        look(service, at(14, 59, day=FRIDAY))
        service.settle()
        assert told(service, "bo", "self-review") == []
        look(service, at(15, day=FRIDAY))
        message = asked(service, "bo")
        bo = service.slack.user("bo")
        stale = bo.press(message, "Fill in").modal()
        form = bo.press(message, "Fill in").modal()
        shown = service.slack.render(form, "bo")
        for figure in ("20", "185", "85", "4.2"):
            assert figure in shown
        # A wrong goal is said at its field; the rest stays as typed.
        refused = bo.submit(form, {"points": ["brevity"], "goal": "be quick"})
        assert "no goal Muster can check; nothing was saved" in str(refused.field_errors)
        answer = bo.submit(form, {"points": ["brevity"], "goal": "AHT ≤ 180 s"}).modal()
        said = service.slack.render(answer, "bo")
        assert "Your self-review is back." in said
        assert "Goal for next week: AHT ≤ 180 s" in said
        # The next week is quicker, and customers are less happy.
        week(service, NEXT, "B", 178.0, answers=(3, 3))
        look(service, at(15, 1, day=NEXT))
        shown = service.slack.render(bo.press(asked(service, "bo", 1), "Fill in").modal(), "bo")
        assert "AHT ≤ 180 s: 178 s, reached" in shown
        assert "Satisfaction in the same week: 3" in shown
        # The form of last week is closed.
        late = bo.submit(stale, {"goal": "AHT 100"})
        assert "A newer form has come since; nothing was changed." in str(late.field_errors)


def test_what_is_missing_is_said_and_left_empty(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(14, day=FRIDAY), settings=with_reviews())) as service:
        week(service, FRIDAY, "A", None, customers=False)
        look(service, at(15, day=FRIDAY))
        bo = service.slack.user("bo")
        form = bo.press(asked(service, "bo"), "Fill in").modal()
        shown = service.slack.render(form, "bo")
        assert "no handling time is known" in shown
        assert "no customer was asked, or none answered" in shown
        said = service.slack.render(bo.submit(form, {"goal": ""}).modal(), "bo")
        assert "Average handling time (AHT), seconds: – (no handling time is known)" in said
        assert "Cases handled: 20" in said


def test_leads_see_how_many_are_back_and_monday_reminds_once(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(14, day=FRIDAY), settings=with_reviews())) as service:
        publish(
            service.store,
            [("bo", at(9, day=FRIDAY), at(18, day=FRIDAY)), ("chen", at(9, day=FRIDAY), at(18, day=FRIDAY))],
            first=FRIDAY - timedelta(days=4),
        )
        look(service, at(15, day=FRIDAY))
        form = service.slack.user("bo").press(asked(service, "bo"), "Fill in").modal()
        (card,) = service.wait(lambda: told(service, "lin", "sent 1, back 0"), "the lead's card")
        # Chen is in Lisbon, where Friday 15:00 is eight hours later.
        look(service, at(23, day=FRIDAY))
        asked(service, "chen")
        service.wait(lambda: told(service, "lin", "sent 2, back 0"), "the card with both")
        service.slack.user("bo").submit(form, {"goal": "FCR to 85 %"})
        (edited,) = service.wait(lambda: told(service, "lin", "sent 2, back 1"), "the card edited")
        assert edited.ts == card.ts
        # The lead sees bo's, once it is back; chen does not, and bo sees no counts.
        bo, chen = (f"<@{service.slack.user(n).user.id}>" for n in ("bo", "chen"))
        assert "sent 2, back 1" in typed(service, "lin", "review team")
        assert "FCR ≥ 85%" in typed(service, "lin", f"review {bo}")
        assert "is back" in typed(service, "lin", f"review {chen}")
        assert "belongs to another team or person" in typed(service, "ada", f"review {bo}")
        assert "nothing was shown" in typed(service, "bo", "review team")
        # One reminder to chen alone, in chen's Monday morning, then silence.
        look(service, at(17, day=MONDAY))
        service.settle()
        assert told(service, "chen", "只提醒这一次") == []
        look(service, at(18, day=MONDAY))
        service.wait(lambda: told(service, "chen", "只提醒这一次"), "chen's reminder")
        look(service, at(18, day=MONDAY + timedelta(days=1)))
        service.settle()
        assert len(told(service, "chen", "只提醒这一次")) == 1
        assert told(service, "bo", "not back yet") == []


def test_who_does_not_want_it_gets_none_and_replicas_send_one(tmp_path: Path) -> None:
    with (
        running(tmp_path, Setting(start=at(14, day=FRIDAY), settings=with_reviews())) as service,
        service.replica() as replica,
    ):
        week(service, FRIDAY, "A", 185.0)
        service.clock.forward_to(at(15, day=FRIDAY))
        service.application.runner.wake("reviews", "deliver")
        replica.application.runner.wake("reviews", "deliver")
        message = asked(service, "bo")
        service.settle()
        assert len(told(service, "bo", "self-review form is ready")) == 1
        answer = service.slack.user("bo").press(message, "Not for me").answer()
        assert "You get no self-review form any more; nobody is told." in answer.text
        week(service, NEXT, "B", 185.0)
        look(service, at(15, day=NEXT))
        service.settle()
        assert len(told(service, "bo", "self-review form is ready")) == 1
        assert "You get the weekly self-review form." in typed(service, "bo", "review on")


def test_the_end_of_a_shift_says_what_it_was_about_with_the_words_for_it(tmp_path: Path) -> None:
    """SR5."""
    shifts = [("bo", at(9, day=FRIDAY), at(14, 30, day=FRIDAY))]
    with running(tmp_path, Setting(start=at(14, day=FRIDAY), settings=with_reviews())) as service:
        publish(service.store, shifts, first=FRIDAY - timedelta(days=4))
        solve_cases(service.store, "bo", at(10, day=FRIDAY), name="A", count=4, kind=ContactType.AFTER_SALES)
        solve_cases(service.store, "bo", at(12, day=FRIDAY), name="B", count=2)
        look(service, at(14, 31, day=FRIDAY))
        (message,) = service.wait(lambda: told(service, "bo", "Your shift of"), "the end of the shift")
        assert "after-sales: 67%, 4 contacts" in service.slack.render(message, "bo")
        bo = service.slack.user("bo")
        shown = bo.press(message, "Show the words", value="after_sales").answer()
        assert "Your refund has been requested today." in service.slack.render(shown, "bo")
        form = bo.press(shown, "Propose better words").modal()
        assert "Your refund has been requested today." in service.slack.render(form, "bo")
        service.settle()
        assert len(told(service, "bo", "Your shift of")) == 1
        assert "no such message any more" in bo.press(message, "Not for me").answer().text
