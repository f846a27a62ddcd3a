"""CR22: old, alike and wrong customer data, counted."""

from __future__ import annotations

from datetime import timedelta

from bot.core.customer_data import CustomerRow, judge, reconfirm
from tests.support.builders import at

NOW = at(10)
DAY = timedelta(days=1)
QUARTER = 90 * DAY


def row(key: str | None, **fields: object) -> CustomerRow:
    values: dict[str, object] = {
        "key": key,
        "customer_no": None,
        "label": None,
        "digits": None,
        "recorded_at": NOW - DAY,
        **fields,
    }
    return CustomerRow(**values)  # type: ignore[arg-type]


def test_age_counts_from_the_first_record_or_the_last_confirmation() -> None:
    old = NOW - 91 * DAY
    assert reconfirm(NOW - QUARTER, None, QUARTER, NOW) is None
    due = reconfirm(old, None, QUARTER, NOW)
    assert due is not None
    assert (due.since, due.confirmed) == (old, False)
    assert reconfirm(NOW - 300 * DAY, NOW - 5 * DAY, QUARTER, NOW) is None
    again = reconfirm(NOW - 300 * DAY, old, QUARTER, NOW)
    assert again is not None
    assert again.confirmed
    assert reconfirm(NOW - 300 * DAY, None, None, NOW) is None


def test_customers_are_counted_once_and_a_new_record_does_not_make_old_data_young() -> None:
    rows = [
        row("a", customer_no="C-1", recorded_at=NOW - 200 * DAY),
        row("a", customer_no="C-1"),
        row("b", customer_no="C-2", recorded_at=NOW - 200 * DAY, confirmed_at=NOW - DAY),
        row("c", customer_no="C-3"),
    ]
    found = judge(rows, QUARTER, NOW)
    assert (found.records, found.customers, found.to_confirm) == (4, 3, 1)
    assert judge(rows, None, NOW).to_confirm == 0
    assert (found.alike, found.invalid, found.unmatched) == (0, 0, 0)


def test_who_looks_like_another_and_what_cannot_be_right() -> None:
    rows = [
        row("a", customer_no="C-77", label="王*", digits="5678"),
        row("b", label="王*", digits="5678"),
        row("c", customer_no="c77"),
        row("d", customer_no="D-1", digits="56789"),
        row(None, label="李*"),
    ]
    found = judge(rows, QUARTER, NOW)
    assert (found.same_person, found.same_number) == (2, 2)
    assert (found.invalid, found.unmatched) == (1, 1)
    assert judge([], QUARTER, NOW).customers == 0
