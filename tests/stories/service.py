"""The whole service over the stand-in Slack: real Bolt, real HTTP, real sockets, and a clock one can turn."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy.event import listens_for
from sqlalchemy.exc import OperationalError

from bot.app import Application
from bot.config.environment import Environment
from bot.core.people import Role
from bot.core.rosters import RosterStatus
from bot.core.settings import Settings
from bot.playground import AppSettings, Message, StandInSlack, Workspace
from bot.slack.commands.table import COMMANDS
from bot.slack.manifest import EVENTS, SCOPES
from bot.store.engine import make_engine
from bot.store.tables import Base
from bot.store.unit_of_work import Store
from scheduler.roster.roster import Assignment, Roster, RosterPeriod
from scheduler.roster.shifts import LUNCH, Segment, Shift
from tests.support.builders import SHANGHAI, TEAM, agent, at, settings

INTAKE_TOKEN = "intake-token-of-the-tests"
DAY = date(2026, 11, 24)


class Clock:
    """Runs with real time from where it was set, and jumps forward when told."""

    def __init__(self, start: datetime) -> None:
        self._offset = start - datetime.now(UTC)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def seconds(self) -> float:
        return self().timestamp()

    def forward_to(self, instant: datetime) -> None:
        assert instant >= self()
        self._offset += instant - self()


@dataclass(frozen=True)
class Replica:
    """Another service on the same database."""

    application: Application
    store: Store

    @property
    def url(self) -> str:
        return self.application.http_url

    def cut_off(self) -> None:
        """From this moment nothing it does reaches the database, as if its machine had lost power.

        What it has begun with Slack goes on, as a request under way does.
        """

        @listens_for(self.store.engine, "before_cursor_execute")
        def refuse(*_: object) -> None:
            raise OperationalError("", None, Exception("cut off"))

        @listens_for(self.store.engine, "commit")
        def refuse_commit(*_: object) -> None:
            raise OperationalError("", None, Exception("cut off"))


@dataclass
class Service:
    """What a story holds in its hands."""

    clock: Clock
    slack: StandInSlack
    store: Store
    settings: Settings
    environment: Environment
    application: Application
    url: str

    @contextmanager
    def replica(self) -> Iterator[Replica]:
        """A second process's worth of the service: same database, same Slack, its own socket."""
        store = Store(make_engine(self.store.engine.url.render_as_string(hide_password=False)))
        application = Application(
            settings=self.settings, environment=self.environment, store=store, clock=self.clock
        )
        sockets = self.slack.connections
        with ExitStack() as held:
            held.enter_context(_in_a_thread(application))
            self.slack.wait_until_connected(sockets + 1)
            yield Replica(application=application, store=store)

    def tell(self, *events: dict[str, Any], url: str | None = None) -> httpx.Response:
        """Contact events as another system sends them."""
        return httpx.post(
            f"{url or self.url}/v1/contact-events",
            json=list(events),
            headers={"Authorization": f"Bearer {INTAKE_TOKEN}"},
            timeout=10,
        )

    def opened(self, ref: str, opened_at: datetime, **fields: Any) -> None:
        """A high-priority chat arrives: its first response is due ten minutes later."""
        answer = self.tell(event(ref, "opened", opened_at, queue="chat", priority="high", **fields))
        assert answer.status_code == 202, answer.text

    def posts(self, channel: str = "harbour-alerts") -> list[Message]:
        """What stands in a channel; answers in threads are ``thread``."""
        return [m for m in self.slack.channel(channel).messages if m.bot and not m.is_reply]

    def thread(self, post: Message) -> list[str]:
        """What was said in the thread of a post, in order."""
        said = self.slack.channel(post.channel).thread(post.ts)
        return [m.text for m in said if m.is_reply]

    def direct(self, person: str) -> list[Message]:
        """What the bot wrote to a person, without answers in threads."""
        return [m for m in self.slack.user(person).dm if m.bot and not m.is_reply]

    def wait(self, look: Callable[[], Any], what: str = "this") -> Any:
        return self.slack.wait_for(look, what=what)

    def forward_to(self, instant: datetime) -> None:
        """Turn the clock and let everything look at it."""
        self.clock.forward_to(instant)
        self.application.runner.wake("watch_sla", "escalate", "requests", "stand_up", "deliver")

    def settle(self, seconds: float = 1.2) -> None:
        """Give every tick the time to say something it should not."""
        time.sleep(seconds)

    def health(self) -> dict[str, Any]:
        return dict(httpx.get(f"{self.url}/health", timeout=10).json())


def event(ref: str, kind: str, when: datetime, **fields: Any) -> dict[str, Any]:
    return {
        "contact": ref,
        "kind": kind,
        "at": when.isoformat(),
        "source": "crm",
        "event_id": f"{ref}-{kind}-{when.isoformat()}",
        **fields,
    }


@dataclass(frozen=True, kw_only=True)
class Setting:
    """How a story begins.  ``shifts``: agent id to (start, end) on the published roster."""

    start: datetime = field(default_factory=lambda: at(10))
    mode: str = "socket"
    shifts: Sequence[tuple[str, datetime, datetime]] = ()
    scopes: frozenset[str] = frozenset(SCOPES)
    with_bot: bool = True
    slack_port: int = 0
    slack_absent: bool = False
    database_url: str | None = None
    settings: Settings = field(default_factory=settings)
    environ: Mapping[str, str] = field(default_factory=dict)
    channels: Sequence[str] = ()


@contextmanager
def running(tmp_path: Path, setting: Setting) -> Iterator[Service]:
    """The service with the team Harbour: lin leads, bo and chen are agents, ada is the admin."""
    clock = Clock(setting.start)
    chosen = setting.settings
    team = replace(chosen.teams[TEAM], locale="en")
    chosen = replace(chosen, teams={**chosen.teams, TEAM: team})
    app = AppSettings(scopes=set(setting.scopes), commands={c.name for c in COMMANDS}, events=set(EVENTS))
    workspace = Workspace(now=clock.seconds, app=app)
    people = {"lin": "en-US", "bo": "en-US", "chen": "zh-CN", "ada": "en-US"}
    for name, locale in people.items():
        workspace.add_user(name, email=f"{name}@harbour.example", locale=locale, tz=SHANGHAI)
    workspace.add_user("stranger", locale="zh-CN", tz=SHANGHAI)
    for channel in ("harbour-alerts", "harbour-standup", *setting.channels):
        workspace.add_channel(channel, members=people, with_bot=setting.with_bot)
    store = Store(make_engine(setting.database_url or f"sqlite:///{tmp_path / 'muster.db'}"))
    Base.metadata.create_all(store.engine)
    with store.unit() as uow:
        uow.people.upsert(agent("lin", role=Role.LEAD))
        uow.people.upsert(agent("bo"))
        uow.people.upsert(agent("chen", zone="Europe/Lisbon"))
        uow.commit()
    publish(store, setting.shifts)
    slack = StandInSlack(workspace, port=setting.slack_port)
    with ExitStack() as open_things:
        if setting.slack_absent:
            # The story lets Slack appear later, by `with service.slack:`.
            workspace.base_url = f"http://127.0.0.1:{setting.slack_port}"
        else:
            open_things.enter_context(slack)
        environment = Environment.read(
            {
                **slack.environment(),
                "MUSTER_INTAKE_TOKEN": INTAKE_TOKEN,
                "MUSTER_SLACK_MODE": setting.mode,
                "MUSTER_HTTP_PORT": "0",
                **setting.environ,
            }
        )
        application = Application(settings=chosen, environment=environment, store=store, clock=clock)
        open_things.enter_context(_in_a_thread(application))
        if setting.mode == "http":
            slack.request_url = f"{application.http_url}/slack/events"
        yield Service(
            clock=clock,
            slack=slack,
            store=store,
            settings=chosen,
            environment=environment,
            application=application,
            url=application.http_url,
        )
        assert workspace.refusals == [], f"Slack refused {workspace.refusals}"
        assert workspace.complaints == [], "a rule of our own was broken"
        assert workspace.rates.early_retries == [], "a call came before its Retry-After"


def publish(store: Store, shifts: Sequence[tuple[str, datetime, datetime]], *, first: date = DAY) -> None:
    """A published roster of seven days with these shifts, lunch in the middle of each."""
    if not shifts:
        return
    roster = Roster(
        period=RosterPeriod(first=first, days=7, zone=SHANGHAI),
        assignments=tuple(Assignment(agent=a, shift=shift(start, end)) for a, start, end in shifts),
    )
    with store.unit() as uow:
        number = uow.rosters.save_draft(roster, made_at=at(8, day=first))
        uow.rosters.publish(number, by="pei", at=at(8, day=first), accepted_because=None)
        version = uow.rosters.get(number)
        assert version is not None
        assert version.status is RosterStatus.PUBLISHED
        uow.commit()


def shift(start: datetime, end: datetime) -> Shift:
    noon = start + (end - start) / 2
    hour = timedelta(hours=1)
    return Shift(
        date=(start + timedelta(hours=8)).date(),
        start=start,
        end=end,
        segments=(
            Segment(activity="chat", start=start, end=noon, paid=True),
            Segment(activity=LUNCH, start=noon, end=noon + hour, paid=False),
            Segment(activity="chat", start=noon + hour, end=end, paid=True),
        ),
    )


@contextmanager
def _in_a_thread(application: Application) -> Iterator[None]:
    started: Future[None] = Future()
    stop = threading.Event()
    stopped: Future[bool] = Future()

    async def serve() -> None:
        try:
            await application.start()
        except BaseException as problem:
            started.set_exception(problem)
            return
        started.set_result(None)
        await asyncio.to_thread(stop.wait)
        stopped.set_result(await application.stop())

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="service", daemon=True)
    thread.start()
    started.result(timeout=20)
    try:
        yield
    finally:
        stop.set()
        assert stopped.result(timeout=15), "something was still running after the stop"
        thread.join(timeout=5)
