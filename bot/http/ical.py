"""GET /calendar/TOKEN.ics: an agent's shifts for their calendar."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from bot.core.errors import NotFoundError
from bot.core.ports import Clock
from bot.core.settings import Settings
from bot.http.bodies import answer_or_problem
from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.reports.ical import calendar
from bot.store.unit_of_work import Store
from bot.usecases import share_calendar

__all__ = ["ical"]

_PRIVATE = {"Cache-Control": "private, max-age=900", "X-Robots-Tag": "noindex"}
_UNKEPT = {"Cache-Control": "no-store"}


def ical(*, store: Store, settings: Settings, clock: Clock, executor: Executor) -> APIRouter:
    """The route.  The token is the key: 404 for one that opens nothing, 503 while the database is away."""
    router = APIRouter()

    def made(token: str) -> bytes:
        now = clock()
        found = share_calendar.feed(store, token, now=now)
        team = settings.teams.get(found.agent.team)
        locale = found.locale or (settings.locale if team is None else team.locale)
        t = Translator(locale)
        return calendar(found.agent.agent, found.shifts, t, Formats(t.locale, found.agent.zone), now=now)

    @router.get("/calendar/{token}.ics", include_in_schema=False)
    async def feed(token: str) -> Response:
        try:
            answer = await answer_or_problem(
                asyncio.get_running_loop().run_in_executor(executor, made, token),
                failed="calendar_failed",
                apart=(NotFoundError,),
            )
        except NotFoundError as error:
            return PlainTextResponse(str(error), status_code=404, headers=_UNKEPT)
        if isinstance(answer, JSONResponse):
            return answer
        return Response(answer, media_type="text/calendar; charset=utf-8", headers=_PRIVATE)

    return router
