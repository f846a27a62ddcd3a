"""What every command is handed: settings, store, words and the present, each made when first asked for."""

from __future__ import annotations

import getpass
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.config.environment import Environment
    from bot.config.load import Loaded
    from bot.core.ids import TeamId
    from bot.core.people import Agent
    from bot.core.permissions import Action, Actor
    from bot.core.settings import Settings
    from bot.i18n.catalog import Translator
    from bot.store.unit_of_work import Store

__all__ = ["CliContext", "ExitCode", "pass_cli"]


class ExitCode(IntEnum):
    """What a script may conclude from how a command ended."""

    DONE = 0
    REFUSED = 1  # refused or failed; the reason was said
    USAGE = 2  # the command line itself
    PARTIAL = 3  # done, but rows were refused or a result is below its threshold
    TEMPORARY = 75  # database or Slack unreachable; the same command may work later
    INTERRUPTED = 130


def _system_clock() -> datetime:
    return datetime.now(UTC)


class CliContext:
    """Opens nothing by itself: ``muster --version`` needs neither file nor database.

    ``config`` and ``lang`` are the options of the command line; they win over MUSTER_CONFIG, MUSTER_LANG.
    """

    def __init__(
        self,
        *,
        config: Path | None = None,
        lang: str | None = None,
        environ: Mapping[str, str] | None = None,
        clock: Callable[[], datetime] = _system_clock,
        traceback: bool = False,
    ) -> None:
        self.traceback = traceback
        self._config = config
        self._lang = lang
        self._environ = os.environ if environ is None else environ
        self._clock = clock
        self._environment: Environment | None = None
        self._loaded: Loaded | None = None
        self._store: Store | None = None
        self._translator: Translator | None = None

    def choose(self, *, config: Path | None, lang: str | None, traceback: bool) -> None:
        """Take the options of the command line; what was not given stays as it is."""
        self._config = config or self._config
        self.traceback = traceback or self.traceback
        if lang is not None and lang != self._lang:
            self._lang, self._translator = lang, None

    def team(self, name: str | None) -> TeamId:
        """The team named, or the only one of app.yaml.  Raises RefusedError."""
        from bot.core.people import which_team

        return which_team(self.settings.teams, name)

    def now(self) -> datetime:
        """The present, aware UTC."""
        return self._clock()

    @property
    def locale(self) -> str:
        """'en', 'zh-Hans' or 'zh-Hant': --lang, MUSTER_LANG, then the locale variables of the shell."""
        candidates = [
            self._lang,
            *(self._environ.get(n) for n in ("MUSTER_LANG", "LC_ALL", "LC_MESSAGES", "LANG")),
        ]
        chosen = next((c for c in candidates if c), "en")
        from bot.i18n.catalog import map_locale

        return map_locale(chosen)

    @property
    def t(self) -> Translator:
        """Words in the reader's language."""
        if self._translator is None:
            from bot.i18n.catalog import Translator

            self._translator = Translator(self.locale)
        return self._translator

    @property
    def environment(self) -> Environment:
        """The environment variables, checked.  Raises ConfigurationError."""
        if self._environment is None:
            from bot.config.environment import Environment

            self._environment = Environment.read(self._environ)
        return self._environment

    @property
    def config_path(self) -> Path:
        """The app.yaml in use: --config, MUSTER_CONFIG or ./app.yaml; it need not exist."""
        if self._config is not None:
            return self._config
        return self.environment.config or Path("app.yaml")

    @property
    def loaded(self) -> Loaded:
        """Settings with the warnings found on the way.  Raises ConfigurationError with every problem."""
        if self._loaded is None:
            from bot.config.load import load_settings

            self._loaded = load_settings(self.config_path, today=self.now().date())
        return self._loaded

    @property
    def settings(self) -> Settings:
        """What app.yaml says.  Raises ConfigurationError with every problem found."""
        return self.loaded.settings

    @property
    def database_url(self) -> str:
        """MUSTER_DATABASE_URL, or muster.db beside the app.yaml in use."""
        given = self.environment.database_url
        return given or f"sqlite:///{(self.config_path.resolve().parent / 'muster.db').as_posix()}"

    @property
    def store(self) -> Store:
        """The database, with the schema this version needs.

        An empty database is given its tables.  Raises ConfigurationError where migrations are missing or
        a newer version wrote it, UnavailableError where it does not answer; then nothing was changed.
        """
        if self._store is None:
            from bot.store.engine import make_engine
            from bot.store.schema import check_current
            from bot.store.unit_of_work import Store

            engine = make_engine(self.database_url)
            try:
                check_current(engine)
            except BaseException:
                engine.dispose()
                raise
            self._store = Store(engine, customer_key=self.environment.customer_key)
        return self._store

    @property
    def operator(self) -> str:
        """Who the audit trail names: MUSTER_OPERATOR, else the account the command runs under."""
        if self.environment.operator is not None:
            return self.environment.operator
        try:
            return f"cli:{getpass.getuser()}"
        except (KeyError, OSError):
            return "cli"

    def actor(self) -> Actor | None:
        """Who types, where MUSTER_OPERATOR says it; None where nobody is asked for."""
        from bot.core.people import Role
        from bot.core.permissions import Actor

        email = self.environment.operator
        if email is None:
            return None
        with self.store.read() as uow:
            agent = uow.people.by_email(email.lower())
        role = self.settings.roles.role_of(email, Role.AGENT if agent is None else agent.role)
        return Actor(role=role) if agent is None else Actor(role=role, agent=agent.agent, team=agent.team)

    def need(self, action: Action, *, team: TeamId | None = None, person: Agent | None = None) -> None:
        """Raise NotAllowedError, and note it, unless the role of MUSTER_OPERATOR permits it.

        ``team``, ``person``: whose matter, or whose figures, it is.

        Without the variable nothing is asked: whoever can open the database can read it without Muster.
        """
        email = self.environment.operator
        if email is None:
            return
        from bot.core.errors import NotAllowedError
        from bot.core.permissions import demand
        from bot.usecases.review_audit import note_refusal

        who = self.actor()
        assert who is not None
        try:
            demand(action, who, team=team, person=person)
        except NotAllowedError as error:
            note_refusal(self.store, actor=email, what=action.value, kind=error.kind, now=self.now())
            raise

    def say(self, key: str, **data: object) -> None:
        """Print the catalogue's text to standard output."""
        click.echo(self.t.text(key, **data))

    def next(self, *commands: str) -> None:
        """Say which command comes next; to standard error, so that data on standard output stays data."""
        shown = "  |  ".join(self._as_typed(command) for command in commands)
        click.echo(self.t.text("config.next", commands=shown), err=True)

    def _as_typed(self, command: str) -> str:
        """A command so that it runs where this one ran: with its --config, and found without a PATH."""
        words = command.split(" ")
        if "muster" not in words:
            return command
        place = words.index("muster")
        if self._config is not None and "--config" not in words:
            words.insert(place + 1, f"--config {self._config}")
        own = Path(sys.argv[0])
        if own.name == "muster" and shutil.which("muster") is None:
            here = os.path.relpath(own)
            # A way up through "..", as after "cd my-team", holds in one folder alone.
            words[place] = (
                str(own.parent.resolve() / own.name) if here.startswith("..") or words[0] == "cd" else here
            )
        return " ".join(words)

    def close(self) -> None:
        """Close the database, if it was opened."""
        if self._store is not None:
            self._store.close()
            self._store = None


pass_cli = click.make_pass_decorator(CliContext)
"""Decorator of a command: hands the CliContext over as the first argument."""
