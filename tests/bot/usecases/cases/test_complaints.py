"""CR15, ES6: a complaint is given to somebody independent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.contacts import ContactType, EventKind
from bot.core.errors import InvalidFormError, RefusedError
from bot.core.ids import AgentId
from bot.core.records_messages import (
    ComplaintAssigned,
    ComplaintRaised,
)
from bot.usecases import give_complaint
from tests.bot.usecases.cases.desk import GOOD, LIN, REF, log, told
from tests.bot.usecases.harbour import Harbour
from tests.support.builders import at, event


def complaint(harbour: Harbour, **fields: object) -> None:
    values: dict[str, object] = {"type": ContactType.COMPLAINT, "complained_about": AgentId("bo"), **fields}
    harbour.open(**values)


def test_a_complaint_reaches_the_lead_at_once_with_somebody_independent(harbour: Harbour) -> None:
    harbour.publish({"lin": (at(9), at(18)), "bo": (at(9), at(18)), "chen": (at(9), at(18))})
    complaint(harbour)
    (card,) = told(harbour, "@ULIN", ComplaintRaised)
    assert isinstance(card, ComplaintRaised)
    assert (card.proposed, card.skilled, card.complained_about) == ("chen", True, "bo")
    assert told(harbour, "@UBO", ComplaintRaised) == []
    with pytest.raises(RefusedError) as refused:
        give_complaint.give_complaint(
            harbour.store, harbour.settings, REF, AgentId("bo"), viewer=LIN, now=harbour.clock()
        )
    assert refused.value.kind == "complained_about"
    given = give_complaint.give_complaint(
        harbour.store, harbour.settings, REF, AgentId("chen"), viewer=LIN, now=harbour.clock()
    )
    again = give_complaint.give_complaint(
        harbour.store, harbour.settings, REF, AgentId("chen"), viewer=LIN, now=harbour.clock()
    )
    assert (given.won, again.won) == (True, False)
    assert told(harbour, "@ULIN", ComplaintRaised) == []
    assert len(told(harbour, "@ULIN", ComplaintAssigned)) == 1


def test_nobody_skilled_on_shift_names_the_lead_and_until_when(harbour: Harbour) -> None:
    harbour.publish({"lin": (at(9), at(18)), "bo": (at(9), at(18)), "chen": (at(18), at(22))})
    complaint(harbour)
    (card,) = told(harbour, "@ULIN", ComplaintRaised)
    assert isinstance(card, ComplaintRaised)
    assert (card.proposed, card.skilled, card.nobody_until) == ("lin", False, at(18))


def test_whoever_is_complained_about_records_it_and_neither_has_nor_solves_it(harbour: Harbour) -> None:
    harbour.publish({"lin": (at(9), at(18))})
    form = replace(GOOD, type=ContactType.COMPLAINT)
    done = log(harbour, form, complained_about=AgentId("bo"))
    assert done.contact.agent is None
    assert done.contact.responded_at is not None
    assert len(told(harbour, "@ULIN", ComplaintRaised)) == 1
    with pytest.raises(InvalidFormError) as refused:
        log(harbour, form, ref=REF, solved=True)
    assert [(p.name, p.kind) for p in refused.value.problems] == [
        ("ticks", "solved_by_the_one_complained_about")
    ]


def test_a_complaint_about_the_lead_goes_past_the_lead(harbour: Harbour) -> None:
    harbour.publish({"lin": (at(9), at(18)), "chen": (at(9), at(18))})
    complaint(harbour, complained_about=AgentId("lin"))
    assert told(harbour, "@ULIN", ComplaintRaised) == []
    assert len(told(harbour, "@ada@harbour.example", ComplaintRaised)) == 1


def test_a_complaint_given_elsewhere_to_the_one_it_is_about_is_told_again(harbour: Harbour) -> None:
    harbour.publish({"lin": (at(9), at(18)), "chen": (at(9), at(18))})
    complaint(harbour)
    harbour.tell(event(EventKind.ASSIGNED, at(10), agent=AgentId("bo")))
    cards = told(harbour, "@ULIN", ComplaintRaised)
    assert [c.owner for c in cards] == [None, "bo"]  # type: ignore[union-attr]


def test_a_question_becomes_a_complaint_and_a_question_does_not_raise_anything(harbour: Harbour) -> None:
    harbour.publish({"lin": (at(9), at(18))})
    harbour.open()
    assert told(harbour, "@ULIN", ComplaintRaised) == []
    harbour.tell(event(EventKind.RECLASSIFIED, harbour.clock(), type=ContactType.COMPLAINT))
    assert len(told(harbour, "@ULIN", ComplaintRaised)) == 1
