"""User groups and topics that follow who is on shift, by the same roster as `/muster who` (U13, A14).

The row of `on_shift_places` is the one hand-off: whoever claims it tells Slack, once, and only what changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from bot.core.delivery import LEASE
from bot.core.ids import AgentId
from bot.core.messages import OperatorNotice
from bot.core.on_duty import reachable
from bot.core.on_shift_places import GROUP_GIVES_ROLES, TOPIC_FULL, OnShiftGroup, TopicLine
from bot.core.people import Agent, Role, Team
from bot.core.ports import Clock, DeliveryError, OnShiftSigns
from bot.core.settings import Settings
from bot.store.on_shift_places import HeldPlace
from bot.store.unit_of_work import ReadUnit, Store, UnitOfWork
from bot.usecases.operator_notices import tell_operators
from bot.usecases.who_is_on import WhoIsOn, who_is_on

__all__ = ["AGAIN", "COUNT_PAUSE", "Place", "members_of", "places", "tick"]

_log = structlog.get_logger(__name__)

AGAIN: Final = timedelta(hours=1)
"""What Slack refused is tried again after so long; meanwhile the operators know why."""
SOON: Final = timedelta(seconds=30)
"""After an outage of Slack's."""
COUNT_PAUSE: Final = timedelta(minutes=15)
"""Slack tells a channel of each new topic: one that differs by the number of people alone waits so long."""

_NOTICES: Final[Mapping[str, str]] = {
    "missing_scope": "on_shift_scope",
    "no_permission": "on_shift_scope",
    "permission_denied": "on_shift_denied",
    "plan_upgrade_required": "on_shift_plan",
    "no_such_subteam": "on_shift_no_group",
    GROUP_GIVES_ROLES: "on_shift_gives_roles",
    TOPIC_FULL: "on_shift_topic_full",
    "not_in_channel": "on_shift_channel",
    "channel_not_found": "on_shift_channel",
    "is_archived": "on_shift_channel",
}
_TO_BE_GRANTED: Final = frozenset({"missing_scope", "no_permission", "access_denied", "ekm_access_denied"})
"""Temporary for a message, which waits for it; for us a matter of an hour and of an operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A user group with all teams that feed it, each with the skill that is asked for; or a team's topic."""

    name: str
    shown: str
    sources: tuple[tuple[Team, str | None], ...]
    topic: bool = False

    @property
    def key(self) -> str:
        return f"{'topic' if self.topic else 'group'}:{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """``data`` is what the place should show; one of ``users`` and ``line`` goes to Slack."""

    data: Mapping[str, Any]
    users: tuple[str, ...] = ()
    line: TopicLine | None = None


def places(settings: Settings) -> tuple[Place, ...]:
    """Every group once, whoever feeds it, then the topics."""
    sources: dict[str, list[tuple[Team, OnShiftGroup]]] = {}
    for team in settings.teams.values():
        for group in team.on_shift_groups:
            sources.setdefault(group.group, []).append((team, group))
    groups = [
        Place(name=name, shown=fed[0][1].shown, sources=tuple((team, g.skill) for team, g in fed))
        for name, fed in sources.items()
    ]
    topics = [
        Place(name=team.on_shift_topic, shown=f"#{team.on_shift_topic}", sources=((team, None),), topic=True)
        for team in settings.teams.values()
        if team.on_shift_topic is not None
    ]
    return (*groups, *topics)


def tick(store: Store, settings: Settings, signs: OnShiftSigns, *, now: Clock) -> int:
    """Tell Slack of every place that is not as it should be; returns how many were told or refused."""
    return sum(_follow(store, settings, signs, place, now) for place in places(settings))


def members_of(uow: ReadUnit, settings: Settings, place: Place, now: datetime) -> tuple[Agent, ...]:
    """The people on shift whom this place shows, at work or in a pause, linked with Slack or not."""
    people = {agent.agent: agent for agent in uow.people.all()}
    found: dict[AgentId, Agent] = {}
    for team, skill in place.sources:
        on = who_is_on(uow, settings, now=now, teams={team.team})
        found |= {a.agent: a for a in _on_shift(on, people) if skill is None or skill in a.skills}
    return tuple(found[agent] for agent in sorted(found))


def _on_shift(on: WhoIsOn, people: Mapping[AgentId, Agent]) -> Iterator[Agent]:
    # Somebody at lunch comes back: without them, groups and topics would change with every break.
    for entry in (*on.working, *on.pausing):
        agent = people.get(entry.agent)
        if agent is not None and agent.active:
            yield agent


def _follow(store: Store, settings: Settings, signs: OnShiftSigns, place: Place, now: Clock) -> bool:
    with store.read() as uow:
        held = uow.on_shift_places.get(place.key) or HeldPlace(place=place.key)
        wanted = _wanted(uow, settings, place, held, now())
    if wanted is None or not _due(held, wanted, now()):
        return False
    with store.unit() as uow:
        at = now()
        held = uow.on_shift_places.lock(place.key)
        wanted = _wanted(uow, settings, place, held, at)
        if wanted is None or not _due(held, wanted, at):
            return False  # another replica has told it meanwhile, or is about to
        uow.on_shift_places.save(replace(held, claimed_until=at + LEASE))
        uow.commit()
    try:
        left_out = _tell(signs, place, wanted)
    except DeliveryError as error:
        _refused(store, settings, place, error, now())
    except Exception as error:
        # An error of ours with one place must not keep the others from being current.
        _log.exception("on_shift_place_failed", place=place.key)
        _refused(store, settings, place, DeliveryError(type(error).__name__, temporary=False), now())
    else:
        with store.unit() as uow:
            held = uow.on_shift_places.lock(place.key)
            uow.on_shift_places.save(
                replace(
                    held,
                    shown=wanted.data,
                    changed_at=at,
                    left_out=left_out,
                    claimed_until=None,
                    again_at=None,
                    error=None,
                )
            )
            uow.commit()
        people = len(wanted.users) if wanted.line is None else wanted.line.on_shift
        _log.info("on_shift_place_told", place=place.key, people=people, left_out=left_out)
    return True


def _tell(signs: OnShiftSigns, place: Place, wanted: _Wanted) -> int:
    if wanted.line is None:
        return len(signs.set_group(place.name, wanted.users))
    signs.set_topic(place.name, wanted.line)
    return 0


def _wanted(
    uow: ReadUnit, settings: Settings, place: Place, held: HeldPlace, now: datetime
) -> _Wanted | None:
    """What the place should show; None where that is not known, so that it is left as it is."""
    if held.shown is None and uow.rosters.published_at(now) is None:
        return None  # never told and nothing to tell: whoever keeps it by hand goes on
    members = members_of(uow, settings, place, now)
    if place.topic:
        line = _line(uow, settings, place.sources[0][0], members, now)
        return _Wanted(data=line.as_data(), line=line)
    if members and not any(agent.slack_user for agent in uow.people.all()):
        return None  # Slack was not reached since the agents came: nobody is linked, so nobody is missing
    users = tuple(sorted({a.slack_user for a in members if reachable(a) and a.slack_user is not None}))
    return _Wanted(data={"users": list(users)}, users=users)


def _line(
    uow: ReadUnit, settings: Settings, team: Team, members: tuple[Agent, ...], now: datetime
) -> TopicLine:
    leads = [a.name for a in members if settings.roles.role_of(a.email, a.role) is not Role.AGENT]
    next_at = None
    if not members:
        coming = who_is_on(uow, settings, now=now, teams={team.team}).next
        next_at = coming[0].start if coming else None
    return TopicLine(
        on_shift=len(members),
        leads=tuple(sorted(leads)),
        next_at=next_at,
        locale=team.locale,
        zone=team.zone,
    )


def _due(held: HeldPlace, wanted: _Wanted, now: datetime) -> bool:
    if held.shown == wanted.data:
        return False
    if any(until is not None and now < until for until in (held.claimed_until, held.again_at)):
        return False
    if wanted.line is None or held.changed_at is None or wanted.line.urgent_after(held.shown):
        return True
    return now - held.changed_at >= COUNT_PAUSE


def _refused(store: Store, settings: Settings, place: Place, error: DeliveryError, now: datetime) -> None:
    waits = error.temporary and error.code not in _TO_BE_GRANTED
    again_at = now + (max(error.retry_after or SOON, SOON) if waits else AGAIN)
    _log.warning("on_shift_place_not_told", place=place.key, code=error.code)
    with store.unit() as uow:
        held = uow.on_shift_places.lock(place.key)
        uow.on_shift_places.save(replace(held, claimed_until=None, again_at=again_at, error=error.code))
        if not waits and held.error != error.code:
            _tell_admins(uow, settings, place, error.code, now)
        uow.commit()


def _tell_admins(uow: UnitOfWork, settings: Settings, place: Place, code: str, now: datetime) -> None:
    notice = OperatorNotice(code=_NOTICES.get(code, "on_shift_refused"), subject=place.shown, detail=code)
    tell_operators(uow, settings, notice, now)
