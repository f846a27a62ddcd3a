"""The team that works on cases: what its people ask for, and what they and Slack were told."""

from __future__ import annotations

from bot.core.contacts import ContactType
from bot.core.ids import AgentId, ContactRef, TeamId
from bot.core.messages import Message
from bot.core.people import Role
from bot.core.permissions import Actor
from bot.core.record_settings import Department
from bot.core.records import RecordForm
from bot.usecases import log_contact
from bot.usecases.case_files import Viewer
from bot.usecases.log_contact import Entry, Logged
from tests.bot.usecases.harbour import Harbour
from tests.support.builders import PHONE, TEAM

REF = ContactRef("GD20261124001")


def viewer(name: str, role: Role = Role.AGENT, team: str | None = TEAM) -> Viewer:
    rights = Actor(
        role=role,
        agent=AgentId(name) if team else None,
        team=None if team is None else TeamId(team),
    )
    return Viewer(actor=name, rights=rights, email=f"{name}@harbour.example")


BO, LIN = viewer("bo"), viewer("lin", Role.LEAD)
GOOD = RecordForm(type=ContactType.ORDER, description="parcel is late", solution="asked the carrier")
FINANCE = Department(department="finance", name="Finance", channel="harbour-finance")


def log(harbour: Harbour, form: RecordForm = GOOD, **fields: object) -> Logged:
    values: dict[str, object] = {"queue": PHONE, "agent": AgentId("bo"), "started_at": harbour.clock()}
    entry = Entry(form=form, **{**values, **fields})  # type: ignore[arg-type]
    return log_contact.log_contact(harbour.store, harbour.settings, entry, viewer=BO, now=harbour.clock())


def told(harbour: Harbour, place: str, kind: type[Message]) -> list[Message]:
    harbour.drain(6)
    return [m for m in harbour.slack.in_place(place) if isinstance(m, kind)]


def kinds(harbour: Harbour, ref: str = REF) -> list[str]:
    with harbour.store.read() as uow:
        return [e.kind.value for e in uow.contacts.events([ContactRef(ref)])[ContactRef(ref)]]
