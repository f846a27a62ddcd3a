"""SR13: who cannot be at the meeting."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.core.remote_stand_up import is_remote
from tests.stories.service import shift
from tests.support.builders import SHANGHAI, at


@pytest.mark.parametrize(
    ("zone", "shifts", "remote"),
    [
        (SHANGHAI, [(at(9), at(18))], False),
        (SHANGHAI, [(at(13), at(22))], True),
        (SHANGHAI, [(at(9, 40), at(18))], True),
        (SHANGHAI, [], False),
        ("Asia/Singapore", [(at(9), at(18))], False),  # another zone, the same clock
        ("Europe/Lisbon", [(at(9), at(18))], True),
        ("Europe/Lisbon", [], False),
    ],
)
def test_another_site_or_no_shift_at_the_meeting(
    zone: str, shifts: list[tuple[datetime, datetime]], remote: bool
) -> None:
    found = is_remote(
        at(9, 30),
        length=timedelta(minutes=15),
        zone=zone,
        team_zone=SHANGHAI,
        shifts=[shift(start, end) for start, end in shifts],
    )
    assert found is remote
