"""What the report says about times: zones that were assumed, hours that a clock change doubles or skips."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.import_report import Finding
from bot.imports.fields import Instant

__all__ = ["ClockNotes"]

HOUR = timedelta(hours=1)


@dataclass(slots=True)
class ClockNotes:
    """Counts the instants of rows that were taken; `findings` says what was noticed."""

    zone: ZoneInfo
    assumed: int = 0
    twice: list[datetime] = field(default_factory=list)
    twice_by_offset: list[datetime] = field(default_factory=list)
    skipped: list[datetime] = field(default_factory=list)

    def note(self, instant: Instant) -> None:
        self.assumed += instant.assumed
        if instant.ambiguous:
            (self.twice if instant.assumed else self.twice_by_offset).append(instant.at)
        if instant.skipped:
            self.skipped.append(instant.at)

    def findings(self) -> list[Finding]:
        found = []
        if self.assumed:
            found.append(Finding(code="zone_assumed", data={"zone": str(self.zone), "rows": self.assumed}))
        for code, instants in (
            ("hour_twice", self.twice),
            ("hour_twice_by_offset", self.twice_by_offset),
            ("hour_skipped", self.skipped),
        ):
            if instants:
                data = {"zone": str(self.zone), "rows": len(instants), "hours": self._hours(instants)}
                found.append(Finding(code=code, data=data))
        return found

    def _hours(self, instants: list[datetime]) -> str:
        """The hours on the zone's clocks, as ``2026-10-25 01:00``."""
        # A skipped time is read by its offset; the clocks then show the hour after the change.
        hours = {at.astimezone(UTC).replace(minute=0, second=0, microsecond=0) for at in instants}
        return ", ".join(sorted({h.astimezone(self.zone).strftime("%Y-%m-%d %H:%M") for h in hours}))
