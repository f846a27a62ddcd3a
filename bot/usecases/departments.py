"""Departments of app.yaml by what people call them, and where they are told."""

from __future__ import annotations

from bot.core.contacts import Contact
from bot.core.errors import RefusedError
from bot.core.messages import Recipient, RecipientKind
from bot.core.near_names import nearest
from bot.core.record_settings import Department
from bot.core.settings import Settings

__all__ = ["channel_of", "department_of"]


def department_of(settings: Settings, given: str) -> Department:
    """The department of app.yaml that is meant, by key or name.  Raises RefusedError with the list."""
    word = given.strip().casefold()
    for department in settings.departments.values():
        if word in (department.department.casefold(), department.name.casefold()):
            return department
    known = ", ".join(sorted(settings.departments))
    if not known:
        raise RefusedError(
            "no_departments",
            "app.yaml names no departments; nothing was handed over. Add `departments` to it.",
        )
    near = nearest(given, [d.name for d in settings.departments.values()]) or nearest(
        given, settings.departments
    )
    raise RefusedError(
        "department_unknown",
        f"there is no such department; nothing was handed over. There are: {known}.",
        known=known,
        near=near,
    )


def channel_of(settings: Settings, department: Department, contact: Contact) -> Recipient:
    """The department's channel, in the language and zone of the case's team."""
    queue = settings.queues.get(contact.queue)
    team = None if queue is None else queue.team
    return Recipient(kind=RecipientKind.CHANNEL, name=department.channel, team=team)
