"""/muster test alert: a TEST card to the alert channel, and its button (K6)."""

from __future__ import annotations

from bot.core.errors import RefusedError
from bot.core.permissions import Action
from bot.slack.blocks.kit import Content, code, context, escape, message, section
from bot.slack.commands.command import Asked, Subcommand
from bot.usecases import try_alert

__all__ = ["TEST", "pressed"]

_ALERT = frozenset({"alert", "alerts", "告警"})


def test(asked: Asked) -> Content:
    """To the alert channel of one's own team; of every team for who is in none."""
    if asked.argument.strip().casefold() not in _ALERT:
        raise RefusedError(
            "trial_what", "Only alerts can be tried; nothing was sent. Write /muster test alert."
        )
    settings = asked.desk.settings
    agent = asked.person.agent
    teams = [agent.team] if agent is not None and agent.team in settings.teams else list(settings.teams)
    for team in teams:
        asked.need(Action.ALERT_GIVE, team=team)
    channels = [
        try_alert.send(asked.desk.store, settings, team, by=asked.person.actor, now=asked.now)
        for team in teams
    ]
    asked.desk.nudge()
    names = asked.f.join([f"#{escape(name)}" for name in dict.fromkeys(channels)])
    return message(
        [
            section(asked.t.text("trial.sent", channels=names)),
            context(asked.t.text("trial.not_there", command=code("muster slack check"))),
        ]
    )


def pressed(asked: Asked) -> None:
    """The answer is the edited card."""
    try_alert.press(
        asked.desk.store,
        asked.argument,
        by=asked.person.actor,
        pressed_at=asked.pressed_at,
        now=asked.now,
    )
    asked.desk.nudge()


TEST = Subcommand(
    name="test",
    answer=test,
    aliases=("try", "测试", "试发"),
    usage="alert",
    group="alerts",
    action=Action.ALERT_GIVE,
)
"""Subcommand of /muster."""
