"""Who may read about cases (PS3): channels inside the workspace, and no guests."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

__all__ = ["AudienceProblem", "AudienceRules", "ChannelFacts", "audience_problem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceRules:
    """What app.yaml allows.  ``public_channels``: public channels that may carry cases, without ``#``.

    The channels that app.yaml gives teams and departments are among them unless ``strict``: whoever names a
    channel for alerts means it, and a newcomer's first alert goes to the channel they have just made.
    """

    public_channels: frozenset[str] = frozenset()
    strict: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelFacts:
    """A channel as Slack shows it now.

    ``shared``: with another organisation or another workspace, or about to be; ``guests``: members who are
    guests or belong to another workspace.
    """

    name: str
    private: bool
    shared: bool = False
    guests: int = 0


class AudienceProblem(Enum):
    """Why a channel may not carry cases; the values are the delivery's error codes."""

    SHARED = "channel_shared"
    GUESTS = "channel_guests"
    PUBLIC = "channel_public"


def audience_problem(
    facts: ChannelFacts, rules: AudienceRules, named_channels: Collection[str]
) -> AudienceProblem | None:
    """Why no case may be posted to this channel; None if it may.

    Nothing in app.yaml opens a channel that outsiders read.

    >>> named = ["alerts"]
    >>> audience_problem(ChannelFacts(name="alerts", private=False), AudienceRules(), named)
    >>> audience_problem(ChannelFacts(name="alerts", private=False), AudienceRules(strict=True), named)
    <AudienceProblem.PUBLIC: 'channel_public'>
    >>> audience_problem(ChannelFacts(name="alerts", private=True, shared=True), AudienceRules(), named)
    <AudienceProblem.SHARED: 'channel_shared'>
    """
    if facts.shared:
        return AudienceProblem.SHARED
    if facts.guests:
        return AudienceProblem.GUESTS
    meant = facts.name in rules.public_channels or (not rules.strict and facts.name in named_channels)
    return None if facts.private or meant else AudienceProblem.PUBLIC
