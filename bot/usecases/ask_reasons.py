"""Reasons asked for in Slack: answered at once, or worked out afterwards and sent (SCENARIOS A7).

Whoever asks waits for two seconds.  What takes longer becomes a run of the service, whose answer is a direct
message, written in the unit that ends the run: it comes once, also after a restart.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from threading import Event
from typing import Final

from bot.core.errors import MusterError, NotFoundError
from bot.core.ids import AgentId, RunId
from bot.core.messages import Outgoing, Recipient, RecipientKind, Urgency
from bot.core.people import Agent
from bot.core.planner_messages import BrokenRule
from bot.core.ports import Clock
from bot.core.reason_messages import ReasonMessage, ReasonsAgainst, ReasonsUnknown, ShiftReasons
from bot.core.runs import Run, RunState
from bot.core.settings import Settings
from bot.store.unit_of_work import Store, UnitOfWork
from bot.usecases import agent_wishes, explain_shift, run_posts
from bot.usecases.agent_wishes import Fairness
from bot.usecases.change_shifts import open_spans, person_change, shift_times

__all__ = ["KIND", "PATIENCE", "Question", "ask", "perform"]

KIND: Final = "reasons"
PATIENCE: Final = timedelta(seconds=2)
"""So long whoever asks waits for the answer itself."""
LEASE: Final = timedelta(minutes=2)
_RULES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Why the shift of ``day`` (the agent's own date); where ``against``, why not one of ``template`` then,
    or the day off (None)."""

    day: date
    against: bool = False
    template: str | None = None


def ask(
    store: Store, settings: Settings, agent: Agent, question: Question, *, by: str, now: datetime
) -> ReasonMessage | None:
    """The answer, or None where it takes longer than `PATIENCE`: the agent gets it by direct message then.

    The same question is worked out once, however often it is asked meanwhile.  Raises RefusedError and
    NotFoundError where there is nothing to give reasons for.
    """
    given_up = Event()
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reasons")
    try:
        working = pool.submit(_answer, store, settings, agent, question, now, given_up.is_set)
        return working.result(timeout=PATIENCE.total_seconds())
    except TimeoutError:
        _promise(store, agent, question, by=by, now=now)
        return None
    finally:
        given_up.set()
        pool.shutdown(wait=False)


def perform(
    store: Store, settings: Settings, run: RunId, *, now: Clock, should_stop: Callable[[], bool]
) -> bool:
    """Work out what was promised and write the message; False where another process has it, or the service
    stops, which queues it again."""
    with store.unit() as uow:
        claimed = uow.runs.claim(run, now=now(), lease_until=now() + LEASE)
        held = uow.runs.get(run)
        agent = None if held is None else uow.people.get(AgentId(str(held.parameters["agent"])))
        uow.commit()
    if not claimed or held is None:
        return False
    question = _question(held)
    try:
        if agent is None:
            raise NotFoundError("no_agent", "The agent is not in the files any more.", agent="")
        answer = _answer(store, settings, agent, question, now(), should_stop)
    except BaseException as error:
        kind = error.kind if isinstance(error, MusterError) else type(error).__name__
        unknown = ReasonsUnknown(day=question.day, error=kind, details=run_posts.details(error))
        _end(store, held, unknown, now(), error=kind)
        if not isinstance(error, MusterError):
            raise
        return True
    if should_stop():
        # What was found so far need not be the best.
        with store.unit() as uow:
            uow.runs.give_back(run)
            uow.commit()
        return False
    _end(store, held, answer, now())
    return True


def _promise(store: Store, agent: Agent, question: Question, *, by: str, now: datetime) -> None:
    parameters = {
        "agent": agent.agent,
        "day": question.day.isoformat(),
        "against": question.against,
        "template": question.template,
    }
    with store.unit() as uow:
        uow.job_slots.hold(KIND, "ask", now)
        if all(run.parameters != parameters for run in uow.runs.unfinished(KIND)):
            uow.runs.add(KIND, parameters, by=by, now=now)
        uow.commit()


def _question(run: Run) -> Question:
    template = run.parameters["template"]
    return Question(
        day=date.fromisoformat(str(run.parameters["day"])),
        against=bool(run.parameters["against"]),
        template=None if template is None else str(template),
    )


def _end(store: Store, run: Run, answer: ReasonMessage, now: datetime, error: str | None = None) -> None:
    with store.unit() as uow:
        state = RunState.DONE if error is None else RunState.FAILED
        uow.runs.finish(run.run, state, now=now, result={}, error=error)
        _write(uow, run, answer, now)
        uow.commit()


def _write(uow: UnitOfWork, run: Run, answer: ReasonMessage, now: datetime) -> None:
    uow.outbox.put(
        Outgoing(
            recipient=Recipient(kind=RecipientKind.AGENT, name=str(run.parameters["agent"])),
            message=answer,
            dedupe_key=f"reasons-{run.run}",
            urgency=Urgency.NOTICE,
            not_before=now,
        ),
        now,
    )


def _answer(
    store: Store,
    settings: Settings,
    agent: Agent,
    question: Question,
    now: datetime,
    should_stop: Callable[[], bool],
) -> ReasonMessage:
    if not question.against:
        reasons = explain_shift.reasons(
            store, settings, agent, question.day, now=now, should_stop=should_stop
        )
        return _with_lates(_reasons(reasons), agent_wishes.fairness(store, settings, agent, now=now), agent)
    found = explain_shift.reasons_against(
        store, settings, agent, question.day, question.template, now=now, should_stop=should_stop
    )
    others = found.others
    return ReasonsAgainst(
        day=question.day,
        template=question.template,
        exists=found.change is not None,
        broken=tuple(
            BrokenRule(rule=v.rule, agent=v.agent, day=v.date, amount=float(v.amount), limit=float(v.limit))
            for v in found.violations[:_RULES]
        ),
        missing=open_spans(found.opened),
        mended=others is not None,
        instead=() if others is None else tuple(person_change(c) for c in others.changes),
    )


def _reasons(found: explain_shift.Reasons) -> ShiftReasons:
    why = found.why
    return ShiftReasons(
        shift=shift_times(why.shift),
        without=open_spans(why.without),
        skilled=why.skilled,
        agents=found.agents,
        free=why.free,
        instead=tuple(person_change(c) for c in why.instead.changes),
        wishes=len(why.kept) + len(why.missed),
        kept=len(why.kept),
    )


def _with_lates(reasons: ShiftReasons, counted: Fairness, agent: Agent) -> ShiftReasons:
    own, team = counted.own.get(agent.agent), counted.ranges.get("lates")
    if own is None or team is None:
        return reasons
    return replace(reasons, weeks=counted.weeks, lates=own.lates, lates_median=team.median)
