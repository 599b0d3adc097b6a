"""The tables of custody: they come and go with their migration, entries stay, chains do not fork."""

import threading
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, delete, inspect, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.domain.custody_chain import entry_to_plain
from app.domain.custody_ledger import add, ledger_to_plain
from app.services import custody as services
from app.services.custody_export import export_case
from app.services.custody_proof import verify
from app.storage import custody
from app.storage.database import connect
from tests.clock import Clock
from tests.custody.acts import a_ledger, following
from tests.custody.kunshan import Stage, a_stage, seize_all
from tests.databases import alembic_config, migrate

TABLES = {"custody_entry", "custody_ledger", "handover", "handover_line"}


def test_the_migration_goes_up_and_down_and_up(database_url: str) -> None:
    def tables() -> set[str]:
        engine = connect(database_url)
        found = TABLES & set(inspect(engine).get_table_names())
        engine.dispose()
        return found

    migrate(database_url, "0002")
    assert tables() == TABLES
    command.downgrade(alembic_config(database_url), "0001")
    assert tables() == set()
    migrate(database_url)
    assert tables() == TABLES


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_an_entry_cannot_be_changed_or_removed_even_by_hand(stage: Stage, verb: str) -> None:
    seize_all(stage)
    table = custody.custody_entry
    statement = update(table).values(seq=9) if verb == "update" else delete(table)
    with pytest.raises(DBAPIError, match="append-only"), stage.connection.begin_nested():
        stage.connection.execute(statement)
    assert stage.connection.execute(text("SELECT count(*) FROM custody_entry")).scalar()


def test_a_second_entry_of_the_same_number_is_refused(stage: Stage, connection: Connection) -> None:
    seize_all(stage)
    ledger, entry = add(ledger := a_ledger(), following(ledger, "viewed"))
    held = services.hold(stage.work, stage.people["chen"], stage.case.id, ["E-02"])["E-02"]
    with pytest.raises(IntegrityError), connection.begin_nested():
        custody.append_entry(
            connection,
            case_id=stage.case.id,
            item_id=held.row.id,
            content={**entry_to_plain(entry), "seq": 1},
            at=stage.clock.now,
            officer_id=stage.people["chen"].id,
            recorded_at=stage.clock.now,
            ledger=ledger_to_plain(ledger),
        )


def test_two_writers_at_once_do_not_fork_a_chain(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        stage = a_stage(connection, tmp_path, Clock("2026-03-03T09:40"))
        seize_all(stage)
    failed: list[BaseException] = []
    together = threading.Barrier(2)

    def look(name: str) -> None:
        try:
            for _ in range(10):
                together.wait()
                with engine.begin() as connection:
                    own = Stage(
                        connection=connection,
                        folder=tmp_path,
                        clock=stage.clock,
                        people=stage.people,
                        agencies=stage.agencies,
                        case=stage.case,
                    )
                    services.view(own.work, own.people[name], own.case.id, "E-02", own.cause("查看"))
        except BaseException as error:  # noqa: BLE001 - the thread that waits has to hear of it
            failed.append(error)
            together.abort()

    writers = [threading.Thread(target=look, args=(name,)) for name in ("chen", "wu")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failed == []
    with engine.begin() as connection:
        stage.connection = connection
        assert stage.ledger("E-02", by="chen").seq == 21
        assert verify(export_case(stage.work, stage.case.number)) == []
