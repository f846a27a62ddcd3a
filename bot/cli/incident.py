"""`muster incident`: runbooks, incidents, their reviews, drills (ES8 to ES11)."""

from __future__ import annotations

import click

from bot.cli.incident_runbooks import runbooks

__all__ = ["incident"]


@click.group(help="incident.cli.help")
def incident() -> None:
    pass


incident.add_command(runbooks)
