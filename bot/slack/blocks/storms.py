"""Many breaches in one card, its news, and the summary of what goes beyond a reader's noise budget."""

from __future__ import annotations

from slack_sdk.models.blocks import Block

from bot.core.alert_messages import AlertSummary, FoldedAlert, StormCard, StormNews
from bot.slack.blocks.alerts import level_name
from bot.slack.blocks.cause import age_line, cause_lines
from bot.slack.blocks.kit import actions, button, code, context, section
from bot.slack.blocks.voice import Voice

__all__ = ["ACKNOWLEDGE_STORM", "card", "news", "summary"]

ACKNOWLEDGE_STORM = "storm.acknowledge"
"""The button's action id; its value is the storm's number."""


def card(message: StormCard, voice: Voice) -> list[Block]:
    """The storm as it stands now: how many, the oldest, what they share, what comes next."""
    blocks: list[Block] = [section(_title(message, voice))]
    facts = _facts(message, voice)
    if facts:
        blocks.append(section("\n".join(facts)))
    if message.cause is not None and message.open:
        blocks.append(section("\n".join(cause_lines(message.cause, voice))))
    hints = []
    if message.state == "open":
        press = button(
            voice.t.plural("storm.acknowledge", message.open),
            action=ACKNOWLEDGE_STORM,
            value=str(message.storm),
            style="primary",
        )
        blocks.append(actions(f"storm:{message.storm}", press))
        hints.append(voice.t.text("alert.or_command", command=code(f"/muster take S{message.storm}")))
    if message.cause is not None:
        hints.append(age_line(message.cause.age, voice))
    elif message.heard_at is not None:
        age = max(0.0, (voice.now - message.heard_at).total_seconds())
        at = voice.moment(message.heard_at)
        hints.append(voice.t.text("alert.heard_at", at=at, age=voice.length(age)))
    note = voice.zone_note([message.queue])
    hints += [] if note is None else [note]
    return [*blocks, context(*hints)] if hints else blocks


def news(message: StormNews, voice: Voice) -> list[Block]:
    """What just happened to it, in one sentence."""
    text = voice.t.text(
        f"storm.news.{message.what}" if voice.t.has(f"storm.news.{message.what}") else "storm.news.other",
        queue=voice.queue(message.queue),
        person="" if message.by is None else voice.person(message.by),
        at=voice.f.time(message.at, seconds=True),
        level="" if message.level is None else level_name(message.level, voice),
        count=message.count,
        open=message.open,
    )
    called = " ".join(voice.person(who) for who in message.mention)
    facts = [f"{called} {text}" if called else text]
    if message.passed_over:
        facts.append(_passed_over(message.passed_over, voice))
    return [section("\n".join(facts))]


def summary(message: AlertSummary, voice: Voice) -> list[Block]:
    """What was too much to be told one by one."""
    title = voice.t.plural(
        "alert.summary.title",
        message.count,
        since=voice.moment(message.since),
        oldest=_folded(message.oldest, voice),
    )
    rows = [f"• {_folded(alert, voice)}  {code(f'/muster take {alert.alert}')}" for alert in message.newest]
    return [section(title), section("\n".join(rows)), context(voice.t.text("alert.summary.why"))]


def _title(message: StormCard, voice: Voice) -> str:
    data = {"queue": voice.queue(message.queue), "since": voice.moment(message.opened_at)}
    if message.state == "resolved":
        return voice.t.plural("storm.title.over", message.count, **data)
    if message.state == "acknowledged" and message.by is not None and message.at is not None:
        return voice.t.plural(
            "storm.title.taken",
            message.count,
            **data,
            person=voice.person(message.by),
            at=voice.f.time(message.at, seconds=True),
            open=message.open,
        )
    late = max(0.0, (voice.now - (message.oldest_due or message.opened_at)).total_seconds())
    key = "storm.title.nobody_took" if message.escalated else "storm.title.open"
    return voice.t.plural(key, message.open, **data, late=voice.length(late))


def _facts(message: StormCard, voice: Voice) -> list[str]:
    facts = []
    if message.state != "resolved":
        facts.append(voice.t.text("storm.count", count=message.count, open=message.open))
    if message.oldest_ref is not None and message.oldest_due is not None:
        oldest = voice.ref(message.oldest_ref)
        facts.append(voice.t.text("storm.oldest", ref=oldest, due=voice.moment(message.oldest_due)))
    if message.urgent:
        facts.append(voice.t.plural("storm.urgent", message.urgent))
    if message.type is not None:
        kind = voice.label("type", message.type)
        facts.append(voice.t.text("storm.type", type=kind, count=message.of_type, open=message.open))
    if message.state != "open":
        return facts
    if message.passed_over:
        facts.append(_passed_over(message.passed_over, voice))
    told = f"alert.told.{message.level}"
    if voice.direct and message.level is not None and voice.t.has(told):
        facts.append(voice.t.text(told))
    if message.next_level is not None and message.next_at is not None:
        at = voice.moment(message.next_at)
        if message.next_level == "repeat":
            facts.append(voice.t.text("alert.next_repeat", at=at))
        else:
            facts.append(voice.t.text("alert.next", level=level_name(message.next_level, voice), at=at))
    if message.mention:
        people = voice.f.join([voice.person(who) for who in message.mention])
        facts.append(voice.t.text("alert.on_duty", people=people))
    return facts


def _folded(alert: FoldedAlert, voice: Voice) -> str:
    where = f"{voice.ref(alert.ref)} {voice.queue(alert.queue)}"
    if alert.due_at is None:
        return where
    return voice.t.text("alert.summary.case", case=where, due=voice.moment(alert.due_at))


def _passed_over(levels: tuple[str, ...], voice: Voice) -> str:
    named = voice.f.join([level_name(name, voice) for name in levels])
    return voice.t.text("alert.passed_over", levels=named)
