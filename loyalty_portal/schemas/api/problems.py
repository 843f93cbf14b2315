from __future__ import annotations

from typing import Annotated

from pydantic import Field

from loyalty_portal.schemas.api.base import Instant, Shape, left_out


class FieldProblem(Shape):
    """What is wrong with one field, in the language asked for."""

    field: str
    message: str


class Problem(Shape):
    """An error (RFC 9457). `code` is what programs go by; the facts at the end belong to some codes only."""

    type: str
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    code: str
    detail: str | None = left_out()
    errors: list[FieldProblem] | None = left_out()
    retry_at: Instant | None = left_out()
    retry_after: int | None = left_out()
    tries_left: int | None = left_out()
    limit: int | None = left_out()
    balance: int | None = left_out()
    needed: int | None = left_out()
    transaction_id: int | None = left_out()
