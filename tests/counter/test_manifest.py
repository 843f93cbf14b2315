"""The till as an app on the home screen."""

from __future__ import annotations

import io

from PIL import Image

from tests.counter.till import Till


def test_it_names_this_shop_and_this_till(till: Till, other: Till) -> None:
    answer = till.get("/manifest")
    assert answer.mimetype == "application/manifest+json"
    told = answer.get_json(force=True)
    assert told["name"] == "Kaffi Haus · Till 1"
    assert told["display"] == "fullscreen"
    assert told["start_url"] == told["scope"] == "/counter/"
    assert "orientation" not in told
    assert other.get("/manifest").get_json(force=True)["name"] == "Bäckerei Weis · Theke"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_its_icons_are_there_in_the_sizes_it_says(till: Till) -> None:
    icons = till.get("/manifest").get_json(force=True)["icons"]
    assert {icon.get("purpose") for icon in icons} == {None, "maskable"}
    for icon in icons:
        answer = till.client.get(icon["src"])
        assert (answer.status_code, answer.mimetype) == (200, icon["type"])
        if icon["type"] == "image/png":
            with Image.open(io.BytesIO(answer.data)) as picture:
                assert "{}x{}".format(*picture.size) == icon["sizes"]


def test_every_screen_names_it_and_sends_the_tills_cookie_along(till: Till) -> None:
    for path in ("/", "/history"):
        link = 'rel="manifest" href="/counter/manifest" crossorigin="use-credentials"'
        assert link in till.get(path).text


def test_a_browser_that_is_no_till_has_none(till: Till) -> None:
    till.client.delete_cookie("till", path="/counter")
    assert till.get("/manifest").location == "/counter/pair"
    assert "manifest" not in till.get("/pair").text
