"""Whatever happens to app.yaml: it loads, or it is refused with sentences; it never fails in another way."""

from __future__ import annotations

import copy
import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bot.config.load import load_settings
from bot.config.problems import SettingsRefusedError
from bot.core.settings import Settings
from bot.i18n.catalog import Translator

SAMPLE = Path(__file__).parents[3] / "app.yaml"
PLAIN: dict[Any, Any] = YAML(typ="safe", pure=True).load(SAMPLE)
ODD: list[Any] = [
    None,
    True,
    -1,
    0,
    10**30,
    0.5,
    float("nan"),
    float("inf"),
    "",
    " ",
    "none",
    "x",
    "mon",
    "09:00",
    "5m",
    "a@b.cd",
    [],
    [None],
    ["x"],
    [[1]],
    {},
    {"x": 1},
    {1: 2},
    date(2026, 11, 22),
    "{value}",
    "客服",
    "harbour",
]


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [found for key, value in items for found in ((*path, key), *places(value, (*path, key)))]


PLACES = places(PLAIN)


def put(tree: Any, path: tuple[Any, ...], value: Any) -> None:
    """Set a value, where the place still exists after earlier damage."""
    for key in path[:-1]:
        try:
            tree = tree[key]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(tree, dict) or (isinstance(tree, list) and path[-1] in range(len(tree))):
        tree[path[-1]] = value


def outcome(text: bytes, file: Path) -> Settings | list[str]:
    file.write_bytes(text)
    try:
        return load_settings(file, today=date(2026, 11, 22)).settings
    except SettingsRefusedError as error:
        return [p.text(Translator(locale)) for p in error.problems for locale in ("en", "zh-Hans")]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damage") / "app.yaml"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damage=st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(ODD)), min_size=1, max_size=3))
def test_odd_values_anywhere(file: Path, damage: list[tuple[tuple[Any, ...], Any]]) -> None:
    tree = copy.deepcopy(PLAIN)
    for path, value in damage:
        put(tree, path, copy.deepcopy(value))
    text = io.BytesIO()
    YAML(typ="safe", pure=True).dump(tree, text)
    assert outcome(text.getvalue(), file)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_bytes_cut_and_inserted_anywhere(file: Path, data: st.DataObject) -> None:
    raw = SAMPLE.read_bytes()
    at = data.draw(st.integers(0, len(raw)))
    cut = data.draw(st.integers(0, 40))
    junk = data.draw(
        st.one_of(
            st.binary(max_size=6), st.sampled_from([b"\t", b": ", b"- ", b"[", b"'", b"&a *a", b"!!x "])
        )
    )
    assert outcome(raw[:at] + junk + raw[at + cut :], file)


@pytest.mark.parametrize("text", [b"[" * 5000, b"a: " * 3000, b"{a: " * 3000])
def test_absurd_nesting_is_refused(file: Path, text: bytes) -> None:
    assert isinstance(outcome(text, file), list)
