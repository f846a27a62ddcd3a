"""PS11: adherence is counted for who chose it, and shown to that person and their lead alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.service import Service, Setting, running
from tests.support.builders import at

SHIFTS = [("bo", at(9), at(18)), ("chen", at(9), at(18))]


def typed(service: Service, who: str, words: str) -> str:
    return service.slack.render(service.slack.user(who).command("/muster", words).answer(), who)


def name(service: Service, who: str) -> str:
    return f"<@{service.slack.user(who).user.id}>"


def test_who_chose_it_reads_how_much_was_as_planned_and_so_does_the_lead(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(8, 50), shifts=SHIFTS)) as service:
        assert "Your adherence is not counted." in typed(service, "bo", "adherence")
        assert "counted from now on. You and your lead can see it" in typed(service, "bo", "adherence on")
        service.clock.forward_to(at(9, 24))
        typed(service, "bo", "in")
        service.clock.forward_to(at(13))
        # Twenty-four minutes too late of four hours; lunch was at half past one on the roster.
        text = typed(service, "bo", "adherence")
        assert "@bo: 90% of the scheduled time was as planned, in 1 shift since" in text
        assert "Tue 24 Nov: 90% (3 hr 36 min of 4 hr)" in text
        assert "Stand-ups, training and talks do not count" in text
        assert "90% of the scheduled time" in typed(service, "lin", f"adherence {name(service, 'bo')} 7")
        assert "90%" not in typed(service, "chen", f"adherence {name(service, 'bo')}")
        assert "no longer counted" in typed(service, "bo", "adherence off")
        assert "has not chosen" in typed(service, "lin", f"adherence {name(service, 'bo')}")


def test_a_shift_without_a_word_is_not_counted(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(8), shifts=SHIFTS)) as service:
        typed(service, "chen", "adherence on")
        service.clock.forward_to(at(19))
        assert "尚无可统计内容" in typed(service, "chen", "adherence")


@pytest.mark.parametrize("words", ["adherence 0", "adherence 99", "adherence soon"])
def test_what_it_does_not_understand_changes_nothing(tmp_path: Path, words: str) -> None:
    with running(tmp_path, Setting(start=at(9), shifts=SHIFTS)) as service:
        assert "number of days up to 56; nothing was changed" in typed(service, "bo", words)
