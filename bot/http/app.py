"""The HTTP application: its routes and what they are handed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from types import MappingProxyType

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, Response

from bot.core.ports import Clock
from bot.core.settings import Settings
from bot.http.connectors import connectors
from bot.http.contact_events import contact_events
from bot.http.docs_page import docs_page
from bot.http.health import SlackHealth, health
from bot.http.ical import ical
from bot.http.presence import presence
from bot.http.volumes import volumes
from bot.store.unit_of_work import Store

__all__ = ["make_http_app"]


def make_http_app(
    *,
    store: Store,
    settings: Settings,
    intake_token: str | None,
    clock: Clock,
    executor: Executor,
    recorded: Callable[[], None],
    slack: Callable[[], Awaitable[SlackHealth]],
    ticks: Callable[[], dict[str, str | None]],
    connector_secrets: Mapping[str, str] = MappingProxyType({}),
    slack_events: Callable[[Request], Awaitable[Response]] | None = None,
) -> FastAPI:
    """Intake, health and their description; with ``slack_events`` (HTTP mode) also ``/slack/events``."""
    # FastAPI's own page loads its script from another server and stays blank without it.
    app = FastAPI(title="Muster", version="1", docs_url=None, redoc_url=None)
    app.include_router(
        contact_events(
            store=store,
            settings=settings,
            token=intake_token,
            clock=clock,
            executor=executor,
            recorded=recorded,
        )
    )
    app.include_router(
        volumes(store=store, settings=settings, token=intake_token, clock=clock, executor=executor)
    )
    app.include_router(presence(store=store, token=intake_token, clock=clock, executor=executor))
    app.include_router(
        connectors(
            store=store,
            settings=settings,
            secrets=connector_secrets,
            clock=clock,
            executor=executor,
            recorded=recorded,
        )
    )
    app.include_router(health(store=store, clock=clock, executor=executor, slack=slack, ticks=ticks))
    app.include_router(ical(store=store, settings=settings, clock=clock, executor=executor))
    if slack_events is not None:
        app.add_api_route("/slack/events", slack_events, methods=["POST"], include_in_schema=False)
    app.openapi = lambda: _documented(app)  # type: ignore[method-assign]

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(docs_page(app.openapi()))

    return app


def _documented(app: FastAPI) -> dict[str, object]:
    """The OpenAPI page, with the token the intake asks for."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
        schemes = schema.setdefault("components", {}).setdefault("securitySchemes", {})
        schemes["intakeToken"] = {"type": "http", "scheme": "bearer"}
        app.openapi_schema = schema
    return app.openapi_schema
