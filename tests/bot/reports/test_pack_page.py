"""The pack's page: complete, self-contained, in both languages, with nothing unescaped; and its message."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace
from datetime import date

import pytest

from bot.core.kpis.catalogue import Kpi
from bot.core.kpis.goals import Benchmark
from bot.core.kpis.settings import KpiSettings
from bot.core.packs import Pack
from bot.i18n.catalog import Translator
from bot.i18n.formats import Formats
from bot.reports.kpi_text import change_text, judgement, name_text, value_text
from bot.reports.pack_html import render_pack
from tests.bot.slack.samples import a_pack
from tests.support.builders import SHANGHAI, at, settings

SETTINGS = replace(
    settings(),
    kpis=KpiSettings(benchmarks={Kpi.FCR: Benchmark(value=0.75, source="A <survey> & co")}),
)


def page(pack: Pack, locale: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a glyph the shipped face lacks
        return render_pack(pack, SETTINGS, locale=locale, zone=SHANGHAI, made_at=at(9))


@pytest.mark.parametrize("locale", ["en", "zh-Hans", "zh-Hant"])
def test_the_page_is_whole_and_of_itself(locale: str) -> None:
    html = page(a_pack("<b>harbour</b>"), locale)
    t = Translator(locale)
    assert f'<html lang="{locale}">' in html
    assert not re.findall(r'(?:src|href)="(?!#)[^"]*', html)
    assert "<script" not in html
    assert "<b>harbour" not in html
    assert "A &lt;survey&gt; &amp; co" in html
    for kpi in (Kpi.AHT, Kpi.FCR, Kpi.CSAT):
        assert name_text(kpi, t) in html
    assert t.text("kpi.together") in html
    assert "<svg" in html
    # A figure without data says why and shows no 0.
    assert t.text("kpi.missing.no_answers") in html


def test_without_goals_causes_or_measures_it_says_so() -> None:
    html = page(replace(a_pack("x"), goals=(), causes=(), measures=(), accuracy=(), unnamed=0), "en")
    for key in ("pack.no_causes", "pack.no_measures", "pack.no_accuracy"):
        assert Translator("en").text(key) in html


def test_a_change_is_judged_by_the_figures_own_direction() -> None:
    t, f = Translator("en"), Formats("en", "UTC")
    assert change_text(Kpi.FIRST_RESPONSE_MEAN, 480.0, 600.0, t, f) == "−2 min, better"
    assert change_text(Kpi.FCR, 0.80, 0.85, t, f) == "−5 points, worse"
    assert change_text(Kpi.AHT, 200.0, 185.0, t, f) == "+15 sec"  # shorter is not better (KS17)
    assert change_text(Kpi.CSAT, 80.0, 80.01, t, f) == "unchanged"
    assert change_text(Kpi.CSAT, 80.0, None, t, f) == ""
    assert judgement(Kpi.CSAT, 80.0, 80.01, f) == "same"
    assert value_text(Kpi.CSAT, None, f) == "–"
    assert f.day(date(2026, 11, 23)) == "Mon 23 Nov"
