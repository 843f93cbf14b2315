"""Tills: paired once, known by their cookie, ended at once."""

from __future__ import annotations

import pytest
from flask import Flask

from loyalty_portal.clock import FrozenClock
from loyalty_portal.errors import NotFound, PairingRefused
from loyalty_portal.schemas.tills import PairingView, TillCreate
from tests.desk import Desk, desk_of
from tests.shops import Shop, open_shop


@pytest.fixture
def desk(shop: Shop) -> Desk:
    return desk_of(shop)


def new_pairing(desk: Desk, reusable: bool = False) -> PairingView:
    return desk.write(lambda s: s.device_service.new_pairing(desk.vendor_id, desk.till_id, reusable=reusable))


def pair(desk: Desk, code: str) -> str:
    return desk.write(lambda s: s.device_service.pair(code))


def known(desk: Desk, token: str) -> int | None:
    till = desk.read(lambda s: s.device_service.till_by_token(token))
    return till.id if till else None


def test_a_code_pairs_once_within_ten_minutes(desk: Desk, clock: FrozenClock) -> None:
    code = new_pairing(desk).code
    token = pair(desk, code.lower())
    assert known(desk, token) == desk.till_id
    with pytest.raises(PairingRefused):
        pair(desk, code)
    late = new_pairing(desk).code
    clock.move(minutes=10)
    with pytest.raises(PairingRefused):
        pair(desk, late)


def test_a_newer_code_ends_the_older_and_a_newer_browser_the_older(desk: Desk) -> None:
    older = new_pairing(desk).code
    token = pair(desk, new_pairing(desk).code)
    with pytest.raises(PairingRefused):
        pair(desk, older)
    newer = pair(desk, new_pairing(desk).code)
    assert (known(desk, token), known(desk, newer)) == (None, desk.till_id)


def test_only_the_digest_of_the_cookie_is_stored(desk: Desk) -> None:
    token = pair(desk, new_pairing(desk).code)
    assert token not in str(desk.row("SELECT * FROM counter_devices WHERE id = :id", id=desk.till_id))


def test_a_reusable_code_makes_a_till_each_time(desk: Desk, clock: FrozenClock) -> None:
    code = new_pairing(desk, reusable=True).code
    clock.move(days=30)
    tills = {known(desk, pair(desk, code)) for _ in range(3)}
    assert len(tills) == 3 and None not in tills


def test_a_revoked_till_is_over(desk: Desk) -> None:
    token = pair(desk, new_pairing(desk).code)
    waiting = new_pairing(desk).code
    desk.write(lambda s: s.device_service.revoke(desk.vendor_id, desk.till_id))
    assert known(desk, token) is None
    with pytest.raises(PairingRefused):
        pair(desk, waiting)
    with pytest.raises(NotFound):
        new_pairing(desk)


def test_another_vendors_till_is_not_there(desk: Desk, app: Flask) -> None:
    other = open_shop(app, "Other", "bob@example.com").vendor.id
    for action in (
        lambda s: s.device_service.till(other, desk.till_id),
        lambda s: s.device_service.new_pairing(other, desk.till_id),
        lambda s: s.device_service.rename(other, desk.till_id, TillCreate(name="X")),
        lambda s: s.device_service.revoke(other, desk.till_id),
        lambda s: s.device_service.unlock_tries(other, desk.till_id),
    ):
        with pytest.raises(NotFound):
            desk.write(action)
