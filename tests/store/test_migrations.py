"""The migrations make exactly the tables the code uses, on both databases, and can be taken back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from bot.core.errors import ConfigurationError, UnavailableError
from bot.core.ids import ContactRef
from bot.store import schema
from bot.store.engine import make_engine
from bot.store.migrations import HEAD, REVISIONS
from bot.store.tables import Base
from bot.store.unit_of_work import Store

FOLDER = Path(schema.__file__).parent / "migrations"


@pytest.fixture
def empty(database_url: str) -> Iterator[Engine]:
    """An empty database of each kind."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_upgrading_an_empty_database_makes_what_the_code_uses(empty: Engine) -> None:
    assert schema.upgrade(empty) == (None, HEAD)
    with empty.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_names_of_keys_and_indexes_are_those_of_the_tables(empty: Engine) -> None:
    schema.upgrade(empty)
    found = inspect(empty)
    for table in Base.metadata.sorted_tables:
        assert {i["name"] for i in found.get_indexes(table.name) if not i.get("duplicates_constraint")} == {
            i.name for i in table.indexes
        }
        expected = {c.name for c in table.constraints if type(c).__name__ == "UniqueConstraint"}
        assert {c["name"] for c in found.get_unique_constraints(table.name)} == expected


def test_partial_indexes_stay_partial(empty: Engine) -> None:
    schema.upgrade(empty)
    option = f"{empty.dialect.name}_where"
    for table, index in (("sla_clocks", "ix_sla_clocks_due"), ("alerts", "ix_alerts_due")):
        found = {i["name"]: i for i in inspect(empty).get_indexes(table)}
        assert "NOT NULL" in str(found[index]["dialect_options"][option]).upper()


@pytest.mark.parametrize("revision", REVISIONS)
def test_each_revision_goes_down_and_up_again(empty: Engine, revision: str) -> None:
    below = ["base", *REVISIONS][REVISIONS.index(revision)]
    schema.upgrade(empty)
    schema.downgrade(empty, below)
    assert schema.current_revision(empty) == (None if below == "base" else below)
    if below == "base":
        assert tables(empty) == set()
    schema.upgrade(empty)
    assert tables(empty) == set(Base.metadata.tables)


def test_the_list_of_revisions_is_that_of_the_files() -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)
    assert [r.revision for r in reversed(list(script.walk_revisions()))] == list(REVISIONS)
    assert script.get_heads() == [HEAD]
    assert {p.stem for p in (FOLDER / "versions").glob("2*.py")} == set(REVISIONS)


def test_an_empty_database_is_made_at_first_use_and_data_is_kept_at_the_second(empty: Engine) -> None:
    schema.check_current(empty)
    assert tables(empty) == set(Base.metadata.tables)
    with empty.begin() as connection:
        connection.execute(
            text("INSERT INTO job_slots (job, slot, taken_at) VALUES ('a', 'b', '2026-11-22 00:00:00')")
        )
    schema.check_current(empty)
    assert schema.upgrade(empty) == (HEAD, HEAD)
    with empty.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM job_slots")).scalar() == 1


def test_a_database_of_a_newer_version_is_refused_and_nothing_is_touched(empty: Engine) -> None:
    schema.upgrade(empty)
    with empty.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '20280101_future'"))
        connection.execute(text("DROP TABLE audit"))
    before = tables(empty)
    for attempt in (schema.check_current, schema.upgrade):
        with pytest.raises(ConfigurationError) as refused:
            attempt(empty)
        assert refused.value.kind == "database_newer"
        assert "20280101_future" in str(refused.value)
        assert HEAD in str(refused.value)
        assert "nothing was changed" in str(refused.value)
    assert tables(empty) == before
    assert schema.current_revision(empty) == "20280101_future"


def test_an_older_database_is_refused_with_the_command_that_helps(
    empty: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema.upgrade(empty)
    # The day after the next revision was written: this database is one behind.
    monkeypatch.setattr(schema, "HEAD", "20270101_next")
    monkeypatch.setattr(schema, "REVISIONS", (*REVISIONS, "20270101_next"))
    with pytest.raises(ConfigurationError, match="muster db upgrade") as refused:
        schema.check_current(empty)
    assert refused.value.data == {"found": HEAD, "needed": "20270101_next"}


def test_a_database_with_other_tables_is_not_taken_over(empty: Engine) -> None:
    with empty.begin() as connection:
        connection.execute(text("CREATE TABLE invoices (id INTEGER PRIMARY KEY)"))
    with pytest.raises(ConfigurationError, match="invoices") as refused:
        schema.check_current(empty)
    assert refused.value.kind == "database_foreign"
    assert tables(empty) == {"invoices"}


def test_two_processes_that_start_on_one_empty_database_both_succeed(empty: Engine) -> None:
    failures: list[BaseException] = []
    url = empty.url.render_as_string(hide_password=False)

    def start() -> None:
        engine = make_engine(url)
        try:
            schema.check_current(engine)
        except BaseException as error:
            failures.append(error)
        finally:
            engine.dispose()

    # Alembic's context is one per process: the second waits for the first, like another process.
    starters = [threading.Thread(target=start) for _ in range(2)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    assert failures == []
    assert tables(empty) == set(Base.metadata.tables)


def test_a_file_that_is_no_database_and_a_folder_that_is_not_there(tmp_path: Path) -> None:
    text_file = tmp_path / "notes.db"
    text_file.write_text("these are notes, and they are long enough to be read as a header " * 5)
    for path in (text_file, tmp_path / "missing" / "muster.db"):
        engine = make_engine(f"sqlite:///{path}")
        with pytest.raises((UnavailableError, ConfigurationError)) as refused:
            schema.check_current(engine)
        assert "nothing was changed" in str(refused.value)
        engine.dispose()
    assert text_file.read_text().startswith("these are notes")


def test_an_unreachable_server_is_temporary_and_names_no_password() -> None:
    engine = make_engine("postgresql://someone:very-secret@127.0.0.1:1/muster")
    with pytest.raises(UnavailableError) as refused:
        schema.check_current(engine)
    assert refused.value.temporary
    assert "very-secret" not in str(refused.value)


def test_alerts_of_before_become_the_concerns_of_one(empty: Engine) -> None:
    """An alert per measure was; of one case they are one alert now, and come apart again on the way back."""
    schema.upgrade(empty)
    schema.downgrade(empty, "20261126_line")
    when = "2026-11-24 02:10:00"
    with empty.begin() as connection:
        held = {c["name"]: c for c in inspect(connection).get_columns("contacts")}
        known = {
            "ref": "'GD1'",
            "queue": "'chat'",
            "channel": "'chat'",
            "type": "'order'",
            "priority": "'high'",
            "tier": "''",
            "status": "'new'",
            "opened_at": f"'{when}'",
            "source": "'crm'",
        }
        for name, column in held.items():
            if not column["nullable"] and name not in known and name != "id" and column["default"] is None:
                known[name] = "false" if "BOOL" in str(column["type"]) else "'[]'"
        names, values = ", ".join(known), ", ".join(known.values())
        connection.execute(text(f"INSERT INTO contacts ({names}) VALUES ({values})"))
        for kind, measure, state in (
            ("breach", "first_response", "open"),
            ("warning", "resolution", "resolved"),
        ):
            columns = "contact_id, kind, queue, team, measure, state, opened_at, due_at, step, next_step_at"
            row = f"id, '{kind}', 'chat', 'harbour', '{measure}', '{state}', '{when}', '{when}', 0, '{when}'"
            connection.execute(text(f"INSERT INTO alerts ({columns}) SELECT {row} FROM contacts"))
    schema.upgrade(empty)
    store = Store(empty)
    with store.read() as uow:
        alert = uow.alerts.of(ContactRef("GD1"))
    assert alert is not None
    assert [(c.kind.value, c.key, c.live) for c in alert.concerns] == [
        ("breach", "first_response:0", True),
        ("warning", "resolution:0", False),
    ]
    assert (alert.state.value, alert.step) == ("open", 0)
    schema.downgrade(empty, "20261126_line")
    with empty.connect() as connection:
        rows = connection.execute(text("SELECT kind, measure, state FROM alerts ORDER BY kind")).all()
    assert [tuple(row) for row in rows] == [
        ("breach", "first_response", "open"),
        ("warning", "resolution", "resolved"),
    ]
