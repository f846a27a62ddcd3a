"""PS8, CR22: what retention and erasure take: counted, cleared in batches, and nothing else."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from bot.core.alert_messages import AlertCard
from bot.core.contacts import Contact, ContactStatus, EventKind
from bot.core.ids import AgentId, ContactRef, QueueId
from bot.core.messages import (
    Outgoing,
    OverdueCase,
    Recipient,
    RecipientKind,
    StandUpDigest,
    Urgency,
)
from bot.core.records import ContactRecord, FollowUp, customer_key
from bot.core.retention import Area, Retention, TableDue
from bot.core.satisfaction import Satisfaction, Scale
from bot.core.settings import Settings
from bot.store.retention import CUSTOMER_COLUMNS
from bot.store.tables import Base, ContactRecordRow
from bot.store.unit_of_work import Store
from bot.usecases import prune
from tests.support.builders import at, contact, event, settings
from tests.support.forecasts import forecast, save

NOW = at(12)
DAY = timedelta(days=1)
SECRETS = ("C202405001", "*女士", "5678", "2024031500012", "parcel of the customer", "call the customer back")


def case(ref: str, solved: datetime | None, **more: object) -> Contact:
    made = contact(ContactRef(ref), opened_at=(solved or NOW) - DAY)
    if solved is not None:
        made = replace(made, status=ContactStatus.SOLVED, resolved_at=solved)
    return replace(made, **more)  # type: ignore[arg-type]


def record(ref: str) -> ContactRecord:
    return ContactRecord(
        ref=ContactRef(ref),
        recorded_by="bo",
        recorded_at=NOW,
        complete=True,
        type=contact(ContactRef(ref)).type,
        customer_no="C202405001",
        customer_label="*女士",
        contact_digits="5678",
        order_no="2024031500012",
        description="parcel of the customer",
        satisfaction=Satisfaction(scale=Scale.POINTS, value=85),
        follow_up=FollowUp(owner=AgentId("bo"), due_at=at(18), text="call the customer back"),
    )


def keep(store: Store, *cases: Contact) -> None:
    with store.unit() as uow:
        uow.contacts.save(cases)
        for one in cases:
            ref = one.ref
            uow.contacts.add_events([event(EventKind.OPENED, one.opened_at, ref)], now=one.opened_at)
            uow.records.save(record(ref))
            uow.records.link("zendesk", f"z-{ref}", ref, by="bo", now=NOW)
            uow.case_work.hand_over(
                ref, "finance", by="bo", now=NOW, expected_at=NOW, summary="parcel of the customer"
            )
        uow.commit()


def retention(**days: int) -> Settings:
    kept = {"contacts": 700, "messages": 700, "customer_data": 700, "presence": 700, "audit": 700, **days}
    return settings(retention=Retention(**{name: n * DAY for name, n in kept.items()}))


def everything(engine: Engine) -> str:
    with engine.connect() as connection:
        rows = [row for table in Base.metadata.sorted_tables for row in connection.execute(select(table))]
    return "\n".join(str(tuple(row)) for row in rows)


def put(store: Store, key: str, message: AlertCard | StandUpDigest) -> None:
    with store.unit() as uow:
        recipient = Recipient(kind=RecipientKind.CHANNEL, name="harbour-alerts", team="harbour")
        uow.outbox.put(
            Outgoing(
                recipient=recipient, message=message, dedupe_key=key, urgency=Urgency.ALERT, not_before=NOW
            ),
            NOW,
        )
        uow.commit()


def card(ref: str) -> AlertCard:
    return AlertCard(
        alert=1, ref=ref, queue="chat", priority="high", opened_at=NOW, state="open", concerns=()
    )


def test_words_and_numbers_of_customers_go_first_and_the_case_stays(store: Store) -> None:
    keep(store, case("old", NOW - 40 * DAY), case("new", NOW - 10 * DAY), case("open", None))
    chosen = retention(customer_data=30)
    due = {one.area: one.tables for one in prune.plan(store, chosen, now=NOW)}
    assert due == {
        **dict.fromkeys(Area, ()),
        Area.CUSTOMER_DATA: (
            TableDue(table="contact_records", rows=1, oldest=NOW - 40 * DAY),
            TableDue(table="hand_overs", rows=1, oldest=NOW - 40 * DAY),
        ),
    }
    assert prune.tick(store, chosen, now=NOW) == prune.Pruned(customer_data=2)
    with store.read() as uow:
        emptied, kept = (uow.records.get(ContactRef(ref)) for ref in ("old", "new"))
        assert emptied is not None
        assert kept == record("new")
        assert not any(secret in repr(emptied) for secret in SECRETS)
        assert (emptied.type, emptied.satisfaction) == (kept.type, kept.satisfaction)
        # They are matched still: the key stays, and says nothing of who it is.
        again = uow.records.of_customer(customer_key(kept) or "", but=ContactRef("new"), limit=9)
        assert again == [ContactRef("open"), ContactRef("old")] or set(again) == {"open", "old"}
    assert prune.tick(store, chosen, now=NOW) == prune.Pruned()


def test_cases_go_with_everything_that_hangs_on_them(store: Store) -> None:
    archived = case("archived", None, status=ContactStatus.ARCHIVED, opened_at=NOW - 50 * DAY)
    keep(store, case("old", NOW - 40 * DAY), archived, case("open", None, opened_at=NOW - 90 * DAY))
    chosen = retention(contacts=30)
    (due,) = [one for one in prune.plan(store, chosen, now=NOW) if one.rows]
    assert due.area is Area.CONTACTS
    assert {table.table: table.rows for table in due.tables} == {
        "contacts": 2, "contact_events": 2, "contact_records": 2, "external_ids": 2, "hand_overs": 2,
    }  # fmt: skip
    assert due.tables[0].oldest == NOW - 50 * DAY
    assert prune.tick(store, chosen, now=NOW).contacts == 2
    left = everything(store.engine)
    assert "archived" not in left
    assert "'old'" not in left
    assert "'open'" in left


def test_events_of_cases_that_never_were_go_too(store: Store) -> None:
    with store.unit() as uow:
        long_ago = event(EventKind.RESPONDED, NOW - 40 * DAY, ContactRef("never"))
        uow.contacts.add_events([long_ago], now=NOW - 40 * DAY)
        uow.contacts.add_events([event(EventKind.RESPONDED, NOW - DAY, ContactRef("soon"))], now=NOW - DAY)
        uow.commit()
    prune.tick(store, retention(contacts=30), now=NOW)
    left = everything(store.engine)
    assert "never" not in left
    assert "soon" in left


def test_a_run_that_is_stopped_goes_on_with_the_next(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prune, "_BATCH", 2)
    keep(store, *[case(f"old{n}", NOW - 40 * DAY) for n in range(5)])
    chosen = retention(contacts=30)
    with store.unit() as uow:  # the first batch of a run that was stopped then
        assert uow.sweeps.sweep(Area.CONTACTS, NOW - 30 * DAY, 2) == 2
        uow.commit()
    assert prune.tick(store, chosen, now=NOW).contacts == 3


def test_before_clears_more_but_never_the_record_of_it(store: Store) -> None:
    keep(store, case("old", NOW - 40 * DAY))
    with store.unit() as uow:
        uow.audit.add("bo", "alert_acknowledged", "alert:1", {}, NOW - 40 * DAY)
        uow.commit()
    done = prune.tick(store, retention(), now=NOW, before=NOW - 30 * DAY, by="ada")
    assert (done.contacts, done.audit) == (1, 0)
    with store.read() as uow:
        trail = [(e.actor, e.action) for e in uow.audit.entries()]
    assert trail == [("ada", "pruned"), ("ada", "purge_begun"), ("bo", "alert_acknowledged")]


def test_forecasts_go_long_after_their_last_interval(store: Store) -> None:
    day = NOW.date() - timedelta(days=60)
    save(store, forecast(5.0, first=day, days=7))
    long = save(store, forecast(5.0, first=day, days=60))
    chosen = retention(forecasts=30)
    due = {one.area: one.tables for one in prune.plan(store, chosen, now=NOW) if one.tables}
    assert [(t.table, t.rows) for t in due[Area.FORECASTS]] == [("forecasts", 1)]
    # A purge of customers' data is not about them.
    assert prune.tick(store, retention(), now=NOW, before=NOW - DAY, by="ada").forecasts == 0
    assert prune.tick(store, chosen, now=NOW).forecasts == 1
    start = NOW - 60 * DAY
    with store.read() as uow:
        left = uow.forecasts.frozen(QueueId("chat"), start, NOW)
        assert [one.number for one in left] == [long]
        assert left[0].mean.max() == 5.0
    with store.engine.connect() as connection:
        rows = connection.scalar(select(func.count()).select_from(Base.metadata.tables["forecast_intervals"]))
    assert rows == 60 * 96


def test_presence_and_audit_have_rules_of_their_own(store: Store) -> None:
    with store.unit() as uow:
        for days in (1, 50):
            uow.audit.add("bo", "x", "y", {}, NOW - days * DAY)
        uow.commit()
    with store.engine.begin() as connection:
        for days in (1, 50):
            row = {"agent": "bo", "since": NOW - days * DAY, "source": "pbx", "state": "available"}
            connection.execute(Base.metadata.tables["presence"].insert(), {**row, "heard_at": NOW})
    done = prune.tick(store, retention(presence=30, audit=40), now=NOW)
    assert (done.presence, done.audit) == (1, 1)
    assert prune.tick(store, retention(presence=30, audit=40), now=NOW).total == 0


def test_erasing_one_case_leaves_no_word_of_it(store: Store) -> None:
    keep(
        store, case("GD1", None), case("GD10", None), case("工单2", NOW - DAY, merged_into=ContactRef("GD1"))
    )
    put(store, "one", card("GD1"))
    put(store, "other", card("GD10"))
    put(store, "merged", card("工单2"))
    overdue = tuple(OverdueCase(ref=r, queue="chat", priority="high", due_at=NOW) for r in ("GD1", "GD10"))
    digest = StandUpDigest(
        team="harbour",
        day=NOW.date(),
        meeting_at=NOW,
        yesterday=(),
        overdue=overdue,
        overdue_total=2,
        cover=(),
        roster_known=True,
    )
    put(store, "digest", digest)
    planned = prune.erasure(store, contact="GD1")
    assert planned.refs == ("GD1", "工单2")
    counted = {table.table: table.rows for table in planned.tables}
    assert counted["contacts"] == 2
    assert counted["outbox"] == 3
    assert prune.erase(store, contact="GD1", by="ada", now=NOW) == planned
    left = everything(store.engine)
    assert "'GD1'" not in left
    assert '"GD1"' not in left
    assert "工单2" not in left
    assert json.dumps("工单2")[1:-1] not in left
    with store.read() as uow:
        assert uow.outbox.by_key("one") is None
        assert uow.outbox.by_key("other") is not None
        kept = uow.outbox.by_key("digest")
        assert kept is not None
        assert isinstance(kept.outgoing.message, StandUpDigest)
        assert [c.ref for c in kept.outgoing.message.overdue] == ["GD10"]
        (entry,) = uow.audit.entries()
        assert (entry.actor, entry.action, entry.subject) == ("ada", "erased", "cases:2")
        assert entry.detail["contacts"] == 2


def test_erasing_a_customer_takes_all_their_cases(store: Store) -> None:
    keep(store, case("GD1", None), case("GD2", NOW - DAY))
    with store.unit() as uow:
        uow.contacts.save([case("GD3", None)])
        uow.records.save(replace(record("GD3"), customer_no="C202405002"))
        uow.commit()
    with store.engine.connect() as connection:
        key = connection.execute(
            select(ContactRecordRow.customer_key).where(ContactRecordRow.ref == "GD1")
        ).scalar_one()
    assert len(key) == 32
    assert "C202405001" not in key
    assert prune.erasure(store, customer=key).refs == ("GD1", "GD2")
    assert prune.erase(store, customer="C202405001", by="ada", now=NOW).refs == ("GD1", "GD2")
    left = everything(store.engine)
    assert "C202405001" not in left
    assert "C202405002" in left


def test_the_columns_that_are_emptied_exist(store: Store) -> None:
    for table, columns in CUSTOMER_COLUMNS.items():
        assert set(columns) <= set(Base.metadata.tables[table].columns.keys())


def test_every_replica_makes_the_same_key_and_the_operators_wins(store: Store) -> None:
    def key_by(other: Store) -> str:
        with other.unit() as uow:
            uow.contacts.save([case("GD1", None)])
            uow.records.save(record("GD1"))
            uow.commit()
        with other.engine.connect() as connection:
            return str(connection.execute(select(ContactRecordRow.customer_key)).scalar_one())

    first = key_by(store)
    assert key_by(Store(store.engine)) == first
    assert key_by(Store(store.engine, customer_key="of the operator")) != first


def test_the_data_map_names_every_table() -> None:
    """Whoever adds a table says what it holds of whom, who sees it and how long it is kept."""
    document = (Path(__file__).parents[2] / "bot/docs/privacy.md").read_text(encoding="utf-8")
    section = document.split("## What is kept where, for how long")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert sorted(named) == sorted(Base.metadata.tables)


def test_erasing_a_case_that_was_merged_takes_it_out_of_the_other(store: Store) -> None:
    keep(store, case("GD1", None, merged_into=ContactRef("GD2")), case("GD2", None))
    with store.unit() as uow:
        absorbed = event(EventKind.ABSORBED, NOW, ContactRef("GD2"), into=ContactRef("GD1"))
        uow.contacts.add_events([absorbed], now=NOW)
        uow.commit()
    assert "'GD1'" in everything(store.engine)
    prune.erase(store, contact="GD1", by="ada", now=NOW)
    left = everything(store.engine)
    assert "'GD1'" not in left
    assert "'GD2'" in left
