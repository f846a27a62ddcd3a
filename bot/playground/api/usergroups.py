"""usergroups.*: who is in @on-shift."""

from __future__ import annotations

from bot.playground.api.arguments import Arguments
from bot.playground.errors import JSON, SlackError
from bot.playground.model import Usergroup
from bot.playground.workspace import Workspace


def list_(ws: Workspace, args: Arguments) -> JSON:
    with_users = args.flag("include_users")
    return {"usergroups": [_shown(ws, group, with_users) for group in ws.usergroups.values()]}


def users_list(ws: Workspace, args: Arguments) -> JSON:
    return {"users": list(_find(ws, args).users)}


def users_update(ws: Workspace, args: Arguments) -> JSON:
    """Replaces the members; an empty list is refused, as by Slack."""
    group = _find(ws, args)
    ids = [key for key in args.text("users", error="no_users_provided").split(",") if key]
    if not ids:
        raise SlackError("no_users_provided")
    if any(key not in ws.users or ws.users[key].deleted for key in ids):
        raise SlackError("invalid_users")
    group.users = ids
    return {"usergroup": _shown(ws, group, True)}


def _find(ws: Workspace, args: Arguments) -> Usergroup:
    group = ws.usergroups.get(args.text("usergroup", error="no_such_subteam"))
    if group is None:
        raise SlackError("no_such_subteam")
    return group


def _shown(ws: Workspace, group: Usergroup, with_users: bool) -> JSON:
    shown: JSON = {
        "id": group.id,
        "team_id": ws.team_id,
        "is_usergroup": True,
        "name": group.name,
        "handle": group.handle,
        "user_count": len(group.users),
        "date_delete": 0,
    }
    return shown | ({"users": list(group.users)} if with_users else {})


METHODS = {
    "usergroups.list": list_,
    "usergroups.users.list": users_list,
    "usergroups.users.update": users_update,
}
