"""What may be stored of a text from outside: references and codes, no person's numbers, no sentences."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.allowed_text import TextProblem, code_problem, identifier_problem, reference_problem
from bot.core.privacy.numbers import is_old_identity_number


@pytest.mark.parametrize(
    "text",
    [
        "GD20231027001",
        "2024031500012",
        "202611241000123456",  # order numbers that begin with a month are never cards
        "1",
        "12345678901",  # eleven digits, but no mobile number begins with 12
        "GD-13812345678",
        "CASE-7:a/b#3.1_x",
        "工单20231027001",
        "x" * 64,
    ],
)
def test_references_that_are_kept(text: str) -> None:
    assert reference_problem(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "13812345678",
        "8613812345678",
        "+8613812345678",
        "+86 138 1234 5678",
        "138-1234-5678",
        "１３８１２３４５６７８",
        "+351912345678",
        "11010519491231002X",  # the example of GB 11643-1999
        "11010519491231002x",
        "4111111111111111",
        "4111-1111-1111-1111",
        "5500000000000004",
        "6011000990139424",
        "CASE-11010519491231002X",  # an identity number stays one behind a prefix
        "中山路88号3单元",
    ],
)
def test_numbers_of_people_are_not(text: str) -> None:
    assert reference_problem(text) is TextProblem.PERSONAL_NUMBER


@pytest.mark.parametrize("text", ["", " ", "a b", "a@b.cn", "a\nb", "a\u3000b", "x" * 65, "a,b", "a+b"])
def test_other_characters_are_not(text: str) -> None:
    assert reference_problem(text) is TextProblem.CHARACTERS


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, by its table of doubled digits."""
    total = sum(int(d) if i % 2 == 0 else (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)[int(d)] for i, d in
                enumerate(reversed(digits)))  # fmt: skip
    return total % 10 == 0


@given(st.from_regex(r"[3-6]\d{13,15}", fullmatch=True, alphabet=string.digits))
def test_a_card_number_is_told_by_its_check_digit(digits: str) -> None:
    person = luhn(digits) or is_old_identity_number(digits)
    assert (reference_problem(digits) is TextProblem.PERSONAL_NUMBER) == person


@pytest.mark.parametrize("text", ["vip", "call-back", "after_sales", "金卡会员", "A1", "x" * 32, "step12345"])
def test_codes_that_are_kept(text: str) -> None:
    assert code_problem(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1st",
        "_x",
        "the customer Zhang Wei called angrily",
        "because she is ill with flu",
        "card622200",
        "card６２２２００",
        "客户张伟来电说孩子病了很生气",
        "XX路88号3单元",
        "x" * 33,
        "a.b",
        "a\nb",
    ],
)
def test_sentences_and_long_numbers_are_no_codes(text: str) -> None:
    assert code_problem(text) is TextProblem.FREE_TEXT


@pytest.mark.parametrize(
    "text", ["e-1", "4111111111111111", "550e8400-e29b-41d4-a716-446655440000", "1700000000000-42", "a" * 100]
)
def test_ids_of_other_systems_are_kept(text: str) -> None:
    assert identifier_problem(text) is None


@pytest.mark.parametrize(
    "text",
    ["13812345678", "+351 912 345 678", "id:11010519491231002X", "li@shop.example", "XX路88号3单元-2"],
)
def test_ids_that_are_a_persons_are_not(text: str) -> None:
    assert identifier_problem(text) is TextProblem.PERSONAL_NUMBER
