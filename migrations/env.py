"""Runs migrations online, on the database named by the caller."""

from alembic import context

from app.storage.database import connect
from app.storage.schema import metadata

engine = connect(context.config.attributes["url"])
with engine.connect() as connection, connection.begin():
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=connection.dialect.name == "sqlite"
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
