"""A program's colours as a style sheet of its own address."""

from __future__ import annotations

from flask.testing import FlaskClient

from loyalty_portal.drawing.theme import theme_css, theme_hash
from tests.shops import Shop

COLOURS = ("#14453D", "#FFE3B8")


def address(shop: Shop, version: str) -> str:
    return f"/p/{shop.program_id}/theme.{version}.css"


def test_the_page_leads_to_its_colours(shop: Shop, client: FlaskClient) -> None:
    (program,) = shop.rows("SELECT card_color, card_secondary_color FROM loyalty_programs")
    colours = (program.card_color, program.card_secondary_color)
    place = address(shop, theme_hash(*colours))
    assert place in client.get("/join/kaffi-haus").text
    sheet = client.get(place)
    assert sheet.mimetype == "text/css"
    assert sheet.text == theme_css(*colours)
    assert sheet.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in sheet.headers


def test_an_old_version_is_kept_for_a_minute(shop: Shop, client: FlaskClient) -> None:
    assert client.get(address(shop, "abc")).headers["Cache-Control"] == "public, max-age=60"


def test_new_colours_have_a_new_address(shop: Shop) -> None:
    assert theme_hash(*COLOURS) != theme_hash(COLOURS[0], "#FFFFFF")


def test_no_program_has_no_colours(shop: Shop, client: FlaskClient) -> None:
    assert client.get(f"/p/{shop.program_id + 1}/theme.abc.css").status_code == 404
