"""Vendors and their people."""

from __future__ import annotations

import pytest

from loyalty_portal.enums import MemberRole
from loyalty_portal.errors import EmailTaken, Invalid, NotFound, SlugTaken
from loyalty_portal.schemas.vendors import VendorCreate
from tests.desk import Desk, desk_of
from tests.shops import OWNER, Shop


@pytest.fixture
def desk(shop: Shop) -> Desk:
    return desk_of(shop)


def create(desk: Desk, **fields: str) -> str:
    return desk.write(lambda s: s.vendor_service.create(VendorCreate(**fields)))[0].slug


def test_a_slug_follows_from_the_name_and_is_free(desk: Desk) -> None:
    assert create(desk, name="Bäckerei Müller") == "backerei-muller"
    assert create(desk, name="Bäckerei Müller").startswith("backerei-muller-")
    assert create(desk, name="日本").startswith("shop")
    with pytest.raises(SlugTaken):
        create(desk, name="X", slug="kaffi-haus")


def test_an_address_is_one_users(desk: Desk) -> None:
    with pytest.raises(EmailTaken) as error:
        create(desk, name="Other", owner_email=OWNER.upper())
    assert error.value.field == "owner_email"
    # Nothing is half written: the shop isn't there either.
    assert desk.read(lambda s: s.vendor_service.count()) == 1


def test_a_membership_is_of_its_own_vendor(desk: Desk) -> None:
    other = desk.write(lambda s: s.vendor_service.create(VendorCreate(name="Other")))[0]
    owner = desk.read(lambda s: s.vendor_service.user_by_email(OWNER))
    assert owner is not None
    mine = desk.read(lambda s: s.vendor_service.membership(owner.id))
    assert mine is not None and (mine.vendor.id, mine.role) == (desk.vendor_id, MemberRole.OWNER)
    assert desk.read(lambda s: s.vendor_service.membership(owner.id, other.id)) is None


def test_unknown_vendors_and_bad_pages_are_said(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.read(lambda s: s.vendor_service.by_slug("nobody"))
    with pytest.raises(Invalid):
        desk.read(lambda s: s.vendor_service.summaries(limit=1000))


def test_summaries_count_open_cards_and_net_stamps(desk: Desk) -> None:
    card = desk.enrol()
    desk.enrol()
    desk.stamp(card.code, 2)
    desk.void(desk.stamp(card.code).transaction.id)
    (summary,), total = desk.read(lambda s: s.vendor_service.summaries())
    assert (total, summary.cards, summary.stamps_28d) == (1, 2, 2)
