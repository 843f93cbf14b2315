"""SVG into PNG, for those who don't draw SVG: wallets and phones' home screens."""

from __future__ import annotations

import resvg_py


def png(svg: str, width: int, height: int) -> bytes:
    """The drawing as a PNG of exactly this many pixels. No fonts are read: what is drawn is shapes."""
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, width=width, height=height, skip_system_fonts=True))
