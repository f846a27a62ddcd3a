"""The report of an incident as one self-contained HTML page, and its timeline in words (ES10)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from jinja2 import Environment, PackageLoader, select_autoescape

from bot.core.incidents import Entry, worded
from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.usecases.review_incident import IncidentReport

__all__ = ["render_incident", "result_words", "timeline"]


def render_incident(
    report: IncidentReport, *, names: Mapping[str, str], locale: str, zone: str, made_at: datetime
) -> str:
    """The page in the reader's language; times in ``zone``.  ``names``: of agents, by id."""
    t = Translator(locale)
    f = Formats(t.locale, zone)
    one = report.incident

    def moment(at: datetime | None) -> str:
        return "–" if at is None else f.moment(at)

    def name(who: str | None) -> str:
        return t.text("incident.html.nobody") if who is None else names.get(who, who)

    facts = [
        ("started", f"{moment(one.started_at)}, {name(one.started_by)}"),
        ("over", moment(one.over_at)),
        ("cause", one.cause or "–"),
        ("until", moment(one.recover_by)),
        ("compensation", one.compensation or "–"),
    ]
    if report.window is not None:
        facts.append(("window", f"{moment(report.window.starts_at)} – {moment(report.window.ends_at)}"))
    if one.backlog_total is not None:
        facts.append(("backlog", f"{one.backlog_left or 0} / {one.backlog_total}"))
    if report.result is not None:
        facts.append(("result", result_words(report, t, f)))
    review = one.review
    environment = Environment(
        loader=PackageLoader("bot.reports", "templates"),
        autoescape=select_autoescape(default=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("incident.html.j2").render(
        t=t,
        language=t.locale,
        title=f"#{one.incident} {worded(one.titles, t.locale)}",
        drill=one.drill,
        what=one.what,
        facts=[(t.text(f"incident.html.{key}"), value) for key, value in facts],
        steps=[
            {
                "number": s.number,
                "do": worded(s.texts, t.locale),
                "owner": name(s.owner),
                "due": moment(s.due_at),
                "done": "–" if s.done_at is None else f"{moment(s.done_at)}, {name(s.done_by)}",
                "late": s.due_at is not None and (s.done_at or one.over_at or made_at) > s.due_at,
            }
            for s in one.steps
        ],
        timeline=[timeline(entry, t, f, names) for entry in report.entries],
        promises=report.promises,
        review=[]
        if review is None
        else [
            (t.text(f"incident.html.{key}"), getattr(review, key)) for key in ("cause", "handling", "lesson")
        ],
        items=[
            {
                "number": i.item,
                "what": i.what,
                "owner": name(i.owner),
                "due": moment(i.due_at),
                "state": t.text(f"incident.html.item_{i.state.value}"),
            }
            for i in report.items
        ],
        made_at=f.moment(made_at),
    )


def timeline(entry: Entry, t: Translator, f: Formats, names: Mapping[str, str]) -> str:
    """One line of what happened."""
    who = t.text("incident.muster") if entry.by == "muster" else names.get(entry.by, entry.by)
    return t.text(
        f"incident.entry.{entry.kind}",
        at=f.moment(entry.at),
        person=who,
        number=entry.number or 0,
        words=entry.words,
    ).strip()


def result_words(report: IncidentReport, t: Translator, f: Formats) -> str:
    """What a drill showed."""
    result = report.result
    if result is None:
        return ""
    first = t.text("incident.no_action")
    if result.first_action is not None:
        first = t.text("incident.first_action", after=f.duration(result.first_action))
    return t.text(
        "incident.html.drill",
        in_time=result.in_time,
        steps=result.steps,
        done=result.done,
        handled=result.handled_in_time,
        cases=result.cases,
        first=first,
    )
