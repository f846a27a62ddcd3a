"""users.*: look people up."""

from __future__ import annotations

from bot.playground.api.arguments import Arguments
from bot.playground.api.shapes import user_json
from bot.playground.errors import JSON, SlackError
from bot.playground.workspace import Workspace


def info(ws: Workspace, args: Arguments) -> JSON:
    user = ws.users.get(args.text("user", error="user_not_found"))
    if user is None:
        raise SlackError("user_not_found")
    return {"user": user_json(ws, user, with_locale=args.flag("include_locale"))}


def list_(ws: Workspace, args: Arguments) -> JSON:
    """Everybody of this workspace, guests included; nobody of another one."""
    own = sorted((user for user in ws.users.values() if not user.stranger), key=lambda user: user.id)
    page, metadata = args.page(own, default=1000)
    with_locale = args.flag("include_locale")
    return {
        "members": [user_json(ws, user, with_locale=with_locale) for user in page],
        "cache_ts": int(ws.now()),
        "response_metadata": metadata,
    }


def lookup_by_email(ws: Workspace, args: Arguments) -> JSON:
    """A deactivated person is not found, as with Slack."""
    wanted = args.text("email", error="users_not_found").lower()
    for user in ws.users.values():
        if user.email and user.email.lower() == wanted and not user.deleted and not user.stranger:
            return {"user": user_json(ws, user)}
    raise SlackError("users_not_found")


METHODS = {"users.info": info, "users.list": list_, "users.lookupByEmail": lookup_by_email}
