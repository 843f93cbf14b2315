"""Whether the database is the one that this code was written for."""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

from loyalty_portal.models.triggers import missing_triggers


def schema_problems(connection: Connection, head: str) -> list[str]:
    """What is missing, in words: nothing when the migrations are at `head` and every trigger is in place."""
    if not inspect(connection).has_table("alembic_version"):
        return ["the database is empty: run flask db upgrade"]
    current = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if current != head:
        return [f"the database is at migration {current}, the code at {head}: run flask db upgrade"]
    missing = sorted(missing_triggers(connection))
    return [f"the ledger's guards are missing: {', '.join(missing)}"] if missing else []
