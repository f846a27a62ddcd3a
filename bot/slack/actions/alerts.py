"""The Acknowledge button: one person wins, the others learn who was first."""

from __future__ import annotations

from datetime import datetime

from bot.core.alerts import AlertState
from bot.core.errors import RefusedError
from bot.core.ids import AlertId
from bot.core.permissions import Action
from bot.core.privacy import mask_text
from bot.slack.blocks.kit import Content, message, section
from bot.slack.commands.command import Asked
from bot.usecases import answer_alert

__all__ = ["acknowledge", "alert_number", "pressed"]

_DIGITS = 15


def pressed(asked: Asked) -> Content | None:
    """The button was pressed; its value is the alert's number."""
    return acknowledge(asked, alert_number(asked.argument))


def alert_number(given: str) -> AlertId:
    """The number typed after `/muster take` or carried by a button.  Raises RefusedError where it is none."""
    number = given.strip().lstrip("#")
    if not number.isascii() or not number.isdigit() or len(number) > _DIGITS:
        raise RefusedError(
            "alert_number",
            "that is no number of an alert; nothing was changed. Write /muster take 17",
            given=mask_text(given) or "?",
        )
    return AlertId(int(number))


def acknowledge(asked: Asked, alert: AlertId) -> Content | None:
    """Take the alert.  None for the winner, whose answer is the edited post."""
    with asked.desk.store.read() as uow:
        held = uow.alerts.get(alert)
    asked.need(Action.ALERT_TAKE, team=None if held is None else held.team)
    result = answer_alert.acknowledge(
        asked.desk.store, asked.desk.settings, alert, actor=asked.person.actor, now=asked.now
    )
    asked.desk.nudge()
    if result.won:
        return None
    if result.state is AlertState.RESOLVED and not result.taken_by:
        return message([section(asked.t.text("alert.already_over"))])
    key = "alert.over_since" if result.state is AlertState.RESOLVED else "alert.already_taken"
    person = asked.desk.names(result.taken_by)
    return message([section(asked.t.text(key, person=person, at=_at(asked, result.taken_at)))])


def _at(asked: Asked, at: datetime) -> str:
    """To the second on the same day, else with the day."""
    today = asked.f.local_day(at) == asked.f.local_day(asked.now)
    return asked.f.time(at, seconds=True) if today else asked.f.moment(at)
