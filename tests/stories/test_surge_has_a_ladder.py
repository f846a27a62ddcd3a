"""More contacts than planned: what helps today, each lever with its effect, and what cannot be reckoned."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from bot.core.ids import AgentId, QueueId
from bot.store.unit_of_work import Store
from bot.usecases.surge import look
from scheduler.roster.shifts import Segment
from tests.stories.service import Setting, running
from tests.stories.test_shifts_change_hands import with_rules
from tests.support.builders import CHAT, at, contact, settings
from tests.support.forecasts import forecast, save

SHIFTS = [("lin", at(8), at(20)), ("bo", at(10), at(21))]


def test_levers_are_ranked_with_their_effect_and_what_cannot_be_is_said(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(10, 2), shifts=SHIFTS)) as service:

        def said(words: str, who: str = "lin") -> str:
            answer = service.slack.user(who).command("/muster", words).answer()
            return service.slack.render(answer, who)

        assert "no forecast of today" in said("surge chat")
        save(service.store, forecast(12.0))
        ladder = said("surge chat")
        assert "chat until 22:00" in ladder
        first = ladder.index("1. ")
        assert ladder.index("Temporary staff", first) > 0
        assert "Divert to self-service" in ladder
        assert "For customers:" in ladder
        assert "which system diverts contacts; nothing was changed" in said("divert chat on")
        assert "No queue was diverted yet." in said("divert")
        assert "Nobody waits on the line at email" in said("surge email")
        assert "Say which queue, of: phone, chat" in said("surge")
        assert "needs the role lead" in said("surge chat", "bo")


def test_contacts_at_the_end_of_the_day_do_not_stand_for_all(tmp_path: Path) -> None:
    """The few contacts of the last quarter-hour may take a quarter of an hour each."""
    plan = forecast(12.0, aht_seconds=240.0)
    late = np.where(plan.grid.minutes_of_day() >= 21 * 60 + 45, 900.0, 240.0)
    with running(tmp_path, Setting(start=at(10, 2), shifts=SHIFTS)) as service:
        shares = []
        for made in (plan, replace(plan, aht_seconds=late)):
            save(service.store, made)
            found = look(service.store, service.settings, QueueId("chat"), now=at(10, 2))
            shares.append(found.share)
    assert shares[1] == pytest.approx(shares[0], abs=0.05)
    assert shares[0] > 0.1


def test_who_waits_already_is_answered_first_and_a_queue_says_what_self_service_takes(tmp_path: Path) -> None:
    held = settings()
    chat = replace(held.queues[CHAT], self_service=0.3)
    held = replace(held, queues={**held.queues, CHAT: chat})
    with running(tmp_path, Setting(start=at(10, 2), shifts=SHIFTS, settings=held)) as service:
        save(service.store, forecast(12.0))
        before = look(service.store, service.settings, CHAT, now=at(10, 2))
        with service.store.unit() as uow:
            uow.contacts.save([contact(f"W{n}", queue=CHAT, opened_at=at(9, 50)) for n in range(30)])
            # Of another day: nobody sits at a chat that long.
            uow.contacts.save([contact("OLD", queue=CHAT, opened_at=at(9) - timedelta(days=2))])
            uow.commit()
        after = look(service.store, service.settings, CHAT, now=at(10, 2))
        assert (before.waiting, after.waiting) == (0, 30)
        assert after.share < before.share
        answer = service.slack.user("lin").command("/muster", "surge chat").answer()
        ladder = service.slack.render(answer, "lin")
        assert "30 wait already and are answered first." in ladder
        assert "if it takes 30% of the contacts" in ladder


def test_training_of_today_is_put_off_by_a_press_and_its_agent_is_told(tmp_path: Path) -> None:
    day = [("lin", at(8), at(17)), ("bo", at(9), at(18))]
    with running(tmp_path, Setting(start=at(10, 2), shifts=day, settings=with_rules())) as service:
        save(service.store, forecast(12.0))
        with_training(service.store, "bo", at(15), at(16))
        lin = service.slack.user("lin")
        ladder = lin.command("/muster", "surge chat").answer()
        shown = lin.press(ladder, "surge.put_off.1").answer()
        assert "bo works at chat" in service.slack.render(shown, "lin")
        done = lin.press(shown, "surge.put_off_now").answer()
        assert "Put off: bo" in service.slack.render(done, "lin")
        (told,) = service.wait(lambda: service.direct("bo"), "the news")
        text = service.slack.render(told, "bo")
        assert "at your queue instead of the training or meeting" in text
        assert "more customers come than planned" in text
        with service.store.read() as uow:
            (shift,) = uow.rosters.shifts_of(AgentId("bo"), at(15), at(16))
        assert "training" not in {s.activity for s in shift.segments}
        assert shift.queues == ("chat",)
        again = lin.press(shown, "surge.put_off_now").answer()
        assert "no such training or meeting ahead" in service.slack.render(again, "lin")


def with_training(store: Store, agent: str, start: datetime, end: datetime) -> None:
    """An hour of training in the published shift."""
    with store.unit() as uow:
        (shift,) = uow.rosters.shifts_of(AgentId(agent), start, end)
        published = uow.rosters.published(start)
        assert published is not None
        parts: list[Segment] = []
        for s in shift.segments:
            if s.start <= start and end <= s.end:
                parts += [
                    replace(s, end=start),
                    replace(s, activity="training", start=start, end=end),
                    replace(s, start=end),
                ]
            else:
                parts.append(s)
        uow.rosters.replace_shifts(
            published.roster_id, AgentId(agent), (shift,), (replace(shift, segments=tuple(parts)),)
        )
        uow.commit()
