"""A small year on both databases: the pack's figures are those of a plain second computation."""

from __future__ import annotations

from datetime import timedelta

from bot.core.ids import QueueId
from bot.core.packs import last_period
from bot.core.satisfaction import Satisfaction, Scale
from bot.core.surveys import SurveyAnswer
from bot.store.unit_of_work import Store
from bot.usecases.weekly_pack import read_pack
from tests.benchmarks.packs import MONDAY, NOW, TEAM, settings_with_goals
from tests.support.builders import at
from tests.support.plain_pack import differences, flat, plain_figures
from tests.support.year import make_year


def test_every_figure_of_a_small_year_is_right(store: Store) -> None:
    settings = settings_with_goals()
    make_year(store, settings, contacts=3_000, until=NOW, seed=7)
    period = last_period("week", NOW, settings.teams[TEAM].zone)
    assert period.first == MONDAY - timedelta(days=7)
    with store.read() as uow:
        shown = flat(read_pack(uow, settings, TEAM, period, now=NOW))
    assert len(shown) > 200
    plain = plain_figures(store.engine, settings, TEAM, period.first, NOW)
    assert differences(shown, plain) == []


def test_a_survey_answer_is_kept_once_and_replaces_the_records(store: Store) -> None:
    answer = SurveyAnswer(
        key="file:1",
        queue=QueueId("chat"),
        answered_at=at(10),
        satisfaction=Satisfaction(scale=Scale.FIVE, value=4),
        aspects={"speed": 3.0},
    )
    with store.unit() as uow:
        assert uow.surveys.save([answer]).new == 1
        assert uow.surveys.save([answer]).unchanged == 1
        (found,) = uow.kpi_facts.answers([QueueId("chat")], at(9), at(11))
        assert (found.satisfaction.value, found.aspects) == (4, {"speed": 0.5})
        assert uow.kpi_facts.answers([QueueId("chat")], at(10, 1), at(11)) == []
