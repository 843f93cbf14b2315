"""The database: engine set-up, names of constraints, and `transaction()`, the only way to write.

SQLite runs in WAL mode with an fsync for each commit; a write begins with BEGIN IMMEDIATE, so that two
writers queue instead of failing. PostgreSQL runs READ COMMITTED; services lock the card's row. A read is one
statement's snapshot on both; `one_moment()` asks for more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, MetaData, event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry, Pool

from loyalty_portal.clock import stopwatch
from loyalty_portal.errors import Busy

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
WRITE = "portal_write"
MOMENT = "portal_moment"
_EFFECTS = "portal_effects"
_RETURNED = "portal_returned"
IDLE_SECONDS = 5
BUSY_SECONDS = 10
# SQLite's writers sleep and look again, and who sleeps longest may starve. Those of one process take turns instead.
_turn = threading.Lock()
# PostgreSQL: lock not available, deadlock, serialisation failure, query cancelled by a time-out.
_BUSY_STATES = {"55P03", "40P01", "40001", "57014"}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base)


def engine_options(url: str) -> dict[str, Any]:
    """SQLAlchemy's engine options for a database URL."""
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": BUSY_SECONDS}, "pool_size": 20, "max_overflow": 20}
    timeouts = "-c lock_timeout=5s -c statement_timeout=15s -c idle_in_transaction_session_timeout=15s"
    # A read is one statement's snapshot and costs one round trip; `transaction()` asks for more.
    return {
        "isolation_level": "AUTOCOMMIT",
        "pool_size": 20,
        "max_overflow": 20,
        "connect_args": {"options": timeouts},
    }


@event.listens_for(Engine, "connect")
def _set_up_sqlite(dbapi_connection: Any, _record: Any) -> None:
    if type(dbapi_connection).__module__.split(".")[0] != "sqlite3":
        return
    # The driver's own BEGIN would start every transaction as a reader; ours is sent by `_begin`.
    dbapi_connection.isolation_level = None
    for pragma in (
        "busy_timeout=10000",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        # Without it INSERT OR REPLACE deletes a row without asking the delete trigger.
        "recursive_triggers=ON",
        "trusted_schema=OFF",
    ):
        dbapi_connection.execute(f"PRAGMA {pragma}").close()


@event.listens_for(Pool, "checkin")
def _note_return(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info[_RETURNED] = stopwatch()


@event.listens_for(Pool, "checkout")
def _ask_idle(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """Asks a PostgreSQL connection that was idle whether it still lives; a busy one would only lose time."""
    is_idle = stopwatch() - record.info.get(_RETURNED, stopwatch()) > IDLE_SECONDS
    if not is_idle or type(connection).__module__.split(".")[0] != "psycopg":
        return
    try:
        connection.autocommit = True
        connection.execute("SELECT 1")
    except Exception as error:
        raise DisconnectionError from error


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        options = connection.get_execution_options()
        if options.get(WRITE):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        elif options.get(MOMENT):
            connection.exec_driver_sql("BEGIN")


def end_read() -> None:
    """Ends an open read, so that no snapshot and no connection is held while bcrypt or a template works."""
    session = db.session()
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("something was written outside of transaction()")
    if session.in_transaction():
        session.rollback()


def one_moment(session: Any) -> None:
    """Begins a read of several statements that sees no write made meanwhile."""
    end_read()
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    session.connection(execution_options={MOMENT: True} if is_sqlite else {"isolation_level": "REPEATABLE READ"})


def is_writing() -> bool:
    """Whether a `transaction()` is open."""
    return _EFFECTS in db.session().info


def after_commit(effect: Callable[[], object], *, once: Hashable | None = None) -> None:
    """Registers what to do once the present transaction is committed (never if it rolls back).

    Of effects with the same `once` the first is kept.
    """
    db.session().info[_EFFECTS].setdefault(effect if once is None else once, effect)


def write_options(dialect: str) -> dict[str, Any]:
    """The execution options of a connection that writes several statements as one."""
    return {WRITE: True} if dialect == "sqlite" else {WRITE: True, "isolation_level": "READ COMMITTED"}


@contextmanager
def transaction() -> Iterator[None]:
    """One short write transaction: everything within is stored together or not at all.

    Raises `Busy` when a lock wasn't had in time or the database went away: nothing is known to be written,
    the client asks again with the same idempotency key. The body isn't run twice (docs/decisions/0002).
    """
    session = db.session()
    if _EFFECTS in session.info:
        raise RuntimeError("transactions don't nest")
    end_read()
    effects: dict[Hashable, Callable[[], object]] = {}
    dialect = session.get_bind().dialect.name
    with _turn_of(dialect):
        session.info[_EFFECTS] = effects
        try:
            session.connection(execution_options=write_options(dialect))
            yield
            session.commit()
        except OperationalError as error:
            session.rollback()
            if is_busy(error):
                raise Busy(retry_after=1) from error
            raise
        except BaseException:
            session.rollback()
            raise
        finally:
            del session.info[_EFFECTS]
    for effect in effects.values():
        effect()


@contextmanager
def _turn_of(dialect: str) -> Iterator[None]:
    """Waits for this process's other writers where the database has one writer. Raises `Busy`."""
    if dialect != "sqlite":
        yield
        return
    if not _turn.acquire(timeout=BUSY_SECONDS):
        raise Busy(retry_after=1)
    try:
        yield
    finally:
        _turn.release()


def is_busy(error: OperationalError) -> bool:
    """Whether the database only asks for patience: a lock, a deadlock, a time-out, a lost connection."""
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state in _BUSY_STATES or state[:2] in {"08", "57"}
    text = str(error.orig)
    return "locked" in text or "busy" in text or error.connection_invalidated
