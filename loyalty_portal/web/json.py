"""The one reader of what API clients send: strict JSON in, a command out. Raises what `web/problems.py` answers.

It stands before everything else that reads bodies, because a lenient reader takes broken JSON for `{}`, the last of
two equal keys, and `NaN` for a number (DECISIONS 22).
"""

from __future__ import annotations

import json
from typing import Any, NoReturn, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from loyalty_portal.errors import BadJson, Invalid, UnsupportedMediaType

MOST_BYTES = 64 * 1024
DEEPEST = 16
LONGEST_NUMBER = 30
Model = TypeVar("Model", bound=BaseModel)


def read_body(schema: type[Model], *, optional: bool = False) -> Model:
    """The request's body as an instance of `schema`; with `optional` no body at all is `{}`.

    Raises `UnsupportedMediaType`, `BadJson`, `Invalid`, and werkzeug's 413 for a body larger than 64 KiB.
    """
    request.max_content_length = MOST_BYTES
    data = request.get_data()
    if optional and not data:
        data = b"{}"
    elif request.mimetype != "application/json":
        raise UnsupportedMediaType
    value = _object(data)
    try:
        # As JSON, so that types are strict (no "2" for 2) while dates and choices are still written as text.
        return schema.model_validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        raise _invalid(error) from None


def read_query(schema: type[Model] | None) -> Model | None:
    """The query string as an instance of `schema`; without one no parameter is known. Raises `Invalid`."""
    sent: dict[str, Any] = {}
    for name, values in request.args.lists():
        sent[name] = values[0] if len(values) == 1 else values
    if schema is None:
        if sent:
            raise Invalid(errors=[{"field": name, "type": "extra_forbidden", "ctx": {}} for name in sent])
        return None
    try:
        return schema.model_validate(sent)
    except ValidationError as error:
        raise _invalid(error) from None


def _object(data: bytes) -> dict[str, Any]:
    """One JSON object in UTF-8, not too deep, with each key once. Raises `BadJson`."""
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_each_once,
            parse_constant=_refuse,
            # A number of thousands of digits is too large for every field, and slow to read.
            parse_int=lambda text: int(text[:LONGEST_NUMBER]),
        )
    except (ValueError, RecursionError):
        raise BadJson from None
    if not isinstance(value, dict) or not _fits(value, DEEPEST):
        raise BadJson
    return value


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse(_constant: str) -> NoReturn:
    raise ValueError("JSON knows no NaN and no Infinity")


def _fits(value: Any, room: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    if room == 0:
        return False
    inner = value.values() if isinstance(value, dict) else value
    return all(_fits(item, room - 1) for item in inner)


def _invalid(error: ValidationError) -> Invalid | BadJson:
    found = error.errors(include_url=False, include_input=False)
    if any(item["type"] == "json_invalid" for item in found):
        return BadJson()
    return Invalid(
        errors=[
            {
                "field": str((item.get("ctx") or {}).get("field") or ".".join(map(str, item["loc"]))),
                "type": item["type"],
                "ctx": item.get("ctx") or {},
            }
            for item in found
        ]
    )
