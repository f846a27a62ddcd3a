"""Requests: exchanges of shifts that wait for people's word, and changes of shifts that were made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, Final, NewType

from bot.core.ids import AgentId, RosterId
from scheduler.repair.live import Fit
from scheduler.requests.verdicts import Trade
from scheduler.roster.shifts import Segment, Shift

__all__ = [
    "REFERRED",
    "Answer",
    "Cause",
    "MadeChange",
    "Request",
    "RequestId",
    "RequestState",
    "shift_from_json",
    "shift_json",
    "trades_from_json",
    "trades_json",
]

RequestId = NewType("RequestId", int)

REFERRED: Final = "referred:"
"""How the event of what an agent put before the leads begins."""


class Cause(Enum):
    """Why shifts change; the values stand in rows and messages."""

    SWAP = "swap"
    GIVE = "give"
    CHAIN = "chain"
    LEAVE = "leave"
    ABSENCE = "absence"
    REPAIR = "repair"
    OVERTIME = "overtime"
    GO_HOME = "go_home"
    UNDONE = "undone"
    BREAK_MOVED = "break_moved"
    SESSION_PUT_OFF = "session_put_off"  # training or a meeting, for work at a queue
    COACHING = "coaching"  # a talk was booked into two shifts
    COACHING_OFF = "coaching_off"  # and is off again
    REPLANNED = "replanned"  # a new version inside the notice: made once the agent agrees
    PUBLISHED = "published"  # a new version, already live: only to be confirmed


class RequestState(Enum):
    """PROPOSED: one way to mend that a lead may choose, or what an agent asks of the leads; nobody else has
    been asked.  OVERTAKEN: the roster had changed by the time it was agreed or decided, and it could no
    longer be.
    """

    PROPOSED = "proposed"
    OPEN = "open"
    DONE = "done"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    OVERTAKEN = "overtaken"


class Answer(Enum):
    """What somebody asked has said.  No answer in time counts as no."""

    WAITING = "waiting"
    YES = "yes"
    NO = "no"
    NOT_TODAY = "not_today"  # no, and no other offer of hours on this day


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An exchange of shifts that is made once everybody in ``answers`` agreed.

    ``asker``: the agent it is for; None where a lead proposed it (``made_by`` says who, whatever the case).
    ``ends_at``: the time by which answers count.  ``posts``: dedupe keys of the messages that ask.
    ``event``: what it answers to, where there are several ways; all of them have the same.
    ``ended_by`` whom and when, once it has ended; "muster" where it did by itself.
    """

    request: RequestId
    cause: Cause
    roster: RosterId
    asker: AgentId | None
    trades: tuple[Trade, ...]
    answers: Mapping[AgentId, Answer]
    state: RequestState
    made_at: datetime
    made_by: str
    ends_at: datetime
    posts: tuple[str, ...] = ()
    event: str | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None

    @property
    def is_agreed(self) -> bool:
        """Everybody asked has said yes."""
        return all(a is Answer.YES for a in self.answers.values())

    @property
    def is_referred(self) -> bool:
        """Rules could not decide it: it lies before the leads, who may grant it or not (SCENARIOS P9)."""
        return self.state is RequestState.PROPOSED and self.asker is not None

    @property
    def was_referred(self) -> bool:
        """It lies or lay before the leads because rules could not decide it."""
        return self.asker is not None and self.event is not None and self.event.startswith(REFERRED)

    @property
    def people(self) -> tuple[AgentId, ...]:
        """Everybody whose shifts it changes."""
        return tuple(AgentId(t.agent) for t in self.trades)

    def trade_of(self, agent: str) -> Trade | None:
        """What it does to one person."""
        return next((t for t in self.trades if t.agent == agent), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeChange:
    """One person's shift as it was and as it became (None: none); ``by`` whom, and for which request."""

    roster: RosterId
    agent: AgentId
    day: date
    before: Shift | None
    after: Shift | None
    cause: Cause
    by: str
    at: datetime
    request: RequestId | None = None


def shift_json(shift: Shift) -> dict[str, Any]:
    """Plain JSON, instants in ISO 8601."""
    return {
        "date": shift.date.isoformat(),
        "start": shift.start.isoformat(),
        "end": shift.end.isoformat(),
        "template": shift.template,
        "segments": [
            {"activity": s.activity, "start": s.start.isoformat(), "end": s.end.isoformat(), "paid": s.paid}
            for s in shift.segments
        ],
    }


def shift_from_json(data: Mapping[str, Any]) -> Shift:
    """The shift again, equal to the one written."""
    return Shift(
        date=date.fromisoformat(data["date"]),
        start=datetime.fromisoformat(data["start"]),
        end=datetime.fromisoformat(data["end"]),
        template=data["template"],
        segments=tuple(
            Segment(
                activity=s["activity"],
                start=datetime.fromisoformat(s["start"]),
                end=datetime.fromisoformat(s["end"]),
                paid=s["paid"],
            )
            for s in data["segments"]
        ),
    )


def trades_json(trades: tuple[Trade, ...]) -> list[dict[str, Any]]:
    """Plain JSON of trades."""
    return [
        {
            "agent": t.agent,
            "gone": [shift_json(s) for s in t.gone],
            "come": [shift_json(s) for s in t.come],
            "fit": t.fit.value,
        }
        for t in trades
    ]


def trades_from_json(data: list[dict[str, Any]]) -> tuple[Trade, ...]:
    """The trades again."""
    return tuple(
        Trade(
            agent=t["agent"],
            gone=tuple(shift_from_json(s) for s in t["gone"]),
            come=tuple(shift_from_json(s) for s in t["come"]),
            fit=Fit(t["fit"]),
        )
        for t in data
    )
