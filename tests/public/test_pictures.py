"""Pictures: sent as we made them, kept for ever, able to do nothing."""

from __future__ import annotations

import io

import pytest
from flask.testing import FlaskClient
from PIL import Image

from loyalty_portal.database import transaction
from loyalty_portal.enums import PictureKind
from tests.shops import Shop


@pytest.fixture
def picture_id(shop: Shop) -> int:
    """A logo of the shop's."""
    out = io.BytesIO()
    Image.new("RGB", (600, 600), "#14453d").save(out, "PNG", pnginfo=None)
    service = shop.services.picture_service
    with shop.app.app_context(), transaction():
        return service.store(shop.vendor.id, service.prepare(PictureKind.LOGO, out.getvalue()))


def test_it_is_a_picture_and_nothing_else(client: FlaskClient, picture_id: int) -> None:
    answer = client.get(f"/pictures/{picture_id}")
    assert answer.status_code == 200
    assert answer.mimetype == "image/jpeg"
    assert Image.open(io.BytesIO(answer.data)).size == (480, 480)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_it_is_kept_for_ever_and_carries_nobodys_session(client: FlaskClient, picture_id: int) -> None:
    answer = client.get(f"/pictures/{picture_id}")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in answer.headers


def test_who_has_it_gets_it_no_second_time(client: FlaskClient, picture_id: int) -> None:
    tag = client.get(f"/pictures/{picture_id}").headers["ETag"]
    again = client.get(f"/pictures/{picture_id}", headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.data == b""


@pytest.mark.parametrize("number", ["0", "99", "9" * 18, "9" * 40, "-1", "x"])
def test_no_picture_is_not_found(client: FlaskClient, shop: Shop, number: str) -> None:
    assert client.get(f"/pictures/{number}").status_code == 404
