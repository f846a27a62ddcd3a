"""`muster slack check`: whether Slack will do what Muster needs of it, asked of Slack itself (K2)."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.core.errors import UnavailableError
from bot.core.on_shift_places import OnShiftGroup
from bot.core.people import Team
from bot.core.ports import DeliveryError
from bot.slack.audience import Audience
from bot.slack.channels import Channels
from bot.slack.manifest import PURPOSES
from bot.slack.on_shift_signs import find_group
from bot.slack.web_api import NOT_GRANTED, TOKEN_ERRORS, WebApi
from bot.usecases.audit import Finding, Verdict

__all__ = ["check"]

CLOCK_TOLERANCE = timedelta(seconds=60)
"""HTTP mode refuses requests signed five minutes ago; SLA clocks are wrong by as much as this one is."""

_CHANNEL_FAULTS = {
    "not_in_channel": "channel_not_in",
    "is_archived": "channel_archived",
    "channel_not_found": "channel_unknown",
}
_TOPIC_FAULTS = {
    "not_in_channel": "channel_not_in",
    "is_archived": "topic_archived",
    "channel_not_found": "topic_unknown",
}


def check(
    api: WebApi,
    app_api: WebApi | None,
    *,
    audience: Audience,
    teams: Iterable[Team],
    needed: Mapping[str, str],
    now: Callable[[], datetime],
    role_groups: Container[str] = (),
) -> Iterator[Finding]:
    """Findings in the order in which one would mend them; ``kind`` is the entry ``slack_check.<kind>``.

    ``app_api``: with the app-level token, in Socket Mode; ``audience``: asks who may read a channel;
    ``needed``: the bot scopes the manifest asks for, each with the catalogue entry of its purpose.  Findings
    about scopes carry ``scopes``: those entries by scope, None for a scope that Muster has no use for.
    ``role_groups``: ids of groups that give roles.
    Raises UnavailableError where Slack does not answer.
    """
    try:
        answer, headers = api.answer("auth.test")
    except DeliveryError as error:
        yield _refused_token("SLACK_BOT_TOKEN", error)
        return
    bot = str(answer.get("user") or "muster")
    yield _ok("workspace", team=answer.get("team"), bot=bot)
    yield from _clock(headers, now())
    if app_api is not None:
        try:
            app_api.call("apps.connections.open")
        except DeliveryError as error:
            yield _refused_token("SLACK_APP_TOKEN", error)
        else:
            yield _ok("app_token")
    yield from _scopes(headers, needed)
    teams, channels = tuple(teams), Channels(api)
    yield from _channels(channels, audience, teams, bot)
    yield from _topics(channels, teams, bot)
    yield from _groups(api, teams, role_groups)


def _refused_token(variable: str, error: DeliveryError) -> Finding:
    if error.code not in TOKEN_ERRORS | NOT_GRANTED:
        raise _away(error) from error
    return _wrong("token", variable=variable, code=error.code)


def _clock(headers: Mapping[str, str], now: datetime) -> Iterator[Finding]:
    try:
        theirs = parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError):
        return
    ahead = now - theirs
    seconds = round(abs(ahead.total_seconds()))
    if abs(ahead) <= CLOCK_TOLERANCE:
        yield _ok("clock")
    else:
        yield _wrong("clock_ahead" if ahead > timedelta(0) else "clock_behind", seconds=seconds)


def _scopes(headers: Mapping[str, str], needed: Mapping[str, str]) -> Iterator[Finding]:
    if "x-oauth-scopes" not in headers:
        return
    granted = {scope.strip() for scope in headers["x-oauth-scopes"].split(",")} - {""}
    missing = sorted(needed.keys() - granted)
    if missing:
        yield _wrong("scopes_missing", scopes={scope: needed[scope] for scope in missing})
    else:
        yield _ok("scopes")
    spare = sorted(granted - needed.keys())
    if spare:
        # Nothing fails for them, but whoever finds the token could use them.
        data = {"scopes": {scope: PURPOSES.get(scope) for scope in spare}}
        yield Finding(check="scopes_spare", verdict=Verdict.NOT_YET, kind="scopes_spare", data=data)


def _channels(channels: Channels, audience: Audience, teams: Iterable[Team], bot: str) -> Iterator[Finding]:
    names = {name.removeprefix("#"): team.team for team in teams for name in team.channels.values()}
    for name, team in names.items():
        try:
            facts = audience.facts(channels.find(name))
            problem = audience.judge(facts)
        except DeliveryError as error:
            if error.code in NOT_GRANTED:
                # Named above as a missing scope; without it no channel can be looked up.
                yield _wrong("channels_hidden", code=error.code)
                return
            if error.code not in _CHANNEL_FAULTS:
                raise _away(error) from error
            yield _wrong(_CHANNEL_FAULTS[error.code], channel=name, team=team, bot=bot)
        else:
            yield _ok("channel", channel=name)
            if problem is not None:
                yield _wrong(problem.value, channel=name, team=team, guests=facts.guests)
            else:
                yield _ok("audience_private" if facts.private else "audience_public", channel=name)


def _topics(channels: Channels, teams: Sequence[Team], bot: str) -> Iterator[Finding]:
    for team in teams:
        topic = team.on_shift_topic
        if topic is None:
            continue
        try:
            channels.find(topic)
        except DeliveryError as error:
            if error.code in NOT_GRANTED:
                return  # said of the team's channels
            if error.code not in _TOPIC_FAULTS:
                raise _away(error) from error
            yield _wrong(_TOPIC_FAULTS[error.code], channel=topic, team=team.team, bot=bot)
        else:
            yield _ok("topic", channel=topic)


def _groups(api: WebApi, teams: Sequence[Team], role_groups: Container[str]) -> Iterator[Finding]:
    """Whether the groups that follow who is on shift are there, each once, and give nobody a role."""
    named: dict[OnShiftGroup, str] = {}
    for team in teams:
        for group in team.on_shift_groups:
            named.setdefault(replace(group, skill=None), team.team)
    found: dict[str, OnShiftGroup] = {}
    for group, team_id in named.items():
        try:
            entry = find_group(api, group.group)
        except DeliveryError as error:
            if error.code in NOT_GRANTED | {"plan_upgrade_required"}:
                yield _wrong("groups_hidden", code=error.code)
                return
            if error.code != "no_such_subteam":
                raise _away(error) from error
            yield _wrong("group_unknown", group=group.shown, team=team_id)
            continue
        group_id = str(entry["id"])
        if group_id in role_groups:
            yield _wrong("group_gives_roles", group=group.shown, team=team_id)
        elif group_id in found:
            yield _wrong("group_twice", group=group.shown, other=found[group_id].shown)
        else:
            yield _ok("group", group=group.shown)
        found.setdefault(group_id, group)


def _away(error: DeliveryError) -> UnavailableError:
    return UnavailableError(
        "slack_unreachable",
        f"Slack does not answer ({error.code}); what is not listed was not checked. Try again later.",
        code=error.code,
    )


def _ok(kind: str, **data: object) -> Finding:
    return Finding(check=kind, verdict=Verdict.OK, kind=kind, data=data)


def _wrong(kind: str, **data: object) -> Finding:
    return Finding(check=kind, verdict=Verdict.WRONG, kind=kind, data=data)
