"""The stand-up of those who cannot be there: asked by direct message, told under the digest (SR13)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.digests import meeting_at
from bot.core.errors import NotFoundError
from bot.core.ids import AnswerId
from bot.core.messages import Outgoing, Recipient, RecipientKind, Urgency
from bot.core.on_duty import reachable
from bot.core.people import Agent, Team
from bot.core.person_choices import Choice
from bot.core.remote_messages import RemoteAnswered, RemoteAsked
from bot.core.remote_stand_up import RemoteAnswer, answer_problems, is_remote, prompt_day
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit, Store
from bot.usecases.stand_up import digest_key
from forecasting.grid import local_midnight

__all__ = ["answer", "ask", "choose", "held", "tell"]


def ask(store: Store, settings: Settings, *, now: datetime) -> int:
    """Ask those whose own time has come; returns how many.

    Once for each agent and local day, whatever the number of replicas; nobody on a day off, and nobody who
    switched it off.
    """
    teams = {t.team: t for t in settings.teams.values() if t.stand_up is not None and t.stand_up.remote_at}
    if not teams:
        return 0
    due: list[tuple[Agent, Team, date]] = []
    with store.read() as look:
        off = look.person_choices.differing(Choice.REMOTE_STAND_UP)
        for agent in look.people.all():
            team = teams.get(agent.team)
            if team is None or agent.agent in off or not reachable(agent):
                continue
            assert team.stand_up is not None
            assert team.stand_up.remote_at is not None
            day = prompt_day(team.stand_up.remote_at, agent.zone, now)
            if day is None or look.job_slots.taken(_job(agent), day.isoformat()):
                continue
            if _asked(look, agent, team, day, now):
                due.append((agent, team, day))
    written = 0
    for agent, team, day in due:
        with store.unit() as uow:
            if not uow.job_slots.take(_job(agent), day.isoformat(), now):
                continue
            put = Outgoing(
                recipient=Recipient(kind=RecipientKind.AGENT, name=agent.agent, team=team.team),
                message=RemoteAsked(team=team.team, day=_team_day(team, now)),
                dedupe_key=f"remote-{agent.agent}-{day.isoformat()}",
                urgency=Urgency.DIGEST,
                not_before=now,
            )
            written += int(uow.outbox.put(put, now))
            uow.commit()
    return written


def answer(
    store: Store,
    settings: Settings,
    agent: Agent,
    day: date,
    *,
    done: str,
    following: str,
    blocked: str,
    now: datetime,
) -> RemoteAnswer:
    """Keep what somebody said; it is told as soon as the day's digest stands.  Raises InvalidFormError."""
    answer_problems(done, following, blocked)
    with store.unit() as uow:
        kept = uow.remote_answers.add(
            agent.team,
            agent.agent,
            day,
            done=done.strip(),
            following=following.strip(),
            blocked=blocked.strip(),
            now=now,
        )
        uow.commit()
    tell(store, settings, now=now)
    return kept


def tell(store: Store, settings: Settings, *, now: datetime) -> int:
    """Put answers under their day's digest, once it is there; returns how many."""
    with store.read() as look:
        waiting = look.remote_answers.to_tell(now.date() - timedelta(days=2))
    told = 0
    for one in waiting:
        team = settings.teams.get(one.team)
        noon = datetime.combine(one.day, time(12), tzinfo=ZoneInfo("UTC" if team is None else team.zone))
        digest = None if team is None else digest_key(team, noon.astimezone(UTC))
        if team is None or digest is None:
            continue
        with store.unit() as uow:
            if uow.outbox.by_key(digest) is None or not uow.remote_answers.mark_told(one.answer, now=now):
                continue
            put = Outgoing(
                recipient=Recipient(
                    kind=RecipientKind.CHANNEL, name=team.channels["standup"], team=team.team
                ),
                message=RemoteAnswered(
                    answer=one.answer, by=one.agent, done=one.done, next=one.next, blocked=one.blocked
                ),
                dedupe_key=f"remote-answer-{one.answer}",
                urgency=Urgency.DIGEST,
                not_before=now,
                thread_of=digest,
            )
            told += int(uow.outbox.put(put, now))
            uow.commit()
    return told


def held(store: Store, number: AnswerId) -> RemoteAnswer:
    """Raises NotFoundError where there is none."""
    with store.read() as uow:
        found = uow.remote_answers.get(number)
    if found is None:
        raise NotFoundError("remote_gone", "That answer is gone; nothing was changed.")
    return found


def choose(store: Store, agent: Agent, wanted: bool, *, now: datetime) -> None:
    """Whether the agent is asked from now on."""
    with store.unit() as uow:
        uow.person_choices.keep(agent.agent, Choice.REMOTE_STAND_UP, wanted, now=now)
        uow.commit()


def _asked(look: ReadUnit, agent: Agent, team: Team, day: date, now: datetime) -> bool:
    assert team.stand_up is not None
    meeting = meeting_at(team.stand_up, _team_day(team, now), team.zone)
    if meeting is None:
        return False
    start, end = local_midnight(day, agent.zone), local_midnight(day + timedelta(days=1), agent.zone)
    shifts = [s for s in look.rosters.shifts_of(agent.agent, start, end) if s.start >= start]
    return is_remote(
        meeting, length=team.stand_up.length, zone=agent.zone, team_zone=team.zone, shifts=shifts
    )


def _team_day(team: Team, now: datetime) -> date:
    return now.astimezone(ZoneInfo(team.zone)).date()


def _job(agent: Agent) -> str:
    return f"remote_stand_up:{agent.agent}"
