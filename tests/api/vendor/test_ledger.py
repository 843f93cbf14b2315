"""The proof of the ledger by the API."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from loyalty_portal.database import db, transaction
from tests.api.programs import STAFF, Register


def test_a_sound_ledger_is_ok_and_a_changed_balance_is_named(register: Register, foreign: Register) -> None:
    card = register.card()
    foreign.card()
    register.post("/stamp", {"card_id": card["id"], "staff_pin": STAFF})
    report: Any = register.get("/ledger/verify").json
    assert report == {"cards": 1, "transactions": 2, "ok": True, "broken": []}
    with register.shop.app.app_context(), transaction():
        db.session.execute(text("UPDATE loyalty_cards SET stamp_count = 9 WHERE id = :id"), {"id": card["id"]})
    broken: Any = register.get("/ledger/verify").json
    assert broken["ok"] is False
    assert broken["broken"] == [{"card_id": card["id"], "code": card["code"], "problem": "stamps_differ"}]
    theirs: Any = foreign.get("/ledger/verify").json
    assert theirs["ok"] is True
