"""Programs that use the API. Every answer that one gets is compared with the document."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import jsonschema_rs
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from loyalty_portal.database import end_read
from loyalty_portal.enums import StaffRole
from loyalty_portal.schemas.keys import KeyCreate
from loyalty_portal.schemas.staff import StaffCreate
from loyalty_portal.web.openapi import document
from tests.shops import Shop

STAFF, MANAGER, WRONG = "7351", "8462", "9999"
VENDOR, ADMIN, PUBLIC = "/api/v1/vendor/loyalty", "/api/v1/admin/loyalty", "/api/v1/loyalty"


class Program:
    """One program with its key, or none. Paths are relative to `base`."""

    base = ""

    def __init__(self, shop: Shop, key: str | None = None) -> None:
        self.shop = shop
        self.key = key
        self.client: FlaskClient = shop.app.test_client()

    def with_key(self, vendor_id: int | None, **options: Any) -> Any:
        """The same program with a new key."""
        made: list[str] = []
        command = KeyCreate(name="Register", **options)
        self.shop.do(lambda services: made.append(services.api_key_service.create(vendor_id, command).plain))
        return type(self)(self.shop, made[0])

    def call(self, method: str, path: str, headers: dict[str, str] | None = None, **given: Any) -> TestResponse:
        """The answer, once it was found to be as documented."""
        sent = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        answer = self.client.open(self.base + path, method=method, headers=sent | (headers or {}), **given)
        check_documented(self.shop, method, answer)
        return answer

    def get(self, path: str, **given: Any) -> TestResponse:
        return self.call("GET", path, **given)

    def post(self, path: str, json: Any = None, key: str | None = None, **given: Any) -> TestResponse:
        """`key` is the idempotency key."""
        headers = {"Idempotency-Key": key} if key is not None else {}
        body = {} if json is None else {"json": json}
        return self.call("POST", path, headers=headers | given.pop("headers", {}), **body, **given)

    def patch(self, path: str, json: Any) -> TestResponse:
        return self.call("PATCH", path, json=json)

    def delete(self, path: str) -> TestResponse:
        return self.call("DELETE", path)


class Register(Program):
    """A vendor's program."""

    base = VENDOR

    def card(self, **given: Any) -> dict[str, Any]:
        answer = self.post("/cards", given)
        assert answer.status_code in {200, 201}, answer.text
        return dict(answer.json or {})

    def entries(self) -> int:
        """How many entries the ledger holds, of all vendors."""
        return int(self.shop.rows("SELECT count(*) FROM loyalty_transactions")[0][0])


class Platform(Program):
    """An admin's program."""

    base = ADMIN


class Stranger(Program):
    """A program without a key."""

    base = PUBLIC


def register_of(shop: Shop) -> Register:
    services = shop.services
    for name, role, pin in (("Lea", StaffRole.STAFF, STAFF), ("Max", StaffRole.MANAGER, MANAGER)):
        with shop.app.app_context():
            hashed = services.pin_service.hash_new(shop.vendor.id, 4, pin)
            end_read()
        command = StaffCreate(name=name, role=role)
        shop.do(
            lambda services, command=command, hashed=hashed: services.pin_service.add(shop.vendor.id, command, hashed)
        )
    made: Register = Register(shop).with_key(shop.vendor.id)
    return made


def problem(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    """The answer is this problem; gives its facts back."""
    assert (answer.status_code, (answer.json or {}).get("code")) == (status, code), answer.text
    assert answer.content_type == "application/problem+json"
    facts = dict(answer.json or {})
    assert facts["status"] == status and facts["title"] and facts["type"] == "about:blank"
    return facts


def fields(answer: TestResponse) -> list[str]:
    """The fields that an `invalid` names."""
    return [item["field"] for item in problem(answer, 422, "invalid")["errors"]]


@lru_cache(maxsize=1)
def _paths(_: str = "") -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), path) for path in _document["paths"]]


_document: dict[str, Any] = {}


def check_documented(shop: Shop, method: str, answer: TestResponse) -> None:
    """Status, content type and body are what the document says of the route."""
    if not _document:
        with shop.app.app_context():
            _document.update(document())
    path = answer.request.path
    matching = [known for pattern, known in _paths() if pattern.fullmatch(path)]
    # `/cards/lookup` and `/cards/{card_id}` fit both: the one without a parameter is meant.
    known = min(matching, key=lambda found: found.count("{"), default=None)
    if known is None or method.lower() not in _document["paths"][known]:
        assert answer.status_code in {404, 405}, answer.text
        return
    responses = _document["paths"][known][method.lower()]["responses"]
    status = str(answer.status_code)
    assert status in responses, f"{method} {path} answered {status}: {answer.text}"
    content = responses[status].get("content")
    if content is None:
        assert not answer.data
        return
    assert answer.content_type in content, f"{method} {path} answered {answer.content_type}"
    schema = content[answer.content_type]["schema"] | {"components": _document["components"]}
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    errors = [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(answer.json)]
    assert not errors, f"{method} {path} answered {errors}"
    if answer.status_code == 201 or status == "200":
        _no_strangers(answer.json, schema, path)


def _no_strangers(value: Any, schema: dict[str, Any], path: str) -> None:
    """Every key that is answered is documented, at the top at least."""
    name = schema["$ref"].rpartition("/")[2]
    strangers = set(value) - set(_document["components"]["schemas"][name]["properties"])
    assert not strangers, f"{path} answers {strangers}, which nobody documented"
