"""A break that could be moved: the press that shows what it would do, and what came of it (SCENARIOS L7)."""

from __future__ import annotations

from typing import Final

from slack_sdk.models.blocks import Block, ButtonElement

from bot.core.break_moves import BreakMove
from bot.core.request_messages import OpenSpan
from bot.slack.blocks.cause import move_line
from bot.slack.blocks.kit import BUTTON_VALUE_CHARACTERS, actions, button, code, context, escape, section
from bot.slack.blocks.requests import gaps_line
from bot.slack.blocks.voice import Voice
from bot.usecases.foretell_risk import Tried
from bot.usecases.move_break import Hindrance, Preview

__all__ = ["CONFIRM", "PREVIEW", "done", "hindered", "move_buttons", "preview", "value"]

PREVIEW: Final = ("break.preview.1", "break.preview.2")
CONFIRM: Final = "break.confirm"
"""The buttons' action ids; their value is the queue and the move (`value`)."""

LABEL_CHARACTERS: Final = 24
"""Of a name on a button."""


def value(queue: str, move: BreakMove) -> str:
    """Queue and move as a button carries them; instants in seconds since 1970."""
    edges = (int(move.start.timestamp()), int(move.to.timestamp()))
    return "|".join([queue, move.agent, move.activity, *map(str, edges), str(move.minutes)])


def move_buttons(queue: str, moves: tuple[BreakMove, ...], voice: Voice) -> list[ButtonElement]:
    """One press each to see what a move would do; none for names no button can carry."""
    return [
        button(
            voice.t.text(
                "break.button.preview",
                agent=escape(move.agent, LABEL_CHARACTERS),
                activity=voice.label("activity", move.activity),
                to=voice.f.time(move.to),
            ),
            action=action,
            value=value(queue, move),
        )
        for action, move in zip(PREVIEW, moves, strict=False)
        if len(value(queue, move)) <= BUTTON_VALUE_CHARACTERS
    ]


def preview(found: Preview, queue: str, voice: Voice) -> list[Block]:
    """What would come of it; nothing changes before it is confirmed."""
    t = voice.t
    facts = [_chances(found.tried, voice), _rule(found, voice)]
    opened = [
        OpenSpan(queue=u.queue, start=u.start, end=u.end, missing=u.missing) for u in found.verdict.opened
    ]
    facts.append(t.text("break.opens", gaps=gaps_line(opened, voice)) if opened else t.text("break.no_gap"))
    return [
        section(t.text("break.title", move=move_line(found.move, voice))),
        section("\n".join(facts)),
        actions(
            "break",
            button(
                t.text("break.button.confirm"),
                action=CONFIRM,
                value=value(queue, found.move),
                style="primary",
            ),
        ),
        context(t.text("break.checked", agent=escape(found.move.agent))),
    ]


def done(move: BreakMove, voice: Voice) -> list[Block]:
    return [section(voice.t.text("break.done", move=move_line(move, voice), agent=escape(move.agent)))]


def hindered(found: Hindrance, queue: str, voice: Voice) -> list[Block]:
    """Why not, and the next best."""
    t, move = voice.t, found.move
    data = {
        "agent": escape(move.agent),
        "activity": voice.label("activity", move.activity),
        "at": voice.f.time(move.start),
    }
    if found.begun is not None:
        why = t.text("break.not.begun" if found.begun <= voice.now else "break.not.begins", **data)
    elif found.broken is not None:
        why = t.text("break.not.rule", rule=code(found.broken), **data)
    else:
        why = t.text("break.not.gone", **data)
    if found.instead is None:
        return [section(why), section(t.text("break.no_other"))]
    presses = move_buttons(queue, (found.instead,), voice)
    return [
        section(f"{why} {t.text('break.next', move=move_line(found.instead, voice))}"),
        *([actions("break", *presses)] if presses else []),
    ]


def _chances(tried: Tried | None, voice: Voice) -> str:
    if tried is None:
        return voice.t.text("break.chance_unknown")
    return voice.t.text(
        "break.chance",
        breaches=tried.breaches,
        period=voice.f.period(tried.start, tried.end),
        before=voice.f.percent(tried.before),
        after=voice.f.percent(tried.after),
    )


def _rule(found: Preview, voice: Voice) -> str:
    if found.window is None:
        return voice.t.text("break.rule")
    return voice.t.text(
        "break.rule_window",
        activity=voice.label("activity", found.move.activity),
        earliest=voice.f.duration(found.window.earliest),
        latest=voice.f.duration(found.window.latest),
    )
