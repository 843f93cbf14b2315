"""Databases of the bench's own: a file, or a database on a PostgreSQL server on this machine, dropped at the end."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from loyalty_portal.bench.processes import Backends

SERVER = "postgresql://127.0.0.1:5432/postgres"


@dataclass(frozen=True, slots=True)
class Bench:
    """A database to measure on; `backends` are PostgreSQL's processes."""

    kind: str
    url: str
    folder: Path
    backends: Backends | None

    @property
    def path(self) -> str:
        return self.url.removeprefix("sqlite:///")


@contextmanager
def sqlite_bench() -> Iterator[Bench]:
    with tempfile.TemporaryDirectory() as folder:
        yield Bench("SQLite", f"sqlite:///{folder}/bench.db", Path(folder), None)


@contextmanager
def postgresql_bench() -> Iterator[Bench]:
    """Raises `psycopg.OperationalError` when no server answers; it is named by TEST_POSTGRES, or the usual one."""
    server = os.environ.get("TEST_POSTGRES", SERVER)
    name = f"stempel_bench_{uuid.uuid4().hex[:12]}"
    with (
        psycopg.connect(server, autocommit=True, connect_timeout=3) as connection,
        tempfile.TemporaryDirectory() as folder,
    ):
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
        try:
            url = f"{server.rpartition('/')[0]}/{name}"
            yield Bench("PostgreSQL", url, Path(folder), Backends(connection, name))
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
