"""Who asks, as the use cases know it."""

from __future__ import annotations

from bot.slack.commands.command import Asked
from bot.usecases.case_files import Viewer

__all__ = ["viewer_of"]


def viewer_of(asked: Asked) -> Viewer:
    person = asked.person
    return Viewer(actor=person.actor, rights=person.rights, email=person.email)
