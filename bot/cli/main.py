"""`muster`: the root command, the table of commands, and what a failure looks like."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import click

from bot.cli.context import CliContext, ExitCode
from bot.cli.lazy import LazyGroup, localise

__all__ = ["COMMANDS", "cli", "main"]

COMMANDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "init": "bot.cli.init:init",
        "import": "bot.cli.imports:import_",
        "event": "bot.cli.events:event",
        "campaign": "bot.cli.campaigns:campaign",
        "forecast": "bot.cli.forecast:forecast",
        "staffing": "bot.cli.staffing:staffing",
        "roster": "bot.cli.roster:roster",
        "replay": "bot.cli.replay:replay",
        "rules": "bot.cli.rules:rules",
        "outlook": "bot.cli.outlook:outlook",
        "bottlenecks": "bot.cli.bottlenecks:bottlenecks",
        "kpi": "bot.cli.kpi:kpi",
        "causes": "bot.cli.causes:causes",
        "report": "bot.cli.report:report",
        "board": "bot.cli.board:board",
        "sla": "bot.cli.sla:sla",
        "case": "bot.cli.cases:case",
        "export": "bot.cli.export:export",
        "run": "bot.cli.serve:run",
        "promise": "bot.cli.promise:promise",
        "demo": "bot.cli.demo:demo",
        "playground": "bot.cli.playground:playground",
        "connectors": "bot.cli.connectors:connectors",
        "doctor": "bot.cli.doctor:doctor",
        "db": "bot.cli.db:db",
        "slack": "bot.cli.slack:slack",
        "audit": "bot.cli.audit:audit",
        "knowledge": "bot.cli.knowledge:knowledge",
        "reviews": "bot.cli.reviews:reviews",
        "training": "bot.cli.training:training",
        "incident": "bot.cli.incident:incident",
        "purge": "bot.cli.purge:purge",
        "backup": "bot.cli.backup:backup",
        "restore": "bot.cli.backup:restore",
    }
)
"""Every command and where it lives, in the order a newcomer needs them."""


class MusterGroup(LazyGroup):
    """The root: whatever goes wrong below ends here as a sentence and an exit code."""

    def get_help(self, ctx: click.Context) -> str:
        localise(self, ctx.obj.t)
        return super().get_help(ctx)

    def main(  # type: ignore[override]
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        *,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        if not standalone_mode:
            return super().main(args, prog_name, standalone_mode=False, **extra)
        given = list(sys.argv[1:] if args is None else args)
        context = extra.get("obj")
        if not isinstance(context, CliContext):
            context = extra["obj"] = CliContext(lang=_early_language(given), traceback="--traceback" in given)
        try:
            outcome = super().main(given, prog_name, standalone_mode=False, **extra)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.ctx.get_help())
            sys.exit(ExitCode.USAGE)
        except click.UsageError as error:
            from bot.cli.failures import usage_problem

            click.echo(usage_problem(error, context.t), err=True)
            sys.exit(ExitCode.USAGE)
        except click.Abort:
            click.echo(context.t.text("config.stopped"), err=True)
            sys.exit(ExitCode.INTERRUPTED)
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except BrokenPipeError:
            # The reader (`| head`) has what it wants; do not let the interpreter complain at exit.
            sys.stdout = None
            sys.exit(ExitCode.DONE)
        except Exception as error:
            # Loaded here only: what works needs none of it, and `--version` should be quick.
            from bot.cli.failures import explain

            explained = explain(error, context)
            click.echo(explained.text, err=True)
            sys.exit(explained.code)
        finally:
            context.close()
        sys.exit(outcome if isinstance(outcome, int) else ExitCode.DONE)


def _early_language(args: Sequence[str]) -> str | None:
    """--lang as given, before click has parsed: help and usage errors need it too."""
    for index, value in enumerate(args):
        if value.startswith("--lang="):
            return value.partition("=")[2]
        if value == "--lang" and index + 1 < len(args):
            return args[index + 1]
    return None


def _language(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """zh, zh-CN and zh-Hans are one language here, zh-TW, zh-HK and zh-Hant another."""
    if value is None:
        return None
    from bot.i18n.catalog import map_locale

    if any(value.lower() == n or value.lower().startswith((f"{n}-", f"{n}_")) for n in ("en", "zh")):
        return map_locale(value)
    raise click.BadParameter(f"{value!r} is not one of 'en', 'zh-Hans', 'zh-Hant'.")


def _version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"muster {version('muster')}")
        ctx.exit()


@click.group(
    cls=MusterGroup,
    lazy=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="config.help.muster",
)
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help="config.help.config")
@click.option("--lang", metavar="[en|zh-Hans|zh-Hant]", callback=_language, help="config.help.lang")
@click.option("--traceback", is_flag=True, help="config.help.traceback")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="config.help.version",
)
@click.pass_context
def cli(ctx: click.Context, config: Path | None, lang: str | None, traceback: bool) -> None:
    context = ctx.ensure_object(CliContext)
    context.choose(config=config, lang=lang, traceback=traceback)
    ctx.call_on_close(context.close)


def main() -> None:
    """Entry point of the console script."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show ✓ or Chinese shows a replacement instead of failing.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    cli.main(prog_name="muster")


if __name__ == "__main__":
    main()
