"""Cards to look at: found by code and by what people type, always of one vendor."""

from __future__ import annotations

import pytest
from flask import Flask

from loyalty_portal.enums import EntryKind
from loyalty_portal.errors import CardNotFound, Invalid, NotFound
from tests.desk import Desk, desk_of
from tests.shops import Shop, open_shop


@pytest.fixture
def desk(shop: Shop) -> Desk:
    return desk_of(shop)


@pytest.fixture
def other(app: Flask) -> Desk:
    return desk_of(open_shop(app, "Other", "bob@example.com"))


def found(desk: Desk, typed: str) -> list[str] | None:
    hits = desk.read(lambda s: s.card_service.find(desk.vendor_id, typed))
    return None if hits is None else [hit.code for hit in hits]


def test_a_code_is_read_in_every_spelling(desk: Desk) -> None:
    card = desk.enrol()
    for typed in (card.code, card.code.lower(), f"LC{card.code}", f"{card.code[:4]} {card.code[4:]}"):
        seen = desk.read(lambda s, typed=typed: s.card_service.by_code(desk.vendor_id, "UTC", typed))
        assert seen.id == card.id


def test_unknown_broken_and_foreign_codes_are_one_answer(desk: Desk, other: Desk) -> None:
    foreign = other.enrol().code
    broken = foreign[:7] + ("0" if foreign[7] != "0" else "1")
    for typed in (foreign, broken, "", "x" * 100, "00000000"):
        with pytest.raises(CardNotFound) as error:
            desk.read(lambda s, typed=typed: s.card_service.by_code(desk.vendor_id, "UTC", typed))
        assert (error.value.code, error.value.status) == ("not_found", 404)


def test_people_are_found_by_name_and_phone_and_only_here(desk: Desk, other: Desk) -> None:
    zoe = desk.enrol(first_name="Zoé", last_name="Weber", phone="+352621123456").code
    desk.enrol(first_name="Luca")
    other.enrol(first_name="Zoé")
    for typed in ("zo", "ZOE", "weber zoe", "456", zoe):
        assert found(desk, typed) == [zoe], typed
    assert found(desk, "z") is None
    assert found(desk, "nobody") == []


def test_switching_is_an_entry_and_doing_it_again_is_none(desk: Desk) -> None:
    card = desk.enrol()
    for on in (False, False, True, True):
        desk.write(lambda s, on=on: s.card_service.switch(desk.origin(), card.id, on=on))
    kinds = [entry.kind for entry in desk.read(lambda s: s.card_service.entries(desk.vendor_id, card.id))]
    assert kinds == [EntryKind.CARD_ACTIVATED, EntryKind.CARD_DEACTIVATED, EntryKind.CARD_CREATED]


def test_entries_say_what_took_them_back(desk: Desk) -> None:
    card = desk.enrol()
    stamped = desk.stamp(card.code).transaction.id
    void = desk.void(stamped).transaction.id
    newest, stamp, _ = desk.read(lambda s: s.card_service.entries(desk.vendor_id, card.id))
    assert (newest.id, newest.voids_id, stamp.voided_by_id) == (void, stamped, void)


@pytest.mark.parametrize(("skip", "limit"), [(-1, 10), (0, 0), (0, 101), (10**9, 10)])
def test_pages_have_bounds(desk: Desk, skip: int, limit: int) -> None:
    with pytest.raises(Invalid):
        desk.read(lambda s: s.card_service.page(desk.vendor_id, skip=skip, limit=limit))


def test_another_vendors_card_is_not_there(desk: Desk, other: Desk) -> None:
    card = desk.enrol()
    entry = desk.stamp(card.code).transaction.id
    for action in (
        lambda s: s.card_service.get(other.vendor_id, "UTC", card.id),
        lambda s: s.card_service.entry(other.vendor_id, entry),
        lambda s: s.card_service.customer(other.vendor_id, card.customer_id),
    ):
        with pytest.raises(NotFound):
            other.read(action)
    assert other.read(lambda s: s.card_service.entries(other.vendor_id, card.id)) == []
    assert other.read(lambda s: s.card_service.history(other.origin(source_id=None))) == []
