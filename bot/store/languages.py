"""Which language somebody wants to be spoken to in, whatever Slack says."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.store.bulk import upsert
from bot.store.tables import LanguageChoiceRow

__all__ = ["LanguageChoices"]


class LanguageChoices:
    """Choices by person: an agent's id, or the Slack user id of who is no agent."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, person: str, locale: str, *, now: datetime) -> None:
        """Speak to a person in this language from now on."""
        row = {"person": person, "locale": locale, "made_at": now}
        upsert(self._session, LanguageChoiceRow, [row], keys=("person",))

    def end(self, person: str) -> bool:
        """Let Slack decide again; False where it did."""
        done = self._session.execute(
            delete(LanguageChoiceRow)
            .where(LanguageChoiceRow.person == person)
            .returning(LanguageChoiceRow.person)
        )
        return len(done.all()) == 1

    def of(self, *persons: str | None) -> str | None:
        """What the first of these who chose has chosen: somebody under several ids (None: not known)."""
        rows = self._session.execute(
            select(LanguageChoiceRow.person, LanguageChoiceRow.locale).where(
                LanguageChoiceRow.person.in_([person for person in persons if person is not None])
            )
        )
        found = {row.person: row.locale for row in rows}
        return next((found[person] for person in persons if person in found), None)
