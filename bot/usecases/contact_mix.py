"""What a queue's contacts are made of, by type and by channel, from what is stored.  Inside a unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from bot.core.ids import QueueId
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit
from forecasting.mix import Counted, MixPart, mixed_handling_time, parts_of

__all__ = ["BACK", "ContactMix", "MixBy", "contact_mix"]

BACK = timedelta(weeks=12)
"""How far back contacts are counted."""


class MixBy(Enum):
    TYPE = "type"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactMix:
    """``parts``: by type and by channel, each the largest first; both empty where no contact is stored."""

    queue: QueueId
    parts: dict[MixBy, tuple[MixPart, ...]]

    def handling_time(self) -> tuple[float, float] | None:
        """(mean [s], relative sd) by the types there are; None where none is known."""
        types = self.parts[MixBy.TYPE]
        return mixed_handling_time(types) if types else None


def contact_mix(uow: ReadUnit, settings: Settings, queue: QueueId, until: datetime) -> ContactMix:
    """The queue's contacts opened in the twelve weeks before ``until``."""
    default = settings.queues[queue].aht_seconds
    standards = {kind.value: standard for kind, standard in settings.staffing.handling_times.items()}
    counted = uow.contacts.mix(queue, until - BACK, until)
    by: dict[MixBy, tuple[MixPart, ...]] = {}
    for which in MixBy:
        held: dict[str, Counted] = {}
        for kind, channel, contacts, handled, seconds in counted:
            part = kind if which is MixBy.TYPE else channel
            before = held.get(part) or Counted(part=part, contacts=0)
            held[part] = Counted(
                part=part,
                contacts=before.contacts + contacts,
                handled=before.handled + handled,
                seconds=before.seconds + seconds,
            )
        by[which] = parts_of(
            list(held.values()),
            standards=standards if which is MixBy.TYPE else {},
            default_seconds=default,
        )
    return ContactMix(queue=queue, parts=by)
