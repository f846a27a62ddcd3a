"""auth.test, api.test and the opening of a socket."""

from __future__ import annotations

import secrets

from bot.playground.api.arguments import Arguments
from bot.playground.errors import JSON, SlackError
from bot.playground.workspace import Workspace


def test(_ws: Workspace, args: Arguments) -> JSON:
    if "error" in args:
        raise SlackError(args.text("error"))
    return {"args": args.values}


def auth_test(ws: Workspace, _args: Arguments) -> JSON:
    return {
        "url": f"https://{ws.domain}.slack.com/",
        "team": ws.name,
        "user": ws.bot.name,
        "team_id": ws.team_id,
        "user_id": ws.bot.id,
        "bot_id": ws.bot_id,
        "app_id": ws.app.id,
        "is_enterprise_install": False,
    }


def connections_open(ws: Workspace, _args: Arguments) -> JSON:
    """The address of a socket; its ticket opens it once."""
    ticket = secrets.token_hex(16)
    ws.tickets.add(ticket)
    address = ws.base_url.replace("http://", "ws://", 1)
    return {"url": f"{address}/link/?ticket={ticket}&app_id={ws.app.id}"}


METHODS = {"api.test": test, "auth.test": auth_test, "apps.connections.open": connections_open}
