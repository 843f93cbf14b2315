from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime

import pytest

from loyalty_portal.services import chain

ENTRY = dict.fromkeys(chain.FIELDS) | {
    "vendor_id": 1,
    "program_id": 2,
    "card_id": 3,
    "seq": 4,
    "kind": "stamp_earned",
    "stamps_delta": 1,
    "points_delta": 0,
    "remainder_delta": 0,
    "stamps_after": 7,
    "points_after": 0,
    "terms": '{"target":10,"reward":"Kaffi ☕"}',
    "source": "counter",
    "is_override": False,
    "local_day": date(2026, 11, 24),
    "at": datetime(2026, 11, 24, 12, 0, 0, 5, tzinfo=UTC),
}


def test_the_canonical_form_is_fixed():
    assert chain.canonical(ENTRY) == (
        '["v1",1,2,3,4,"stamp_earned",1,0,0,7,0,null,null,null,null,null,'
        '"{\\"target\\":10,\\"reward\\":\\"Kaffi ☕\\"}",null,"counter",null,null,false,null,null,null,null,'
        '"2026-11-24","2026-11-24T12:00:00.000005Z"]'
    )
    expected = hashlib.sha256(("0" * 64 + chain.canonical(ENTRY)).encode()).hexdigest()
    assert chain.entry_hash("0" * 64, ENTRY) == expected


@pytest.mark.parametrize("field", chain.FIELDS)
def test_every_field_moves_the_hash(field):
    changed = ENTRY | {field: "other"}
    assert chain.entry_hash("0" * 64, changed) != chain.entry_hash("0" * 64, ENTRY)


def test_each_card_has_a_genesis_of_its_own():
    assert len({chain.genesis(v, c, n) for v in (1, 2) for c in ("A", "B") for n in ("x", "y")}) == 8
