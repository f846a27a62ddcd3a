"""CR8, CR9, MA10: rules raise a priority, the most pressing one counts, words leave only tags behind."""

from __future__ import annotations

import pytest

from bot.core.contacts import ContactType, Priority
from bot.core.priorities import DEFAULT_RULES, PriorityRule, ruled, tags_by_words

VIP = PriorityRule(name="vip", priority=Priority.HIGH, tiers=frozenset({"vip"}))


@pytest.mark.parametrize(
    ("type_", "tags", "tier", "told", "expected", "rule"),
    [
        (ContactType.CONSULT, (), "", Priority.LOW, Priority.LOW, None),
        (ContactType.COMPLAINT, (), "", Priority.LOW, Priority.HIGH, "complaint"),
        (ContactType.COMPLAINT, ("major_complaint",), "", Priority.LOW, Priority.URGENT, "pressing"),
        (ContactType.ORDER, ("agitated",), "", Priority.MEDIUM, Priority.URGENT, "pressing"),
        (ContactType.URGENT, (), "", Priority.MEDIUM, Priority.URGENT, "urgent-type"),
        (ContactType.CONSULT, (), "vip", Priority.LOW, Priority.HIGH, "vip"),
        (ContactType.COMPLAINT, (), "", Priority.URGENT, Priority.URGENT, None),
    ],
)
def test_the_most_pressing_counts(
    type_: ContactType, tags: tuple[str, ...], tier: str, told: Priority, expected: Priority, rule: str | None
) -> None:
    priority, by = ruled([*DEFAULT_RULES, VIP], type_=type_, tags=tags, tier=tier, told=told)
    assert (priority, None if by is None else by.name) == (expected, rule)


def test_all_conditions_of_a_row_must_hold() -> None:
    row = PriorityRule(
        name="vip-order",
        priority=Priority.HIGH,
        types=frozenset({ContactType.ORDER}),
        tiers=frozenset({"vip"}),
    )
    for type_, tier, expected in (
        (ContactType.ORDER, "vip", Priority.HIGH),
        (ContactType.ORDER, "new", Priority.LOW),
        (ContactType.CONSULT, "vip", Priority.LOW),
    ):
        assert ruled([row], type_=type_, tags=(), tier=tier, told=Priority.LOW)[0] is expected


def test_words_give_the_tags_of_their_row_only() -> None:
    fire = PriorityRule(
        name="fire", priority=Priority.URGENT, tags=frozenset({"safety_risk"}), words=("On Fire", "漏电")
    )
    assert tags_by_words([fire, *DEFAULT_RULES], "the socket is ON FIRE") == {"safety_risk"}
    assert tags_by_words([fire], "插座漏电了") == {"safety_risk"}
    assert tags_by_words([fire], "cannot log in") == frozenset()
