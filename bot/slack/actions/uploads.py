"""A CSV file given to the bot in a direct message is imported, as `muster import` does (SCENARIOS P1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.errors import NotAllowedError, RefusedError, UnavailableError
from bot.core.ids import IncidentId
from bot.core.import_report import ImportReport
from bot.core.people import Role
from bot.core.permissions import Action, permits
from bot.core.ports import DeliveryError
from bot.imports.agents import read_agents
from bot.imports.availability import read_availability
from bot.imports.contacts import read_contacts
from bot.imports.events import read_events
from bot.imports.kinds import kind_of
from bot.imports.leave import read_leave
from bot.imports.record_forms import read_records, recognised
from bot.imports.report import report_lines
from bot.imports.roster import read_roster
from bot.imports.skills import read_skills
from bot.imports.surveys import read_surveys
from bot.imports.volumes import read_volumes
from bot.reports.record_form import incident_of
from bot.slack.blocks.kit import Content, code, context, escape, lines, message, section
from bot.slack.commands.command import Asked
from bot.slack.uploads import UploadedFile
from bot.slack.web_api import NOT_GRANTED
from bot.usecases import import_data, run_incident
from bot.usecases.import_records import import_records
from bot.usecases.import_skills import import_skills
from bot.usecases.import_surveys import import_surveys
from bot.usecases.queue_events import import_events
from bot.usecases.review_audit import note_import, take_upload

__all__ = ["given"]

_LINE_CHARACTERS: Final = 500
_SHOWN: Final = 10
_NEXT: Final[Mapping[str, str]] = {
    "volumes": "/roster",
    "contacts": "/roster",
    "agents": "/muster link",
    "availability": "/roster solve",
    "leave": "/roster solve",
    "events": "/roster forecast",
    "roster": "/roster certify",
    "surveys": "/muster kpi csat",
    "skills": "/muster training",
}


def given(asked: Asked) -> Content | None:
    """The argument is the file's id.  None where it was taken already: Slack told of it twice."""
    if not permits(Action.INCIDENT_RUN, asked.person.rights):
        asked.need(Action.ROSTER_PLAN)
    uploads = asked.desk.uploads
    if uploads is None or not take_upload(asked.desk.store, asked.argument, now=asked.now):
        return None
    try:
        file = uploads.fetch(asked.argument)
    except DeliveryError as error:
        if error.code in NOT_GRANTED:
            raise RefusedError(
                "upload_not_granted",
                "this workspace has not granted Muster files:read; nothing was imported.",
                scope="files:read",
            ) from error
        raise UnavailableError(
            "upload_not_fetched",
            f"Slack did not give the file ({error.code}); nothing was imported. Send it again.",
            code=error.code,
        ) from error
    form_of = _form_of_incident(asked, file.name)
    if form_of is None:
        asked.need(Action.ROSTER_PLAN)
    try:
        report = _imported(asked, file, live=form_of is not None)
    except RefusedError as error:
        if error.kind != "column_missing":
            raise
        return _renamed(asked, file, error)
    note_import(asked.desk.store, report, actor=asked.person.actor, now=asked.now)
    rows = [escape(line, _LINE_CHARACTERS) for line in report_lines(report, asked.t, shown=_SHOWN)]
    kind = asked.t.text(f"planner.kind.{report.kind}")
    head = asked.t.text("planner.upload.done", source=escape(file.name), kind=kind)
    if not report.counts.total:
        head = asked.t.text("planner.upload.none", source=escape(file.name), kind=kind)
    notes = [asked.t.text("planner.upload.next", command=code(_NEXT[report.kind]))]
    if len(report.refused) > _SHOWN:
        notes.insert(0, asked.t.text("planner.upload.all"))
    return message(
        [section(head), section(lines(rows)), context(*notes)], shortened=asked.t.text("message.shortened")
    )


def _form_of_incident(asked: Asked, name: str) -> IncidentId | None:
    """The incident on whose form a file was written: its contacts open with their true times (CR17)."""
    number = incident_of(name)
    if number is None:
        return None
    found = run_incident.held(asked.desk.store, IncidentId(number))
    asked.need(Action.INCIDENT_RUN, team=found.team)
    if found.drill:
        raise RefusedError("drill_form", "This is a TEST: its contacts are simulated; nothing was imported.")
    return found.incident


def _imported(asked: Asked, file: UploadedFile, *, live: bool) -> ImportReport:
    store, settings, now, actor = asked.desk.store, asked.desk.settings, asked.now, asked.person.actor
    data, source = file.content, file.name
    form = recognised(data, source=source)
    if form is not None:
        rows, report = read_records(data, form, source=source, settings=settings, now=now)
        return import_records(store, settings, form, rows, report, live=live, by=actor, now=now)
    if live:
        asked.need(Action.ROSTER_PLAN)  # named like a form, but it is none
    kind = kind_of(data, source=source)
    if kind == "agents" and asked.person.role.rank < Role.ADMIN.rank:
        # Its column of roles would let planners make admins of themselves.
        raise NotAllowedError(
            "agents_need_admin",
            "a file of agents gives roles, so only admins import it; nothing was imported.",
            action="import.agents",
        )
    return _readers(asked, data, source)[kind]()


def _readers(asked: Asked, data: bytes, source: str) -> Mapping[str, Callable[[], ImportReport]]:
    store, settings, now, actor = asked.desk.store, asked.desk.settings, asked.now, asked.person.actor

    def volumes() -> ImportReport:
        return import_data.import_volumes(store, *read_volumes(data, source=source, settings=settings))

    def contacts() -> ImportReport:
        rows, report = read_contacts(data, source=source, settings=settings)
        return import_data.import_contacts(store, settings, rows, report)

    def agents() -> ImportReport:
        rows, report = read_agents(data, source=source, settings=settings)
        return import_data.import_agents(store, settings, rows, report)

    def availability() -> ImportReport:
        return import_data.import_availability(store, *read_availability(data, source=source))

    def leave() -> ImportReport:
        return import_data.import_leave(store, *read_leave(data, source=source))

    def roster() -> ImportReport:
        rows, report = read_roster(data, source=source, settings=settings)
        return import_data.import_roster(store, settings, rows, report, now=now)

    def events() -> ImportReport:
        rows, report = read_events(data, source=source, settings=settings, by=actor, now=now)
        return import_events(store, rows, report)

    def surveys() -> ImportReport:
        return import_surveys(store, *read_surveys(data, source=source, settings=settings))

    def skills() -> ImportReport:
        today = now.astimezone(ZoneInfo(settings.zone)).date()
        return import_skills(store, *read_skills(data, source=source, today=today), by=actor, now=now)

    return {
        "volumes": volumes,
        "contacts": contacts,
        "agents": agents,
        "availability": availability,
        "leave": leave,
        "roster": roster,
        "events": events,
        "surveys": surveys,
        "skills": skills,
    }


def _renamed(asked: Asked, file: UploadedFile, error: RefusedError) -> Content:
    """There is no --map in Slack: the header is renamed in the file."""
    said = {name: escape(value, 300) for name, value in error.data.items()}
    text = asked.t.text("planner.upload.column_missing", source=escape(file.name), **said)
    return message([section(text)])
