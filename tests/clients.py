"""A client of the database that is not this application: no pragmas, no services, no good manners."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from flask import Flask
from psycopg.rows import dict_row

from loyalty_portal.models.triggers import TRIGGERS

REFUSALS = (sqlite3.IntegrityError, sqlite3.OperationalError, psycopg.Error)


class Client:
    """Its own connection; each statement is a transaction of its own. `?` stands for a value on both engines."""

    def __init__(self, connection: Any, is_sqlite: bool) -> None:
        self._connection = connection
        self.is_sqlite = is_sqlite

    def run(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        """The rows that the statement answers."""
        text = statement if self.is_sqlite else statement.replace("?", "%s")
        cursor = self._connection.execute(text, values)
        if cursor.description is None:
            return []
        return [dict(row) for row in cursor.fetchall()]

    def refuses(self, statement: str, *values: Any, because: str = "") -> None:
        """The database says no, and what it says holds `because`."""
        with pytest.raises(REFUSALS) as error:
            self.run(statement, *values)
        assert because in str(error.value), str(error.value)

    def insert(self, table: str, row: dict[str, Any], verb: str = "INSERT INTO") -> None:
        self.run(*self.insertion(table, row, verb))

    @staticmethod
    def insertion(table: str, row: dict[str, Any], verb: str = "INSERT INTO") -> tuple[Any, ...]:
        marks = ", ".join("?" for _ in row)
        return (f"{verb} {table} ({', '.join(row)}) VALUES ({marks})", *row.values())

    def last_entry(self, card_id: int) -> dict[str, Any]:
        return self.run("SELECT * FROM loyalty_transactions WHERE card_id = ? ORDER BY seq DESC LIMIT 1", card_id)[0]

    def next_entry(self, card: int, **changes: Any) -> dict[str, Any]:
        """An entry that would continue the card: one more stamp."""
        last = self.last_entry(card)
        entry = last | {
            "seq": last["seq"] + 1,
            "kind": "stamp_earned",
            "stamps_delta": 1,
            "points_delta": 0,
            "stamps_after": last["stamps_after"] + 1,
            "prev_hash": last["hash"],
            "hash": "0" * 64,
            "voids_id": None,
        }
        del entry["id"]
        return entry | changes

    @contextmanager
    def unguarded(self) -> Iterator[None]:
        """What somebody who owns the database can do: the guards are off for a while."""
        if self.is_sqlite:
            texts = [row["sql"] for row in self.run("SELECT sql FROM sqlite_master WHERE type = 'trigger'")]
            for name in TRIGGERS:
                self.run(f"DROP TRIGGER {name}")
            yield
            for text in texts:
                self.run(text)
        else:
            self.run("SET session_replication_role = replica")
            yield
            self.run("SET session_replication_role = DEFAULT")


@contextmanager
def client_of(app: Flask) -> Iterator[Client]:
    """A connection of its own to the application's database."""
    url = str(app.config["SQLALCHEMY_DATABASE_URI"])
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=10)
        connection.row_factory = sqlite3.Row
        try:
            yield Client(connection, True)
        finally:
            connection.close()
    else:
        with psycopg.connect(
            url.replace("postgresql+psycopg:", "postgresql:"), autocommit=True, row_factory=dict_row
        ) as connection:
            yield Client(connection, False)
