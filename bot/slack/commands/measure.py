"""/muster measure: actions that are to move a figure, what they did, and how they end (SR11, SR12, CA11)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from bot.core.errors import RefusedError
from bot.core.ids import ActionItemId
from bot.core.improvements import Improvement, MeasureEffect
from bot.core.item_messages import ItemLine
from bot.core.kpis.catalogue import KPIS, Kpi, Unit, named
from bot.core.measure_words import MeasureWords, read_words
from bot.core.permissions import Action
from bot.slack.blocks import items
from bot.slack.blocks import measures as look
from bot.slack.blocks.form import Form, as_text, choice, text_field
from bot.slack.blocks.kit import Content, context, message, section
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.sla import team_of
from bot.usecases import assign_items, measures
from forecasting.grid import local_midnight

__all__ = ["CALLBACK", "DROPPED", "MEASURE", "drop", "dropped", "keep", "measure", "submitted"]

CALLBACK: Final = "measure.form"
DROPPED: Final = "measure.dropped"
_UNITS: Final = {Unit.SHARE: "share", Unit.SECONDS: "seconds"}
_KEEP: Final = frozenset({"permanent", "keep", "done", "固化", "长期"})
_DROP: Final = frozenset({"drop", "cancel", "取消", "放弃"})


def measure(asked: Asked) -> Content | Form:
    """The list; ``NUMBER`` a form; ``NUMBER KPI [GOAL] [WINDOW] [from DAY]``; ``permanent``, ``drop WHY``."""
    word, _, rest = asked.argument.strip().partition(" ")
    if not word:
        return _listed(asked)
    number = _number(word)
    doing, _, more = rest.strip().partition(" ")
    if not doing:
        return _form(asked, number)
    if doing.casefold() in _KEEP:
        return _kept(asked, number)
    if doing.casefold() in _DROP:
        return _dropped(asked, number, more)
    return _begun(asked, number, _kpi(asked, doing), more)


def keep(asked: Asked) -> Content:
    """Made permanent was pressed."""
    return _kept(asked, _number(asked.argument))


def drop(asked: Asked) -> Form:
    """Dropped was pressed: a reason belongs to it."""
    number = _number(asked.argument)
    _need(asked, number)
    t = asked.t
    return Form(
        callback=DROPPED,
        title=t.text("measure.form.drop"),
        submit=t.text("measure.button.drop"),
        close=t.text("form.close"),
        blocks=[text_field("because", t.text("measure.form.because"), optional=False, longest=140)],
        metadata=json.dumps({"item": number}),
    )


def submitted(asked: Asked) -> Content:
    """What stands in the form of a new measure."""
    number = ActionItemId(json.loads(asked.metadata or "{}").get("item", 0))
    return _begun(asked, number, as_text(asked.fields.get("kpi")), as_text(asked.fields.get("goal")))


def dropped(asked: Asked) -> Content:
    number = ActionItemId(json.loads(asked.metadata or "{}").get("item", 0))
    return _dropped(asked, number, as_text(asked.fields.get("because")))


def _listed(asked: Asked) -> Content:
    team = team_of(asked)
    asked.need(Action.TEAM_FIGURES, team=team)
    with asked.desk.store.read() as uow:
        found = measures.measures_of(uow, asked.desk.settings, team, asked.now)
    hint = context(asked.t.text("measure.hint"), asked.t.text("measure.how_judged"))
    if not found:
        return message([section(asked.t.text("measure.none")), hint])
    head = section(f"*{asked.t.plural('measure.list', len(found))}*")
    shown = look.sections(found, asked.voice)
    return message([head, *shown, hint], shortened=asked.t.text("message.shortened"))


def _form(asked: Asked, number: ActionItemId) -> Form:
    item = assign_items.noted(asked.desk.store, number)
    asked.need(Action.MEASURE_KEEP, team=item.team)
    t = asked.t
    options: Sequence[tuple[str, str]] = [
        (kpi.value, t.text(f"kpi.name.{kpi.value}")) for kpi in measures.MEASURABLE
    ]
    hint = t.text("measure.form.goal_hint", days=asked.desk.settings.reviews.measure_window.days)
    return Form(
        callback=CALLBACK,
        title=t.text("measure.form.title"),
        submit=t.text("measure.form.begin"),
        close=t.text("form.close"),
        blocks=[
            section(items.line(ItemLine.of(item), asked.voice)),
            choice("kpi", t.text("measure.form.kpi"), options, optional=False),
            text_field("goal", t.text("measure.form.goal"), hint=hint, longest=80),
        ],
        metadata=json.dumps({"item": number}),
    )


def _begun(asked: Asked, number: ActionItemId, kpi: str, words: str) -> Content:
    item = assign_items.noted(asked.desk.store, number)
    asked.need(Action.MEASURE_KEEP, team=item.team)
    settings = asked.desk.settings
    zone = settings.teams[item.team].zone
    read = MeasureWords()
    if kpi in {known.value for known in measures.MEASURABLE}:
        unit = _UNITS.get(KPIS[Kpi(kpi)].unit, "number")
        read = read_words(words, unit, asked.f.local_day(asked.now))
    begun = measures.begin(
        asked.desk.store,
        settings,
        number,
        kpi=kpi,
        goal=read.goal,
        window=read.window,
        since=None if read.since is None else local_midnight(read.since, zone),
        by=asked.person.actor,
        now=asked.now,
    )
    return message([section(_begun_line(asked, begun))])


def _begun_line(asked: Asked, begun: Improvement) -> str:
    f = asked.f
    said = asked.t.text(
        "measure.begun",
        number=begun.item,
        kpi=asked.t.text(f"kpi.name.{begun.kpi}"),
        since=f.day(f.local_day(begun.since)),
        days=begun.window.days,
    )
    if begun.goal is not None:
        said += " " + asked.t.text("measure.goal.open", goal=look.value(begun.kpi, begun.goal, asked.voice))
    return said


def _kept(asked: Asked, number: ActionItemId) -> Content:
    _need(asked, number)
    found = measures.keep(asked.desk.store, asked.desk.settings, number, by=asked.person.actor, now=asked.now)
    return _ended(asked, found)


def _dropped(asked: Asked, number: ActionItemId, because: str) -> Content:
    _need(asked, number)
    found = measures.drop(
        asked.desk.store,
        asked.desk.settings,
        number,
        because=because,
        by=asked.person.actor,
        now=asked.now,
    )
    return _ended(asked, found)


def _ended(asked: Asked, found: MeasureEffect) -> Content:
    return message([section("\n".join(look.lines(found, asked.voice)))])


def _need(asked: Asked, number: ActionItemId) -> None:
    with asked.desk.store.read() as uow:
        asked.need(Action.MEASURE_KEEP, team=measures.held(uow, number).team)


def _number(word: str) -> ActionItemId:
    number = word.lstrip("#")
    if not (number.isascii() and number.isdigit()) or len(number) > 15:
        raise RefusedError(
            "measure_usage",
            "write the number of an action, /muster measure 3 first_response_mean 8m; nothing was changed.",
        )
    return ActionItemId(int(number))


def _kpi(asked: Asked, word: str) -> str:
    """A figure by its name, as the reader's language calls it, or by a beginning that only one has."""
    wanted = word.casefold()
    for kpi in measures.MEASURABLE:
        if wanted == asked.t.text(f"kpi.name.{kpi.value}").casefold():
            return str(kpi.value)
    found = named(word)
    return str(found[0].value) if len(found) == 1 else wanted.replace("-", "_")


MEASURE = Subcommand(
    name="measure",
    answer=measure,
    aliases=("measures", "措施", "改进措施"),
    usage="",
    lead_usage="[NUMBER KPI GOAL 28d | NUMBER permanent | NUMBER drop WHY]",
    action=Action.TEAM_FIGURES,
    group="figures",
)
"""Subcommand of /muster."""
