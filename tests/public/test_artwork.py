"""Pictures for wallets: the size that is asked for, one address for one picture, and none that we didn't name."""

from __future__ import annotations

import io

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import text

from loyalty_portal.database import db, end_read, transaction
from loyalty_portal.enums import PictureKind
from loyalty_portal.schemas.programs import ProgramUpdate, ProgramView
from tests.shops import Shop

BASE = "http://127.0.0.1:8000"


def program_of(shop: Shop) -> ProgramView:
    with shop.app.app_context():
        program = shop.services.program_service.get(shop.program_id)
        end_read()
        return program


def hero(shop: Shop, shown: int = 3, target: int | None = 10) -> str:
    return shop.services.artwork_service.hero_url(program_of(shop), shown, target).removeprefix(BASE)


def logo(shop: Shop) -> str:
    return shop.services.artwork_service.logo_url(program_of(shop)).removeprefix(BASE)


def picture(client: FlaskClient, address: str) -> Image.Image:
    answer = client.get(address)
    assert answer.status_code == 200 and answer.mimetype == "image/png"
    found = Image.open(io.BytesIO(answer.data))
    found.load()
    assert found.format == "PNG"
    return found


def give_picture(shop: Shop, kind: PictureKind, colour: str, size: tuple[int, int] = (400, 300)) -> None:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    service = shop.services.picture_service
    with shop.app.app_context(), transaction():
        stored = service.store(shop.vendor.id, service.prepare(kind, out.getvalue()))
        shop.services.program_service.set_picture(shop.vendor.id, kind, stored)


def make_points(shop: Shop) -> None:
    with shop.app.app_context(), transaction():
        db.session.execute(text("UPDATE loyalty_programs SET loyalty_type = 'points', points_per_euro = 1"))


def test_the_hero_has_googles_size_and_the_logo_is_large_enough(client: FlaskClient, shop: Shop) -> None:
    assert picture(client, hero(shop)).size == (1032, 336)
    width, height = picture(client, logo(shop)).size
    assert width == height >= 660


def test_each_count_has_its_address_and_its_picture(client: FlaskClient, shop: Shop) -> None:
    addresses = [hero(shop, shown) for shown in range(11)]
    assert len(set(addresses)) == 11
    assert len({client.get(address).data for address in addresses}) == 11
    assert hero(shop) == hero(shop)


def test_it_is_kept_for_ever_and_carries_nobodys_session(client: FlaskClient, shop: Shop) -> None:
    answer = client.get(hero(shop))
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "Set-Cookie" not in answer.headers


def test_an_old_address_shows_the_old_picture(client: FlaskClient, shop: Shop) -> None:
    old, before = hero(shop), client.get(hero(shop)).data
    shop.do(lambda s: s.program_service.update(shop.vendor.id, ProgramUpdate(card_color="#5B2352")))
    assert hero(shop) != old
    assert client.get(old).data == before
    assert picture(client, hero(shop)).convert("RGB").getpixel((0, 0)) == (0x5B, 0x23, 0x52)


def test_the_shops_own_logo_stands_in_the_middle(client: FlaskClient, shop: Shop) -> None:
    give_picture(shop, PictureKind.LOGO, "#FF0000", (300, 300))
    found = picture(client, logo(shop)).convert("RGB")
    assert found.size == (660, 660)
    assert found.getpixel((5, 5)) == (0x14, 0x45, 0x3D)
    red = found.getpixel((330, 330))
    assert isinstance(red, tuple) and red[0] > 240 and red[1] < 15


def test_a_points_card_shows_the_shops_picture_or_rings(client: FlaskClient, shop: Shop) -> None:
    make_points(shop)
    rings = hero(shop, 0, None)
    assert picture(client, rings).size == (1032, 336)
    give_picture(shop, PictureKind.HERO, "#0000FF")
    assert hero(shop, 0, None) != rings
    assert picture(client, hero(shop, 0, None)).size == (1032, 336)


@pytest.mark.parametrize(
    "change",
    [
        lambda name, mac: (name.replace("3-10", "4-10"), mac),
        lambda name, mac: (name, mac[:-1]),
        lambda name, mac: (name, "é" * 24),
        lambda name, mac: ("x", mac),
        lambda name, mac: (name, ""),
    ],
)
def test_nobody_makes_us_draw_something_else(client: FlaskClient, shop: Shop, change: object) -> None:
    name, mac, _ = hero(shop).removeprefix("/artwork/").split(".")
    name, mac = change(name, mac)  # type: ignore[operator]
    assert client.get(f"/artwork/{name}.{mac}.png").status_code == 404


def test_an_address_names_no_person(client: FlaskClient, shop: Shop) -> None:
    assert hero(shop).removeprefix("/artwork/").startswith("stamps-14453D-FFE3B8-coffee-3-10.")
