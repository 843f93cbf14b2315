"""What templates may draw with."""

from __future__ import annotations

from jinja2 import Environment

from loyalty_portal.drawing import icons, points, qr, seal, theme


def register(environment: Environment) -> None:
    """Hands the drawing functions to templates and their macros."""
    environment.globals.update(
        card_colours=icons.CARD_COLOURS,
        card_columns=seal.columns,
        card_slots=seal.slots,
        points_goal=points.goal,
        qr_svg=qr.qr_svg,
        seal_outline=seal.outline,
        seal_specks=seal.specks,
        stamp_icons=icons.STAMP_ICONS,
        theme_hash=theme.theme_hash,
    )
