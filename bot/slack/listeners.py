"""The frame round every listener: acknowledge first, find out who asks, answer in their language.

Listeners run on the event loop and never block it; the use cases run in a thread pool of their own.
Every failure becomes an answer to whoever asked: what happened, what was not done, what to do.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import InvalidFormError, MusterError, NotAllowedError, UnavailableError
from bot.core.ports import Clock, DeliveryError
from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.slack.blocks import errors, forms
from bot.slack.blocks.form import ERROR_CHARACTERS, Form, field_values
from bot.slack.blocks.kit import Content, cut, message, section
from bot.slack.commands.command import Asked, Command, Desk, run
from bot.store.failures import as_muster_error
from bot.usecases.review_audit import note_refusal

__all__ = ["Frame", "Listener"]

Listener = Callable[..., Awaitable[None]]
Answer = Content | Form | None
Work = Callable[[Asked], Answer]

SUBMISSION_SECONDS = 2.3
"""Slack takes the answer to a modal for three seconds; work that takes longer is shown when it is done."""

_log = structlog.get_logger("bot.slack")


class Frame:
    """Makes Bolt listeners from functions that take an `Asked` and return the answer, or None for none.

    A message answers whoever asked and nobody else; a `Form` opens as a modal, or replaces the one whose
    button was pressed.
    """

    def __init__(self, desk: Desk, *, pool: ThreadPoolExecutor, clock: Clock) -> None:
        self._desk = desk
        self._pool = pool
        self._clock = clock
        self._running: set[asyncio.Task[Any]] = set()

    def command(self, command: Command) -> Listener:
        """A listener for a slash command."""

        async def listener(
            ack: Callable[..., Awaitable[Any]], body: Mapping[str, Any], respond: Any, client: AsyncWebClient
        ) -> None:
            await ack()
            await self._answer(
                _Request(
                    name=command.name,
                    user=str(body["user_id"]),
                    argument=str(body.get("text") or ""),
                    trigger=str(body.get("trigger_id") or ""),
                ),
                lambda asked: run(command, asked),
                respond=respond,
                client=client,
            )

        return listener

    def button(self, name: str, work: Work) -> Listener:
        """A listener for a button; its value is the argument."""

        async def listener(
            ack: Callable[..., Awaitable[Any]],
            body: Mapping[str, Any],
            action: Mapping[str, Any],
            respond: Any,
            client: AsyncWebClient,
        ) -> None:
            await ack()
            await self._answer(
                _Request(
                    name=name,
                    user=str(body["user"]["id"]),
                    argument=str(action.get("value") or ""),
                    trigger=str(body.get("trigger_id") or ""),
                    view=body.get("view"),
                ),
                work,
                respond=respond,
                client=client,
            )

        return listener

    def submission(self, name: str, work: Work) -> Listener:
        """A listener for a modal that was sent.

        Wrong fields are named at the fields and the modal stays as it is; None closes it, a `Form` takes
        its place.
        """

        async def listener(
            ack: Callable[..., Awaitable[Any]], body: Mapping[str, Any], client: AsyncWebClient
        ) -> None:
            view: Mapping[str, Any] = body["view"]
            request = _Request(name=name, user=str(body["user"]["id"]), view=view)
            with self._tracked():
                future = self._submitted(request, work)
                try:
                    done = await asyncio.wait_for(asyncio.shield(future), SUBMISSION_SECONDS)
                except TimeoutError:
                    waiting = _Outcome(form=forms.working(Translator(self._desk.settings.locale)))
                    await ack(**waiting.acknowledgement(view))
                    late = await future
                    shown = late.form or forms.told(late.sentence, late.t)
                    await self._update(client, view, shown, request)
                else:
                    await ack(**done.acknowledgement(view))

        return listener

    async def drain(self, seconds: float) -> int:
        """Wait for answers under way; returns how many were not finished in time."""
        waiting = [task for task in self._running if task is not asyncio.current_task()]
        if not waiting:
            return 0
        _, unfinished = await asyncio.wait(waiting, timeout=seconds)
        return len(unfinished)

    async def _answer(self, request: _Request, work: Work, *, respond: Any, client: AsyncWebClient) -> None:
        started = perf_counter()
        log = _log.bind(listener=request.name)
        with self._tracked():
            try:
                loop = asyncio.get_running_loop()
                answer, t = await loop.run_in_executor(self._pool, self._work, request, work, log)
                if isinstance(answer, Form):
                    answer = await self._show(client, request, answer, t)
                if answer is not None and request.view is not None:
                    # On top of the modal, which keeps what was typed.
                    await client.views_push(
                        trigger_id=request.trigger, view=forms.of_content(answer, t).view()
                    )
                elif answer is not None:
                    await respond(
                        text=answer.text,
                        blocks=list(answer.blocks),
                        response_type="ephemeral",
                        replace_original=False,
                    )
                log.info("request_answered", seconds=round(perf_counter() - started, 3))
            except Exception as error:
                # The answer was made but did not arrive; whoever asked will ask again.
                log.warning("answer_not_delivered", error=type(error).__name__)

    async def _show(
        self, client: AsyncWebClient, request: _Request, form: Form, t: Translator
    ) -> Content | None:
        """Open a modal, or change the one that is open; what to say where Slack will not."""
        if request.view is not None:
            await self._update(client, request.view, form, request)
            return None
        try:
            await client.views_open(trigger_id=request.trigger, view=form.view())
        except SlackApiError as error:
            code = str((error.response.get("error") if error.response is not None else None) or "no_answer")
            _log.warning("form_not_opened", listener=request.name, code=code)
            return errors.refused(_slack_failed(DeliveryError(code, temporary=True)), t)
        return None

    async def _update(
        self, client: AsyncWebClient, view: Mapping[str, Any], form: Form, request: _Request
    ) -> None:
        try:
            await client.views_update(view_id=str(view["id"]), view=form.view())
        except SlackApiError as error:
            # The person closed it meanwhile.
            _log.info("form_not_updated", listener=request.name, error=type(error).__name__)

    def _submitted(self, request: _Request, work: Work) -> asyncio.Future[_Outcome]:
        return asyncio.get_running_loop().run_in_executor(self._pool, self._submit, request, work)

    def _submit(self, request: _Request, work: Work) -> _Outcome:
        """In a thread of the pool.  Never raises."""
        log = _log.bind(listener=request.name)
        t = Translator(self._desk.settings.locale)
        try:
            asked = self._asked(request)
            t = asked.t
            answer = work(asked)
            form = forms.of_content(answer, t) if isinstance(answer, Content) else answer
            return _Outcome(form=form, t=t)
        except InvalidFormError as error:
            log.info("form_refused", fields=error.data["fields"])
            said = {p.name: forms.problem_sentence(p, t) for p in error.problems}
            return _Outcome(errors=said, sentence="\n".join(said.values()), t=t)
        except Exception as error:
            self._note_refusal(error, request)
            return _Outcome(sentence=self._sentence(error, t, log), t=t)

    @contextmanager
    def _tracked(self) -> Iterator[None]:
        """Work under way, for `drain`."""
        task = asyncio.current_task()
        if task is not None:
            self._running.add(task)
        try:
            yield
        finally:
            if task is not None:
                self._running.discard(task)

    def _asked(self, request: _Request) -> Asked:
        person = self._desk.people.identify(request.user)
        t = Translator(person.locale)
        return Asked(
            person=person,
            argument=request.argument,
            now=self._clock(),
            t=t,
            f=Formats(t.locale, person.zone),
            desk=self._desk,
            fields=field_values(request.view or {}),
            metadata=str((request.view or {}).get("private_metadata") or ""),
        )

    def _work(self, request: _Request, work: Work, log: Any) -> tuple[Answer, Translator]:
        """In a thread of the pool.  Never raises."""
        t = Translator(self._desk.settings.locale)
        try:
            asked = self._asked(request)
            t = asked.t
            return work(asked), t
        except InvalidFormError as error:
            log.info("form_refused", fields=error.data["fields"])
            return message([section(forms.problem_sentence(p, t)) for p in error.problems]), t
        except Exception as error:
            self._note_refusal(error, request)
            return message([section(self._sentence(error, t, log))]), t

    def _note_refusal(self, error: Exception, request: _Request) -> None:
        """PS10: who tried what their role does not permit stands in the audit trail."""
        if not isinstance(error, NotAllowedError):
            return
        try:
            note_refusal(
                self._desk.store,
                actor=self._desk.people.actor(request.user),
                what=str(error.data.get("action") or request.name),
                kind=error.kind,
                now=self._clock(),
            )
        except Exception as problem:
            # The refusal stands all the same, and whoever asked is told.
            _log.warning("refusal_not_noted", error=type(problem).__name__)

    def _sentence(self, error: Exception, t: Translator, log: Any) -> str:
        """What the person is told; the log learns what kind of failure it was, and never what was typed."""
        if isinstance(error, MusterError):
            log.info("request_refused", kind=error.kind)
            return errors.sentence(error, t)
        if isinstance(error, DeliveryError):
            log.warning("slack_did_not_answer", code=error.code)
            return errors.sentence(_slack_failed(error), t)
        known = as_muster_error(error)
        if known is not None:
            log.warning("database_did_not_answer", kind=known.kind)
            return errors.sentence(known, t)
        reference = secrets.token_hex(4)
        log.error("request_failed", reference=reference, exc_info=error)
        return errors.unexpected_sentence(reference, t)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """What Slack sent: a command, a press or a modal, whose ``view`` is given for the last two of them."""

    name: str
    user: str
    argument: str = ""
    trigger: str = ""
    view: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What became of a modal: wrong fields, a sentence for none of them, another form, or nothing: closed."""

    errors: Mapping[str, str] = field(default_factory=dict)
    sentence: str = ""
    form: Form | None = None
    t: Translator = field(default_factory=lambda: Translator("en"))

    def acknowledgement(self, view: Mapping[str, Any]) -> dict[str, Any]:
        """For Bolt's ``ack``.  A problem of a box to tick stands under its group, one of a field that is not
        shown under the first that is."""
        if self.form is not None:
            return {"response_action": "update", "view": self.form.view()}
        shown = [str(b["block_id"]) for b in view.get("blocks", ()) if b.get("type") == "input"]
        if not self.errors and not self.sentence:
            return {}
        if not shown:
            return {"response_action": "update", "view": forms.told(self.sentence, self.t).view()}
        boxes = _boxes(view)
        placed: dict[str, str] = {}
        for name, said in (self.errors or {shown[0]: self.sentence}).items():
            where = name if name in shown else boxes.get(name, shown[0])
            placed[where] = cut(f"{placed[where]} {said}" if where in placed else said, ERROR_CHARACTERS)
        return {"response_action": "errors", "errors": placed}


def _boxes(view: Mapping[str, Any]) -> dict[str, str]:
    """The block of each box to tick, by the box's value."""
    found: dict[str, str] = {}
    for block in view.get("blocks", ()):
        element = block.get("element") or {}
        if element.get("type") == "checkboxes":
            found |= {str(o["value"]): str(block["block_id"]) for o in element.get("options", ())}
    return found


def _slack_failed(error: DeliveryError) -> MusterError:
    return UnavailableError(
        "slack_call_failed",
        f"Slack refused or did not answer ({error.code}); nothing was changed. Try again in a minute.",
        code=error.code,
    )
