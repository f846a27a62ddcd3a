"""A queue is diverted by telling the system outside: over loopback, again until it answers, on record."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from bot.connectors.diversion import DiversionWebhook
from bot.core.diversions import AGAIN_AFTER, TRIES
from bot.core.errors import RefusedError
from bot.core.ids import QueueId
from bot.store.unit_of_work import Store
from bot.usecases import divert
from tests.support.builders import CHAT, at, settings


class Outside:
    """The system that leads contacts; answers with ``status``."""

    def __init__(self) -> None:
        self.status = 200
        self.told: list[tuple[str | None, dict[str, Any]]] = []
        self.url = ""


@pytest.fixture
def outside() -> Iterator[Outside]:
    held = Outside()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            held.told.append((self.headers.get("Authorization"), json.loads(body)))
            self.send_response(held.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    held.url = f"http://127.0.0.1:{server.server_port}/divert"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield held
    server.shutdown()
    server.server_close()


def test_it_is_told_once_with_the_token_and_stands_on_record(store: Store, outside: Outside) -> None:
    hook = DiversionWebhook(outside.url, "secret")
    divert.switch(store, settings(), CHAT, on=True, by="lin", now=at(9))
    for _ in range(2):
        divert.tick(store, settings(), hook, now=lambda: at(9, 0, 1))
    ((token, told),) = outside.told
    assert token == "Bearer secret"
    assert (told["queue"], told["divert"]) == ("chat", True)
    with store.read() as uow:
        (held,) = uow.diversions.all()
        assert held.told_at == at(9, 0, 1)
        assert {e.action for e in uow.audit.entries()} == {"diversion_on", "diversion_told"}
    with pytest.raises(RefusedError):
        divert.switch(store, settings(), CHAT, on=True, by="lin", now=at(9, 1))
    with pytest.raises(RefusedError):
        divert.switch(store, settings(), QueueId("fax"), on=True, by="lin", now=at(9, 1))
    divert.switch(store, settings(), CHAT, on=False, by="lin", now=at(9, 1))
    divert.tick(store, settings(), hook, now=lambda: at(9, 1, 1))
    assert outside.told[1][1]["divert"] is False


def test_what_is_refused_is_told_again_and_in_the_end_the_operators_know(
    store: Store, outside: Outside
) -> None:
    outside.status = 503
    hook = DiversionWebhook(outside.url)
    divert.switch(store, settings(), CHAT, on=True, by="lin", now=at(9))
    written = 0
    for n in range(TRIES + 2):
        moment = at(9) + n * (AGAIN_AFTER + timedelta(seconds=1))
        written += divert.tick(store, settings(), hook, now=lambda moment=moment: moment)
        written += divert.tick(store, settings(), hook, now=lambda moment=moment: moment)
    assert len(outside.told) == TRIES
    assert len({told["id"] for _, told in outside.told}) == 1
    assert written == 1
    # Switching again, to the same, tries anew.
    outside.status = 200
    divert.switch(store, settings(), CHAT, on=True, by="lin", now=at(11))
    divert.tick(store, settings(), hook, now=lambda: at(11))
    with store.read() as uow:
        assert uow.diversions.all()[0].told_at == at(11)
