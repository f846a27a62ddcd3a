"""Application: the composition root of the running service.  Start and stop order stand here.

Order of start: port, HTTP, Slack, timetable.  A wrong token or a taken port is found before anything
ticks; contact events are taken while Slack is out of reach.  Order of stop: no new requests, no new
ticks, answers under way, the socket, the database; each part has its share of ten seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event

import structlog
import uvicorn

from bot.config.environment import Environment, SlackMode
from bot.connectors.diversion import DiversionWebhook
from bot.connectors.survey import SurveyWebhook
from bot.core.errors import ConfigurationError
from bot.core.ports import Clock, DeliveryError, MessageSender, RosterSolver
from bot.core.settings import Settings
from bot.http.app import make_http_app
from bot.http.health import SlackHealth
from bot.jobs.compute import ProcessSolver
from bot.jobs.runner import Runner
from bot.jobs.timetable import TICKS, Tick
from bot.jobs.work import Work
from bot.slack.app import SlackIdentity, async_client, build_app
from bot.slack.audience import Audience
from bot.slack.commands.command import Desk
from bot.slack.connection import ConnectionState, ConnectionStatus, SlackConnection
from bot.slack.dry import DrySender, Shown
from bot.slack.gateway import SlackSender
from bot.slack.listeners import Frame
from bot.slack.on_shift_signs import SlackOnShiftSigns
from bot.slack.people import Names, People
from bot.slack.pictures import Pictures
from bot.slack.render import Renderer
from bot.slack.requests import Signatures, slack_requests
from bot.slack.uploads import Uploads
from bot.slack.user_groups import GroupRoles
from bot.slack.web_api import TIMEOUT_SECONDS, WebApi
from bot.store.unit_of_work import Store
from bot.usecases import deliver, escalate, post_boards, stand_up, watch_owners, watch_promises, watch_sla
from bot.usecases.link_people import LinkResult

__all__ = ["Application", "rehearse", "system_clock"]

_log = structlog.get_logger("bot.app")

LISTENER_THREADS = 8
INTAKE_THREADS = 4
LINK_SECONDS = 5.0
DRAIN_SECONDS = 3.0
TICK_STOP = timedelta(seconds=7)
HTTP_STOP_SECONDS = 2


def system_clock() -> datetime:
    """The present, aware UTC."""
    return datetime.now(UTC)


class Application:
    """One running service.  Start it in an event loop, stop it in the same one.

    Tests hand in ``clock``, and where it runs fast ``ticks`` and ``slack_patience`` [s, real] to match;
    ``solver`` and ``sender`` default to the real ones.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        environment: Environment,
        store: Store,
        clock: Clock = system_clock,
        solver: RosterSolver | None = None,
        sender: MessageSender | None = None,
        ticks: Sequence[Tick] = TICKS,
        slack_patience: float = TIMEOUT_SECONDS,
    ) -> None:
        """Raises ConfigurationError naming the environment variables that are missing."""
        missing = environment.missing_for_slack()
        if missing:
            raise ConfigurationError(
                "slack_variables_missing",
                f"not set: {', '.join(missing)}; nothing was started. "
                "muster slack manifest says where they come from.",
                names=", ".join(missing),
            )
        groups = GroupRoles(settings.roles.by_user_group)
        # What the groups mean is learned from Slack; every part sees the same view of it.
        settings = replace(settings, roles=replace(settings.roles, by_group_member=groups))
        self._settings = settings
        self._environment = environment
        self._store = store
        self._clock = clock
        self._stopping = Event()
        self._listeners = ThreadPoolExecutor(LISTENER_THREADS, thread_name_prefix="listener")
        self._intake = ThreadPoolExecutor(INTAKE_THREADS, thread_name_prefix="intake")
        api = WebApi(environment.slack_bot_token or "", url=environment.slack_api_url, timeout=slack_patience)
        names = Names(store)
        audience = Audience(api, settings, clock)
        self._people = People(
            store=store, settings=settings, api=api, clock=clock, groups=groups, audience=audience
        )
        self._pictures = Pictures(api, clock)
        work = Work(
            store=store,
            settings=settings,
            sender=sender or SlackSender(api, Renderer(settings, names), clock, audience, self._pictures),
            signs=SlackOnShiftSigns(api, clock, settings.roles.by_user_group),
            solver=solver or ProcessSolver(),
            clock=clock,
            worker=f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}",
            stopping=self._stopping,
            outside=None
            if environment.diversion_url is None
            else DiversionWebhook(environment.diversion_url, environment.diversion_token),
            survey_tool=None
            if environment.survey_url is None or environment.survey_secret is None
            else SurveyWebhook(environment.survey_url, environment.survey_secret),
            wake=lambda *ticks, **when: self._runner.wake(*ticks, **when),
        )
        self._runner = Runner(ticks, work.by_name())
        desk = Desk(
            store=store,
            settings=settings,
            people=self._people,
            names=names,
            nudge=lambda *ticks: self._runner.wake("deliver", *ticks),
            public_url=environment.public_url,
            diverts=environment.diversion_url is not None,
            pictures=self._pictures,
            uploads=Uploads(api),
        )
        self._frame = Frame(desk, pool=self._listeners, clock=clock)
        self._connection: SlackConnection | None = None
        self._linking: Future[LinkResult] | None = None
        self._server: uvicorn.Server | None = None
        self._serving: asyncio.Task[None] | None = None
        self._address: tuple[str, int] | None = None

    @property
    def http_url(self) -> str:
        """Where HTTP is served; known once started."""
        if self._address is None:
            raise RuntimeError("the application has not been started")
        host, port = self._address
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @property
    def runner(self) -> Runner:
        return self._runner

    async def start(self) -> ConnectionStatus:
        """Start everything and return how it stands with Slack.

        Raises ConfigurationError for a refused token or a port in use; then nothing keeps running.
        """
        listening = _listen(self._environment.http_host, self._environment.http_port)
        self._address = listening.getsockname()[:2]
        try:
            identity = SlackIdentity()
            client = async_client(self._environment.slack_bot_token or "", self._environment.slack_api_url)
            app = build_app(self._frame, client, identity)
            over_http = self._environment.slack_mode is SlackMode.HTTP
            self._connection = SlackConnection(
                app=app,
                client=client,
                identity=identity,
                app_token=None if over_http else self._environment.slack_app_token,
                clock=self._clock,
                on_connected=self._link_people,
            )
            signatures = Signatures(self._environment.slack_signing_secret or "-")
            http = make_http_app(
                store=self._store,
                settings=self._settings,
                intake_token=self._environment.intake_token,
                connector_secrets=self._environment.connector_secrets,
                clock=self._clock,
                executor=self._intake,
                recorded=lambda: self._runner.wake("watch_sla", "deliver"),
                slack=self._slack_health,
                ticks=self._runner.failures,
                slack_events=slack_requests(app, signatures) if over_http else None,
            )
            await self._serve_http(http, listening)
            await self._connection.start()
            # Who is who decides whom an alert reaches; nothing leaves before that is known or in vain.
            await self._connection.settle(LINK_SECONDS)
        except BaseException:
            await self.stop()
            listening.close()
            raise
        self._runner.start()
        _log.info("started", http=self.http_url, slack_mode=self._environment.slack_mode.value)
        return await self._connection.status()

    async def stop(self) -> bool:
        """Stop everything within ten seconds; False where some work did not end and was left behind.

        What was left behind is safe: a message being sent is looked up before it is sent again.
        """
        self._stopping.set()
        if self._server is not None:
            self._server.should_exit = True
        ticks = asyncio.create_task(asyncio.to_thread(self._runner.stop, TICK_STOP))
        unanswered = await self._frame.drain(DRAIN_SECONDS)
        if self._connection is not None:
            await self._connection.close()
        if self._serving is not None:
            await asyncio.wait([self._serving], timeout=HTTP_STOP_SECONDS + 1)
        left = await ticks
        if self._linking is not None and self._linking.running():
            left.append("link_people")
        self._pictures.close()
        for pool in (self._listeners, self._intake):
            pool.shutdown(wait=False, cancel_futures=True)
        if not left and not unanswered:
            self._store.close()
        _log.info("stopped", left=left, unanswered=unanswered)
        return not left and not unanswered

    def person_changed(self, user: str) -> None:
        """Somebody's profile or preferences at Slack are others than they were.  Raises DeliveryError."""
        self._people.changed(user)

    async def connection_status(self) -> ConnectionStatus:
        """How it stands with Slack."""
        if self._connection is None:
            return ConnectionStatus(state=ConnectionState.CONNECTING, since=self._clock())
        return await self._connection.status()

    # -- parts ----------------------------------------------------------------------------------------------

    async def _serve_http(self, http: Callable[..., object], listening: socket.socket) -> None:
        config = uvicorn.Config(
            http,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=HTTP_STOP_SECONDS,
        )
        server = uvicorn.Server(config)
        # It would take the process's signals over and raise them again after serving.
        server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
        self._server = server
        self._serving = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:
            if self._serving.done():
                self._serving.result()
            await asyncio.sleep(0.01)

    async def _slack_health(self) -> SlackHealth:
        status = await self.connection_status()
        return SlackHealth(
            mode=self._environment.slack_mode.value,
            state=status.state.value,
            since=status.since,
            detail=status.detail,
        )

    async def _link_people(self) -> None:
        self._linking = self._listeners.submit(self._people.link_all, by="muster")
        try:
            result = await asyncio.wrap_future(self._linking)
        except DeliveryError as error:
            _log.warning("people_not_linked", code=error.code)
        except Exception:
            _log.exception("people_not_linked")
        else:
            _log.info(
                "people_linked",
                linked=len(result.linked),
                already=result.already,
                agents_without_member=len(result.agents_without_member),
            )


def rehearse(settings: Settings, store: Store, clock: Clock) -> list[Shown]:
    """What a service started now would post at once, and where; nothing is kept or sent."""
    started = clock()
    with store.rehearsal() as stage:
        watch_sla.tick(stage, settings, now=started)
        watch_owners.tick(stage, settings, now=started)
        escalate.tick(stage, settings, now=started)
        watch_promises.tick(stage, settings, now=started)
        stand_up.tick(stage, settings, now=started)
        post_boards.tick(stage, settings, now=started)
        present = started

        def ahead() -> datetime:
            return present

        sender = DrySender(Renderer(settings, Names(stage)), lambda: started)
        while True:
            result = deliver.tick(stage, settings, sender, now=ahead, worker="rehearsal", limit=100)
            soon = started + timedelta(minutes=10)
            if result.next_due is None or result.next_due > soon:
                return sender.shown
            # One message a second per channel: walk through the line instead of waiting in it.
            present = max(result.next_due, present + timedelta(milliseconds=1))


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket.  Raises ConfigurationError where the address cannot be had."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, proto, _, address = found[0]
        # With the protocol named asyncio switches Nagle's delay off for each connection.
        listening = socket.socket(family, kind, proto or socket.IPPROTO_TCP)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(512)
        except OSError:
            listening.close()
            raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigurationError(
            "http_port_taken",
            f"port {port} of {host} cannot be used ({reason}); nothing was started. "
            "Stop what uses it or set MUSTER_HTTP_PORT.",
            host=host,
            port=port,
            reason=reason,
        ) from None
    listening.setblocking(False)
    return listening
