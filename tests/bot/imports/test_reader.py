"""Files as people have them: encodings, delimiters, headers."""

from __future__ import annotations

import pytest

from bot.core.errors import RefusedError
from bot.core.import_report import Numbered, RefusedRow
from bot.imports.columns import AGENTS, VOLUMES
from bot.imports.reader import read_table

TEXT = "start,contacts\n2026-11-02T09:00,5\n2026-11-02T09:15,7\n"
CHINESE = "开始时间,来量\n2026/11/2 9:00,5\n2026/11/2 9:15,7\n"


def values(data: bytes) -> list[dict[str, str]]:
    rows = list(read_table(data, VOLUMES, source="v.csv").rows())
    assert all(isinstance(r, Numbered) for r in rows)
    return [dict(r.value) for r in rows if isinstance(r, Numbered)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [TEXT, CHINESE])
def test_every_encoding_a_spreadsheet_writes_is_read(text: str, encoding: str) -> None:
    assert [v["contacts"] for v in values(text.encode(encoding))] == ["5", "7"]


def test_gb18030_is_named_because_other_old_encodings_can_look_like_it() -> None:
    table = read_table(CHINESE.encode("gb18030"), VOLUMES, source="v.csv")
    assert [(f.code, f.data["encoding"]) for f in table.findings] == [("encoding", "GB18030")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "，"])
def test_delimiters(delimiter: str) -> None:
    assert values(TEXT.replace(",", delimiter).encode())[1]["contacts"] == "7"


def test_excels_line_that_names_the_delimiter() -> None:
    assert values(b"sep=;\nstart;contacts\n2026-11-02T09:00;5\n")[0]["contacts"] == "5"


def test_headers_in_other_words_and_quoted_cells() -> None:
    data = b'Interval Start,Calls,"note, free"\n"2026-11-02T09:00","1,234","x, y"\n'
    table = read_table(data, VOLUMES, source="v.csv")
    assert table.ignored == ("note, free",)
    [row] = list(table.rows())
    assert isinstance(row, Numbered)
    assert dict(row.value) == {"start": "2026-11-02T09:00", "contacts": "1,234"}


def test_a_missing_column_says_what_was_found_and_how_to_map_it() -> None:
    with pytest.raises(RefusedError) as refused:
        read_table(b"created_at,contacts\nx,1\n", VOLUMES, source="v.csv")
    assert refused.value.kind == "column_missing"
    assert "Line 1: no column 'start'. Found: created_at, contacts." in str(refused.value)
    assert "--map start=created_at" in str(refused.value)


def test_a_mapping_is_followed_and_a_wrong_one_refused() -> None:
    table = read_table(
        b"created_at,n\nx,1\n", VOLUMES, source="v", mapping={"start": "created_at", "contacts": "N"}
    )
    [row] = list(table.rows())
    assert isinstance(row, Numbered)
    assert row.value["start"] == "x"
    for mapping, kind in (({"start": "nope"}, "map_header"), ({"begin": "n"}, "map_column")):
        with pytest.raises(RefusedError) as refused:
            read_table(b"created_at,n\nx,1\n", VOLUMES, source="v", mapping=mapping)
        assert refused.value.kind == kind


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "file_empty"),
        (b" \r\n\r\n", "file_empty"),
        (b"\xef\xbb\xbf", "file_empty"),
        (b"PK\x03\x04rest of a workbook", "file_workbook"),
        (b"start,contacts\n\xff\xff\xff\xff,1\n", "file_encoding"),
    ],
)
def test_files_that_cannot_be_read_at_all(data: bytes, kind: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read_table(data, VOLUMES, source="v.csv")
    assert refused.value.kind == kind


def test_rows_of_the_wrong_width_are_refused_by_line_and_the_rest_is_kept() -> None:
    data = b"start,contacts\n\n2026-11-02T09:00,5,extra\n2026-11-02T09:15\n2026-11-02T09:30,6\n"
    rows = list(read_table(data, VOLUMES, source="v.csv").rows())
    assert [(r.line, r.reason) for r in rows if isinstance(r, RefusedRow)] == [
        (3, "too_many_fields"),
        (4, "too_few_fields"),
    ]
    assert [r.line for r in rows if isinstance(r, Numbered)] == [5]


def lines_of(text: str) -> tuple[list[int], list[tuple[int, str]]]:
    rows = list(read_table(text.encode(), VOLUMES, source="v.csv").rows())
    kept = [r.line for r in rows if isinstance(r, Numbered)]
    return kept, [(r.line, r.reason) for r in rows if isinstance(r, RefusedRow)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "stray",
    ['"2026-11-02T09:15,7', '2026-11-02T09:15,"7', '"2026-11-02T09:15",7,"', '"'],
)
def test_a_stray_quote_spoils_its_own_line_only(stray: str, end: str) -> None:
    lines = ["start,contacts", "2026-11-02T09:00,5", stray, *(f"2026-11-02T10:{m:02d},1" for m in range(60))]
    kept, refused = lines_of(end.join(lines) + end)
    assert kept == [2, *range(4, 64)]
    assert refused == [(3, "stray_quote")]


def test_several_stray_quotes_one_of_them_on_the_last_line() -> None:
    text = 'start,contacts\n"2026-11-02T09:00,5\n2026-11-02T09:15,6\n"2026-11-02T09:30,7\n2026-11-02T09:45,"8'
    assert lines_of(text) == ([3], [(2, "stray_quote"), (4, "stray_quote"), (5, "stray_quote")])


def test_a_text_over_lines_is_no_stray_quote_where_its_column_is_not_stored() -> None:
    text = 'start,note,contacts\n2026-11-02T09:00,"two, lines\n\nof ""text""\n",5\n2026-11-02T09:15,,6\n'
    assert lines_of(text) == ([2, 6], [])


def test_a_file_without_a_header_does_not_have_its_first_customer_repeated() -> None:
    with pytest.raises(RefusedError) as refused:
        read_table(b"GD20261102001,13812345678,wei@x.cn\n", VOLUMES, source="v.csv")
    said = str(refused.value) + str(refused.value.data)
    assert "138" not in said
    assert "wei" not in said


def test_a_line_break_inside_quotes_keeps_line_numbers_right() -> None:
    data = b'agent,email,skills,contract,note\na,a@x.cn,chat,full,"two\nlines"\nb,b@x.cn,chat,full,one\n'
    rows = list(read_table(data, AGENTS, source="a.csv").rows())
    assert [r.line for r in rows] == [2, 4]
