"""The poster and the code on it: it leads to the enrolment, in the language asked for, as SVG and PNG."""

from __future__ import annotations

import io
import re
from urllib.parse import urlsplit

import segno
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from loyalty_portal.schemas.vendors import VendorCreate
from tests.people import give_password, signed_in
from tests.public.customers import JOIN
from tests.shops import Shop, press

POSTER = "/vendor/poster"
LINK = f"http://127.0.0.1:8000{JOIN}"
QUIET = 4


def matrix(link: str) -> list[list[bool]]:
    """The code that the link has, made afresh at the strength that print needs."""
    return [
        [bool(module) for module in row] for row in segno.make(link, error="Q", boost_error=False, micro=False).matrix
    ]


def drawn(svg: str) -> list[list[bool]]:
    """The modules of an SVG, read back from its path."""
    path = re.search(r'fill="#000" d="([^"]+)"', svg)
    size = re.search(r'viewBox="0 0 (\d+) \1"', svg)
    assert path and size
    side = int(size[1]) - 2 * QUIET
    found = [[False] * side for _ in range(side)]
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", path[1]):
        for place in range(int(x), int(x) + int(length)):
            found[int(y) - QUIET][place - QUIET] = True
    return found


def test_the_svg_is_the_enrolment_links_code(shop: Shop, owner: FlaskClient) -> None:
    """No reader of codes is at hand: the drawn modules are compared with those that a fresh code of the link has."""
    answer = owner.get(f"{POSTER}/qr.svg")
    assert answer.mimetype == "image/svg+xml"
    assert 'filename="kaffi-haus-qr.svg"' in answer.headers["Content-Disposition"]
    assert drawn(answer.text) == matrix(LINK)
    assert drawn(answer.text) != matrix(LINK + "x")


def test_the_png_is_the_same_code_for_print(shop: Shop, owner: FlaskClient) -> None:
    answer = owner.get(f"{POSTER}/qr.png")
    assert answer.mimetype == "image/png"
    picture = Image.open(io.BytesIO(answer.data)).convert("L")
    wanted = matrix(LINK)
    scale = picture.width // (len(wanted) + 2 * QUIET)
    assert scale >= 10, "too coarse to print"
    middle = scale // 2
    seen = [
        [
            picture.getpixel(((x + QUIET) * scale + middle, (y + QUIET) * scale + middle)) == 0
            for x in range(len(wanted))
        ]
        for y in range(len(wanted))
    ]
    fresh = [[bool(module) for module in row] for row in segno.make(LINK, error="Q", micro=False).matrix]
    assert seen == fresh
    edge = [picture.getpixel((x, 1)) for x in range(picture.width)]
    assert set(edge) == {255}, "no quiet zone"


def test_the_link_opens_the_enrolment(shop: Shop, owner: FlaskClient, client: FlaskClient) -> None:
    page = owner.get(POSTER)
    assert f'value="{LINK}"' in page.text
    assert client.get(urlsplit(LINK).path).status_code == 200


def test_the_poster_speaks_the_language_asked_for(shop: Shop, owner: FlaskClient) -> None:
    assert "10 stamps, then: Free coffee" in owner.get(POSTER).text
    for code, asked in (("fr", "fr"), ("de", "de"), ("lb", "lu"), ("en", "xx")):
        page = owner.get(POSTER, query_string={"language": asked}).text
        assert f'<div lang="{code}">' in page
        assert '<html lang="en">' in page, "the owner's own language stays"


def test_a_program_that_is_off_is_told(shop: Shop, owner: FlaskClient) -> None:
    press(owner, "/vendor/program", "/vendor/program/switch", on="0")
    assert "Your program is off" in owner.get(POSTER).text


def test_without_a_card_there_is_no_poster(app: Flask, shop: Shop) -> None:
    shop.do(lambda services: services.vendor_service.create(VendorCreate(name="Salon", owner_email="lea@example.com")))
    give_password(app, "lea@example.com")
    lea = signed_in(app, "lea@example.com")
    page = lea.get(POSTER)
    assert "First there is the card" in page.text and 'href="/vendor/program"' in page.text
    assert lea.get(f"{POSTER}/qr.svg").status_code == 404
    assert lea.get(f"{POSTER}/qr.gif").status_code == 404
