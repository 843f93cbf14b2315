"""The platform's API keys in the back office."""

from __future__ import annotations

from loyalty_portal.schemas.keys import KeyCreate
from tests.people import admin_of
from tests.shops import Shop, press
from tests.vendor.test_keys import key_on

KEYS = "/admin/keys"
STATS = "/api/v1/admin/loyalty/stats"


def test_a_platforms_key_is_made_used_and_ended(shop: Shop) -> None:
    admin = admin_of(shop.app)
    made = press(admin, KEYS, KEYS, name="Dashboard", scopes=["read"])
    headers = {"Authorization": f"Bearer {key_on(made)}"}
    program = shop.app.test_client()
    assert made.status_code == 201 and program.get(STATS, headers=headers).status_code == 200
    assert program.post("/api/v1/admin/loyalty/vendors", json={}, headers=headers).status_code == 403
    assert press(admin, KEYS, KEYS, name="Till", scopes=["counter"]).status_code == 422
    key_id = shop.rows("SELECT id FROM api_keys WHERE vendor_id IS NULL")[0][0]
    assert press(admin, KEYS, f"{KEYS}/{key_id}/revoke").status_code == 303
    assert program.get(STATS, headers=headers).status_code == 401


def test_shops_keys_are_not_listed_here(shop: Shop) -> None:
    shop.do(lambda services: services.api_key_service.create(shop.vendor.id, KeyCreate(name="Register 7")))
    admin = admin_of(shop.app)
    assert "Register 7" not in admin.get(KEYS).text
    key_id = shop.rows("SELECT id FROM api_keys")[0][0]
    assert press(admin, KEYS, f"{KEYS}/{key_id}/revoke").status_code == 404
