"""The aiohttp shell: Web API, uploads and downloads, response addresses and sockets on one port."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace

from aiohttp import web

from bot.playground.api import dispatch
from bot.playground.api.calls import rate_limited
from bot.playground.api.files import receive
from bot.playground.errors import JSON, SlackError
from bot.playground.faults import Fault, FaultKind, Faults
from bot.playground.records import ApiCall
from bot.playground.response_urls import respond
from bot.playground.socket_mode import SocketHub
from bot.playground.workspace import Workspace

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_PAGE = "<!DOCTYPE html><html><body><h1>Service temporarily unavailable</h1></body></html>"


def make_app(ws: Workspace, faults: Faults, hub: SocketHub) -> web.Application:
    """The application; `ws.base_url` must be set before the first request."""
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_route("*", "/api/{method}", _api(ws, faults))
    app.router.add_route("*", "/upload/v1/{ticket}", _upload(ws))
    app.router.add_get("/files-pri/{key}/{rest:.*}", _download(ws))
    app.router.add_post("/response/{token}", _response(ws, faults))
    app.router.add_get("/link/", hub.serve)
    return app


def _api(ws: Workspace, faults: Faults) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        fault = faults.take(method)
        arrived = ws.now()
        try:
            values = await _values(request)
        except SlackError as refusal:
            ws.refuse(method, refusal.error)
            return web.json_response(refusal.body())
        header = request.headers.get("Authorization", "")
        token = header.removeprefix("Bearer ").strip() or values.get("token")

        def run() -> web.Response:
            kind = None if fault is None else fault.kind.value
            answer = dispatch(ws, method, token, values, fault=kind, arrived=arrived)
            return web.json_response(answer.body, status=answer.status, headers=answer.headers)

        if fault is None:
            return run()
        return await _faulty(ws, request, fault, run, method, values)

    return handle


def _response(ws: Workspace, faults: Faults) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        fault = faults.take("response_url")
        values: JSON = {}

        def run() -> web.Response:
            try:
                respond(ws, request.match_info["token"], values)
            except SlackError as refusal:
                status = refusal.status if refusal.status != 200 else 400
                return web.json_response(refusal.body(), status=status)
            return web.Response(text="ok")

        try:
            values = await _values(request)
        except SlackError as refusal:
            ws.refuse("response_url", refusal.error, status=400)
            return web.json_response(refusal.body(), status=400)
        if fault is None:
            return run()
        return await _faulty(ws, request, fault, run, "response_url", values)

    return handle


async def _faulty(
    ws: Workspace,
    request: web.Request,
    fault: Fault,
    run: Callable[[], web.Response],
    method: str,
    values: JSON,
) -> web.StreamResponse:
    """Answer a call for which a fault was queued. Only the kinds named AFTER let the call take effect."""
    if fault.kind in {FaultKind.DROP_AFTER, FaultKind.ERROR_AFTER, FaultKind.HANG_AFTER}:
        response = run()
        if fault.kind is FaultKind.DROP_AFTER:
            return _drop(request)
        if fault.kind is FaultKind.ERROR_AFTER:
            return web.Response(status=500, text="Internal Server Error")
        await asyncio.sleep(fault.seconds)
        return response
    with ws.lock:
        ws.rates.too_early(method, None)  # a call that is spoilt may be early all the same
    if fault.kind is FaultKind.HANG_BEFORE:
        await asyncio.sleep(fault.seconds)
        if request.transport is not None and not request.transport.is_closing():
            return run()
    slack_says = fault.error if fault.kind is FaultKind.SLACK_ERROR else fault.kind.value
    with ws.changed:
        shown = {key: value for key, value in values.items() if key != "token"}
        call = ApiCall(method=method, at=ws.now(), arguments=shown, accepted=False, error=slack_says)
        ws.calls.append(replace(call, fault=fault.kind.value))
        ws.changed.notify_all()
        if fault.kind is FaultKind.RATE_LIMITED:
            refusal = rate_limited(ws.rates.hold(method, None, fault.retry_after))
            return web.json_response(refusal.body(), status=429, headers=refusal.headers)
    if fault.kind is FaultKind.SLACK_ERROR:
        return web.json_response(SlackError(fault.error).body())
    if fault.kind is FaultKind.HTML:
        return web.Response(status=503, text=_PAGE, content_type="text/html")
    if fault.kind is FaultKind.SERVER_ERROR:
        return web.Response(status=500, text="Internal Server Error")
    return _drop(request)


def _upload(ws: Workspace) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        content = b""
        if request.content_type == "multipart/form-data":
            for part in (await request.post()).values():
                if isinstance(part, web.FileField):
                    content = part.file.read()
        else:
            content = await request.read()
        problem = receive(ws, request.match_info["ticket"], content)
        if problem is not None:
            ws.refuse("upload", problem, status=400)
            return web.Response(status=400, text=problem)
        return web.Response(text=f"OK - {len(content)}")

    return handle


def _download(ws: Workspace) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        """Without the token Slack shows its sign-in page, with status 200."""
        file = ws.files.get(request.match_info["key"].removeprefix(f"{ws.team_id}-"))
        token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        if token != ws.app.bot_token or "files:read" not in ws.app.scopes or ws.app.revoked:
            return web.Response(text="<html><title>Sign in</title></html>", content_type="text/html")
        if file is None or file.content is None:
            return web.Response(status=404, text="not found")
        return web.Response(body=file.content, content_type="application/octet-stream")

    return handle


async def _values(request: web.Request) -> JSON:
    """Query, form or JSON body as one dictionary; refused with `invalid_json` or `json_not_object`."""
    values: JSON = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.text() or "{}")
        except ValueError:
            raise SlackError("invalid_json") from None
        if not isinstance(body, dict):
            raise SlackError("json_not_object")
        return values | body
    if request.method == "POST":
        values |= {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
    return values


def _drop(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
