"""Another shop's things are not there: every address with a number of theirs is a 404, and nothing changes."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from loyalty_portal.schemas.staff import StaffCreate
from loyalty_portal.schemas.tills import TillCreate
from loyalty_portal.services import Services
from tests.people import owner_of
from tests.public.customers import card_of
from tests.shops import Shop, open_shop, press

TABLES = ("loyalty_cards", "loyalty_transactions", "staff_pins", "counter_devices", "pairing_codes", "loyalty_programs")


@pytest.fixture
def stranger(app: Flask, shop: Shop) -> FlaskClient:
    """The owner of another shop."""
    return owner_of(open_shop(app, name="Salon", email="lea@example.com"), "lea@example.com")


def test_every_number_of_another_shop_leads_nowhere(shop: Shop, stranger: FlaskClient, client: FlaskClient) -> None:
    _, code = card_of(client, first_name="Sophie")
    shop.stamp(code)

    def staff_and_till(services: Services) -> None:
        hashed = services.pin_service.hash_new(shop.vendor.id, 4, "2580")
        services.pin_service.add(shop.vendor.id, StaffCreate(name="Luc"), hashed)
        services.device_service.create(shop.vendor.id, TillCreate(name="Counter"))

    shop.do(staff_and_till)
    card, staff, till = (
        shop.rows(f"SELECT id FROM {table} WHERE vendor_id = {shop.vendor.id}")[0].id
        for table in ("loyalty_cards", "staff_pins", "counter_devices")
    )
    before = {table: shop.rows(f"SELECT * FROM {table} ORDER BY id") for table in TABLES}
    for address in (f"cards/{card}", f"staff/{staff}", f"tills/{till}"):
        assert stranger.get(f"/vendor/{address}").status_code == 404, address
    for address, data in (
        (f"cards/{card}/switch", {"on": "0"}),
        (f"staff/{staff}", {"name": "Mine", "role": "manager"}),
        (f"staff/{staff}/pin", {"name": "Mine", "role": "staff", "pin": "1470"}),
        (f"staff/{staff}/switch", {"on": "0"}),
        (f"tills/{till}/pairing", {}),
        (f"tills/{till}/here", {}),
        (f"tills/{till}/name", {"name": "Mine"}),
        (f"tills/{till}/unlock", {}),
        (f"tills/{till}/revoke", {}),
    ):
        assert press(stranger, "/vendor/", f"/vendor/{address}", **data).status_code == 404, address
    assert {table: shop.rows(f"SELECT * FROM {table} ORDER BY id") for table in TABLES} == before
    for page in ("cards", "cards?search=sophie", f"cards?search={code}", "staff", "tills", ""):
        text = stranger.get(f"/vendor/{page}").text
        assert "Sophie" not in text.replace("Sophie Muller", "") and "Luc<" not in text and ">Counter<" not in text
    assert stranger.get("/admin/vendors").status_code == 403
    assert stranger.get(f"/admin/programs/{shop.program_id}").status_code == 403
