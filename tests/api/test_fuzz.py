"""What a machine thinks of sending: no answer is a 5xx, and none is one that the document doesn't describe."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from loyalty_portal.web.openapi import document
from tests.api.programs import Platform, Register

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 8
"""So many requests that fit and so many that don't, for each route and each database."""


@pytest.fixture
def described(app: Flask) -> schemathesis.openapi.loaders.OpenApiSchema:
    with app.app_context():
        schema = schemathesis.openapi.from_dict(document())
    schema.app = app
    return schema


@pytest.mark.timeout(170)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "unfitting"])
def test_every_answer_is_documented(
    described: Any, hybrid: Register, register: Register, platform: Platform, mode: GenerationMode
) -> None:
    """`hybrid` and its cards are real, so that requests that fit get past the first look-up."""
    hybrid.patch("/program", {"require_staff_pin": False, "cooldown_minutes": 0, "max_daily_stamps": 100})
    card = hybrid.card(first_name="Mia")
    entry: Any = hybrid.post("/points", {"card_id": card["id"], "points": 500}).json
    real = {
        "card_id": card["id"],
        "transaction_id": entry["transaction"]["id"],
        "program_id": hybrid.shop.program_id,
        "vendor_slug": "roastery",
        "link_token": card["link_token"],
    }
    keys = {"Vendor": hybrid.key, "Admin": platform.key, "Public": None}
    called = 0
    for result in described.get_all_operations():
        operation = result.ok()
        # Without a program nothing else can be done.
        if not (operation.method == "delete" and operation.path.endswith("/program")):
            key = keys[operation.definition.raw["tags"][0]]
            called += _ask(operation, mode, {"Authorization": f"Bearer {key}"} if key else {}, real)
    assert called > 100
    for shop in (register, hybrid):
        report: Any = shop.get("/ledger/verify").json
        assert report["ok"], report


def _ask(operation: Any, mode: GenerationMode, headers: dict[str, str], real: dict[str, Any]) -> int:
    """How many requests were made. Where any text fits, nothing can be wrong."""
    called = 0

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any) -> None:
        nonlocal called
        called += 1
        if mode is GenerationMode.NEGATIVE:
            case.call_and_validate(headers=headers, checks=[*CHECKS, negative_data_rejection])
            return
        case.call_and_validate(headers=headers, checks=CHECKS)
        _make_real(case, real)
        case.call_and_validate(headers=headers, checks=CHECKS)

    with suppress(Unsatisfiable):
        ask()
    return called


def _make_real(case: Any, real: dict[str, Any]) -> None:
    """The same request for things that are there."""
    for name in case.path_parameters or {}:
        case.path_parameters[name] = real.get(name, case.path_parameters[name])
    if isinstance(case.body, dict):
        case.body.pop("staff_pin", None)
        if "code" in case.body or "card_id" in case.body:
            case.body.pop("code", None)
            case.body["card_id"] = real["card_id"]
