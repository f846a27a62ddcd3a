"""The sources' own tables (CR18): their Chinese headings in their order, and what stands in each cell.

S0 table 1 (``s0-1``), S3 table 1 (``s3-1``) and the record template of S4 section 3 (``s4-3``).  Columns
after the source's own are ours: what an import needs to find the case again.  A cell that holds nothing is
empty; words are those of the sources, whatever the reader's language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.contacts import Contact, ContactType
from bot.core.queues import Channel
from bot.core.records import ContactRecord
from bot.core.satisfaction import THREE_VALUES, Satisfaction, Scale, ThreeValue

__all__ = ["FORMS", "RecordTable", "cells", "minute", "tier_meant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTable:
    """``columns``: our name of a field to the heading; ``own``: how many of them the source has."""

    name: str
    columns: tuple[tuple[str, str], ...]
    own: int

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(heading for _, heading in self.columns)


_OURS: Final = (("contact", "工单号"), ("customer_no", "客户编号"), ("order_no", "订单号"))


def _table(name: str, *columns: tuple[str, str]) -> RecordTable:
    held = {field for field, _ in columns}
    return RecordTable(
        name=name, columns=(*columns, *(c for c in _OURS if c[0] not in held)), own=len(columns)
    )


FORMS: Final[Mapping[str, RecordTable]] = MappingProxyType(
    {
        "s0-1": _table(
            "s0-1",
            ("date", "日期"),
            ("time", "时间"),
            ("customer", "客户姓名(脱敏)"),
            ("digits", "联系方式(后四位)"),
            ("contact", "工单号"),
            ("type", "问题类型"),
            ("description", "问题简述"),
            ("result", "处理结果"),
            ("follow_up_at", "跟进时间"),
            ("satisfaction", "满意度"),
            ("agent", "客服工号"),
        ),
        "s3-1": _table(
            "s3-1",
            ("customer_no", "客户编号"),
            ("tier", "客户类型"),
            ("channel", "咨询渠道"),
            ("type", "需求类型"),
            ("description", "需求描述"),
            ("arrived", "提交时间"),
            ("answered", "首次响应时间"),
            ("resolved", "解决时间"),
            ("agent", "处理人"),
            ("satisfaction", "满意度"),
            ("remarks", "备注"),
        ),
        "s4-3": _table(
            "s4-3",
            ("arrived", "通话时间"),
            ("who", "客户信息(订单号/手机后四位)"),
            ("type", "来电类型"),
            ("description", "问题描述"),
            ("solution", "解决方案"),
            ("satisfaction", "客户满意度"),
            ("follow_up", "跟进事项"),
            ("follow_up_owner", "跟进责任人"),
            ("follow_up_at", "跟进完成时间"),
            ("agent", "客服工号"),
            ("remarks", "备注"),
        ),
    }
)

TYPES: Final[Mapping[ContactType, str]] = MappingProxyType(
    {
        ContactType.CONSULT: "咨询",
        ContactType.ORDER: "订单",
        ContactType.AFTER_SALES: "售后",
        ContactType.COMPLAINT: "投诉",
        ContactType.URGENT: "紧急",
        ContactType.SUGGESTION: "建议",
        ContactType.OTHER: "其他",
    }
)
CHANNELS: Final[Mapping[Channel, str]] = MappingProxyType(
    {
        Channel.PHONE: "电话",
        Channel.CHAT: "在线聊天",
        Channel.EMAIL: "邮件",
        Channel.WEB: "网页",
        Channel.APP: "应用",
        Channel.SOCIAL: "社交媒体",
    }
)
TIERS: Final[Mapping[str, str]] = MappingProxyType({"vip": "VIP", "new": "新客户", "existing": "老客户"})
THREE: Final[Mapping[ThreeValue, str]] = MappingProxyType(
    {
        ThreeValue.SATISFIED: "满意",
        ThreeValue.AVERAGE: "一般",
        ThreeValue.UNSATISFIED: "不满意",
    }
)
_CASE_IN_CELL = re.compile(r"[\r\n]+")


def tier_meant(text: str) -> str:
    """The tier a cell means: the sources' three words, else the code as it is written.

    >>> tier_meant("VIP"), tier_meant("老客户"), tier_meant("gold")
    ('vip', 'existing', 'gold')
    """
    word = text.strip()
    known = {said.lower(): tier for tier, said in TIERS.items()}
    return known.get(word.lower(), word)


def minute(at: datetime, zone: str) -> str:
    """``YYYY-MM-DD HH:MM`` local, with seconds only where there are any.

    >>> from datetime import UTC
    >>> minute(datetime(2024, 3, 15, 6, 30, tzinfo=UTC), "Asia/Shanghai")
    '2024-03-15 14:30'
    """
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%Y-%m-%d %H:%M:%S}" if local.second else f"{local:%Y-%m-%d %H:%M}"


def cells(table: RecordTable, contact: Contact, record: ContactRecord, zone: str) -> tuple[str, ...]:
    """One row of the table; times local to ``zone``.  A cell never begins like a spreadsheet's formula."""
    return tuple(_harmless(_cell(field, contact, record, zone)) for field, _ in table.columns)


def _cell(field: str, contact: Contact, record: ContactRecord, zone: str) -> str:
    opened = minute(contact.opened_at, zone)
    follow_up = record.follow_up
    match field:
        case "date":
            return opened[:10]
        case "time":
            return opened[11:]
        case "arrived":
            return opened
        case "answered":
            return "" if contact.responded_at is None else minute(contact.responded_at, zone)
        case "resolved":
            return "" if contact.resolved_at is None else minute(contact.resolved_at, zone)
        case "contact":
            return contact.ref
        case "customer":
            return record.customer_label or ""
        case "digits":
            return record.contact_digits or ""
        case "who":
            parts = (("订单号", record.order_no), ("手机后四位", record.contact_digits))
            return " / ".join(f"{name}{value}" for name, value in parts if value)
        case "type":
            return TYPES[contact.type]
        case "tier":
            return TIERS.get(contact.tier, contact.tier)
        case "channel":
            return CHANNELS[contact.channel]
        case "agent":
            return contact.agent or ""
        case "result":
            return record.result or record.solution
        case "satisfaction":
            return _satisfaction(record.satisfaction, record.satisfaction_reason)
        case "follow_up":
            return "" if follow_up is None else follow_up.text
        case "follow_up_owner":
            return "" if follow_up is None else follow_up.owner
        case "follow_up_at":
            return "" if follow_up is None else minute(follow_up.due_at, zone)
        case "remarks":
            return record.remarks or record.compensation
        case _:
            return str(getattr(record, field) or "")


def _satisfaction(given: Satisfaction | None, reason: str) -> str:
    if given is None:
        return ""
    match given.scale:
        case Scale.FIVE:
            said = str(given.value)
        case Scale.THREE:
            said = THREE[THREE_VALUES[given.value]]
        case Scale.POINTS:
            said = f"{given.value}分"
        case Scale.NPS:
            said = f"NPS {given.value}"
    return f"{said}（{reason}）" if reason else said


def _harmless(text: str) -> str:
    """One line, and none that a spreadsheet would compute."""
    line = _CASE_IN_CELL.sub(" ", text).strip()
    return f"'{line}" if line[:1] in ("=", "+", "-", "@") else line
