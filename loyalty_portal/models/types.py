"""Column types. SQLite's STRICT tables know INTEGER, REAL, TEXT, BLOB and ANY only: all else maps to them here."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Integer, String, Text, types
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import mapped_column


@compiles(String, "sqlite")
@compiles(DateTime, "sqlite")
@compiles(Date, "sqlite")
def _as_text(_type: Any, _compiler: Any, **_: Any) -> str:
    return "TEXT"


@compiles(Boolean, "sqlite")
@compiles(BigInteger, "sqlite")
def _as_integer(_type: Any, _compiler: Any, **_: Any) -> str:
    return "INTEGER"


_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


def moment_text(moment: datetime) -> str:
    """A moment as fixed-width ISO text in UTC with microseconds, which sorts as time does."""
    return moment.astimezone(UTC).strftime(_FORMAT)


class Moment(types.TypeDecorator[datetime]):
    """An aware moment in UTC: `timestamptz` in PostgreSQL, fixed-width ISO text in SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone")
        return moment_text(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return datetime.fromisoformat(value) if isinstance(value, str) else value.astimezone(UTC)


class LocalDay(types.TypeDecorator[date]):
    """A calendar day in the vendor's zone: `date` in PostgreSQL, ISO text in SQLite."""

    impl = Date
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else Date())

    def process_bind_param(self, value: date | None, dialect: Dialect) -> Any:
        return value.isoformat() if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        return date.fromisoformat(value) if isinstance(value, str) else value


def sorted_text() -> types.TypeEngine[str]:
    """Text that PostgreSQL sorts byte by byte, so that an index answers a prefix in any locale."""
    return Text().with_variant(Text(collation="C"), "postgresql")


big = BigInteger().with_variant(Integer(), "sqlite")

Id = Annotated[int, mapped_column(big, primary_key=True)]
Ref = Annotated[int, mapped_column(big)]
Name = Annotated[str, mapped_column(String(120))]
Code = Annotated[str, mapped_column(String(40))]
Digest = Annotated[str, mapped_column(String(64))]
At = Annotated[datetime, mapped_column(Moment())]
Day = Annotated[date, mapped_column(LocalDay())]
Cents = Annotated[int, mapped_column(BigInteger)]
Count = Annotated[int, mapped_column(Integer)]
Flag = Annotated[bool, mapped_column(Boolean)]
