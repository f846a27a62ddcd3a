"""What came of certified peaks: contacts of the peaks only, in time by the queue's own target."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.core.contacts import Contact
from bot.store.unit_of_work import Store
from bot.usecases import certify, publish_roster
from bot.usecases.certificate_outcomes import outcomes
from tests.bot.usecases.planning import NOW, WEEK
from tests.bot.usecases.test_planning_line import SETTINGS, plan
from tests.support.builders import CHAT, PHONE, contact

LATER = NOW + timedelta(days=9)


def stretches(store: Store, roster: int) -> list[tuple[datetime, datetime]]:
    """Those of the first peak of the phone queue."""
    with store.read() as uow:
        held = uow.rosters.certificate(roster)  # type: ignore[arg-type]
    assert held is not None
    first = next(j for j in held.report["judgements"] if j["queue"] == PHONE)
    return [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in first["stretches"]]


def answered(number: int, opened: datetime, after: float | None) -> Contact:
    return contact(
        f"GD{number:08d}",
        queue=PHONE,
        opened_at=opened,
        responded_at=None if after is None else opened + timedelta(seconds=after),
    )


@pytest.fixture
def published(store: Store) -> tuple[Store, int]:
    version = plan(store)
    certify.certify(store, SETTINGS, version.roster_id, seed=3, paths=20, now=NOW)
    publish_roster.publish(store, SETTINGS, version.roster_id, by="pei", accept="thin week", now=NOW)
    return store, version.roster_id


def test_contacts_of_a_peak_are_judged_by_the_queues_target(published: tuple[Store, int]) -> None:
    store, roster = published
    spans = stretches(store, roster)
    start, end = spans[0][0], spans[-1][1]
    with store.unit() as uow:
        uow.contacts.save(
            [
                answered(1, start, 30.0),  # 80 % within 30 s
                answered(2, start + timedelta(minutes=1), 31.0),
                answered(3, start + timedelta(minutes=2), None),
                answered(4, end, 5.0),  # the peak is over
            ]
        )
        uow.commit()
    found = outcomes(store, SETTINGS, first=WEEK, last=WEEK + timedelta(days=6), now=LATER)
    peak = next(o for o in found if o.queue == PHONE and o.start == start)
    assert (peak.contacts, peak.in_time, peak.held) == (3, 1, False)
    assert peak.roster == roster
    assert peak.target_share == 0.8
    assert 0.0 <= peak.promised <= 1.0
    # No chat of any day is stored, so nothing is known of how it was answered.
    assert {o.queue for o in found} == {PHONE}
    assert CHAT not in {o.queue for o in found}
    days = {o.day for o in found}
    assert days == {start.date()}, "days without a single contact say nothing"


def test_a_peak_is_left_out_until_its_last_contact_could_be_in_time(published: tuple[Store, int]) -> None:
    store, roster = published
    spans = stretches(store, roster)
    start, end = spans[0][0], spans[-1][1]
    with store.unit() as uow:
        uow.contacts.save([answered(1, start, 10.0)])
        uow.commit()

    def seen(now: datetime) -> int:
        return len(outcomes(store, SETTINGS, first=WEEK, last=WEEK, now=now))

    assert seen(end + timedelta(seconds=29)) == 0
    assert seen(end + timedelta(seconds=30)) == 1
    assert (
        outcomes(store, SETTINGS, first=WEEK - timedelta(days=9), last=WEEK - timedelta(days=3), now=LATER)
        == ()
    )
