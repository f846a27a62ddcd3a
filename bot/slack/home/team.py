"""What a lead watches: the board, what waits for a lead's word, who is on, and gaps still to come today."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from slack_sdk.models.blocks import Block

from bot.core.ids import TeamId
from bot.core.people import Role
from bot.core.requests import Request
from bot.slack.blocks import requests as look
from bot.slack.blocks.board import board_blocks, headline
from bot.slack.blocks.digests import cover_line
from bot.slack.blocks.kit import actions, button, code, context, lines, section
from bot.slack.blocks.verdicts import exchange_text
from bot.slack.commands.command import Asked
from bot.slack.commands.who import rows as on_shift_rows
from bot.slack.home.doors import LEAD, row
from bot.usecases.referrals import referred_to
from bot.usecases.team_now import TeamNow, team_now

__all__ = ["team_parts", "teams_of"]

_TEAMS: Final = 3
"""Teams whose boards are shown; a planner of more asks for the others."""
_REFERRED: Final = 5
_PEOPLE: Final = 12


def teams_of(asked: Asked) -> tuple[TeamId, ...]:
    """The reader's own team; every team for planners, and for a lead whom only app.yaml names."""
    teams, person = asked.desk.settings.teams, asked.person
    own = None if person.agent is None else person.agent.team
    if own is not None and own in teams and person.role.rank < Role.PLANNER.rank:
        return (own,)
    return tuple(sorted(teams, key=lambda team: (team != own, team)))


def team_parts(asked: Asked) -> list[Block]:
    """One team after the other; what waits for the reader's word stands under the first headline."""
    teams = teams_of(asked)
    with asked.desk.store.read() as uow:
        waiting = referred_to(uow, asked.person.rights)
    blocks: list[Block] = []
    for place, team in enumerate(teams[:_TEAMS]):
        now = team_now(asked.desk.store, asked.desk.settings, team, now=asked.now)
        blocks.append(section(headline(now.board, asked.voice)))
        if place == 0:
            blocks += _referred(asked, waiting)
        blocks += [
            *board_blocks(now.board, asked.voice, stages=True),
            *_gaps(asked, now),
            *_on_shift(asked, now),
        ]
    if len(teams) > _TEAMS:
        blocks.append(context(asked.t.plural("home.more_teams", len(teams) - _TEAMS)))
    return [*blocks, *row("home:lead", LEAD, asked)]


def _referred(asked: Asked, waiting: Sequence[Request]) -> list[Block]:
    if not waiting:
        return []
    blocks: list[Block] = [section(f"*{asked.t.plural('referral.list', len(waiting))}*")]
    for request in waiting[:_REFERRED]:
        change = exchange_text(request, asked.voice)
        number = str(request.request)
        since, until = asked.voice.moment(request.made_at), asked.voice.moment(request.ends_at)
        said = asked.t.text("home.referral", number=code(number), change=change, since=since, until=until)
        grant = button(
            asked.t.text("referral.button.grant"), action=look.GRANT, value=number, style="primary"
        )
        decline = button(asked.t.text("referral.button.decline"), action=look.DECLINE, value=number)
        blocks += [section(said), actions(f"home:referral:{number}", grant, decline)]
    if len(waiting) > _REFERRED:
        more = asked.t.plural("home.more", len(waiting) - _REFERRED)
        blocks.append(context(f"{more} {code('/muster requests')}"))
    return blocks


def _gaps(asked: Asked, now: TeamNow) -> list[Block]:
    if not now.roster_known:
        return [section(asked.t.text("home.no_roster"))]
    if not now.cover:
        return [section(asked.t.text("home.no_requirement"))]
    if not now.gaps:
        return [section(asked.t.text("home.no_gaps"))]
    rows = [f"• {cover_line(gap, asked.voice)}" for gap in now.gaps]
    return [section(lines([f"*{asked.t.text('home.gaps')}*", *rows]))]


def _on_shift(asked: Asked, now: TeamNow) -> list[Block]:
    if not now.on.published:
        # The line on gaps says already that no roster is published.
        return []
    rows, more = on_shift_rows(asked, now.on, most=_PEOPLE)
    title = asked.t.plural("who.title", len(now.on.working), pausing=len(now.on.pausing))
    blocks: list[Block] = [section(lines([title, *rows]))]
    if more:
        blocks.append(context(f"{asked.t.plural('who.more', more)} {code('/muster who')}"))
    return blocks
