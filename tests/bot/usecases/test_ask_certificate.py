"""Certificates asked for, and publications followed: runs with one message each."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import AgentId, MessageId, RosterId, RunId
from bot.core.messages import DeliveryState, Recipient, RecipientKind, RosterPublished
from bot.core.planner_messages import CertificateCard, PublicationCard
from bot.core.ports import Sent
from bot.core.runs import RunState
from bot.store.unit_of_work import Store
from bot.usecases import ask_certificate, certify, follow_publication, publish_roster
from tests.bot.usecases.planning import NOW, planning_settings
from tests.bot.usecases.test_planning_line import plan
from tests.bot.usecases.test_solve_cards import PEI, Ticking, state

SETTINGS = planning_settings(paths=12)


def said(store: Store, kind: type[Any]) -> list[Any]:
    with store.read() as uow:
        held = [m for n in range(1, 200) if (m := uow.outbox.get(MessageId(n))) is not None]
    return [m.outgoing.message for m in held if isinstance(m.outgoing.message, kind)]


def ask(store: Store, roster: RosterId) -> RunId:
    return ask_certificate.request(store, SETTINGS, roster, by="pei", now=NOW, tell=PEI)


def make(store: Store, run: RunId, *, stop: bool = False) -> certify.Certified | None:
    return ask_certificate.perform(store, SETTINGS, run, now=Ticking(), should_stop=lambda: stop)


def test_it_is_played_and_the_message_ends_with_the_weakest_peaks(store: Store) -> None:
    roster = plan(store).roster_id
    run = ask(store, roster)
    with pytest.raises(RefusedError) as refused:
        ask(store, roster)
    assert refused.value.kind == "certificate_under_way"
    done = make(store, run)
    assert done is not None
    cards: list[CertificateCard] = said(store, CertificateCard)
    assert [c.state for c in (cards[0], cards[1], cards[-1])] == ["queued", "running", "done"]
    assert any(0 < c.played < 12 for c in cards)
    assert cards[-1].weakest == done.stored.weakest
    assert cards[-1].peaks[0].probability == pytest.approx(done.stored.weakest)
    assert state(store, run) is RunState.DONE
    ask(store, roster)


def test_a_service_that_stops_keeps_no_part_of_it_and_begins_anew(sqlite_store: Store) -> None:
    roster = plan(sqlite_store).roster_id
    run = ask(sqlite_store, roster)
    assert make(sqlite_store, run, stop=True) is None
    assert state(sqlite_store, run) is RunState.QUEUED
    with sqlite_store.read() as uow:
        assert uow.rosters.certificate(roster) is None
    assert said(sqlite_store, CertificateCard)[-1].again
    assert make(sqlite_store, run) is not None
    assert not said(sqlite_store, CertificateCard)[-1].again


def test_a_failure_is_told_and_an_unknown_roster_refused(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotFoundError):
        ask(sqlite_store, RosterId(9))
    roster = plan(sqlite_store).roster_id

    def refuse(*_: object, **__: object) -> None:
        raise RefusedError("no_forecast", "none", first="a", last="b")

    monkeypatch.setattr(ask_certificate, "certify", refuse)
    run = ask(sqlite_store, roster)
    with pytest.raises(RefusedError):
        make(sqlite_store, run)
    end = said(sqlite_store, CertificateCard)[-1]
    assert (end.state, end.error) == ("failed", "no_forecast")
    assert state(sqlite_store, run) is RunState.FAILED


def test_whom_a_publication_reached_is_told_when_nothing_is_on_its_way(store: Store) -> None:
    roster = plan(store).roster_id
    done = publish_roster.publish(store, SETTINGS, roster, by="pei", accept="first", now=NOW, tell=PEI)
    assert [(c.told, c.waiting) for c in said(store, PublicationCard)] == [(0, len(done.told))]
    clock = Ticking()
    assert follow_publication.tick(store, now=clock()) == 0, "they are on their way"
    lost = done.told[0]
    end_all(store, roster, done.told, lost)
    for _ in range(4):
        follow_publication.tick(store, now=clock())
    [_, card] = said(store, PublicationCard)
    assert card.told == len(done.told) - 1
    assert [(u.agent, u.code) for u in card.untold] == [(lost, "user_disabled")]

    def again() -> int:
        return follow_publication.retry(store, RunId(card.run), by="pei", now=clock(), tell=PEI)

    assert again() == 1
    with pytest.raises(RefusedError) as refused:
        again()
    assert refused.value.kind == "publication_retried"
    assert len(said(store, RosterPublished)) == len(done.told) + 1
    assert said(store, PublicationCard)[-1].waiting == 1
    with pytest.raises(NotFoundError):
        follow_publication.retry(store, RunId(999), by="pei", now=clock(), tell=PEI)


def end_all(store: Store, roster: RosterId, told: tuple[AgentId, ...], lost: AgentId) -> None:
    for agent in told:
        with store.unit() as uow:
            message = uow.outbox.by_key(f"roster-{roster}-agent-{agent}")
            assert message is not None
            assert message.state is DeliveryState.WAITING
            claim = uow.outbox.claim(message.id, worker="w", now=NOW, lease=ask_certificate.LEASE)
            assert claim is not None
            if agent == lost:
                uow.outbox.mark_failed(claim[0], worker="w", error="user_disabled")
            else:
                uow.outbox.mark_sent(claim[0], worker="w", sent=Sent(channel="D1", ts="1.0"), now=NOW)
            uow.commit()


def test_a_superseded_publication_is_not_tried_again(sqlite_store: Store) -> None:
    first = plan(sqlite_store)
    done = publish_roster.publish(
        sqlite_store, SETTINGS, first.roster_id, by="pei", accept="first", now=NOW, tell=PEI
    )
    end_all(sqlite_store, first.roster_id, done.told, done.told[0])
    run = RunId(said(sqlite_store, PublicationCard)[0].run)
    with sqlite_store.unit() as uow:
        second = uow.rosters.save_draft(first.roster, made_at=NOW)
        uow.commit()
    publish_roster.publish(sqlite_store, SETTINGS, second, by="pei", accept="second", now=NOW, tell=PEI)
    tell = Recipient(kind=RecipientKind.EMAIL, name="pei@harbour.example")
    with pytest.raises(RefusedError) as refused:
        follow_publication.retry(sqlite_store, run, by="pei", now=NOW, tell=tell)
    assert refused.value.kind == "publication_superseded"
