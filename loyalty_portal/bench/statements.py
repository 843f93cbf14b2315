"""The statements of a stamp, caught while one is given, and written down for pgbench and for plain sqlite3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask
from psycopg import sql
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Engine

from loyalty_portal.database import db

# What follows from the card's locked row; all else is as it was in the stamp that was caught.
_NEXT = {"seq": "seq", "stamps_after": "stamp_count", "stamp_count": "stamp_count", "revision": "revision"}


@dataclass(frozen=True, slots=True)
class Caught:
    """One statement with its parameters."""

    statement: Any
    values: Mapping[str, Any]


@contextmanager
def catching(app: Flask) -> Iterator[list[Caught]]:
    """Collects what the engine is asked to execute."""
    found: list[Caught] = []
    with app.app_context():
        engine: Engine = db.engine

    def note(_connection: Any, statement: Any, several: Any, values: Any, _options: Any) -> None:
        found.append(Caught(statement, dict(values or (several[0] if several else {}))))

    event.listen(engine, "before_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_execute", note)


def _compiled(caught: Caught, dialect: Any) -> tuple[str, dict[str, Any]]:
    compiled = caught.statement.compile(dialect=dialect, column_keys=list(caught.values) or None)
    values = compiled.construct_params(dict(caught.values))
    for name, process in compiled._bind_processors.items():
        if name in values:
            values[name] = process(values[name])
    return str(compiled), values


def pgbench_script(stamp: list[Caught], code: str) -> str:
    """A pgbench script of the same statements for the card with this code."""
    lines = ["\\set k random(1, 9000000000000000)"]
    for place, caught in enumerate(stamp):
        text, values = _compiled(caught, postgresql.dialect(paramstyle="pyformat"))  # type: ignore[no-untyped-call]
        written = {name: _pg_value(name, value, code) for name, value in values.items()}
        line = " ".join((text % written).split())
        locks = "FOR UPDATE" in line
        if locks:
            lines.append("BEGIN;")
        lines.append(line + (" \\gset" if locks else ";"))
        if place == len(stamp) - 1:
            lines.append("COMMIT;")
    return "\n".join(lines) + "\n"


def _pg_value(name: str, value: Any, code: str) -> str:
    if name in _NEXT:
        return f"((:{_NEXT[name]})::int + 1)"
    known = {
        "card": f"'{code}'",
        "card_id": "(:id)::bigint",
        "this_card": "(:id)::bigint",
        "prev_hash": "(:head_hash)::text",
        "hash": "lpad(((:seq)::int + 1)::text, 64, '0')",
        "head_hash": "lpad(((:seq)::int + 1)::text, 64, '0')",
        "key": "'bench-' || (:k)::text",
        "asked": "'bench-' || (:k)::text",
    }
    return known[name] if name in known else _literal(value)


def _literal(value: Any) -> str:
    """A constant. pgbench would take what follows a colon for a variable, so colons in text are written as escapes."""
    if isinstance(value, str | datetime):
        text = str(value).replace("\\", "\\\\").replace("'", "''").replace(":", "\\003A")
        return f"U&'{text}'"
    return sql.Literal(value).as_string(None)


def sqlite_steps(stamp: list[Caught]) -> list[tuple[str, dict[str, Any]]]:
    """The same statements for plain sqlite3, each with the values that don't change."""
    dialect = sqlite.dialect(paramstyle="named")
    return [_compiled(caught, dialect) for caught in stamp]


def sqlite_values(values: dict[str, Any], row: Mapping[str, Any], code: str, key: str) -> dict[str, Any]:
    """The values of one step for this card and key; `row` is the card as it was locked, empty before that."""
    found = dict(values)
    for name in values:
        if name in _NEXT and row:
            found[name] = row[_NEXT[name]] + 1
        elif name == "card":
            found[name] = code
        elif name in {"card_id", "this_card"} and row:
            found[name] = row["id"]
        elif name == "prev_hash":
            found[name] = row["head_hash"]
        elif name in {"hash", "head_hash"}:
            found[name] = f"{row['seq'] + 1:064d}"
        elif name in {"key", "asked"}:
            found[name] = key
    return found
