"""Words that other systems, in English and Chinese, use for our types, priorities, channels, events and
states of agents.

One table for every way in (HTTP and files).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import TypeVar

from bot.core.contacts import ContactType, EventKind, Priority
from bot.core.floor import AgentState
from bot.core.queues import Channel

__all__ = ["AGENT_STATES", "CHANNELS", "CONTACT_TYPES", "EVENT_KINDS", "PRIORITIES", "meant"]

E = TypeVar("E", bound=Enum)

CONTACT_TYPES: Mapping[str, ContactType] = MappingProxyType(
    {
        "consultation": ContactType.CONSULT,
        "inquiry": ContactType.CONSULT,
        "enquiry": ContactType.CONSULT,
        "question": ContactType.CONSULT,
        "咨询": ContactType.CONSULT,
        "订单": ContactType.ORDER,
        "aftersales": ContactType.AFTER_SALES,
        "售后": ContactType.AFTER_SALES,
        "投诉": ContactType.COMPLAINT,
        "紧急": ContactType.URGENT,
        "建议": ContactType.SUGGESTION,
        "其他": ContactType.OTHER,
        "其它": ContactType.OTHER,
    }
)
PRIORITIES: Mapping[str, Priority] = MappingProxyType(
    {
        "critical": Priority.URGENT,
        "p1": Priority.URGENT,
        "紧急": Priority.URGENT,
        "p2": Priority.HIGH,
        "高": Priority.HIGH,
        "normal": Priority.MEDIUM,
        "p3": Priority.MEDIUM,
        "中": Priority.MEDIUM,
        "普通": Priority.MEDIUM,
        "p4": Priority.LOW,
        "低": Priority.LOW,
    }
)
CHANNELS: Mapping[str, Channel] = MappingProxyType(
    {
        "call": Channel.PHONE,
        "voice": Channel.PHONE,
        "电话": Channel.PHONE,
        "im": Channel.CHAT,
        "在线": Channel.CHAT,
        "在线聊天": Channel.CHAT,
        "在线客服": Channel.CHAT,
        "聊天": Channel.CHAT,
        "mail": Channel.EMAIL,
        "e_mail": Channel.EMAIL,
        "邮件": Channel.EMAIL,
        "website": Channel.WEB,
        "form": Channel.WEB,
        "网页": Channel.WEB,
        "网站": Channel.WEB,
        "表单": Channel.WEB,
        "mobile_app": Channel.APP,
        "in_app": Channel.APP,
        "应用": Channel.APP,
        "小程序": Channel.APP,
        "social_media": Channel.SOCIAL,
        "社交媒体": Channel.SOCIAL,
        "微信": Channel.SOCIAL,
        "微博": Channel.SOCIAL,
    }
)
EVENT_KINDS: Mapping[str, EventKind] = MappingProxyType(
    {
        "created": EventKind.OPENED,
        "new": EventKind.OPENED,
        "replied": EventKind.RESPONDED,
        "first_reply": EventKind.RESPONDED,
        "answered": EventKind.RESPONDED,
        "on_hold": EventKind.PENDING,
        "waiting": EventKind.PENDING,
        "solved": EventKind.RESOLVED,
        "closed": EventKind.RESOLVED,
        "customer_answered": EventKind.CUSTOMER_REPLIED,
        "customer_message": EventKind.CUSTOMER_REPLIED,
        "handoff": EventKind.HANDED_OVER,
        "handover": EventKind.HANDED_OVER,
        "customer_informed": EventKind.INFORMED,
    }
)
AGENT_STATES: Mapping[str, AgentState] = MappingProxyType(
    {
        "ready": AgentState.AVAILABLE,
        "idle": AgentState.AVAILABLE,
        "online": AgentState.AVAILABLE,
        "在线": AgentState.AVAILABLE,
        "空闲": AgentState.AVAILABLE,
        "可用": AgentState.AVAILABLE,
        "就绪": AgentState.AVAILABLE,
        "on_call": AgentState.BUSY,
        "in_call": AgentState.BUSY,
        "talking": AgentState.BUSY,
        "wrap_up": AgentState.BUSY,
        "after_call_work": AgentState.BUSY,
        "acw": AgentState.BUSY,
        "忙碌": AgentState.BUSY,
        "通话中": AgentState.BUSY,
        "话后处理": AgentState.BUSY,
        "小休": AgentState.BREAK,
        "休息": AgentState.BREAK,
        "meal": AgentState.LUNCH,
        "午休": AgentState.LUNCH,
        "用餐": AgentState.LUNCH,
        "coaching": AgentState.TRAINING,
        "培训": AgentState.TRAINING,
        "辅导": AgentState.TRAINING,
        "not_ready": AgentState.AWAY,
        "meeting": AgentState.AWAY,
        "离开": AgentState.AWAY,
        "暂离": AgentState.AWAY,
        "会议": AgentState.AWAY,
        "logged_out": AgentState.OFFLINE,
        "logout": AgentState.OFFLINE,
        "离线": AgentState.OFFLINE,
        "下线": AgentState.OFFLINE,
        "签出": AgentState.OFFLINE,
    }
)


def meant(text: str, kind: type[E], words: Mapping[str, E]) -> E | None:
    """The member a word means, or None; case does not matter, blanks and hyphens are underscores.

    >>> meant("After-Sales", ContactType, CONTACT_TYPES), meant("紧急", Priority, PRIORITIES)
    (<ContactType.AFTER_SALES: 'after_sales'>, <Priority.URGENT: 'urgent'>)
    >>> meant("boring", Priority, PRIORITIES)
    """
    word = text.strip().lower().replace(" ", "_").replace("-", "_")
    if word in words:
        return words[word]
    return next((member for member in kind if member.value == word), None)
