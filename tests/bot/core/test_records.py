"""CR1 to CR3, CR16, CR19, PS1, PS2, PS4: what a record keeps, what it refuses, and at which field."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.contacts import ContactType
from bot.core.errors import InvalidFormError
from bot.core.ids import ContactRef
from bot.core.records import (
    ContactRecord,
    RecordForm,
    RecordKind,
    RecordRules,
    customer_key,
    fill,
    form_of,
)
from bot.core.satisfaction import Scale
from tests.support.builders import at

NOW = at(14, 30)
RULES = RecordRules(verified_types=frozenset({ContactType.AFTER_SALES}))
GOOD = RecordForm(
    type=ContactType.ORDER,
    customer="王小明",
    contact="138-1234-5678",
    order_no="2024031500012",
    description="Parcel shows delivered, customer has nothing.",
    solution="Ask the carrier, call back.",
    satisfaction="4",
)


def filled(form: RecordForm = GOOD, rules: RecordRules = RULES, **more: object) -> ContactRecord:
    return fill(form, rules, ref=ContactRef("GD20261124001"), by="bo", now=NOW, **more)  # type: ignore[arg-type]


def problems(form: RecordForm, rules: RecordRules = RULES, **more: object) -> dict[str, str]:
    with pytest.raises(InvalidFormError) as refused:
        filled(form, rules, **more)
    return {p.name: p.kind for p in refused.value.problems}


def test_names_are_masked_and_numbers_cut_before_there_is_a_record() -> None:
    record = filled()
    assert (record.customer_label, record.contact_digits) == ("王**", "5678")
    assert record.order_no == "2024031500012"
    assert "13812345678" not in repr(record)
    assert "王小明" not in repr(record)


@pytest.mark.parametrize(
    "text",
    ["his ID is 11010519491231002X", "card 4111 1111 1111 1111", "住在中山路88号3单元501室"],
)
@pytest.mark.parametrize("name", ["description", "solution", "remarks", "follow_up", "compensation"])
def test_personal_data_is_refused_at_its_field_and_never_repeated(name: str, text: str) -> None:
    form = replace(GOOD, **{name: text})  # type: ignore[arg-type]
    with pytest.raises(InvalidFormError) as refused:
        filled(form, complete=False)
    assert {p.name: p.kind for p in refused.value.problems} == {name: "personal_data"}
    assert text not in repr(refused.value.problems) + str(refused.value) + repr(form)


def test_a_finished_record_needs_what_app_yaml_says_and_a_draft_does_not() -> None:
    empty = RecordForm(type=ContactType.AFTER_SALES)
    assert problems(empty) == {
        "description": "missing",
        "solution": "missing",
        "verified": "verification_needed",
    }
    assert not filled(empty, complete=False).complete
    strict = RecordRules(required=frozenset({"confirmed", "customer"}))
    assert problems(RecordForm(), strict) == {"confirmed": "missing", "customer": "missing"}


def test_an_opinion_needs_no_solution() -> None:
    assert filled(replace(GOOD, kind=RecordKind.FEEDBACK, solution="")).kind is RecordKind.FEEDBACK


def test_unsatisfied_needs_a_reason_and_a_low_number_is_not_made_into_it() -> None:
    assert problems(replace(GOOD, satisfaction="不满意")) == {"satisfaction_reason": "reason_needed"}
    told = filled(replace(GOOD, satisfaction="不满意", satisfaction_reason="waited long"))
    assert told.satisfaction is not None
    assert told.satisfaction.scale is Scale.THREE
    assert filled(replace(GOOD, satisfaction="1")).satisfaction_reason == ""


def test_a_follow_up_needs_owner_and_deadline_ahead() -> None:
    assert problems(replace(GOOD, follow_up="物流核实")) == {
        "follow_up_owner": "owner_needed",
        "follow_up_at": "deadline_needed",
    }
    late = replace(GOOD, follow_up="x", follow_up_owner="bo", follow_up_at=NOW - timedelta(minutes=1))
    assert problems(late) == {"follow_up_at": "deadline_past"}
    assert filled(late, history=True).follow_up is not None


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("contact", "not a number", "contact_digits"),
        ("contact", "12", "contact_digits"),
        ("contact", "11010519491231002X", "contact_digits"),
        ("order_no", "13812345678", "not_a_reference"),
        ("customer_no", "no blanks here", "not_a_reference"),
        ("order_no", "4111 1111 1111 1111", "personal_data"),
        ("outcome", "a coupon of 50 yuan", "not_a_code"),
        ("satisfaction", "6", "satisfaction_unknown"),
        ("satisfaction", "101/100", "satisfaction_range"),
        ("remarks", "x" * 3001, "too_long"),
    ],
)
def test_wrong_values_are_named(name: str, value: str, kind: str) -> None:
    assert problems(replace(GOOD, **{name: value}), complete=False) == {name: kind}  # type: ignore[arg-type]


def test_the_form_shown_again_makes_the_same_record() -> None:
    record = filled(
        replace(
            GOOD,
            customer="王芳女士",
            satisfaction="满意",
            outcome="coupon",
            compensation="50元优惠券",
            follow_up="call",
            follow_up_owner="bo",
            follow_up_at=NOW + timedelta(hours=3),
            cross_department=True,
            confirmed=True,
        )
    )
    assert record.customer_label == "*女士"
    assert filled(form_of(record)) == record


def test_the_same_customer() -> None:
    assert customer_key(filled(replace(GOOD, customer_no="C202405001"))) == "no:C202405001"
    assert customer_key(filled()) == "like:王**:5678"
    assert customer_key(filled(replace(GOOD, contact=""))) is None
