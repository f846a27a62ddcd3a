"""Ideas are put before the leads and answered (TI6); thanks reach whom they are for (TI4)."""

from __future__ import annotations

from datetime import datetime

from bot.core.errors import NotFoundError, RefusedError
from bot.core.idea_messages import IdeaAnswered, IdeaLine, IdeaMade, KudosGiven, KudosLine
from bot.core.ideas import Idea, IdeaState, Kudos, checked
from bot.core.ids import IdeaId, KudosId, TeamId
from bot.core.messages import Recipient, RecipientKind, Urgency
from bot.core.people import Agent
from bot.core.person_choices import Choice
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases.change_shifts import leads_of

__all__ = ["answer", "choose", "held", "note", "open_ideas", "show", "thank"]


def note(store: Store, settings: Settings, text: str, *, by: Agent, now: datetime) -> Idea:
    """Put an idea before the team's leads, who have the team's time to answer.  Raises RefusedError."""
    words = checked(text)
    due_at = now + settings.teams[by.team].answer_ideas_within
    with store.unit() as uow:
        made = uow.ideas.add(words, team=by.team, by=by.agent, now=now, due_at=due_at)
        for reader in leads_of(uow, settings, by.team, now=now, but=(by.agent,)):
            uow.outbox.post(
                reader,
                IdeaMade(line=IdeaLine.of(made)),
                f"idea-{made.idea}-{reader.name}",
                now,
                urgency=Urgency.NOTICE,
            )
        uow.commit()
    return made


def held(store: Store, idea: IdeaId) -> Idea:
    """Raises NotFoundError, and RefusedError where it was answered already."""
    with store.read() as uow:
        found = uow.ideas.get(idea)
    if found is None:
        raise NotFoundError("idea_gone", "There is no such idea; nothing was changed.")
    if found.state is not IdeaState.OPEN:
        raise _answered()
    return found


def open_ideas(store: Store, team: TeamId) -> list[Idea]:
    """What waits for an answer, the longest due first."""
    with store.read() as uow:
        return uow.ideas.open_of(team)


def answer(store: Store, idea: Idea, *, adopt: bool, why: str, by: str, now: datetime) -> None:
    """Adopted, or not with a reason; whoever had the idea is told.  Raises RefusedError."""
    if not adopt and not why.strip():
        raise RefusedError("idea_why", "Say why not; nothing was changed. Whoever had the idea reads it.")
    words = checked(why) if why.strip() else None
    state = IdeaState.ADOPTED if adopt else IdeaState.DECLINED
    with store.unit() as uow:
        if not uow.ideas.answer(idea.idea, state, by=by, answer=words, now=now):
            raise _answered()
        told = IdeaAnswered(line=IdeaLine.of(idea), state=state.value, by=by, answer=words)
        reader = Recipient(kind=RecipientKind.AGENT, name=idea.by, team=idea.team)
        uow.outbox.post(reader, told, f"idea-{idea.idea}-answered", now, urgency=Urgency.NOTICE)
        uow.audit.add(by, f"idea_{state.value}", f"idea:{idea.idea}", {}, now)
        uow.commit()


def thank(store: Store, text: str, *, whom: Agent, by: Agent, now: datetime) -> Kudos:
    """Tell somebody they are thanked; others see it only where that person wants it.  Raises RefusedError."""
    if whom.agent == by.agent:
        raise RefusedError("kudos_self", "Thank somebody else; nothing was sent.")
    words = checked(text)
    with store.unit() as uow:
        shown = uow.person_choices.wanted(whom.agent, Choice.KUDOS)
        made = uow.kudos.add(
            words,
            team=whom.team,
            whom=whom.agent,
            by=by.agent,
            now=now,
            shown_from=now if shown else None,
        )
        message = KudosGiven(kudos=made.kudos, line=KudosLine.of(made), shown=shown)
        reader = Recipient(kind=RecipientKind.AGENT, name=whom.agent, team=whom.team)
        uow.outbox.post(reader, message, f"kudos-{made.kudos}", now, urgency=Urgency.NOTICE)
        uow.commit()
    return made


def show(store: Store, kudos: KudosId, whom: Agent, *, now: datetime) -> None:
    """It stands in the next digest.  Raises RefusedError where it is theirs no more, or was shown."""
    with store.unit() as uow:
        if not uow.kudos.show(kudos, whom.agent, now=now):
            raise RefusedError("kudos_shown", "That is shown already, or not yours; nothing was changed.")
        uow.commit()


def choose(store: Store, agent: Agent, wanted: bool, *, now: datetime) -> None:
    """Whether kudos for this person always stand in the digest."""
    with store.unit() as uow:
        uow.person_choices.keep(agent.agent, Choice.KUDOS, wanted, now=now)
        uow.commit()


def _answered() -> RefusedError:
    return RefusedError("idea_over", "It has been answered already; nothing was changed.")
