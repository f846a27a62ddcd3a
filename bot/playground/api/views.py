"""views.*: modals and the App Home tab."""

from __future__ import annotations

from typing import Any

from bot.playground import limits
from bot.playground.api.arguments import Arguments
from bot.playground.api.shapes import view_json
from bot.playground.checks import check_view
from bot.playground.errors import JSON, SlackError
from bot.playground.model import View, with_ids
from bot.playground.workspace import Workspace


def open_(ws: Workspace, args: Arguments) -> JSON:
    body = _checked(args.json("view"), home=False)
    trigger = ws.use_trigger(args.text("trigger_id"))
    view = add_view(ws, body, trigger.user, below=None)
    trigger.opened = view.id
    return {"view": view_json(ws, view)}


def push(ws: Workspace, args: Arguments) -> JSON:
    """Puts a view on top of the one whose button was pressed; at most three lie on each other."""
    body = _checked(args.json("view"), home=False)
    trigger = ws.use_trigger(args.text("trigger_id"))
    below = ws.views.get(trigger.view or "")
    if below is None or not below.open:
        raise SlackError("invalid_trigger_id")
    view = add_view(ws, body, trigger.user, below=below)
    trigger.opened = view.id
    return {"view": view_json(ws, view)}


def update(ws: Workspace, args: Arguments) -> JSON:
    body = _checked(args.json("view"), home=False)
    key, external = args.maybe("view_id"), args.maybe("external_id")
    found = [
        v
        for v in ws.views.values()
        if v.open and ((key and v.id == key) or (external and v.body.get("external_id") == external))
    ]
    if not found:
        raise SlackError("not_found")
    if "hash" in args and args.text("hash") != found[0].hash:
        raise SlackError("hash_conflict")
    replace_view(ws, found[0], body)
    return {"view": view_json(ws, found[0])}


def publish(ws: Workspace, args: Arguments) -> JSON:
    body = _checked(args.json("view"), home=True)
    user = ws.users.get(args.text("user_id", error="user_not_found"))
    if user is None or user.deleted:
        raise SlackError("user_not_found")
    if not ws.app.home_tab:
        raise SlackError("not_enabled")
    home = ws.homes.get(user.id)
    if home is not None and "hash" in args and args.text("hash") != home.hash:
        raise SlackError("hash_conflict")
    if home is None:
        home = _new_view(ws, body, user.id, None)
        ws.homes[user.id] = home
    else:
        replace_view(ws, home, body)
    return {"view": view_json(ws, home)}


def add_view(ws: Workspace, body: JSON, user_id: str, *, below: View | None) -> View:
    """Open a modal for this person, alone or on top of another."""
    if below is not None and _height(ws, below) >= limits.VIEW_STACK:
        raise SlackError("push_limit_reached")
    external = body.get("external_id")
    if external and any(v.open and v.body.get("external_id") == external for v in ws.views.values()):
        raise SlackError("duplicate_external_id")
    view = _new_view(ws, body, user_id, below)
    ws.views[view.id] = view
    return view


def replace_view(ws: Workspace, view: View, body: JSON) -> None:
    view.body = body | {"blocks": with_ids(body.get("blocks"), ws.new_id("b"))}
    view.hash = ws.new_ts()
    view.errors = {}


def check_response_view(view: Any) -> JSON:
    """The view inside an acknowledgement (`response_action` update or push), checked like any other."""
    return _checked(view, home=False)


def _new_view(ws: Workspace, body: JSON, user_id: str, below: View | None) -> View:
    key = ws.new_id("V")
    filled = body | {"blocks": with_ids(body.get("blocks"), ws.new_id("b"))}
    return View(
        id=key,
        user=user_id,
        body=filled,
        hash=ws.new_ts(),
        root=below.root if below else key,
        previous=below.id if below else None,
    )


def _height(ws: Workspace, view: View) -> int:
    return 1 if view.previous is None else 1 + _height(ws, ws.views[view.previous])


def _checked(view: Any, *, home: bool) -> JSON:
    problems = check_view(view, home=home)
    if problems:
        too_large = any(problem.startswith("[ERROR] view_too_large") for problem in problems)
        raise SlackError("view_too_large" if too_large else "invalid_arguments", messages=problems)
    checked: JSON = dict(view)
    return checked


METHODS = {"views.open": open_, "views.push": push, "views.update": update, "views.publish": publish}
