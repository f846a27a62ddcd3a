"""A7: why somebody has a shift, worked out again; what takes long follows by direct message."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import sleep

import pytest

from scheduler.explain.why import WhyShift, why_shift
from scheduler.repair.changes import RepairTask
from scheduler.repair.live import LiveRoster
from scheduler.roster.shifts import Shift
from tests.stories.test_shifts_change_hands import THU, WED, got, needed, said, shown, team
from tests.support.builders import at


def test_why_is_worked_out_again(tmp_path: Path) -> None:
    """A7."""
    shifts = [("bo", at(9, day=THU), at(18, day=THU)), ("chen", at(13, day=WED), at(22, day=WED))]
    with team(tmp_path, shifts) as service:
        needed(service, {(at(10, day=THU), at(12, day=THU)): 1})
        text = shown(service, said(service, "bo", "why thu"), "bo")
        assert "Without you: 1 missing on chat" in text
        assert "3 of 3 people can do this work" in text
        assert "Late shifts of the last 8 weeks: you 0, team median 0." in text
        # Chen works until 22:00 the evening before and must rest; lin can.
        assert "could lawfully have this very shift" in text
        against = shown(service, said(service, "bo", "why not off thu"), "bo")
        assert "Then missing: 1 missing on chat" in against
        assert "It would need" in against
        assert "no kind of shift" in said(service, "bo", "why not nonsense thu").text


class Slowly:
    """Reasons that take for ever the first time they are worked out: until nobody waits any more."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(
        self,
        live: LiveRoster,
        task: RepairTask,
        agent: str,
        shift: Shift,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> WhyShift:
        self.times += 1
        if self.times == 1:
            while not should_stop():
                sleep(0.01)
        return why_shift(live, task, agent, shift, should_stop)


@pytest.mark.parametrize(
    ("who", "not_yet", "then"),
    [
        ("bo", "Reasons not worked out yet", "Without you: 1 missing on chat"),
        ("chen", "原因还没有算出来", "没有您的话"),
    ],
)
def test_reasons_that_take_too_long_follow_by_direct_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, who: str, not_yet: str, then: str
) -> None:
    """A7: whoever asks is not kept waiting, and is told once it is worked out."""
    monkeypatch.setattr("bot.usecases.ask_reasons.PATIENCE", timedelta(seconds=0.1))
    monkeypatch.setattr("bot.usecases.explain_shift.why_shift", Slowly())
    with team(tmp_path, [(who, at(9, day=THU), at(18, day=THU))]) as service:
        needed(service, {(at(10, day=THU), at(12, day=THU)): 1})
        answer = shown(service, said(service, who, "why thu"), who)
        assert not_yet in answer
        assert then not in answer
        assert then in shown(service, got(service, who, "Why" if who == "bo" else "为什么是"), who)
        service.settle()
        assert len(service.direct(who)) == 1


def test_reasons_for_a_shift_that_goes_meanwhile_are_not_made_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.usecases.ask_reasons.PATIENCE", timedelta(seconds=0.1))
    monkeypatch.setattr("bot.usecases.explain_shift.why_shift", Slowly())
    with team(tmp_path, [("bo", at(9, day=THU), at(18, day=THU))]) as service:
        needed(service, {(at(10, day=THU), at(12, day=THU)): 1})
        monkeypatch.setattr(service.application.runner, "wake", lambda *_, **__: None)
        assert "not worked out yet" in said(service, "bo", "why thu").text
        assert "Get well" in said(service, "bo", "sick thu").text
        told = shown(service, got(service, "bo", "could not work them out"), "bo")
        assert "no published shift" in told
        assert "/muster why" in told
