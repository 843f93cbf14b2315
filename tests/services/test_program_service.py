"""Programs: one that is live for each vendor, changed without touching what customers were promised."""

from __future__ import annotations

import pytest
from flask import Flask

from loyalty_portal.errors import Invalid, NotFound, ProgramExists
from loyalty_portal.schemas.programs import ProgramCreate, ProgramUpdate
from tests.desk import Desk, desk_of, refusal
from tests.shops import Shop, open_shop

OTHER = ProgramCreate(card_name="Tea club", stamps_target=5, stamps_reward_description="Free tea")


@pytest.fixture
def desk(shop: Shop) -> Desk:
    return desk_of(shop)


def test_a_vendor_has_one_live_program_also_while_it_is_off(desk: Desk) -> None:
    for on in (True, False):
        desk.write(lambda s, on=on: s.program_service.switch(desk.shop.program_id, on=on))
        with pytest.raises(ProgramExists):
            desk.write(lambda s: s.program_service.create(desk.vendor_id, OTHER))


def test_archiving_closes_the_cards_and_makes_room(desk: Desk) -> None:
    card = desk.enrol()
    desk.stamp(card.code)
    desk.write(lambda s: s.program_service.archive(desk.vendor_id))
    refusal(desk.earn(card.code), "card_inactive")
    assert desk.card(card.id).is_closed and desk.card(card.id).stamp_count == 1
    made = desk.write(lambda s: s.program_service.create(desk.vendor_id, OTHER))
    assert desk.enrol().program_id == made.id
    with pytest.raises(NotFound):
        desk.write(lambda s: s.program_service.switch(desk.shop.program_id, on=True))
    report = desk.read(lambda s: s.ledger_audit.verify())
    assert report.ok, report.broken


def test_an_update_changes_what_was_sent_and_empties_nothing_needed(desk: Desk) -> None:
    before = desk.read(lambda s: s.program_service.need(desk.vendor_id))
    after = desk.write(lambda s: s.program_service.update(desk.vendor_id, ProgramUpdate(cooldown_minutes=0)))
    assert (after.cooldown_minutes, after.card_name) == (0, before.card_name)
    with pytest.raises(Invalid):
        desk.write(lambda s: s.program_service.update(desk.vendor_id, ProgramUpdate(card_name=None)))


def test_cards_on_other_terms_are_counted(desk: Desk) -> None:
    begun = desk.enrol()
    desk.enrol()
    desk.stamp(begun.code)
    change = ProgramUpdate(stamps_target=12)
    program = desk.write(lambda s: s.program_service.update(desk.vendor_id, change))
    assert desk.read(lambda s: s.program_service.cards_on_other_terms(program)) == 1
    assert desk.card(begun.id).stamps_target == 10


def test_another_vendors_program_is_not_there(desk: Desk, app: Flask) -> None:
    other = open_shop(app, "Other", "bob@example.com")
    with pytest.raises(NotFound):
        desk.read(lambda s: s.program_service.get(other.program_id, desk.vendor_id))
    assert desk.read(lambda s: s.program_service.get(other.program_id)).vendor_id == other.vendor.id
