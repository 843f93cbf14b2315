"""QR codes as SVG and PNG."""

from __future__ import annotations

import io

import segno
from markupsafe import Markup

QUIET = 4


def qr_svg(text: str, label: str, error: str = "M") -> Markup:
    """An SVG with presentation attributes only, dark on white, four modules of quiet around."""
    code = segno.make(text, error=error, boost_error=False, micro=False)
    size = code.symbol_size(border=QUIET)[0]
    path = []
    for y, row in enumerate(code.matrix):
        x = 0
        while x < len(row):
            if not row[x]:
                x += 1
                continue
            start = x
            while x < len(row) and row[x]:
                x += 1
            path.append(f"M{start + QUIET} {y + QUIET}h{x - start}v1h-{x - start}z")
    return Markup(  # every part below is a number or escaped
        '<svg class="qr" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {0}" role="img" aria-label="{1}" '
        'shape-rendering="crispEdges"><rect width="{0}" height="{0}" fill="#fff"/><path fill="#000" d="{2}"/></svg>'
    ).format(size, label, "".join(path))


def qr_png(text: str, scale: int = 12, error: str = "Q") -> bytes:
    """A PNG with `scale` pixels a module, for print."""
    out = io.BytesIO()
    segno.make(text, error=error, micro=False).save(out, kind="png", scale=scale, border=QUIET)
    return out.getvalue()
