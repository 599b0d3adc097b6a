"""The fixtures themselves: what the other tests stand on."""

import pytest
from sqlalchemy import Connection, Engine, inspect, text

from app.storage import settings
from app.storage.database import connect
from app.storage.schema import metadata
from tests.clock import Clock


def test_a_new_database_has_no_tables(database_url: str) -> None:
    engine = connect(database_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_a_migrated_database_has_every_table(engine: Engine) -> None:
    assert set(inspect(engine).get_table_names()) >= set(metadata.tables)


@pytest.mark.parametrize("value", [1, 2])
def test_what_one_test_writes_the_next_does_not_see(connection: Connection, value: int) -> None:
    assert settings.get_setting(connection, "kept") is None
    settings.put_setting(connection, "kept", value)
    assert settings.get_setting(connection, "kept") == value


def test_a_refused_statement_leaves_the_outer_transaction_usable(connection: Connection) -> None:
    settings.put_setting(connection, "kept", 1)
    with pytest.raises(Exception, match="no_such_table"), connection.begin_nested():
        connection.execute(text("SELECT * FROM no_such_table"))
    assert settings.get_setting(connection, "kept") == 1


def test_committed_work_is_seen_by_a_second_connection(engine: Engine) -> None:
    with engine.begin() as first:
        settings.put_setting(first, "kept", 1)
    with engine.begin() as second:
        assert settings.get_setting(second, "kept") == 1


def test_the_server_of_postgres_listens_on_no_network_port(postgres_url: str) -> None:
    engine = connect(postgres_url)
    with engine.connect() as connection:
        assert connection.scalar(text("SHOW listen_addresses")) == ""
    engine.dispose()


def test_the_clock_moves_only_when_told(clock: Clock) -> None:
    assert clock.now.isoformat() == "2026-03-12T00:30:00+00:00"
    assert clock.forward(days=1).isoformat() == "2026-03-13T00:30:00+00:00"
    assert clock.go_to("2026-03-16T16:40").isoformat() == "2026-03-16T08:40:00+00:00"
