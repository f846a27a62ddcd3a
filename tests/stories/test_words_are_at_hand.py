"""A4, KN1, KN3, CP10: agreed words to copy, steps to follow, and a check of one's own words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.settings import KnowledgeSettings
from tests.stories.service import Service, Setting, running
from tests.support.builders import at, settings


def typed(service: Service, who: str, words: str) -> str:
    return service.slack.render(service.slack.user(who).command("/muster", words).answer(), who)


def test_words_come_in_the_readers_language_with_version_and_date(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(9, 40))) as service:
        english = typed(service, "bo", "say refund")
        assert "Your refund has been requested today. The bank decides when the money arrives" in english
        assert "Version 1 of Sat 28 Nov 2026" in english
        assert "您的退款申请已提交，到账时间以银行为准" in typed(service, "chen", "say refund")
        assert "您的退款申请已提交" in typed(service, "bo", "say refund zh")
        assert "Did you mean refund" in typed(service, "bo", "say refnd")
        listed = typed(service, "bo", "say")
        assert "greeting Greeting" in listed
        assert "billing" not in listed
        # Nobody else sees any of it.
        assert service.direct("bo") == []


def test_a_guide_has_its_steps_and_how_long_they_take(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(9, 40))) as service:
        text = typed(service, "bo", "guide billing")
        assert "Explain a bill – takes about 5 minutes" in text
        assert "1. Open the bill of the month that is asked about" in text
        assert "never estimate an amount" in text


@pytest.mark.parametrize(
    ("who", "words", "said"),
    [
        ("bo", "say check you will definitely get your refund", "definitely"),
        ("chen", "say check 我们保证今天退款到账", "保证"),
        ("bo", "say check the refund has been requested", "Nothing in it promises too much"),
        ("bo", "say check", "nothing was checked"),
        ("bo", "say check call 13812345678", "this looks like a phone number"),
    ],
)
def test_ones_own_words_are_checked_and_not_kept(tmp_path: Path, who: str, words: str, said: str) -> None:
    with running(tmp_path, Setting(start=at(9, 40))) as service:
        answer = typed(service, who, words)
        assert said in answer
        assert "your refund" not in answer


def test_a_teams_own_folder_answers_and_what_is_old_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "knowledge" / "en"
    folder.mkdir(parents=True)
    (folder / "parking.md").write_text(
        "---\ntitle: Parking\nversion: 7\ndate: 2025-01-01\n---\n\nPark <behind> the house.\n",
        encoding="utf-8",
    )
    chosen = replace(settings(), knowledge=KnowledgeSettings(folder=str(tmp_path / "knowledge")))
    with running(tmp_path, Setting(start=at(9, 40), settings=chosen)) as service:
        text = typed(service, "chen", "say parking")
        assert "Park <behind> the house." in text
        assert "内容较旧" in text
        assert "尚无您所用语言的版本" in text
        assert "没有“refund”" in typed(service, "chen", "say refund")
