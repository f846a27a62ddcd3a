"""Better words: proposed by anybody, taken or not by a keeper, told to whoever proposed them (KN4, KN6)."""

from __future__ import annotations

from datetime import datetime

from bot.core.errors import InvalidFormError, NotAllowedError, NotFoundError, RefusedError
from bot.core.ids import AgentId, ProposalId
from bot.core.knowledge_proposals import (
    MOST_PHRASES,
    Draft,
    Proposal,
    ProposalState,
    check,
    check_text,
    phrase_key,
)
from bot.core.messages import Recipient, RecipientKind, Urgency
from bot.core.people import Agent, Role
from bot.core.privacy import refuse_personal
from bot.core.proposal_messages import ProposalDecided, ProposalMade
from bot.core.settings import Settings
from bot.store.unit_of_work import ReadUnit, Store, UnitOfWork
from bot.usecases.change_shifts import leads_of

__all__ = ["accepted", "decide", "is_keeper", "keep_phrase", "open_proposals", "propose", "remove_phrase"]

LONGEST_REASON = 200


def is_keeper(settings: Settings, email: str | None, role: Role) -> bool:
    """Whether somebody decides on proposals: the keepers app.yaml names, else leads and above."""
    keepers = settings.knowledge.keepers
    return (email or "").lower() in keepers if keepers else role is not Role.AGENT


def propose(store: Store, settings: Settings, draft: Draft, *, by: Agent, now: datetime) -> Proposal:
    """Put words before the keepers.  Raises InvalidFormError with every problem; then nothing is kept."""
    checked = check(draft, settings.promises.forbidden)
    with store.unit() as uow:
        made = uow.knowledge_proposals.add(checked, team=by.team, by=by.agent, now=now)
        for reader in _keepers(uow, settings, made, now):
            uow.outbox.post(reader, _card(made), _key(made, reader), now, urgency=Urgency.NOTICE)
        uow.audit.add(by.agent, "knowledge_proposed", f"proposal:{made.proposal}", {"key": checked.key}, now)
        uow.commit()
    return made


def open_proposals(store: Store) -> list[Proposal]:
    with store.read() as uow:
        return uow.knowledge_proposals.in_state(ProposalState.OPEN)


def accepted(store: Store) -> list[Proposal]:
    """What keepers accepted, ever; of one key and language the highest version stands."""
    with store.read() as uow:
        return uow.knowledge_proposals.in_state(ProposalState.ACCEPTED)


def decide(
    store: Store,
    settings: Settings,
    proposal: ProposalId,
    *,
    take: bool,
    reason: str,
    by: str,
    email: str | None,
    role: Role,
    now: datetime,
) -> Proposal:
    """Take it or not; whoever proposed it is told, and every keeper's card says so.

    Raises NotAllowedError for who is no keeper, NotFoundError, RefusedError where it was decided already, or
    a rejection has no reason.
    """
    if not is_keeper(settings, email, role):
        raise NotAllowedError(
            "kb_keepers", "Only keepers of the knowledge decide; nothing was changed.", action="kb.decide"
        )
    why = " ".join(reason.split())
    if not take and not why:
        raise RefusedError("kb_reason", "Say why not; nothing was changed. The proposer reads it.")
    if len(why) > LONGEST_REASON:
        raise RefusedError("kb_reason_long", "That reason is too long; nothing was changed.", longest=200)
    refuse_personal(why)
    state = ProposalState.ACCEPTED if take else ProposalState.REJECTED
    with store.unit() as uow:
        held = uow.knowledge_proposals.get(proposal)
        if held is None:
            raise NotFoundError("kb_gone", "There is no such proposal; nothing was changed.")
        if not uow.knowledge_proposals.decide(proposal, state, by=by, reason=why or None, now=now):
            raise RefusedError("kb_decided", "It has been decided already; nothing was changed.")
        after = uow.knowledge_proposals.get(proposal)
        assert after is not None
        for agent in uow.people.all():
            _edit(uow, after, Recipient(kind=RecipientKind.AGENT, name=agent.agent, team=agent.team), now)
        for address in (*settings.knowledge.keepers, *(c.last_resort for c in settings.chains.values())):
            _edit(uow, after, Recipient(kind=RecipientKind.EMAIL, name=address), now)
        told = ProposalDecided(
            proposal=proposal, key=held.draft.key, state=state.value, by=by, reason=why or None
        )
        reader = Recipient(kind=RecipientKind.AGENT, name=held.by, team=held.team)
        uow.outbox.post(reader, told, f"proposal-{proposal}-decided", now, urgency=Urgency.NOTICE)
        uow.audit.add(by, f"knowledge_{state.value}", f"proposal:{proposal}", {"key": held.draft.key}, now)
        uow.commit()
    return after


def keep_phrase(
    store: Store, settings: Settings, agent: AgentId, key: str, text: str, *, now: datetime
) -> str:
    """Keep one's own phrase; returns its name.

    Raises RefusedError for a bad name or too many, InvalidFormError for words that must not be kept.
    """
    name = phrase_key(key)
    wrong = check_text(text.strip(), settings.promises.forbidden)
    if wrong is not None:
        raise InvalidFormError([wrong])
    with store.unit() as uow:
        held = uow.own_phrases.of(agent)
        if name not in held and len(held) >= MOST_PHRASES:
            raise RefusedError(
                "phrase_many",
                f"You have {MOST_PHRASES} phrases already; nothing was kept. Remove one first.",
                most=MOST_PHRASES,
            )
        uow.own_phrases.keep(agent, name, text.strip(), now=now)
        uow.commit()
    return name


def remove_phrase(store: Store, agent: AgentId, key: str) -> None:
    """Raises NotFoundError where there is none of that name."""
    with store.unit() as uow:
        if not uow.own_phrases.remove(agent, key.strip().casefold()):
            raise NotFoundError("phrase_gone", "You have no phrase of that name; nothing was changed.")
        uow.commit()


def _keepers(uow: ReadUnit, settings: Settings, made: Proposal, now: datetime) -> tuple[Recipient, ...]:
    if settings.knowledge.keepers:
        return tuple(
            Recipient(kind=RecipientKind.EMAIL, name=address, team=made.team)
            for address in settings.knowledge.keepers
        )
    return leads_of(uow, settings, made.team, now=now)


def _card(made: Proposal) -> ProposalMade:
    draft = made.draft
    return ProposalMade(
        proposal=made.proposal,
        key=draft.key,
        kind=draft.kind.value,
        locale=draft.locale,
        title=draft.title,
        text=draft.text,
        by=made.by,
        state=made.state.value,
        decided_by=made.decided_by,
        reason=made.reason,
    )


def _edit(uow: UnitOfWork, made: Proposal, reader: Recipient, now: datetime) -> None:
    key = _key(made, reader)
    post = uow.outbox.by_key(key)
    if post is not None:
        uow.outbox.post(
            post.outgoing.recipient, _card(made), f"{key}:decided", now, edits=key, urgency=Urgency.NOTICE
        )


def _key(made: Proposal, reader: Recipient) -> str:
    return f"proposal-{made.proposal}-{reader.name}"
