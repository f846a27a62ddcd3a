"""The forms of an incident: what is known now, and what was learnt afterwards."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.errors import NotFoundError
from bot.core.ids import IncidentId
from bot.core.incidents import LONGEST, LONGEST_CAUSE, Improvement, Incident
from bot.core.permissions import Action
from bot.slack.blocks import incidents as look
from bot.slack.blocks.form import Form, as_moment, as_text, moment_field, person_field, text_field
from bot.slack.blocks.kit import Content, message, section
from bot.slack.commands.command import Asked
from bot.slack.commands.named import colleague
from bot.usecases import review_incident, run_incident

__all__ = ["REVIEW", "UPDATE", "review_form", "review_sent", "update_fields", "update_form"]

UPDATE: Final = "incident.update"
REVIEW: Final = "incident.review_form"
_IMPROVEMENTS: Final = 3


def update_form(asked: Asked, found: Incident) -> Form:
    """Cause, expected recovery and compensation, with what is known filled in."""
    t = asked.t
    ahead = found.recover_by if found.recover_by is not None and found.recover_by > asked.now else None
    return Form(
        callback=UPDATE,
        title=t.text("incident.form.update"),
        submit=t.text("incident.form.save"),
        close=t.text("form.close"),
        blocks=[
            text_field(
                "cause", t.text("incident.form.cause"), value=found.cause or "", longest=LONGEST_CAUSE
            ),
            moment_field("until", t.text("incident.form.until"), at=ahead),
            text_field(
                "compensation",
                t.text("incident.form.compensation"),
                value=found.compensation or "",
                longest=LONGEST_CAUSE,
            ),
        ],
        metadata=json.dumps({"incident": found.incident}),
    )


def update_fields(asked: Asked) -> tuple[str, str, datetime | None, str]:
    """Incident, cause, time and compensation as they were sent."""
    data = json.loads(asked.metadata or "{}")
    return (
        str(data.get("incident", "")),
        as_text(asked.fields.get("cause")),
        as_moment(asked.fields.get("until")),
        as_text(asked.fields.get("compensation")),
    )


def review_form(asked: Asked, found: Incident) -> Form:
    """Cause, handling, lesson, and what is to be done better, by whom and when (ES10)."""
    t = asked.t
    longest = review_incident.LONGEST_REVIEW
    fields: list[Block] = [
        section(look.heading(found.incident, found.titles, asked.voice, drill=found.drill)),
        text_field(
            "cause",
            t.text("incident.form.review_cause"),
            value=found.cause or "",
            long=True,
            optional=False,
            longest=longest,
        ),
        text_field("handling", t.text("incident.form.handling"), long=True, optional=False, longest=longest),
        text_field("lesson", t.text("incident.form.lesson"), long=True, optional=False, longest=longest),
    ]
    for number in range(1, _IMPROVEMENTS + 1):
        fields += [
            text_field(f"what{number}", t.text("incident.form.what", number=number), longest=LONGEST),
            person_field(f"owner{number}", t.text("incident.form.owner", number=number)),
            moment_field(f"due{number}", t.text("incident.form.due", number=number)),
        ]
    return Form(
        callback=REVIEW,
        title=t.text("incident.form.review"),
        submit=t.text("incident.form.close"),
        close=t.text("form.close"),
        blocks=fields,
        metadata=json.dumps({"incident": found.incident}),
    )


def review_sent(asked: Asked) -> Content:
    """What stands in the form of a review."""
    data = json.loads(asked.metadata or "{}")
    number = IncidentId(int(data.get("incident", 0)))
    found = run_incident.held(asked.desk.store, number)
    asked.need(Action.INCIDENT_RUN, team=found.team)
    improvements = []
    for index in range(1, _IMPROVEMENTS + 1):
        what = as_text(asked.fields.get(f"what{index}"))
        if not what.strip():
            continue
        user = as_text(asked.fields.get(f"owner{index}"))
        owner = colleague(asked, f"<@{user}>") if user else None
        if user and owner is None:
            raise NotFoundError("not_an_agent", "this person is no agent Muster knows; nothing was changed.")
        improvements.append(
            Improvement(
                what=what,
                owner=None if owner is None else owner.agent,
                due_at=as_moment(asked.fields.get(f"due{index}")),
            )
        )
    after = review_incident.close(
        asked.desk.store,
        asked.desk.settings,
        number,
        cause=as_text(asked.fields.get("cause")),
        handling=as_text(asked.fields.get("handling")),
        lesson=as_text(asked.fields.get("lesson")),
        improvements=improvements,
        by=asked.person.actor,
        now=asked.now,
    )
    asked.desk.nudge()
    text = asked.t.plural(
        "incident.closed",
        len(improvements),
        title=look.heading(after.incident, after.titles, asked.voice, drill=after.drill),
    )
    return message([section(text)])
