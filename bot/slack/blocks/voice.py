"""Voice: everything a message needs to know about its reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.ids import QueueId
from bot.core.settings import Settings
from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.slack.blocks.kit import code, escape

__all__ = ["Voice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """The reader's language and zone, the present, and names.

    ``person`` turns an agent id or a Slack user id into mrkdwn: a mention where the person is linked.
    ``direct``: the message goes to one person, not to a channel.
    """

    t: Translator
    f: Formats
    now: datetime
    settings: Settings
    person: Callable[[str], str]
    direct: bool = False

    def queue(self, queue: str) -> str:
        return escape(queue)

    def ref(self, ref: str) -> str:
        return code(ref)

    def label(self, group: str, name: str) -> str:
        """The word for an identifier, such as a priority; the identifier itself where there is none."""
        key = f"label.{group}.{name}"
        return self.t.text(key) if self.t.has(key) else escape(name)

    def moment(self, at: datetime) -> str:
        """A time of today, or day and time."""
        return self.f.moment(at, reference=self.now)

    def length(self, length: timedelta | float) -> str:
        """A duration as people say it: whole minutes from two minutes on."""
        seconds = length.total_seconds() if isinstance(length, timedelta) else length
        return self.f.duration(round(seconds / 60) * 60 if seconds >= 120 else seconds)

    def zone_note(self, queues: Iterable[str], *, always: bool = False) -> str | None:
        """Says the zone of all times in the message, where it differs from a queue's own."""
        own = self.now.astimezone(ZoneInfo(self.f.zone)).utcoffset()
        for queue in queues:
            zone = self.zone_of(queue)
            if zone is not None and self.now.astimezone(ZoneInfo(zone)).utcoffset() != own:
                always = True
        return self.t.text("message.zone", zone=self.f.zone_label(self.now)) if always else None

    def zone_of(self, queue: str) -> str | None:
        """The zone of a queue's hours; None for one that app.yaml does not have."""
        found = self.settings.queues.get(QueueId(queue))
        return None if found is None else self.settings.calendars[found.calendar].zone
