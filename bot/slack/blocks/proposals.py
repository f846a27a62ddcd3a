"""Proposed words: the keeper's card, the proposer's answer."""

from __future__ import annotations

from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.proposal_messages import ProposalDecided, ProposalMade, ProposalMessage
from bot.slack.blocks.kit import actions, button, context, escape, section
from bot.slack.blocks.snippets import words
from bot.slack.blocks.voice import Voice

__all__ = ["ACCEPT", "PROPOSE", "REJECT", "blocks"]

ACCEPT: Final = "kb.accept"
REJECT: Final = "kb.reject"
"""Values: the proposal's number."""
PROPOSE: Final = "kb.propose"
"""Opens the form; the value is a key to begin with."""
_REASON: Final = 200


def blocks(kind: ProposalMessage, voice: Voice) -> list[Block]:
    match kind:
        case ProposalMade():
            return _made(kind, voice)
        case ProposalDecided():
            said = voice.t.text(
                f"kb.decided.{kind.state}",
                key=escape(kind.key),
                person=voice.person(kind.by),
            )
            if kind.reason:
                said += "\n" + voice.t.text("kb.because", reason=escape(kind.reason, _REASON))
            return [section(said)]


def _made(kind: ProposalMade, voice: Voice) -> list[Block]:
    t = voice.t
    head = t.text(
        "kb.made",
        person=voice.person(kind.by),
        key=escape(kind.key),
        title=escape(kind.title, 80),
        kind=t.text(f"knowledge.kind.{kind.kind}"),
        language=t.text(f"kb.language.{'zh' if kind.locale.startswith('zh') else 'en'}"),
    )
    found: list[Block] = [section(head), words(kind.text)]
    if kind.state == "open":
        found.append(
            actions(
                f"proposal-{kind.proposal}",
                button(t.text("kb.button.accept"), action=ACCEPT, value=str(kind.proposal), style="primary"),
                button(t.text("kb.button.reject"), action=REJECT, value=str(kind.proposal)),
            )
        )
        return found
    said = t.text(f"kb.state.{kind.state}", person=voice.person(kind.decided_by or ""))
    if kind.reason:
        said += " " + t.text("kb.because", reason=escape(kind.reason, _REASON))
    return [*found, context(said)]
