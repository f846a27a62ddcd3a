"""A small real bolt application, in a thread of its own, by socket or behind uvicorn."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI, Request, Response
from slack_bolt.adapter.fastapi.async_handler import AsyncSlackRequestHandler
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground import StandInSlack

MODAL = {
    "type": "modal",
    "callback_id": "leave",
    "notify_on_close": True,
    "title": {"type": "plain_text", "text": "Ask for leave"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [
        {
            "type": "input",
            "block_id": "reason_block",
            "label": {"type": "plain_text", "text": "Reason"},
            "element": {"type": "plain_text_input", "action_id": "reason"},
        },
        {
            "type": "input",
            "block_id": "kind_block",
            "optional": True,
            "label": {"type": "plain_text", "text": "Kind"},
            "element": {
                "type": "static_select",
                "action_id": "kind",
                "options": [
                    {"text": {"type": "plain_text", "text": label}, "value": label.lower()}
                    for label in ("Holiday", "Sick")
                ],
            },
        },
    ],
}


def alert_blocks(taken_by: str | None = None) -> list[dict]:
    text = {"type": "mrkdwn", "text": "*Case 17* is overdue"}
    if taken_by:
        return [
            {"type": "section", "text": text},
            {"type": "context", "elements": [text | {"text": taken_by}]},
        ]
    button = {"type": "button", "action_id": "acknowledge", "value": "17"}
    button["text"] = {"type": "plain_text", "text": "Acknowledge"}
    return [{"type": "section", "text": text}, {"type": "actions", "elements": [button]}]


def register(app: AsyncApp) -> None:
    taken: list[str] = []

    @app.command("/shift")
    async def shift(ack, respond, command):
        await ack()
        await respond(f"Your shifts: {command['text'] or 'today'}")

    @app.command("/quick")
    async def quick(ack):
        await ack("done at once")

    @app.command("/leave")
    async def leave(ack, client, body):
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @app.command("/slow")
    async def slow(ack):
        await asyncio.sleep(3.4)
        await ack()

    @app.action("acknowledge")
    async def acknowledge(ack, body, client, respond):
        await ack()
        name = body["user"]["name"]
        taken.append(name)
        if len(taken) > 1:
            await respond(f"{taken[0]} was first", replace_original=False)
            return
        await client.chat_update(
            channel=body["channel"]["id"],
            ts=body["message"]["ts"],
            text=f"Case 17: taken by {name}",
            blocks=alert_blocks(f"taken by {name}"),
        )

    @app.view("leave")
    async def submitted(ack, body, client, view):
        values = view["state"]["values"]
        reason = values["reason_block"]["reason"]["value"]
        if len(reason) < 3:
            await ack(response_action="errors", errors={"reason_block": "say a little more"})
            return
        await ack()
        kind = values["kind_block"]["kind"]["selected_option"]
        text = f"asked: {reason} ({kind['value'] if kind else 'any'})"
        await client.chat_postMessage(channel=body["user"]["id"], text=text)

    @app.view_closed("leave")
    async def closed(ack, body, client):
        await ack()
        await client.chat_postMessage(channel=body["user"]["id"], text="nothing was asked")

    @app.event("app_home_opened")
    async def home(client, event):
        text = {"type": "mrkdwn", "text": "Welcome"}
        blocks = [{"type": "section", "text": text}]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    @app.event("message")
    async def message(event, say):
        await say(text=f"heard: {event['text']}")


def make_app(slack: StandInSlack) -> AsyncApp:
    quiet = logging.getLogger("bolt-under-test")
    quiet.setLevel(logging.CRITICAL)
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
    app = AsyncApp(client=client, signing_secret=slack.signing_secret, logger=quiet)
    register(app)
    return app


@contextmanager
def socket_app(
    slack: StandInSlack, replicas: int = 1, more: Callable[[AsyncApp], None] | None = None
) -> Iterator[None]:
    """The application in Socket Mode, connected, until the block ends."""
    stop: list[Callable[[], None]] = []
    ready: Future[None] = Future()

    async def main() -> None:
        handlers = []
        for _ in range(replicas):
            app = make_app(slack)
            if more is not None:
                more(app)
            handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=0.5)
            await handler.connect_async()
            handlers.append(handler)
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        stop.append(lambda: loop.call_soon_threadsafe(ended.set))
        ready.set_result(None)
        await ended.wait()
        for handler in handlers:
            await handler.close_async()

    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    ready.result(10)
    slack.wait_until_connected(replicas)
    try:
        yield
    finally:
        stop[0]()
        thread.join(10)


@contextmanager
def http_app(slack: StandInSlack, refuses: Callable[[Request], bool] | None = None) -> Iterator[None]:
    """The application in HTTP mode behind uvicorn; the stand-in sends to it until the block ends.

    `refuses` stands before bolt and may answer 401 in its place.
    """
    handler = AsyncSlackRequestHandler(make_app(slack))
    web = FastAPI()

    @web.post("/slack/events")
    async def events(request: Request) -> Response:
        if refuses is not None and refuses(request):
            return Response(status_code=401)
        return await handler.handle(request)

    server = uvicorn.Server(uvicorn.Config(web, host="127.0.0.1", port=0, log_level="critical"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    slack.wait_for(lambda: server.started, 10, "uvicorn")
    port = server.servers[0].sockets[0].getsockname()[1]
    slack.request_url = f"http://127.0.0.1:{port}/slack/events"
    try:
        yield
    finally:
        slack.request_url = None
        server.should_exit = True
        thread.join(10)
