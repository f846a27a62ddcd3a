"""Every rule, state and reason of a receipt has words in both languages, and the source is the pack's own."""

from __future__ import annotations

import pytest

from bot.i18n.catalog import Translator
from scheduler.labour.judgements import Reason
from scheduler.labour.packs import PACKS, Severity
from scheduler.labour.receipt import RuleState


@pytest.mark.parametrize("locale", ["en", "zh-Hans"])
def test_every_rule_source_case_and_reason_has_words(locale: str) -> None:
    t = Translator(locale)
    keys = [f"labour.state.{s.value}" for s in RuleState] + [f"labour.count.{s.value}" for s in RuleState]
    keys += [f"labour.reason.{r.value}" for r in Reason] + [f"labour.severity.{s.value}" for s in Severity]
    for pack in PACKS.values():
        own = pack.name.replace("-", "_")
        keys.append(f"labour.name.{own}")
        keys += [f"labour.{part}.{own}.{r.code}" for r in pack.rules for part in ("rule", "law")]
        keys += [f"labour.case.{case}" for case in pack.silent]
    assert [key for key in keys if not t.has(key)] == []


def test_the_english_source_is_the_packs_own() -> None:
    t = Translator("en")
    for pack in PACKS.values():
        for rule in pack.rules:
            assert t.text(f"labour.law.{pack.name.replace('-', '_')}.{rule.code}") == rule.source
