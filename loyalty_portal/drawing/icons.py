"""What an owner chooses a card from: the stamps' pictures and pairs of colours that go well together.

The names are English; templates translate them. `N_` only marks them for the catalogues.
"""

from __future__ import annotations

N_ = str

STAMP_ICONS: dict[str, str] = {
    "coffee": N_("Coffee cup"),
    "croissant": N_("Croissant"),
    "cake-slice": N_("Cake"),
    "sandwich": N_("Sandwich"),
    "pizza": N_("Pizza"),
    "ice-cream-cone": N_("Ice cream"),
    "beer": N_("Beer"),
    "scissors": N_("Scissors"),
    "flower-2": N_("Flower"),
    "dog": N_("Dog"),
    "heart": N_("Heart"),
    "star": N_("Star"),
}
"""The pictures a stamp can show, by their name in the icon sheet."""

CARD_COLOURS: tuple[tuple[str, str, str], ...] = (
    (N_("Pine"), "#14453D", "#FFE3B8"),
    (N_("Ink blue"), "#26348B", "#FFD9A0"),
    (N_("Plum"), "#5B2352", "#FFD3E0"),
    (N_("Brick"), "#8F3222", "#FFE0C2"),
    (N_("Cocoa"), "#52301F", "#F6D9B5"),
    (N_("Sun"), "#F2B632", "#4A2508"),
    (N_("Sea"), "#0E5E7A", "#D3F3EC"),
    (N_("Night"), "#1B1B22", "#E9DFFF"),
)
"""Name, card colour, stamp colour."""
