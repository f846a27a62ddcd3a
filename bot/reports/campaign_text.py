"""Goals of a campaign as sentences, for the screen and the page."""

from __future__ import annotations

from bot.core.campaign_figures import GoalResult
from bot.core.campaigns import GoalKind
from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats

__all__ = ["goal_text"]


def goal_text(result: GoalResult, t: Translator, f: Formats) -> str:
    """``✓ Mean response: cut by 31%, wanted 20% (was 1 min 30 sec)``."""
    goal = result.goal

    def percent(value: float) -> str:
        return f.percent(value / 100, decimals=1)

    response = goal.kind is GoalKind.RESPONSE
    sign = "–" if result.reached is None else "✓" if result.reached else "✗"
    return t.text(
        f"campaign.goal.{goal.kind.value}.{'unknown' if result.actual is None else 'actual'}",
        sign=sign,
        target=percent(goal.target),
        baseline=f.duration(goal.baseline) if response else percent(goal.baseline),
        actual=percent(result.actual or 0.0),
    )
