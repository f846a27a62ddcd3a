"""Slack's ids are forgotten wherever they stand, on both databases; agents keep their place."""

from __future__ import annotations

from bot.core.ids import AgentId
from bot.core.messages import OperatorNotice, Outgoing, Recipient, RecipientKind, Urgency
from bot.core.trial_messages import TrialAlert
from bot.store.slack_ids import FORGOTTEN
from bot.store.unit_of_work import Store
from tests.support.builders import agent, at

ADA, BO = "U0AB12CD34", "U0B0B0B0B0"


def put(store: Store, key: str, message: TrialAlert | OperatorNotice) -> None:
    with store.unit() as uow:
        recipient = Recipient(kind=RecipientKind.CHANNEL, name="alerts", team="harbour")
        uow.outbox.put(
            Outgoing(
                recipient=recipient, message=message, dedupe_key=key, urgency=Urgency.NOTICE, not_before=at(9)
            ),
            at(9),
        )
        uow.commit()


def test_people_messages_keys_and_the_audit_trail(store: Store) -> None:
    with store.unit() as uow:
        uow.people.upsert(agent("bo", slack_user=BO))
        # An agent's own id may look like one of Slack's.
        uow.people.upsert(agent("U1234567890", slack_user="W0000000001"))
        uow.audit.add(ADA, "link", f"agent:{ADA}", {"who": ADA, "with": ["bo", BO]}, at(9))
        uow.audit.add("U1234567890", "link", "agent:bo", {}, at(9))
        uow.job_slots.take("slack_event", "Ev12345", at(9))
        uow.job_slots.take("daily", "2026-11-24", at(9))
        uow.commit()
    put(store, "trial-1", TrialAlert(key="trial-1", by=ADA, sent_at=at(9)))
    put(store, f"link_requested-{ADA}", OperatorNotice(code="link_requested", subject=ADA))
    with store.unit() as uow:
        done = uow.slack_ids.forget()
        uow.commit()
    assert done["agents"] == 2
    assert done["job_slots"] == 1
    with store.read() as uow:
        assert [a.slack_user for a in uow.people.all()] == [None, None]
        actors = {e.actor for e in uow.audit.entries()}
        assert actors == {FORGOTTEN, "U1234567890"}
        (told,) = [e for e in uow.audit.entries() if e.actor == FORGOTTEN]
        assert told.subject.startswith(f"agent:{FORGOTTEN}")
        assert told.detail == {"who": FORGOTTEN, "with": ["bo", FORGOTTEN]}
        trial = uow.outbox.by_key("trial-1")
        assert trial is not None
        assert trial.outgoing.message == TrialAlert(key="trial-1", by=FORGOTTEN, sent_at=at(9))
        assert trial.state.value == "dropped"
        assert uow.outbox.by_key(f"link_requested-{ADA}") is None
        assert uow.job_slots.taken("daily", "2026-11-24")
        assert not uow.job_slots.taken("slack_event", "Ev12345")
        assert uow.people.get(AgentId("bo")) is not None
    with store.unit() as uow:
        assert uow.slack_ids.forget() == {}
