"""The pack is written once per team and week, by whichever replica comes first, and says when it is late."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.core.errors import RefusedError
from bot.core.kpis.catalogue import Kpi
from bot.core.kpis.settings import PackTimes
from bot.core.message_codec import decode, encode
from bot.core.messages import Message
from bot.core.packs import Pack
from bot.core.settings import Settings
from bot.store.tables import OutboxRow
from bot.store.unit_of_work import ReadUnit, Store
from bot.usecases import weekly_pack
from tests.support.builders import TEAM, at, contact, settings

MONDAY = date(2026, 11, 23)


def with_packs(zone: str | None = None) -> Settings:
    held = settings()
    team = held.teams[TEAM]
    team = replace(team, weekly_pack=PackTimes(at=time(9), weekday=0), zone=zone or team.zone)
    return replace(held, teams={TEAM: team})


def one_contact(store: Store) -> None:
    with store.unit() as uow:
        opened = at(10, day=MONDAY - timedelta(days=3))
        uow.contacts.save([contact(opened_at=opened, responded_at=opened + timedelta(minutes=4))])
        uow.commit()


def waiting(store: Store) -> list[tuple[str, Message]]:
    """Channel and message of everything in the outbox."""
    with store.engine.connect() as connection:
        rows = connection.execute(select(OutboxRow.recipient, OutboxRow.kind, OutboxRow.payload)).all()
    return [(row.recipient, decode(row.kind, row.payload)) for row in rows]


def packs(store: Store) -> list[Pack]:
    return [m for _, m in waiting(store) if isinstance(m, Pack)]


def test_three_replicas_and_a_restart_write_one(store: Store) -> None:
    one_contact(store)
    chosen = with_packs()
    assert weekly_pack.tick(store, chosen, now=at(8, 59, day=MONDAY)) == 0
    now = at(9, day=MONDAY)
    replicas = [Store(store.engine) for _ in range(3)]
    assert sum(weekly_pack.tick(replica, chosen, now=now) for replica in replicas) == 1
    restarted = Store(store.engine)
    for later in (timedelta(seconds=30), timedelta(hours=3), timedelta(hours=23), timedelta(days=3)):
        assert weekly_pack.tick(restarted, chosen, now=now + later) == 0
    (pack,) = packs(store)
    assert (pack.first, pack.last, pack.contacts, pack.late) == (
        date(2026, 11, 16),
        date(2026, 11, 22),
        1,
        False,
    )
    assert decode("pack", encode(pack)) == pack
    shown = {line.kpi: line.value for line in pack.figures}
    assert shown[Kpi.FIRST_RESPONSE_MEAN.value] == 240.0
    assert shown[Kpi.AHT.value] is None


def test_an_hour_that_comes_twice_makes_no_second_pack(store: Store) -> None:
    one_contact(store)
    held = with_packs(zone="America/New_York")
    team = replace(held.teams[TEAM], weekly_pack=PackTimes(at=time(1, 30), weekday=6))
    chosen = replace(held, teams={TEAM: team})
    first = datetime.fromisoformat("2026-11-01T05:30:00+00:00")
    with store.unit() as uow:
        opened = first - timedelta(days=9)
        uow.contacts.save([contact("EARLY", opened_at=opened)])
        uow.commit()
    told = [weekly_pack.tick(store, chosen, now=first + timedelta(minutes=n)) for n in (0, 30, 60, 90)]
    assert told == [1, 0, 0, 0]


def test_late_is_said_too_late_is_left_out_and_nothing_known_is_no_pack(store: Store) -> None:
    chosen = with_packs()
    assert weekly_pack.tick(store, chosen, now=at(9, day=MONDAY - timedelta(days=7))) == 0  # no contact yet
    one_contact(store)
    assert weekly_pack.tick(store, chosen, now=at(13, day=MONDAY)) == 1
    (pack,) = packs(store)
    assert pack.late
    next_week = MONDAY + timedelta(days=7)
    assert weekly_pack.tick(store, chosen, now=at(10, day=next_week + timedelta(days=1))) == 0


def test_what_is_asked_for_is_posted_and_noted(store: Store) -> None:
    one_contact(store)
    chosen, now = with_packs(), at(14, day=MONDAY)
    period = weekly_pack.period_meant(chosen, TEAM, week="2026-W47", month=None, now=now)
    weekly_pack.post(store, chosen, TEAM, period, channel="#ops", by="lin", now=now)
    with store.unit() as uow:
        assert [channel for channel, _ in waiting(store)] == ["ops"]
        assert [e.action for e in uow.audit.entries()] == ["pack_posted"]
    month = weekly_pack.period_meant(chosen, TEAM, week=None, month="2026-11", now=now)
    with store.read() as uow:
        assert weekly_pack.read_pack(uow, chosen, TEAM, month, now=now).contacts == 1
    for week, wanted in (("2026-W52", "pack_future"), ("soon", "bad_week")):
        with pytest.raises(RefusedError) as refused:
            weekly_pack.period_meant(chosen, TEAM, week=week, month=None, now=now)
        assert refused.value.kind == wanted
    with pytest.raises(RefusedError) as refused:
        weekly_pack.post(store, chosen, TEAM, period, channel="#no channel", by="lin", now=now)
    assert refused.value.kind == "pack_channel"


def test_nobody_waits_to_write_while_a_pack_is_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a year of contacts takes seconds to read; a case that opens meanwhile is taken at once."""
    one_contact(store)
    chosen, now = with_packs(), at(9, day=MONDAY)
    written: list[str] = []
    read_pack = weekly_pack.read_pack

    def slowly(uow: ReadUnit, *args: Any, **kwargs: Any) -> Pack:
        pack = read_pack(uow, *args, **kwargs)
        with Store(store.engine).unit() as other:
            assert other.job_slots.take("case", f"{len(written)}", now)
            other.commit()
        written.append("case")
        return pack

    monkeypatch.setattr(weekly_pack, "read_pack", slowly)
    assert weekly_pack.tick(store, chosen, now=now) == 1
    period = weekly_pack.period_meant(chosen, TEAM, week="2026-W47", month=None, now=now)
    weekly_pack.post(store, chosen, TEAM, period, channel="#ops", by="lin", now=now)
    assert written == ["case", "case"]
