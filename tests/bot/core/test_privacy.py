"""PS1, PS2, F9: personal data in a text is found however it is written, and ordinary texts are left alone."""

from __future__ import annotations

from datetime import date
from time import thread_time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.core.errors import RefusedError
from bot.core.privacy import (
    FindingKind,
    customer_key,
    findings,
    last4,
    mask_name,
    mask_text,
    refuse_personal,
)
from bot.i18n.catalog import Translator

IDENTITY, CARD, PHONE = FindingKind.IDENTITY_NUMBER, FindingKind.BANK_CARD, FindingKind.PHONE
EMAIL, ADDRESS = FindingKind.EMAIL, FindingKind.ADDRESS
REGIONS = ("110105", "310101", "510104", "440305", "659004", "820000")
WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


def kinds(text: str) -> list[FindingKind]:
    return [finding.kind for finding in findings(text)]


@st.composite
def identity_numbers(draw: st.DrawFn) -> str:
    """GB 11643-1999, its check character by the formula of ISO 7064 MOD 11-2 (Horner's scheme)."""
    day = draw(st.dates(date(1900, 1, 1), date(2026, 12, 31)))
    body = draw(st.sampled_from(REGIONS)) + day.strftime("%Y%m%d") + f"{draw(st.integers(1, 999)):03d}"
    rest = 0
    for digit in body:
        rest = (rest + int(digit)) * 2 % 11
    check = (12 - rest) % 11
    return body + ("X" if check == 10 else str(check))


@st.composite
def card_numbers(draw: st.DrawFn) -> str:
    """A check digit put behind any digits as an issuer may have them."""
    length = draw(st.integers(13, 19))
    first = draw(st.sampled_from(["4", "51", "55", "62", "37", "35", "6011", "9558"]))
    body = first + draw(
        st.text("0123456789", min_size=length - 1 - len(first), max_size=length - 1 - len(first))
    )
    total = sum((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)[int(d)] if i % 2 == 0 else int(d)
                for i, d in enumerate(reversed(body)))  # fmt: skip
    return body + str(-total % 10)


around = st.sampled_from(
    [("", ""), ("身份证号码是", "，请核对"), ("no. ", "."), ("客户说：", " 已登记"), ("id=", "&x")]
)


@given(identity_numbers(), around)
def test_an_identity_number_is_found_in_any_text(number: str, text: tuple[str, str]) -> None:
    before, after = text
    for written in (
        number,
        number.lower(),
        f"{number[:6]} {number[6:14]} {number[14:]}",
        f"{number[:6]}-{number[6:14]}-{number[14:]}",
        " ".join(number),
        number.translate(WIDE),
    ):
        assert kinds(before + written + after) == [IDENTITY]


@given(identity_numbers(), st.integers(0, 9))
def test_a_wrong_check_digit_is_no_identity_number(number: str, digit: int) -> None:
    assume(str(digit) != number[17])
    assert IDENTITY not in kinds(number[:17] + str(digit))


@pytest.mark.parametrize("number", ["110105194902310021", "110105180012310021"])
def test_a_date_that_never_was_is_no_identity_number(number: str) -> None:
    assert IDENTITY not in kinds(number)


def test_an_identity_number_inside_a_longer_one_is_found() -> None:
    assert kinds("ref0011010519491231002X") == [IDENTITY]


def test_the_old_identity_number() -> None:
    assert kinds("证件 110105491231002 办理") == [IDENTITY]
    assert kinds("110105 491231 002") == [IDENTITY]
    assert IDENTITY not in kinds("110105491331002")


@given(card_numbers(), around)
def test_a_card_number_is_found_in_any_text(number: str, text: tuple[str, str]) -> None:
    before, after = text
    fours = [number[i : i + 4] for i in range(0, len(number), 4)]
    for written in (number, " ".join(fours), "-".join(fours), number.translate(WIDE)):
        assert (kinds(before + written + after) or [None])[0] in (CARD, IDENTITY)


@given(card_numbers(), st.integers(1, 9))
def test_a_wrong_check_digit_is_no_card_number(number: str, more: int) -> None:
    wrong = number[:-1] + str((int(number[-1]) + more) % 10)
    assert CARD not in kinds(wrong)


@pytest.mark.parametrize(
    "text", ["3782 822463 10005", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "卡号：6222 0212 3456 7890 128"]
)
def test_cards_as_people_write_them(text: str) -> None:
    assert kinds(text) == [CARD]


@pytest.mark.parametrize(
    "text",
    [
        "13812345678",
        "手机13812345678",
        "138 1234 5678",
        "138-1234-5678",
        "+86 138 1234 5678",
        "86 13812345678",
        "１３８１２３４５６７８",
        "一三八一二三四五六七八",
        "幺三八幺二三四五六七八",
        "010-65529988",
        "(010) 6552 9988",
        "021-6552-9988",
        "0755 1234567",
        "01065529988",
        "+351 912 345 678",
        "+44 20 7946 0958",
        "+1 (415) 555-2671",
        "415-555-2671",
        "0044 20 7946 0958",
        "tel:+4915112345679",
    ],
)
def test_telephone_numbers(text: str) -> None:
    assert kinds(text) == [PHONE]


def test_numbers_beside_each_other_are_all_found() -> None:
    assert kinds("138 1234 5678 139 8765 4321") == [PHONE, PHONE]
    assert kinds("4111 1111 1111 1111 / 5500 0000 0000 0004") == [CARD, CARD]
    assert kinds("2026-11-24 138 1234 5678 18:00") == [PHONE]


@pytest.mark.parametrize("text", ["wang.fang+1@mail.example.com", "邮箱wang@qq.com请回", "Ｗ＠ＱＱ．ＣＯＭ"])
def test_addresses_of_mail(text: str) -> None:
    assert kinds(text) == [EMAIL]


@pytest.mark.parametrize(
    "text",
    [
        "XX路88号3单元",
        "收货地址：上海市浦东新区世纪大道100号",
        "上海市静安区南京西路1266弄5号",
        "北京市朝阳区建国路88号SOHO现代城3号楼1203",
        "阳光小区3栋2单元501室",
        "阳光花园 12 幢",
        "3栋2单元",
        "住在八一路二十三号",
        "深圳市南山区科技园南路15号A座1203室",
        "河北省某县某镇某村",
        "和平村3组",
        "臺北市中山路88號",
        "杭州市西湖区文三路 138",
        "22 Baker Street",
        "flat 3, 22 baker street, London",
        "1600 Pennsylvania Ave",
        "No. 88, Zhongshan Road",
        "Room 501, Building 3",
        "Rua das Flores 12",
        "Hauptstraße 5",
    ],
)
def test_detailed_addresses(text: str) -> None:
    assert set(kinds(text)) == {ADDRESS}


@pytest.mark.parametrize(
    "text",
    [
        "GD20231027001",
        "C202405001",
        "2024031500012",
        "202611241000123456",
        "订单 20231027123456789 已发货",
        "2024-03-15 10:30:22",
        "2026-11-24T10:00:00.123456+08:00",
        "1700000000",
        "1700000000000",
        "from 20240315 to 20240322",
        "手机尾号5678",
        "last 4 digits 5678",
        "订单号后四位 1234",
        "客服热线 400-800-8888，10086",
        "calls 120, AHT 185 s, FCR 85 %, CSAT 4.2 -> AHT <= 180 s",
        "5 4 5 3 4 5 5 4 4 5 3 5",
        "2 1 1 3 4 4 2 5 2 1 4 1 1 1",
        "1065 1901 1272 972 854 976 1166 363",
        "5807 6701 3989 5270 3081 6477 4532 5104 9000",
        "0.21885376832515613",
        "ccf82569a23388489382087a14605445",
        "42ec45ba-460b-4083-6841-426652f482e7",
        "120 185 85 42 118 97",
        "550e8400-e29b-41d4-a716-446655440000",
        "192.168.10.21",
        "P(target) 0.8512345678, seed 1",
        "<@U012AB3CD> took it, see #harbour-alerts",
        "user@host",
        "地铁2号线停运，公交线路3号线正常",
        "电路2号板更换",
        "我知道3号会到货",
        "频道5号",
        "今天18点前回电，3个工作日内处理",
        "第3单元的课程打不开",
        "上海市浦东新区的客户反映快递延误",
        "街上人多，路上堵车",
        "会议在3楼",
        "1号仓库 2号窗口",
        "3月5号下午退款到账",
        "客户反映路由器指示灯不亮，重启后恢复",
        "网络套餐升级到300M，月费 129 元",
        "走路3分钟",
        "Customer waits 3 days on the way to the store.",
        "We answered 12 chats in a row.",
        "24 hour road assistance was offered",
        "5 different street names in the list",
        "He paid 129.00 on 3 May",
        "Order 4711 has 3 items; refund 25 % by tomorrow before 10:00.",
        "Take 10 minutes, then drive safely.",
        "version 3.11.4, build 20261122",
        "A 2 Way call was open",
        "",
    ],
)
def test_ordinary_texts_hold_nothing(text: str) -> None:
    assert findings(text) == ()


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.text("0123456789", min_size=3, max_size=12))
def test_order_numbers_that_begin_with_a_day_are_never_cards(day: date, rest: str) -> None:
    number = day.strftime("%Y%m%d") + rest
    assert CARD not in kinds(number)
    assert CARD not in kinds(f"GD{number} paid")


@given(st.text())
def test_any_text_is_read_and_findings_lie_in_order_inside_it(text: str) -> None:
    found = findings(text)
    ends = [0, *[finding.end for finding in found]]
    assert all(end <= f.start < f.end <= len(text) for end, f in zip(ends, found, strict=False))


@given(identity_numbers(), card_numbers())
def test_masking_leaves_nothing_to_find(identity: str, card: str) -> None:
    text = f"{identity}, 卡{card}，13812345678，a@b.cn，中山路88号"
    masked = mask_text(text)
    assert findings(masked) == ()
    assert identity not in masked
    assert card not in masked
    assert "⟨email⟩" in masked


F9 = ("客户身份证 510104199003077831，请退款", "card 6222021234567890128", "送到XX路88号3单元")


@pytest.mark.parametrize("text", F9)
def test_f9_is_refused_without_a_word_of_it(text: str) -> None:
    with pytest.raises(RefusedError) as caught:
        refuse_personal(text, field="solution")
    error = caught.value
    assert error.kind == "personal_data"
    shown = str(error) + repr(dict(error.data))
    assert not any(part in shown for part in ("510104", "6222", "XX路"))
    for locale in ("en", "zh-Hans"):
        t = Translator(locale)
        assert error.entries[0] in {f"error.personal_data.{kind.value}" for kind in FindingKind}
        assert t.has(error.entries[0])


def test_the_answer_of_a5() -> None:
    with pytest.raises(RefusedError) as caught:
        refuse_personal("11010519491231002X")
    said = "Not saved: this looks like an ID number. Use the order number or the last 4 digits of the phone."
    assert str(caught.value) == said
    assert Translator("en").text(caught.value.entries[0]) == said


def test_the_gravest_kind_is_named_and_kinds_can_be_allowed() -> None:
    text = "li@shop.example 11010519491231002X"
    with pytest.raises(RefusedError) as caught:
        refuse_personal(text)
    assert caught.value.data["variant"] == "identity_number"
    refuse_personal("li@shop.example", allow={EMAIL})
    with pytest.raises(RefusedError):
        refuse_personal(text, allow={EMAIL})


HARD = [
    "1 " * 50_000,
    "1" * 100_000,
    "4111 " * 20_000,
    "a" * 100_000,
    "@" * 100_000,
    "a@" * 50_000,
    "路" * 100_000,
    "1号" * 50_000,
    "路1" * 50_000,
    "1 A " * 25_000,
    "1 a " * 25_000,
    "+1" * 50_000,
    "+1-" * 33_000,
    "(415) " * 16_000,
    "一" * 100_000,
    "Rua a a " * 12_000,
    "区路" * 50_000,
    "县镇村"[:2] * 50_000,
    "a.b@" * 25_000,
    "1 Abc. " * 14_000,
]


@pytest.mark.parametrize("text", HARD, ids=range(len(HARD)))
def test_a_hundred_thousand_characters_are_read_in_linear_time(text: str) -> None:
    """Ten times the text takes about ten times as long; a hundred times would be a quadratic search."""
    tenth = text[: len(text) // 10]
    small = min(_seconds(tenth) for _ in range(3))
    large = min(_seconds(text) for _ in range(3))
    assert large < 40 * small + 0.2


def _seconds(text: str) -> float:
    began = thread_time()  # what this thread worked, whatever else the machine does
    findings(text)
    return thread_time() - began


@pytest.mark.parametrize(
    ("name", "title", "masked"),
    [
        ("王小明", None, "王**"),
        ("王芳", None, "王**"),
        ("王", None, "王**"),
        ("欧阳娜娜", None, "欧阳**"),
        ("王芳", "女士", "*女士"),
        ("王先生", None, "*先生"),
        ("", "女士", "*女士"),
        ("*女士", None, "*女士"),
        ("王**", None, "王**"),
        ("王*", None, "王*"),
        ("John Smith", None, "J. ***"),
        ("Mrs Doe", None, "Mrs. ***"),
        ("J. ***", None, "J. ***"),
        ("", None, ""),
        ("13812345678", None, "***"),
        ("ß", None, "S. ***"),
        ("  Élodie  ", None, "É. ***"),
        ("Ms. ***", None, "Ms. ***"),
    ],
)
def test_names_are_masked(name: str, title: str | None, masked: str) -> None:
    assert mask_name(name, title) == masked


@given(st.text(min_size=1))
def test_a_masked_name_shows_two_letters_at_most_and_masks_to_itself(name: str) -> None:
    masked = mask_name(name)
    assert mask_name(masked) == masked
    assert masked == "" or "*" in masked


def test_last_four_digits() -> None:
    assert last4("138 1234 5678") == "5678"
    assert last4("尾号 ５６７８") == "5678"
    assert last4("no") is None


@given(st.text(max_size=20), st.text(max_size=20))
def test_keys_tell_customers_apart_and_say_nothing_of_them(one: str, two: str) -> None:
    key = customer_key(one, b"secret")
    assert len(key) == 32
    assert (key == customer_key(two, b"secret")) == (
        key == customer_key(two.upper(), b"secret") and key == customer_key(f" {two} ", b"secret")
    )
    assert customer_key(one, b"another") != key
