"""Reasons that take long: one run for a question, one message from it, whoever works and whatever stops."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from time import sleep
from typing import Any

import pytest

from bot.core.errors import RefusedError
from bot.core.ids import AgentId, MessageId, RunId
from bot.core.people import Agent
from bot.core.reason_messages import ReasonsAgainst, ReasonsUnknown, ShiftReasons
from bot.core.runs import RunState
from bot.store.unit_of_work import Store
from bot.usecases import ask_reasons, explain_shift, publish_roster
from bot.usecases.ask_reasons import Question
from tests.bot.usecases.planning import NOW
from tests.bot.usecases.test_planning_line import SETTINGS, plan

REASONS = explain_shift.reasons


@pytest.fixture
def published(store: Store) -> tuple[Store, Agent, date]:
    """A published week, and somebody with a shift in it."""
    version = plan(store)
    publish_roster.publish(store, SETTINGS, version.roster_id, by="pei", accept="a test", now=NOW)
    given = version.roster.assignments[0]
    with store.read() as uow:
        agent = uow.people.get(AgentId(given.agent))
    assert agent is not None
    return store, agent, given.shift.date


def slowly(*given: Any, should_stop: Callable[[], bool], **named: Any) -> explain_shift.Reasons:
    """Never done before somebody gives up."""
    while not should_stop():
        sleep(0.01)
    return REASONS(*given, should_stop=should_stop, **named)


def ask(published: tuple[Store, Agent, date], **more: Any) -> Any:
    store, agent, day = published
    return ask_reasons.ask(store, SETTINGS, agent, Question(day=day, **more), by=agent.agent, now=NOW)


def perform(store: Store, run: int, *, stop: bool = False) -> bool:
    return ask_reasons.perform(store, SETTINGS, RunId(run), now=lambda: NOW, should_stop=lambda: stop)


def promised(store: Store) -> list[int]:
    with store.read() as uow:
        return [int(r) for r in uow.runs.due(ask_reasons.KIND, NOW + timedelta(days=1), limit=9)]


def told(store: Store) -> list[Any]:
    with store.read() as uow:
        held = [m.outgoing.message for n in range(1, 60) if (m := uow.outbox.get(MessageId(n))) is not None]
    return [m for m in held if isinstance(m, ShiftReasons | ReasonsAgainst | ReasonsUnknown)]


def test_what_is_worked_out_in_time_is_the_answer_and_nothing_is_kept(
    published: tuple[Store, Agent, date],
) -> None:
    answer = ask(published)
    assert isinstance(answer, ShiftReasons)
    assert answer.agents == 6
    against = ask(published, against=True, template=None)
    assert isinstance(against, ReasonsAgainst)
    assert promised(published[0]) == []
    assert told(published[0]) == []


def test_what_takes_long_is_promised_once_and_told_once(
    published: tuple[Store, Agent, date], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = published[0]
    expected = ask(published)
    monkeypatch.setattr(ask_reasons, "PATIENCE", timedelta(seconds=0.02))
    monkeypatch.setattr(explain_shift, "reasons", slowly)
    assert ask(published) is None
    assert ask(published) is None, "the same question again"
    (run,) = promised(store)
    assert perform(store, run, stop=True) is False, "the service stops: what was found need not be the best"
    assert told(store) == []
    monkeypatch.setattr(explain_shift, "reasons", REASONS)
    assert promised(store) == [run], "it is queued again"
    assert perform(store, run) is True
    assert told(store) == [expected]
    assert perform(store, run) is False, "another process finds it done"
    assert told(store) == [expected]
    with store.read() as uow:
        held = uow.runs.get(RunId(run))
    assert held is not None
    assert held.state is RunState.DONE


def test_a_question_without_an_answer_is_refused_at_once_and_a_fault_later_is_told(
    published: tuple[Store, Agent, date], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, agent, day = published
    with pytest.raises(RefusedError):
        ask_reasons.ask(
            store, SETTINGS, agent, Question(day=date(2030, 1, 1)), by=agent.agent, now=datetime.now(UTC)
        )
    monkeypatch.setattr(ask_reasons, "PATIENCE", timedelta(seconds=0.02))
    monkeypatch.setattr(explain_shift, "reasons", slowly)
    assert ask(published) is None
    (run,) = promised(store)

    def fails(*_: object, **__: object) -> None:
        raise ValueError("a fault of ours")

    monkeypatch.setattr(explain_shift, "reasons", fails)
    with pytest.raises(ValueError, match="of ours"):
        perform(store, run)
    assert told(store) == [ReasonsUnknown(day=day, error="ValueError")]
    assert promised(store) == []
