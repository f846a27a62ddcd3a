"""Models that need an optional package, as app.yaml switches them on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.errors import RefusedError
from bot.core.settings import Settings
from bot.store.unit_of_work import Store
from bot.usecases.forecast import make
from forecasting.models import registry

from .planning import NOW, fill, planning_settings


def with_models(*names: str) -> Settings:
    base = planning_settings()
    return replace(base, staffing=replace(base.staffing, extra_models=names))


def test_a_named_model_competes_and_its_score_is_kept(store: Store) -> None:
    fill(store)
    made = make(store, with_models("lightgbm"), queues=None, weeks=1, now=NOW, seed=1)
    assert {s["model"] for s in made[0].report["scores"]} >= {"lightgbm", "mean_of_weeks"}
    plain = make(store, planning_settings(), weeks=1, now=NOW, seed=1)
    assert "lightgbm" not in {s["model"] for s in plain[0].report["scores"]}


def test_an_absent_package_stops_the_forecast_and_says_what_to_do(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store)
    monkeypatch.setattr(registry, "find_spec", lambda package: None)
    with pytest.raises(RefusedError) as caught:
        make(store, with_models("mstl"), weeks=1, now=NOW, seed=1)
    assert caught.value.kind == "extra_missing"
    assert caught.value.data["command"] == "pip install 'muster[statsforecast]'"
