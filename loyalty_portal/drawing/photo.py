"""A shop's own pictures in the sizes that wallets ask for."""

from __future__ import annotations

import io

from PIL import Image, ImageOps


def cover(data: bytes, width: int, height: int) -> bytes:
    """The picture's middle as a PNG of exactly this size, filled to its edges."""
    picture = _opened(data).convert("RGB")
    return _png(ImageOps.fit(picture, (width, height), Image.Resampling.LANCZOS, centering=(0.5, 0.4)))


def framed(data: bytes, size: int, ground: str) -> bytes:
    """The whole picture in the middle of a square, with 15 % of margin: a circle may be cut out of it.

    `ground` is `#RRGGBB`.
    """
    picture = _opened(data).convert("RGBA")
    # Its corners stay within the circle: a square's half diagonal is 0.7 of its side.
    picture = ImageOps.contain(picture, (round(size * 0.6), round(size * 0.6)), Image.Resampling.LANCZOS)
    square = Image.new("RGBA", (size, size), ground)
    square.alpha_composite(picture, ((size - picture.width) // 2, (size - picture.height) // 2))
    return _png(square.convert("RGB"))


def _opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
