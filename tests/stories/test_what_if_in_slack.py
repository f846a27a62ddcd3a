"""P6 from Slack: a roster without somebody, with another target or volume; nothing is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from sqlalchemy import select

from bot.core.ids import AgentId
from bot.core.queue_events import QueueEvent
from bot.core.rosters import RosterStatus
from bot.store.tables import Base
from bot.usecases import queue_events, staff
from forecasting.events import DatedEvent, Lift
from scheduler.queueing.targets import ServiceTarget
from tests.bot.usecases.planning import WEEK
from tests.stories.planning import answer, drafted, planning
from tests.stories.service import Service
from tests.support.builders import PHONE


def planned_things(service: Service) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table but those of the service's own life."""
    own = {"job_slots"}
    with service.store.engine.connect() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
            if table.name not in own
        }


def rename(service: Service, agent: str, name: str) -> None:
    with service.store.unit() as uow:
        held = uow.people.get(AgentId(agent))
        assert held is not None
        uow.people.upsert(replace(held, name=name))
        uow.commit()


def test_what_if_somebody_were_not_there(tmp_path: Path) -> None:
    with planning(tmp_path) as service:
        drafted(service)
        text = answer(service, "ada", "what-if minus <@" + service.slack.user("bo").user.id + "> eve")
        assert "Roster 1 of 2026-W48" in text
        assert "without @bo and Eve" in text
        assert "paid hours fall away" in text
        assert "→" in text
        assert "missing on" in text
        assert "nothing was written" in text
        assert "没有 Eve" in answer(service, "chen", "假设 减去 eve")
        assert "names no agent" in answer(service, "ada", "what-if minus nobody")
        assert "Did you mean Eve?" in answer(service, "ada", "what-if minus evee")
        assert "None of them has a shift" in answer(service, "ada", "what-if minus chen")
        assert "/roster what-if minus @name" in answer(service, "ada", "what-if")
        with service.store.read() as uow:
            found = uow.rosters.latest(None, WEEK)
        assert found is not None
        assert found.status is RosterStatus.DRAFT


def test_names_of_several_words_need_no_tricks(tmp_path: Path) -> None:
    with planning(tmp_path) as service:
        drafted(service)
        rename(service, "eve", "Eve van der Berg")
        rename(service, "flo", "Flo Li")
        for typed in (
            'minus "Eve van der Berg", flo',
            "minus “Eve van der Berg” “Flo Li”",
            "minus Eve van der Berg, Flo Li",
            "minus Eve van der Berg Flo Li",
            "1, 减去「Eve van der Berg」、Flo Li",
            "2026-W48 without eve and flo",
        ):
            text = answer(service, "ada", f"what-if {typed}")
            assert "without Eve van der Berg and Flo Li" in text, typed
        refused = answer(service, "ada", 'what-if minus "Eve van Berg"')
        assert "Did you mean Eve van der Berg?" in refused


def test_target_volume_and_person_at_once_in_both_languages(tmp_path: Path) -> None:
    with planning(tmp_path) as service:
        drafted(service)
        answer(service, "ada", "state")
        answer(service, "chen", "state")
        before = planned_things(service)
        text = answer(service, "ada", "what-if minus eve, target phone=95/10s, +35%")
        assert "without Eve" in text
        assert "target of phone: 95% within 10 sec (now 80% within 30 sec)" in text
        assert "+35% contacts, every queue" in text
        assert "agent-hours missing;" in text
        assert "needed" in text
        assert "missing on phone" in text
        assert (
            "muster roster what-if --roster 1 --minus eve --target phone=95%/10s --volume +35% --certify"
            in text
        )
        chinese = answer(service, "chen", "如果 减去eve，目标phone=95/10秒，来量+35%")
        assert "没有 Eve" in chinese
        assert "phone 的目标：10秒内 95%（现为 30秒内 80%）" in chinese
        assert "来量 +35%，所有队列" in chinese
        assert "工时；需要" in chinese
        day = answer(service, "ada", "what-if chat+50% wed 10:00-12:00")
        assert "+50% contacts, chat, Wed 25 Nov 10:00–12:00" in day
        calm = answer(service, "ada", "what-if -50%")
        assert "No gap opens or grows." in calm
        assert planned_things(service) == before

        # The figures are those of a requirement that is really made so.
        settings = service.settings
        stricter = replace(
            settings,
            queues={**settings.queues, PHONE: replace(settings.queues[PHONE], target="stricter")},
            staffing=replace(
                settings.staffing,
                targets={
                    **settings.staffing.targets,
                    "stricter": ServiceTarget(share=0.95, within_seconds=10.0),
                },
            ),
        )
        asked = answer(service, "ada", "what-if target phone=95/10s")
        made = staff.make(service.store, stricter, queues=[PHONE], first=WEEK, days=7, now=service.clock())
        hours = made.queues[0].requirement.agent_hours
        assert f"→ {hours:g} needed" in asked


def test_a_campaign_by_its_name(tmp_path: Path) -> None:
    with planning(tmp_path) as service:
        drafted(service)
        none = answer(service, "ada", "what-if campaign double11 +35%")
        assert "muster event add KIND DAY" in none
        queue_events.add(
            service.store,
            service.settings,
            QueueEvent(
                queue=PHONE,
                event=DatedEvent(
                    kind="double11",
                    first_day=date(2026, 11, 25),
                    last_day=date(2026, 11, 26),
                    lift=Lift(low=1.2, mid=1.2, high=1.2),
                ),
                added_by="ada",
                added_at=service.clock(),
            ),
        )
        own = answer(service, "ada", "what-if campaign double11")
        assert "double11 (Wed 25 Nov to Thu 26 Nov), phone: +20% contacts" in own
        more = answer(service, "chen", "假设 活动 double11 +35%")
        assert "double11（11月25日 周三至11月26日 周四），phone：来量 +35%" in more
        assert "Did you mean double11?" in answer(service, "ada", "what-if campaign duoble11 +35%")


def test_what_is_not_understood_is_answered(tmp_path: Path) -> None:
    with planning(tmp_path) as service:
        drafted(service)
        said = {
            "what-if hello": "hello was not understood",
            "what-if target chatt=45s": "Did you mean chat?",
            "what-if target chat=soon": "is no service target",
            "what-if +0%": "Write -99% to +900%",
            "what-if +35% someday": "is no change of the volume",
            "what-if +35% sun": "No contacts are expected then",
            "what-if 9 +35%": "There is no roster 9",
        }
        for typed, expected in said.items():
            assert expected in answer(service, "ada", typed), typed
        assert "不明白" in answer(service, "chen", "假设 你好")
        assert "/roster what-if needs the role planner" in answer(service, "bo", "what-if +35%")
        help_ = service.slack.user("ada").command("/muster", "help what-if").answer()
        assert "target QUEUE=45s" in service.slack.render(help_, "ada")
