"""Uploaded pictures: refused by their content, encoded anew, never larger than they are shown."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from loyalty_portal.enums import PictureKind
from loyalty_portal.errors import NotFound, PictureRefused
from loyalty_portal.services.picture_service import MOST_BYTES, PictureService
from tests.desk import Desk, desk_of
from tests.shops import Shop


def picture(kind: str = "PNG", size: tuple[int, int] = (20, 10), mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "red").save(out, kind, **options)
    return out.getvalue()


def animated() -> bytes:
    return picture("WEBP", save_all=True, append_images=[Image.new("RGB", (20, 10), "blue")])


@pytest.mark.parametrize(
    ("uploaded", "reason"),
    [
        (b"", "format"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "format"),
        (picture("GIF"), "format"),
        (picture("BMP"), "format"),
        (picture(size=(200, 200), compress_level=0)[:9000], "broken"),
        (picture("JPEG", (200, 200))[:-500], "broken"),
        (animated(), "animated"),
        (picture(size=(5000, 4000)), "pixels"),
        (b"\x89PNG" + b"0" * MOST_BYTES, "size"),
    ],
    ids=["empty", "svg", "gif", "bmp", "cut-png", "cut-jpeg", "animated", "pixels", "size"],
)
def test_what_is_no_small_still_picture_is_refused(uploaded: bytes, reason: str) -> None:
    with pytest.raises(PictureRefused) as error:
        PictureService.prepare(PictureKind.LOGO, uploaded)
    assert error.value.facts["reason"] == reason


def test_a_picture_is_made_anew_without_what_came_along() -> None:
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    made = PictureService.prepare(PictureKind.HERO, picture("JPEG", (3000, 1000), exif=exif.tobytes()))
    assert (made.content_type, made.width, made.height) == ("image/jpeg", 1600, 533)
    assert b"where I live" not in made.data
    clear = PictureService.prepare(PictureKind.LOGO, picture(mode="RGBA"))
    assert clear.content_type == "image/png"


def test_a_stored_picture_comes_back(shop: Shop) -> None:
    desk: Desk = desk_of(shop)
    made = PictureService.prepare(PictureKind.LOGO, picture())
    stored = desk.write(lambda s: s.picture_service.store(desk.vendor_id, made))
    assert bytes(desk.read(lambda s: s.picture_service.get(stored)).data) == made.data
    with pytest.raises(NotFound):
        desk.read(lambda s: s.picture_service.get(stored + 1))
