"""A person at Slack: what they can do, and what they see."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

from bot.playground import payloads
from bot.playground.acknowledgements import close_all
from bot.playground.api.shapes import message_json, view_json
from bot.playground.carrier import Carrier
from bot.playground.errors import JSON
from bot.playground.model import Channel, File, Message, User, View, elements
from bot.playground.outcome import Outcome, top_modal
from bot.playground.records import Delivery
from bot.playground.values import NotPossible, action_of, empty_required, state_of
from bot.playground.workspace import Workspace

T = TypeVar("T")
Run = Callable[[Coroutine[Any, Any, T]], T]


class Person:
    """Gestures block until the app has acknowledged (3 s at most). NotPossible: Slack would not let them."""

    def __init__(self, ws: Workspace, user: User, carrier: Carrier, run: Run[tuple[Delivery, JSON]]) -> None:
        self.user = user
        self._ws = ws
        self._carrier = carrier
        self._run = run

    # -- doing ----------------------------------------------------------------------------------------------

    def command(self, command: str, text: str = "", *, channel: str | None = None) -> Outcome:
        """Type `/command text` in a channel, or in the DM with the bot."""
        name, _, rest = command.partition(" ")
        with self._ws.lock:
            if self.user.stranger:
                raise NotPossible("people of another workspace do not see this workspace's commands")
            place = self._place(channel)
            registered = self._ws.app.commands
            if "commands" not in self._ws.app.scopes or (registered is not None and name not in registered):
                raise NotPossible(f"{name} is not a valid command", "unknown_command")
            started = self._ws.new_ts()
            payload = payloads.slash_command(self._ws, self.user, place, name, f"{rest} {text}".strip())
        delivery, ack = self._run(self._carrier.command(self.user, place, payload))
        return self._outcome(place, started, delivery, ack)

    def press(
        self,
        place: Message | View,
        what: str,
        *,
        block_id: str | None = None,
        value: str | None = None,
        seen: int | None = None,
        typed: Mapping[str, Any] | None = None,
    ) -> Outcome:
        """Press a button, named by action_id or label, and by `block_id` or its `value` where several match.

        `typed`: what stands in the fields of the modal, as for `submit`.
        `seen=0` presses what the message showed when it was posted, whatever has become of it: a screen that
        had not caught up, a second click, twenty people at once.
        """
        return self._act(place, what, None, block_id=block_id, value=value, seen=seen, typed=typed)

    def choose(
        self,
        place: Message | View,
        what: str,
        chosen: Any,
        *,
        block_id: str | None = None,
        typed: Mapping[str, Any] | None = None,
    ) -> Outcome:
        """Choose in a select, date picker, checkboxes: by value or label, people and channels by name."""
        return self._act(place, what, chosen, block_id=block_id, typed=typed)

    def options(self, place: Message | View, what: str, typed: str = "") -> list[JSON]:
        """What an external select offers for the letters typed."""
        block_id, element = self._element(place, place.blocks, what, None, None)
        with self._ws.lock:
            payload = payloads.suggestion(self._ws, self.user, place, block_id, element, typed)
        _, ack = self._run(self._carrier.interaction(payload))
        groups = ack.get("option_groups") or [{"options": ack.get("options") or []}]
        return [option for group in groups for option in group["options"]]

    def submit(self, view: View, values: Mapping[str, Any] | None = None) -> Outcome:
        """Fill in the fields, by action_id or block_id, and send. Fields not named stay as shown."""
        if not view.open or view.user != self.user.id:
            raise NotPossible("this modal is not open any more", "gone")
        if not view.body.get("submit"):
            raise NotPossible("this modal has no button to submit")
        state = state_of(self._ws, view, values or {})
        missing = empty_required(view, state)
        if missing:
            raise NotPossible(f"please complete these required fields: {', '.join(missing)}")
        with self._ws.lock:
            started = self._ws.new_ts()
            payload = payloads.view_submission(self._ws, self.user, view, state)
        delivery, ack = self._run(self._carrier.submission(view, payload))
        return self._outcome(None, started, delivery, ack, view)

    def close(self, view: View, *, all_of_them: bool = False) -> Outcome:
        """Close this modal, or the whole stack; the app hears of it only if it asked to."""
        if not view.open:
            raise NotPossible("this modal is not open any more", "gone")
        with self._ws.changed:
            started = self._ws.new_ts()
            if all_of_them:
                close_all(self._ws, view)
            view.open = False
            self._ws.changed.notify_all()
            payload = payloads.view_closed(self._ws, self.user, view, cleared=all_of_them)
        if not view.body.get("notify_on_close"):
            return self._outcome(None, started, None, {}, view)
        delivery, ack = self._run(self._carrier.interaction(payload))
        return self._outcome(None, started, delivery, ack, view)

    def open_home(self) -> Outcome:
        """Look at the app's home tab; `outcome.home()` waits for what the app publishes."""
        with self._ws.lock:
            dm = self._ws.dm(self.user.id)
            fields: JSON = {"type": "app_home_opened", "user": self.user.id, "channel": dm.id, "tab": "home"}
            home = self._ws.homes.get(self.user.id)
            if home is not None:
                fields["view"] = view_json(self._ws, home)
        return self._event(None, fields)

    def say(self, channel: str | None, text: str, *, thread: Message | None = None) -> Outcome:
        """Write in a channel or, with None, to the bot; the app hears it where it is a member."""
        with self._ws.lock:
            place = self._place(channel)
            message = self._ws.post(
                Message(
                    ts=self._ws.new_ts(),
                    channel=place.id,
                    user=self.user.id,
                    text=text,
                    bot=False,
                    thread_ts=thread.ts if thread else None,
                )
            )
        return self._said(place, message)

    def upload(self, channel: str | None, name: str, content: bytes, text: str = "") -> Outcome:
        """Share a file in a channel or with the bot; the app is told, and may download it."""
        with self._ws.lock:
            place = self._place(channel)
            file = File(
                id=self._ws.new_id("F"),
                name=name,
                user=self.user.id,
                length=len(content),
                created=int(self._ws.now()),
                content=content,
                complete=True,
                channels=[place.id],
            )
            self._ws.files[file.id] = file
            message = Message(
                ts=self._ws.new_ts(),
                channel=place.id,
                user=self.user.id,
                text=text,
                bot=False,
                files=[file.id],
            )
            self._ws.post(message)
        shared = {"type": "file_shared", "file_id": file.id, "user_id": self.user.id, "channel_id": place.id}
        self._event(place, shared | {"file": {"id": file.id}})
        return self._said(place, message, subtype="file_share")

    def join(self, channel: str) -> Outcome:
        with self._ws.lock:
            place = self._ws.channel(channel)
            if place.private or place.archived:
                raise NotPossible(f"{self.user.name} cannot join {channel}")
            if self.user.id not in place.members:
                place.members.append(self.user.id)
            fields: JSON = {"type": "member_joined_channel", "user": self.user.id, "channel": place.id}
        return self._event(place, fields | {"channel_type": "C", "team": self._ws.team_id})

    # -- seeing ---------------------------------------------------------------------------------------------

    @property
    def dm(self) -> list[Message]:
        """The conversation with the bot, oldest first."""
        with self._ws.lock:
            return self._ws.dm(self.user.id).messages

    @property
    def ephemerals(self) -> list[Message]:
        """What was shown to this person alone, oldest first."""
        with self._ws.lock:
            return [m for m in self._ws.ephemerals if m.ephemeral_to == self.user.id and not m.deleted]

    @property
    def modal(self) -> View | None:
        """The modal in front, if one is open."""
        return top_modal(self._ws, self.user.id)

    @property
    def home(self) -> View | None:
        """The home tab as last published."""
        return self._ws.homes.get(self.user.id)

    def sees(self, channel: str) -> list[Message]:
        """A channel as this person sees it: its messages and their own ephemeral ones, oldest first."""
        place = self._ws.channel(channel)
        if place.private and self.user.id not in place.members:
            raise NotPossible(f"{self.user.name} does not see {channel}")
        mine = [m for m in self.ephemerals if m.channel == place.id]
        return sorted(place.messages + mine, key=lambda message: float(message.ts))

    # -- how ------------------------------------------------------------------------------------------------

    def _act(
        self,
        place: Message | View,
        what: str,
        chosen: Any,
        *,
        block_id: str | None = None,
        value: str | None = None,
        seen: int | None = None,
        typed: Mapping[str, Any] | None = None,
    ) -> Outcome:
        with self._ws.lock:
            self._check_visible(place, stale=seen is not None)
            started = self._ws.new_ts()
            blocks = place.blocks
            if seen is not None and isinstance(place, Message):
                blocks = place.shown(seen)[1]
            found_in, element = self._element(place, blocks, what, block_id, value)
            action = action_of(self._ws, found_in, element, chosen)
            if isinstance(place, View):
                state = state_of(self._ws, place, typed or {})
                payload = payloads.view_action(self._ws, self.user, place, action, state)
            else:
                state = {} if element["type"] == "button" else {found_in: {element["action_id"]: action}}
                payload = payloads.message_action(self._ws, self.user, place, action, state)
                if seen is not None and "message" in payload:
                    payload["message"] |= {"text": place.shown(seen)[0], "blocks": blocks}
        delivery, ack = self._run(self._carrier.interaction(payload))
        channel = self._ws.channels[place.channel] if isinstance(place, Message) else None
        return self._outcome(channel, started, delivery, ack, place if isinstance(place, View) else None)

    def _element(
        self, place: Message | View, blocks: list[JSON], what: str, block_id: str | None, value: str | None
    ) -> tuple[str, JSON]:
        everything = list(elements(blocks))
        found = [(b, e) for b, e in everything if e["action_id"] == what]
        if not found:
            found = [(b, e) for b, e in everything if e["type"] == "button" and e["text"]["text"] == what]
        if block_id is not None:
            found = [(b, e) for b, e in found if b == block_id]
        if value is not None:
            found = [(b, e) for b, e in found if e.get("value") == value]
        if len(found) != 1:
            shown = ", ".join(sorted({e["action_id"] for _, e in everything})) or "nothing"
            count = "no" if not found else f"{len(found)} times"
            kind = "modal or home" if isinstance(place, View) else "message"
            raise NotPossible(f"{count} {what!r} on this {kind}; there is: {shown}", "gone")
        return found[0]

    def _check_visible(self, place: Message | View, *, stale: bool) -> None:
        if self.user.deleted:
            raise NotPossible(f"{self.user.name} is deactivated")
        if isinstance(place, View):
            if place.user != self.user.id or not place.open:
                raise NotPossible("this view is not in front of this person", "gone")
            return
        if place.ephemeral_to not in (None, self.user.id):
            raise NotPossible("this message was shown to somebody else alone")
        channel = self._ws.channels[place.channel]
        if channel.private and self.user.id not in channel.members:
            raise NotPossible(f"{self.user.name} does not see this conversation")
        if place.deleted and not stale:
            raise NotPossible("this message is gone", "gone")

    def _place(self, channel: str | None) -> Channel:
        if self.user.deleted:
            raise NotPossible(f"{self.user.name} is deactivated")
        if channel is None:
            return self._ws.dm(self.user.id)
        place = self._ws.channel(channel)
        if place.archived or (place.private and self.user.id not in place.members):
            raise NotPossible(f"{self.user.name} cannot write in {channel}")
        return place

    def _said(self, place: Channel, message: Message, **more: Any) -> Outcome:
        kind = "im" if place.im_user else "group" if place.private else "channel"
        fields: JSON = message_json(self._ws, message) | {
            "channel": place.id,
            "channel_type": kind,
            "event_ts": message.ts,
            **more,
        }
        if self._ws.bot.id not in place.members:
            return self._outcome(place, message.ts, None, {})
        if f"<@{self._ws.bot.id}>" in message.text and kind != "im":
            self._event(place, fields | {"type": "app_mention"}, needs="app_mentions:read")
        scope = {"im": "im:history", "group": "groups:history", "channel": "channels:history"}[kind]
        return self._event(place, fields, needs=scope, name=f"message.{kind}s")

    def _event(
        self, place: Channel | None, fields: JSON, *, needs: str | None = None, name: str | None = None
    ) -> Outcome:
        with self._ws.lock:
            started = str(fields.get("event_ts") or self._ws.new_ts())
            subscribed = self._ws.app.events
            name = (name or str(fields["type"])).replace("message.ims", "message.im")
            if (subscribed is not None and name not in subscribed) or (
                needs is not None and needs not in self._ws.app.scopes
            ):
                return self._outcome(place, started, None, {})
            payload = payloads.event(self._ws, fields)
        delivery, ack = self._run(self._carrier.event(payload))
        return self._outcome(place, started, delivery, ack)

    def _outcome(
        self,
        channel: Channel | None,
        started: str,
        delivery: Delivery | None,
        ack: JSON,
        view: View | None = None,
    ) -> Outcome:
        return Outcome(
            workspace=self._ws,
            user=self.user,
            channel=channel,
            started=started,
            delivery=delivery,
            ack=ack,
            view=view,
        )
