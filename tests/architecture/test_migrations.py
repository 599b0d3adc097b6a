"""The migrations lead to the tables the program declares, on both dialects."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, MetaData, Text, inspect

from app.storage.schema import metadata
from tests.databases import alembic_config


def differences(connection: Connection, wanted: MetaData) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
    return list(compare_metadata(context, wanted))


def test_migrations_lead_to_the_declared_tables(connection: Connection) -> None:
    assert differences(connection, metadata) == []


def test_a_column_without_a_migration_is_found(connection: Connection) -> None:
    wanted = MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.tables.values():
        table.to_metadata(wanted)
    wanted.tables["case"].append_column(Column("forgotten", Text))
    assert "forgotten" in str(differences(connection, wanted))


def test_migrations_form_one_line() -> None:
    script = ScriptDirectory.from_config(alembic_config("sqlite://"))
    assert len(script.get_heads()) == 1
    assert [revision.revision for revision in script.walk_revisions() if revision.is_merge_point] == []


def test_tables_of_sqlite_are_strict(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        declared = {column["name"]: str(column["type"]) for column in inspect(connection).get_columns("task")}
        assert declared["due"] == "TIMESTAMP"  # with its time zone: see test_migrations_lead_to_the_declared_tables
        return
    listed = connection.exec_driver_sql("PRAGMA table_list").mappings()
    loose = [row["name"] for row in listed if row["type"] == "table" and not row["strict"]]
    assert sorted(name for name in loose if not name.startswith("sqlite_")) == ["alembic_version"]
