"""L6, L8, L3, MA6 over the whole service: why, what is coming, what is unusual, what has fallen silent."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

from bot.core.floor import AgentState, PresenceEntry
from bot.core.ids import AgentId
from tests.stories.service import Service, Setting, event, running
from tests.support.builders import at
from tests.support.forecasts import forecast, save

SHIFTS = [("lin", at(8), at(17)), ("bo", at(8), at(17)), ("chen", at(8), at(17))]


def come(service: Service, start: datetime, end: datetime, count: int, *, answered: bool = False) -> None:
    """Chats spread over a time, told as another system would, in batches."""
    step = (end - start) / count
    events = []
    for i in range(count):
        when, ref = start + i * step, f"GD{start:%H%M}{i:03}"
        events.append(event(ref, "opened", when, queue="chat", priority="high"))
        if answered:
            events.append(event(ref, "resolved", when + timedelta(seconds=20), handle_seconds=240))
    for i in range(0, len(events), 100):
        answer = service.tell(*events[i : i + 100])
        assert answer.status_code in {200, 202}, answer.text


def tick(service: Service, when: datetime) -> None:
    """Turn the clock, count what came, look ahead, and deliver."""
    service.clock.forward_to(when)
    service.application.runner.run_now("count_contacts", "watch_outlook", "deliver")


def saying(messages: list, what: str) -> list:
    return [m for m in messages if what in m.text]


def test_a_breach_card_carries_a_cause_that_adds_up(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(10), shifts=SHIFTS)) as service:
        save(service.store, forecast(20.0, aht_seconds=240.0))
        with service.store.unit() as uow:
            states = [("lin", AgentState.BUSY), ("bo", AgentState.BUSY), ("chen", AgentState.BREAK)]
            uow.presence.save(
                [PresenceEntry(agent=AgentId(a), state=s, since=at(9, 58), source="acd") for a, s in states],
                at(9, 58),
            )
            uow.commit()
        service.opened("GD20261124017", at(10))
        service.clock.forward_to(at(10, 9))
        come(service, at(10, 1), at(10, 8), 25, answered=True)
        service.forward_to(at(10, 10, 5))
        (post,) = service.wait(lambda: saying(service.posts(), "GD20261124017"), "the breach")
        text = service.slack.render(post, "lin")
        needed, rostered, present, short = map(
            int,
            re.search(r"needed (\d+), rostered (\d+), present (\d+): \*?(\d+) short", text).groups(),  # type: ignore[union-attr]
        )
        assert (rostered, present, short) == (3, 2, needed - 2)
        gap = next(line for line in text.splitlines() if f"{short} short = " in line)
        assert sum(map(int, re.findall(r"(\d+) (?:not rostered|on a break)", gap))) == short
        need = next(line for line in text.splitlines() if f"{needed} needed = " in line)
        parts = re.findall(r"(−?) ?(\d+) by ", need)
        assert sum(int(n) * (-1 if sign else 1) for sign, n in parts) == needed
        assert "Volume" in text
        assert "26 against" in text
        assert "presence 12 min old" in text


def test_two_replicas_send_one_risk_card_to_the_lead_on_duty(tmp_path: Path) -> None:
    """All three go to lunch at 12:30; at 12:05 the lead reads what that will do."""
    with running(tmp_path, Setting(start=at(12, 4), shifts=SHIFTS)) as service:
        save(service.store, forecast(10.0, aht_seconds=240.0))
        come(service, at(8), at(12), 160, answered=True)
        with service.replica() as other:
            service.clock.forward_to(at(12, 5))
            runners = [service.application.runner, other.application.runner]
            for runner in runners:
                runner.wake("watch_outlook")
            (card,) = service.wait(lambda: saying(service.direct("lin"), "Risk 12:30"), "the card")
            for runner in runners:
                runner.wake("watch_outlook", "deliver")
            service.settle()
            assert len(saying(service.direct("lin"), "Risk 12:30")) == 1
            assert saying(service.posts(), "Risk") == []
            text = service.slack.render(card, "lin")
            assert "chance that 3 or more first responses come late" in text
            assert "breaks, lunches and meetings in that time 3" in text
            assert "Risk cards this week: 1 sent, 0 came true" in text
            # Half an hour on, ten minutes for late words, and the same card says how it went.
            service.clock.forward_to(at(13, 0))
            come(service, at(12, 21), at(12, 45), 4)
            service.clock.forward_to(at(13, 11))
            for runner in runners:
                runner.wake("watch_sla")
            service.wait(lambda: saying(service.posts(), "GD"), "the breaches")
            for runner in runners:
                runner.wake("watch_outlook")
            service.wait(lambda: "Came true: 4 late" in service.slack.render(card, "lin"), "the outcome")
            assert "this week: 1 sent, 1 came true" in service.slack.render(card, "lin")
            assert "not judged" not in service.slack.render(card, "lin")
            assert len(saying(service.direct("lin"), "Risk 12:30")) == 1


def test_a_surge_is_said_once_and_its_end_edits_the_post(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(9, 1), shifts=SHIFTS)) as service:
        save(service.store, forecast(10.0))
        come(service, at(8, 45), at(9), 10, answered=True)
        tick(service, at(9, 1, 30))
        service.clock.forward_to(at(9, 32))
        come(service, at(9), at(9, 30), 60, answered=True)
        tick(service, at(9, 33))
        (post,) = service.wait(lambda: saying(service.posts(), "More contacts"), "the alarm")
        assert "chat 09:00–09:30: 60; forecast 20, 95% of the time" in post.text
        tick(service, at(9, 38))
        service.clock.forward_to(at(9, 46))
        come(service, at(9, 30), at(9, 45), 10, answered=True)
        tick(service, at(9, 48))
        service.wait(lambda: post.text.startswith("Over:"), "its end")
        assert len(saying(service.posts(), "contacts than forecast")) == 1


def test_silence_is_said_once_stands_first_in_the_digest_and_ends(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(8, 46), shifts=SHIFTS)) as service:
        save(service.store, forecast(10.0))
        come(service, at(8), at(8, 45), 30, answered=True)
        tick(service, at(8, 50))
        tick(service, at(9, 2))
        (post,) = service.wait(lambda: saying(service.posts(), "data stops"), "the alarm")
        assert post.text.startswith("chat data stops at 08:43")
        tick(service, at(9, 7))
        service.forward_to(at(9, 21))
        (digest,) = service.wait(lambda: service.posts("harbour-standup"), "the digest")
        assert service.slack.render(digest, "lin").lstrip("*").startswith("chat data stops at 08:43")
        assert "No forecast for today: phone and email" in service.slack.render(digest, "lin")
        service.clock.forward_to(at(9, 29))
        come(service, at(9, 24), at(9, 28), 4, answered=True)
        tick(service, at(9, 31))
        service.wait(lambda: "data is back" in post.text, "its end")
        assert len(saying(service.posts(), "chat data")) == 1
