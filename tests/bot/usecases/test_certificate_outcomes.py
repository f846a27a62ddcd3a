"""What came of certified peaks: contacts of the peaks only, in time by the queue's own target."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.contacts import Contact
from bot.core.ids import AgentId, ContactRef
from bot.core.outlook_messages import EveningCard
from bot.core.people import Role
from bot.core.promises import PromiseKind
from bot.store.unit_of_work import Store
from bot.usecases import certify, evening_card, publish_roster
from bot.usecases.certificate_outcomes import outcomes
from tests.bot.usecases.planning import NOW, WEEK
from tests.bot.usecases.test_planning_line import SETTINGS, plan
from tests.support.builders import CHAT, PHONE, TEAM, agent, contact

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


def test_the_leads_are_told_in_the_evening_once(published: tuple[Store, int]) -> None:
    store, roster = published
    start = stretches(store, roster)[0][0]
    local = start.astimezone(ZoneInfo(SETTINGS.zone))
    evening = datetime.combine(local.date(), time(21, 45), local.tzinfo).astimezone(UTC)
    with store.unit() as uow:
        uow.people.upsert(agent("lea", role=Role.LEAD, slack_user="U0000LEA"))
        uow.contacts.save([answered(1, start, 10.0), answered(2, start + timedelta(minutes=1), 300.0)])
        uow.promises.add(
            ref=ContactRef("GD00000002"),
            kind=PromiseKind.CALL_BACK,
            owner=AgentId("ann"),
            due_at=evening + timedelta(hours=10),
            made_at=start,
            made_by="ann",
            remind_at=None,
            next_check_at=None,
        )
        uow.commit()
    assert evening_card.tick(store, SETTINGS, now=evening) == 1
    evening_card.tick(store, SETTINGS, now=evening + timedelta(minutes=1))
    with store.read() as uow:
        row = uow.outbox.by_key(f"evening:{TEAM}:{local.date().isoformat()}:lea")
    assert row is not None
    card = row.outgoing.message
    assert isinstance(card, EveningCard)
    # The other peak of the day had no calls, so it missed nothing; the one that missed comes first.
    assert (card.day, card.peaks, card.held) == (local.date(), 2, 1)
    assert (card.shown[0].contacts, card.shown[0].share) == (2, 0.5)
    assert (card.promises, card.due[0].owner) == (1, "ann")


def test_an_evening_without_anything_to_tell_is_quiet(published: tuple[Store, int]) -> None:
    store, _ = published
    with store.unit() as uow:
        uow.people.upsert(agent("lea", role=Role.LEAD, slack_user="U0000LEA"))
        uow.commit()
    assert evening_card.tick(store, SETTINGS, now=LATER) == 0
