"""usergroups.*: who is in @on-shift; a bot changes them only where the workspace lets everybody."""

from __future__ import annotations

from bot.playground.api.arguments import Arguments
from bot.playground.errors import JSON, SlackError
from bot.playground.model import User, Usergroup
from bot.playground.workspace import Workspace


def list_(ws: Workspace, args: Arguments) -> JSON:
    """Those that are switched off only where asked for."""
    with_users, disabled = args.flag("include_users"), args.flag("include_disabled")
    groups = [group for group in ws.usergroups.values() if disabled or not group.disabled_at]
    return {"usergroups": [_shown(ws, group, with_users) for group in groups]}


def users_list(ws: Workspace, args: Arguments) -> JSON:
    return {"users": list(_find(ws, args).users)}


def users_update(ws: Workspace, args: Arguments) -> JSON:
    """Replaces the members; an empty list is refused, as by Slack.

    What Slack says of a group that is switched off is not written down; here it is not found, so that
    nobody relies on more.
    """
    group = _changeable(ws, args)
    if group.disabled_at:
        raise SlackError("no_such_subteam")
    ids = [key for key in args.text("users", error="no_users_provided").split(",") if key]
    if not ids:
        raise SlackError("no_users_provided")
    for key in ids:
        _admit(ws.users.get(key))
    group.users = list(dict.fromkeys(ids))
    return {"usergroup": _shown(ws, group, True)}


def enable(ws: Workspace, args: Arguments) -> JSON:
    group = _changeable(ws, args)
    group.disabled_at = 0
    return {"usergroup": _shown(ws, group, False)}


def disable(ws: Workspace, args: Arguments) -> JSON:
    group = _changeable(ws, args)
    group.disabled_at = int(ws.now())
    return {"usergroup": _shown(ws, group, False)}


def _admit(user: User | None) -> None:
    if user is None or user.deleted:
        raise SlackError("invalid_users")
    if user.stranger:
        raise SlackError("failed_for_some_users")
    if user.single_channel:
        raise SlackError("single_channel_guests_cannot_be_added")
    if user.guest or user.bot:
        raise SlackError("invalid_user")


def _changeable(ws: Workspace, args: Arguments) -> Usergroup:
    if not ws.paid:
        raise SlackError("plan_upgrade_required")
    group = _find(ws, args)
    if not ws.everybody_changes_usergroups:
        raise SlackError("permission_denied")
    return group


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
        "date_delete": group.disabled_at,
    }
    return shown | ({"users": list(group.users)} if with_users else {})


METHODS = {
    "usergroups.list": list_,
    "usergroups.enable": enable,
    "usergroups.disable": disable,
    "usergroups.users.list": users_list,
    "usergroups.users.update": users_update,
}
