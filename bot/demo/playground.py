"""The playground: Harbour's working day on a stage whose clock runs, and the page to play it on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from types import TracebackType
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from bot.core.people import Role
from bot.core.settings import Settings
from bot.demo import line
from bot.demo.harbour import ADMIN, ALERT_CHANNEL, PLANNER, people
from bot.demo.hour import on_shift
from bot.demo.line import Days
from bot.demo.stage import Stage
from bot.demo.traffic import Traffic
from bot.demo.truth import ZONE
from bot.i18n.catalog import Translator
from bot.playground import AppSettings
from bot.playground.page import Happened, Hint, Lever, Page, Player, Scene
from bot.slack.commands.completion import completions
from bot.slack.commands.table import COMMANDS
from bot.slack.manifest import manifest
from bot.slack.people import Person
from bot.store.unit_of_work import Store

LOCALES: Final = {"en": "en-GB", "zh-Hans": "zh-CN"}
"""A language of Muster to the locale of a Slack set to it."""
_CURTAIN: Final = time(9, 19)
_CUSTOMER_AT: Final = time(9, 31)
_OPEN: Final = time(9, 42)
_STEP: Final = timedelta(seconds=30)
_LONG_STEP: Final = timedelta(minutes=1)


class Playground:
    """Everything `muster playground` runs, until the ``with`` block ends.

    The day begins at 09:19 with the digest and one case that nobody answers; the page opens at 09:42, when
    its promise has been broken for a minute, and from then on the clock runs.  ``locale``: everybody's at
    first.  Raises PortTakenError for a ``port`` in use; without one ``preferred`` or a free one is taken.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        days: Days,
        locale: str = "en",
        port: int = 0,
        preferred: int = 0,
    ) -> None:
        settings = _in_language(settings, locale)
        self._settings = settings
        self._store = store
        self._days = days
        installed = manifest(Translator(locale))
        self.stage = Stage(
            settings=settings,
            store=store,
            start=days.planned_at,
            app=_as_installed(installed),
            locale=LOCALES[locale],
        )
        self._traffic = Traffic(self.stage, store, line.queue_calendars(settings), seed=line.SEED)
        self._installed = installed
        self._locale = locale
        self._port = port
        self._preferred = preferred
        self._page: Page | None = None

    @property
    def page(self) -> Page:
        if self._page is None:
            raise RuntimeError("the playground is not open; use it as a context manager")
        return self._page

    def __enter__(self) -> Self:
        line.skip_daily_jobs(self._store, self._days)
        self.stage.__enter__()
        try:
            self._prelude()
            self._page = Page(self.stage.slack, self._scene(), port=self._port, preferred=self._preferred)
            self._page.__enter__()
        except BaseException:
            self._page = None
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._traffic.stop()
        if self._page is not None:
            self._page.__exit__(kind, error, trace)
        self.stage.__exit__(kind, error, trace)

    def _prelude(self) -> None:
        # The roster of Friday was told on Friday.
        self.stage.advance(self._at(_CURTAIN), step=timedelta(days=30))
        self._advance(self._at(_CUSTOMER_AT), _STEP)
        self._traffic.customer()
        self._advance(self._at(_OPEN), _STEP)
        self.stage.clock.let_run()
        self._traffic.start()

    def _advance(self, to: datetime, step: timedelta) -> None:
        """Let the clock run to ``to``; contacts come in and everything falls due on the way."""
        while self.stage.clock() < to:
            self.stage.advance(min(to, self.stage.clock() + step), step=step)
            self._traffic.catch_up()

    def _at(self, clock: time) -> datetime:
        return datetime.combine(self._days.replay, clock, tzinfo=ZoneInfo(ZONE))

    # -- what the page is told ------------------------------------------------------------------------------

    def _scene(self) -> Scene:
        home = self._installed["features"]["app_home"]
        return Scene(
            players=_players(self._store, self._at(_OPEN)),
            words=page_words,
            hints=self._hints,
            levers=(
                Lever(name="customer", pull=self._customer),
                Lever(name="five_minutes", pull=lambda: self._later(timedelta(minutes=5), _STEP)),
                Lever(name="hour", pull=lambda: self._later(timedelta(hours=1), _LONG_STEP)),
            ),
            changed=self.stage.application.person_changed,
            locales=tuple(sorted(LOCALES.values(), key=lambda each: each != LOCALES[self._locale])),
            start_in=ALERT_CHANNEL,
            home=bool(home["home_tab_enabled"]),
            read_only=bool(home.get("messages_tab_read_only_enabled")),
        )

    def _customer(self) -> Happened:
        return Happened(name="customer", data={"case": self._traffic.customer()})

    def _later(self, length: timedelta, step: timedelta) -> Happened:
        self._advance(self.stage.clock() + length, step)
        self.stage.application.runner.wake("promises", "requests", "shift_reminders", "chase", "daily")
        return Happened(name="later", data={})

    def _hints(self, user: str) -> Sequence[Hint]:
        """What this person may type, from the table of commands."""
        member = self.stage.slack.user(user).user
        t = Translator(member.locale)
        with self._store.read() as uow:
            agent = uow.people.by_email(member.email or "")
        recorded = Role.AGENT if agent is None else agent.role
        role = self._settings.roles.role_of(member.email, recorded) if member.email else recorded
        person = Person(user=user, agent=agent, role=role, locale=t.locale, zone=member.tz)
        return [
            Hint(typed=each.typed, usage=each.usage, help=each.help)
            for each in completions(COMMANDS, person, t)
        ]


def _in_language(settings: Settings, locale: str) -> Settings:
    """Channels speak the language of whoever plays."""
    teams = {name: replace(team, locale=locale) for name, team in settings.teams.items()}
    return replace(settings, locale=locale, teams=teams)


def page_words(locale: str) -> Mapping[str, str]:
    """The page's own words for a locale of Slack: the entries ``playground.page.*``."""
    return Translator(locale).below("playground.page")


def _as_installed(installed: Mapping[str, Any]) -> AppSettings:
    """The app as `muster slack manifest` asks a workspace to install it."""
    settings = installed["settings"]
    return AppSettings(
        scopes=set(installed["oauth_config"]["scopes"]["bot"]),
        events=set(settings.get("event_subscriptions", {}).get("bot_events", ())),
        commands={each["command"] for each in installed["features"]["slash_commands"]},
        home_tab=bool(installed["features"]["app_home"]["home_tab_enabled"]),
    )


def _players(store: Store, opening: datetime) -> list[Player]:
    """Everybody who can be played; of agents, leads and planners one stands beside the list."""
    working = on_shift(store, opening)
    leads = [p.agent for p in people() if p.role == "lead"]
    agents = [p.agent for p in people() if p.role == "agent"]
    planners = [PLANNER[0]]
    found = []
    for role, members in (("agent", agents), ("lead", leads), ("planner", planners), ("admin", [ADMIN[0]])):
        first = next((member for member in members if member in working), members[0])
        found += [
            Player(user=member, role=role, first=member == first and role != "admin") for member in members
        ]
    return found
