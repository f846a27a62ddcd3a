"""How vendors write ids, times and words: foreign JSON in, checked values out."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from bot.connectors.connector import PayloadError

__all__ = ["Flag", "Labels", "Payload", "VendorId", "VendorTime", "VendorWord", "digest", "understood"]

P = TypeVar("P", bound="Payload")

_ID = re.compile(r"[A-Za-z0-9_.\-]{1,60}")
_SPACED = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(UTC|Z|[+-]\d\d:?\d\d)")
_LONGEST = 200
_MOST_LABELS = 200


class Payload(BaseModel):
    """Part of a payload: the fields that are mapped and no other; what else was sent is not looked at."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def understood(model: type[P], payload: object) -> P:
    """The payload as ``model``.  Raises PayloadError with the places that are wrong, without content."""
    try:
        return model.model_validate(payload)
    except ValidationError as error:
        parts = {
            f"{_place(found['loc'])}: {_reason(found['type'], found['msg'])}"
            for found in error.errors(include_url=False, include_input=False, include_context=False)
        }
        raise PayloadError("; ".join(sorted(parts)[:5])) from None


def _place(location: tuple[int | str, ...]) -> str:
    # Names of fields are ours: models have no field whose name is sent.
    return ".".join(str(part) for part in location) or "payload"


def _reason(kind: str, text: str) -> str:
    # Pydantic names the class, which says nothing outside the code.
    return "an object is expected" if kind.startswith("model_") else text.removeprefix("Value error, ")


def _id(value: Any) -> Any:
    """Numbers and short codes; nothing that could be a text or an address.

    >>> _id(1001), _id("01HNXXXX-CT")
    ('1001', '01HNXXXX-CT')
    """
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if 0 <= value < 10**30 else ""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ValueError("an id is expected")
    return value


def _time(value: Any) -> Any:
    """ISO 8601 with offset, ``2026-11-24 10:00:00 UTC``, or seconds since 1970; UTC.

    >>> _time("2026-11-24 10:00:00 UTC"), _time(1764000000)
    (datetime.datetime(2026, 11, 24, 10, 0, tzinfo=datetime.timezone.utc), \
datetime.datetime(2025, 11, 24, 16, 0, tzinfo=datetime.timezone.utc))
    """
    if isinstance(value, str):
        spaced = _SPACED.fullmatch(value.strip())
        text = f"{spaced[1]}T{spaced[2]}{spaced[3].replace('UTC', 'Z')}" if spaced else value.strip()
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError("a time with offset is expected") from None
        if at.tzinfo is None:
            raise ValueError("a time with offset is expected")
        if 2000 < at.year < 2100:
            return at.astimezone(UTC)
    # 2000 to 2100, in seconds; NaN fails the comparison.
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and 946684800 <= value < 4102444800:
        return datetime.fromtimestamp(value, UTC)
    raise ValueError("a time between 2000 and 2100 is expected")


def _word(value: Any) -> Any:
    """A word that is looked up and never kept; empty means absent."""
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**30 else ""
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise ValueError("a short text is expected")
    return value.strip() or None


def _labels(value: Any) -> Any:
    """A list of words, or one text of words with commas or blanks between them."""
    if value is None:
        return ()
    if isinstance(value, str):
        value = re.split(r"[,\s]+", value.strip()) if len(value) <= _LONGEST * 20 else [value]
    if not isinstance(value, (list, tuple)) or len(value) > _MOST_LABELS:
        raise ValueError("a list of words is expected")
    return tuple(word for word in map(_word, value) if word is not None)


def _absent_if_empty(value: Any) -> Any:
    return None if value == "" else value


VendorId = Annotated[str, BeforeValidator(_id)]
VendorTime = Annotated[datetime, BeforeValidator(_time)]
VendorWord = Annotated[str | None, BeforeValidator(_word)]
Labels = Annotated[tuple[str, ...], BeforeValidator(_labels)]
Flag = Annotated[bool | None, BeforeValidator(_absent_if_empty)]


def digest(*parts: object) -> str:
    """An event id of fields that are the same in every delivery, where the vendor has none.

    >>> digest("1001", "resolved", 1) == digest("1001", "resolved", 1)
    True
    """
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:32]
