"""SR11, SR12, CA11: an action is to move a figure; what it did is said in numbers, and how it ends."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.core.contacts import ContactStatus
from bot.usecases.measures import measures_of
from tests.stories.service import DAY, Service, Setting, running
from tests.support.builders import TEAM, at, contact


def typed(service: Service, who: str, words: str) -> str:
    return service.slack.render(service.slack.user(who).command("/muster", words).answer(), who)


def answered(service: Service) -> None:
    """Ten chats a day for twelve weeks, answered after 9 or 11 minutes; after 4 in the last four weeks."""
    cases = []
    for back in range(84):
        day = DAY - timedelta(days=back + 1)
        minutes = 4 if back < 28 else 9 + 2 * ((back // 7) % 2)
        cases += [
            contact(
                f"D{back}-{n}",
                opened_at=at(10, n, day=day),
                responded_at=at(10, n, day=day) + timedelta(minutes=minutes),
                resolved_at=at(11, n, day=day),
                status=ContactStatus.SOLVED,
            )
            for n in range(10)
        ]
    with service.store.unit() as uow:
        uow.contacts.save(cases)
        uow.commit()


def test_a_measure_is_judged_by_how_the_weeks_before_moved_and_made_permanent(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(9))) as service:
        answered(service)
        assert "No measure runs." in typed(service, "bo", "measure")
        typed(service, "lin", 'action add "ask for the order number first"')
        form = service.slack.user("lin").command("/muster", "measure 1").modal()
        service.slack.user("lin").submit(
            form, {"kpi": "first_response_mean", "goal": "5m 28d from 2026-10-27"}
        )
        listed = service.slack.user("lin").command("/muster", "measure").answer()
        text = service.slack.render(listed, "lin")
        assert "First response, mean: 10 min before (280 contacts), 4 min since Tue 27 Oct" in text
        assert "Better: −6 min; a change of up to 2 min 30 sec is usual from week to week." in text
        assert "Goal 5 min: reached." in text
        assert "好转" in typed(service, "chen", "measure")
        ended = service.slack.user("lin").press(listed, "Made permanent").answer()
        assert "made permanent" in service.slack.render(ended, "lin")
        assert "has ended already; nothing was changed" in typed(service, "lin", "measure 1 drop no use")


def test_what_cannot_be_is_said_and_a_measure_is_dropped_with_a_reason(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(9))) as service:
        typed(service, "lin", 'action add "a second look at refunds"')
        for who, words, said in (
            ("bo", "measure 1 aht 4m", "Only leads may do that"),
            ("lin", "measure 9 aht", "There is no action 9"),
            ("lin", "measure 1 overdu_rat", "Did you mean overdue_rate?"),
            ("lin", "measure 1 throughput", "is no figure a measure can be judged by"),
            ("lin", "measure 1 aht soon", "was not understood; nothing was changed"),
            ("lin", "measure 1 aht 4m 7d", "14 to 182 days, not 7"),
            ("lin", "measure 1 permanent", "Action 1 is no measure"),
        ):
            assert said in typed(service, who, words)
        begun = typed(service, "lin", "measure 1 overdue 10%")
        assert "is a measure now: Responses overdue" in begun
        assert "is a measure already" in typed(service, "lin", "measure 1 aht")
        listed = service.slack.user("lin").command("/muster", "measure").answer()
        assert "There is no figure on one side yet." in service.slack.render(listed, "lin")
        form = service.slack.user("lin").press(listed, "Drop").modal()
        service.slack.user("lin").submit(form, {"because": "nobody had the time"})
        assert "dropped: nobody had the time" in typed(service, "lin", "measure")


def test_several_measures_cost_one_reading_and_say_the_same(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(9))) as service:
        answered(service)
        for number, since in enumerate(("2026-10-27", "2026-11-03", "2026-11-10"), start=1):
            typed(service, "lin", f'action add "thing {number}"')
            form = service.slack.user("lin").command("/muster", f"measure {number}").modal()
            goal = f"5m 28d from {since}"
            service.slack.user("lin").submit(form, {"kpi": "first_response_mean", "goal": goal})
        with service.store.read() as uow:
            seen: list[int] = []
            read = uow.kpi_facts.contacts
            uow.kpi_facts.contacts = lambda *a: seen.append(1) or read(*a)  # type: ignore[method-assign, func-returns-value]
            together = measures_of(uow, service.settings, TEAM, service.clock())
            assert len(seen) == 1
        assert [m.before_count for m in together] == [280, 280, 280]
        assert [m.before for m in together] == [600.0, 495.0, 420.0]
