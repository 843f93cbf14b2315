"""The stamp's drawing, and the file that every card takes it from."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from loyalty_portal.drawing import seal
from loyalty_portal.paths import STATIC, TEMPLATES


def test_the_file_is_what_is_drawn() -> None:
    assert (STATIC / "stamp.svg").read_text() == seal.sprite(), "write seal.sprite() to static/stamp.svg"


def test_the_file_holds_what_templates_take_from_it() -> None:
    root = ElementTree.fromstring(seal.sprite())
    ids = {one.get("id") for one in root.iter() if one.get("id")}
    variants = {f"stamp-{slot.variant}" for slot in seal.slots(30, 30)}
    assert ids == variants | {"seal", "burst", "rings"}
    drawn = (TEMPLATES / "macros" / "card.html").read_text()
    for name in ("stamp-{{ slot.variant }}", "burst", "rings"):
        assert f"#{name}" in drawn


@pytest.mark.parametrize(("shown", "target", "new"), [(0, 10, 0), (7, 10, 1), (10, 10, 5), (1, 1, 1), (3, 30, 2)])
def test_the_places_of_a_card(shown: int, target: int, new: int) -> None:
    slots = seal.slots(shown, target, new)
    states = [slot.state for slot in slots]
    assert len(slots) == target
    assert states.count("new") == new and states.count("on") == shown - new
    assert states[:shown] == ["on"] * (shown - new) + ["new"] * new
    assert [slot.is_goal for slot in slots] == [False] * (target - 1) + [True]


def test_the_next_place_is_marked() -> None:
    assert [slot.state for slot in seal.slots(1, 3, mark_next=True)] == ["on", "next", "open"]
    assert "next" not in [slot.state for slot in seal.slots(3, 3, mark_next=True)]


@pytest.mark.parametrize("target", range(1, 31))
def test_rows_are_nearly_full(target: int) -> None:
    columns = seal.columns(target)
    rows = -(-target // columns)
    assert rows * columns - target < columns
    assert columns <= 10
