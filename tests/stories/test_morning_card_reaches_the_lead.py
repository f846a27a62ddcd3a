"""L1 over the whole service: a quarter of an hour before their shift, leads get what it will bring."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from bot.core.availability import LeaveEntry
from bot.core.ids import AgentId, ContactRef, QueueId, RosterId
from bot.core.people import Role
from bot.core.promises import PromiseKind
from bot.core.requirements import RequirementInterval
from bot.playground import Message
from bot.store.rosters import StoredCertificate
from bot.store.unit_of_work import Store
from bot.usecases import report_absence
from tests.stories.service import DAY, Service, Setting, running
from tests.stories.test_shifts_change_hands import with_rules
from tests.support.builders import CHAT, EMAIL, PHONE, agent, at
from tests.support.forecasts import forecast, save

SHIFTS = [("lin", at(8), at(17)), ("bo", at(8), at(17)), ("chen", at(9), at(18))]


def looked_ahead(service: Service, forecasts: tuple[QueueId, ...] = (CHAT, PHONE, EMAIL)) -> None:
    """Queues are forecast; chat needs two people from 8 and three from 10 to 11, the others nobody."""
    for queue in forecasts:
        save(service.store, forecast(10.0, queue=queue))
    step = timedelta(minutes=15)
    with service.store.unit() as uow:
        for queue in (CHAT, PHONE, EMAIL):
            rows = []
            for number in range(14 * 4):
                start = at(8) + number * step
                count = 0 if queue != CHAT else 3 if at(10) <= start < at(11) else 2
                rows.append(
                    RequirementInterval(
                        queue=queue,
                        start=start,
                        interval=step,
                        base_agents=count,
                        scheduled_agents=count,
                    )
                )
            uow.requirements.replace(queue, at(8), at(22), rows, made_at=at(3), forecast=None)
        uow.commit()


def certified(store: Store, made_at: datetime) -> None:
    peaks = [
        {"queue": "chat", "start": at(10), "end": at(12), "probability": 0.91},
        {"queue": "chat", "start": at(6), "end": at(7), "probability": 0.5},
        {"queue": "chat", "start": at(10) + timedelta(days=1), "end": at(12) + timedelta(days=1),
         "probability": 0.4},
    ]  # fmt: skip
    judgements = [{**p, "start": p["start"].isoformat(), "end": p["end"].isoformat()} for p in peaks]  # type: ignore[attr-defined]
    with store.unit() as uow:
        uow.rosters.save_certificate(
            StoredCertificate(
                roster=RosterId(1),
                made_at=made_at,
                weakest=0.4,
                inside_share=0.9,
                seed=1,
                paths=20,
                report={"judgements": judgements},
            )
        )
        uow.commit()


def look(service: Service, when: datetime) -> None:
    service.clock.forward_to(when)
    service.application.runner.run_now("shift_starts", "deliver")


def cards(service: Service, user: str) -> list[Message]:
    return [m for m in service.direct(user) if "your shift from" in m.text or "您 " in m.text]


def test_once_before_the_shift_of_whoever_leads(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(7, 40), shifts=SHIFTS, settings=with_rules())) as service:
        looked_ahead(service)
        certified(service.store, at(6))
        service.opened("GD20261124001", at(7, 41))
        with service.store.unit() as uow:
            uow.people.upsert(agent("bo", slack_user=service.slack.user("bo").user.id))
            uow.people.save_leave(
                [
                    LeaveEntry(
                        agent=AgentId("bo"),
                        first=DAY - timedelta(days=4),
                        last=DAY - timedelta(days=2),
                        kind="leave",
                    )
                ]
            )
            for due in (at(9, 50), at(12)):
                uow.promises.add(
                    ref=ContactRef("GD20261124001"), kind=PromiseKind.CALL_BACK, owner=AgentId("bo"),
                    due_at=due, made_at=at(7), made_by="bo", remind_at=None, next_check_at=None,
                )  # fmt: skip
            uow.commit()
        # Chen cannot come: one fewer of the three who were rostered.
        report_absence.report(
            service.store, service.settings, AgentId("chen"), by="chen", day=DAY, now=at(7, 42)
        )
        look(service, at(7, 44))
        assert cards(service, "lin") == []
        look(service, at(7, 46))
        (card,) = service.wait(lambda: cards(service, "lin"), "the card")
        text = service.slack.render(card, "lin")
        assert "your shift from 08:00: 1 gap until 12:00" in text
        assert "chat 2 of 3" in text
        assert "chat, 10:00–11:00: 1 too few (1 person away)" in text
        assert "phone" not in text
        assert "chat, 10:00–12:00: 0.91" in text
        assert "0.5" not in text
        assert "0.4" not in text
        assert "1 change of the roster since then is not in these numbers" in text
        assert "1 promise falls due by 10:00" in text
        assert "GD20261124001, due 09:50" in text
        assert "First shift after leave: @bo" in text
        # Chen's absence is nobody's illness here.
        assert "sick" not in text.lower()
        with service.replica() as other:
            other.application.runner.run_now("shift_starts", "deliver")
            look(service, at(8, 5))
            assert len(cards(service, "lin")) == 1
        assert cards(service, "bo") == cards(service, "chen") == []


def test_whoever_takes_over_the_lead_gets_their_own(tmp_path: Path) -> None:
    shifts = [("lin", at(8), at(17)), ("chen", at(13), at(22))]
    with running(tmp_path, Setting(start=at(12, 40), shifts=shifts)) as service:
        looked_ahead(service)
        with service.store.unit() as uow:
            chen = uow.people.get(AgentId("chen"))
            assert chen is not None
            uow.people.upsert(agent("chen", zone=chen.zone, role=Role.LEAD, slack_user=chen.slack_user))
            uow.commit()
        look(service, at(12, 46))
        (card,) = service.wait(lambda: cards(service, "chen"), "the card")
        text = service.slack.render(card, "chen")
        # Chen lives in Lisbon and reads Chinese; lin's shift began long ago.
        assert "您 05:00 开始的班次" in text
        assert "里斯本" in text
        assert "没有达标证明" in text
        assert cards(service, "lin") == []


def test_without_a_forecast_it_says_what_is_off_and_how_to_mend_it(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(7, 40), shifts=SHIFTS, settings=with_rules())) as service:
        look(service, at(7, 47))
        (card,) = service.wait(lambda: cards(service, "lin"), "the card")
        text = service.slack.render(card, "lin")
        assert (
            "No forecast for Tue 24 Nov (no data yet). Board and alerts work; risk and gaps are off." in text
        )
        assert "muster import contacts" in text
        assert "gap until" not in text


def test_a_queue_without_a_forecast_leaves_the_others(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(7, 40), shifts=SHIFTS[:2])) as service:
        looked_ahead(service, forecasts=(CHAT,))
        service.opened("GD20261124001", at(7, 40))
        look(service, at(7, 47))
        (card,) = service.wait(lambda: cards(service, "lin"), "the card")
        text = service.slack.render(card, "lin")
        assert "1 gap until 12:00" in text
        assert "the roster has nobody more" in text
        assert "No forecast of phone and email for Tue 24 Nov (last data 07:40)" in text
