"""`muster slack`: what Slack needs to know about Muster."""

from __future__ import annotations

import json

import click

from bot.cli.context import CliContext, pass_cli
from bot.core.errors import RefusedError

__all__ = ["slack"]


@click.group(help="cli.slack.help")
def slack() -> None:
    pass


@slack.command(help="cli.slack.help_manifest")
@click.option("--http", "public_url", metavar="URL", help="cli.slack.help_http")
@pass_cli
def manifest(context: CliContext, public_url: str | None) -> None:
    from bot.slack.manifest import SCOPES
    from bot.slack.manifest import manifest as make_manifest

    if public_url is not None and not public_url.startswith("https://"):
        raise RefusedError(
            "manifest_url",
            "--http needs a public https address such as https://muster.example.org; nothing was printed.",
            given=public_url,
        )
    t = context.t
    click.echo(json.dumps(make_manifest(t, public_url=public_url), indent=2, ensure_ascii=False))
    # Beside the manifest, not in it: standard output stays what is pasted at api.slack.com.
    click.echo(t.text("manifest.scopes"), err=True)
    for scope, key in SCOPES.items():
        click.echo(f"  {scope:<18} {t.text(key)}", err=True)
    click.echo(t.text("manifest.how"), err=True)
    secret = "manifest.app_token" if public_url is None else "manifest.signing_secret"
    for key in ("manifest.bot_token", secret):
        click.echo(f"  {t.text(key)}", err=True)
    context.next("muster run")
