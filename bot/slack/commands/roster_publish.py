"""`/roster certify`, `diff` and `publish`: from a draft to shifts people rely on (SCENARIOS P5 to P7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.errors import NotFoundError, RefusedError
from bot.core.ids import RosterId, RunId
from bot.core.messages import Recipient, RecipientKind
from bot.core.permissions import Action
from bot.core.rosters import RosterStatus, RosterVersion
from bot.core.weeks import iso_week, parse_week
from bot.slack.blocks import errors
from bot.slack.blocks.certificates import ACCEPT, PUBLISH, week_of
from bot.slack.blocks.form import Form, as_text, text_field
from bot.slack.blocks.kit import Content, actions, button, code, context, escape, lines, message, section
from bot.slack.blocks.rosters import change_line
from bot.slack.commands.command import Asked, Subcommand
from bot.usecases import ask_certificate, follow_publication, publish_roster
from bot.usecases.compare_rosters import Comparison, compare
from bot.usecases.plan_changes import shift_changes
from bot.usecases.publish_roster import Published
from scheduler.roster.diff import AgentChanges

__all__ = [
    "CALLBACK",
    "PUBLISH_COMMANDS",
    "accept",
    "accepted",
    "address",
    "certify",
    "diff",
    "meant",
    "publish",
    "retry",
]

CALLBACK: Final = "roster.accept"
_REASON: Final = "reason"
_REASON_CHARACTERS: Final = 300
_PEOPLE: Final = 15
_CHANGES: Final = 4
_NEEDS_REASON: Final = frozenset({"below_certificate", "not_certified", "breaks_rules", "breaks_labour"})
"""Refusals that a planner may overrule with a reason."""


def certify(asked: Asked) -> Content:
    """Ask for a certificate; it is followed in one message."""
    asked.need(Action.ROSTER_PLAN)
    version = meant(asked, prefer=RosterStatus.DRAFT)
    ask_certificate.request(
        asked.desk.store,
        asked.desk.settings,
        version.roster_id,
        by=asked.person.actor,
        now=asked.now,
        tell=address(asked),
    )
    asked.desk.nudge("runs")
    paths = asked.desk.settings.roster.publish.paths
    return message([section(asked.t.text("planner.certify.asked", roster=version.roster_id, paths=paths))])


def diff(asked: Asked) -> Content:
    """What publishing the draft would change, for whom; nothing is written."""
    asked.need(Action.ROSTER_PLAN)
    version = meant(asked, prefer=RosterStatus.DRAFT)
    found = compare(asked.desk.store, asked.desk.settings, version.roster_id, now=asked.now)
    blocks: list[Block] = [section(_difference(asked, found)), section(lines(_figures(asked, found)))]
    if found.live is not None and found.changes:
        rows = [row for change in found.changes[:_PEOPLE] for row in _person(asked, found, change)]
        if len(found.changes) > _PEOPLE:
            rows.append(asked.t.plural("planner.diff.more", len(found.changes) - _PEOPLE))
        blocks.append(section(lines(rows)))
    if found.draft.version.status is RosterStatus.DRAFT:
        press = button(
            asked.t.text("planner.button.publish"),
            action=PUBLISH,
            value=str(version.roster_id),
            style="primary",
        )
        blocks.append(actions("planner", press))
    notes = [asked.t.text("planner.diff.nothing_written")]
    zone = asked.voice.zone_note([c.queue for c in found.cover])
    if zone is not None:
        notes.append(zone)
    return message([*blocks, context(*notes)], shortened=asked.t.text("message.shortened"))


def publish(asked: Asked) -> Content:
    """Publish a draft; below the threshold say why not, and offer to overrule it with a reason."""
    asked.need(Action.ROSTER_PLAN)
    version = meant(asked, prefer=RosterStatus.DRAFT)
    try:
        done = _publish(asked, version.roster_id, None)
    except RefusedError as error:
        if error.kind not in _NEEDS_REASON:
            raise
        return _refused(asked, version.roster_id, error)
    return message(_published(asked, done))


def accept(asked: Asked) -> Form:
    """Ask for the reason; it is kept, logged, and shown on the roster."""
    asked.need(Action.ROSTER_PLAN)
    roster = _number(asked.argument)
    t = asked.t
    return Form(
        callback=CALLBACK,
        title=t.text("planner.accept.title"),
        submit=t.text("planner.button.publish"),
        close=t.text("form.close"),
        metadata=str(roster),
        blocks=[
            section(t.text("planner.accept.head", roster=roster)),
            text_field(
                _REASON,
                t.text("planner.accept.reason"),
                hint=t.text("planner.accept.hint"),
                long=True,
                optional=False,
                longest=_REASON_CHARACTERS,
            ),
        ],
    )


def accepted(asked: Asked) -> Content:
    """The reason was sent: publish with it."""
    asked.need(Action.ROSTER_PLAN)
    reason = as_text(asked.fields.get(_REASON)).strip()
    if not reason:
        raise RefusedError("reason_missing", "A reason is needed; nothing was published.")
    return message(_published(asked, _publish(asked, _number(asked.metadata), reason)))


def retry(asked: Asked) -> Content:
    """Write again to those a publication did not reach."""
    asked.need(Action.ROSTER_PLAN)
    if not asked.argument.isdecimal():
        raise NotFoundError("no_run", f"There is no run {asked.argument}.", run=asked.argument)
    again = follow_publication.retry(
        asked.desk.store,
        RunId(int(asked.argument)),
        by=asked.person.actor,
        now=asked.now,
        tell=address(asked),
    )
    asked.desk.nudge()
    return message([section(asked.t.plural("planner.publish.again", again))])


def address(asked: Asked) -> Recipient:
    """Where this person is told how something goes.  Raises RefusedError."""
    person = asked.person
    if person.agent is not None:
        return Recipient(kind=RecipientKind.AGENT, name=person.agent.agent)
    if person.email is not None:
        return Recipient(kind=RecipientKind.EMAIL, name=person.email)
    raise RefusedError(
        "no_address",
        "Slack shows no e-mail address of yours, so you could not be told how it goes; nothing was begun. "
        "Ask an admin to let Muster read e-mail addresses.",
    )


def _publish(asked: Asked, roster: RosterId, reason: str | None) -> Published:
    done = publish_roster.publish(
        asked.desk.store,
        asked.desk.settings,
        roster,
        by=asked.person.actor,
        accept=reason,
        now=asked.now,
        tell=address(asked),
    )
    asked.desk.nudge("publications")
    return done


def meant(asked: Asked, *, prefer: RosterStatus, typed: str | None = None) -> RosterVersion:
    """The roster of that number or week; without either the newest draft.  Raises NotFoundError.

    ``typed``: the argument of the command where not given.
    """
    typed = (asked.argument if typed is None else typed).strip()
    with asked.desk.store.read() as uow:
        if typed.isdecimal():
            version = uow.rosters.get(RosterId(int(typed)))
        else:
            first = parse_week(typed) if typed else None
            version = uow.rosters.latest(prefer, first) or uow.rosters.latest(None, first)
    if version is not None:
        return version
    if typed.isdecimal():
        raise NotFoundError("no_roster", f"There is no roster {typed}.", roster=typed)
    command = f"/roster solve {iso_week(parse_week(typed))}" if typed else "/roster solve"
    raise NotFoundError("no_roster_to_show", f"There is no roster yet. First: {command}", command=command)


def _number(text: str) -> RosterId:
    if not text.isdecimal():
        raise NotFoundError("no_roster", f"There is no roster {text}.", roster=text)
    return RosterId(int(text))


def _refused(asked: Asked, roster: RosterId, error: RefusedError) -> Content:
    key = f"planner.refused.{error.kind}"
    said = {
        name: escape(value, 200) if isinstance(value, str) else value for name, value in error.data.items()
    }
    why = asked.t.text(key, **said) if asked.t.has(key) else errors.sentence(error, asked.t)
    press = button(asked.t.text("planner.button.accept"), action=ACCEPT, value=str(roster), style="danger")
    note = asked.t.text("planner.accept.note")
    return message([section(why), actions("planner", press), context(note)])


def _published(asked: Asked, done: Published) -> list[Block]:
    t, version = asked.t, done.version
    if done.repeated:
        return [section(t.text("planner.publish.repeated", roster=version.roster_id))]
    period = version.roster.period
    week = week_of(period.first, period.days, asked.voice)
    rows = []
    if done.supersedes is not None:
        rows.append(t.plural("planner.publish.supersedes", len(done.changes), roster=done.supersedes))
    rows += _short_notice(asked, done.short_notice)
    if done.labour is not None and done.labour.broken:
        rules = asked.f.join([code(rule) for rule in done.labour.broken])
        rows.append(t.plural("labour.publish.accepted", len(done.labour.broken), rules=rules))
    if version.accepted_because:
        reason = escape(version.accepted_because, _REASON_CHARACTERS)
        rows.append(t.text("planner.state.accepted", reason=reason))
    head = t.plural("planner.publish.done", len(done.told), roster=version.roster_id, week=week)
    return [section(head), *([section(lines(rows))] if rows else [])]


def _difference(asked: Asked, found: Comparison) -> str:
    version = found.draft.version
    period = version.roster.period
    week = week_of(period.first, period.days, asked.voice)
    if found.live is None:
        return asked.t.plural("planner.diff.first", found.draft.agents, roster=version.roster_id, week=week)
    return asked.t.plural(
        "planner.diff.title",
        len(found.changes),
        roster=version.roster_id,
        live=found.live.version.roster_id,
        week=week,
    )


def _figures(asked: Asked, found: Comparison) -> list[str]:
    t, f = asked.t, asked.f
    live = found.live

    def pair(before: float | None, after: float) -> str:
        shown = f.number(after, decimals=1)
        return shown if before is None else f"{f.number(before, decimals=1)} → {shown}"

    rows = [
        t.text(
            "planner.diff.hours",
            hours=pair(None if live is None else live.paid_hours, found.draft.paid_hours),
            agents=pair(None if live is None else live.agents, found.draft.agents),
        )
    ]
    for cover in found.cover:
        rows.append(
            t.text("planner.diff.cover", queue=escape(cover.queue), missing=pair(cover.before, cover.after))
        )
    if not found.draft.required_known:
        rows = [rows[0], t.text("planner.diff.no_requirement")]
    broken = pair(None if live is None else len(live.violations), len(found.draft.violations))
    rows.append(t.text("planner.diff.broken", rules=broken))
    return [*rows, *_short_notice(asked, found.short_notice)]


def _short_notice(asked: Asked, agents: Sequence[str]) -> list[str]:
    """Who hears of it later than app.yaml promises; nothing without anybody."""
    if not agents:
        return []
    hours = asked.desk.settings.roster.publish.notice.total_seconds() / 3600
    named = asked.f.join(asked.desk.names.all(agents[:_PEOPLE]))
    rows = [asked.t.text("planner.publish.short_notice", agents=named, hours=f"{hours:g}")]
    if len(agents) > _PEOPLE:
        rows.append(asked.t.text("planner.more", more=len(agents) - _PEOPLE))
    return rows


def _person(asked: Asked, found: Comparison, change: AgentChanges) -> list[str]:
    """A line for the person, one for each of the first changes."""
    before, after = next(hours for agent, hours in found.hours.items() if agent == change.agent)
    told = shift_changes(change)
    row = asked.t.text(
        "planner.diff.person",
        person=asked.desk.names(change.agent),
        before=asked.f.number(before, decimals=1),
        after=asked.f.number(after, decimals=1),
    )
    rows = [row, *(f"    {change_line(one, asked.voice)}" for one in told[:_CHANGES])]
    if len(told) > _CHANGES:
        rows.append("    " + asked.t.text("planner.more", more=len(told) - _CHANGES))
    return rows


PUBLISH_COMMANDS = (
    Subcommand(
        name="certify",
        answer=certify,
        aliases=("certificate", "证明", "达标证明"),
        usage="[WEEK | ROSTER]",
        action=Action.ROSTER_PLAN,
    ),
    Subcommand(
        name="diff",
        answer=diff,
        aliases=("compare", "对比", "差异"),
        usage="[WEEK | ROSTER]",
        action=Action.ROSTER_PLAN,
    ),
    Subcommand(
        name="publish",
        answer=publish,
        aliases=("发布",),
        usage="[WEEK | ROSTER]",
        action=Action.ROSTER_PLAN,
    ),
)
