"""What is handed out about an incident: the notice, the form, the report, the drill's result."""

from __future__ import annotations

from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.errors import RefusedError, UnavailableError
from bot.core.incident_messages import StepLine
from bot.core.incidents import DrillResult, Entry, Incident, filled_notice
from bot.core.ports import DeliveryError
from bot.i18n.formats import Formats
from bot.reports.record_form import LANGUAGES, form_name, record_form
from bot.slack.blocks import incidents as look
from bot.slack.blocks import snippets
from bot.slack.blocks.kit import Content, actions, button, code, context, escape, lines, message, section
from bot.slack.blocks.promises import warnings
from bot.slack.blocks.voice import Voice
from bot.slack.commands.command import Asked
from bot.slack.pictures import SCOPE, Picture
from bot.slack.web_api import NOT_GRANTED
from bot.usecases.review_incident import IncidentReport

__all__ = ["drill_line", "form", "notice", "notice_texts", "report", "updated"]

_SHOWN: Final = 25


def notice_texts(asked: Asked, found: Incident) -> list[tuple[str, str]]:
    """(language, words for customers) with what is known, times on the team's wall."""
    team = asked.desk.settings.teams[found.team]
    texts = []
    for one in found.notices:
        f = Formats(one.locale, team.zone)
        until = "" if found.recover_by is None else f.moment(found.recover_by, reference=asked.now)
        words = filled_notice(
            one.text, cause=found.cause or "", until=until, compensation=found.compensation or ""
        )
        texts.append((one.locale, words))
    return texts


def notice(asked: Asked, found: Incident) -> Content:
    """To copy, in every language there is; what it promises too much is said (CP10)."""
    texts = notice_texts(asked, found)
    if not texts:
        raise RefusedError(
            "no_incident_notice", "This runbook has no notice for customers; nothing was shown."
        )
    t = asked.t
    blocks: list[Block] = [
        section(
            t.text(
                "incident.notice_head",
                title=look.heading(found.incident, found.titles, asked.voice, drill=found.drill),
            )
        )
    ]
    for _, words in texts:
        blocks.append(snippets.words(words))
        blocks += [section(said) for said in warnings(words, asked.voice)]
    missing = [name for name in ("cause", "recover_by") if getattr(found, name) is None]
    if missing:
        known = asked.f.join([t.text(f"incident.missing.{name}") for name in missing])
        blocks.append(context(t.text("incident.notice_missing", missing=known)))
    press = button(
        t.text("incident.button.given"), action=look.GIVEN, value=str(found.incident), style="primary"
    )
    blocks.append(actions("incident-notice", press))
    return message(blocks, shortened=t.text("message.shortened"))


def updated(asked: Asked, found: Incident) -> Content:
    """What was told, and what of it promises too much."""
    said = [
        *warnings(found.cause or "", asked.voice),
        *warnings(found.compensation or "", asked.voice),
    ]
    press = button(asked.t.text("incident.button.notice"), action=look.NOTICE, value=str(found.incident))
    text = asked.t.text(
        "incident.updated",
        title=look.heading(found.incident, found.titles, asked.voice, drill=found.drill),
    )
    return message([section(text), *(section(one) for one in said), actions("incident-updated", press)])


def form(asked: Asked, found: Incident) -> Content:
    """CSV files with the headings in both languages, in the direct conversation with whoever asks."""
    t, pictures = asked.t, asked.desk.pictures
    if found.drill:
        raise RefusedError("drill_form", "This is a TEST: its contacts are simulated; nothing was sent.")

    def failed(error: str) -> str:
        key = "not_granted" if error in NOT_GRANTED else "not_taken"
        return t.text(f"planner.picture.{key}", code=code(error), scope=code(SCOPE))

    def draw() -> list[Picture]:
        name = t.text("incident.form_title", number=found.incident)
        return [
            Picture(name=form_name(found.incident, lang), title=name, alt=name, png=record_form(lang))
            for lang in LANGUAGES
        ]

    if pictures is None:
        raise UnavailableError(
            "no_form_here", "There is no Slack to send a file through. Try: muster incident form"
        )
    try:
        place = pictures.place(asked.person.user)
    except DeliveryError as error:
        return message([section(failed(error.code))])
    comment = t.text("incident.form_comment", name=code(form_name(found.incident, "en")))
    pictures.later(place, draw, comment=comment, failed=failed)
    return message([section(t.text("incident.form_follows")), context(comment)])


def report(asked: Asked, found: IncidentReport) -> Content:
    """How it stands, what happened in order, how promises were kept, and what was learnt."""
    t, voice, one = asked.t, asked.voice, found.incident
    head = t.text(
        f"incident.card.{one.state.value}",
        title=look.heading(one.incident, one.titles, voice, drill=one.drill),
    )
    if one.what:
        head += f"\n{escape(one.what, 140)}"
    blocks: list[Block] = [section(head)]
    blocks.append(section(lines([look.step_line(StepLine.of(step), voice) for step in one.steps])))
    rows = [entry_line(entry, voice) for entry in found.entries[-_SHOWN:]]
    blocks.append(section(lines([t.text("incident.timeline"), *rows])))
    if found.promises:
        kept, broken = sum(p.kept for p in found.promises), sum(p.broken for p in found.promises)
        excused = sum(p.excused for p in found.promises)
        blocks.append(section(t.text("incident.promises", kept=kept, broken=broken, apart=excused)))
    if found.result is not None:
        blocks.append(section(drill_line(one, found.result, voice)))
    if one.review is not None:
        for name in ("cause", "handling", "lesson"):
            words = escape(getattr(one.review, name), 1_000)
            blocks.append(section(t.text(f"incident.review.{name}", words=words)))
        items = [t.text("item.what", number=i.item, what=escape(i.what, 140)) for i in found.items]
        if items:
            blocks.append(section(lines([t.text("incident.review.items"), *items])))
    return message(blocks, shortened=t.text("message.shortened"))


def entry_line(entry: Entry, voice: Voice) -> str:
    """``10:05 bo has taken step 2``."""
    return voice.t.text(
        f"incident.entry.{entry.kind}",
        at=voice.moment(entry.at),
        person=look.who(entry.by, voice),
        number=entry.number or 0,
        words=escape(entry.words, 300),
    )


def drill_line(one: Incident, result: DrillResult, voice: Voice) -> str:
    """What a drill showed, in one line."""
    t = voice.t
    first = (
        t.text("incident.no_action")
        if result.first_action is None
        else t.text("incident.first_action", after=voice.length(result.first_action))
    )
    return t.text(
        "incident.drill_result",
        title=look.heading(one.incident, one.titles, voice, drill=True),
        at=voice.f.moment(one.started_at),
        in_time=result.in_time,
        done=result.done,
        steps=result.steps,
        handled=result.handled_in_time,
        cases=result.cases,
        first=first,
    )
