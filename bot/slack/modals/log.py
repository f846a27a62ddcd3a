"""The form of a case: `/muster log`, its draft, and what becomes of it (CR1 to CR6, CR16, CR19, CR21)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from slack_sdk.models.blocks import Block

from bot.core.contacts import Contact, ContactType
from bot.core.errors import FieldProblem, InvalidFormError
from bot.core.ids import AgentId, ContactRef, QueueId
from bot.core.records import (
    LONGEST_FOLLOW_UP,
    LONGEST_TEXT,
    LONGEST_WORD,
    ContactRecord,
    RecordForm,
    RecordKind,
    form_of,
)
from bot.slack.blocks.form import (
    Form,
    as_moment,
    as_text,
    as_words,
    choice,
    moment_field,
    person_field,
    text_field,
    ticks,
    words_field,
)
from bot.slack.blocks.kit import actions, button, code, context, section
from bot.slack.blocks.voice import Voice
from bot.slack.commands.command import Asked
from bot.slack.commands.viewer import viewer_of
from bot.usecases.case_files import find_case
from bot.usecases.log_contact import Entry, Logged, log_contact

__all__ = ["CALLBACK", "DRAFT", "log_form", "open_form", "save_draft", "submitted"]

CALLBACK = "record.log"
DRAFT = "record.draft"
"""The button that keeps what is written so far."""

TAGS = ("agitated", "service_down", "major_complaint", "safety_risk", "repeat_contact", "vip_care")
"""Tags an agent may choose; others come from rules and sources."""
_THREE = ("satisfied", "average", "unsatisfied")
_FIVE = ("5", "4", "3", "2", "1")


def open_form(asked: Asked, named: str) -> Form:
    """The form of a case, with what is written already; without a case the form of a new one."""
    if not named.strip():
        return log_form(asked, None, None, asked.now)
    viewer = viewer_of(asked)
    with asked.desk.store.read() as uow:
        contact = find_case(uow, asked.desk.settings, named, viewer)
        record = uow.records.get(contact.ref)
    return log_form(asked, contact, record, asked.now)


def log_form(
    asked: Asked, contact: Contact | None, record: ContactRecord | None, started_at: datetime
) -> Form:
    """``started_at``: when the form was opened first, which is when a new case begins."""
    # The case's own type: it may have been reclassified since the record was written.
    form = replace(RecordForm() if record is None else form_of(record), type=_type(contact))
    metadata = {"ref": None if contact is None else contact.ref, "at": started_at.isoformat()}
    t = asked.t
    return Form(
        callback=CALLBACK,
        title=t.text("log.title"),
        submit=t.text("log.save"),
        close=t.text("form.close"),
        metadata=json.dumps(metadata),
        blocks=[
            section(_head(asked, contact, record)),
            *_what(asked, contact, form),
            *_who(asked, form),
            *_outcome(asked, form),
            *_follow_up(asked, form),
            *_more(asked, contact, form),
            *([] if record is not None and record.complete else [_draft_button(asked)]),
            context(t.text("log.privacy")),
        ],
    )


def _draft_button(asked: Asked) -> Block:
    return actions("draft", button(asked.t.text("log.draft"), action=DRAFT, value="draft"))


def submitted(asked: Asked) -> Form | None:
    """The form was sent: the record is kept as finished."""
    logged = log_contact(
        asked.desk.store,
        asked.desk.settings,
        _entry(asked, complete=True),
        viewer=viewer_of(asked),
        now=asked.now,
    )
    asked.desk.nudge()
    return _saved(asked, logged)


def save_draft(asked: Asked) -> Form | None:
    """What is written so far is kept; nothing is missing in a draft, and nothing personal may be in it."""
    logged = log_contact(
        asked.desk.store,
        asked.desk.settings,
        _entry(asked, complete=False),
        viewer=viewer_of(asked),
        now=asked.now,
    )
    asked.desk.nudge()
    return _saved(asked, logged)


def _saved(asked: Asked, logged: Logged) -> Form:
    voice = asked.voice
    contact = logged.contact
    key = "log.saved" if logged.complete else "log.saved_draft"
    said = asked.t.text(
        key,
        ref=voice.ref(contact.ref),
        queue=voice.queue(contact.queue),
        priority=voice.label("priority", contact.priority.value),
    )
    follow = "/muster case" if logged.complete else "/muster log"
    hint = asked.t.text("case.or_command", command=code(f"{follow} {contact.ref}"))
    return Form(
        callback="told",
        title=asked.t.text("log.title"),
        close=asked.t.text("form.close"),
        blocks=[section(said), context(hint)],
    )


def _head(asked: Asked, contact: Contact | None, record: ContactRecord | None) -> str:
    if contact is None:
        return asked.t.text("log.new")
    key = "log.draft_of" if record is not None and not record.complete else "log.of"
    voice: Voice = asked.voice
    return asked.t.text(
        key,
        ref=voice.ref(contact.ref),
        queue=voice.queue(contact.queue),
        opened=voice.moment(contact.opened_at),
    )


def _what(asked: Asked, contact: Contact | None, form: RecordForm) -> list[Block]:
    t, voice = asked.t, asked.voice
    types = [(kind.value, voice.label("type", kind.value)) for kind in ContactType]
    blocks: list[Block] = []
    if contact is None:
        queues = _queues(asked)
        blocks.append(
            choice(
                "queue",
                t.text("log.queue"),
                [(q, q) for q in queues],
                value=queues[0] if len(queues) == 1 else None,
                optional=False,
            )
        )
    return [
        *blocks,
        choice("type", t.text("log.type"), types, value=form.type.value, optional=False),
        text_field(
            "description",
            t.text("log.description"),
            value=form.description,
            long=True,
            longest=LONGEST_TEXT,
            hint=t.text("log.description_hint"),
        ),
        text_field("solution", t.text("log.solution"), value=form.solution, long=True, longest=LONGEST_TEXT),
    ]


def _who(asked: Asked, form: RecordForm) -> list[Block]:
    t = asked.t
    return [
        text_field(
            "customer",
            t.text("log.customer"),
            value=form.customer,
            longest=LONGEST_WORD,
            hint=t.text("log.customer_hint"),
        ),
        text_field("contact", t.text("log.contact"), value=form.contact, longest=20),
        text_field("order_no", t.text("log.order_no"), value=form.order_no, longest=LONGEST_WORD),
        text_field(
            "customer_no",
            t.text("log.customer_no"),
            value=form.customer_no,
            longest=LONGEST_WORD,
            hint=t.text("log.customer_no_hint"),
        ),
    ]


def _outcome(asked: Asked, form: RecordForm) -> list[Block]:
    t, voice = asked.t, asked.voice
    five = [(value, t.text("log.of_five", value=value)) for value in _FIVE]
    three = [(value, voice.label("satisfaction", value)) for value in _THREE]
    scales = [(t.text("log.scale_five"), five), (t.text("log.scale_three"), three)]
    held = form.satisfaction
    if held and held not in (*_FIVE, *_THREE):
        # Points and NPS come from surveys and files; looking at them must not lose them.
        scales.append((t.text("log.scale_other"), [(held, held)]))
    return [
        text_field("result", t.text("log.result"), value=form.result, longest=LONGEST_TEXT),
        choice(
            "satisfaction",
            t.text("log.satisfaction"),
            scales,
            value=held or None,
        ),
        text_field(
            "satisfaction_reason",
            t.text("log.satisfaction_reason"),
            value=form.satisfaction_reason,
            longest=LONGEST_TEXT,
        ),
        text_field(
            "outcome",
            t.text("log.outcome"),
            value=form.outcome,
            longest=32,
            hint=t.text("log.outcome_hint"),
        ),
        text_field("compensation", t.text("log.compensation"), value=form.compensation, longest=LONGEST_TEXT),
    ]


def _follow_up(asked: Asked, form: RecordForm) -> list[Block]:
    t = asked.t
    owner = None
    if form.follow_up_owner:
        with asked.desk.store.read() as uow:
            agent = uow.people.get(AgentId(form.follow_up_owner))
        owner = None if agent is None else agent.slack_user
    return [
        text_field("follow_up", t.text("log.follow_up"), value=form.follow_up, longest=LONGEST_FOLLOW_UP),
        person_field("follow_up_owner", t.text("log.follow_up_owner"), user=owner),
        moment_field("follow_up_at", t.text("log.follow_up_at"), at=form.follow_up_at),
    ]


def _more(asked: Asked, contact: Contact | None, form: RecordForm) -> list[Block]:
    t, voice = asked.t, asked.voice
    held = frozenset() if contact is None else contact.tags
    tags = [(tag, voice.label("tag", tag)) for tag in sorted({*TAGS, *held})]
    ticked = [
        name
        for name, on in (
            ("confirmed", form.confirmed),
            ("verified", form.verified),
            ("cross_department", form.cross_department),
            ("feedback", form.kind is RecordKind.FEEDBACK),
        )
        if on
    ]
    boxes = [
        (name, t.text(f"log.tick.{name}"))
        for name in ("confirmed", "verified", "cross_department", "feedback", "solved")
    ]
    blocks: list[Block] = [
        ticks("ticks", t.text("log.ticks"), boxes, values=ticked),
        words_field("tags", t.text("log.tags"), tags, values=sorted(held)),
    ]
    departments = [(d.department, d.name) for d in asked.desk.settings.departments.values()]
    if departments:
        blocks.append(
            choice("department", t.text("log.department"), departments, hint=t.text("log.department_hint"))
        )
    return [
        *blocks,
        person_field("complained_about", t.text("log.complained_about")),
        text_field("remarks", t.text("log.remarks"), value=form.remarks, longest=LONGEST_TEXT),
    ]


def _entry(asked: Asked, *, complete: bool) -> Entry:
    """The form as it was sent.  Raises InvalidFormError for people who are no agents."""
    fields = asked.fields
    held = json.loads(asked.metadata or "{}")
    ticked = as_words(fields.get("ticks"))
    problems: list[FieldProblem] = []
    owner = _agent(asked, "follow_up_owner", problems)
    about = _agent(asked, "complained_about", problems)
    if problems:
        raise InvalidFormError(problems)
    text: Mapping[str, str] = {
        name: as_text(fields.get(name))
        for name in (
            "customer_no",
            "customer",
            "contact",
            "order_no",
            "description",
            "solution",
            "result",
            "outcome",
            "compensation",
            "satisfaction",
            "satisfaction_reason",
            "follow_up",
            "remarks",
        )
    }
    form = RecordForm(
        type=ContactType(as_text(fields.get("type")) or ContactType.OTHER.value),
        kind=RecordKind.FEEDBACK if "feedback" in ticked else RecordKind.CONTACT,
        follow_up_owner=owner or "",
        follow_up_at=as_moment(fields.get("follow_up_at")),
        cross_department="cross_department" in ticked,
        confirmed="confirmed" in ticked,
        verified="verified" in ticked,
        **text,
    )
    ref, queue = held.get("ref"), as_text(fields.get("queue"))
    return Entry(
        form=form,
        started_at=datetime.fromisoformat(held["at"]).astimezone(UTC) if "at" in held else asked.now,
        ref=ContactRef(ref) if ref else None,
        queue=QueueId(queue) if queue else None,
        agent=None if asked.person.agent is None else asked.person.agent.agent,
        complete=complete,
        tags=frozenset(as_words(fields.get("tags"))),
        complained_about=about,
        solved="solved" in ticked,
        department=as_text(fields.get("department")) or None,
    )


def _agent(asked: Asked, name: str, problems: list[FieldProblem]) -> AgentId | None:
    user = as_text(asked.fields.get(name))
    if not user:
        return None
    with asked.desk.store.read() as uow:
        agent = uow.people.by_slack_user(user)
    if agent is None or not agent.active:
        problems.append(FieldProblem(name=name, kind="not_an_agent"))
        return None
    return agent.agent


def _queues(asked: Asked) -> list[str]:
    """The queues of the person's team; of every team for somebody without one."""
    agent = asked.person.agent
    queues = asked.desk.settings.queues.values()
    own = [q.queue for q in queues if agent is not None and q.team == agent.team]
    return [str(q) for q in (own or [q.queue for q in queues])]


def _type(contact: Contact | None) -> ContactType:
    return ContactType.CONSULT if contact is None else contact.type
