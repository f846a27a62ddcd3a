"""The sources' own tables as files, known by their headings: each row a case and its record (CR17, CR18).

Rows are checked as the form at Slack is: names are masked, and a row with an identity number, a card or an
address in it is refused without being repeated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from bot.core.allowed_text import TextProblem, code_problem, reference_problem
from bot.core.contacts import Contact, ContactStatus, ContactType, Priority
from bot.core.errors import InvalidFormError, RefusedError
from bot.core.ids import AgentId, ContactRef, QueueId
from bot.core.import_report import ImportReport, Numbered
from bot.core.priorities import ruled
from bot.core.queues import Channel
from bot.core.record_tables import FORMS, RecordTable, tier_meant
from bot.core.records import ContactRecord, RecordForm, fill
from bot.core.settings import Settings
from bot.core.source_words import CHANNELS, CONTACT_TYPES, PRIORITIES, meant
from bot.imports.clock_changes import ClockNotes
from bot.imports.columns import Column
from bot.imports.distinct import distinct_rows
from bot.imports.fields import CellError, Instant, parse_instant, parse_time
from bot.imports.reader import Row, Table, read_table
from bot.imports.volumes import known_queue, named_zone, the_queue

__all__ = ["RecordRow", "read_records", "recognised"]

_TRADITIONAL: Mapping[str, str] = MappingProxyType(
    {
        "时间": "時間",
        "客户姓名(脱敏)": "客戶姓名(脫敏)",
        "联系方式(后四位)": "聯繫方式(後四位)",
        "工单号": "工單號",
        "问题类型": "問題類型",
        "问题简述": "問題簡述",
        "处理结果": "處理結果",
        "跟进时间": "跟進時間",
        "满意度": "滿意度",
        "客服工号": "客服工號",
    }
)
"""S0 is written in traditional characters."""
_WIDE = str.maketrans("()", "（）")
_ORDER = re.compile(r"(?:订单号?|訂單號?|order)?\s*[:：]?\s*([\w-]{6,})", re.IGNORECASE)
_DIGITS = re.compile(r"(?:手机后四位|手機後四位|尾号|phone)\s*[:：]?\s*(\d{4})", re.IGNORECASE)
_REASON = re.compile(r"(.+?)\s*[（(](.+)[)）]", re.DOTALL)
_CLOCK = re.compile(r"\d{1,2}[:：]\d{2}")
_SAVED_FORMULA = re.compile(r"'(?=[=+\-@])")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRow:
    """One row: its cells as they stand, the case and the record they make."""

    cells: Mapping[str, str]
    contact: Contact
    record: ContactRecord


def recognised(data: bytes, *, source: str) -> RecordTable | None:
    """The table whose headings a file has, all of the source's own; None for any other file."""
    for table in FORMS.values():
        try:
            read_table(data, _columns(table), source=source)
        except RefusedError as error:
            if error.kind != "column_missing":
                raise
        else:
            return table
    return None


def read_records(
    data: bytes,
    table: RecordTable,
    *,
    source: str,
    settings: Settings,
    now: datetime,
    queue: str | None = None,
    zone: str | None = None,
) -> tuple[list[Numbered[RecordRow]], ImportReport]:
    """Check a file with the headings of ``table``.

    A row without a queue takes ``queue``, else the only one of its channel.  A row without a case number is
    given one made of what it says, so that the same row twice is the same case.
    """
    held = read_table(data, _columns(table), source=source)
    default = the_queue(settings, queue, required=False) if queue is not None else None
    tz = named_zone(zone or settings.zone)
    notes = ClockNotes(tz)
    rows = distinct_rows(
        held,
        lambda row: _row(row, table, held, settings, default, tz, notes, now),
        key=lambda made: made.contact.ref,
        named=None,
        same=lambda before, made: before.cells == made.cells,
        unsaid=True,
    )
    findings = (*held.findings, *notes.findings(), *rows.repeated)
    return rows.values, rows.report("contacts", source, findings)


def _columns(table: RecordTable) -> tuple[Column, ...]:
    own = [
        Column(name=field, required=index < table.own, aliases=_spellings(heading))
        for index, (field, heading) in enumerate(table.columns)
    ]
    held = {field for field, _ in table.columns}
    more = (
        Column(name="queue", aliases=("队列", "業務隊列")),
        Column(name="priority", aliases=("优先级", "優先級", "紧急程度")),
        Column(name="channel", aliases=("渠道",)),
        Column(name="tier", aliases=("客户等级",)),
    )
    return (*own, *(column for column in more if column.name not in held))


def _spellings(heading: str) -> tuple[str, ...]:
    """A heading as it is, in traditional characters, and with full-width brackets."""
    spelled = {heading, _TRADITIONAL.get(heading, heading)}
    return tuple(sorted(spelled | {s.translate(_WIDE) for s in spelled}))


def _row(
    row: Row,
    table: RecordTable,
    held: Table,
    settings: Settings,
    default: QueueId | None,
    tz: ZoneInfo,
    notes: ClockNotes,
    now: datetime,
) -> RecordRow:
    cells = {field: _SAVED_FORMULA.sub("", row.get(field, ""), count=1) for field in held.columns}
    arrived = _arrived(cells, tz)
    channel = _channel(cells)
    type_ = meant(cells["type"], ContactType, CONTACT_TYPES) if cells.get("type") else ContactType.OTHER
    if type_ is None:
        allowed = ", ".join(t.value for t in ContactType)
        raise CellError("unknown_value", column="type", allowed=allowed)
    form = _form(cells, type_, arrived, tz)
    ref = _reference(cells, form, arrived.at.astimezone(tz))
    agent = cells.get("agent", "")
    try:
        record = fill(
            form,
            settings.records.rules,
            ref=ref,
            by=agent if agent and code_or_number(agent) else "import",
            now=now,
            history=True,
        )
    except InvalidFormError as error:
        problem = error.problems[0]
        raise CellError(f"record_{problem.kind}", column=_heading(table, problem.name)) from None
    queue = _queue(cells, settings, default, channel)
    contact = _contact(cells, table, settings, ref, queue, channel, type_, arrived, tz, record)
    notes.note(arrived)
    return RecordRow(cells=cells, contact=contact, record=record)


def _heading(table: RecordTable, name: str) -> str:
    """The heading under which a field of the form stands in the file."""
    headings = dict(table.columns)
    places = {"contact": ("digits", "who"), "order_no": ("who", "order_no")}.get(name, (name,))
    return next((headings[place] for place in places if place in headings), name)


def code_or_number(text: str) -> bool:
    """Whether a cell may be an agent's id: a word or a short number, nothing longer."""
    return len(text) <= 32 and reference_problem(text) is None


def _contact(
    cells: Mapping[str, str],
    table: RecordTable,
    settings: Settings,
    ref: ContactRef,
    queue: QueueId,
    channel: Channel,
    type_: ContactType,
    arrived: Instant,
    tz: ZoneInfo,
    record: ContactRecord,
) -> Contact:
    tier = tier_meant(cells.get("tier", ""))
    if tier and code_problem(tier) is not None:
        raise CellError("free_text", column="tier")
    told = meant(cells["priority"], Priority, PRIORITIES) if cells.get("priority") else Priority.MEDIUM
    if told is None:
        raise CellError("unknown_value", column="priority", allowed=", ".join(p.value for p in Priority))
    # What a file says of a priority stands; what it leaves open the rules say (F3).
    priority = told
    if not cells.get("priority"):
        rules = settings.records.priorities
        priority, _ = ruled(rules, type_=type_, tags=(), tier=tier, told=told)
    answered, resolved = _instant(cells, "answered", tz), _instant(cells, "resolved", tz)
    if "answered" not in dict(table.columns):
        # A call in a log was answered, and is over unless something is to follow.
        answered = arrived
        resolved = None if record.follow_up is not None else arrived
    for column, later in (("answered", answered), ("resolved", resolved)):
        if later is not None and later.at < arrived.at:
            raise CellError("before_arrival", column=column)
    if answered is not None and resolved is not None and resolved.at < answered.at:
        raise CellError("resolved_before_answered")
    agent = cells.get("agent", "")
    open_status = ContactStatus.NEW if answered is None else ContactStatus.RESPONDED
    return Contact(
        ref=ref,
        queue=queue,
        channel=channel,
        type=type_,
        priority=priority,
        tier=tier or "standard",
        status=open_status if resolved is None else ContactStatus.SOLVED,
        opened_at=arrived.at,
        responded_at=None if answered is None else answered.at,
        resolved_at=None if resolved is None else resolved.at,
        agent=AgentId(agent) if agent and code_or_number(agent) else None,
        source="file",
    )


def _form(cells: Mapping[str, str], type_: ContactType, arrived: Instant, tz: ZoneInfo) -> RecordForm:
    satisfaction, reason = cells.get("satisfaction", ""), ""
    if found := _REASON.fullmatch(satisfaction):
        satisfaction, reason = found.groups()
    who = cells.get("who", "")
    digits = cells.get("digits", "")
    order_no = cells.get("order_no", "")
    if who:
        phone = _DIGITS.search(who)
        digits = digits or (phone.group(1) if phone else "")
        rest = _DIGITS.sub("", who).strip(" /、,，")
        order = _ORDER.fullmatch(rest) if rest else None
        if rest and order is None and not re.fullmatch(r"\d{4}", rest):
            raise CellError("record_who", column="who")
        order_no = order_no or (order.group(1) if order else "")
        digits = digits or (rest if order is None and rest else "")
    owner = cells.get("follow_up_owner", "") or cells.get("agent", "")
    follow_up_at = _follow_up_at(cells.get("follow_up_at", ""), arrived, tz)
    return RecordForm(
        type=type_,
        customer_no=cells.get("customer_no", ""),
        customer=cells.get("customer", ""),
        contact=digits,
        order_no=order_no,
        description=cells.get("description", ""),
        solution=cells.get("solution", ""),
        result=cells.get("result", ""),
        satisfaction=satisfaction,
        satisfaction_reason=reason,
        follow_up=cells.get("follow_up", ""),
        follow_up_owner=owner if follow_up_at is not None and code_or_number(owner) else "",
        follow_up_at=follow_up_at,
        remarks=cells.get("remarks", ""),
    )


def _follow_up_at(text: str, arrived: Instant, tz: ZoneInfo) -> datetime | None:
    """A whole time, or a clock time of the day of the call; one before the call is the next day's."""
    if not text or text in ("无", "-", "—"):
        return None
    if _CLOCK.fullmatch(text):
        local = arrived.at.astimezone(tz)
        at = datetime.combine(local.date(), parse_time("follow_up_at", text), tz)
        return (at if at >= local else at + timedelta(days=1)).astimezone(UTC)
    return parse_instant("follow_up_at", text, tz).at


def _arrived(cells: Mapping[str, str], tz: ZoneInfo) -> Instant:
    text = cells.get("arrived", "") or f"{cells.get('date', '')} {cells.get('time', '')}".strip()
    if not text:
        raise CellError("empty", column="arrived")
    return parse_instant("arrived", text, tz)


def _instant(cells: Mapping[str, str], column: str, tz: ZoneInfo) -> Instant | None:
    text = cells.get(column, "")
    return parse_instant(column, text, tz) if text else None


def _channel(cells: Mapping[str, str]) -> Channel:
    text = cells.get("channel", "")
    if not text:
        # The tables without a channel are logs of calls.
        return Channel.PHONE
    channel = meant(text, Channel, CHANNELS)
    if channel is None:
        raise CellError("unknown_value", column="channel", allowed=", ".join(c.value for c in Channel))
    return channel


def _queue(
    cells: Mapping[str, str], settings: Settings, default: QueueId | None, channel: Channel
) -> QueueId:
    name = cells.get("queue", "")
    if name:
        return known_queue(name, settings.queues)
    if default is not None:
        return default
    same = [q.queue for q in settings.queues.values() if q.channel is channel]
    if len(same) == 1:
        return same[0]
    if len(settings.queues) == 1:
        return next(iter(settings.queues))
    raise CellError("record_queue", column="queue", channel=channel.value)


def _reference(cells: Mapping[str, str], form: RecordForm, local: datetime) -> ContactRef:
    given = cells.get("contact", "")
    if given:
        problem = reference_problem(given)
        if problem is TextProblem.PERSONAL_NUMBER:
            raise CellError("personal_number", column="contact")
        if problem is not None:
            raise CellError("not_a_reference", column="contact")
        return ContactRef(given)
    who = form.customer_no or form.order_no or form.contact
    if not who:
        raise CellError("empty", column="contact")
    made = f"{who}-{local:%Y%m%d%H%M}"
    if reference_problem(made) is not None:
        raise CellError("not_a_reference", column="customer_no")
    return ContactRef(made)
