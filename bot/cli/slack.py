"""`muster slack`: what Slack needs to know about Muster."""

from __future__ import annotations

import json

import click

from bot.cli.context import CliContext, ExitCode, pass_cli
from bot.core.errors import ConfigurationError, RefusedError

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
    # A manifest is needed before there is an app.yaml; where there is one, it may name user groups.
    groups = context.config_path.exists() and bool(context.settings.roles.by_user_group)
    made = make_manifest(t, public_url=public_url, user_groups=groups)
    click.echo(json.dumps(made, indent=2, ensure_ascii=False))
    # Beside the manifest, not in it: standard output stays what is pasted at api.slack.com.
    click.echo(t.text("manifest.scopes"), err=True)
    for scope, key in scopes(user_groups=groups).items():
        click.echo(f"  {scope:<18} {t.text(key)}", err=True)
    click.echo(t.text("manifest.how"), err=True)
    secret = "manifest.app_token" if public_url is None else "manifest.signing_secret"
    for key in ("manifest.bot_token", secret):
        click.echo(f"  {t.text(key)}", err=True)
    context.next("muster slack check", "muster run")


@slack.command(help="cli.slack.help_check")
@pass_cli
def check(context: CliContext) -> None:
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
        needed=scopes(user_groups=bool(settings.roles.by_user_group)),
        now=context.now,
    ):
        key = f"slack_check.{finding.kind}"
        fault = finding.verdict is Verdict.WRONG
        wrong += fault
        # Said one by one: where Slack falls silent half-way, what was found stands.
        click.echo(f"{'✗' if fault else '✓'} {t.text(key, **finding.data)}")
        if fault:
            click.echo(f"    → {t.text(f'{key}.fix', **finding.data)}")
    click.echo(t.plural("slack_check.summary", wrong) if wrong else t.text("slack_check.fine"))
    click.get_current_context().exit(ExitCode.REFUSED if wrong else ExitCode.DONE)
