"""What is said about proposed words: to keepers the words, to the proposer what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["KINDS", "ProposalDecided", "ProposalMade", "ProposalMessage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalMade:
    """To a keeper.  ``kind`` and ``state`` are codes."""

    proposal: int
    key: str
    kind: str
    locale: str
    title: str
    text: str
    by: str
    state: str = "open"
    decided_by: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalDecided:
    """To the proposer.  ``state``: accepted or rejected."""

    proposal: int
    key: str
    state: str
    by: str
    reason: str | None = None


ProposalMessage = ProposalMade | ProposalDecided

KINDS: Final[Mapping[str, type[Any]]] = {
    "proposal_made": ProposalMade,
    "proposal_decided": ProposalDecided,
}
