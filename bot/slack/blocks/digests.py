"""The stand-up digest: yesterday's figures, overdue cases, today's cover."""

from __future__ import annotations

from slack_sdk.models.blocks import Block

from bot.core.messages import CoverToday, OverdueCase, QueueDay, StandUpDigest, TopType
from bot.slack.blocks import causes, ideas, items
from bot.slack.blocks.kit import actions, context, escape, lines, section
from bot.slack.blocks.voice import Voice

__all__ = ["cover_line", "stand_up"]

OVERDUE_SHOWN = 10
SILENT_SHOWN = 5
DONE_SHOWN = 5
WITH_BUTTON = 5
"""Cases of a kind that have a button of their own; the others are lines below them."""


def stand_up(message: StandUpDigest, voice: Voice) -> list[Block]:
    """One screen: the line that matters, what was agreed and is not done, what is blocked, figures, what is
    overdue, who is missing today."""
    blocks: list[Block] = [
        section(voice.t.text("digest.silent", queue=voice.queue(q.queue), since=voice.moment(q.since)))
        for q in message.silent[:SILENT_SHOWN]
    ]
    blocks.append(section(_title(message, voice)))
    if message.late:
        blocks.append(section(voice.t.text("digest.late", meeting=voice.moment(message.meeting_at))))
    if message.items:
        blocks.append(section(f"*{voice.t.plural('digest.items', message.items_total)}*"))
        blocks += items.sections(message.items, message.items_total, voice)
    if message.blocked_total:
        blocks += _blocked(message, voice)
    if message.done:
        rows = [items.line(item, voice, ended=True) for item in message.done[:DONE_SHOWN]]
        if len(message.done) > DONE_SHOWN:
            rows.append(voice.t.plural("item.more_done", len(message.done) - DONE_SHOWN))
        blocks.append(section(_part("digest.done", rows, voice)))
    if message.kudos:
        thanks = [ideas.kudos_line(one, voice) for one in message.kudos[:DONE_SHOWN]]
        blocks.append(section(_part("digest.kudos", thanks, voice)))
    if message.ideas:
        waiting = [ideas.idea_line(one, voice) for one in message.ideas[:DONE_SHOWN]]
        blocks.append(section(_part("digest.ideas", waiting, voice)))
    days = [_yesterday(day, voice) for day in message.yesterday]
    nothing = voice.t.text("digest.nothing_yesterday")
    blocks.append(section(_part("digest.yesterday", days or [nothing], voice)))
    if message.top_types:
        tops = [_top_type(top, voice) for top in message.top_types]
        blocks.append(section(_part("digest.top_types", tops, voice)))
    blocks += _overdue(message, voice)
    if message.unnamed:
        text = voice.t.plural("cause.total", message.unnamed)
        blocks.append(section(text, button=causes.list_button(voice)))
    blocks.append(section(_cover(message, voice)))
    if message.no_forecast:
        unforeseen = voice.f.join([voice.queue(q) for q in message.no_forecast])
        blocks.append(section(voice.t.text("digest.no_forecast", queues=unforeseen)))
    queues = [q.queue for q in message.yesterday] + [c.queue for c in message.cover]
    notes = [_data(message, voice)]
    zone = voice.zone_note(queues)
    if zone is not None:
        notes.append(zone)
    blocks += [context(*notes), actions("stand-up", items.new_button(voice))]
    return blocks


def _title(message: StandUpDigest, voice: Voice) -> str:
    judged = sum(q.judged for q in message.yesterday)
    within = sum(q.within for q in message.yesterday)
    data = {
        "team": escape(message.team),
        "meeting": voice.moment(message.meeting_at),
    }
    if judged == 0:
        return voice.t.plural("digest.title_nothing_due", message.overdue_total, **data)
    share = voice.f.percent(within / judged)
    return voice.t.plural("digest.title", message.overdue_total, share=share, **data)


def _yesterday(day: QueueDay, voice: Voice) -> str:
    data = {"queue": voice.queue(day.queue), "contacts": voice.f.number(day.contacts)}
    if day.judged == 0:
        return voice.t.text("digest.queue_nothing_due", **data)
    line = voice.t.text(
        "digest.queue",
        within=voice.f.number(day.within),
        judged=voice.f.number(day.judged),
        share=voice.f.percent(day.within / day.judged),
        **data,
    )
    if day.median_response_seconds is not None:
        line += voice.t.text("digest.median", median=voice.length(day.median_response_seconds))
    return line


def _top_type(top: TopType, voice: Voice) -> str:
    """``chat: order 30% (+6 points) of 120 contacts – could self-service answer it?``"""
    t = voice.t
    change = ""
    if top.change is not None and round(top.change * 100):
        points = f"{round(top.change * 100):+d}"
        change = t.text("digest.points", points=points)
    line = t.text(
        "digest.top_type",
        queue=voice.queue(top.queue),
        type=voice.label("type", top.type),
        share=voice.f.percent(top.share),
        change=change,
        contacts=voice.f.number(top.contacts),
    )
    return f"{line} {t.text('digest.self_service')}" if top.self_service else line


def _overdue(message: StandUpDigest, voice: Voice) -> list[Block]:
    if message.overdue_total == 0:
        return [section(voice.t.text("digest.none_overdue"))]
    shown = message.overdue[:OVERDUE_SHOWN]
    notes = []
    hidden = message.overdue_total - len(shown)
    if hidden > 0:
        notes.append(voice.t.plural("digest.more_overdue", hidden))
    share = _type_share(message, voice)
    if share is not None:
        notes.append(share)
    return _cases("digest.overdue", [(case.ref, _case(case, voice)) for case in shown], notes, voice)


def _blocked(message: StandUpDigest, voice: Voice) -> list[Block]:
    """ES6, F7: what another department holds up stands above the figures, with who asks there."""
    rows = [
        (
            case.ref,
            voice.t.text(
                "digest.blocked_case",
                ref=voice.ref(case.ref),
                queue=voice.queue(case.queue),
                department=escape(case.department),
                waited=voice.length(max(0.0, (voice.now - case.since).total_seconds())),
                person=voice.person(case.chaser),
            ),
        )
        for case in message.blocked
    ]
    hidden = message.blocked_total - len(message.blocked)
    notes = [voice.t.plural("case.orphans.more", hidden)] if hidden > 0 else []
    return _cases("digest.blocked", rows, notes, voice)


def _cases(heading: str, rows: list[tuple[str, str]], notes: list[str], voice: Voice) -> list[Block]:
    """Cases (reference, line): the first with the button that assigns what is to be done (SR3)."""
    blocks: list[Block] = [section(f"*{voice.t.text(heading)}*")]
    blocks += [section(f"• {row}", button=items.about_button(ref, voice)) for ref, row in rows[:WITH_BUTTON]]
    below = [*(row for _, row in rows[WITH_BUTTON:]), *notes]
    if below:
        blocks.append(section(lines([f"• {row}" for row in below])))
    return blocks


def _type_share(message: StandUpDigest, voice: Voice) -> str | None:
    """``Of the 7 overdue cases, 5 are complaint (71%)``; nothing where one alone is overdue."""
    most, total = message.overdue_type, message.overdue_total
    if most is None or total < 2:
        return None
    return voice.t.plural(
        "digest.overdue_type",
        total,
        count=most.count,
        type=voice.label("type", most.type),
        share=voice.f.percent(most.count / total),
    )


def _case(case: OverdueCase, voice: Voice) -> str:
    owner = voice.t.text("digest.no_owner") if case.owner is None else voice.person(case.owner)
    return voice.t.text(
        "digest.case",
        ref=voice.ref(case.ref),
        queue=voice.queue(case.queue),
        priority=voice.label("priority", case.priority),
        late=voice.length(max(0.0, (voice.now - case.due_at).total_seconds())),
        owner=owner,
    )


def _cover(message: StandUpDigest, voice: Voice) -> str:
    if not message.roster_known:
        return voice.t.text("digest.no_roster")
    if not message.cover:
        return voice.t.text("digest.no_requirement")
    return _part("digest.cover", [cover_line(c, voice) for c in message.cover], voice)


def cover_line(cover: CoverToday, voice: Voice) -> str:
    """One queue's roster against its requirement, as a line."""
    queue = voice.queue(cover.queue)
    if cover.worst_at is None or cover.worst_missing <= 0:
        return voice.t.text("digest.covered", queue=queue, peak=cover.required_agents_peak)
    return voice.t.text(
        "digest.missing",
        queue=queue,
        peak=cover.required_agents_peak,
        length=voice.length(cover.missing_agent_minutes * 60),
        worst=cover.worst_missing,
        at=voice.f.time(cover.worst_at),
    )


def _data(message: StandUpDigest, voice: Voice) -> str:
    if message.data_until is None:
        return voice.t.text("digest.no_data")
    return voice.t.text("digest.data_until", at=voice.moment(message.data_until))


def _part(heading: str, rows: list[str], voice: Voice) -> str:
    return lines([f"*{voice.t.text(heading)}*", *(f"• {row}" for row in rows)])
