"""The frame round every listener: acknowledge first, find out who asks, answer in their language.

Listeners run on the event loop and never block it; the use cases run in a thread pool of their own.
Every failure becomes an answer to whoever asked: what happened, what was not done, what to do.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
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
from bot.slack.blocks.home import Home
from bot.slack.blocks.kit import Content, cut, message, section
from bot.slack.commands.command import Asked, Command, Desk, run
from bot.slack.home.page import home, sentence_home
from bot.store.failures import as_muster_error
from bot.usecases.review_audit import note_refusal

__all__ = ["Frame", "Listener"]

Listener = Callable[..., Awaitable[None]]
Answer = Content | Form | None
Work = Callable[[Asked], Answer]

_SAID = frozenset({None, "file_share", "thread_broadcast"})
"""Kinds of messages that are a person's words; others tell of edits, joins and the like."""

SUBMISSION_SECONDS = 1.5
"""Slack takes the answer to a modal for three seconds, of which a busy machine needs some itself; work that
takes longer is shown when it is done."""

OPEN_SECONDS = 1.5
"""A press opens a modal for three seconds; an answer that takes longer takes the place of "working"."""
FROM_HOME = "home"
"""Type of the home's view, and ``private_metadata`` of modals that show what was pressed there."""
POST_TRIES = 3
SECONDS_A_POST = 1.1
LONGEST_PAUSE = 30.0

_log = structlog.get_logger("bot.slack")


class Frame:
    """Makes Bolt listeners from functions that take an `Asked` and return the answer, or None for none.

    A message answers whoever asked and nobody else; a `Form` opens as a modal, or replaces the one whose
    button was pressed.  What is done on a home, or in a modal it opened, is answered in a modal, and the home
    is drawn again.
    """

    def __init__(self, desk: Desk, *, pool: ThreadPoolExecutor, clock: Clock) -> None:
        self._desk = desk
        self._pool = pool
        self._clock = clock
        self._running: set[asyncio.Task[Any]] = set()
        self._drawing: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._next_to_draw: set[str] = set()
        self._posts_due: dict[str, float] = {}

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
                    argument=_chosen(action),
                    trigger=str(body.get("trigger_id") or ""),
                    view=body.get("view"),
                    pressed_at=_instant(action.get("action_ts")),
                ),
                work,
                respond=respond,
                client=client,
            )

        return listener

    def direct_message(self, work: Work, *, with_file: Work) -> Listener:
        """A listener for what a person writes to the bot; the words are the argument.  ``with_file``: for
        words beside a file.

        It answers in the conversation.  Slack sends an event again whose acknowledgement got lost: it is
        answered once.  What edits, bots and channels say is left alone.
        """

        async def listener(body: Mapping[str, Any], event: Mapping[str, Any], client: AsyncWebClient) -> None:
            user, channel = event.get("user"), event.get("channel")
            if event.get("channel_type") != "im" or event.get("bot_id") or not user or not channel:
                return
            if event.get("subtype") not in _SAID:
                return
            if not await self._first_time(str(body.get("event_id") or "")):
                return

            async def respond(*, text: str, blocks: list[Any], **_: Any) -> None:
                # As a command is answered: a post would take the second a message of the outbox waits for.
                await client.chat_postEphemeral(
                    channel=channel, user=user, text=text, blocks=blocks, thread_ts=event.get("thread_ts")
                )

            request = _Request(name="direct_message", user=str(user), argument=str(event.get("text") or ""))
            beside = event.get("subtype") == "file_share"
            await self._answer(request, with_file if beside else work, respond=respond, client=client)

        return listener

    async def _first_time(self, event: str) -> bool:
        """Whether nobody, of no replica, has heard this event yet; True where that cannot be found out."""

        def take() -> bool:
            with self._desk.store.unit() as uow:
                first = uow.job_slots.take("slack_event", event, self._clock())
                uow.commit()
            return first

        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, take)
        except Exception as error:
            # An answer too many is better than silence; the answer itself will say what is wrong.
            _log.warning("event_not_marked", error=type(error).__name__)
            return True

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
                if request.from_home:
                    await self._publish(client, request.user)

        return listener

    def home(self) -> Listener:
        """A listener for a home that was opened: it is drawn as it stands now."""

        async def listener(event: Mapping[str, Any], client: AsyncWebClient) -> None:
            # The same event tells of the tab with the messages.
            if event.get("tab") == "home":
                with self._tracked():
                    await self._publish(client, str(event["user"]))

        return listener

    def file(self, name: str, work: Work, *, is_own: Callable[[str], bool]) -> Listener:
        """A listener for a file given in a direct message; its id is the argument.

        Files of the bot itself (``is_own``), and those shared in channels, are nobody's request.
        """

        async def listener(event: Mapping[str, Any], client: AsyncWebClient) -> None:
            user, channel = str(event.get("user_id") or ""), str(event.get("channel_id") or "")
            if not user or is_own(user) or not channel.startswith("D"):
                return
            request = _Request(name=name, user=user, argument=str(event.get("file_id") or ""))

            async def respond(**said: Any) -> None:
                # Unlike an answer to a command this is a post, of which Slack takes one a second.
                await asyncio.sleep(self._until_next_post(channel))
                for _ in range(POST_TRIES):
                    try:
                        await client.chat_postMessage(
                            channel=channel, text=said["text"], blocks=said["blocks"]
                        )
                        return
                    except SlackApiError as error:
                        pause = _put_off(error)
                        if pause is None:
                            raise
                        await asyncio.sleep(pause)

            await self._answer(request, work, respond=respond, client=client)

        return listener

    def _until_next_post(self, channel: str) -> float:
        """Seconds until a conversation is due for another post of ours; it counts as made then."""
        now = asyncio.get_running_loop().time()
        due = max(now, self._posts_due.get(channel, now))
        self._posts_due[channel] = due + SECONDS_A_POST
        return due - now

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
                working = loop.run_in_executor(self._pool, self._work, request, work, log)
                held = await self._hold(client, request, working)
                answer, t = await working
                if held is not None:
                    form = _as_form(answer, t)
                    await client.views_update(view_id=held, view=form.view())
                    answer = None
                if isinstance(answer, Form):
                    answer = await self._show(client, request, answer, t)
                if answer is not None and request.view is not None:
                    metadata = FROM_HOME if request.from_home else ""
                    shown = forms.of_content(answer, t, metadata=metadata).view()
                    if request.on_home:
                        await client.views_open(trigger_id=request.trigger, view=shown)
                    else:
                        # On top of the modal, which keeps what was typed.
                        await client.views_push(trigger_id=request.trigger, view=shown)
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
            if request.from_home:
                await self._publish(client, request.user)

    async def _hold(
        self, client: AsyncWebClient, request: _Request, working: asyncio.Future[Any]
    ) -> str | None:
        """The id of a modal that says "working", where a press on a home is not answered soon."""
        if not request.from_home:
            return None
        done, _ = await asyncio.wait([working], timeout=OPEN_SECONDS)
        if done:
            return None
        show = client.views_open if request.on_home else client.views_push
        opened = await show(
            trigger_id=request.trigger, view=forms.working(Translator(self._desk.settings.locale)).view()
        )
        return str(opened["view"]["id"])

    async def _publish(self, client: AsyncWebClient, user: str) -> None:
        """Draw somebody's home as it stands now; one after the other, so that the newest stands last."""
        if user in self._next_to_draw:
            return  # whoever waits for its turn will draw what has just been done, too
        self._next_to_draw.add(user)
        log = _log.bind(listener="home")
        async with self._drawing[user]:
            self._next_to_draw.discard(user)
            started = perf_counter()
            loop = asyncio.get_running_loop()
            drawn = await loop.run_in_executor(self._pool, self._home, user, log)
            try:
                await client.views_publish(user_id=user, view=drawn.view())
            except Exception as error:
                # It stays as it was; opening it again draws it again.
                log.warning("home_not_published", error=type(error).__name__)
            else:
                log.info("home_published", seconds=round(perf_counter() - started, 3))

    async def _show(
        self, client: AsyncWebClient, request: _Request, form: Form, t: Translator
    ) -> Content | None:
        """Open a modal, or change the one that is open; what to say where Slack will not."""
        if request.view is not None and not request.on_home:
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
            metadata = FROM_HOME if request.from_home else ""
            form = forms.of_content(answer, t, metadata=metadata) if isinstance(answer, Content) else answer
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
            pressed_at=request.pressed_at,
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

    def _home(self, user: str, log: Any) -> Home:
        """In a thread of the pool.  Never raises: what went wrong stands on the home."""
        t = Translator(self._desk.settings.locale)
        try:
            asked = self._asked(_Request(name="home", user=user))
            t = asked.t
            return home(asked)
        except Exception as error:
            return sentence_home(self._sentence(error, t, log), t.text("home.button.refresh"))

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
    pressed_at: datetime | None = None

    @property
    def on_home(self) -> bool:
        """Whether a button of a home was pressed."""
        return self.view is not None and self.view.get("type") == FROM_HOME

    @property
    def from_home(self) -> bool:
        """Whether it was done on a home or in a modal that a home opened."""
        view = self.view or {}
        opened = str(view.get("callback_id") or "").startswith(f"{FROM_HOME}.")
        return self.on_home or opened or view.get("private_metadata") == FROM_HOME


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


def _instant(stamp: object) -> datetime | None:
    """A time as Slack writes it; None where it is none."""
    try:
        return datetime.fromtimestamp(float(str(stamp)), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _boxes(view: Mapping[str, Any]) -> dict[str, str]:
    """The block of each box to tick, by the box's value."""
    found: dict[str, str] = {}
    for block in view.get("blocks", ()):
        element = block.get("element") or {}
        if element.get("type") == "checkboxes":
            found |= {str(o["value"]): str(block["block_id"]) for o in element.get("options", ())}
    return found


def _as_form(answer: Answer, t: Translator) -> Form:
    """An answer to something done on a home, as a modal that is open already shows it."""
    if isinstance(answer, Content):
        return forms.of_content(answer, t, metadata=FROM_HOME)
    return forms.told("", t) if answer is None else answer


def _chosen(action: Mapping[str, Any]) -> str:
    """The value of a button that was pressed, or of the option that was chosen."""
    return str(action.get("value") or (action.get("selected_option") or {}).get("value") or "")


def _put_off(error: SlackApiError) -> float | None:
    """The seconds after which Slack will take it; None where waiting does not help."""
    response: Any = error.response
    if getattr(response, "status_code", None) != 429:
        return None
    seconds = float((getattr(response, "headers", None) or {}).get("Retry-After") or 1)
    return seconds if seconds <= LONGEST_PAUSE else None


def _slack_failed(error: DeliveryError) -> MusterError:
    return UnavailableError(
        "slack_call_failed",
        f"Slack refused or did not answer ({error.code}); nothing was changed. Try again in a minute.",
        code=error.code,
    )
