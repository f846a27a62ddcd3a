"""What stands in Slack at the end of a run against what had to be told, and against what Muster noted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from bot.core.messages import DeliveryState
from bot.playground import ApiCall, FaultKind, Message, StandInSlack, Workspace
from bot.store.engine import reading
from bot.store.tables import OutboxRow
from bot.store.unit_of_work import Store
from tests.benchmarks.faults.scenario import CARD, NEWS, OVER, Told

UNSURE = frozenset(
    kind.value
    for kind in (
        FaultKind.SERVER_ERROR,
        FaultKind.HTML,
        FaultKind.DROP_BEFORE,
        FaultKind.DROP_AFTER,
        FaultKind.ERROR_AFTER,
    )
)
"""After these the caller cannot know whether its post was taken."""


@dataclass(frozen=True, kw_only=True)
class Tally:
    """``problems``: what broke a promise besides the counts, in words."""

    expected: int
    delivered: int
    lost: int
    doubled: int
    early_retries: int
    problems: tuple[str, ...] = field(default=())

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.early_retries or self.problems)


def unfinished(store: Store) -> int:
    """Messages that still wait or are being sent."""
    states = (DeliveryState.WAITING.value, DeliveryState.SENDING.value)
    with reading(store.engine).connect() as connection:
        return len(connection.execute(select(OutboxRow.id).where(OutboxRow.state.in_(states))).all())


def told(store: Store, slack: StandInSlack) -> Counter[Told]:
    """What people can read in Slack, by the metadata of the posts.

    An alert is a card of a case in a place, and OVER once the card says so.  News in its thread are as many
    as changes found the card standing, which is a matter of chance; said twice they count as too much.
    """
    with reading(store.engine).connect() as connection:
        rows = {row.id: row for row in connection.execute(select(OutboxRow.__table__))}
    found: Counter[Told] = Counter()
    news: Counter[tuple[str, Told]] = Counter()
    for place, post in _posts(slack.workspace):
        row = rows.get(_payload(post).get("id"))
        if row is None or _payload(post).get("dedupe_key") != row.dedupe_key:
            found[Told(kind="unknown", ref=post.ts, place=place)] += 1
        elif row.kind == NEWS:
            news[row.dedupe_key, _told(row, place)] += 1
        else:
            found[_told(row, place)] += 1
            if row.kind == CARD and post.text.startswith("Over"):
                found[Told(kind=OVER, ref=str(row.payload["ref"]), place=place)] += 1
    for (_, said), times in news.items():
        if times > 1:
            found[said] += times - 1
    return found


def take(
    store: Store, slack: StandInSlack, expected: Counter[Told], *, killed_at: Sequence[float], unnoted: float
) -> Tally:
    """The count of a run that has ended.

    A Retry-After told to a process that was killed within ``unnoted`` seconds cannot have been written down,
    and nobody can keep it: such a call is no early retry.
    """
    found = told(store, slack)
    surplus = found - expected
    early = [
        e
        for e in slack.workspace.rates.early_retries
        if not any(e.told_at <= kill <= e.told_at + unnoted for kill in killed_at)
    ]
    return Tally(
        expected=expected.total(),
        delivered=(found & expected).total(),
        lost=(expected - found).total(),
        doubled=surplus.total(),
        early_retries=len(early),
        problems=(
            *(f"not told: {t}" for t in sorted((expected - found).elements())),
            *(f"too much: {t}" for t in sorted(surplus.elements())),
            *(f"early: {e}" for e in early),
            *_rows(store, slack.workspace),
            *_repeated_blindly(slack.workspace.calls),
            *(f"refused by Slack: {r.method} {r.error}" for r in slack.workspace.refusals if r.status == 200),
        ),
    )


def _posts(workspace: Workspace) -> Iterator[tuple[str, Message]]:
    with workspace.lock:
        for channel in workspace.channels.values():
            user = workspace.users.get(channel.im_user) if channel.im_user else None
            place = f"@{user.name}" if user else f"#{channel.name}"
            for post in channel.messages:
                if post.user == workspace.bot.id and not post.deleted:
                    yield place, post


def _payload(post: Message) -> Mapping[str, Any]:
    payload: Mapping[str, Any] = (post.metadata or {}).get("event_payload") or {}
    return payload


def _told(row: Any, place: str) -> Told:
    return Told(kind=row.kind, ref=str(row.payload.get("ref", "")), place=place)


def _rows(store: Store, workspace: Workspace) -> Iterator[str]:
    """Nothing is marked sent without the timestamp of a post that stands; nothing was given up."""
    with reading(store.engine).connect() as connection:
        rows = connection.execute(select(OutboxRow.__table__)).all()
    for row in rows:
        if row.state == DeliveryState.SENT.value:
            if not row.ts or not row.channel or workspace.find_message(row.channel, row.ts) is None:
                yield f"marked sent without a post: {row.dedupe_key}"
        elif row.state != DeliveryState.DROPPED.value:
            yield f"left {row.state} ({row.last_error}): {row.dedupe_key}"


def _repeated_blindly(calls: list[ApiCall]) -> Iterator[str]:
    """A post whose fate was not known is looked up before it is repeated."""
    unsure: dict[str, bool] = {}
    looked_up = 0
    seen_at: dict[str, int] = {}
    for call in calls:
        if call.method in {"conversations.history", "conversations.replies"} and call.accepted:
            looked_up += 1
        if call.method != "chat.postMessage" or call.fault == FaultKind.HANG_BEFORE.value:
            continue  # one that hung was written down when it ended, out of its order
        key = str(_metadata(call).get("dedupe_key"))
        if unsure.get(key) and seen_at[key] == looked_up:
            yield f"repeated without a look: {key}"
        unsure[key] = call.fault in UNSURE
        seen_at[key] = looked_up


def _metadata(call: ApiCall) -> Mapping[str, Any]:
    given = call.arguments.get("metadata") or {}
    metadata = json.loads(given) if isinstance(given, str) else given
    payload: Mapping[str, Any] = metadata.get("event_payload") or {}
    return payload
