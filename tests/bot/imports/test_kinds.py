"""Which kind of file it is: by its columns, and where several fit by its name."""

from __future__ import annotations

import pytest

from bot.core.errors import RefusedError
from bot.imports.kinds import kind_of


@pytest.mark.parametrize(
    ("source", "header", "kind"),
    [
        ("x.csv", "queue,start,contacts,aht_seconds", "volumes"),
        ("x.csv", "contact,queue,arrived,answered", "contacts"),
        ("x.csv", "agent,name,email,team,skills,contract", "agents"),
        ("x.csv", "agent,weekday_or_date,start,end", "availability"),
        ("x.csv", "agent,start,end,kind", "leave"),
        ("x.csv", "agent,date,activity,start,end", "roster"),
        ("x.csv", "kind,start,end,name,lift", "events"),
        ("x.csv", "case,scale,value,attitude,comment", "surveys"),
        ("满意度.csv", "日期,队列,量表,满意度", "surveys"),
        # Its columns would also do for leave: the name decides.
        ("roster-w49.csv", "agent,date,activity,start,end", "roster"),
        ("休假.csv", "agent,start,end", "leave"),
        ("Leave 2026.csv", "agent,start,end,kind", "leave"),
        # The name misleads: what is there decides.
        ("x.csv", "队列,开始时间,来量", "volumes"),
    ],
)
def test_kind(source: str, header: str, kind: str) -> None:
    assert kind_of(f"{header}\n".encode(), source=source) == kind


def test_a_named_file_says_which_column_is_missing_and_others_which_kinds_there_are() -> None:
    with pytest.raises(RefusedError) as refused:
        kind_of(b"contact,queue\n1,phone\n", source="contacts.csv")
    assert refused.value.kind == "column_missing"
    assert refused.value.data["column"] == "arrived"
    with pytest.raises(RefusedError) as refused:
        kind_of(b"a,b\n1,2\n", source="x.csv")
    assert refused.value.kind == "kind_unknown"
    with pytest.raises(RefusedError) as refused:
        kind_of(b"", source="contacts.csv")
    assert refused.value.kind == "file_empty"
