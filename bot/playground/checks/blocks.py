"""Blocks of a message, a modal or a home tab."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from bot.playground import limits
from bot.playground.checks.elements import (
    IN_ACTIONS,
    IN_INPUT,
    IN_SECTION,
    check_element,
    check_image,
)
from bot.playground.checks.problems import Problems
from bot.playground.checks.text import check_text


class Surface(StrEnum):
    MESSAGE = "message"
    MODAL = "modal"
    HOME = "home"


def check_blocks(blocks: Any, surface: Surface, path: str = "/blocks") -> list[str]:
    """What Slack would say against these blocks, one message a problem; empty when it takes them."""
    p = Problems()
    most = limits.MESSAGE_BLOCKS if surface is Surface.MESSAGE else limits.VIEW_BLOCKS
    seen: set[str] = set()
    for i, block in enumerate(p.items(blocks, most, path, least=0)):
        where = f"{path}/{i}"
        if not isinstance(block, dict):
            p.add("must be an object", where)
            continue
        check = _CHECKS.get(str(block.get("type")))
        if check is None or (surface is not Surface.MESSAGE and block["type"] in {"markdown", "file"}):
            p.add(f"unsupported type: {block.get('type')}", f"{where}/type")
            continue
        p.string(block, "block_id", limits.BLOCK_ID, where)
        block_id = block.get("block_id")
        if isinstance(block_id, str):
            if block_id in seen:
                p.add(f'`block_id` "{block_id}" already exists', f"{where}/block_id")
            seen.add(block_id)
        check(p, block, where)
        _check_action_ids(p, block, where)
    return p.found


def characters(blocks: Any) -> int:
    """The characters that count against a message's total: every text in its blocks."""
    if isinstance(blocks, list):
        return sum(characters(item) for item in blocks)
    if isinstance(blocks, dict):
        own = len(blocks["text"]) if isinstance(blocks.get("text"), str) else 0
        return own + sum(characters(value) for key, value in blocks.items() if not isinstance(value, str))
    return 0


def interactive(block: dict[str, Any]) -> list[dict[str, Any]]:
    """The elements of a block that a person can use."""
    found: list[Any] = [block.get("accessory"), block.get("element")]
    if block.get("type") == "actions":
        found += block.get("elements") or []
    return [item for item in found if isinstance(item, dict) and item.get("type") != "image"]


def _check_action_ids(p: Problems, block: dict[str, Any], path: str) -> None:
    seen: set[str] = set()
    for i, element in enumerate(interactive(block)):
        action_id = element.get("action_id")
        if isinstance(action_id, str):
            if action_id in seen:
                where = f"{path}/elements/{i}/action_id"
                p.add(f'`action_id` "{action_id}" already exists for another element', where)
            seen.add(action_id)


def _section(p: Problems, block: dict[str, Any], path: str) -> None:
    p.keys(block, {"type", "block_id", "text", "fields", "accessory", "expand"}, path)
    if "text" not in block and "fields" not in block:
        p.add("missing required field: text", path)
    if "text" in block:
        check_text(p, block["text"], f"{path}/text", limits.SECTION_TEXT)
    if "fields" in block:
        for i, field in enumerate(p.items(block["fields"], limits.SECTION_FIELDS, f"{path}/fields")):
            check_text(p, field, f"{path}/fields/{i}", limits.FIELD_TEXT)
    if "accessory" in block:
        check_element(p, block["accessory"], f"{path}/accessory", IN_SECTION)


def _header(p: Problems, block: dict[str, Any], path: str) -> None:
    p.keys(block, {"type", "block_id", "text"}, path)
    check_text(p, block.get("text"), f"{path}/text", limits.HEADER_TEXT, plain=True)


def _divider(p: Problems, block: dict[str, Any], path: str) -> None:
    p.keys(block, {"type", "block_id"}, path)


def _context(p: Problems, block: dict[str, Any], path: str) -> None:
    p.keys(block, {"type", "block_id", "elements"}, path)
    for i, item in enumerate(p.items(block.get("elements"), limits.CONTEXT_ELEMENTS, f"{path}/elements")):
        where = f"{path}/elements/{i}"
        if isinstance(item, dict) and item.get("type") == "image":
            check_image(p, item, where, {"type", "image_url", "slack_file", "alt_text"})
        else:
            check_text(p, item, where, limits.TEXT_OBJECT)


def _actions(p: Problems, block: dict[str, Any], path: str) -> None:
    p.keys(block, {"type", "block_id", "elements"}, path)
    for i, item in enumerate(p.items(block.get("elements"), limits.ACTIONS_ELEMENTS, f"{path}/elements")):
        check_element(p, item, f"{path}/elements/{i}", IN_ACTIONS)


def _input(p: Problems, block: dict[str, Any], path: str) -> None:
    p.keys(block, {"type", "block_id", "label", "hint", "element", "optional", "dispatch_action"}, path)
    check_text(p, block.get("label"), f"{path}/label", limits.INPUT_LABEL, plain=True)
    if "hint" in block:
        check_text(p, block["hint"], f"{path}/hint", limits.INPUT_HINT, plain=True)
    check_element(p, block.get("element"), f"{path}/element", IN_INPUT)


def _image(p: Problems, block: dict[str, Any], path: str) -> None:
    check_image(p, block, path, {"type", "block_id", "image_url", "slack_file", "alt_text", "title"})
    if "title" in block:
        check_text(p, block["title"], f"{path}/title", limits.IMAGE_TITLE, plain=True)


def _markdown(p: Problems, block: dict[str, Any], path: str) -> None:
    p.keys(block, {"type", "block_id", "text"}, path)
    p.string(block, "text", limits.MARKDOWN_TEXT, path, required=True)


def _rich_text(p: Problems, block: dict[str, Any], path: str) -> None:
    p.keys(block, {"type", "block_id", "elements"}, path)
    known = {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
    for i, item in enumerate(p.items(block.get("elements"), 10_000, f"{path}/elements", least=0)):
        if not isinstance(item, dict) or item.get("type") not in known:
            p.add("must be a valid enum value", f"{path}/elements/{i}/type")


_CHECKS: dict[str, Callable[[Problems, dict[str, Any], str], None]] = {
    "section": _section,
    "header": _header,
    "divider": _divider,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "image": _image,
    "markdown": _markdown,
    "rich_text": _rich_text,
}
