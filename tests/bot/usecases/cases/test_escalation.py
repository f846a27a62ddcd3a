"""ES1 to ES3, ES7: escalation, approval, and the promises that follow."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.core.case_work import ApprovalState, Level
from bot.core.contacts import EventKind, Priority
from bot.core.errors import NotAllowedError, RefusedError
from bot.core.ids import AgentId
from bot.core.people import Role
from bot.core.promises import PromiseState
from bot.core.records_messages import (
    ApprovalAsked,
    ApprovalDecided,
    CaseEscalated,
)
from bot.usecases import (
    chase,
    escalate_case,
    give_complaint,
    hand_over,
)
from bot.usecases.case_files import read_case
from bot.usecases.inform_customer import inform_customer
from tests.bot.usecases.cases.desk import BO, GOOD, LIN, REF, kinds, log, told, viewer
from tests.bot.usecases.harbour import Harbour
from tests.support.builders import CHAT, agent, at, event


def test_escalation_reaches_the_level_or_says_nobody_is_there(harbour: Harbour) -> None:
    harbour.open()
    _, reached = escalate_case.escalate_case(
        harbour.store, harbour.settings, REF, Level.LEAD, "beyond_authority", viewer=BO, now=harbour.clock()
    )
    assert reached.nobody_on_duty
    (card,) = told(harbour, "@ada@harbour.example", CaseEscalated)
    assert isinstance(card, CaseEscalated)
    assert (card.nobody_on_duty, card.reason) == (True, "beyond_authority")
    harbour.publish({"lin": (at(9), at(18))})
    escalate_case.escalate_case(
        harbour.store, harbour.settings, REF, Level.LEAD, "complex", viewer=BO, now=harbour.clock()
    )
    assert len(told(harbour, "@ULIN", CaseEscalated)) == 1
    with pytest.raises(RefusedError) as refused:
        escalate_case.escalate_case(
            harbour.store,
            harbour.settings,
            REF,
            Level.LEAD,
            "he shouts at me",
            viewer=BO,
            now=harbour.clock(),
        )
    assert refused.value.kind == "reason_code"


def test_one_supervisor_decides_and_whoever_asked_is_told(harbour: Harbour) -> None:
    harbour.publish({"lin": (at(9), at(18))})
    harbour.open()
    asked, _ = escalate_case.ask_approval(
        harbour.store,
        harbour.settings,
        REF,
        "refund",
        "all of it, though the month is over",
        tell_by=at(18),
        viewer=BO,
        now=harbour.clock(),
    )
    (card,) = told(harbour, "@ULIN", ApprovalAsked)
    assert "month" not in repr(card)
    with pytest.raises(NotAllowedError):
        escalate_case.decide_approval(
            harbour.store, harbour.settings, asked.id, approve=True, viewer=BO, now=harbour.clock()
        )
    won = escalate_case.decide_approval(
        harbour.store, harbour.settings, asked.id, approve=True, viewer=LIN, now=harbour.clock()
    )
    ada = viewer("UADA", Role.ADMIN, None)
    lost = escalate_case.decide_approval(
        harbour.store, harbour.settings, asked.id, approve=False, viewer=ada, now=harbour.clock()
    )
    assert (won.won, lost.won) == (True, False)
    assert (lost.approval.state, lost.approval.decided_by) == (ApprovalState.APPROVED, "lin")
    assert told(harbour, "@ULIN", ApprovalAsked) == []
    (answer,) = told(harbour, "@UBO", ApprovalDecided)
    assert isinstance(answer, ApprovalDecided)
    assert (answer.approved, answer.tell_by) == (True, at(18))
    words = escalate_case.read_approval(
        harbour.store, harbour.settings, asked.id, viewer=LIN, now=harbour.clock()
    )
    assert words.solution.startswith("all of it")


def test_that_the_customer_hears_by_the_stated_time_is_a_promise_which_telling_keeps(
    harbour: Harbour,
) -> None:
    harbour.open()
    escalate_case.ask_approval(
        harbour.store,
        harbour.settings,
        REF,
        "refund",
        "all of it",
        tell_by=at(18),
        viewer=BO,
        now=harbour.clock(),
    )
    file = read_case(harbour.store, harbour.settings, REF, viewer=BO, now=harbour.clock())
    assert [(p.owner, p.due_at, p.state) for p in file.promises] == [("bo", at(18), PromiseState.OPEN)]
    harbour.clock.now = at(17)
    inform_customer(harbour.store, harbour.settings, REF, viewer=BO, now=harbour.clock())
    file = read_case(harbour.store, harbour.settings, REF, viewer=BO, now=harbour.clock())
    assert file.promises == ()  # nothing is owed any more
    assert file.contact.informed_at == at(17)


def test_a_follow_up_is_a_promise(harbour: Harbour) -> None:
    """F4: follow-up at 18:00."""
    log(harbour, replace(GOOD, follow_up="ask again", follow_up_owner="chen", follow_up_at=at(18)))
    file = read_case(harbour.store, harbour.settings, REF, viewer=BO, now=harbour.clock())
    assert [(p.owner, p.due_at) for p in file.promises] == [("chen", at(18))]


def test_who_chases_or_sets_a_priority_received_nothing(harbour: Harbour) -> None:
    """ES6: the chaser keeps asking the department; the case is nobody's yet."""
    harbour.tell(event(EventKind.OPENED, at(9), REF, queue=CHAT))
    with harbour.store.read() as uow:
        bo = uow.people.get(AgentId("bo"))
    assert bo is not None
    chase.block_case(harbour.store, harbour.settings, REF, "finance", bo, viewer=LIN, now=at(9, 5))
    now = at(9, 6)
    escalate_case.set_priority(harbour.store, harbour.settings, REF, Priority.HIGH, viewer=LIN, now=now)
    file = read_case(harbour.store, harbour.settings, REF, viewer=LIN, now=at(9, 7))
    assert file.contact.chaser == "bo"
    assert {stage for stage, people in file.owners.items() if people} == set()


def press(count: int, work: Callable[[int], bool]) -> list[int]:
    """Who won, of so many who press at once."""
    barrier, won, lock = threading.Barrier(count), [], threading.Lock()

    def one(n: int) -> None:
        barrier.wait(20)
        if work(n):
            with lock:
                won.append(n)

    threads = [threading.Thread(target=one, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return won


def test_of_twenty_who_press_one_wins_and_the_others_learn_who(harbour: Harbour) -> None:
    harbour.people(*(agent(f"lead{n}", role=Role.LEAD, slack_user=f"UL{n}") for n in range(20)))
    harbour.open()
    store, configured, now = harbour.store, harbour.settings, harbour.clock()
    handed = hand_over.hand_over(
        store, configured, REF, "finance", expected_at=at(15), summary="what is known", viewer=BO, now=now
    )
    asked, _ = escalate_case.ask_approval(
        store, configured, REF, "refund", "all of it", tell_by=at(18), viewer=BO, now=now
    )
    learnt: dict[str, set[str]] = {"answered": set(), "decided": set()}

    def answer(n: int) -> bool:
        result = hand_over.answer_hand_over(store, configured, handed.id, by=f"U{n}", now=now)
        learnt["answered"].add(result.by)
        return result.won

    def decide(n: int) -> bool:
        result = escalate_case.decide_approval(
            store, configured, asked.id, approve=n % 2 == 0, viewer=viewer(f"lead{n}", Role.LEAD), now=now
        )
        learnt["decided"].add(result.approval.decided_by or "")
        return result.won

    def give(n: int) -> bool:
        return give_complaint.give_complaint(
            store, configured, REF, AgentId("chen"), viewer=viewer(f"lead{n}", Role.LEAD), now=now
        ).won

    (first,) = press(20, answer)
    assert learnt["answered"] == {f"U{first}"}
    (first,) = press(20, decide)
    assert learnt["decided"] == {f"lead{first}"}
    assert len(press(20, give)) == 1
    assert kinds(harbour).count("hand_over_answered") == kinds(harbour).count("assigned") == 1
