"""What a page and a message say alike about causes and measures."""

from __future__ import annotations

from bot.core.kpis.catalogue import Kpi
from bot.core.packs import MeasureLine
from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.reports.kpi_text import change_text, label, name_text, value_text

__all__ = ["cause_word", "measure_text"]


def cause_word(key: str, t: Translator) -> str:
    """The word for a cause of app.yaml; the code itself where the catalogue has none."""
    return label("cause", key, t)


def measure_text(measure: MeasureLine, t: Translator, f: Formats) -> str:
    """State, and its figure before and since where both are known."""
    state = label("measure_state", measure.state, t)
    known = {kpi.value for kpi in Kpi}
    if measure.kpi not in known or measure.before is None or measure.after is None:
        return state
    kpi = Kpi(measure.kpi)
    change = change_text(kpi, measure.after, measure.before, t, f)
    values = f"{value_text(kpi, measure.before, f)} → {value_text(kpi, measure.after, f)}"
    return f"{state} · {name_text(kpi, t)} {values} {t.text('pack.in_brackets', text=change)}"
