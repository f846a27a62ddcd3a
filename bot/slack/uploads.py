"""Files that people give the bot: looked up and fetched from Slack, and from nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.errors import RefusedError
from bot.slack.web_api import WebApi

__all__ = ["MOST_BYTES", "UploadedFile", "Uploads"]

MOST_BYTES = 20_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UploadedFile:
    """``name`` as the person called it."""

    name: str
    content: bytes


class Uploads:
    """Thread-safe.  DeliveryError where Slack gives no file: ``missing_scope`` without ``files:read``."""

    def __init__(self, api: WebApi) -> None:
        self._api = api

    def fetch(self, file: str) -> UploadedFile:
        """The file behind an id.  Raises RefusedError for one that is too large, DeliveryError."""
        held = self._api.call("files.info", file=file)["file"]
        name = str(held.get("name") or "file")
        if int(held.get("size") or 0) > MOST_BYTES:
            raise RefusedError(
                "upload_too_large",
                f"{name} has more than {MOST_BYTES // 1_000_000} MB; nothing was imported.",
                source=name,
                megabytes=MOST_BYTES // 1_000_000,
            )
        address = str(held.get("url_private_download") or held.get("url_private") or "")
        return UploadedFile(name=name, content=self._api.download(address, most=MOST_BYTES))
