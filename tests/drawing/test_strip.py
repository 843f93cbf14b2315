"""The strip of stamps that wallets show: the right size, the right count, the same each time."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from PIL import Image

from loyalty_portal.drawing.icons import STAMP_ICONS
from loyalty_portal.drawing.raster import png
from loyalty_portal.drawing.strip import MOST_SHOWN, Design, logo_svg, rings_svg, stamps_svg

PINE = Design("#14453D", "#FFE3B8", "coffee")
SLOT = 'stroke-dasharray="5.2 5.35"'


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


@pytest.mark.parametrize(("width", "height"), [(1032, 336), (375, 144), (1125, 432)])
def test_a_picture_has_exactly_its_size(width: int, height: int) -> None:
    for drawn in (stamps_svg(PINE, width, height, 3, 10), rings_svg(PINE, width, height)):
        picture = opened(png(drawn, width, height))
        assert (picture.format, picture.size) == ("PNG", (width, height))
    assert opened(png(logo_svg(PINE, 660), 660, 660)).size == (660, 660)


@given(st.integers(2, MOST_SHOWN), st.integers(0, MOST_SHOWN))
@settings(max_examples=40, deadline=None, database=None)
def test_it_shows_as_many_stamps_as_there_are(target: int, shown: int) -> None:
    shown = min(shown, target)
    drawn = stamps_svg(PINE, 1032, 336, shown, target)
    etree.fromstring(drawn.encode())
    assert drawn.count('<circle cx="50" cy="50" r="35"') == shown
    assert drawn.count(SLOT) == target - shown


def test_stamps_stay_in_the_picture() -> None:
    """The ground's colour is all around."""
    for target in range(2, MOST_SHOWN + 1):
        picture = opened(png(stamps_svg(PINE, 344, 112, target, target), 344, 112)).convert("RGB")
        edge = {picture.getpixel((x, y)) for x in range(344) for y in (0, 111)}
        edge |= {picture.getpixel((x, y)) for y in range(112) for x in (0, 343)}
        assert edge == {(0x14, 0x45, 0x3D)}, target


def test_each_stamp_can_be_seen() -> None:
    """A further stamp changes the picture, in colours that are told apart."""
    few, many = (opened(png(stamps_svg(PINE, 1032, 336, shown, 10), 1032, 336)).convert("RGB") for shown in (3, 4))
    cream = (0xFF, 0xE3, 0xB8)
    amounts = [sum(count for count, colour in picture.getcolors(1 << 20) or [] if colour == cream)
               for picture in (few, many)]  # fmt: skip
    assert amounts[0] > 10_000 and 1.25 < amounts[1] / amounts[0] < 1.45


def test_every_icon_can_be_drawn() -> None:
    drawn = {stamps_svg(Design("#14453D", "#FFE3B8", icon), 1032, 336, 3, 10) for icon in STAMP_ICONS}
    assert len(drawn) == len(STAMP_ICONS)
    with pytest.raises(KeyError):
        stamps_svg(Design("#14453D", "#FFE3B8", "no-such"), 1032, 336, 3, 10)


def test_the_same_card_is_the_same_picture() -> None:
    assert png(stamps_svg(PINE, 1032, 336, 3, 10), 1032, 336) == png(stamps_svg(PINE, 1032, 336, 3, 10), 1032, 336)
