"""Deals, leave and hours as the one who asked reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.planner_messages import BrokenRule
from bot.core.requests import Request
from bot.slack.blocks.kit import actions, button, code, context, lines, section
from bot.slack.blocks.reasons import broken_line
from bot.slack.blocks.requests import change_line, gaps_line, times
from bot.slack.blocks.voice import Voice
from bot.usecases.ask_leave import Looked
from bot.usecases.change_shifts import open_spans, person_change, shift_times, whole_change
from bot.usecases.offer_hours import HoursOffers
from bot.usecases.referrals import Referral, Standpoint
from bot.usecases.swap_shifts import Deals, members_of
from scheduler.requests.partners import Deal, DealKind, Refusal
from scheduler.roster.roster import UncoveredInterval
from scheduler.roster.shifts import Shift
from scheduler.roster.violation import Violation

__all__ = [
    "ASK_COLLEAGUE",
    "ASK_DEAL",
    "ASK_LEAD",
    "ASK_LEAD_DEAL",
    "OFFER",
    "TAKE_DAY",
    "TAKE_PART",
    "deals",
    "exchange_text",
    "hours",
    "leave",
    "rule_line",
]

ASK_DEAL: Final = tuple(f"swap.ask.{n}" for n in range(1, 5))
"""Value: ``agent@start`` of everybody in the ring, with ``|`` between; no ``@`` for who gives nothing."""
TAKE_DAY: Final = "leave.take"
TAKE_PART: Final = ("leave.part.1", "leave.part.2")
OFFER: Final = tuple(f"hours.offer.{n}" for n in range(1, 5))
"""Value: kind, day and agent, with ``|`` between."""
ASK_COLLEAGUE: Final = ("leave.ask.1", "leave.ask.2", "leave.ask.3")
ASK_LEAD: Final = "leave.ask_lead"
"""Value: the day."""
ASK_LEAD_DEAL: Final = "swap.ask_lead"
"""Value: as those of ASK_DEAL."""
_HELPERS: Final = 3
_RULES: Final = 2


def shift_text(shift: Shift, voice: Voice) -> str:
    return times(shift_times(shift), voice)


def rule_line(violation: Violation, voice: Voice) -> str:
    """Which rule, for whom, and the numbers."""
    rule = BrokenRule(
        rule=violation.rule,
        agent=violation.agent,
        day=violation.date,
        amount=float(violation.amount),
        limit=float(violation.limit),
    )
    return broken_line(rule, voice, otherwise=violation.code)


def exchange_text(request: Request, voice: Voice) -> str:
    """What becomes of the days of all whom a request concerns, in one line."""
    return voice.f.join([change_line(whole_change(trade), voice) for trade in request.trades])


def gaps_text(found: Sequence[UncoveredInterval], voice: Voice) -> str:
    return gaps_line(open_spans(found), voice)


def deals(found: Deals, voice: Voice, *, partner: str | None = None) -> list[Block]:
    """Who could take a shift, each with a button; and why the one asked for cannot."""
    shift = shift_text(found.shift, voice)
    blocks: list[Block] = []
    if found.refused:
        blocks.append(section(_refused(found.refused, partner or "", voice)))
    if not found.deals:
        key = "swap.none" if found.gap is None else "swap.none_with_cover"
        blocks.append(section(voice.t.text(key, shift=shift)))
        hint = voice.t.text("swap.none_hint", command=code("/muster off"))
        return [*blocks, *_only_a_gap(found, voice), context(hint)]
    blocks.append(section(voice.t.plural("swap.title", len(found.deals), shift=shift)))
    buttons = []
    for place, (action, deal) in enumerate(zip(ASK_DEAL, found.deals, strict=False), start=1):
        blocks.append(section(_deal_text(place, deal, voice)))
        label = voice.t.plural("swap.button.ask", len(deal.partners), place=voice.f.number(place))
        buttons.append(button(label, action=action, value=_value(deal)))
    first = blocks if not found.refused else [blocks[1], blocks[0], *blocks[2:]]
    zone = voice.zone_note(found.shift.queues)
    return [
        *first,
        actions("swap", *buttons),
        *_only_a_gap(found, voice),
        context(voice.t.text("swap.checked"), *([] if zone is None else [zone])),
    ]


def _value(deal: Deal) -> str:
    return "|".join(n if at is None else f"{n}@{at.timestamp():.0f}" for n, at in members_of(deal))


def _only_a_gap(found: Deals, voice: Voice) -> list[Block]:
    """What only cover stands against, for the lead to decide; why no lead is asked where none can be."""
    if found.gap is None or found.lead is None:
        return []
    mine, other = found.gap.trades
    key, got = ("give", "") if not mine.come else ("swap", shift_text(mine.come[0], voice))
    text = voice.t.text(
        f"swap.gap.{key}",
        person=voice.person(other.agent),
        shift=got,
        gaps=gaps_text(found.gap.verdict.opened, voice),
    )
    if found.lead.referral is not Referral.POSSIBLE:
        return [section(lines([text, _no_lead(found.lead, voice)]))]
    press = button(voice.t.text("leave.button.ask_lead"), action=ASK_LEAD_DEAL, value=_value(found.gap))
    return [section(text), actions("swap:lead", press)]


def _deal_text(place: int, deal: Deal, voice: Voice) -> str:
    mine = deal.trades[0]
    people = [voice.person(p) for p in deal.partners]
    got = shift_text(mine.come[0], voice) if mine.come else ""
    number = voice.f.number(place)
    if deal.kind is DealKind.GIVE:
        return voice.t.text("swap.give", place=number, person=people[0])
    if deal.kind is DealKind.SWAP:
        return voice.t.text("swap.swap", place=number, person=people[0], shift=got)
    rows = [
        voice.t.plural("swap.chain", len(deal.trades), place=number, people=voice.f.join(people), shift=got)
    ]
    for trade in deal.trades[1:]:
        rows.append(
            voice.t.text(
                "swap.chain_part", person=voice.person(trade.agent), shift=shift_text(trade.come[0], voice)
            )
        )
    return lines(rows)


def _refused(refused: Sequence[Refusal], partner: str, voice: Voice) -> str:
    rows = [voice.t.text("swap.refused", person=voice.person(partner))]
    said: set[str] = set()
    for refusal in refused[:3]:
        for violation in refusal.violations[:2]:
            line = f"• {rule_line(violation, voice)}"
            if line not in said:
                said.add(line)
                rows.append(line)
    return lines(rows)


def leave(looked: Looked, voice: Voice) -> list[Block]:
    """Yes with a button, or no with what could be had."""
    shift = shift_text(looked.shift, voice)
    stamp = f"{looked.day.isoformat()}"
    found: list[Block] = []
    answer = looked.answer
    older = (
        [voice.t.text("leave.older", numbers=voice.f.join([code(str(n)) for n in looked.older]))]
        if looked.older
        else []
    )
    if answer.is_approved:
        press = button(voice.t.text("leave.button.take"), action=TAKE_DAY, value=stamp, style="primary")
        found = [section(voice.t.text("leave.possible", shift=shift)), actions(f"leave:{stamp}", press)]
        return [*found, context(voice.t.text("leave.checked"), *older)]
    against = [rule_line(v, voice) for v in answer.verdict.violations[:_RULES]]
    against += [gaps_text(answer.verdict.opened, voice)] if answer.verdict.opened else []
    found.append(section(voice.t.text("leave.not_as_asked", shift=shift, gaps=voice.f.join(against))))
    offers: list[str] = []
    buttons = []
    for action, part in zip(TAKE_PART, answer.parts, strict=False):
        span = voice.f.period(part.start, part.end)
        offers.append(voice.t.text("leave.part", span=span))
        value = f"{stamp}|{part.start.timestamp():.0f}"
        buttons.append(button(voice.t.text("leave.button.part", span=span), action=action, value=value))
    if answer.other_dates:
        days = voice.f.join([voice.f.day(d) for d in answer.other_dates])
        offers.append(voice.t.text("leave.other_days", days=days))
    for action, move in zip(ASK_COLLEAGUE, answer.helpers[:_HELPERS], strict=False):
        offers.append(voice.t.text("leave.helper", change=change_line(person_change(move.change), voice)))
        buttons.append(
            button(
                voice.t.text("leave.button.ask", name=move.change.agent),
                action=action,
                value=f"{stamp}|{move.change.agent}",
            )
        )
    if offers:
        found.append(section(lines([voice.t.text("leave.instead"), *(f"• {o}" for o in offers)])))
    elif answer.searched_until is not None:
        until = voice.f.day(answer.searched_until)
        found.append(section(voice.t.text("leave.nothing", until=until)))
    if looked.lead.referral is Referral.POSSIBLE:
        buttons.append(button(voice.t.text("leave.button.ask_lead"), action=ASK_LEAD, value=stamp))
    elif looked.lead.referral is not Referral.NOT_THEIRS:
        found.append(section(_no_lead(looked.lead, voice)))
    if buttons:
        found.append(actions(f"leave:{stamp}", *buttons))
    zone = voice.zone_note(looked.shift.queues)
    return [*found, context(voice.t.text("leave.nothing_changed"), *older, *([] if zone is None else [zone]))]


def _no_lead(lead: Standpoint, voice: Voice) -> str:
    """Why no lead is asked, where only the gap stands against it."""
    number = "" if lead.waits is None else code(str(lead.waits))
    return voice.t.text(f"referral.not.{lead.referral.value}", number=number)


def hours(found: HoursOffers, voice: Voice) -> list[Block]:
    """Whom hours could be offered to, each with a button."""
    day = voice.f.day(found.day)
    kind = found.kind.value
    if not found.offers:
        return [section(voice.t.text(f"hours.{kind}.none", day=day))]
    rows: list[str] = []
    buttons = []
    for action, offer in zip(OFFER, found.offers, strict=False):
        rows.append(
            voice.t.text(
                f"hours.{kind}.offer",
                change=change_line(person_change(offer.change), voice),
                minutes=voice.f.number(offer.minutes),
                worth=voice.f.number(offer.worth),
            )
        )
        buttons.append(
            button(
                voice.t.text("leave.button.ask", name=offer.change.agent),
                action=action,
                value=f"{kind}|{found.day.isoformat()}|{offer.change.agent}",
            )
        )
    zone = voice.zone_note([q for o in found.offers if o.change.after for q in o.change.after.queues])
    return [
        section(voice.t.plural(f"hours.{kind}.title", len(rows), day=day)),
        section(lines([f"• {row}" for row in rows])),
        actions(f"hours:{kind}", *buttons),
        context(voice.t.text("hours.fit"), *([] if zone is None else [zone])),
    ]
