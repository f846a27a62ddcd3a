"""One case and its names: links, owners, neglected cases, and who may see what."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.case_work import Stage
from bot.core.contacts import EventKind
from bot.core.errors import MusterError, NotAllowedError, NotFoundError, RefusedError
from bot.core.ids import AgentId, ContactRef
from bot.core.people import Role
from bot.core.records_messages import OrphanCases
from bot.core.sla import ClockState
from bot.usecases import (
    find_orphans,
    link_case,
    name_owner,
)
from bot.usecases.case_files import Viewer, read_case
from tests.bot.usecases.cases.desk import BO, GOOD, LIN, REF, kinds, log, told, viewer
from tests.bot.usecases.harbour import Harbour
from tests.support.builders import at, contact, event


def test_one_case_keeps_one_clock_whatever_the_channel(harbour: Harbour) -> None:
    harbour.open(at(9, 50), "zendesk:1001")
    harbour.open(at(10), REF)
    linked = link_case.link_case(
        harbour.store, harbour.settings, REF, "zendesk:1001", viewer=BO, now=harbour.clock()
    )
    assert (linked.ref, linked.merged) == (REF, True)
    harbour.clock.forward(minutes=2)
    harbour.tell(event(EventKind.RESPONDED, harbour.clock(), "zendesk:1001", agent=AgentId("bo")))
    with harbour.store.read() as uow:
        case, copy = uow.contacts.get(REF), uow.contacts.get(ContactRef("zendesk:1001"))
        running = [
            c
            for c in uow.clocks.of([ContactRef("zendesk:1001")])[ContactRef("zendesk:1001")].values()
            if c.state is ClockState.RUNNING
        ]
    assert case is not None
    assert copy is not None
    assert (case.opened_at, case.agent) == (at(9, 50), "bo")
    assert (copy.merged_into, running) == (REF, [])
    found = read_case(harbour.store, harbour.settings, "zendesk:1001", viewer=BO, now=harbour.clock())
    assert found.contact.ref == REF
    assert found.links == (("zendesk", "1001"),)


def test_a_name_linked_before_it_speaks_never_opens_a_second_case(harbour: Harbour) -> None:
    harbour.open(at(10), REF)
    link_case.link_case(harbour.store, harbour.settings, REF, "chatwoot:7", viewer=BO, now=harbour.clock())
    harbour.clock.forward(minutes=1)
    harbour.open(harbour.clock(), "chatwoot:7")
    with harbour.store.read() as uow:
        assert uow.contacts.get(ContactRef("chatwoot:7")) is None
    assert kinds(harbour) == ["opened", "customer_replied"]


def test_a_name_of_another_case_is_not_taken_from_it(harbour: Harbour) -> None:
    harbour.open(at(10), REF)
    harbour.open(at(10), "GD2")
    link_case.link_case(harbour.store, harbour.settings, REF, "chatwoot:7", viewer=BO, now=harbour.clock())
    with pytest.raises(RefusedError) as refused:
        link_case.link_case(
            harbour.store, harbour.settings, "GD2", "chatwoot:7", viewer=BO, now=harbour.clock()
        )
    assert refused.value.kind == "linked_elsewhere"


def test_every_stage_has_an_owner_and_people_name_others(harbour: Harbour) -> None:
    harbour.open(agent=AgentId("bo"))
    name_owner.name_owner(
        harbour.store, harbour.settings, REF, Stage.PROCESS, AgentId("chen"), viewer=LIN, now=harbour.clock()
    )
    name_owner.name_owner(
        harbour.store, harbour.settings, REF, Stage.CO_OWNER, AgentId("lin"), viewer=LIN, now=harbour.clock()
    )
    case = read_case(harbour.store, harbour.settings, REF, viewer=BO, now=harbour.clock())
    assert case.contact.agent == "chen"
    assert case.owners == {
        Stage.RECEIVE: ("bo",),
        Stage.ASSIGN: ("bo",),
        Stage.PROCESS: ("chen",),
        Stage.FEEDBACK: ("chen",),
        Stage.ARCHIVE: ("chen",),
        Stage.CO_OWNER: ("lin",),
    }


def test_neglected_cases_are_listed_to_the_leads_once_a_day(harbour: Harbour) -> None:
    now = at(7, 30) + timedelta(days=4)
    harbour.open(at(10), "GD1")  # nobody has it
    harbour.open(at(10), "GD2", agent=AgentId("bo"))  # nothing happened for days
    harbour.open(at(10), "GD3", agent=AgentId("bo"))
    harbour.open(at(10), "GD4", agent=AgentId("bo"))
    harbour.clock.now = now - timedelta(days=1)
    harbour.tell(
        event(EventKind.RESPONDED, harbour.clock(), "GD3", agent=AgentId("bo")),
        event(EventKind.RESOLVED, harbour.clock(), "GD4", agent=AgentId("bo")),
    )
    with harbour.store.unit() as uow:
        uow.contacts.save([contact("GD5", opened_at=at(10))])  # from a file
        uow.commit()
    harbour.clock.now = now
    assert find_orphans.tick(harbour.store, harbour.settings, now=now) == 2
    find_orphans.tick(harbour.store, harbour.settings, now=now)
    (found,) = told(harbour, "@ULIN", OrphanCases)
    assert isinstance(found, OrphanCases)
    assert {(c.ref, c.reason) for c in found.cases} == {("GD1", "no_owner"), ("GD2", "nothing_happened")}
    assert found.total == 2


# -- who may --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "error"),
    [
        (BO, None),
        (LIN, None),
        (viewer("eve", team="pier"), NotAllowedError),
        (viewer("USTRANGER", team=None), NotAllowedError),
        (viewer("eve", Role.LEAD, "pier"), NotAllowedError),
        (viewer("pei", Role.PLANNER, "pier"), None),
        (None, None),
    ],
)
def test_only_the_people_of_the_team_see_a_case(
    harbour: Harbour, who: Viewer | None, error: type[MusterError] | None
) -> None:
    harbour.open()
    if error is None:
        read_case(harbour.store, harbour.settings, REF, viewer=who, now=harbour.clock())
    else:
        with pytest.raises(error):
            read_case(harbour.store, harbour.settings, REF, viewer=who, now=harbour.clock())
    with harbour.store.read() as uow:
        read = [e for e in uow.audit.entries(subject=f"case:{REF}") if e.action == "case_read"]
    assert len(read) == (error is None)


def test_a_case_that_is_not_there(harbour: Harbour) -> None:
    with pytest.raises(NotFoundError):
        read_case(harbour.store, harbour.settings, "GD9", viewer=BO, now=harbour.clock())


def test_earlier_contacts_of_the_same_customer(harbour: Harbour) -> None:
    known = replace(GOOD, customer_no="C202405001")
    first = log(harbour, known)
    harbour.clock.forward(hours=1)
    second = log(harbour, known)
    log(harbour, replace(GOOD, customer_no="C202405002"))
    case = read_case(harbour.store, harbour.settings, second.contact.ref, viewer=BO, now=harbour.clock())
    assert [c.ref for c in case.earlier] == [first.contact.ref]
    assert not case.perhaps
