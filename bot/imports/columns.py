"""The columns of every file, and the other names people give them in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """``aliases`` are compared like headers: lower case, blanks and hyphens as underscores."""

    name: str
    required: bool = False
    aliases: tuple[str, ...] = ()


_AGENT = Column(
    name="agent",
    required=True,
    aliases=("agent_id", "employee", "employee_id", "工号", "客服", "坐席", "员工"),
)
_QUEUE = Column(name="queue", aliases=("queue_name", "skill_queue", "队列", "队列名称", "业务队列"))

VOLUMES = (
    _QUEUE,
    Column(
        name="start",
        required=True,
        aliases=("interval_start", "time", "timestamp", "datetime", "开始", "开始时间", "时段", "时间"),
    ),
    Column(
        name="contacts",
        required=True,
        aliases=(
            "calls",
            "count",
            "volume",
            "offered",
            "contacts_offered",
            "来量",
            "呼入量",
            "接入量",
            "数量",
        ),
    ),
    Column(
        name="aht_seconds",
        aliases=("aht", "handle_time", "handling_time", "平均处理时长", "处理时长", "aht_秒"),
    ),
)
CONTACTS = (
    Column(
        name="contact",
        required=True,
        aliases=(
            "contact_id",
            "case",
            "case_id",
            "ticket",
            "ticket_id",
            "id",
            "编号",
            "工单号",
            "个案",
            "联络编号",
        ),
    ),
    _QUEUE,
    Column(name="channel", aliases=("media", "渠道")),
    Column(name="type", aliases=("contact_type", "category", "类型", "问题类型")),
    Column(name="priority", aliases=("优先级", "紧急程度")),
    Column(name="tier", aliases=("customer_tier", "segment", "客户等级", "等级")),
    Column(
        name="arrived",
        required=True,
        aliases=(
            "arrived_at",
            "opened",
            "opened_at",
            "submitted",
            "提交时间",
            "到达时间",
            "进线时间",
            "接入时间",
        ),
    ),
    Column(
        name="answered",
        aliases=("answered_at", "first_response", "responded_at", "首次响应", "首次响应时间", "应答时间"),
    ),
    Column(name="resolved", aliases=("resolved_at", "solved_at", "closed_at", "解决时间", "完成时间")),
    Column(name="outcome", aliases=("result", "disposition", "结果", "处理结果")),
    Column(name="agent", aliases=_AGENT.aliases),
    Column(name="handle_seconds", aliases=("handling_seconds", "handle_time", "处理时长", "处理秒数")),
)
AGENTS = (
    _AGENT,
    Column(name="name", aliases=("full_name", "姓名", "名字")),
    Column(
        name="email", required=True, aliases=("e_mail", "mail", "email_address", "邮箱", "电子邮箱", "邮件")
    ),
    Column(name="team", aliases=("group", "团队", "小组", "班组")),
    Column(name="skills", required=True, aliases=("skill", "技能")),
    Column(name="contract", required=True, aliases=("contract_type", "合同", "合同类型", "用工类型")),
    Column(name="zone", aliases=("time_zone", "timezone", "tz", "时区")),
    Column(name="role", aliases=("角色", "职位")),
)
AVAILABILITY = (
    _AGENT,
    Column(
        name="weekday_or_date",
        required=True,
        aliases=("weekday", "day", "date", "星期或日期", "星期", "日期"),
    ),
    Column(name="start", required=True, aliases=("from", "begin", "开始", "开始时间")),
    Column(name="end", required=True, aliases=("to", "until", "结束", "结束时间")),
)
LEAVE = (
    _AGENT,
    Column(name="start", required=True, aliases=("first", "from", "first_day", "开始", "开始日期")),
    Column(name="end", aliases=("last", "to", "until", "last_day", "结束", "结束日期")),
    Column(name="kind", aliases=("type", "leave_type", "reason", "类型", "休假类型", "假别")),
)
ROSTER = (
    _AGENT,
    Column(name="date", required=True, aliases=("day", "日期")),
    Column(name="activity", required=True, aliases=("queue", "task", "活动", "安排", "工作内容")),
    Column(name="start", required=True, aliases=("from", "begin", "开始", "开始时间")),
    Column(name="end", required=True, aliases=("to", "until", "结束", "结束时间")),
)

EVENTS = (
    Column(
        name="kind", required=True, aliases=("feature", "event_type", "type", "category", "类型", "活动类型")
    ),
    Column(
        name="start",
        required=True,
        aliases=("start_date", "first", "first_day", "from", "date", "day", "开始", "开始日期", "日期"),
    ),
    Column(name="end", aliases=("end_date", "last", "last_day", "to", "until", "结束", "结束日期")),
    _QUEUE,
    Column(name="name", aliases=("event", "event_name", "title", "description", "名称", "事件", "活动")),
    Column(name="lift", aliases=("expected_lift", "uplift", "增幅", "预计增幅")),
    Column(name="size", aliases=("exposure", "scale", "规模")),
    Column(name="nature", aliases=("性质",)),
    Column(name="lead_days", aliases=("lead", "提前天数")),
    Column(name="tail_days", aliases=("tail", "延续天数")),
)

SURVEYS = (
    Column(
        name="case",
        aliases=("contact", "contact_id", "case_id", "ticket", "ticket_id", "个案", "编号", "工单号"),
    ),
    Column(
        name="answered",
        aliases=("date", "answered_at", "submitted", "time", "日期", "回答时间", "提交时间", "时间"),
    ),
    _QUEUE,
    Column(name="token", aliases=("survey_token", "令牌", "问卷令牌")),
    Column(name="scale", aliases=("量表", "评分方式")),
    Column(
        name="value", required=True, aliases=("score", "rating", "satisfaction", "满意度", "评分", "得分")
    ),
    Column(name="attitude", aliases=("friendliness", "态度", "服务态度")),
    Column(name="skill", aliases=("competence", "技能", "专业能力")),
    Column(name="speed", aliases=("速度", "时效", "响应速度")),
    Column(name="result", aliases=("outcome", "结果", "处理结果")),
    Column(name="campaign", aliases=("促销活动", "营销活动")),
)
SKILLS = (
    _AGENT,
    Column(name="skill", required=True, aliases=("skill_name", "技能", "技能名称")),
    Column(name="level", aliases=("proficiency", "score", "等级", "水平", "熟练度")),
    Column(name="since", aliases=("date", "day", "tested", "日期", "考核日期", "起始日期")),
    Column(name="source", aliases=("来源",)),
)
ASPECTS = ("attitude", "skill", "speed", "result", "campaign")
"""Columns of a survey that ask about one aspect (CP7, KS14)."""

KINDS: Mapping[str, tuple[Column, ...]] = MappingProxyType(
    {
        "volumes": VOLUMES,
        "contacts": CONTACTS,
        "agents": AGENTS,
        "availability": AVAILABILITY,
        "leave": LEAVE,
        "roster": ROSTER,
        "events": EVENTS,
        "surveys": SURVEYS,
        "skills": SKILLS,
    }
)
