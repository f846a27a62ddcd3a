"""What app.yaml says about records and departments."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from bot.core.case_ids import CASE_PATTERN, CUSTOMER_PATTERN, NumberPattern
from bot.core.contacts import ContactType
from bot.core.priorities import DEFAULT_RULES, PriorityRule
from bot.core.records import RecordRules

__all__ = ["Department", "RecordSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A department cases are handed to.  ``channel`` without '#'; ``name`` is shown to people.

    A group of our own for difficult cases (ES5) has a Slack ``user_group`` that is called, and a ``skill``
    by which the roster says who of it is on shift.
    """

    department: str
    name: str
    channel: str
    user_group: str | None = None
    skill: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSettings:
    """``within``: a call's record is due this long after its end (CR5), None never.

    ``chase_every`` counts the team's working time (ES6).  ``orphan_after``: an open case without any event
    for so long is listed to the leads (CR11).  ``supervisors`` and ``managers``: e-mail addresses (ES4).
    ``reconfirm_after``: customer data confirmed longer ago is to be confirmed again (CR22), None never.
    """

    case_id: NumberPattern = field(default_factory=lambda: NumberPattern(CASE_PATTERN))
    customer_no: NumberPattern = field(default_factory=lambda: NumberPattern(CUSTOMER_PATTERN))
    within: timedelta | None = timedelta(minutes=5)
    chase_every: timedelta = timedelta(hours=4)
    orphan_after: timedelta = timedelta(days=3)
    reconfirm_after: timedelta | None = timedelta(days=90)
    rules: RecordRules = field(
        default_factory=lambda: RecordRules(verified_types=frozenset({ContactType.AFTER_SALES}))
    )
    priorities: tuple[PriorityRule, ...] = DEFAULT_RULES
    complaint_skill: str = "complaint"
    supervisors: tuple[str, ...] = ()
    managers: tuple[str, ...] = ()
