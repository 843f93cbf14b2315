"""Words can be read and signs can be seen: by day, by night, and on whatever colours a shop chooses."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from loyalty_portal.drawing.theme import READABLE, VISIBLE, contrast, palette, theme_css
from loyalty_portal.paths import STATIC

TOKENS = (STATIC / "css" / "tokens.css").read_text()
SURFACES = ("paper", "paper-deep", "sheet")
TEXT = [
    *((word, on) for word in ("ink", "ink-soft", "accent", "accent-deep", "bad", "ok", "warn") for on in SURFACES),
    ("gift", "sheet"),
    ("accent-ink", "accent"),
    ("accent-ink", "accent-deep"),
    ("gift-ink", "gift"),
    ("ink", "accent-soft"),
    ("ink", "ok-soft"),
    ("ink", "warn-soft"),
    ("ink", "bad-soft"),
    ("ok", "ok-soft"),
    ("warn", "warn-soft"),
    ("bad", "bad-soft"),
    ("ink", "key"),
    ("ava-1-ink", "ava-1"),
    ("ava-2-ink", "ava-2"),
    ("ava-3-ink", "ava-3"),
]  # fmt: skip
SIGNS = [(sign, surface) for sign in ("field-line", "accent", "bad") for surface in ("paper", "sheet")]
"""What must be seen though it isn't text: the line around a field, the ring of the focus, the mark of an error."""


def _block(selector: str) -> dict[str, str]:
    start = TOKENS.index(selector + " {") + len(selector) + 2
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", TOKENS[start : TOKENS.index("}", start)]))


LIGHT = _block(":root")
NIGHT = _block(':root:not([data-mode="light"])')
DARK = _block(':root[data-mode="dark"]')
MODES = {"light": LIGHT, "dark": LIGHT | NIGHT}


def test_dark_by_choice_is_dark_by_night() -> None:
    """The comment in `tokens.css` promises it."""
    assert DARK == NIGHT
    for selector in (':root:not([data-mode="light"])', ':root[data-mode="dark"]'):
        block = TOKENS[TOKENS.index(selector) :]
        assert "color-scheme: dark;" in block[: block.index("}")]


def test_every_colour_has_its_dark_sister() -> None:
    colours = {name for name, value in LIGHT.items() if value.startswith(("#", "rgb")) or name.startswith("shadow")}
    assert colours == set(NIGHT)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("word", "surface"), TEXT, ids="{0}".format)
def test_text_can_be_read(mode: str, word: str, surface: str) -> None:
    assert contrast(MODES[mode][word], MODES[mode][surface]) >= READABLE


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("sign", "surface"), SIGNS, ids="{0}".format)
def test_signs_can_be_seen(mode: str, sign: str, surface: str) -> None:
    assert contrast(MODES[mode][sign], MODES[mode][surface]) >= VISIBLE


def test_style_sheets_use_only_colours_that_are_there() -> None:
    """A name that nobody set is an empty colour, silently."""
    made = {f"--{name}" for name in LIGHT} | set(palette("#14453D", "#FFE3B8"))
    for path in (STATIC / "css").glob("*.css"):
        sheet = path.read_text()
        used = set(re.findall(r"var\((--[\w-]+)\s*\)", sheet))
        own = set(re.findall(r"(--[\w-]+)\s*:", sheet))
        assert used - made - own == set(), path.name


colours = st.integers(0, 0xFFFFFF).map("#{:06X}".format)


@given(base=colours, stamp=colours)
@example(base="#FFFFFF", stamp="#FFFFFF")
@example(base="#000000", stamp="#000000")
@example(base="#767676", stamp="#777777")
@example(base="#14453D", stamp="#FFE3B8")
@settings(max_examples=400, deadline=None, database=None)
def test_a_shops_card_can_always_be_read(base: str, stamp: str) -> None:
    made = palette(base, stamp)
    for ground in ("--card-light", "--card-solid", "--card-dark"):
        assert contrast(made[ground], made["--card-fg"]) >= READABLE
        assert contrast(made[ground], made["--card-soft"]) >= READABLE
    assert contrast(made["--card-solid"], made["--stamp"]) >= VISIBLE
    assert contrast(made["--card-solid"], made["--stamp-new"]) >= VISIBLE
    assert contrast(made["--stamp"], made["--stamp-fg"]) >= READABLE
    assert contrast(made["--stamp-new"], made["--stamp-new-fg"]) >= READABLE


@given(base=colours, stamp=colours)
@settings(max_examples=50, deadline=None, database=None)
def test_the_style_sheet_holds_colours_and_nothing_else(base: str, stamp: str) -> None:
    for case in (str.upper, str.lower):
        assert re.fullmatch(r"\[data-theme=card\]\{(--[a-z-]+:#[0-9A-F]{6};)+\}\n", theme_css(case(base), case(stamp)))


@pytest.mark.parametrize(("one", "other", "ratio"), [("#000000", "#FFFFFF", 21), ("#777777", "#FFFFFF", 4.48)])
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.01)
