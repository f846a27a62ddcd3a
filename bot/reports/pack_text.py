"""What a page and a message say alike about causes and measures."""

from __future__ import annotations

from bot.core.kpis.catalogue import Kpi
from bot.core.packs import MeasureLine
from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.reports.kpi_text import label, name_text, value_text

__all__ = ["cause_word", "measure_text", "response_text"]


def cause_word(key: str, t: Translator) -> str:
    """The word for a cause of app.yaml; the code itself where the catalogue has none."""
    return label("cause", key, t)


def response_text(asked: int, answered: int, t: Translator, f: Formats) -> str:
    """Customers the survey tool was told to ask, and how many of them answered; empty where none was."""
    if not asked:
        return ""
    return t.plural("pack.response", asked, answered=answered, share=f.percent(answered / asked))


def measure_text(measure: MeasureLine, t: Translator, f: Formats) -> str:
    """State, its figure before and since, and whether that is more than weeks move by themselves."""
    state = t.text(f"pack.state.{measure.state}")
    if measure.kpi not in {kpi.value for kpi in Kpi} or measure.before is None or measure.after is None:
        return state
    kpi = Kpi(measure.kpi)
    values = f"{value_text(kpi, measure.before, f)} → {value_text(kpi, measure.after, f)}"
    verdict = t.text(f"pack.verdict.{measure.verdict or 'unknown'}")
    return f"{state} · {name_text(kpi, t)} {values} {t.text('pack.in_brackets', text=verdict)}"
