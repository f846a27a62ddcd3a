"""Answers to surveys: numbers in, words left out, refused rows with their line."""

from __future__ import annotations

from bot.core.ids import ContactRef
from bot.core.satisfaction import Satisfaction, Scale
from bot.i18n.catalog import Translator
from bot.imports.report import report_lines
from bot.imports.surveys import read_surveys
from bot.store.unit_of_work import Store
from bot.usecases.import_surveys import import_surveys
from tests.support.builders import CHAT, at, contact, settings

FILE = """case,date,queue,scale,value,attitude,speed,comment
GD1,,,1-5,4,5,3,"very kind, 13812345678"
GD1,,,1-5,6,,,
,2026-11-24 10:00,chat,nps,9,,,
,2026-11-24 10:00,chat,nps,9,,,
,2026-11-24,chat,three,满意,,,
,,chat,1-5,4,,,
NOBODY,,,1-5,4,,,
,2026-11-24,chta,1-5,4,,,
,2026-11-24,chat,stars,4,,,
,2026-11-24,chat,0-100,80,101,,
GD1 and text,,,1-5,4,,,
"""


def test_rows_are_read_and_refused_with_their_line() -> None:
    rows, report = read_surveys(FILE.encode(), source="s.csv", settings=settings())
    assert [(n.line, n.value.satisfaction) for n in rows] == [
        (2, Satisfaction(scale=Scale.FIVE, value=4)),
        (4, Satisfaction(scale=Scale.NPS, value=9)),
        (5, Satisfaction(scale=Scale.NPS, value=9)),
        (6, Satisfaction(scale=Scale.THREE, value=2)),
        (8, Satisfaction(scale=Scale.FIVE, value=4)),
    ]
    assert rows[0].value.ref == ContactRef("GD1")
    assert rows[0].value.aspects == {"attitude": 5.0, "speed": 3.0}
    assert [(r.line, r.reason) for r in report.refused] == [
        (3, "survey_value"),
        (7, "survey_place"),
        (9, "unknown_queue"),
        (10, "survey_scale"),
        (11, "survey_aspect"),
        (12, "not_a_reference"),
    ]
    for locale in ("en", "zh-Hans"):
        said = "\n".join(report_lines(report, Translator(locale)))
        assert "13812345678" not in said
        assert "stars" not in said


def test_the_same_file_twice_changes_nothing_and_unknown_cases_are_refused(store: Store) -> None:
    with store.unit() as uow:
        uow.contacts.save([contact("GD1", opened_at=at(9), resolved_at=at(9, 30))])
        uow.commit()
    rows, report = read_surveys(FILE.encode(), source="s.csv", settings=settings())
    done = import_surveys(store, rows, report)
    assert (done.counts.new, [r.line for r in done.refused]) == (4, [3, 7, 8, 9, 10, 11, 12])
    assert [f.data for f in done.findings if f.code == "survey_times"] == [{"rows": 1}]
    again = import_surveys(store, rows, report)
    assert (again.counts.new, again.counts.unchanged) == (0, 4)
    with store.read() as uow:
        found = uow.kpi_facts.answers([CHAT], at(0), at(23))
    assert sorted(a.satisfaction.value for a in found) == [2, 4, 9, 9]
