"""What is wrong with a file of runbooks or of words, said on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cli.context import CliContext

if TYPE_CHECKING:
    from bot.core.knowledge import KnowledgeFinding
    from bot.core.runbooks import RunbookFinding

__all__ = ["finding_text"]


def finding_text(
    context: CliContext, prefix: str, finding: RunbookFinding | KnowledgeFinding, **more: object
) -> str:
    """``prefix``: of its words in the catalogues (``knowledge.finding``)."""
    from bot.i18n.formats import Formats

    f = Formats(context.t.locale, context.settings.zone)
    over = finding.overpromise
    return context.t.text(
        f"{prefix}.{finding.kind}",
        key=finding.key,
        language=finding.locale,
        day="" if finding.dated is None else f.day(finding.dated, year=True),
        phrase="" if over is None else over.phrase,
        better="–" if over is None or not over.better else over.better,
        **more,
    )
