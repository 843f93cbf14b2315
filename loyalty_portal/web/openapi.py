"""The API's document, OpenAPI 3.1, made from the routes and schemas themselves.

`documented` stands under `@requires` on every route of the API: it reads body and query strictly, hands them to the
view, and notes what the route takes and answers. spectree gathers the notes and builds the document; it validates
nothing, because it takes broken JSON for `{}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, wraps
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from spectree import Response, SecurityScheme, SpecTree
from spectree.models import SecureType, SecuritySchemeData, Tag

from loyalty_portal.schemas.api.base import LARGEST_ID
from loyalty_portal.schemas.api.problems import Problem
from loyalty_portal.web.json import read_body, read_query

View = Callable[..., Any]

VENDOR = Tag(name="Vendor", description="One vendor's program, cards and entries, with a vendor's key.")
ADMIN = Tag(name="Admin", description="The platform, with an admin's key.")
PUBLIC = Tag(name="Public", description="What anyone may ask, without a key.")
_SECURITY: dict[str, list[dict[str, list[str]]]] = {
    VENDOR.name: [{"vendorKey": []}],
    ADMIN.name: [{"adminKey": []}],
    PUBLIC.name: [],
}

CODES: dict[str, int] = {
    "invalid": 422,
    "bad_json": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "pin_required": 422,
    "pin_rejected": 403,
    "pin_refused": 422,
    "manager_required": 403,
    "pin_locked": 423,
    "cooling_down": 409,
    "daily_limit": 409,
    "visit_limit": 409,
    "not_enough_stamps": 409,
    "not_enough_points": 409,
    "card_inactive": 409,
    "program_inactive": 409,
    "wrong_program_type": 409,
    "reward_unknown": 404,
    "already_voided": 409,
    "not_voidable": 409,
    "void_too_late": 409,
    "program_exists": 409,
    "idempotency_conflict": 409,
    "idempotency_in_progress": 409,
    "rate_limited": 429,
    "payload_too_large": 413,
    "method_not_allowed": 405,
    "unsupported_media_type": 415,
    "reference_used": 409,
    "slug_taken": 409,
    "email_taken": 409,
    "busy": 503,
    "wallet_away": 503,
    "callback_denied": 400,
}
"""Every code that the API answers, with its status."""

PIN = ("pin_required", "pin_rejected", "pin_locked", "rate_limited")
KEYED = ("idempotency_conflict", "idempotency_in_progress")
_BODY = ("bad_json", "unsupported_media_type", "payload_too_large")
_RETRY_AFTER = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}
_HEADERS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"description": "The scheme: Bearer.", "schema": {"type": "string"}}},
    423: {"Retry-After": _RETRY_AFTER},
    429: {"Retry-After": _RETRY_AFTER},
    503: {"Retry-After": _RETRY_AFTER},
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key with the same request answers the first answer again, and writes nothing.",
    "schema": {"type": "string", "pattern": r"^[\x21-\x7e]{1,255}$"},
}
_REPLAYED = {"description": "`true` when this was answered before.", "schema": {"type": "string", "enum": ["true"]}}


@dataclass(frozen=True, slots=True)
class _Note:
    """What spectree doesn't keep of a route."""

    codes: tuple[str, ...]
    is_keyed: bool
    body_is_optional: bool


_notes: dict[str, _Note] = {}

tree = SpecTree(
    "flask",
    mode="strict",
    annotations=False,
    title="Loyalty cards",
    version="1",
    description=(
        "Stamp cards and points of small shops, for cash registers and other programs. Money is integer cents of the "
        "vendor's currency, times are RFC 3339 in UTC, errors are `application/problem+json` with a `code`. Every "
        "answer that was counted says what is left of the rate limit: `RateLimit-Limit`, `-Remaining`, `-Reset`."
    ),
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda _parent, child: child,
    security_schemes=[
        SecurityScheme(
            name="vendorKey",
            data=SecuritySchemeData(type=SecureType.HTTP, scheme="bearer", description="A vendor's API key."),
        ),
        SecurityScheme(
            name="adminKey",
            data=SecuritySchemeData(type=SecureType.HTTP, scheme="bearer", description="An API key of the platform."),
        ),
    ],
)


def documented(
    tag: Tag,
    answers: dict[int, type[BaseModel] | None],
    *,
    body: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    problems: Sequence[str] = (),
    is_keyed: bool = False,
    body_is_optional: bool = False,
) -> Callable[[View], View]:
    """Reads `body` and `query`, which the view takes as `body` and `asked`, and notes what the route answers:
    `answers` by status, `problems` by code.

    `is_keyed`: the route takes an `Idempotency-Key`.
    """
    codes = _codes(tag, problems, has_body=body is not None, is_keyed=is_keyed)

    def mark(view: View) -> View:
        name = f"{view.__module__.removeprefix('loyalty_portal.api.')}.{view.__name__}"
        _notes[name] = _Note(codes, is_keyed, body_is_optional)
        described = tree.validate(
            json=body,
            query=query,
            resp=_responses(answers, codes),
            tags=[tag],
            security=_SECURITY[tag.name],
            operation_id=name,
            skip_validation=True,
        )(view)

        @wraps(described)
        def read(**path: Any) -> Any:
            asked = read_query(query)
            if query is not None:
                path["asked"] = asked
            if body is not None:
                path["body"] = read_body(body, optional=body_is_optional)
            return described(**path)

        return read

    return mark


@cache
def document() -> dict[str, Any]:
    """The document of the application's routes, which are the same in each application of a process."""
    spec: dict[str, Any] = tree.spec
    for methods in spec["paths"].values():
        for operation in methods.values():
            _finish(operation, _notes[operation["operationId"]])
    spec["tags"] = [tag.to_dict(exclude_none=True) for tag in (VENDOR, ADMIN, PUBLIC)]
    spec["paths"] = dict(sorted(spec["paths"].items()))
    schemas = spec["components"]["schemas"]
    used = set(re.findall(r"#/components/schemas/(\w+)", json.dumps([spec["paths"], schemas])))
    # Query strings are told parameter by parameter.
    spec["components"]["schemas"] = {name: schemas[name] for name in sorted(used)}
    return dict(_untitled(spec))


def as_text() -> str:
    """The document as it is committed."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def _codes(tag: Tag, problems: Sequence[str], *, has_body: bool, is_keyed: bool) -> tuple[str, ...]:
    always = ["invalid", "rate_limited", "busy"]
    if tag is not PUBLIC:
        always += ["unauthenticated", "forbidden"]
    if has_body:
        always += _BODY
    if is_keyed:
        always += KEYED
    named = {*always, *problems}
    return tuple(code for code in CODES if code in named)


def _responses(answers: dict[int, type[BaseModel] | None], codes: Sequence[str]) -> Response:
    models: dict[str, Any] = {f"HTTP_{status}": model for status, model in answers.items()}
    for code in codes:
        models[f"HTTP_{CODES[code]}"] = Problem
    return Response(**models)


def _finish(operation: dict[str, Any], note: _Note) -> None:
    for parameter in operation["parameters"]:
        parameter["schema"] = {k: v for k, v in parameter["schema"].items() if k != "description"}
        if parameter["in"] == "path" and parameter["schema"].get("type") == "integer":
            parameter["schema"] = {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}
        if not parameter.get("description"):
            parameter.pop("description", None)
    if note.is_keyed:
        operation["parameters"].append(_IDEMPOTENCY_KEY)
    if "requestBody" in operation:
        operation["requestBody"]["required"] = not note.body_is_optional
    operation["responses"] = dict(sorted(operation["responses"].items()))
    for status, response in operation["responses"].items():
        number = int(status)
        if number >= 400:
            codes = [code for code in note.codes if CODES[code] == number]
            response["description"] = f"{HTTPStatus(number).phrase}: {', '.join(f'`{code}`' for code in codes)}"
            response["content"] = {"application/problem+json": response["content"]["application/json"]}
        if headers := _HEADERS.get(number):
            response["headers"] = headers
        elif note.is_keyed and number in {200, 201, 409}:
            response["headers"] = {"Idempotent-Replayed": _REPLAYED}


def _untitled(value: Any) -> Any:
    """Without the titles that pydantic gives every field: they repeat its name."""
    if isinstance(value, dict):
        is_schema = "properties" in value or "type" in value or "anyOf" in value or "enum" in value or "$ref" in value
        return {
            name: _untitled(item)
            for name, item in value.items()
            if not (name == "title" and is_schema and isinstance(item, str))
        }
    if isinstance(value, list):
        return [_untitled(item) for item in value]
    return value
