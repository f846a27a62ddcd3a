"""`muster slack`: what Slack needs to know about Muster."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.core.errors import ConfigurationError, RefusedError

if TYPE_CHECKING:
    from bot.core.settings import Settings
    from bot.i18n.catalog import Translator
    from bot.usecases.audit import Finding

__all__ = ["slack"]


@click.group(help="cli.slack.help")
def slack() -> None:
    pass


@slack.command(help="cli.slack.help_manifest")
@click.option("--http", "public_url", metavar="URL", help="cli.slack.help_http")
@pass_cli
def manifest(context: CliContext, public_url: str | None) -> None:
    from bot.slack.manifest import manifest as make_manifest
    from bot.slack.manifest import scopes

    if public_url is not None and not public_url.startswith("https://"):
        raise RefusedError(
            "manifest_url",
            "--http needs a public https address such as https://muster.example.org; nothing was printed.",
            given=public_url,
        )
    t = context.t
    # A manifest is needed before there is an app.yaml; where there is one, it may ask for more scopes.
    asked = _asked_for(context.settings) if context.config_path.exists() else {"user_groups": False}
    made = make_manifest(t, public_url=public_url, **asked)
    click.echo(json.dumps(made, indent=2, ensure_ascii=False))
    # Beside the manifest, not in it: standard output stays what is pasted at api.slack.com.
    click.echo(t.text("manifest.scopes"), err=True)
    for scope, key in scopes(**asked).items():
        click.echo(f"  {scope:<20} {t.text(key)}", err=True)
    click.echo(t.text("manifest.how"), err=True)
    secret = "manifest.app_token" if public_url is None else "manifest.signing_secret"
    for key in ("manifest.bot_token", secret):
        click.echo(f"  {t.text(key)}", err=True)
    context.next("muster slack check", "muster run")


@slack.command(help="cli.slack.help_check")
@pass_cli
def check(context: CliContext) -> None:
    from bot.cli.findings import echo
    from bot.config.environment import SlackMode
    from bot.slack.audience import Audience
    from bot.slack.check import check as findings
    from bot.slack.manifest import scopes
    from bot.slack.web_api import WebApi
    from bot.usecases.audit import Verdict

    settings, environment, t = context.settings, context.environment, context.t
    missing = environment.missing_for_slack()
    if missing:
        raise ConfigurationError(
            "slack_check_variables",
            f"not set: {', '.join(missing)}; nothing was checked. "
            "muster slack manifest says where they come from.",
            names=", ".join(missing),
        )
    url, app_token = environment.slack_api_url, environment.slack_app_token
    over_socket = environment.slack_mode is SlackMode.SOCKET
    api = WebApi(environment.slack_bot_token or "", url=url)
    wrong = 0
    for finding in findings(
        api,
        WebApi(app_token, url=url) if over_socket and app_token is not None else None,
        audience=Audience(api, settings, context.now),
        teams=settings.teams.values(),
        needed=scopes(**_asked_for(settings)),
        now=context.now,
        role_groups=settings.roles.by_user_group,
    ):
        wrong += finding.verdict is Verdict.WRONG
        # Said one by one: where Slack falls silent half-way, what was found stands.
        echo(_with_purposes(finding, t), "slack_check", t)
    click.echo(t.plural("slack_check.summary", wrong) if wrong else t.text("slack_check.fine"))
    click.get_current_context().exit(ExitCode.REFUSED if wrong else ExitCode.DONE)


@slack.command(help="cli.slack.help_forget")
@click.option("--dry-run", is_flag=True, help="cli.slack.help_forget_dry_run")
@pass_cli
def forget(context: CliContext, dry_run: bool) -> None:
    from bot.core.permissions import Action
    from bot.usecases import forget_slack

    context.need(Action.PURGE)
    t = context.t
    if dry_run:
        found = forget_slack.plan(context.store)
    else:
        found = forget_slack.forget(context.store, by=context.operator, now=context.now())
    for table, rows in sorted(found.items()):
        click.echo(t.plural("slack_forget.table", rows, table=table))
    if not found:
        click.echo(t.text("slack_forget.nothing"))
    elif dry_run:
        click.echo(t.text("slack_forget.dry"))
    else:
        click.echo(t.text("slack_forget.done"))
    if not dry_run:
        # Tokens were never stored: they are where the service finds them, and at Slack.
        for key in ("slack_forget.tokens", "slack_forget.app", "slack_forget.service"):
            click.echo(f"  → {t.text(key)}")


def _with_purposes(finding: Finding, t: Translator) -> Finding:
    """Scopes by name with what each is for."""
    purposes = finding.data.get("scopes")
    if not isinstance(purposes, Mapping):
        return finding
    said = [
        t.text("slack_check.scope", scope=scope, purpose=t.text(key or "slack_check.scope_unused"))
        for scope, key in purposes.items()
    ]
    return replace(finding, data={"scopes": "; ".join(said)})


def _asked_for(settings: Settings) -> dict[str, bool]:
    """What app.yaml uses that needs scopes of its own."""
    return {
        "user_groups": bool(settings.roles.by_user_group),
        "boards": any(team.board_every is not None for team in settings.teams.values()),
        "on_shift_groups": any(team.on_shift_groups for team in settings.teams.values()),
        "on_shift_topics": any(team.on_shift_topic is not None for team in settings.teams.values()),
    }
