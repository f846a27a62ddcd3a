"""ContactRecord: the filled form of one case, a superset of the tables of S0, S3 and S4 (CR1 to CR3).

The form holds texts of and about a customer.  They live in the record and nowhere else: no event, message,
channel or log carries them.  Names are masked and telephone numbers cut before a record exists; identity
and card numbers and addresses are refused (PS1, PS2).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final, Literal, TypeVar

from bot.core import privacy
from bot.core.allowed_text import TextProblem, code_problem, reference_problem
from bot.core.contacts import ContactType
from bot.core.errors import FieldProblem, InvalidFormError, RefusedError
from bot.core.ids import AgentId, ContactRef
from bot.core.promises import NOTE_CHARACTERS
from bot.core.satisfaction import Satisfaction, parse_satisfaction, shown, unsatisfied

__all__ = [
    "LONGEST_FOLLOW_UP",
    "LONGEST_TEXT",
    "LONGEST_WORD",
    "TEXTS",
    "ContactRecord",
    "FollowUp",
    "RecordForm",
    "RecordKind",
    "RecordRules",
    "Requirable",
    "customer_key",
    "fill",
    "form_of",
]

LONGEST_TEXT: Final = 3_000
LONGEST_WORD: Final = 64
LONGEST_FOLLOW_UP: Final = NOTE_CHARACTERS
"""A follow-up becomes a promise, and this its note."""

TEXTS: Final = (
    "description",
    "solution",
    "result",
    "compensation",
    "satisfaction_reason",
    "follow_up",
    "remarks",
)
"""The fields of free text."""

Requirable = Literal[
    "description",
    "solution",
    "result",
    "compensation",
    "remarks",
    "customer",
    "contact",
    "customer_no",
    "order_no",
    "satisfaction",
    "confirmed",
]
"""The fields app.yaml may require of a finished record."""

_PHONE = re.compile(r"\+?\d{4,13}")
_SEPARATORS = re.compile(r"[\s().\-/]")

T = TypeVar("T")


class RecordKind(Enum):
    CONTACT = "contact"
    FEEDBACK = "feedback"  # CR21: an opinion, a suggestion or a complaint, kept whole for analysis


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """CP2: what will be done, by whom, by when."""

    owner: AgentId
    due_at: datetime
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRecord:
    """What an agent wrote down about a case.  Times aware UTC; texts "" and codes None where not given.

    ``complete`` is False for a draft (CR6).  ``contact_digits`` are the last of a telephone number.
    ``confirmed``: the keyed fields were repeated to the customer (CR16); ``verified``: the customer's
    identity was checked (PS4).
    """

    ref: ContactRef
    recorded_by: str
    recorded_at: datetime
    complete: bool
    type: ContactType
    kind: RecordKind = RecordKind.CONTACT
    customer_no: str | None = None
    customer_label: str | None = None
    contact_digits: str | None = None
    order_no: str | None = None
    description: str = ""
    solution: str = ""
    result: str = ""
    outcome: str | None = None
    compensation: str = ""
    satisfaction: Satisfaction | None = None
    satisfaction_reason: str = ""
    follow_up: FollowUp | None = None
    remarks: str = ""
    cross_department: bool = False
    confirmed: bool = False
    verified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RecordForm:
    """What was typed, before anything is checked.  Never stored, never logged; it does not print itself."""

    type: ContactType = ContactType.OTHER
    kind: RecordKind = RecordKind.CONTACT
    customer_no: str = ""
    customer: str = ""
    contact: str = ""
    order_no: str = ""
    description: str = ""
    solution: str = ""
    result: str = ""
    outcome: str = ""
    compensation: str = ""
    satisfaction: str = ""
    satisfaction_reason: str = ""
    follow_up: str = ""
    follow_up_owner: str = ""
    follow_up_at: datetime | None = None
    remarks: str = ""
    cross_department: bool = False
    confirmed: bool = False
    verified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRules:
    """What a finished record needs.  ``verified_types``: an identity check comes first (PS4)."""

    required: frozenset[str] = frozenset({"description", "solution"})
    verified_types: frozenset[ContactType] = frozenset()


def fill(
    form: RecordForm,
    rules: RecordRules,
    *,
    ref: ContactRef,
    by: str,
    now: datetime,
    complete: bool = True,
    history: bool = False,
    before: ContactRecord | None = None,
) -> ContactRecord:
    """The record a form makes.

    A draft (not ``complete``) may leave anything out, but nothing wrong or personal may stand in it.
    ``history``: written down long afterwards, so a follow-up may lie in the past and nothing more can be
    asked for.  ``before``: the record so far, whose follow-up may have passed meanwhile.  Raises
    InvalidFormError with every problem, each at its field and never with what was typed.
    """
    problems: list[FieldProblem] = []

    def attempt(name: str, check: Callable[[], T]) -> T | None:
        try:
            return check()
        except RefusedError as error:
            problems.append(FieldProblem(name=name, kind=error.kind, data=error.data))
            return None

    for name in (*TEXTS, "customer"):
        text = getattr(form, name)
        attempt(name, lambda text=text: privacy.refuse_personal(text))  # type: ignore[misc]
        longest = LONGEST_FOLLOW_UP if name == "follow_up" else LONGEST_TEXT
        if len(text) > longest:
            problems.append(FieldProblem(name=name, kind="too_long", data={"limit": longest}))
    digits = attempt("contact", lambda: _digits(form.contact))
    order_no = attempt("order_no", lambda: _reference(form.order_no))
    customer_no = attempt("customer_no", lambda: _reference(form.customer_no))
    outcome = attempt("outcome", lambda: _code(form.outcome))
    satisfaction = attempt("satisfaction", lambda: _satisfaction(form.satisfaction))
    follow_up = _follow_up(form)
    if complete and not history:
        problems += _missing(form, rules, satisfaction, now, before)
    if problems:
        raise InvalidFormError(_one_each(problems))
    return ContactRecord(
        ref=ref,
        recorded_by=by,
        recorded_at=now,
        complete=complete,
        type=form.type,
        kind=form.kind,
        customer_no=customer_no,
        customer_label=privacy.mask_name(form.customer.strip()) if form.customer.strip() else None,
        contact_digits=digits,
        order_no=order_no,
        description=form.description.strip(),
        solution=form.solution.strip(),
        result=form.result.strip(),
        outcome=outcome,
        compensation=form.compensation.strip(),
        satisfaction=satisfaction,
        satisfaction_reason=form.satisfaction_reason.strip(),
        follow_up=follow_up,
        remarks=form.remarks.strip(),
        cross_department=form.cross_department,
        confirmed=form.confirmed,
        verified=form.verified,
    )


def form_of(record: ContactRecord) -> RecordForm:
    """The form again, as it is shown for another look: masked names and last digits instead of whole ones."""
    follow_up = record.follow_up
    return RecordForm(
        type=record.type,
        kind=record.kind,
        customer_no=record.customer_no or "",
        customer=record.customer_label or "",
        contact=record.contact_digits or "",
        order_no=record.order_no or "",
        description=record.description,
        solution=record.solution,
        result=record.result,
        outcome=record.outcome or "",
        compensation=record.compensation,
        satisfaction=shown(record.satisfaction) if record.satisfaction is not None else "",
        satisfaction_reason=record.satisfaction_reason,
        follow_up=follow_up.text if follow_up is not None else "",
        follow_up_owner=follow_up.owner if follow_up is not None else "",
        follow_up_at=follow_up.due_at if follow_up is not None else None,
        remarks=record.remarks,
        cross_department=record.cross_department,
        confirmed=record.confirmed,
        verified=record.verified,
    )


def customer_key(record: ContactRecord) -> str | None:
    """What tells that two cases are of one customer: the customer number, else masked name and digits.

    Two customers may share the second: whoever shows previous contacts by it says "may be".
    """
    if record.customer_no:
        return f"no:{record.customer_no}"
    if record.customer_label and record.contact_digits:
        return f"like:{record.customer_label}:{record.contact_digits}"
    return None


def _missing(
    form: RecordForm,
    rules: RecordRules,
    satisfaction: Satisfaction | None,
    now: datetime,
    before: ContactRecord | None,
) -> Iterable[FieldProblem]:
    """What a finished record still lacks."""
    for name in sorted(rules.required):
        if name == "solution" and form.kind is RecordKind.FEEDBACK:
            continue  # an opinion has no solution yet
        value = getattr(form, name)
        if not (value if isinstance(value, bool) else value.strip()):
            yield FieldProblem(name=name, kind="missing")
    if satisfaction is not None and unsatisfied(satisfaction) and not form.satisfaction_reason.strip():
        yield FieldProblem(name="satisfaction_reason", kind="reason_needed")
    wanted = bool(form.follow_up.strip() or form.follow_up_owner or form.follow_up_at)
    if wanted and not form.follow_up_owner:
        yield FieldProblem(name="follow_up_owner", kind="owner_needed")
    if wanted and form.follow_up_at is None:
        yield FieldProblem(name="follow_up_at", kind="deadline_needed")
    said = before.follow_up if before is not None else None
    same = said is not None and said.due_at == form.follow_up_at
    if form.follow_up_at is not None and form.follow_up_at <= now and not same:
        yield FieldProblem(name="follow_up_at", kind="deadline_past")
    if form.type in rules.verified_types and not form.verified:
        yield FieldProblem(name="verified", kind="verification_needed")


def _follow_up(form: RecordForm) -> FollowUp | None:
    if form.follow_up_at is None or not form.follow_up_owner:
        return None
    return FollowUp(
        owner=AgentId(form.follow_up_owner), due_at=form.follow_up_at, text=form.follow_up.strip()
    )


def _digits(text: str) -> str | None:
    """The last digits of a telephone number, whether it was typed whole or not.  Raises RefusedError.

    >>> _digits("138-1234-5678"), _digits("5678"), _digits("")
    ('5678', '5678', None)
    """
    plain = _SEPARATORS.sub("", text)
    if not plain:
        return None
    if _PHONE.fullmatch(plain):
        return privacy.last4(plain)
    raise RefusedError("contact_digits", "those are no last digits of a telephone number; nothing was saved.")


def _reference(text: str) -> str | None:
    text = text.strip()
    if not text:
        return None
    problem = reference_problem(text)
    if problem is TextProblem.PERSONAL_NUMBER:
        # Says what it looks like; what it says of telephones is for another field.
        privacy.refuse_personal(text, allow=frozenset({privacy.FindingKind.PHONE}))
    if problem is not None:
        raise RefusedError("not_a_reference", "that is no order or customer number; nothing was saved.")
    return text


def _code(text: str) -> str | None:
    text = text.strip()
    if not text:
        return None
    if code_problem(text) is not None:
        raise RefusedError("not_a_code", "that is no code (one word); nothing was saved.")
    return text


def _satisfaction(text: str) -> Satisfaction | None:
    return parse_satisfaction(text) if text.strip() else None


def _one_each(problems: Iterable[FieldProblem]) -> tuple[FieldProblem, ...]:
    """The first problem of each field: one sentence stands below it."""
    found: dict[str, FieldProblem] = {}
    for problem in problems:
        found.setdefault(problem.name, problem)
    return tuple(found.values())
