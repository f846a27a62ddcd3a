"""`muster slack check`: whether Slack will do what Muster needs of it, asked of Slack itself (K2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.core.errors import UnavailableError
from bot.core.people import Team
from bot.core.ports import DeliveryError
from bot.slack.audience import Audience
from bot.slack.channels import Channels
from bot.slack.manifest import PURPOSES
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


def check(
    api: WebApi,
    app_api: WebApi | None,
    *,
    audience: Audience,
    teams: Iterable[Team],
    needed: Mapping[str, str],
    now: Callable[[], datetime],
) -> Iterator[Finding]:
    """Findings in the order in which one would mend them; ``kind`` is the entry ``slack_check.<kind>``.

    ``app_api``: with the app-level token, in Socket Mode; ``audience``: asks who may read a channel;
    ``needed``: the bot scopes the manifest asks for, each with the catalogue entry of its purpose.  Findings
    about scopes carry ``scopes``: those entries by scope, None for a scope that Muster has no use for.
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
    yield from _channels(Channels(api), audience, teams, bot)


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
