"""What the API's shapes share. Bodies come in strictly, shapes go out as docs/openapi.json says."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator
from pydantic_core import PydanticCustomError

LARGEST_ID = 2**63 - 1
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)


def _second(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _next_second(moment: datetime) -> str:
    """Up to the next full second: who comes back then isn't too early."""
    return _second(moment + timedelta(microseconds=999_999))


_FORMAT = {"format": "date-time"}
Instant = Annotated[datetime, PlainSerializer(_second, return_type=str), Field(json_schema_extra=_FORMAT)]
Later = Annotated[datetime, PlainSerializer(_next_second, return_type=str), Field(json_schema_extra=_FORMAT)]
RowId = Annotated[int, Field(ge=1, le=LARGEST_ID)]


def absent(alias: str | None = None) -> Any:
    """A field that may be left out and may not be null: ask `model_fields_set` whether it came."""
    return Field(default=None, alias=alias, json_schema_extra=_without_default)


def left_out() -> Any:
    """A field of a shape that isn't there when there is nothing to say."""
    return Field(default=None, exclude_if=lambda value: value is None, json_schema_extra=_never_null)


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


def _never_null(schema: dict[str, Any]) -> None:
    _without_default(schema)
    schema |= next(kind for kind in schema.pop("anyOf") if kind != {"type": "null"})


class Shape(BaseModel):
    """Something that the API answers."""

    model_config = ConfigDict(frozen=True)


class Page(Shape):
    """A part of a list: `total` things in all, `limit` of them from `skip` on."""

    total: int
    skip: int
    limit: int


def _whole(value: Any) -> Any:
    """Digits as people write them; not what Python would take for a number too (`1_000`, ` 5 `)."""
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value, re.ASCII):
        return int(value)
    raise PydanticCustomError("int_parsing", "isn't a whole number")


def _yes_or_no(value: Any) -> Any:
    if value not in ("true", "false"):
        raise PydanticCustomError("bool_parsing", "isn't true or false")
    return value == "true"


def _day(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value, re.ASCII):
        return value
    raise PydanticCustomError("date_parsing", "isn't a date")


def whole(least: int, most: int) -> Any:
    """A whole number in a query string, from `least` to `most`."""
    return Annotated[int, Field(ge=least, le=most), BeforeValidator(_whole)]


QueryBool = Annotated[bool, BeforeValidator(_yes_or_no)]
QueryDay = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY), BeforeValidator(_day)]


class Query(BaseModel):
    """A query string. Parameters that aren't known are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Paging(Query):
    skip: whole(0, 1_000_000) = 0
    limit: whole(1, 100) = 50


class Days(Query):
    """A stretch of days in the vendor's time zone, both ends included."""

    first: QueryDay = absent("from")
    last: QueryDay = absent("to")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if {"first", "last"} <= self.model_fields_set and self.first > self.last:
            raise PydanticCustomError("before", "begins after its end", {"field": "from"})
        return self
