"""Joining, proving an address, and one card out of two."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from loyalty_portal.clock import FrozenClock
from loyalty_portal.errors import CardNotFound, LinkExpired, NotFound
from loyalty_portal.schemas.cards import CardView, Enrolment
from loyalty_portal.schemas.statistics import ProgramFigures
from loyalty_portal.services import Services
from tests.desk import Desk, desk_of, refusal
from tests.shops import NOW, open_shop

MAIL = "zoe@example.com"


@pytest.fixture
def desk(app: Flask) -> Desk:
    return desk_of(open_shop(app, stamps_target=10, max_stamps_per_visit=3))


def link(desk: Desk) -> str:
    row = desk.row("SELECT id, nonce FROM contact_links ORDER BY id DESC")
    return desk.services.enrolment_service.link_token(row.id, row.nonce)


def open_link(desk: Desk, token: str) -> str:
    return desk.write(lambda s: s.enrolment_service.open_link(token))


def merge(desk: Desk, one: CardView, into: CardView) -> str:
    return desk.write(lambda s: s.enrolment_service.merge(desk.origin(), one.id, into.id))


def sound(desk: Desk) -> None:
    report = desk.read(lambda s: s.ledger_audit.verify())
    assert report.ok, report.broken


def test_a_fresh_card_begins_its_chain(desk: Desk) -> None:
    card = desk.enrol()
    assert (card.stamp_count, card.stamps_target, card.revision, card.is_active) == (0, 10, 1, True)
    assert len(card.code) == 8 and len(card.link_token) >= 22
    sound(desk)


def test_the_same_key_makes_one_card(desk: Desk) -> None:
    keyed = desk.keyed("join", name="Zoé")
    made = [
        desk.write(lambda s: s.enrolment_service.enrol(desk.origin(), Enrolment(first_name="Zoé"), keyed=keyed))[0]
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert desk.row("SELECT COUNT(*) FROM loyalty_cards")[0] == 1


def test_nobody_joins_a_program_that_is_off(desk: Desk) -> None:
    desk.write(lambda s: s.program_service.switch(desk.shop.program_id, on=False))
    with pytest.raises(NotFound):
        desk.enrol()
    assert desk.row("SELECT COUNT(*) FROM customers")[0] == 0


def test_a_link_proves_the_address_once_and_for_seven_days(desk: Desk, clock: FrozenClock) -> None:
    card = desk.enrol(email=MAIL)
    token = link(desk)
    assert open_link(desk, token) == card.link_token
    assert desk.read(lambda s: s.card_service.customer(desk.vendor_id, card.customer_id)).email_verified
    with pytest.raises(LinkExpired):
        open_link(desk, token)
    desk.enrol(email="late@example.com")
    late = link(desk)
    clock.move(days=7)
    with pytest.raises(LinkExpired):
        open_link(desk, late)


@pytest.mark.parametrize("token", ["", "1", "1.", "x.y", "1." + "0" * 40, "9" * 40 + ".0", "١.0", "-1.0"])
def test_a_forged_link_opens_nothing(desk: Desk, token: str) -> None:
    desk.enrol(email=MAIL)
    with pytest.raises(LinkExpired):
        open_link(desk, token)


def test_a_known_address_brings_the_fresh_card_into_the_first(desk: Desk) -> None:
    first = desk.enrol(email=MAIL)
    open_link(desk, link(desk))
    desk.stamp(first.code, 2)
    fresh = desk.enrol(email=MAIL)
    # Without the link the address stays with its first card alone.
    assert desk.read(lambda s: s.card_service.customer(desk.vendor_id, fresh.customer_id)).email is None
    desk.stamp(fresh.code, 3)
    assert open_link(desk, link(desk)) == first.link_token
    assert desk.card(first.id).stamp_count == 5
    assert desk.card(fresh.id).is_closed
    refusal(desk.earn(fresh.code), "card_inactive")
    sound(desk)


def test_a_merge_moves_what_a_card_holds(desk: Desk, clock: FrozenClock) -> None:
    old, fresh = desk.enrol(), desk.enrol()
    desk.stamp(old.code, 2)
    clock.move(hours=1)
    desk.stamp(fresh.code, 3)
    assert merge(desk, fresh, old) == old.link_token
    left, gone = desk.card(old.id), desk.card(fresh.id)
    assert (left.stamp_count, left.total_stamps_earned) == (5, 5)
    assert (gone.stamp_count, gone.total_stamps_earned, gone.is_closed) == (0, 3, True)
    sound(desk)


def test_merged_cards_are_counted_once(desk: Desk, clock: FrozenClock) -> None:
    old, fresh = desk.enrol(), desk.enrol()
    desk.stamp(old.code, 2)
    clock.move(hours=1)
    desk.stamp(fresh.code, 3)
    merge(desk, fresh, old)

    def figures(services: Services) -> ProgramFigures:
        program = services.program_service.need(old.vendor_id)
        return services.figures_service.program(program, "Europe/Luxembourg")

    found = desk.read(figures)
    assert (found.total_cards, found.total_stamps_issued, found.stamps_this_month) == (1, 5, 5)
    assert found.average_stamps_per_card == 5.0
    assert desk.read(lambda s: s.figures_service.platform()).total_stamps_issued == 5


def test_the_stricter_limits_of_two_cards_go_on(app: Flask, clock: FrozenClock) -> None:
    desk = desk_of(open_shop(app, max_stamps_per_visit=1, max_daily_stamps=3))
    old, fresh = desk.enrol(), desk.enrol()
    desk.stamp(old.code)
    clock.move(minutes=20)
    desk.stamp(old.code)
    clock.move(minutes=20)
    stamped = desk.stamp(fresh.code).transaction
    merge(desk, fresh, old)
    # The fresh card's stamp was a moment ago, and it is the third of the day.
    no = refusal(desk.earn(old.code), "daily_limit")
    assert no.facts.limit == 3
    assert desk.card(old.id).last_visit_at == stamped.at


def test_a_void_after_a_merge_keeps_the_other_cards_limits(app: Flask, clock: FrozenClock) -> None:
    desk = desk_of(open_shop(app, max_stamps_per_visit=1))
    old, fresh = desk.enrol(), desk.enrol()
    first = desk.stamp(old.code).transaction.id
    desk.stamp(fresh.code)
    merge(desk, fresh, old)
    desk.void(first)
    assert refusal(desk.earn(old.code), "cooling_down").facts.retry_at == NOW + timedelta(minutes=15)
    assert desk.card(old.id).stamps_today == 1
    sound(desk)


def test_merging_again_or_into_itself_changes_nothing(desk: Desk) -> None:
    old, fresh = desk.enrol(), desk.enrol()
    desk.stamp(old.code, 2)
    assert merge(desk, old, old) == old.link_token
    assert not desk.card(old.id).is_closed
    merge(desk, fresh, old)
    before = desk.row("SELECT COUNT(*) FROM loyalty_transactions")[0]
    for one, into in ((fresh, old), (old, fresh)):
        merge(desk, one, into)
    assert desk.row("SELECT COUNT(*) FROM loyalty_transactions")[0] == before
    sound(desk)


def test_cards_of_two_vendors_never_merge(desk: Desk, app: Flask) -> None:
    other = desk_of(open_shop(app, "Other", "bob@example.com"))
    ours, theirs = desk.enrol(email=MAIL), other.enrol(email=MAIL)
    for one, into in ((ours, theirs), (theirs, ours)):
        with pytest.raises(CardNotFound):
            merge(desk, one, into)
    tokens = [
        desk.services.enrolment_service.link_token(row.id, row.nonce)
        for row in desk.shop.rows("SELECT id, nonce FROM contact_links ORDER BY id")
    ]
    # The same address at two vendors is two customers.
    assert [open_link(desk, token) for token in tokens] == [ours.link_token, theirs.link_token]
    sound(desk)


def test_links_that_were_not_sent_are_found_again(desk: Desk, clock: FrozenClock) -> None:
    desk.enrol(email=MAIL)
    clock.move(hours=1)
    (link_id,) = desk.read(lambda s: s.enrolment_service.unsent_links())
    desk.write(lambda s: s.enrolment_service.mark_sent(link_id))
    assert desk.read(lambda s: s.enrolment_service.unsent_links()) == []
