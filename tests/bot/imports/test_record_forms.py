"""F1 to F4, F6, F9, CR17, CR18: the sources' own rows come in as cases, and go out as the same tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.case_history import steps_of
from bot.core.contacts import Contact, ContactStatus, ContactType, EventKind, Priority
from bot.core.courses import Measure
from bot.core.ids import AgentId, ContactRef
from bot.core.import_report import ImportReport
from bot.core.record_tables import FORMS, RecordTable
from bot.core.records import ContactRecord
from bot.core.satisfaction import Satisfaction, Scale
from bot.core.sla import ClockState, SlaClock, make_clocks
from bot.imports.record_forms import read_records, recognised
from bot.store.unit_of_work import Store
from bot.usecases import intake
from bot.usecases.export_records import export_records
from bot.usecases.import_records import import_records
from tests.support.builders import PHONE, agent, contact, event, settings

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
S0, S3, S4 = (FORMS[name] for name in ("s0-1", "s3-1", "s4-3"))

S0_ROW = "2023-10-27,14:30,张女士,5678,GD20231027001,咨询,账单金额有疑问,已说明并发送明细,18:00,4,8001"
S3_ROWS = (
    "C202405001,VIP,在线聊天,售后,商品有划痕,2024-05-10 14:30,2024-05-10 14:38,"
    "2024-05-11 10:00,lin,4,50元优惠券",
    "C202405002,新客户,电话,咨询,会员如何开通,2024-05-10 15:20,2024-05-10 15:28,2024-05-10 15:30,bo,5,",
    "C202405003,老客户,邮件,投诉,客服态度差,2024-05-10 16:45,2024-05-10 17:00,,chen,2,",
)
S4_ROW = (
    "2024-03-15 14:30,订单号2024031500012,订单,物流显示签收但未收到,联系物流核实,满意,"
    "物流核实,5678,2024-03-18 00:00,5678,情绪平稳"
)


def local(*parts: int) -> datetime:
    """A time in Shanghai."""
    return datetime(*parts, tzinfo=UTC) - timedelta(hours=8)


def file(table: RecordTable, *rows: str, headings: Sequence[str] | None = None) -> bytes:
    own = table.headings[: table.own]
    return "\r\n".join([",".join(headings or own), *rows]).encode()


def bring_in(store: Store, data: bytes, *, live: bool = False, now: datetime = NOW) -> ImportReport:
    configured = settings()
    table = recognised(data, source="f.csv")
    assert table is not None
    rows, report = read_records(data, table, source="f.csv", settings=configured, now=now)
    return import_records(store, configured, table, rows, report, live=live, by="ada", now=now)


def exported(store: Store, table: RecordTable) -> bytes:
    rows = export_records(store, settings(), table, start=None, end=None, by="ada", now=NOW)
    out = io.StringIO(newline="")
    csv.writer(out).writerows([table.headings, *rows])
    return out.getvalue().encode()


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    with sqlite_store.unit() as uow:
        for name in ("lin", "bo", "chen", "8001", "5678"):
            uow.people.upsert(agent(name))
        uow.commit()
    return sqlite_store


def held(store: Store) -> list[tuple[Contact, ContactRecord]]:
    with store.read() as uow:
        return list(uow.records.finished(None, None))


def clocks(case: Contact) -> dict[Measure, SlaClock]:
    configured = settings()
    steps = steps_of(case)
    calendar = configured.calendars[configured.queues[PHONE].calendar]
    return {c.measure: c for c in make_clocks(steps, configured.terms, calendar)}


@pytest.mark.parametrize(("table", "row"), [(S0, S0_ROW), (S3, S3_ROWS[0]), (S4, S4_ROW)])
def test_a_table_is_known_by_its_headings(table: RecordTable, row: str) -> None:
    assert recognised(file(table, row), source="f.csv") is table
    wide = [h.replace("(", "（").replace(")", "）") for h in table.headings[: table.own]]
    assert recognised(file(table, row, headings=wide), source="f.csv") is table
    assert recognised(b"contact,arrived\nGD1,2026-11-24T09:00\n", source="f.csv") is None


def test_the_call_log_is_read_in_traditional_characters_too() -> None:
    headings = (
        "日期,時間,客戶姓名(脫敏),聯繫方式(後四位),工單號,問題類型,問題簡述,處理結果,跟進時間,滿意度,客服工號"
    )
    assert recognised(file(S0, S0_ROW, headings=headings.split(",")), source="f.csv") is S0


def test_f4_a_logged_call_with_its_follow_up(store: Store) -> None:
    report = bring_in(store, file(S0, S0_ROW))
    assert report.refused == ()
    ((case, record),) = held(store)
    assert case.ref == "GD20231027001"
    assert case.opened_at == local(2023, 10, 27, 14, 30)
    assert (record.customer_label, record.contact_digits) == ("*女士", "5678")
    assert record.satisfaction == Satisfaction(scale=Scale.FIVE, value=4)
    assert record.follow_up is not None
    assert (record.follow_up.due_at, record.follow_up.owner) == (local(2023, 10, 27, 18), "8001")
    assert case.status is ContactStatus.RESPONDED


def test_f1_f2_f3_the_request_register(store: Store) -> None:
    report = bring_in(store, file(S3, *S3_ROWS))
    assert report.refused == ()
    cases = {c.ref: (c, r) for c, r in held(store)}
    one, two, three = (cases[ref] for ref in sorted(cases))
    # F1: 8 min to the answer, 19 h 30 min to the solution.
    first = replace(one[0], priority=Priority.HIGH)
    found = clocks(first)
    response, solution = found[Measure.FIRST_RESPONSE], found[Measure.RESOLUTION]
    assert response.stopped_at is not None
    assert response.stopped_at - response.started_at == timedelta(minutes=8)
    assert solution.stopped_at is not None
    assert solution.stopped_at - solution.started_at == timedelta(hours=19, minutes=30)
    assert (response.state, solution.state) == (ClockState.MET, ClockState.MET)
    assert one[0].tier == "vip"
    assert one[1].remarks == "50元优惠券"
    # F2: 8 and 10 minutes.
    found = clocks(two[0])
    assert {c.state for c in found.values()} == {ClockState.MET}
    solved = found[Measure.RESOLUTION].stopped_at
    assert solved is not None
    assert solved - found[Measure.RESOLUTION].started_at == timedelta(minutes=10)
    # F3: high by the complaint rule; ten minutes were over at 16:55, answered at 17:00.
    complaint = three[0]
    assert complaint.priority is Priority.HIGH
    assert complaint.type is ContactType.COMPLAINT
    late = clocks(complaint)[Measure.FIRST_RESPONSE]
    assert (late.due_at, late.state) == (local(2024, 5, 10, 16, 55), ClockState.BREACHED)


def test_f6_the_record_of_a_call(store: Store) -> None:
    report = bring_in(store, file(S4, S4_ROW))
    assert report.refused == ()
    ((case, record),) = held(store)
    assert (record.order_no, record.recorded_by) == ("2024031500012", "5678")
    assert record.satisfaction == Satisfaction(scale=Scale.THREE, value=2)
    assert record.follow_up is not None
    # Before 18 March, which is earlier than three working days: Wednesday the 20th.
    assert record.follow_up.due_at == local(2024, 3, 18)
    due = clocks(case)[Measure.RESOLUTION].due_at
    assert due.date() == datetime(2024, 3, 20).date()
    assert record.follow_up.due_at < due


@pytest.mark.parametrize(
    ("table", "rows"), [(S0, (S0_ROW,)), (S3, S3_ROWS), (S4, (S4_ROW,))], ids=["s0", "s3", "s4"]
)
def test_an_export_comes_in_again_without_a_change(
    store: Store, table: RecordTable, rows: Sequence[str]
) -> None:
    first = bring_in(store, file(table, *rows))
    before = held(store)
    for form in (table, S0, S3, S4):
        again = bring_in(store, exported(store, form))
        assert again.refused == ()
        assert (again.counts.new, again.counts.changed) == (0, 0), form.name
        kept = next(f.data for f in again.findings if f.code == "records_kept")
        assert (kept["new"], kept["changed"]) == (0, 0), form.name
        assert held(store) == before, form.name
    assert first.counts.new == len(rows)


def test_the_source_rows_come_out_as_they_went_in(store: Store) -> None:
    bring_in(store, file(S3, *S3_ROWS))
    rows = list(csv.reader(io.StringIO(exported(store, S3).decode())))
    assert rows[0][: S3.own] == list(S3.headings[: S3.own])
    assert [",".join(row[: S3.own]) for row in rows[1:]] == list(S3_ROWS)


def test_a_changed_cell_changes_that_and_nothing_else(store: Store) -> None:
    bring_in(store, file(S0, S0_ROW))
    ((case, record),) = held(store)
    again = bring_in(store, file(S0, S0_ROW.replace("已说明并发送明细", "已退款").replace(",4,", ",5,")))
    kept = next(f.data for f in again.findings if f.code == "records_kept")
    assert kept["changed"] == 1
    ((same, changed),) = held(store)
    assert same == case
    assert changed == replace(record, result="已退款", satisfaction=Satisfaction(scale=Scale.FIVE, value=5))


@pytest.mark.parametrize(
    ("old", "new", "reason", "column"),
    [
        ("账单金额有疑问", "身份证 11010519491231002X", "record_personal_data", "问题简述"),
        ("账单金额有疑问", "卡号 6222021234567890128", "record_personal_data", "问题简述"),
        ("账单金额有疑问", "住在XX路88号3单元", "record_personal_data", "问题简述"),
        (",5678,", ",11010519491231002X,", "record_contact_digits", "联系方式(后四位)"),
        (",4,", ",6,", "record_satisfaction_unknown", "满意度"),
        ("咨询", "闲聊", "unknown_value", "type"),
        ("14:30", "昨天", "not_a_time", "arrived"),
        ("GD20231027001", "13812345678", "personal_number", "contact"),
    ],
)
def test_f9_a_refused_row_is_named_by_line_and_column_and_the_others_are_kept(
    store: Store, old: str, new: str, reason: str, column: str
) -> None:
    good = S0_ROW.replace("GD20231027001", "GD20231027002")
    report = bring_in(store, file(S0, S0_ROW.replace(old, new, 1), good))
    (line,) = report.refused
    assert (line.line, line.reason, line.data["column"]) == (2, reason, column)
    assert new not in repr(report)
    assert [c.ref for c, _ in held(store)] == ["GD20231027002"]


def test_offline_rows_start_their_clocks_at_their_true_times_and_only_once(store: Store) -> None:
    now = local(2024, 5, 10, 16, 50)
    open_row = S3_ROWS[2].replace("2024-05-10 17:00", "")
    report = bring_in(store, file(S3, S3_ROWS[1], open_row), live=True, now=now)
    assert report.refused == ()
    (ref,) = [c.ref for c, _ in held(store) if c.type is ContactType.COMPLAINT]
    with store.read() as uow:
        running = uow.clocks.of([ref])[ref]
        every = uow.clocks.of([c.ref for c, _ in held(store)])
        messages = uow.contacts.event_counts([ref])
    first = next(c for (m, _), c in running.items() if m is Measure.FIRST_RESPONSE)
    assert (first.started_at, first.due_at) == (local(2024, 5, 10, 16, 45), local(2024, 5, 10, 16, 55))
    assert first.state is ClockState.RUNNING
    assert set(every) == {ref}  # what is solved is history
    again = bring_in(store, file(S3, S3_ROWS[1], open_row), live=True, now=now)
    assert (again.counts.new, again.counts.changed) == (0, 0)
    with store.read() as uow:
        assert uow.contacts.event_counts([ref]) == messages


def test_an_offline_call_with_a_follow_up_ahead_owes_it(store: Store) -> None:
    bring_in(store, file(S0, S0_ROW), live=True, now=local(2023, 10, 27, 16))
    ref = ContactRef("GD20231027001")
    with store.read() as uow:
        (owed,) = uow.promises.of_contacts([ref])
    assert (owed.due_at, owed.owner) == (local(2023, 10, 27, 18), "8001")


def test_without_live_a_file_is_history(store: Store) -> None:
    bring_in(store, file(S3, *S3_ROWS))
    with store.read() as uow:
        assert uow.clocks.of([c.ref for c, _ in held(store)]) == {}


def test_cases_that_events_speak_of_keep_their_times(store: Store) -> None:
    ref = "GD20231027001"
    opened = event(EventKind.OPENED, local(2023, 10, 27, 14, 31), ref, queue=PHONE)
    intake.record(store, settings(), [opened], now=NOW)
    bring_in(store, file(S0, S0_ROW))
    with store.read() as uow:
        case = uow.contacts.get(ContactRef(ref))
        record = uow.records.get(ContactRef(ref))
    assert case is not None
    assert record is not None
    assert case.opened_at == local(2023, 10, 27, 14, 31)
    assert record.description == "账单金额有疑问"


def test_an_agent_nobody_knows_is_left_out(store: Store) -> None:
    bring_in(store, file(S0, S0_ROW.replace(",8001", ",王小明")))
    ((case, record),) = held(store)
    assert case.agent is None
    assert (record.recorded_by, record.follow_up) == ("import", None)


def test_a_cell_never_becomes_a_formula(store: Store) -> None:
    with store.unit() as uow:
        uow.contacts.save([contact("GD1")])
        uow.records.save(
            ContactRecord(
                ref=ContactRef("GD1"),
                recorded_by="bo",
                recorded_at=NOW,
                complete=True,
                type=ContactType.CONSULT,
                description='=HYPERLINK("x")',
            )
        )
        uow.commit()
    text = exported(store, S0).decode()
    assert "'=HYPERLINK" in text
    again = bring_in(store, text.encode())
    assert (again.counts.changed, again.refused) == (0, ())
    ((_, record),) = held(store)
    assert record.description == '=HYPERLINK("x")'


def test_only_finished_records_of_the_days_asked_for_go_out_and_it_is_noted(store: Store) -> None:
    bring_in(store, file(S3, *S3_ROWS))
    rows = export_records(
        store,
        settings(),
        S3,
        start=local(2024, 5, 10, 15),
        end=local(2024, 5, 10, 16),
        by="ada",
        now=NOW,
    )
    assert [row[0] for row in rows] == ["C202405002"]
    with store.read() as uow:
        (entry,) = uow.audit.entries(subject="export:s3-1")
    assert (entry.actor, entry.detail["rows"]) == ("ada", 1)
    assert AgentId("lin") in {c.agent for c, _ in held(store)}
