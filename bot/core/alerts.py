"""Alert: somebody must know about a case, and it stays open until somebody takes it or it is over.

A case has one alert.  What is wrong stands in it as concerns: a promise running out, a promise broken, no
owner.  Everything here is a decision without input or output; the posts are `bot.usecases.alert_posts`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from bot.core.courses import Measure
from bot.core.ids import AgentId, AlertId, ContactRef, QueueId, StormId, TeamId
from bot.core.messages import Recipient


class ConcernKind(Enum):
    """What is wrong, least pressing first; each has its words in the catalogue (`alert.concern.<kind>`)."""

    WARNING = "warning"  # a promise runs out
    PROMISE_DUE = "promise_due"  # a promised action falls due
    RECORD_LATE = "record_late"  # a case without its record
    BLOCKED = "blocked"  # another department holds the case up
    OWNERLESS = "ownerless"  # open, and nobody owns it (CR12)
    ESCALATED = "escalated"  # somebody asked for the next level (ES2)
    OTHER = "other"
    COMPLAINT = "complaint"  # to be seen by a supervisor at once (ES1)
    PROMISE_BROKEN = "promise_broken"
    BREACH = "breach"  # a promise is broken

    @property
    def pressing(self) -> bool:
        """Whether it starts the escalation; the others tell those who can still prevent it."""
        return self not in _TOLD_ONCE

    @property
    def weight(self) -> int:
        """Grows with how pressing it is."""
        return tuple(ConcernKind).index(self)

    @property
    def ends_with_case(self) -> bool:
        """Whether it is over when the case is closed, whatever else there is to it."""
        return self in _OF_OPEN_CASES


_OF_OPEN_CASES: Final = frozenset(
    {
        ConcernKind.BLOCKED,
        ConcernKind.OWNERLESS,
        ConcernKind.ESCALATED,
        ConcernKind.OTHER,
        ConcernKind.COMPLAINT,
    }
)
_TOLD_ONCE: Final = frozenset({ConcernKind.WARNING, ConcernKind.PROMISE_DUE, ConcernKind.RECORD_LATE})


class Ending(Enum):
    """How a concern ended."""

    DONE = "done"
    MOVED = "moved"  # the promise is due later now
    CANCELLED = "cancelled"  # the promise is not given any more
    PAUSED = "paused"  # the case waits for the customer, and the clock stands still


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """One thing wrong with a case.  ``key`` says what it is about and stands once in an alert.

    ``since``: when it became true, whenever it was noticed.  ``due_at``: of the promise, where there is
    one.  ``fraction``: share of the time used, of a warning.  ``over_at``, ``over_by`` and ``ending``:
    when it ended, who ended it, and how.  ``excused``: name of a declared exception it falls under; it is
    told all the same.  ``noticed_at``: when Muster learned of it.
    """

    kind: ConcernKind
    key: str
    since: datetime
    measure: Measure | None = None
    due_at: datetime | None = None
    fraction: float | None = None
    over_at: datetime | None = None
    over_by: str | None = None
    ending: Ending | None = None
    excused: str | None = None
    noticed_at: datetime | None = None

    @property
    def live(self) -> bool:
        return self.over_at is None


def clock_key(measure: Measure, cycle: int = 0) -> str:
    """Key of the concern about a clock.

    >>> clock_key(Measure.FIRST_RESPONSE)
    'first_response:0'
    """
    return f"{measure.value}:{cycle}"


OWNERLESS_KEY: Final = "owner"


class AlertState(Enum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"  # comes back by itself
    RESOLVED = "resolved"  # every concern is over


UNANSWERED: Final = frozenset({AlertState.OPEN, AlertState.SNOOZED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Somebody was told: by which level of the chain (or ``warning``) and step, and when."""

    level: str
    recipient: Recipient
    at: datetime
    step: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """The one alert of a case.

    ``opened_at``: since when the escalation counts.  ``step`` is the step already told (-1: none),
    ``next_step_at`` when something is next to be done (a step, a repeat, the end of a snooze; None:
    nothing).  ``repeats``: how often it was said again after the last step.  ``answered_by``: who took or
    snoozed it, an agent id, or the Slack user id of a person who is not on the agents file.

    ``posts`` numbers the posts a case had so far, ``posted_at`` is when the present one began;
    ``revision`` grows with every change that is told.
    ``storm``: the group it is told in.  ``passed_over``: levels where nobody
    was, when the last step was told.
    """

    alert: AlertId
    ref: ContactRef
    queue: QueueId
    team: TeamId
    state: AlertState
    concerns: tuple[Concern, ...]
    opened_at: datetime
    posted_at: datetime
    step: int = -1
    next_step_at: datetime | None = None
    repeats: int = 0
    answered_by: str | None = None
    answered_at: datetime | None = None
    snoozed_until: datetime | None = None
    posts: int = 0
    revision: int = 0
    storm: StormId | None = None
    passed_over: tuple[str, ...] = ()
    told: tuple[Told, ...] = ()
    owner: AgentId | None = None

    @property
    def live(self) -> tuple[Concern, ...]:
        """Concerns that are not over, the most pressing first."""
        found = (c for c in self.concerns if c.live)
        return tuple(sorted(found, key=lambda c: (-c.kind.weight, c.due_at or c.since, c.key)))

    @property
    def pressing(self) -> bool:
        return any(c.kind.pressing for c in self.concerns if c.live)

    def concern(self, key: str) -> Concern | None:
        return next((c for c in self.concerns if c.key == key), None)


class Change(Enum):
    """What a concern did to an alert."""

    NOTHING = "nothing"  # known and told before
    WARNED = "warned"  # to be told to those who can still prevent it
    BROKEN = "broken"  # pressing: the escalation begins, or the news goes to those told before
    REOPENED = "reopened"  # was over and is true again


def new_alert(ref: ContactRef, queue: QueueId, team: TeamId, now: datetime) -> Alert:
    """An alert without concerns, not yet stored (number 0)."""
    return Alert(
        alert=AlertId(0),
        ref=ref,
        queue=queue,
        team=team,
        state=AlertState.RESOLVED,
        concerns=(),
        opened_at=now,
        posted_at=now,
    )


def raised(alert: Alert, concern: Concern, now: datetime, *, post_lives: timedelta) -> tuple[Alert, Change]:
    """The alert with a concern, and what that means.

    The same concern again changes nothing.  A pressing one opens the alert anew, whoever had it: who took
    the warning has not kept the promise.  A post older than ``post_lives`` is not used again.
    """
    known = alert.concern(concern.key)
    if known is not None and known.live and _same(known, concern):
        return alert, Change.NOTHING
    again = known is not None and not known.live and _same(known, concern)
    others = tuple(c for c in alert.concerns if c.key != concern.key)
    concern = replace(concern, noticed_at=now)
    pressing = concern.kind.pressing
    fresh = alert.state is AlertState.RESOLVED
    begins = pressing and (fresh or not alert.pressing or alert.state is not AlertState.OPEN)
    changed = replace(
        alert, concerns=(*(others if not fresh else _kept(others)), concern), revision=alert.revision + 1
    )
    if fresh or begins:
        changed = replace(
            changed,
            state=AlertState.OPEN,
            # What was over and is true again counts from now: its steps of old were told.
            opened_at=now if again else concern.since,
            step=-1,
            next_step_at=None,
            repeats=0,
            answered_by=None,
            answered_at=None,
            snoozed_until=None,
            storm=None,
            passed_over=(),
        )
    if now - alert.posted_at > post_lives and (fresh or pressing):
        changed = replace(changed, posts=alert.posts + 1, posted_at=now, told=())
    if again:
        return changed, Change.REOPENED
    return changed, Change.BROKEN if pressing else Change.WARNED


def ended(
    alert: Alert,
    keys: Collection[str],
    at: datetime,
    *,
    by: str | None = None,
    why: Ending = Ending.DONE,
    closed: bool = False,
) -> Alert | None:
    """The alert after concerns ended at ``at``; None where none of them was live.

    ``closed``: the case is, which ends what only open cases have.  With no live concern left the alert is
    resolved; with none that presses, nothing is escalated any more.
    """

    def over(concern: Concern) -> bool:
        return concern.live and (concern.key in keys or (closed and concern.kind.ends_with_case))

    if alert.state is AlertState.RESOLVED or not any(map(over, alert.concerns)):
        return None
    concerns = tuple(replace(c, over_at=at, over_by=by, ending=why) if over(c) else c for c in alert.concerns)
    changed = replace(alert, concerns=concerns, revision=alert.revision + 1)
    if not changed.live:
        return replace(changed, state=AlertState.RESOLVED, next_step_at=None, snoozed_until=None)
    if not changed.pressing and changed.state is AlertState.OPEN:
        return replace(changed, next_step_at=None)
    return changed


def taken(alert: Alert, by: str, at: datetime) -> Alert:
    """Somebody has it: nothing is escalated any more."""
    return replace(
        alert,
        state=AlertState.ACKNOWLEDGED,
        answered_by=by,
        answered_at=at,
        snoozed_until=None,
        next_step_at=None,
        revision=alert.revision + 1,
    )


def snoozed(alert: Alert, by: str, at: datetime, until: datetime) -> Alert:
    """It stays away until ``until`` and comes back by itself."""
    return replace(
        alert,
        state=AlertState.SNOOZED,
        answered_by=by,
        answered_at=at,
        snoozed_until=until,
        next_step_at=until,
        revision=alert.revision + 1,
    )


def opened_again(alert: Alert, next_step_at: datetime | None) -> Alert:
    """Nobody has it any more: the escalation goes on where it stood."""
    return replace(
        alert,
        state=AlertState.OPEN,
        answered_by=None,
        answered_at=None,
        snoozed_until=None,
        next_step_at=next_step_at,
        revision=alert.revision + 1,
    )


def told(alert: Alert, level: str, recipients: Iterable[Recipient], at: datetime) -> Alert:
    """Note who was told, the latest level of each."""
    named = tuple(recipients)
    places = {r.place for r in named}
    kept = tuple(t for t in alert.told if t.recipient.place not in places)
    return replace(
        alert, told=(*kept, *(Told(level=level, recipient=r, at=at, step=alert.step) for r in named))
    )


def post_key(alert: Alert, recipient: Recipient, *, spare: int = 0) -> str:
    """Dedupe key of an alert's post to a recipient; ``spare``: posts to them that failed before.

    >>> from datetime import UTC
    >>> from bot.core.messages import RecipientKind
    >>> at = datetime(2026, 11, 22, 2, 10, tzinfo=UTC)
    >>> fresh = new_alert(ContactRef("GD1"), QueueId("chat"), TeamId("harbour"), at)
    >>> alert = replace(fresh, alert=AlertId(7))
    >>> post_key(alert, Recipient(kind=RecipientKind.CHANNEL, name="harbour-alerts"))
    'alert:7:0:channel:harbour-alerts'
    """
    end = f":{spare}" if spare else ""
    return f"alert:{alert.alert}:{alert.posts}:{recipient.kind.value}:{recipient.name}{end}"


def repeat_after(repeats: int, *, first: timedelta, most: timedelta) -> timedelta:
    """Wait before the next repeat after ``repeats`` of them: doubled each time, at most ``most``.

    >>> minutes = [repeat_after(n, first=timedelta(minutes=15), most=timedelta(hours=1)) for n in range(4)]
    >>> [int(m.total_seconds() // 60) for m in minutes]
    [15, 30, 60, 60]
    """
    return min(first * (1 << min(repeats, 20)), most)


def _same(known: Concern, concern: Concern) -> bool:
    """Whether this was told: a broken promise stays told, a warning at another fraction is another."""
    if known.due_at != concern.due_at:
        return False
    if known.kind is concern.kind:
        return known.fraction == concern.fraction
    return known.kind.weight > concern.kind.weight


def _kept(concerns: Iterable[Concern]) -> tuple[Concern, ...]:
    """What still stands in the card of an alert that begins again: the last few that are over."""
    return tuple(concerns)[-3:]
