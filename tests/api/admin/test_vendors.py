"""Vendors, by a key of the platform."""

from __future__ import annotations

from typing import Any

from tests.api.programs import Platform, Register, fields, problem
from tests.shops import OWNER, Postbox

SALON = {"name": "Salon Bleu", "time_zone": "Europe/Paris", "locale": "fr", "currency": "EUR"}


def test_a_vendor_is_made_and_its_owner_invited(platform: Platform, postbox: Postbox) -> None:
    answer = platform.post("/vendors", SALON | {"slug": "salon", "owner_email": "bea@example.com"})
    vendor: Any = answer.json
    assert answer.status_code == 201
    assert vendor == SALON | {"id": vendor["id"], "slug": "salon", "is_active": True}
    assert [mail["To"] for mail in postbox.mails] == ["bea@example.com"] and postbox.link().startswith("/reset/")
    other: Any = platform.post("/vendors", SALON).json
    assert other["slug"] == "salon-bleu" and len(postbox.mails) == 1
    page: Any = platform.get("/vendors?limit=2").json
    assert page["total"] == 3 and [item["slug"] for item in page["items"]] == ["salon-bleu", "salon"]


def test_taken_names_and_bad_input(platform: Platform, register: Register) -> None:
    problem(platform.post("/vendors", SALON | {"slug": "kaffi-haus"}), 409, "slug_taken")
    problem(platform.post("/vendors", SALON | {"owner_email": OWNER}), 409, "email_taken")
    for body, named in (
        ({}, ["name", "time_zone", "locale", "currency"]),
        (SALON | {"time_zone": "Mars/Olympus"}, ["time_zone"]),
        (SALON | {"currency": "JPY"}, ["currency"]),
        (SALON | {"locale": "xx"}, ["locale"]),
        (SALON | {"slug": "A B"}, ["slug"]),
        (SALON | {"name": "x\x00"}, ["name"]),
        (SALON | {"owner_email": "x"}, ["owner_email"]),
        (SALON | {"is_active": False}, ["is_active"]),
    ):
        assert sorted(fields(platform.post("/vendors", body))) == sorted(named), body
    page: Any = platform.get("/vendors").json
    assert page["total"] == 1
