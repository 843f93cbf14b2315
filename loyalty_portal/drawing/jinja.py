"""What templates may draw with."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from loyalty_portal.drawing import icons, points, qr, seal, theme


def register(environment: Environment) -> None:
    """Hands the drawing functions to templates and their macros."""

    @lru_cache(maxsize=4096)
    def stamps_drawn(shown: int, target: int, new: int, mark_next: bool, icon_name: str) -> Markup:
        """A card's stamps. There are few kinds of cards, so each is drawn once."""
        module: Any = environment.get_template("macros/card.html").module
        slots = seal.slots(shown, target, new, mark_next)
        return Markup("").join(module.stamp(slot, icon_name) for slot in slots)

    environment.globals.update(
        card_colours=icons.CARD_COLOURS,
        card_columns=seal.columns,
        card_slots=seal.slots,
        points_goal=points.goal,
        qr_svg=qr.qr_svg,
        seal_outline=seal.outline,
        seal_specks=seal.specks,
        stamp_icons=icons.STAMP_ICONS,
        stamps_drawn=stamps_drawn,
        theme_hash=theme.theme_hash,
    )
