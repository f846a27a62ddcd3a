"""Broken promises without a cause: their lines, the menu that names one, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from slack_sdk.models.blocks import Block, ButtonElement, StaticSelectElement

from bot.core.cause_messages import UnnamedMiss
from bot.core.review_settings import STAFFING
from bot.slack.blocks.kit import button, context, section, select
from bot.slack.blocks.voice import Voice

__all__ = ["CHOOSE", "LIST", "PROPOSED", "label", "list_button", "menu", "proposed_button", "sections"]

CHOOSE: Final = "cause.choose"
"""A menu's action; the chosen value is ``cause:case``, the case may have colons of its own."""
LIST: Final = "cause.list"
PROPOSED: Final = "cause.proposed"
_REFERENCE: Final = 64


def label(cause: str, voice: Voice) -> str:
    """The word for a cause; the code itself for one of the operator's own."""
    return voice.label("cause", cause)


def menu(ref: str, voice: Voice, *, proposed: bool = False) -> StaticSelectElement | None:
    """Every cause of app.yaml, for one case; ``proposed``: staffing stands first and is marked.

    None for what cannot be the reference of a case.
    """
    causes = list(voice.settings.reviews.causes)
    if len(ref) > _REFERENCE:
        return None
    if proposed and STAFFING in causes:
        causes.remove(STAFFING)
        causes.insert(0, STAFFING)
    options = [
        (
            f"{cause}:{ref}",
            voice.t.text("cause.proposed_option", cause=label(cause, voice))
            if proposed and cause == STAFFING
            else label(cause, voice),
        )
        for cause in causes
    ]
    return select(voice.t.text("cause.menu"), options, action=CHOOSE, value="")


def sections(lines: Sequence[UnnamedMiss], total: int, voice: Voice) -> list[Block]:
    """Each with its menu, and how many more there are."""
    seen: set[str] = set()
    shown: list[Block] = []
    for line in lines:
        # One choice is for all of a case's promises: a second menu would ask the same again.
        chooser = None if line.ref in seen else menu(line.ref, voice, proposed=line.short is not None)
        seen.add(line.ref)
        shown.append(section(_line(line, voice), button=chooser))
    if total > len(lines):
        shown.append(context(voice.t.plural("cause.more", total - len(lines))))
    return shown


def list_button(voice: Voice) -> ButtonElement:
    """Opens the list for whoever presses."""
    return button(voice.t.text("cause.button.list"), action=LIST, value="list")


def proposed_button(lines: Sequence[UnnamedMiss], voice: Voice) -> ButtonElement | None:
    """Takes what Muster proposes for the lines; None where it proposes nothing."""
    proposed = sum(line.short is not None for line in lines)
    if not proposed:
        return None
    return button(voice.t.plural("cause.button.proposed", proposed), action=PROPOSED, value="staffing")


def _line(line: UnnamedMiss, voice: Voice) -> str:
    t = voice.t
    said = t.text(
        "cause.line",
        ref=voice.ref(line.ref),
        measure=voice.label("measure", line.measure),
        due=voice.moment(line.due_at),
        queue=voice.queue(line.queue),
        owner=t.text("cause.no_owner") if line.owner is None else voice.person(line.owner),
    )
    if line.short is not None:
        said += "\n" + t.plural("cause.proposal", line.short, cause=label(STAFFING, voice))
    return said
