"""Runs migrations on the connection that `service.database.upgrade` hands over; from the alembic command, on the service's database."""

from alembic import context
from sqlalchemy.engine import Connection

from service.database import open_engine
from service.settings import Settings
from service.tables import Base


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with open_engine(Settings.from_environment().database).begin() as own:
        run(own)
