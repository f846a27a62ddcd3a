"""An incident from its start to its end: steps, what is known, what customers are told, the backlog."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import IncidentId, TeamId
from bot.core.incident_messages import StepGiven, StepLine
from bot.core.incidents import (
    LONGEST,
    LONGEST_CAUSE,
    DrillCase,
    Incident,
    IncidentState,
    IncidentStep,
    Wording,
    share_out,
)
from bot.core.messages import Recipient, RecipientKind
from bot.core.on_duty import reachable, skilled_on_duty
from bot.core.privacy import refuse_personal
from bot.core.runbooks import LEAD, Runbook, in_language
from bot.core.settings import Settings
from bot.store.unit_of_work import Store, UnitOfWork
from bot.usecases import declare_exception
from bot.usecases.incident_posts import (
    backlog_of,
    card_key,
    known,
    news_of,
    post_backlog,
    reread,
    tell,
    tell_agents,
    tell_person,
    write_card,
)
from bot.usecases.on_the_floor import Present

__all__ = [
    "end_in",
    "finish_step",
    "handle_case",
    "held",
    "note_notice",
    "over",
    "start",
    "start_in",
    "take_step",
    "the_one",
    "update",
]

LONGEST_BACK: Final = timedelta(days=1)
"""An incident noticed later than that is history; it is looked back on, not followed."""
DRILL_CASE_EVERY: Final = timedelta(minutes=5)
"""Simulated cases of a drill come this far apart, before its start, and are due twice as long after it."""


def start(
    store: Store,
    settings: Settings,
    runbooks: Sequence[Runbook],
    *,
    team: TeamId,
    what: str = "",
    until: datetime | None = None,
    since: datetime | None = None,
    drill: bool = False,
    by: str,
    now: datetime,
) -> Incident:
    """Follow a scenario, given in every language there is.

    ``since``: when it began, where it was noticed late; the window, the backlog and the review begin then,
    the steps' times now.

    One card in the team's alert channel; each step has an owner who is told; an exception window is recorded
    where the runbook has a reason for one (never in a drill).  Raises RefusedError, with nothing started, for
    words that are too long or personal, a repair time that is past, and a beginning ahead or more than a day
    back.
    """
    words = _words(what, LONGEST)
    if until is not None and until <= now:
        raise RefusedError("incident_past", "That time is past; nothing was changed.")
    if since is not None and not now - LONGEST_BACK <= since <= now:
        raise RefusedError(
            "incident_since",
            "An incident began up to a day ago, and not in the future; nothing was started. "
            "Write /muster incident start SCENARIO --since 09:40",
        )
    with store.unit() as uow:
        incident = start_in(
            uow,
            settings,
            runbooks,
            team=team,
            what=words,
            until=until,
            since=since,
            drill=drill,
            by=by,
            now=now,
        )
        uow.commit()
    return incident


def start_in(
    uow: UnitOfWork,
    settings: Settings,
    runbooks: Sequence[Runbook],
    *,
    team: TeamId,
    what: str,
    until: datetime | None,
    since: datetime | None = None,
    drill: bool,
    by: str,
    now: datetime,
) -> Incident:
    """As `start`, inside a unit."""
    began = since or now
    main = in_language(runbooks, settings.teams[team].locale)
    owners = _owners(uow, settings, main, team, now)
    plan = Incident(
        incident=IncidentId(0),
        team=team,
        scenario=main.key,
        titles=tuple(Wording(locale=r.locale, text=r.title) for r in runbooks),
        what=what,
        drill=drill,
        started_at=began,
        started_by=by,
        recover_by=until,
        contacts=tuple((c.name, c.reach) for c in main.contacts),
        notices=tuple(Wording(locale=r.locale, text=r.notice) for r in runbooks if r.notice),
        steps=tuple(
            IncidentStep(
                number=number,
                texts=_texts(runbooks, main, number - 1),
                role=step.role,
                owner=owners[number - 1],
                due_at=None if step.minutes is None else now + timedelta(minutes=step.minutes),
            )
            for number, step in enumerate(main.steps, start=1)
        ),
        cases=tuple(_drill_case(number, began) for number in range(1, main.cases + 1)) if drill else (),
    )
    incident = uow.incidents.add(plan)
    number = incident.incident
    uow.incidents.note(number, "started", by=by, now=now, words=what)
    uow.audit.add(
        by,
        "drill_started" if drill else "incident_started",
        f"incident:{number}",
        {"scenario": main.key, **({} if since is None else {"since": since.isoformat()})},
        now,
    )
    if main.exception is not None and not drill:
        window = declare_exception.record(
            uow,
            settings,
            team=team,
            queue=None,
            reason=main.exception,
            starts_at=began,
            ends_at=until or now + timedelta(minutes=main.exception_minutes),
            by=by,
            now=now,
            thread_of=card_key(number),
        )
        uow.incidents.set_window(number, window.window)
    incident = reread(uow, number)
    write_card(uow, settings, incident, now=now)
    _tell_owners(uow, incident, now=now)
    unowned = sum(step.owner is None for step in incident.steps)
    if unowned:
        tell(uow, settings, incident, news_of(incident, "unowned", by, count=unowned), now=now)
    if incident.cases:
        lines, left = backlog_of(uow, settings, incident, now=now)
        uow.incidents.change(number, backlog_total=left)
        incident = reread(uow, number)
        post_backlog(uow, settings, incident, lines, left, now=now)
    tell_agents(uow, settings, incident, "started", now=now)
    return incident


def held(store: Store, incident: IncidentId) -> Incident:
    """Raises NotFoundError where there is none."""
    with store.read() as uow:
        return known(uow.incidents.get(incident), incident)


def the_one(store: Store, team: TeamId, *, state: IncidentState | None = None) -> Incident:
    """The one that is meant where nobody says which: the only one of the team that is not closed.

    ``state``: the only one in that state.  Raises RefusedError for several, NotFoundError for none.
    """
    with store.read() as uow:
        found = [i for i in uow.incidents.open_of(team) if state is None or i.state is state]
    if not found:
        raise NotFoundError(
            "no_incident_now",
            "No incident is going on; nothing was changed. Begin one: /muster incident start SCENARIO",
        )
    if len(found) > 1:
        # What goes on is meant before what is over, and what is real before a drill.
        for wanted in (
            [i for i in found if i.state is IncidentState.RUNNING and not i.drill],
            [i for i in found if not i.drill],
        ):
            if len(wanted) == 1:
                return wanted[0]
        known = ", ".join(f"#{i.incident}" for i in found)
        raise RefusedError("several_incidents", f"Say which: {known}; nothing was changed.", known=known)
    return found[0]


def take_step(
    store: Store, settings: Settings, incident: IncidentId, number: int, *, by: str, now: datetime
) -> Incident:
    """Whoever takes a step owns it.  Raises NotFoundError, RefusedError where it is done or all is over."""
    return _step(store, settings, incident, number, "taken", by=by, now=now)


def finish_step(
    store: Store, settings: Settings, incident: IncidentId, number: int, *, by: str, now: datetime
) -> Incident:
    """Done, whoever owned it.  Raises as `take_step`."""
    return _step(store, settings, incident, number, "done", by=by, now=now)


def update(
    store: Store,
    settings: Settings,
    incident: IncidentId,
    *,
    cause: str = "",
    recover_by: datetime | None = None,
    compensation: str = "",
    by: str,
    now: datetime,
) -> Incident:
    """What is known now; agents on shift are told, and the exception window reaches to the repair time.

    Raises NotFoundError, and RefusedError, with nothing changed, for nothing said, words that are too long or
    personal, a time that is past, and an incident that is over.
    """
    why, gift = _words(cause, LONGEST_CAUSE), _words(compensation, LONGEST_CAUSE)
    if not (why or gift or recover_by):
        raise RefusedError(
            "incident_update",
            "Say the cause or the time; nothing was changed. Write /muster incident update CAUSE by 15:00",
        )
    if recover_by is not None and recover_by <= now:
        raise RefusedError("incident_past", "That time is past; nothing was changed.")
    with store.unit() as uow:
        before = _running(uow.incidents.for_update(incident), incident)
        values: dict[str, object] = {}
        if why:
            values["cause"] = why
        if gift:
            values["compensation"] = gift
        if recover_by is not None:
            values["recover_by"] = recover_by
            if before.window is not None:
                uow.exception_windows.move_end(before.window, recover_by)
        uow.incidents.change(incident, **values)
        uow.incidents.note(incident, "updated", by=by, now=now, words=why)
        detail = {"recover_by": None if recover_by is None else recover_by.isoformat()}
        uow.audit.add(by, "incident_updated", f"incident:{incident}", detail, now)
        after = reread(uow, incident)
        write_card(uow, settings, after, now=now)
        news = replace(
            news_of(after, "updated", by, words=after.cause or ""),
            until=after.recover_by,
            compensation=after.compensation or "",
        )
        tell(uow, settings, after, news, now=now, loud=True)
        tell_agents(uow, settings, after, "updated", now=now)
        uow.commit()
    return after


def note_notice(
    store: Store, settings: Settings, incident: IncidentId, *, where: str = "", by: str, now: datetime
) -> Incident:
    """The notice was given to customers (CP9); ``where``: in the words of whoever gave it."""
    words = _words(where, LONGEST)
    with store.unit() as uow:
        found = known(uow.incidents.for_update(incident), incident)
        uow.incidents.note(incident, "notice", by=by, now=now, words=words)
        uow.audit.add(by, "incident_notice_given", f"incident:{incident}", {}, now)
        tell(uow, settings, found, news_of(found, "notice", by, words=words), now=now)
        uow.commit()
    return found


def over(store: Store, settings: Settings, incident: IncidentId, *, by: str, now: datetime) -> Incident:
    """Repaired: the exception window ends, and what came or waited meanwhile is listed by promise (CP9)."""
    with store.unit() as uow:
        _running(uow.incidents.for_update(incident), incident)
        after = end_in(uow, settings, incident, by=by, now=now)
        uow.commit()
    return after


def end_in(uow: UnitOfWork, settings: Settings, incident: IncidentId, *, by: str, now: datetime) -> Incident:
    """As `over`, inside a unit that holds a running incident."""
    uow.incidents.change(incident, over_at=now, over_by=by)
    uow.incidents.note(incident, "over", by=by, now=now)
    after = reread(uow, incident)
    uow.audit.add(by, "drill_over" if after.drill else "incident_over", f"incident:{incident}", {}, now)
    if after.window is not None:
        uow.exception_windows.end(after.window, now)
    lines, left = backlog_of(uow, settings, after, now=now)
    uow.incidents.change(incident, backlog_total=len(after.cases) or left, backlog_left=left)
    after = reread(uow, incident)
    write_card(uow, settings, after, now=now)
    tell(uow, settings, after, news_of(after, "over", by, count=left), now=now, loud=True)
    if left or after.drill:
        post_backlog(uow, settings, after, lines, left, now=now)
    tell_agents(uow, settings, after, "over", now=now)
    return after


def handle_case(
    store: Store, settings: Settings, incident: IncidentId, number: int, *, by: str, now: datetime
) -> Incident:
    """A simulated case of a drill is handled.  Raises NotFoundError, RefusedError where it was already."""
    with store.unit() as uow:
        known(uow.incidents.for_update(incident), incident)
        if not uow.incidents.handle_case(incident, number, by=by, now=now):
            raise RefusedError("drill_case_over", "This TEST case was handled already; nothing was changed.")
        uow.incidents.note(incident, "case", by=by, now=now, number=number)
        uow.incidents.change(incident)
        after = reread(uow, incident)
        lines, left = backlog_of(uow, settings, after, now=now)
        if after.over_at is not None:
            uow.incidents.change(incident, backlog_left=left)
            after = reread(uow, incident)
        post_backlog(uow, settings, after, lines, left, now=now)
        uow.commit()
    return after


def _step(
    store: Store, settings: Settings, incident: IncidentId, number: int, what: str, *, by: str, now: datetime
) -> Incident:
    with store.unit() as uow:
        before = _running(uow.incidents.for_update(incident), incident)
        if before.step(number) is None:
            raise NotFoundError(
                "no_incident_step",
                f"Incident {incident} has no step {number}; nothing was changed.",
                incident=incident,
                step=number,
            )
        change = uow.incidents.take_step if what == "taken" else uow.incidents.finish_step
        if not change(incident, number, by=by, now=now):
            done = before.step(number)
            raise RefusedError(
                "incident_step_done",
                f"Step {number} is done already; nothing was changed.",
                step=number,
                person="" if done is None else done.done_by or "",
            )
        uow.incidents.change(incident)
        uow.incidents.note(incident, what, by=by, now=now, number=number)
        uow.audit.add(by, f"incident_step_{what}", f"incident:{incident}", {"step": number}, now)
        after = reread(uow, incident)
        write_card(uow, settings, after, now=now)
        step = after.step(number)
        assert step is not None
        news = replace(news_of(after, what, by), step=StepLine.of(step))
        tell(uow, settings, after, news, now=now)
        uow.commit()
    return after


def _owners(
    uow: UnitOfWork, settings: Settings, runbook: Runbook, team: TeamId, now: datetime
) -> list[str | None]:
    present = Present(uow, settings, now)
    on_duty: dict[str, Sequence[str]] = {LEAD: present.leads(team)}
    for role in {s.role for s in runbook.steps if s.role not in (None, LEAD)}:
        assert role is not None
        skilled = skilled_on_duty(present.on_shift.values(), present.agents, skill=role)
        own = [a for a in skilled if present.agents[a].team == team]
        on_duty[role] = own or list(skilled)
    known = set(present.agents)
    named = [s.owner if s.owner in known else None for s in runbook.steps]
    return share_out([(s.role, n) for s, n in zip(runbook.steps, named, strict=True)], on_duty)


def _texts(runbooks: Sequence[Runbook], main: Runbook, index: int) -> tuple[Wording, ...]:
    """A step in every language whose runbook has the same number of them."""
    same = [r for r in runbooks if len(r.steps) == len(main.steps)]
    return tuple(Wording(locale=r.locale, text=r.steps[index].do) for r in same)


def _drill_case(number: int, now: datetime) -> DrillCase:
    arrived = now + DRILL_CASE_EVERY * (number - 1)
    return DrillCase(number=number, arrived_at=arrived, due_at=arrived + 2 * DRILL_CASE_EVERY)


def _tell_owners(uow: UnitOfWork, incident: Incident, *, now: datetime) -> None:
    people = {a.agent: a for a in uow.people.all()}
    for step in incident.steps:
        person = None if step.owner is None else people.get(step.owner)  # type: ignore[call-overload]
        if person is None or not reachable(person):
            continue
        message = StepGiven(
            incident=incident.incident,
            titles=incident.titles,
            drill=incident.drill,
            what=incident.what,
            step=StepLine.of(step),
        )
        recipient = Recipient(kind=RecipientKind.AGENT, name=person.agent, team=incident.team)
        key = f"{card_key(incident.incident)}-step-{step.number}-given"
        tell_person(uow, recipient, message, key, now=now, urgent=True)


def _words(text: str, longest: int) -> str:
    words = " ".join(text.split())
    if len(words) > longest:
        raise RefusedError(
            "incident_long",
            f"That is {len(words)} characters, at most {longest}; nothing was changed.",
            length=len(words),
            longest=longest,
        )
    refuse_personal(words)
    return words


def _running(incident: Incident | None, number: IncidentId) -> Incident:
    found = known(incident, number)
    if found.state is not IncidentState.RUNNING:
        raise RefusedError(
            "incident_over", f"Incident {number} is over already; nothing was changed.", incident=number
        )
    return found
