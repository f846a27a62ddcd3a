"""The stand-up of those who cannot be there (SR13): asked at their own time, told under the digest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.errors import FieldProblem, InvalidFormError
from bot.core.ids import AgentId, AnswerId, TeamId
from bot.core.privacy import findings
from scheduler.roster.shifts import Shift

__all__ = ["LONGEST", "RemoteAnswer", "answer_problems", "is_remote", "prompt_day"]

LONGEST: Final = 300
GRACE: Final = timedelta(hours=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteAnswer:
    """What somebody said of the team's day ``day``, in their own words."""

    answer: AnswerId
    team: TeamId
    agent: AgentId
    day: date
    done: str = ""
    next: str = ""
    blocked: str = ""


def prompt_day(at: time, zone: str, now: datetime) -> date | None:
    """The agent's local day whose prompt is due; None at any other time.

    >>> prompt_day(time(9), "Europe/Lisbon", datetime(2026, 11, 24, 9, 5, tzinfo=UTC))
    datetime.date(2026, 11, 24)
    """
    local = now.astimezone(ZoneInfo(zone))
    since = now - datetime.combine(local.date(), at, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return local.date() if timedelta(0) <= since < GRACE else None


def is_remote(
    meeting: datetime, *, length: timedelta, zone: str, team_zone: str, shifts: Sequence[Shift]
) -> bool:
    """Whether somebody who works that day cannot be at the meeting.

    True for another site, which is another time on the wall at the meeting, and where no shift of the day
    covers the meeting; False for who has no shift at all: nobody is asked on a day off.
    """
    if not shifts:
        return False
    elsewhere = (
        meeting.astimezone(ZoneInfo(zone)).utcoffset() != meeting.astimezone(ZoneInfo(team_zone)).utcoffset()
    )
    covered = any(s.start <= meeting and meeting + length <= s.end for s in shifts)
    return elsewhere or not covered


def answer_problems(done: str, following: str, blocked: str) -> None:
    """Raise InvalidFormError for no words at all, too many, or somebody's personal data."""
    typed = {"done": done.strip(), "next": following.strip(), "blocked": blocked.strip()}
    problems = [
        FieldProblem(name=name, kind="remote_personal" if findings(text) else "remote_long")
        for name, text in typed.items()
        if len(text) > LONGEST or findings(text)
    ]
    if not any(typed.values()):
        problems.append(FieldProblem(name="done", kind="remote_empty"))
    if problems:
        raise InvalidFormError(problems)
