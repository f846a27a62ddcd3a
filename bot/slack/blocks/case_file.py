"""A case as its team sees it: masked, with clocks, owners, what happened, and earlier contacts (CR10)."""

from __future__ import annotations

from slack_sdk.models.blocks import Block

from bot.core.case_work import ApprovalState, Stage
from bot.core.contacts import RULES, Contact, ContactEvent, EventKind
from bot.core.customer_data import Reconfirm
from bot.core.promises import Promise, PromiseState
from bot.core.records import ContactRecord
from bot.core.satisfaction import Satisfaction, Scale, ThreeValue
from bot.core.sla import ClockState, SlaClock
from bot.slack.blocks.case_posts import CONFIRMED, LOG
from bot.slack.blocks.kit import Content, actions, button, code, context, escape, lines, message, section
from bot.slack.blocks.voice import Voice
from bot.usecases.case_files import CaseFile

__all__ = ["case_file", "satisfaction_said"]

TEXT_CHARACTERS = 700
EVENTS_SHOWN = 12


def case_file(file: CaseFile, voice: Voice) -> Content:
    """Everything about a case in one message, shown to whoever asked alone."""
    contact = file.contact
    blocks: list[Block] = [
        section(_title(contact, voice)),
        section(_facts(file, voice)),
        section(lines([_computed("case.file.clocks", file, voice), *_clocks(file, voice)])),
        section(lines([voice.t.text("case.file.owners"), *_owners(file, voice)])),
    ]
    if file.record is not None:
        blocks.append(section(lines(_record(file.record, voice))))
    if file.reconfirm is not None:
        blocks += _reconfirm(contact, file.reconfirm, voice)
    if file.promises:
        rows = (_promise(p, voice) for p in sorted(file.promises, key=lambda p: p.due_at))
        blocks.append(section(lines([voice.t.text("case.file.promises"), *rows])))
    work = _work(file, voice)
    if work:
        blocks.append(section(lines(work)))
    blocks.append(section(lines([_computed("case.file.history", file, voice), *_history(file, voice)])))
    if file.earlier:
        key = "case.file.earlier_perhaps" if file.perhaps else "case.file.earlier"
        blocks.append(section(lines([voice.t.text(key), *(_earlier(c, voice) for c in file.earlier)])))
    press = button(voice.t.text("case.button.log"), action=LOG, value=contact.ref)
    blocks.append(actions(f"case:{contact.ref}", press))
    hint = voice.t.text("case.or_command", command=code(f"/muster log {contact.ref}"))
    note = voice.zone_note([contact.queue])
    blocks.append(context(hint, *([] if note is None else [note])))
    return message(blocks, shortened=voice.t.text("message.shortened"))


def _reconfirm(contact: Contact, due: Reconfirm, voice: Voice) -> list[Block]:
    """Old customer data, to be confirmed with the customer by whoever has the case (CR22)."""
    key = "case.file.reconfirm" if due.confirmed else "case.file.never_confirmed"
    days = (voice.now - due.since).days
    said = voice.t.plural(key, days, day=voice.moment(due.since))
    press = button(voice.t.text("case.button.confirmed"), action=CONFIRMED, value=contact.ref)
    return [section(said, button=press)]


def satisfaction_said(satisfaction: Satisfaction, voice: Voice) -> str:
    """The answer as it was given, on its own scale."""
    if satisfaction.scale is Scale.THREE:
        words = (ThreeValue.UNSATISFIED, ThreeValue.AVERAGE, ThreeValue.SATISFIED)
        return voice.label("satisfaction", words[satisfaction.value].value)
    most = {Scale.FIVE: 5, Scale.POINTS: 100, Scale.NPS: 10}[satisfaction.scale]
    key = "case.file.nps" if satisfaction.scale is Scale.NPS else "case.file.points"
    return voice.t.text(key, value=satisfaction.value, most=most)


def _title(contact: Contact, voice: Voice) -> str:
    return voice.t.text(
        "case.file.title",
        ref=voice.ref(contact.ref),
        status=voice.label("status", contact.status.value),
        priority=voice.label("priority", contact.priority.value),
        type=voice.label("type", contact.type.value),
        queue=voice.queue(contact.queue),
    )


def _facts(file: CaseFile, voice: Voice) -> str:
    contact, t = file.contact, voice.t
    facts = [
        t.text(
            "case.file.opened",
            at=voice.moment(contact.opened_at),
            age=voice.length(voice.now - contact.opened_at),
            channel=voice.label("channel", contact.channel.value),
        )
    ]
    if contact.tier:
        facts.append(t.text("case.file.tier", tier=escape(contact.tier)))
    if contact.priority_manual:
        facts.append(t.text("case.file.manual"))
    if contact.tags:
        tags = voice.f.join([voice.label("tag", tag) for tag in sorted(contact.tags)])
        facts.append(t.text("case.tags", tags=tags))
    if contact.waiting_for is not None:
        waits = voice.label("waiting", contact.waiting_for.value)
        facts.append(t.text("case.file.waits", what=waits))
    if contact.informed_at is not None:
        facts.append(t.text("case.file.informed", at=voice.moment(contact.informed_at)))
    if contact.merged_into is not None:
        facts.append(t.text("case.file.merged", ref=voice.ref(contact.merged_into)))
    if contact.complained_about is not None:
        facts.append(t.text("case.complaint.about", person=voice.person(contact.complained_about)))
    if file.links:
        names = voice.f.join([code(f"{s}:{e}" if s else e) for s, e in file.links])
        facts.append(t.text("case.file.links", names=names))
    return lines(facts)


def _computed(key: str, file: CaseFile, voice: Voice) -> str:
    """A title that says so where what follows was computed from the times of a file."""
    title = voice.t.text(key)
    return f"{title} {voice.t.text('case.file.from_file')}" if file.from_file else title


def _clocks(file: CaseFile, voice: Voice) -> list[str]:
    shown = [_clock(clock, voice) for clock in sorted(file.clocks, key=lambda c: (c.due_at, c.measure.value))]
    return shown or [voice.t.text("case.file.no_clocks")]


def _clock(clock: SlaClock, voice: Voice) -> str:
    left = clock.due_at - voice.now
    key = f"case.clock.{clock.state.value}"
    if clock.state is ClockState.RUNNING and left.total_seconds() < 0:
        key = "case.clock.breached"
    return voice.t.text(
        key,
        measure=voice.label("measure", clock.measure.value),
        due=voice.moment(clock.due_at),
        left=voice.length(abs(left)),
        policy=escape(clock.policy),
    )


def _owners(file: CaseFile, voice: Voice) -> list[str]:
    rows = []
    for stage in Stage:
        people = file.owners.get(stage, ())
        if not people and stage is Stage.CO_OWNER:
            continue
        names = (
            voice.f.join([voice.person(p) for p in people]) if people else voice.t.text("case.file.nobody")
        )
        rows.append(voice.t.text("case.file.owner", stage=voice.label("stage", stage.value), people=names))
    return rows


def _record(record: ContactRecord, voice: Voice) -> list[str]:
    t = voice.t
    key = "case.file.record" if record.complete else "case.file.draft"
    rows = [t.text(key, person=voice.person(record.recorded_by), at=voice.moment(record.recorded_at))]
    who = [
        escape(part)
        for part in (record.customer_label, record.contact_digits, record.order_no, record.customer_no)
        if part
    ]
    if who:
        rows.append(t.text("case.file.customer", who=", ".join(who)))
    for name in ("description", "solution", "result", "compensation", "remarks"):
        text = getattr(record, name)
        if text:
            rows.append(
                t.text("case.file.text", name=t.text(f"log.{name}"), text=escape(text, TEXT_CHARACTERS))
            )
    if record.outcome:
        rows.append(t.text("case.file.text", name=t.text("log.outcome"), text=escape(record.outcome)))
    if record.satisfaction is not None:
        said = satisfaction_said(record.satisfaction, voice)
        reason = (
            f" – {escape(record.satisfaction_reason, TEXT_CHARACTERS)}" if record.satisfaction_reason else ""
        )
        rows.append(t.text("case.file.text", name=t.text("log.satisfaction"), text=said + reason))
    if record.follow_up is not None:
        rows.append(
            t.text(
                "case.file.follow_up",
                person=voice.person(record.follow_up.owner),
                due=voice.moment(record.follow_up.due_at),
                text=escape(record.follow_up.text, TEXT_CHARACTERS),
            )
        )
    return rows


def _work(file: CaseFile, voice: Voice) -> list[str]:
    t, rows = voice.t, []
    for handed in file.hand_overs:
        answered = handed.answered_at is not None
        rows.append(
            t.text(
                "case.file.handed_answered" if answered else "case.file.handed",
                department=_department(handed.department, voice),
                at=voice.moment(handed.answered_at or handed.expected_at),
            )
        )
    if file.block is not None:
        rows.append(
            t.text(
                "case.file.blocked",
                department=_department(file.block.department, voice),
                since=voice.moment(file.block.since),
                person=voice.person(file.block.chaser),
            )
        )
    for approval in file.approvals:
        key = {
            ApprovalState.ASKED: "case.file.approval_asked",
            ApprovalState.APPROVED: "case.file.approval_approved",
            ApprovalState.DECLINED: "case.file.approval_declined",
        }[approval.state]
        rows.append(
            t.text(
                key,
                code=voice.label("solution", approval.code),
                person=voice.person(approval.decided_by or approval.asked_by),
                tell_by=voice.moment(approval.tell_by),
            )
        )
    return rows


def _promise(promise: Promise, voice: Voice) -> str:
    return voice.t.text(
        "case.promise.broken" if promise.state is PromiseState.BROKEN else "case.promise.open",
        kind=voice.label("promise", promise.kind.value),
        person=voice.person(promise.owner),
        due=voice.moment(promise.due_at),
    )


def _history(file: CaseFile, voice: Voice) -> list[str]:
    shown = file.events[-EVENTS_SHOWN:]
    rows = [_event(event, voice) for event in shown]
    if len(file.events) > len(shown):
        rows.insert(0, voice.t.plural("case.file.before", len(file.events) - len(shown)))
    return rows


def _event(event: ContactEvent, voice: Voice) -> str:
    what = voice.label("event", event.kind.value)
    if event.kind is EventKind.RECLASSIFIED and event.source == RULES and event.priority is not None:
        priority = voice.label("priority", event.priority.value)
        what = voice.t.text("case.file.by_rule", priority=priority)
    who = f"  {voice.person(event.agent)}" if event.agent is not None else ""
    return f"• {voice.moment(event.at)}  {what}{who}"


def _earlier(contact: Contact, voice: Voice) -> str:
    return voice.t.text(
        "case.file.earlier_case",
        ref=voice.ref(contact.ref),
        type=voice.label("type", contact.type.value),
        at=voice.moment(contact.opened_at),
        status=voice.label("status", contact.status.value),
    )


def _department(name: str, voice: Voice) -> str:
    held = voice.settings.departments.get(name)
    return escape(name if held is None else held.name)
