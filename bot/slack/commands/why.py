"""/muster why: the reasons for a shift or against another (SCENARIOS A7), or for an alert, by its number."""

from __future__ import annotations

from bot.core.errors import RefusedError
from bot.core.people import Agent
from bot.core.permissions import Action
from bot.slack.actions.alerts import alert_number
from bot.slack.actions.alerts import why as why_alert
from bot.slack.blocks import reasons
from bot.slack.blocks.kit import Content, message, section
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.swap import own, own_day
from bot.usecases import ask_reasons
from bot.usecases.ask_reasons import Question

__all__ = ["WHY"]

_OFF = frozenset({"off", "free", "休息", "休"})
_NOT = frozenset({"not", "不", "为什么不"})


def why(asked: Asked) -> Content:
    """``why [DAY]``: this shift; ``why not TEMPLATE|off [DAY]``: why not that; ``why NUMBER``: an alert."""
    if asked.argument.strip().lstrip("#").isdigit():
        asked.need(Action.ALERT_TAKE)
        return why_alert(asked, alert_number(asked.argument, "/muster why 17"))
    agent = own(asked)
    word, _, rest = asked.argument.strip().partition(" ")
    if word.casefold() not in _NOT:
        try:
            day = own_day(asked, agent, asked.argument)
        except RefusedError as error:
            if error.kind != "no_shift_ahead":
                raise
            raise RefusedError(
                "why_usage",
                "You have no published shift ahead; nothing was worked out. Say which alert, if you mean "
                "one: /muster why 17.",
            ) from None
        return _answered(asked, agent, Question(day=day))
    wanted, _, when = rest.strip().partition(" ")
    template = None if wanted.casefold() in _OFF else wanted
    templates = asked.desk.settings.roster.templates
    if template is not None and template not in templates:
        known = ", ".join((*templates, "off"))
        raise RefusedError(
            "why_unknown_shift",
            f"There is no kind of shift of that name; nothing was worked out. There are: {known}.",
            known=known,
        )
    day = own_day(asked, agent, when)
    return _answered(asked, agent, Question(day=day, against=True, template=template))


def _answered(asked: Asked, agent: Agent, question: Question) -> Content:
    """The reasons; or, where they take longer than somebody should wait, that they will be sent."""
    found = ask_reasons.ask(
        asked.desk.store, asked.desk.settings, agent, question, by=asked.person.actor, now=asked.now
    )
    if found is None:
        asked.desk.nudge("reasons")
        return message([section(asked.t.text("why.later"))])
    return message(reasons.blocks(found, asked.voice))


WHY = Subcommand(
    name="why", answer=why, aliases=("为什么", "原因", "为何"), group="shifts", action=Action.OWN_SHIFTS
)
