"""The buttons of an alert, and the same as commands: take, snooze, undo, give, why."""

from __future__ import annotations

from datetime import datetime

from bot.core.alerts import AlertState
from bot.core.errors import RefusedError
from bot.core.ids import AgentId, AlertId, StormId
from bot.core.messages import Recipient, RecipientKind
from bot.core.people import Role
from bot.core.permissions import Action
from bot.core.privacy import mask_text
from bot.slack.blocks.alerts import level_name
from bot.slack.blocks.kit import Content, escape, message, section
from bot.slack.commands.command import Asked, allows
from bot.slack.commands.named import user_alone
from bot.usecases import answer_alert, watch_storms
from bot.usecases.answer_alert import AckResult
from bot.usecases.explain_alert import Coming, Why, explain

__all__ = [
    "acknowledge",
    "alert_number",
    "give",
    "given",
    "pressed",
    "snooze",
    "snoozed",
    "storm_pressed",
    "take",
    "take_back",
    "undone",
    "who_was_meant",
    "why",
    "why_pressed",
]

_DIGITS = 15


def pressed(asked: Asked) -> Content | None:
    """The button was pressed; its value is the alert's number."""
    return acknowledge(asked, alert_number(asked.argument))


def snoozed(asked: Asked) -> Content | None:
    """Snooze was pressed."""
    return snooze(asked, alert_number(asked.argument))


def undone(asked: Asked) -> Content | None:
    """Undo was pressed; the answer is the edited post."""
    take_back(asked, alert_number(asked.argument))
    return None


def why_pressed(asked: Asked) -> Content:
    """ "Why me?" was pressed."""
    return why(asked, alert_number(asked.argument))


def given(asked: Asked) -> Content | None:
    """Give was pressed; its value is number:agent."""
    number, _, agent = asked.argument.partition(":")
    return give(asked, alert_number(number), AgentId(agent))


def alert_number(given: str, usage: str = "/muster take 17") -> AlertId:
    """The number typed after a command, written as in ``usage``, or carried by a button.

    Raises RefusedError where it is missing or no number.
    """
    number = given.strip().lstrip("#")
    if not number:
        raise RefusedError(
            "alert_needed", f"say which alert; nothing was changed. Write for example {usage}", usage=usage
        )
    if not number.isascii() or not number.isdigit() or len(number) > _DIGITS:
        raise RefusedError(
            "alert_number",
            f"that is no number of an alert; nothing was changed. Write {usage}",
            given=mask_text(given) or "?",
            usage=usage,
        )
    return AlertId(int(number))


def acknowledge(asked: Asked, alert: AlertId) -> Content | None:
    """Take the alert.  None for the winner, whose answer is the edited post."""
    _may(asked, alert, Action.ALERT_TAKE)
    result = answer_alert.acknowledge(
        asked.desk.store, asked.desk.settings, alert, actor=asked.person.actor, now=asked.now
    )
    asked.desk.nudge()
    return None if result.won else _had_it(asked, result)


def storm_pressed(asked: Asked) -> Content | None:
    """Acknowledge was pressed on a storm; its value is the storm's number."""
    return take_storm(asked, StormId(alert_number(asked.argument)))


def take(asked: Asked, given: str) -> Content | None:
    """Take an alert by its number, or a storm by S and its number.  As ``acknowledge`` otherwise."""
    name = given.strip().lstrip("#")
    if name[:1] in ("S", "s"):
        return take_storm(asked, StormId(alert_number(name[1:])))
    return acknowledge(asked, alert_number(given))


def take_storm(asked: Asked, storm: StormId) -> Content | None:
    """Take a storm with all its members.  None for the winner, whose answer is the edited post."""
    with asked.desk.store.read() as uow:
        held = uow.storms.get(storm)
    asked.need(Action.ALERT_TAKE, team=None if held is None else held.team)
    result = watch_storms.acknowledge(
        asked.desk.store, asked.desk.settings, storm, actor=asked.person.actor, now=asked.now
    )
    asked.desk.nudge()
    return None if result.won else _had_it(asked, result)


def snooze(asked: Asked, alert: AlertId) -> Content | None:
    """Put the alert off.  None for who did: the answer is the edited post."""
    _may(asked, alert, Action.ALERT_TAKE)
    result = answer_alert.snooze(
        asked.desk.store, asked.desk.settings, alert, actor=asked.person.actor, now=asked.now
    )
    asked.desk.nudge()
    return None if result.won else _had_it(asked, result)


def take_back(asked: Asked, alert: AlertId) -> None:
    """Undo a take or a snooze.  Raises RefusedError where it cannot be undone."""
    _may(asked, alert, Action.ALERT_TAKE)
    answer_alert.undo(
        asked.desk.store,
        asked.desk.settings,
        alert,
        actor=asked.person.actor,
        lead=allows(asked.person.role, Role.LEAD),
        now=asked.now,
    )
    asked.desk.nudge()


def give(asked: Asked, alert: AlertId, to: AgentId) -> Content | None:
    """Give the case to a colleague.  None where that was done: the answer is the edited post."""
    _may(asked, alert, Action.ALERT_GIVE)
    result = answer_alert.give(
        asked.desk.store, asked.desk.settings, alert, to=to, actor=asked.person.actor, now=asked.now
    )
    asked.desk.nudge()
    return None if result.won else _had_it(asked, result)


def who_was_meant(asked: Asked, given: str) -> AgentId:
    """The agent of a mention or an id.  Raises RefusedError where it is nobody."""
    user = user_alone(given)
    with asked.desk.store.read() as uow:
        agent = uow.people.get(AgentId(given)) if user is None else uow.people.by_slack_user(user)
    if agent is None and user is None and given.startswith(("@", "＠")):
        raise RefusedError(
            "give_pick",
            "that is plain text and names nobody; nothing was changed. "
            "Type @ and pick the person from Slack's list: /muster pass 17 @name",
            given=mask_text(given) or "?",
        )
    if agent is None:
        raise RefusedError(
            "give_usage",
            "that names no alert and colleague; nothing was changed. Write /muster pass 17 @name",
            given=mask_text(given) or "?",
        )
    return agent.agent


def why(asked: Asked, alert: AlertId) -> Content:
    """Why this person got the alert, and what comes next, when and to whom."""
    _may(asked, alert, Action.ALERT_TAKE)
    found = explain(
        asked.desk.store,
        asked.desk.settings,
        alert,
        actor=asked.person.actor,
        email=asked.person.email,
        now=asked.now,
    )
    voice, t = asked.voice, asked.t
    title = t.text("alert.why_title", ref=voice.ref(found.alert.ref), queue=voice.queue(found.alert.queue))
    if found.level is None or found.told_at is None:
        reason = t.text("alert.why_channel")
    else:
        at = voice.moment(found.told_at)
        reason = t.text("alert.why_told", at=at, level=level_name(found.level, voice))
    return message([section(title), section("\n".join([reason, *_what_comes(asked, found)]))])


def _what_comes(asked: Asked, found: Why) -> list[str]:
    t, alert = asked.t, found.alert
    by = "" if alert.answered_by is None else asked.desk.names(alert.answered_by)
    if alert.state is AlertState.RESOLVED:
        return [t.text("alert.why_over")]
    if alert.state is AlertState.ACKNOWLEDGED and alert.answered_at is not None:
        return [t.text("alert.why_taken", person=by, at=_at(asked, alert.answered_at))]
    rows = []
    if alert.state is AlertState.SNOOZED and alert.snoozed_until is not None:
        rows.append(t.text("alert.why_snoozed", person=by, at=_at(asked, alert.snoozed_until)))
    coming = [_coming_line(asked, step) for step in found.coming]
    if found.repeats_at is not None:
        coming.append(t.text("alert.why_repeat", at=asked.voice.moment(found.repeats_at)))
    if not coming:
        return [*rows, t.text("alert.why_last")]
    return [*rows, t.text("alert.why_unless"), *(f"• {line}" for line in coming)]


def _coming_line(asked: Asked, step: Coming) -> str:
    voice = asked.voice
    people = voice.f.join([_shown(asked, r) for r in step.recipients])
    return asked.t.text(
        "alert.why_next",
        at=voice.moment(step.at),
        level=level_name(step.level, voice),
        people=people or asked.t.text("alert.why_nobody"),
    )


def _shown(asked: Asked, recipient: Recipient) -> str:
    if recipient.kind is RecipientKind.CHANNEL:
        return f"#{escape(recipient.name)}"
    if recipient.kind is RecipientKind.AGENT:
        return asked.desk.names(recipient.name)
    return escape(recipient.name)


def _may(asked: Asked, alert: AlertId, action: Action) -> None:
    with asked.desk.store.read() as uow:
        held = uow.alerts.get(alert)
    asked.need(action, team=None if held is None else held.team)


def _had_it(asked: Asked, result: AckResult) -> Content:
    """Somebody else was first: who, and since when."""
    if result.state is AlertState.RESOLVED and not result.taken_by:
        return message([section(asked.t.text("alert.already_over"))])
    key = "alert.over_since" if result.state is AlertState.RESOLVED else "alert.already_taken"
    person = asked.desk.names(result.taken_by)
    return message([section(asked.t.text(key, person=person, at=_at(asked, result.taken_at)))])


def _at(asked: Asked, at: datetime) -> str:
    """To the second on the same day, else with the day."""
    today = asked.f.local_day(at) == asked.f.local_day(asked.now)
    return asked.f.time(at, seconds=True) if today else asked.f.moment(at)
