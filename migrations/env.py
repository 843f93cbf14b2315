"""How Alembic runs here: one transaction a migration, on both engines."""

from __future__ import annotations

from alembic import context
from flask import current_app

import loyalty_portal.models  # noqa: F401  (so that the metadata is complete)
from loyalty_portal.database import write_options

database = current_app.extensions["migrate"].db


def run_migrations() -> None:
    with database.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            # A table that is rebuilt is dropped for a moment; the keys are checked again at the end.
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF").close()
        context.configure(
            connection=connection.execution_options(**write_options(connection.dialect.name)),
            target_metadata=database.metadata,
            compare_type=True,
            user_module_prefix="types.",
            transactional_ddl=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        if is_sqlite:
            raw = connection.connection.driver_connection
            broken = raw.execute("PRAGMA foreign_key_check").fetchall()
            raw.execute("PRAGMA foreign_keys=ON").close()
            if broken:
                raise RuntimeError(f"the migration left rows without their parents: {broken[:5]}")


run_migrations()
