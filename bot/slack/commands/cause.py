"""/muster cause: why promises were broken (SR10)."""

from __future__ import annotations

from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.errors import RefusedError
from bot.core.ids import AgentId, ContactRef, TeamId
from bot.core.permissions import Action, permits
from bot.i18n.catalog import Translator
from bot.slack.blocks import causes as look
from bot.slack.blocks.kit import Content, actions, code, context, message, section
from bot.slack.commands.command import Asked, Subcommand
from bot.slack.commands.sla import team_of
from bot.usecases import name_causes

__all__ = ["CAUSE", "cause", "choose", "listing", "take_proposed"]

_LANGUAGES: Final = ("en", "zh-Hans")


def cause(asked: Asked) -> Content:
    """The misses without a cause; ``CASE`` those of one case; ``CASE CODE [NOTE]`` says why."""
    named, _, rest = asked.argument.strip().partition(" ")
    if not named:
        return listing(asked)
    ref = ContactRef(named.strip("`"))
    _own_or_lead(asked, ref)
    word, _, note = rest.strip().partition(" ")
    if not word:
        return _of_case(asked, ref)
    return _named(asked, ref, _code(asked, word), note.strip().strip('"“”「」'))


def choose(asked: Asked) -> Content:
    """A menu was used; its value is ``cause:case``."""
    word, _, named = asked.argument.partition(":")
    ref = ContactRef(named)
    _own_or_lead(asked, ref)
    return _named(asked, ref, word, "")


def listing(asked: Asked) -> Content:
    """What of the last week has no cause: leads see the team's, everybody else the cases they handle."""
    team = team_of(asked)
    asked.need(Action.CAUSE_OWN, team=team)
    leads = permits(Action.CAUSE_NAME, asked.person.rights, team=team)
    start = asked.now - name_causes.LOOK_BACK
    with asked.desk.store.read() as uow:
        found = name_causes.unnamed(
            uow,
            asked.desk.settings,
            team,
            start,
            asked.now,
            owner=None if leads else AgentId(asked.person.actor),
        )
    hint = context(asked.t.text("cause.hint", causes=_known(asked)))
    if not found.total:
        return message([section(asked.t.text("cause.none" if leads else "cause.none_own")), hint])
    blocks: list[Block] = [section(f"*{asked.t.plural('cause.total', found.total)}*")]
    blocks += look.sections(found.lines, found.total, asked.voice)
    press = look.proposed_button(found.lines, asked.voice) if leads else None
    if press is not None:
        blocks.append(actions("causes", press))
    return message([*blocks, hint], shortened=asked.t.text("message.shortened"))


def take_proposed(asked: Asked) -> Content:
    """The press that takes every proposal of the list at once."""
    team = team_of(asked)
    asked.need(Action.CAUSE_NAME, team=team)
    count = name_causes.name_proposed(
        asked.desk.store,
        asked.desk.settings,
        team,
        start=asked.now - name_causes.LOOK_BACK,
        by=asked.person.actor,
        now=asked.now,
    )
    if not count:
        return message([section(asked.t.text("cause.nothing_proposed"))])
    return message([section(asked.t.plural("cause.taken", count, cause=look.label("staffing", asked.voice)))])


def _of_case(asked: Asked, ref: ContactRef) -> Content:
    with asked.desk.store.read() as uow:
        misses = uow.misses.of_case(ref, asked.now)
        lines = name_causes.listed(uow, asked.desk.settings, misses, asked.now)
    if not misses:
        raise RefusedError("cause_no_miss", f"no promise on {ref} is broken; nothing was changed.", ref=ref)
    said = [
        asked.t.text(
            "cause.stands",
            measure=asked.voice.label("measure", miss.measure.value),
            cause=look.label(miss.named.cause, asked.voice),
            person=asked.voice.person(miss.named.by),
            at=asked.voice.moment(miss.named.at),
        )
        for miss in misses
        if miss.named is not None
    ]
    head = section(f"*{asked.t.text('cause.of_case', ref=asked.voice.ref(ref))}*")
    stands = [section("\n".join(said))] if said else []
    return message([head, *stands, *look.sections(lines, len(lines), asked.voice)])


def _named(asked: Asked, ref: ContactRef, word: str, note: str) -> Content:
    misses = name_causes.name(
        asked.desk.store,
        asked.desk.settings,
        ref,
        word,
        note=note,
        by=asked.person.actor,
        now=asked.now,
    )
    measures = dict.fromkeys(asked.voice.label("measure", miss.measure.value) for miss in misses)
    text = asked.t.text(
        "cause.done",
        ref=asked.voice.ref(ref),
        measures=asked.f.join(list(measures)),
        cause=look.label(word, asked.voice),
    )
    return message([section(text)])


def _own_or_lead(asked: Asked, ref: ContactRef) -> None:
    """Whoever handles the case says why, and leads of its team."""
    asked.need(Action.CAUSE_OWN, ref=ref)
    with asked.desk.store.read() as uow:
        contact = uow.contacts.get(ref)
    if contact is None:
        return  # answered with what is wrong, by whoever looks for it
    if contact.agent != asked.person.actor:
        team: TeamId = asked.desk.settings.queues[contact.queue].team
        asked.need(Action.CAUSE_NAME, team=team)


def _code(asked: Asked, word: str) -> str:
    """A cause by its code, or by its word in either language."""
    wanted = word.casefold()
    for known in asked.desk.settings.reviews.causes:
        words = {known}
        for language in _LANGUAGES:
            t = Translator(language)
            if t.has(f"label.cause.{known}"):
                words.add(t.text(f"label.cause.{known}").casefold())
        if wanted in words:
            return known
    return word


def _known(asked: Asked) -> str:
    return " ".join(code(cause) for cause in asked.desk.settings.reviews.causes)


CAUSE = Subcommand(
    name="cause",
    answer=cause,
    aliases=("causes", "归因", "未达原因"),
    usage="[CASE CAUSE [NOTE]]",
    action=Action.CAUSE_OWN,
    group="cases",
)
"""Subcommand of /muster."""
