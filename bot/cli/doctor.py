"""`muster doctor`: everything checked, each line with what to do about it."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from importlib import resources

import click

from bot.cli.context import CliContext, ExitCode
from bot.cli.failures import sentence
from bot.cli.findings import echo, remedy
from bot.cli.init import PLACEHOLDER
from bot.config.problems import SettingsRefusedError
from bot.connectors.registry import secret_variable
from bot.core.errors import MusterError
from bot.i18n.catalog import Translator
from bot.store.migrations import REVISIONS
from bot.store.schema import HEAD, Schema
from bot.usecases.audit import Finding, Verdict, audit

_UNDER = "config.doctor"
_FONTS = "charts/fonts"


@click.command(help="config.help.doctor")
@click.option("--json", "as_json", is_flag=True, help="config.help.json")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    context = ctx.find_object(CliContext)
    if context is None:
        raise RuntimeError("the root command makes the context")
    findings = list(_findings(context))
    if as_json:
        lines = [_line(finding, context.t) for finding in findings]
        click.echo(json.dumps(lines, ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            echo(finding, _UNDER, context.t)
    wrong = sum(finding.verdict is Verdict.WRONG for finding in findings)
    if not as_json:
        click.echo(
            context.t.plural("config.doctor.summary", wrong)
            if wrong
            else context.t.text("config.doctor.fine")
        )
    ctx.exit(ExitCode.REFUSED if wrong else ExitCode.DONE)


def _line(finding: Finding, t: Translator) -> dict[str, str | None]:
    return {
        "check": finding.check,
        "verdict": finding.verdict.value,
        "text": t.text(f"{_UNDER}.{finding.kind}", **finding.data),
        "fix": remedy(finding, _UNDER, t),
    }


def _findings(context: CliContext) -> Iterator[Finding]:
    yield _python()
    usable = True
    for check, findings in (("config", _config), ("database", _database), ("environment", _environment)):
        for finding in _guarded(check, findings(context), context):
            usable = usable and not (check != "environment" and finding.verdict is Verdict.WRONG)
            yield finding
    yield _font()
    if usable:
        yield from _guarded("data", _data(context), context)


def _guarded(check: str, findings: Iterator[Finding], context: CliContext) -> Iterator[Finding]:
    """A check that cannot be made is a finding, not the end of the others."""
    try:
        yield from findings
    except SettingsRefusedError as error:
        for problem in error.problems:
            yield _finding(check, Verdict.WRONG, "refused", reason=problem.text(context.t))
    except MusterError as error:
        yield _finding(check, Verdict.WRONG, "refused", reason=sentence(context.t, error))


def _python() -> Finding:
    sound = sys.version_info >= (3, 11)
    verdict = Verdict.OK if sound else Verdict.WRONG
    return _finding("python", verdict, "python" if sound else "python_old", version=platform.python_version())


def _config(context: CliContext) -> Iterator[Finding]:
    loaded = context.loaded
    settings, t = loaded.settings, context.t
    yield _finding(
        "config",
        Verdict.OK,
        "config",
        file=loaded.path,
        queues=t.plural("config.doctor.queues", len(settings.queues)),
        teams=t.plural("config.doctor.teams", len(settings.teams)),
        contracts=t.plural("config.doctor.contracts", len(settings.roster.contracts)),
    )
    named = (*settings.roles.by_email, *(chain.last_resort for chain in settings.chains.values()))
    if any(address.lower() == PLACEHOLDER for address in named):
        yield _finding("people", Verdict.NOT_YET, "placeholder", address=PLACEHOLDER)
    if settings.staffing.extra_models:
        yield from _extra_models(settings.staffing.extra_models)
    for warning in loaded.warnings:
        yield _finding("holidays", Verdict.NOT_YET, "warning", text=warning.text(context.t))


def _extra_models(names: Sequence[str]) -> Iterator[Finding]:
    from forecasting.errors import MissingExtraError
    from forecasting.models.registry import require_extras

    for model in names:
        try:
            require_extras([model])
        except MissingExtraError as missing:
            yield _finding("models", Verdict.WRONG, "extra_missing", model=model, command=missing.command)


def _database(context: CliContext) -> Iterator[Finding]:
    with closing(Schema(context.database_url)) as schema:
        revision = schema.revision() if schema.exists() else None
        if revision is None:
            yield _finding("database", Verdict.NOT_YET, "database_none", revision=HEAD)
            return
        if revision == HEAD:
            yield _finding("database", Verdict.OK, "database", kind=schema.kind, revision=HEAD)
        elif revision not in REVISIONS:
            newer = context.t.text("error.database_newer", found=revision, known=HEAD)
            yield _finding("database", Verdict.WRONG, "refused", reason=newer)
        else:
            yield _finding("database", Verdict.WRONG, "database_differs", found=revision, needed=HEAD)
        mode = schema.journal_mode()
        if mode not in {None, "wal"}:
            yield _finding("wal", Verdict.WRONG, "no_wal", mode=mode)


def _environment(context: CliContext) -> Iterator[Finding]:
    environment = context.environment
    missing = environment.missing_for_slack()
    if missing:
        yield _finding("slack", Verdict.NOT_YET, "slack_missing", names=", ".join(missing))
    else:
        yield _finding("slack", Verdict.OK, "slack", mode=environment.slack_mode.value)
    if environment.intake_token is None:
        yield _finding("intake", Verdict.NOT_YET, "no_intake_token")
    if environment.public_in_the_clear:
        yield _finding("public_url", Verdict.NOT_YET, "public_in_the_clear", address=environment.public_url)
    for name, chosen in context.settings.connectors.items():
        if chosen.enabled and name not in environment.connector_secrets:
            variable = secret_variable(name)
            yield _finding("connectors", Verdict.NOT_YET, "connector_secret", name=name, variable=variable)

    if context.settings.surveys is not None and environment.missing_for_surveys:
        names = ", ".join(environment.missing_for_surveys)
        yield _finding("surveys", Verdict.NOT_YET, "survey_tool", names=names)


def _font() -> Finding:
    folder = resources.files("bot.reports").joinpath(_FONTS)
    present = folder.is_dir() and any(file.name.endswith(".ttf") for file in folder.iterdir())
    return _finding("font", Verdict.OK if present else Verdict.WRONG, "font" if present else "font_none")


def _data(context: CliContext) -> Iterator[Finding]:
    with closing(Schema(context.database_url)) as schema:
        present = schema.exists() and schema.revision() is not None
    if not present:
        return
    for finding in audit(context.store, context.settings, now=context.now()):
        if finding.kind == "team_without_lead" and context.settings.roles.by_user_group:
            # Who is in a user group only Slack knows: to be pointed out, but perhaps no fault.
            yield replace(finding, verdict=Verdict.NOT_YET)
        else:
            yield finding


def _finding(check: str, verdict: Verdict, kind: str, /, **data: object) -> Finding:
    return Finding(check=check, verdict=verdict, kind=kind, data=data)
