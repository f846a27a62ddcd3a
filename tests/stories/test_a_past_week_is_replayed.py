"""P13: what a past week would have been under other rules, against the contacts that really came."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.core.ids import QueueId
from bot.core.requirements import RequirementInterval
from bot.store.engine import make_engine
from bot.store.tables import Base
from bot.store.unit_of_work import Store
from bot.store.volumes import VolumeCount, VolumeSource
from scheduler.roster.roster import Assignment, Roster, RosterPeriod
from tests.bot.cli.test_planning_commands import APP, Desk
from tests.bot.usecases.test_planning_line import Direct
from tests.stories.service import shift
from tests.support.builders import SHANGHAI, at
from tests.support.forecasts import forecast, save

MONDAY = date(2026, 11, 23)
HALF_HOUR = timedelta(minutes=30)
CHAT = QueueId("chat")
AGENTS = "agent,name,email,team,skills,contract,zone,role\n" + "".join(
    f"{name},{name},{name}@harbour.example,harbour,chat,full-time,,agent\n" for name in ("bo", "chen", "dai")
)
ONE_QUEUE = APP.replace(
    "  phone: {team: harbour, channel: phone, skill: phone, calendar: office, target: fast, aht: 5m, "
    "patience: 4m}\n",
    "",
)


@pytest.fixture(autouse=True)
def _in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.jobs.compute.ProcessSolver", Direct)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """The Tuesday after a week in which bo and chen worked, both with lunch from one to two."""
    held = Desk(tmp_path)
    held.config = held.write("app.yaml", ONE_QUEUE)
    held.clock = lambda: datetime(2026, 12, 1, 3, tzinfo=UTC)
    assert held.bring("agents", AGENTS).exit_code == 0
    store = Store(make_engine(f"sqlite:///{tmp_path / 'muster.db'}"))
    days = [MONDAY + timedelta(days=n) for n in range(5)]
    number = save(store, forecast(8.0, first=MONDAY, interval=HALF_HOUR, hours=(9, 17), aht_seconds=300))
    slots = [at(0, day=MONDAY) + n * HALF_HOUR for n in range(7 * 48)]
    opened = {at(9, day=day) + n * HALF_HOUR for day in days for n in range(16)}
    rows = [
        RequirementInterval(
            queue=CHAT, start=slot, interval=HALF_HOUR, base_agents=need, scheduled_agents=need
        )
        for slot in slots
        for need in [2 * (slot in opened)]
    ]
    roster = Roster(
        period=RosterPeriod(first=MONDAY, days=7, zone=SHANGHAI),
        assignments=tuple(
            Assignment(agent=name, shift=shift(at(9, day=day), at(17, day=day)))
            for day in days
            for name in ("bo", "chen")
        ),
    )
    with store.unit() as uow:
        uow.requirements.replace(
            CHAT, slots[0], slots[-1] + HALF_HOUR, rows, made_at=at(8, day=MONDAY), forecast=number
        )
        uow.volumes.save(
            [VolumeCount(queue=CHAT, start=s, interval=HALF_HOUR, contacts=7.0) for s in sorted(opened)],
            source=VolumeSource.VOLUMES,
        )
        draft = uow.rosters.save_draft(roster, made_at=at(8, day=MONDAY))
        uow.rosters.publish(draft, by="pei", at=at(8, day=MONDAY), accepted_because=None)
        uow.commit()
    store.close()
    return held


def everything(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    store = Store(make_engine(f"sqlite:///{folder / 'muster.db'}"))
    with store.engine.connect() as connection:
        found = {
            table.name: [tuple(row) for row in connection.execute(select(table))]
            for table in Base.metadata.sorted_tables
        }
    store.close()
    return found


def test_another_lunch_is_set_beside_what_was_and_nothing_changes(desk: Desk) -> None:
    before = everything(desk.folder)
    asked = ("replay", "2026-W48", "--rule", "lunch=11-14", "--seconds", "1", "--repeats", "3")
    done = desk.run(*asked)
    assert done.exit_code == 0, done.output
    assert "2026-W48 as it was (roster 1) → as it would have been:" in done.output
    assert "lunch between 11:00 and 14:00" in done.output
    assert "Nothing was changed." in done.output
    found = json.loads(desk.run(*asked, "--json", lang="zh").output)
    (was,), (would,) = found["before"]["queues"], found["after"]["queues"]
    assert was["missing"] == 10.0, "both were at lunch for an hour, on five days"
    assert would["missing"] < was["missing"]
    assert would["in_time"] > was["in_time"]
    assert found["contacts"] == {"chat": 560}
    assert (found["before"]["paid_hours"], found["before"]["overtime"]) == (70.0, 0.0)
    assert everything(desk.folder) == before


def test_fewer_people_and_a_higher_minimum_are_rules_as_well(desk: Desk) -> None:
    done = desk.run(
        "replay", "2026-W48", "--rule", "headcount=-1", "--rule", "minimum=3", "--seconds", "1",
        "--repeats", "2", "--json",
    )  # fmt: skip
    found = json.loads(done.output)
    assert found["after"]["people"] <= 2
    assert found["after"]["queues"][0]["needed"] > found["before"]["queues"][0]["needed"]


def test_what_cannot_be_replayed_is_an_answer(desk: Desk) -> None:
    for words, said in (
        ("2026-W47 --rule lunch=11-14", "There is no roster of 2026-W47; nothing was worked out."),
        ("2026-W48 --rule luch=11-14", "Did you mean lunch? There are: lunch, rest, step"),
        ("2026-W48 --rule lunch=14-11", "was not understood; nothing was worked out. Write lunch=11-14"),
        ("2026-W48 --rule lunch=18-19", "the contract full-time has no shift left"),
        ("2026-W48 --rule headcount=-3", "That would leave nobody of 3 people"),
        ("2026-W48 --rule target=fax=45s", "There is no queue"),
        ("2026-W48", "Say which rule was to be another"),
        ("48 --rule rest=12h", "no week"),
    ):
        done = desk.run("replay", *words.split())
        assert done.exit_code == 1, done.output
        assert said in done.output
    assert "没有可用班次；未计算" in desk.run("replay", "2026-W48", "--rule", "lunch=18-19", lang="zh").output
    desk.clock = lambda: datetime(2026, 11, 26, 3, tzinfo=UTC)
    ahead = desk.run("replay", "2026-W48", "--rule", "rest=12h")
    assert "is not over; nothing was worked out" in ahead.output
