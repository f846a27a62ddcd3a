"""One agent's solved cases, with records: what a weekly self-review is counted from."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.contacts import ContactStatus, ContactType
from bot.core.ids import AgentId, ContactRef
from bot.core.records import ContactRecord
from bot.core.satisfaction import Satisfaction, Scale
from bot.store.unit_of_work import Store
from tests.support.builders import contact

__all__ = ["solve_cases"]


def solve_cases(
    store: Store,
    agent: str,
    first: datetime,
    *,
    name: str,
    count: int,
    seconds: float | None = None,
    again: int = 0,
    answers: tuple[int, ...] = (),
    customers: bool = True,
    kind: ContactType = ContactType.CONSULT,
) -> None:
    """``count`` cases solved one after the other; the customers of the first ``again`` come a second time."""
    with store.unit() as uow:
        for n in range(count):
            opened = first + timedelta(minutes=5 * n)
            ref = ContactRef(f"{name}{n}")
            solved = contact(
                ref,
                type=kind,
                status=ContactStatus.SOLVED,
                opened_at=opened,
                responded_at=opened,
                resolved_at=opened + timedelta(minutes=4),
                agent=AgentId(agent),
                handle_seconds=seconds,
            )
            uow.contacts.save([solved])
            uow.records.save(
                ContactRecord(
                    ref=ref,
                    recorded_by=agent,
                    recorded_at=opened,
                    complete=True,
                    type=kind,
                    customer_no=f"{name}-C{n}" if customers else None,
                    satisfaction=Satisfaction(scale=Scale.FIVE, value=answers[n])
                    if n < len(answers)
                    else None,
                )
            )
            if n < again:
                more = ContactRef(f"{name}{n}-again")
                uow.contacts.save([contact(more, opened_at=opened + timedelta(hours=1))])
                uow.records.save(
                    ContactRecord(
                        ref=more,
                        recorded_by="lin",
                        recorded_at=opened,
                        complete=True,
                        type=ContactType.CONSULT,
                        customer_no=f"{name}-C{n}",
                    )
                )
        uow.commit()
