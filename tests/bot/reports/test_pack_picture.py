"""SR6, KS11, KS12: a pack as a picture, in every language, with the same said in words."""

from __future__ import annotations

import warnings
from dataclasses import replace

import pytest

from bot.core.causes import pareto
from bot.core.packs import CauseLine, Pack
from bot.i18n.catalog import Translator
from bot.reports.pack_picture import pack_alt, pack_png
from tests.bot.slack.pack_samples import a_pack
from tests.support.builders import SHANGHAI


def drawn() -> Pack:
    pack = a_pack("harbour")
    goal = replace(
        pack.goals[0], trend=(74.0, None, 76.0, 77.0, 76.0, 78.0, 79.0, 80.0), path=tuple(range(74, 82))
    )
    found = pareto({"process": 40, "training": 22, "system": 12})
    causes = tuple(
        CauseLine(
            key=line.key,
            count=line.count,
            share=line.share,
            cumulative=line.cumulative,
            vital=line.vital,
        )
        for line in found.lines
    )
    return replace(pack, goals=(goal, replace(goal, queue="chat"), replace(goal, trend=())), causes=causes)


@pytest.mark.parametrize("locale", ["en", "zh-Hans", "zh-Hant"])
def test_the_picture_is_drawn_in_every_language_without_a_missing_sign(locale: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a glyph the shipped face lacks
        png = pack_png(drawn(), Translator(locale), SHANGHAI)
    assert png is not None
    assert png.startswith(b"\x89PNG")


def test_the_words_say_what_the_picture_shows() -> None:
    said = pack_alt(drawn(), Translator("zh-Hans"), SHANGHAI).splitlines()
    # A goal without any figure is not drawn.
    assert said == [
        "满意度（各量表折算）趋势：74、–、76、77、76、78、79和80；应达 81，目标 85",
        "满意度（各量表折算）（chat）趋势：74、–、76、77、76、78、79和80；应达 81，目标 85",
        "原因帕累托图（80 % 线）：流程：40（54%，累计 54%）、培训：22（30%，累计 84%）"
        "和系统：12（16%，累计 100%）",
    ]


def test_a_team_without_goals_gets_its_figures_and_one_without_anything_no_picture() -> None:
    pack = replace(drawn(), goals=(), causes=())
    assert pack_png(pack, Translator("en"), SHANGHAI) is not None
    assert pack_alt(pack, Translator("en"), SHANGHAI).startswith("Trend of First response, mean: ")
    assert pack_png(a_pack("harbour", empty=True), Translator("en"), SHANGHAI) is None
