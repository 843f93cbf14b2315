"""The OpenAPI document: the committed file, the code and the contract are one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from loyalty_portal.web.openapi import CODES, document
from tests.people import browser

ROOT = Path(__file__).parents[2]
CONTRACT = """
GET    vendor /program                           200
POST   vendor /program                           201
PATCH  vendor /program                           200
DELETE vendor /program                           204
POST   vendor /program/activate                  200
POST   vendor /program/deactivate                200
GET    vendor /program/stats                     200
GET    vendor /cards                             200
POST   vendor /cards                             200 201
GET    vendor /cards/lookup                      200
GET    vendor /cards/{card_id}                   200
GET    vendor /cards/{card_id}/transactions      200
POST   vendor /cards/{card_id}/activate          200
POST   vendor /cards/{card_id}/deactivate        200
POST   vendor /stamp                             201
POST   vendor /stamp/redeem                      201
POST   vendor /points                            201
POST   vendor /points/redeem                     201
POST   vendor /points/adjust                     201
POST   vendor /transactions/{transaction_id}/void 201
GET    vendor /transactions                      200
GET    vendor /ledger/verify                     200
GET    vendor /pins                              200
POST   vendor /pins                              201
PATCH  vendor /pins/{pin_id}                     200
DELETE vendor /pins/{pin_id}                     204
POST   vendor /pins/unlock                       204
GET    admin  /programs                          200
GET    admin  /programs/{program_id}             200
GET    admin  /programs/{program_id}/stats       200
POST   admin  /programs/{program_id}/activate    200
POST   admin  /programs/{program_id}/deactivate  200
GET    admin  /stats                             200
GET    admin  /vendors                           200
POST   admin  /vendors                           201
GET    public /programs/{vendor_slug}            200
POST   public /enroll/{vendor_slug}              201
GET    public /cards/{link_token}                200
GET    public /cards/{link_token}/apple.pkpass
GET    public /cards/{link_token}/google        302
POST   public /google/callback                   200
"""
"""What clients build on: method, room, path, the statuses of success. Additions are welcome, changes are not."""
PREFIXES = {"vendor": "/api/v1/vendor/loyalty", "admin": "/api/v1/admin/loyalty", "public": "/api/v1/loyalty"}
KEYED = (
    "/stamp",
    "/stamp/redeem",
    "/points",
    "/points/redeem",
    "/points/adjust",
    "/transactions/{transaction_id}/void",
)


@pytest.fixture
def engine() -> str:
    """Nothing here depends on the database."""
    return "sqlite"


@pytest.fixture
def described(app: Flask) -> Any:
    with app.app_context():
        return document()


def test_the_committed_file_is_what_the_code_says(described: Any) -> None:
    """`flask api document` writes it."""
    assert json.loads((ROOT / "docs" / "openapi.json").read_text()) == json.loads(json.dumps(described))


def test_it_is_served(app: Flask, described: Any) -> None:
    answer = app.test_client().get("/api/v1/openapi.json")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.json == json.loads(json.dumps(described)) and described["openapi"].startswith("3.1")


def test_every_route_of_the_contract_is_there_and_no_other(app: Flask, described: Any) -> None:
    found = {
        (method.upper(), path): {status for status in operation["responses"] if status < "400"}
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }
    wanted = {}
    for line in CONTRACT.strip().splitlines():
        method, room, path, *statuses = line.split()
        wanted[method, PREFIXES[room] + path] = set(statuses)
    assert found == wanted
    routed = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/")}
    assert len(routed - {"api.document.show"}) == len(wanted)


def test_every_route_names_its_key_and_every_problem_its_codes(described: Any) -> None:
    for path, methods in described["paths"].items():
        for operation in methods.values():
            schemes = {name for entry in operation["security"] for name in entry}
            room = next(room for room, prefix in PREFIXES.items() if path.startswith(prefix + "/"))
            assert schemes == {"vendor": {"vendorKey"}, "admin": {"adminKey"}, "public": set()}[room]
            for status, response in operation["responses"].items():
                if status >= "400":
                    assert list(response["content"]) == ["application/problem+json"]
                    codes = {code.strip("`") for code in response["description"].split(": ")[1].split(", ")}
                    assert codes and all(CODES[code] == int(status) for code in codes)
    assert set(described["components"]["securitySchemes"]) == {"vendorKey", "adminKey"}


def test_the_counters_writes_take_a_key(described: Any) -> None:
    for path in KEYED:
        parameters = described["paths"][PREFIXES["vendor"] + path]["post"]["parameters"]
        assert "Idempotency-Key" in {parameter["name"] for parameter in parameters}


def test_names_are_plain(described: Any) -> None:
    assert all(name.isalpha() for name in described["components"]["schemas"])
    identifiers = [item["operationId"] for methods in described["paths"].values() for item in methods.values()]
    assert len(identifiers) == len(set(identifiers))


def test_the_reference_page_tells_every_route(app: Flask, described: Any) -> None:
    page = browser(app).get("/developers")
    assert page.status_code == 200
    for path, methods in described["paths"].items():
        assert path in page.text
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in page.text
    for name in ("Receipt", "Program", "Stats", "Problem"):
        assert f'id="{name}"' in page.text
