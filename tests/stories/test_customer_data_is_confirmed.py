"""CR22: who has the case confirms old customer data with the customer, on record, and in no channel."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.core.contacts import ContactType
from bot.core.ids import AgentId, ContactRef
from bot.core.records import ContactRecord
from tests.stories.service import Service, Setting, running
from tests.support.builders import at, contact

OLD = at(10) - timedelta(days=120)


def cases(service: Service) -> None:
    with service.store.unit() as uow:
        uow.contacts.save(
            [contact("GD0", opened_at=OLD), contact("GD1", agent=AgentId("bo")), contact("GD2")]
        )
        for ref, when in (("GD0", OLD), ("GD1", at(9))):
            uow.records.save(
                ContactRecord(
                    ref=ContactRef(ref),
                    recorded_by="bo",
                    recorded_at=when,
                    complete=True,
                    type=ContactType.CONSULT,
                    customer_no="C-77",
                )
            )
        uow.commit()


def typed(service: Service, who: str, words: str) -> str:
    return service.slack.render(service.slack.user(who).command("/muster", words).answer(), who)


def test_who_has_the_case_confirms_and_it_holds_for_the_customer(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(10))) as service:
        cases(service)
        bo = service.slack.user("bo")
        answer = bo.command("/muster", "case GD1").answer()
        said = service.slack.render(answer, "bo")
        assert "Confirm with the customer:" in said
        assert "120 days ago, and never confirmed since" in said
        # A colleague who does not have the case is asked nothing; its lead is.
        assert "与客户核对" not in typed(service, "chen", "case GD1")
        assert "Confirm with the customer:" in typed(service, "lin", "case GD1")
        noted = service.slack.render(bo.press(answer, "Confirmed").answer(), "bo")
        assert "Noted: the customer of GD1 confirmed their data" in noted
        assert "Confirm with the customer" not in typed(service, "bo", "case GD1")
        assert "Confirm with the customer" not in typed(service, "bo", "case GD0")
        with service.store.read() as uow:
            entries = [e for e in uow.audit.entries() if e.action == "customer_confirmed"]
        assert [e.subject for e in entries] == ["case:GD1"]
        assert service.posts() == []
        # The form no longer names a customer: the button of before says so, and nothing is noted.
        with service.store.unit() as uow:
            held = uow.records.get(ContactRef("GD1"))
            assert held is not None
            uow.records.save(replace(held, customer_no=None))
            uow.commit()
        refused = service.slack.render(bo.press(answer, "Confirmed").answer(), "bo")
        assert "names no customer; nothing was noted" in refused
        with service.store.read() as uow:
            assert [e.action for e in uow.audit.entries()].count("customer_confirmed") == 1
