"""The things in a workspace. Mutable on purpose: this is the state of a server, not a decision."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.playground.checks.blocks import interactive
from bot.playground.errors import JSON


@dataclass(slots=True, kw_only=True, eq=False)
class User:
    id: str
    name: str
    real_name: str
    email: str | None
    locale: str
    tz: str
    deleted: bool = False
    guest: bool = False  # of several channels
    single_channel: bool = False  # a guest of one channel
    stranger: bool = False  # of another workspace, met in a shared channel
    bot: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class Message:
    """One message as it stands now; `versions` are the earlier (text, blocks), oldest first."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[JSON] = field(default_factory=list)
    bot: bool = True
    thread_ts: str | None = None
    metadata: JSON | None = None
    edited_ts: str | None = None
    versions: list[tuple[str, list[JSON]]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    pinned: bool = False
    deleted: bool = False
    ephemeral_to: str | None = None
    broadcast_reply: bool = False

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts

    def shown(self, version: int) -> tuple[str, list[JSON]]:
        """Text and blocks as they stood: 0 is how it was posted, -1 how it stands now."""
        return [*self.versions, (self.text, self.blocks)][version]

    def elements(self) -> Iterator[tuple[str, JSON]]:
        """Every (block_id, element) a person can use in this message."""
        yield from elements(self.blocks)

    def buttons(self) -> dict[str, str]:
        """action_id -> label of each button shown."""
        return {e["action_id"]: e["text"]["text"] for _, e in self.elements() if e["type"] == "button"}


@dataclass(slots=True, kw_only=True, eq=False)
class Channel:
    """A channel or a DM (`im_user` set). `messages` holds replies too, in the order of posting."""

    id: str
    name: str
    private: bool = False
    archived: bool = False
    members: list[str] = field(default_factory=list)
    topic: str = ""
    topics: list[str] = field(default_factory=list)  # every one that was set: Slack says each in the channel
    created: int = 0
    im_user: str | None = None
    ext_shared: bool = False  # with another organisation (Slack Connect)
    org_shared: bool = False  # with other workspaces of the organisation
    pending_ext_shared: bool = False  # an invitation is out
    posts: list[Message] = field(default_factory=list)
    by_ts: dict[str, Message] = field(default_factory=dict)
    replies: dict[str, list[Message]] = field(default_factory=dict)

    def add(self, message: Message) -> None:
        self.posts.append(message)
        self.by_ts[message.ts] = message
        if message.is_reply and message.thread_ts is not None:
            self.replies.setdefault(message.thread_ts, []).append(message)

    @property
    def messages(self) -> list[Message]:
        """What is there to read now: not deleted, replies included, oldest first."""
        return [message for message in list(self.posts) if not message.deleted]

    def thread(self, ts: str) -> list[Message]:
        """The message `ts` and its replies, those that are not deleted."""
        parent = self.by_ts.get(ts)
        found = ([parent] if parent is not None else []) + self.replies.get(ts, [])
        return [message for message in found if not message.deleted]


@dataclass(slots=True, kw_only=True, eq=False)
class View:
    """A modal or home tab. `state` is what Slack would send; `previous` is the view below it in the stack."""

    id: str
    user: str
    body: JSON
    hash: str
    root: str
    previous: str | None = None
    open: bool = True
    errors: dict[str, str] = field(default_factory=dict)
    response_url: str | None = None

    @property
    def title(self) -> str:
        return str(self.body.get("title", {}).get("text", ""))

    @property
    def callback_id(self) -> str:
        return str(self.body.get("callback_id") or "")

    @property
    def blocks(self) -> list[JSON]:
        return list(self.body.get("blocks") or [])

    def elements(self) -> Iterator[tuple[str, JSON]]:
        yield from elements(self.blocks)

    def buttons(self) -> dict[str, str]:
        return {e["action_id"]: e["text"]["text"] for _, e in self.elements() if e["type"] == "button"}


@dataclass(slots=True, kw_only=True, eq=False)
class File:
    id: str
    name: str
    user: str
    length: int
    created: int
    title: str = ""
    alt_text: str | None = None
    content: bytes | None = None
    complete: bool = False
    channels: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True, eq=False)
class Usergroup:
    id: str
    handle: str
    name: str
    users: list[str] = field(default_factory=list)
    disabled_at: int = 0  # seconds since 1970; 0 while it can be mentioned


@dataclass(slots=True, kw_only=True)
class Trigger:
    """Permission to open one modal, for three seconds."""

    user: str
    at: float
    view: str | None = None
    used: bool = False
    opened: str | None = None


@dataclass(slots=True, kw_only=True)
class ResponseUrl:
    """Permission to answer in a conversation: five times within thirty minutes."""

    user: str
    channel: str
    at: float
    message: Message | None = None
    uses: int = 0


def elements(blocks: list[JSON]) -> Iterator[tuple[str, JSON]]:
    for block in blocks:
        for element in interactive(block):
            yield block["block_id"], element


def with_ids(blocks: Any, new_id: str) -> list[JSON]:
    """A deep copy in which every block and interactive element has an id, as Slack hands them out."""
    copied: list[JSON] = copy.deepcopy(blocks) if isinstance(blocks, list) else []
    for i, block in enumerate(copied):
        block.setdefault("block_id", f"{new_id}{i}")
        for j, element in enumerate(interactive(block)):
            element.setdefault("action_id", f"{new_id}{i}a{j}")
    return copied
