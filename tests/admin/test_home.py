"""The way in to the platform's door."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.people import manager_of, owner_of
from tests.shops import Shop


def test_the_admin_arrives_at_the_vendors(admin: FlaskClient) -> None:
    assert admin.get("/welcome").location == "/admin/vendors"
    assert admin.get("/admin/").location == "/admin/vendors"
    assert admin.get("/admin/vendors").status_code == 200


def test_nobody_else_comes_in(shop: Shop, client: FlaskClient) -> None:
    assert str(client.get("/admin/").location).startswith("/sign-in")
    for person in (owner_of(shop), manager_of(shop)):
        assert person.get("/admin/").status_code == 403


def test_the_admin_has_no_shop_of_their_own(shop: Shop, admin: FlaskClient) -> None:
    for address in ("/vendor/", "/vendor/cards", "/vendor/staff"):
        assert admin.get(address).status_code == 403
