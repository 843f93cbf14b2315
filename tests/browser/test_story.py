"""The main job, from an owner's first sign-in to a ledger that adds up, with real parts all the way."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from loyalty_portal.database import db
from loyalty_portal.models import LoyaltyTransaction
from loyalty_portal.services import chain
from tests.browser.conftest import Visit
from tests.browser.people import MANAGER_PIN, PIN, Customer, Owner, Till
from tests.browser.served import Served


@pytest.mark.parametrize(("js", "target"), [(True, 10), (False, 4)], ids=["js", "no-js"])
def test_from_the_first_sign_in_to_the_reward(portal: Served, visit: Visit, js: bool, target: int) -> None:
    owner = Owner(visit(portal))
    owner.sign_in()
    owner.publish(target=target, reward="Free coffee")
    owner.add_person("Luc", PIN)
    owner.add_person("Anne", MANAGER_PIN, manager=True)
    till = Till(visit(portal, js=js), js=js)
    till.pair(owner.add_till("Counter"))

    customer = Customer(visit(portal, phone=True, js=js))
    code = customer.join(owner.join_link(), "Sophie")
    customer.sees(f"0 of {target}", code)

    for count in range(1, target + 1):
        till.find("sop" if count % 2 else code, "Sophie")
        till.enter()
        till.says(f"{count} of {target}")
        if count < target:
            portal.clock.move(hours=5)
            till.press("Next customer")
    till.says("Card full!", "Free coffee")
    customer.sees(f"{target} of {target}", "Free coffee is yours")

    till.press("Free coffee")
    till.says("Enjoy!", f"0 of {target}")
    customer.sees(f"0 of {target}", "Free coffee enjoyed")

    portal.clock.move(hours=20)
    till.idle()
    till.find("so", "Sophie")
    till.enter()
    till.says(f"1 of {target}")
    till.press("Undo")
    till.says(f"0 of {target}")
    customer.sees(f"0 of {target}", "taken back")

    kinds = ["card_created", *["stamp_earned"] * target, "stamp_redeemed", "stamp_earned", "stamp_voided"]
    assert [entry["kind"] for entry in adds_up(portal)] == kinds


def adds_up(portal: Served) -> list[dict[str, Any]]:
    """The ledger's entries, after checking that the only card is the sum of them and that its chain holds."""
    with portal.app.app_context():
        rows = db.session.execute(LoyaltyTransaction.__table__.select().order_by(LoyaltyTransaction.seq))
        entries = [dict(row._mapping) for row in rows]
        (card,) = db.session.execute(text("SELECT * FROM loyalty_cards"))
        db.session.rollback()
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    assert card.stamp_count == sum(entry["stamps_delta"] for entry in entries)
    assert entries[-1]["stamps_after"] == card.stamp_count
    before = chain.genesis(card.vendor_id, card.code, card.genesis_nonce)
    for entry in entries:
        assert entry["prev_hash"] == before
        before = chain.entry_hash(before, entry)
        assert entry["hash"] == before
    assert card.head_hash == before
    return entries
