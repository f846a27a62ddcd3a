"""One call of the Web API: who is it, may they, how often, and then the method itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.playground.api import auth, chat, conversations, files, messages, usergroups, users, views
from bot.playground.api.arguments import Arguments
from bot.playground.errors import JSON, SlackError
from bot.playground.records import ApiCall
from bot.playground.scopes import METHOD_SCOPES, need
from bot.playground.workspace import Workspace

Method = Callable[[Workspace, Arguments], JSON]

METHODS: Mapping[str, Method] = {
    **auth.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **messages.METHODS,
    **usergroups.METHODS,
    **users.METHODS,
    **views.METHODS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: JSON
    headers: dict[str, str] = field(default_factory=dict)


def dispatch(
    ws: Workspace,
    method: str,
    token: str | None,
    values: JSON,
    *,
    fault: str | None = None,
    arrived: float | None = None,
) -> Answer:
    """Answer one call as Slack would, and record it with its refusal if there is one.

    ``arrived``: when it came, where it was kept waiting.
    """
    with ws.lock:
        error: str | None = None
        wait: int | None = None
        headers: dict[str, str] = {"X-OAuth-Scopes": ",".join(sorted(ws.app.scopes))}
        if method in METHOD_SCOPES:
            headers["X-Accepted-OAuth-Scopes"] = ",".join(METHOD_SCOPES[method])
        try:
            answer = Answer(status=200, body=_run(ws, method, token, values, arrived), headers=headers)
        except SlackError as refusal:
            error = refusal.error
            wait = int(refusal.headers["Retry-After"]) if "Retry-After" in refusal.headers else None
            ws.refuse(method, error, messages=refusal.messages, status=refusal.status, wait=wait)
            answer = Answer(status=refusal.status, body=refusal.body(), headers=headers | refusal.headers)
        shown = {key: value for key, value in values.items() if key != "token"}
        ws.calls.append(
            ApiCall(
                method=method, at=ws.now(), arguments=shown, accepted=error is None, error=error, fault=fault
            )
        )
        ws.touched()
        return answer


def rate_limited(retry_after: int) -> SlackError:
    return SlackError("ratelimited", status=429, headers={"Retry-After": str(retry_after)})


def _run(ws: Workspace, method: str, token: str | None, values: JSON, arrived: float | None) -> JSON:
    run = METHODS.get(method)
    if run is None:
        raise SlackError("unknown_method", detail={"req_method": method})
    if method != "api.test":
        _authenticate(ws, method, token)
        need(ws.app.scopes, *METHOD_SCOPES.get(method, ()))
    arguments = Arguments(values)
    wait = ws.rates.admit(method, _channel_key(ws, arguments), arrived=arrived)
    if wait is not None:
        raise rate_limited(wait)
    return {"ok": True, **run(ws, arguments)}


def _authenticate(ws: Workspace, method: str, token: str | None) -> None:
    if not token:
        raise SlackError("not_authed")
    if token not in (ws.app.bot_token, ws.app.app_token):
        raise SlackError("invalid_auth")
    if ws.app.revoked:
        raise SlackError("token_revoked")
    if (method == "apps.connections.open") != (token == ws.app.app_token):
        raise SlackError("not_allowed_token_type")


def _channel_key(ws: Workspace, arguments: Arguments) -> str | None:
    key = arguments.maybe("channel") or arguments.maybe("channel_id")
    if key is None:
        return None
    if key in ws.users:
        return ws.dm(key).id
    try:
        return ws.channel(key).id
    except KeyError:
        return key
