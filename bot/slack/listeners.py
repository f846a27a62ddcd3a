"""The frame round every listener: acknowledge first, find out who asks, answer in their language.

Listeners run on the event loop and never block it; the use cases run in a thread pool of their own.
Every failure becomes an answer to whoever asked: what happened, what was not done, what to do.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any

import structlog

from bot.core.errors import MusterError, UnavailableError
from bot.core.ports import Clock, DeliveryError
from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.slack.blocks import errors
from bot.slack.blocks.kit import Content
from bot.slack.commands.command import Asked, Command, Desk, run
from bot.store.failures import as_muster_error

__all__ = ["Frame", "Listener"]

Listener = Callable[..., Awaitable[None]]
Work = Callable[[Asked], Content | None]

_log = structlog.get_logger("bot.slack")


class Frame:
    """Makes Bolt listeners from functions that take an `Asked` and return the answer, or None for none."""

    def __init__(self, desk: Desk, *, pool: ThreadPoolExecutor, clock: Clock) -> None:
        self._desk = desk
        self._pool = pool
        self._clock = clock
        self._running: set[asyncio.Task[Any]] = set()

    def command(self, command: Command) -> Listener:
        """A listener for a slash command."""

        async def listener(ack: Callable[..., Awaitable[Any]], body: Mapping[str, Any], respond: Any) -> None:
            await ack()
            await self._answer(
                name=command.name,
                user=str(body["user_id"]),
                argument=str(body.get("text") or ""),
                work=lambda asked: run(command, asked),
                respond=respond,
            )

        return listener

    def button(self, name: str, work: Work) -> Listener:
        """A listener for a button; its value is the argument."""

        async def listener(
            ack: Callable[..., Awaitable[Any]],
            body: Mapping[str, Any],
            action: Mapping[str, Any],
            respond: Any,
        ) -> None:
            await ack()
            await self._answer(
                name=name,
                user=str(body["user"]["id"]),
                argument=str(action.get("value") or ""),
                work=work,
                respond=respond,
            )

        return listener

    async def drain(self, seconds: float) -> int:
        """Wait for answers under way; returns how many were not finished in time."""
        waiting = [task for task in self._running if task is not asyncio.current_task()]
        if not waiting:
            return 0
        _, unfinished = await asyncio.wait(waiting, timeout=seconds)
        return len(unfinished)

    async def _answer(self, *, name: str, user: str, argument: str, work: Work, respond: Any) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._running.add(task)
        started = perf_counter()
        log = _log.bind(listener=name)
        try:
            loop = asyncio.get_running_loop()
            content = await loop.run_in_executor(self._pool, self._work, user, argument, work, log)
            if content is not None:
                await respond(
                    text=content.text,
                    blocks=list(content.blocks),
                    response_type="ephemeral",
                    replace_original=False,
                )
            log.info("request_answered", seconds=round(perf_counter() - started, 3))
        except Exception as error:
            # The answer was made but did not arrive; whoever asked will ask again.
            log.warning("answer_not_delivered", error=type(error).__name__)
        finally:
            if task is not None:
                self._running.discard(task)

    def _work(self, user: str, argument: str, work: Work, log: Any) -> Content | None:
        """In a thread of the pool.  Never raises."""
        t = Translator(self._desk.settings.locale)
        try:
            person = self._desk.people.identify(user)
            t = Translator(person.locale)
            asked = Asked(
                person=person,
                argument=argument,
                now=self._clock(),
                t=t,
                f=Formats(t.locale, person.zone),
                desk=self._desk,
            )
            return work(asked)
        except MusterError as error:
            log.info("request_refused", kind=error.kind)
            return errors.refused(error, t)
        except DeliveryError as error:
            log.warning("slack_did_not_answer", code=error.code)
            return errors.refused(_slack_failed(error), t)
        except Exception as error:
            known = as_muster_error(error)
            if known is not None:
                log.warning("database_did_not_answer", kind=known.kind)
                return errors.refused(known, t)
            reference = secrets.token_hex(4)
            log.exception("request_failed", reference=reference)
            return errors.unexpected(reference, t)


def _slack_failed(error: DeliveryError) -> MusterError:
    return UnavailableError(
        "slack_call_failed",
        f"Slack refused or did not answer ({error.code}); nothing was changed. Try again in a minute.",
        code=error.code,
    )
