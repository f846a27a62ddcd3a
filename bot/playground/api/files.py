"""files.*: the external upload in three steps, and looking a file up."""

from __future__ import annotations

import secrets

from bot.playground.api.access import writable
from bot.playground.api.arguments import Arguments
from bot.playground.api.shapes import file_json
from bot.playground.errors import JSON, SlackError
from bot.playground.model import File, Message
from bot.playground.records import ComplaintKind
from bot.playground.workspace import Workspace

_PICTURES = (".png", ".jpg", ".jpeg", ".gif")


def get_upload_url(ws: Workspace, args: Arguments) -> JSON:
    name = args.text("filename")
    length = args.number("length", 0, most=10**9)
    file = File(
        id=ws.new_id("F"),
        name=name,
        user=ws.bot.id,
        length=length,
        created=int(ws.now()),
        alt_text=args.maybe("alt_txt"),
    )
    ws.files[file.id] = file
    ticket = secrets.token_hex(16)
    ws.uploads[ticket] = file.id
    return {"upload_url": f"{ws.base_url}/upload/v1/{ticket}", "file_id": file.id}


def receive(ws: Workspace, ticket: str, content: bytes) -> str | None:
    """The bytes themselves; None when taken, else what is wrong. A ticket serves once."""
    with ws.changed:
        file = ws.files.get(ws.uploads.get(ticket, ""))
        if file is None:
            return "unknown upload URL"
        if len(content) != file.length:
            return f"{len(content)} bytes instead of the {file.length} announced"
        del ws.uploads[ticket]
        file.content = content
        return None


def complete_upload(ws: Workspace, args: Arguments) -> JSON:
    """Shares the uploaded files, in one message, in the channels named; in none, they stay private."""
    wanted = args.json("files")
    if not isinstance(wanted, list) or not wanted:
        raise SlackError("invalid_arguments", messages=["[ERROR] missing required field: files"])
    files: list[File] = []
    for item in wanted:
        file = ws.files.get(str(item.get("id"))) if isinstance(item, dict) else None
        if file is None or file.content is None or file.complete:
            raise SlackError("file_not_found")
        file.title = str(item.get("title") or file.name)
        files.append(file)
    keys = [key for key in (args.maybe("channels") or args.maybe("channel_id") or "").split(",") if key]
    channels = [writable(ws, key) for key in keys]
    thread_ts = args.maybe("thread_ts")
    for channel in channels:
        if ws.bot.id not in channel.members:
            raise SlackError("not_in_channel")
        if thread_ts is not None and ws.find_message(channel.id, thread_ts) is None:
            raise SlackError("thread_not_found")
    for file in files:
        file.complete = True
        if file.name.lower().endswith(_PICTURES) and not file.alt_text:
            ws.complain(ComplaintKind.MISSING_ALT_TEXT, "files.completeUploadExternal", file.name)
    for channel in channels:
        for file in files:
            file.channels.append(channel.id)
        ws.post(
            Message(
                ts=ws.new_ts(),
                channel=channel.id,
                user=ws.bot.id,
                text=str(args.values.get("initial_comment") or ""),
                thread_ts=thread_ts,
                files=[file.id for file in files],
            )
        )
    return {"files": [file_json(ws, file) for file in files]}


def info(ws: Workspace, args: Arguments) -> JSON:
    file = ws.files.get(args.text("file", error="file_not_found"))
    if file is None or not file.complete:
        raise SlackError("file_not_found")
    return {"file": file_json(ws, file)}


METHODS = {
    "files.getUploadURLExternal": get_upload_url,
    "files.completeUploadExternal": complete_upload,
    "files.info": info,
}
