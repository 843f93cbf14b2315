"""Keys and checks that several tables share. Deleting is always restricted: history is never cascaded away."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import MappedColumn, mapped_column


def reference(target: str, *, nullable: bool = False, index: bool = False) -> MappedColumn[int]:
    """A column that points to `table.id`."""
    return mapped_column(ForeignKey(target, ondelete="RESTRICT"), nullable=nullable, index=index)


def own(column: str, table: str) -> ForeignKeyConstraint:
    """`column` points to a row of `table` of the same vendor: a row across vendors can't exist."""
    return ForeignKeyConstraint([column, "vendor_id"], [f"{table}.id", f"{table}.vendor_id"], ondelete="RESTRICT")


def ownable() -> UniqueConstraint:
    """What `own` needs on the table that it points to."""
    return UniqueConstraint("id", "vendor_id")


def one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    """`column` holds a word of the enum."""
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def check(name: str, rule: str) -> CheckConstraint:
    return CheckConstraint(rule, name=name)
