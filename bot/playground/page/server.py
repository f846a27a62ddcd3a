"""The page's own small server: on 127.0.0.1 only, and only for the page itself.

Every request but those for the page's three files needs the token that stands in the page, and must name this
address as its host: another website, open in the same browser, can neither read nor do anything.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from importlib.resources import files
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

from aiohttp import web

from bot.playground.driver import StandInSlack
from bot.playground.errors import JSON
from bot.playground.page.gestures import Malformed, perform
from bot.playground.page.scene import Scene
from bot.playground.page.sight import file_of, mark, reader, seen
from bot.playground.values import NotPossible

TOKEN_HEADER: Final = "X-Playground-Token"  # noqa: S105 - its name, no token
LONGEST_POLL: Final = 20.0
"""Real seconds after which a look that saw no change is answered all the same."""
_LOOK_AGAIN: Final = 1.0
_LARGEST: Final = 16 * 1024 * 1024
_KINDS: Final = {"page.css": "text/css", "page.js": "text/javascript"}
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class PortTakenError(OSError):
    """The port asked for is in use."""


class Page:
    """Serves the page over a running stand-in until the `with` block ends, in a thread of its own.

    `port` 0 takes a free one, `preferred` where that is free. Raises PortTakenError for a `port` in use.
    """

    def __init__(self, slack: StandInSlack, scene: Scene, *, port: int = 0, preferred: int = 0) -> None:
        self.token = secrets.token_urlsafe(24)
        self._slack = slack
        self._scene = scene
        self._ports = [port] if port else [preferred, 0] if preferred else [0]
        self._port = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._over = threading.Event()
        self._pulling = threading.Lock()
        self._stop: asyncio.Event
        self._changed: asyncio.Event

    @property
    def url(self) -> str:
        """Where the page is; known inside the `with` block."""
        return f"http://127.0.0.1:{self._port}/"

    def __enter__(self) -> Self:
        ready: Future[None] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(ready)), name="playground-page", daemon=True
        )
        self._thread.start()
        ready.result(timeout=30)
        threading.Thread(target=self._watch, name="playground-watch", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._slack.workspace.touched()
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(timeout=10)

    async def _serve(self, ready: Future[None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop, self._changed = asyncio.Event(), asyncio.Event()
        app = web.Application(client_max_size=_LARGEST, middlewares=[self._guard])
        app.router.add_get("/", self._index)
        app.router.add_get("/{name:page\\.(?:css|js)}", self._file)
        app.router.add_get("/favicon.ico", _no_icon)
        app.router.add_get("/api/start", self._start)
        app.router.add_get("/api/seen", self._seen)
        app.router.add_get("/api/hints", self._hints)
        app.router.add_get("/api/file/{key}", self._shared)
        app.router.add_post("/api/do", self._do)
        app.router.add_post("/api/pull", self._pull)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        try:
            await runner.setup()
            self._port = await self._listen(runner)
            ready.set_result(None)
            await self._stop.wait()
        except BaseException as problem:
            if ready.done():
                raise
            ready.set_exception(problem)
        finally:
            await runner.cleanup()

    async def _listen(self, runner: web.AppRunner) -> int:
        for port in self._ports:
            try:
                await web.TCPSite(runner, "127.0.0.1", port).start()
            except OSError:
                continue
            return int(runner.addresses[0][1])
        raise PortTakenError(f"port {self._ports[0]} of 127.0.0.1 is in use")

    def _watch(self) -> None:
        """Wakes the looks that wait whenever something changes in the workspace."""
        ws = self._slack.workspace
        while not self._over.is_set():
            with ws.changed:
                ws.changed.wait(_LOOK_AGAIN)
            loop = self._loop
            if loop is None or loop.is_closed():
                return
            try:
                loop.call_soon_threadsafe(self._wake)
            except RuntimeError:
                return  # closed in between

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    # -- who may ask ----------------------------------------------------------------------------------------

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        hosts = {f"127.0.0.1:{self._port}", f"localhost:{self._port}"}
        # A name that somebody else's DNS points to this machine is no name of this page.
        if request.headers.get("Host", "") not in hosts:
            return _refused(403, "host")
        if request.path.startswith("/api/"):
            given = request.headers.get(TOKEN_HEADER, "")
            if not secrets.compare_digest(given.encode(), self.token.encode()):
                return _refused(403, "token")
        if request.method != "GET":
            origin = request.headers.get("Origin")
            if origin is not None and origin not in {f"http://{host}" for host in hosts}:
                return _refused(403, "origin")
            if request.content_type != "application/json":
                return _refused(415, "content_type")
        try:
            response = await handler(request)
        except NotPossible as refusal:
            response = web.json_response({"refused": refusal.kind, "detail": str(refusal)}, status=409)
        except Malformed as problem:
            response = web.json_response({"refused": "malformed", "detail": str(problem)}, status=400)
        except web.HTTPException as problem:
            response = _refused(problem.status, "http")
        response.headers.update(_HEADERS)
        return response

    # -- what is served -------------------------------------------------------------------------------------

    async def _index(self, _request: web.Request) -> web.StreamResponse:
        page = _static("index.html").replace("{{token}}", self.token)
        return web.Response(text=page, content_type="text/html")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        return web.Response(text=_static(name), content_type=_KINDS[name])

    async def _start(self, _request: web.Request) -> web.StreamResponse:
        """Who can be played, and the page's words in each language."""
        scene, ws = self._scene, self._slack.workspace
        with ws.lock:
            players = [
                {
                    "id": user.id,
                    "handle": user.name,
                    "name": user.real_name,
                    "role": player.role,
                    "first": player.first,
                }
                for player in scene.players
                for user in (ws.user(player.user),)
            ]
            people = [
                {"id": u.id, "handle": u.name, "name": u.real_name}
                for u in ws.users.values()
                if not (u.bot or u.deleted)
            ]
        return web.json_response(
            {
                "workspace": ws.name,
                "players": players,
                "people": people,
                "words": {locale: dict(scene.words(locale)) for locale in scene.locales},
                "levers": [lever.name for lever in scene.levers],
                "start_in": ws.channel(scene.start_in).id if scene.start_in else "",
                "home": scene.home,
                "read_only": scene.read_only,
            }
        )

    async def _seen(self, request: web.Request) -> web.StreamResponse:
        """One person's screen; with `since` not before it differs from that one, or after a while."""
        person = request.query.get("as", "")
        place, thread = request.query.get("place") or None, request.query.get("thread") or None
        since = request.query.get("since")
        until = time.monotonic() + LONGEST_POLL
        while True:
            changed = self._changed
            shown = await asyncio.to_thread(seen, self._slack.workspace, person, place, thread)
            stamp = mark(shown)
            left = until - time.monotonic()
            if stamp != since or left <= 0 or self._stop.is_set():
                same = stamp == since
                now = self._slack.workspace.now()
                body: JSON = {"mark": stamp, "now": now, "screen": None if same else shown}
                return web.json_response(body)
            waits = [asyncio.create_task(changed.wait()), asyncio.create_task(self._stop.wait())]
            await asyncio.wait(waits, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()

    async def _hints(self, request: web.Request) -> web.StreamResponse:
        person = request.query.get("as", "")
        with self._slack.workspace.lock:
            user = reader(self._slack.workspace, person)
        found = await asyncio.to_thread(self._scene.hints, user.id)
        hints = [{"typed": hint.typed, "usage": hint.usage, "help": hint.help} for hint in found]
        return web.json_response({"hints": hints})

    async def _shared(self, request: web.Request) -> web.StreamResponse:
        ws = self._slack.workspace
        with ws.lock:
            user = reader(ws, request.query.get("as", ""))
            name, kind, content = file_of(ws, user, request.match_info["key"])
        response = web.Response(body=content, content_type=kind or "application/octet-stream")
        if kind is None:
            safe = "".join(c if c.isalnum() or c in "._-" else "_" for c in name)
            response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(safe)}"
        return response

    async def _do(self, request: web.Request) -> web.StreamResponse:
        asked = await _body(request)
        try:
            came = await asyncio.to_thread(perform, self._slack, asked)
        except KeyError as problem:
            raise Malformed(f"there is no {problem}") from None
        if asked["do"] == "locale" and self._scene.changed is not None:
            await asyncio.to_thread(self._scene.changed, str(asked["as"]))
        return web.json_response(came)

    async def _pull(self, request: web.Request) -> web.StreamResponse:
        """Pull a lever; one at a time, whoever pulls."""
        wanted = (await _body(request)).get("lever")
        lever = next((each for each in self._scene.levers if each.name == wanted), None)
        if lever is None:
            raise Malformed("no such lever")

        def pull() -> JSON:
            with self._pulling:
                came = lever.pull()
            self._slack.workspace.touched()
            return {"happened": came.name, "data": dict(came.data)}

        return web.json_response(await asyncio.to_thread(pull))


async def _no_icon(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=204)


async def _body(request: web.Request) -> JSON:
    try:
        body: Any = json.loads(await request.text())
    except ValueError:
        raise Malformed("no JSON") from None
    if not isinstance(body, dict):
        raise Malformed("no JSON object")
    return body


def _refused(status: int, why: str) -> web.Response:
    return web.json_response({"refused": why}, status=status, headers=_HEADERS)


def _static(name: str) -> str:
    return (files("bot.playground.page") / "static" / name).read_text(encoding="utf-8")
