"""One Slack workspace as plain state: people, conversations, views, files, and what the app did.

Everything that changes it holds `lock`; whoever waits for a change waits on `changed`. Time comes from `now`.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bot.playground import limits
from bot.playground.errors import JSON, SlackError
from bot.playground.model import Channel, File, Message, ResponseUrl, Trigger, User, Usergroup, View, with_ids
from bot.playground.rates import RateLimits, Rates
from bot.playground.records import ApiCall, Complaint, ComplaintKind, Delivery, EarlyRetry, Refusal
from bot.playground.scopes import ALL_SCOPES


@dataclass(slots=True, kw_only=True)
class AppSettings:
    """The app as installed: its credentials and what was granted to it."""

    id: str = "A0000001"
    bot_token: str = field(default_factory=lambda: f"xoxb-{secrets.token_hex(12)}")
    app_token: str = field(default_factory=lambda: f"xapp-{secrets.token_hex(12)}")
    signing_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    scopes: set[str] = field(default_factory=lambda: set(ALL_SCOPES))
    commands: set[str] | None = None  # registered slash commands; None takes any
    events: set[str] | None = None  # subscribed event types; None takes any
    revoked: bool = False
    home_tab: bool = True
    messages_tab: bool = True


class Workspace:
    """The workspace. Names are unique: a user's by handle, a channel's without the hash."""

    def __init__(
        self,
        *,
        name: str = "Harbour",
        now: Callable[[], float] = time.time,
        limits: RateLimits | None = None,
        app: AppSettings | None = None,
    ) -> None:
        self.team_id = "T0000001"
        self.name = name
        self.domain = name.lower().replace(" ", "-")
        self.now = now
        self.base_url = ""  # set by the server once it listens
        self.app = app or AppSettings()
        self.rates = Rates(limits or RateLimits(), now)
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.views: dict[str, View] = {}
        self.homes: dict[str, View] = {}
        self.files: dict[str, File] = {}
        self.usergroups: dict[str, Usergroup] = {}
        self.everybody_changes_usergroups = True  # a setting of the workspace; bots need it
        self.paid = True  # user groups come with a paid plan
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.tickets: set[str] = set()
        self.uploads: dict[str, str] = {}
        self.ephemerals: list[Message] = []
        self.complaints: list[Complaint] = []
        self.refusals: list[Refusal] = []
        self.calls: list[ApiCall] = []
        self.deliveries: list[Delivery] = []
        self._count = 0
        self._last_ts = 0.0
        self.bot_id = "B0000001"
        self.bot = self.add_user("muster", real_name="Muster", bot=True)

    # -- furnishing -----------------------------------------------------------------------------------------

    def add_user(
        self,
        name: str,
        *,
        real_name: str | None = None,
        email: str | None = None,
        locale: str = "en-US",
        tz: str = "Europe/London",
        guest: bool = False,
        single_channel: bool = False,
        stranger: bool = False,
        bot: bool = False,
        user_id: str | None = None,
    ) -> User:
        """A new person. The e-mail defaults to `name@example.org`; an empty one means they have none.

        `guest` of several channels or of a `single_channel`; a `stranger` belongs to another workspace.
        """
        with self.changed:
            if any(user.name == name for user in self.users.values()):
                raise ValueError(f"there is already a user {name!r}")
            user = User(
                id=user_id or self.new_id("U"),
                name=name,
                real_name=real_name or name,
                email=None if bot or email == "" else (email or f"{name}@example.org"),
                locale=locale,
                tz=tz,
                guest=guest,
                single_channel=single_channel,
                stranger=stranger,
                bot=bot,
            )
            self.users[user.id] = user
            return user

    def add_channel(
        self,
        name: str,
        *,
        members: Iterable[str] = (),
        private: bool = False,
        archived: bool = False,
        with_bot: bool = True,
        ext_shared: bool = False,
        org_shared: bool = False,
        pending_ext_shared: bool = False,
        channel_id: str | None = None,
    ) -> Channel:
        """A new channel. `members` by name, id or e-mail; the bot is one unless `with_bot` is false."""
        with self.changed:
            if any(c.name == name and c.im_user is None for c in self.channels.values()):
                raise ValueError(f"there is already a channel {name!r}")
            ids = [self.bot.id] if with_bot else []
            for member in members:
                self._admit(self.user(member), name, ext_shared=ext_shared)
                ids.append(self.user(member).id)
            channel = Channel(
                id=channel_id or self.new_id("C"),
                name=name,
                private=private,
                archived=archived,
                members=ids,
                created=int(self.now()),
                ext_shared=ext_shared,
                org_shared=org_shared,
                pending_ext_shared=pending_ext_shared,
            )
            self.channels[channel.id] = channel
            return channel

    def invite(self, channel: str, user: str) -> None:
        """Somebody joins a channel. ValueError where Slack would not let them."""
        with self.changed:
            place, person = self.channel(channel), self.user(user)
            self._admit(person, place.name, ext_shared=place.ext_shared)
            if person.id not in place.members:
                place.members.append(person.id)

    def _admit(self, user: User, channel: str, *, ext_shared: bool) -> None:
        if user.stranger and not ext_shared:
            raise ValueError(f"{user.name!r} is of another workspace and {channel!r} is not shared with it")
        if user.single_channel and any(user.id in c.members for c in self.channels.values() if not c.im_user):
            raise ValueError(f"{user.name!r} is a guest of one channel and has it already")

    def add_usergroup(self, handle: str, *, members: Iterable[str] = ()) -> Usergroup:
        with self.changed:
            ids = [self.user(member).id for member in members]
            group = Usergroup(id=self.new_id("S"), handle=handle, name=handle, users=ids)
            self.usergroups[group.id] = group
            return group

    # -- finding --------------------------------------------------------------------------------------------

    def user(self, key: str) -> User:
        """By id, handle or e-mail; KeyError when there is none."""
        if key in self.users:
            return self.users[key]
        for user in list(self.users.values()):
            if user.name == key.removeprefix("@") or (user.email and user.email.lower() == key.lower()):
                return user
        raise KeyError(f"no user {key!r} in the workspace")

    def channel(self, key: str) -> Channel:
        """By id or name; KeyError when there is none."""
        if key in self.channels:
            return self.channels[key]
        for channel in list(self.channels.values()):
            if channel.im_user is None and channel.name == key.removeprefix("#"):
                return channel
        raise KeyError(f"no channel {key!r} in the workspace")

    def dm(self, user_id: str) -> Channel:
        """The conversation between this person and the bot, made when first asked for."""
        for channel in self.channels.values():
            if channel.im_user == user_id:
                return channel
        members = [self.bot.id, user_id]
        channel = Channel(id=self.new_id("D"), name="", private=True, members=members, im_user=user_id)
        self.channels[channel.id] = channel
        return channel

    def find_message(self, channel_id: str, ts: str) -> Message | None:
        channel = self.channels.get(channel_id)
        message = channel.by_ts.get(ts) if channel else None
        return None if message is None or message.deleted else message

    @property
    def early_retries(self) -> list[EarlyRetry]:
        return self.rates.early_retries

    # -- changing -------------------------------------------------------------------------------------------

    def new_id(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count:08d}"

    def new_ts(self) -> str:
        """Slack's message id: seconds with six decimals, never twice and never running backwards."""
        with self.lock:
            self._last_ts = max(self.now(), self._last_ts + 1e-5)
            return f"{self._last_ts:.6f}"

    def post(self, message: Message) -> Message:
        with self.changed:
            message.blocks = with_ids(message.blocks, self.new_id("b"))
            if message.ephemeral_to is not None:
                self.ephemerals.append(message)
            else:
                self.channels[message.channel].add(message)
            self.changed.notify_all()
            return message

    def edit(self, message: Message, text: str, blocks: list[JSON]) -> None:
        with self.changed:
            message.versions.append((message.text, message.blocks))
            message.text, message.blocks = text, with_ids(blocks, self.new_id("b"))
            message.edited_ts = self.new_ts()
            self.changed.notify_all()

    def touched(self) -> None:
        """Tell those who wait that something changed."""
        with self.changed:
            self.changed.notify_all()

    # -- what an operator fears ----------------------------------------------------------------------------

    def archive(self, channel: str) -> None:
        self.channel(channel).archived = True

    def remove_bot(self, channel: str) -> None:
        self.channel(channel).members.remove(self.bot.id)

    def deactivate(self, user: str) -> None:
        self.user(user).deleted = True

    def revoke_tokens(self) -> None:
        self.app.revoked = True

    # -- triggers, and what is written down -----------------------------------------------------------------

    def new_trigger(self, user_id: str, view: str | None = None) -> str:
        with self.lock:
            trigger = f"{self._count}.{secrets.token_hex(8)}"
            self.triggers[trigger] = Trigger(user=user_id, at=self.now(), view=view)
            return trigger

    def use_trigger(self, trigger_id: str) -> Trigger:
        """Spend a trigger; refused when unknown, used before, or older than three seconds."""
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self.now() - trigger.at > limits.TRIGGER_SECONDS:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger

    def complain(self, kind: ComplaintKind, method: str, detail: str) -> None:
        with self.changed:
            self.complaints.append(Complaint(kind=kind, method=method, at=self.now(), detail=detail))

    def refuse(
        self,
        method: str,
        error: str,
        *,
        messages: Iterable[str] = (),
        status: int = 200,
        wait: int | None = None,
    ) -> None:
        with self.changed:
            refusal = Refusal(
                method=method,
                error=error,
                at=self.now(),
                messages=tuple(messages),
                status=status,
                retry_after=wait,
            )
            self.refusals.append(refusal)
            self.changed.notify_all()
