"""Modals and the App Home tab."""

from __future__ import annotations

import json
from typing import Any

from bot.playground import limits
from bot.playground.checks.blocks import Surface, check_blocks
from bot.playground.checks.problems import Problems
from bot.playground.checks.text import check_text

_SHARED = {"type", "blocks", "private_metadata", "callback_id", "external_id"}
_MODAL = _SHARED | {"title", "submit", "close", "clear_on_close", "notify_on_close", "submit_disabled"}


def check_view(view: Any, *, home: bool) -> list[str]:
    """What Slack would say against this view; `home` for views.publish, else a modal."""
    p = Problems()
    if not isinstance(view, dict):
        p.add("must be an object", "/view")
        return p.found
    wanted = Surface.HOME if home else Surface.MODAL
    if view.get("type") != wanted:
        p.add(f"must be {wanted}", "/view/type")
    p.keys(view, _SHARED if home else _MODAL, "/view")
    if not home:
        check_text(p, view.get("title"), "/view/title", limits.VIEW_TITLE, plain=True)
        for key in ("submit", "close"):
            if view.get(key) is not None:
                check_text(p, view[key], f"/view/{key}", limits.VIEW_BUTTON, plain=True)
    for key, limit in (
        ("private_metadata", limits.PRIVATE_METADATA),
        ("callback_id", limits.CALLBACK_ID),
        ("external_id", limits.EXTERNAL_ID),
    ):
        if len(str(view.get(key) or "")) > limit:
            p.add(f"must be less than {limit + 1} characters", f"/view/{key}")
    blocks = view.get("blocks")
    p.found += check_blocks(blocks, wanted, "/view/blocks")
    listed = [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
    if not home and not view.get("submit") and any(block.get("type") == "input" for block in listed):
        p.add("missing required field: submit", "/view")
    if len(json.dumps(view).encode()) > limits.VIEW_BYTES:
        p.add("view_too_large", "/view")
    return p.found
