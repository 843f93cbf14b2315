"""What templates may draw with."""

from __future__ import annotations

from jinja2 import Environment

from loyalty_portal.drawing import qr, seal, theme


def register(environment: Environment) -> None:
    environment.globals.update(
        card_columns=seal.columns,
        card_slots=seal.slots,
        qr_svg=qr.qr_svg,
        seal_outline=seal.outline,
        seal_specks=seal.specks,
        theme_hash=theme.theme_hash,
    )
