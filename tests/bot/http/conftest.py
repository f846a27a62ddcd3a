"""The HTTP application in memory, with a clock that stands at 10:01 in Shanghai."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

import httpx
import pytest

from bot.core.connector_settings import ConnectorSettings
from bot.http.app import make_http_app
from bot.http.health import SlackHealth
from bot.store.unit_of_work import Store
from tests.support.builders import at, settings

TOKEN = "right-token"


@dataclass
class Http:
    app: Any
    woken: list[str] = field(default_factory=list)

    def call(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://muster") as client:
                return await client.request(method, path, **arguments)

        return asyncio.run(go())

    def send(self, body: Any, token: str | None = TOKEN, path: str = "/v1/contact-events") -> httpx.Response:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return self.call("POST", path, json=body, headers=headers)


Maker = Callable[..., Http]


def application(
    store: Store,
    *,
    token: str | None = TOKEN,
    slack: str = "connected",
    connectors: Mapping[str, ConnectorSettings] = MappingProxyType({}),
    secrets: Mapping[str, str] = MappingProxyType({}),
    now: datetime | None = None,
) -> Http:
    """The HTTP side over a store, at 10:01 in Shanghai unless ``now`` says otherwise."""
    http = Http(app=None)

    async def health() -> SlackHealth:
        return SlackHealth(mode="socket", state=slack, since=at(9))

    http.app = make_http_app(
        store=store,
        settings=replace(settings(), connectors=connectors),
        intake_token=token,
        connector_secrets=secrets,
        clock=lambda: now or at(10, 1),
        executor=ThreadPoolExecutor(2),
        recorded=lambda: http.woken.append("recorded"),
        slack=health,
        ticks=lambda: {"deliver": None},
    )
    return http


@pytest.fixture
def make(sqlite_store: Store) -> Maker:
    def maker(*, store: Store = sqlite_store, **options: Any) -> Http:
        return application(store, **options)

    return maker
