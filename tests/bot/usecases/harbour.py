"""The team Harbour over a store: the use cases by their names, one shared clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.core.contacts import ContactEvent, EventKind
from bot.core.ids import AgentId
from bot.core.people import Agent, Role
from bot.core.requirements import RequirementInterval
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases import deliver, escalate, intake, stand_up, watch_owners, watch_sla
from scheduler.roster.roster import Assignment, Roster, RosterPeriod
from scheduler.roster.shifts import Segment, Shift
from tests.support.builders import CHAT, SHANGHAI, agent, at, event, settings
from tests.support.fake_ports import FakeClock, FakeSender

ALERTS = "#harbour-alerts"


class Harbour:
    def __init__(self, store: Store, configured: Settings | None = None) -> None:
        self.store = store
        self.settings = configured or settings(warn_at=())
        self.clock = FakeClock(at(10))
        self.slack = FakeSender()
        self.slack.clock = self.clock

    def tell(self, *events: ContactEvent) -> intake.IntakeResult:
        return intake.record(self.store, self.settings, events, now=self.clock())

    def open(self, when: datetime | None = None, ref: str = "GD20261124001", **fields: object) -> None:
        result = self.tell(event(EventKind.OPENED, when or self.clock(), ref, **fields))
        assert result.accepted == 1

    def watch(self) -> int:
        told = watch_sla.tick(self.store, self.settings, now=self.clock())
        return told + watch_owners.tick(self.store, self.settings, now=self.clock())

    def escalate(self) -> int:
        return escalate.tick(self.store, self.settings, now=self.clock())

    def stand_up(self) -> int:
        return stand_up.tick(self.store, self.settings, now=self.clock())

    def deliver(self, worker: str = "one") -> deliver.DeliverResult:
        return deliver.tick(self.store, self.settings, self.slack, now=self.clock, worker=worker)

    def drain(self, seconds: int = 30) -> None:
        """Deliver for a while, a second at a time."""
        for _ in range(seconds):
            self.deliver()
            self.clock.forward(seconds=1)

    def run_until(self, when: datetime) -> None:
        """Tick every twenty seconds."""
        while self.clock() < when:
            self.watch()
            self.escalate()
            self.deliver()
            self.clock.forward(seconds=20)
        self.watch()
        self.escalate()
        self.deliver()

    def people(self, *people: Agent) -> None:
        with self.store.unit() as uow:
            for person in people:
                uow.people.upsert(person)
            uow.commit()

    def lead_on_shift(self, name: str = "lin", slack_user: str | None = "ULIN") -> None:
        self.people(agent(name, role=Role.LEAD, slack_user=slack_user))
        self.publish({name: (at(9), at(18))})

    def publish(self, shifts: dict[str, tuple[datetime, datetime]]) -> None:
        """A published roster in which everybody works the chat queue through their shift."""
        day = at(12).date()
        roster = Roster(
            period=RosterPeriod(first=day - timedelta(days=1), days=7, zone=SHANGHAI),
            assignments=tuple(
                Assignment(
                    agent=AgentId(name),
                    shift=Shift(
                        date=day,
                        start=start,
                        end=end,
                        segments=(Segment(activity=CHAT, start=start, end=end, paid=True),),
                    ),
                )
                for name, (start, end) in shifts.items()
            ),
        )
        with self.store.unit() as uow:
            made = uow.rosters.save_draft(roster, made_at=self.clock())
            uow.rosters.publish(made, by="pei", at=self.clock(), accepted_because=None)
            uow.commit()

    def require(self, agents: Sequence[int], start: datetime) -> None:
        """Scheduled chat agents per quarter hour from ``start``."""
        quarter = timedelta(minutes=15)
        with self.store.unit() as uow:
            uow.requirements.replace(
                CHAT,
                start,
                start + quarter * len(agents),
                [
                    RequirementInterval(
                        queue=CHAT,
                        start=start + i * quarter,
                        interval=quarter,
                        base_agents=n,
                        scheduled_agents=n,
                    )
                    for i, n in enumerate(agents)
                ],
                made_at=self.clock(),
                forecast=None,
            )
            uow.commit()
