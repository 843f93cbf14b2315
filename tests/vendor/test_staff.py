"""People at the counter: PINs are shown once, weak and used ones refused alike, and a PIN that ended opens nothing."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from loyalty_portal.database import transaction
from loyalty_portal.enums import Source
from loyalty_portal.errors import DomainError
from loyalty_portal.schemas.tills import TillCreate
from loyalty_portal.services.pin_service import Guard
from loyalty_portal.web.pins import check_pin
from tests.shops import Shop, press

STAFF = "/vendor/staff"


def add(owner: FlaskClient, name: str = "Luc", pin: str = "", role: str = "staff") -> TestResponse:
    return press(owner, f"{STAFF}/new", STAFF, name=name, role=role, pin=pin)


def made_pin(page: TestResponse) -> str:
    found = re.search(r'class="big-code">([0-9]+)<', page.text)
    assert found, page.text
    return found[1]


@pytest.fixture
def till(shop: Shop) -> Guard:
    made = []
    shop.do(lambda services: made.append(services.device_service.create(shop.vendor.id, TillCreate(name="Till 1"))))
    return Guard(shop.vendor.id, Source.COUNTER, made[0].till_id)


def works(shop: Shop, till: Guard, pin: str) -> str | None:
    """Who the till says this is."""
    with shop.app.test_request_context():
        try:
            return check_pin(till, pin).name
        except DomainError:
            return None
        finally:
            with transaction():
                shop.services.pin_service.unlock(till.vendor_id)


def ids(shop: Shop) -> dict[str, int]:
    return {row.name: row.id for row in shop.rows("SELECT id, name FROM staff_pins")}


def test_an_empty_list_teaches(shop: Shop, owner: FlaskClient) -> None:
    page = owner.get(STAFF)
    assert "Nobody has a PIN yet" in page.text
    assert "Give yourself a PIN" in page.text


def test_a_made_pin_is_shown_once_and_never_again(shop: Shop, owner: FlaskClient, till: Guard) -> None:
    page = add(owner)
    pin = made_pin(page)
    assert re.fullmatch("[0-9]{4}", pin)
    assert page.headers["Cache-Control"] == "private, no-store"
    assert works(shop, till, pin) == "Luc"
    person = ids(shop)["Luc"]
    for address in (STAFF, f"{STAFF}/new", f"{STAFF}/{person}", "/vendor/", "/vendor/tills"):
        assert pin not in re.sub(r'"[^"]*"', "", owner.get(address).text), address
    (row,) = shop.rows("SELECT * FROM staff_pins")
    assert row.pin_hash.startswith("$2b$")
    assert pin not in (row.pin_hash, row.pin_digest)


def test_an_own_pin_is_taken(shop: Shop, owner: FlaskClient, till: Guard) -> None:
    assert add(owner, pin="2580", role="manager").status_code == 303
    assert works(shop, till, "2580") == "Luc"
    assert shop.rows("SELECT role FROM staff_pins")[0].role == "manager"
    page = owner.get(STAFF).text
    assert "Luc" in page and "Manager" in page and "2580" not in page


def test_weak_and_used_pins_get_the_same_words(shop: Shop, owner: FlaskClient) -> None:
    add(owner, pin="2580")
    answers = []
    for pin in ("2580", "1234", "0000", "1987", "9876", "1212"):
        page = add(owner, name="Mia", pin=pin)
        assert page.status_code == 422
        assert "Choose another PIN." in page.text.partition('id="pin-error"')[2][:400]
        assert 'value="Mia"' in page.text, "what was typed is kept"
        assert pin not in re.sub(r'csrf_token" value="[^"]+"', "", page.text), "a PIN is never sent back"
        answers.append(re.sub(r'csrf_token" value="[^"]+"', "", page.text))
    assert len(set(answers)) == 1
    assert list(ids(shop)) == ["Luc"]


def test_another_length_asks_for_another_pin(shop: Shop, owner: FlaskClient) -> None:
    for pin in ("258", "25801", "258014", "25a0", "٢٥٨٠", "²580"):
        page = add(owner, pin=pin)
        assert page.status_code == 422, pin
        assert 'id="pin-error"' in page.text
    assert ids(shop) == {}


def test_bad_input_is_said_at_its_field(shop: Shop, owner: FlaskClient) -> None:
    for name, typed in (("name", {"name": ""}), ("name", {"name": "x" * 81}), ("role", {"role": "king"})):
        page = press(owner, f"{STAFF}/new", STAFF, **({"name": "Luc", "role": "staff", "pin": ""} | typed))
        assert page.status_code == 422
        assert f'id="{name}-error"' in page.text
    assert ids(shop) == {}


def test_name_and_role_change_and_the_pin_stays(shop: Shop, owner: FlaskClient, till: Guard) -> None:
    add(owner, pin="2580")
    person = f"{STAFF}/{ids(shop)['Luc']}"
    assert press(owner, person, person, name="Lucien", role="manager").status_code == 303
    assert works(shop, till, "2580") == "Lucien"
    refused = press(owner, person, person, name="", role="manager")
    assert refused.status_code == 422
    assert list(ids(shop)) == ["Lucien"]


def test_a_new_pin_ends_the_old_one(shop: Shop, owner: FlaskClient, till: Guard) -> None:
    add(owner, pin="2580")
    person = f"{STAFF}/{ids(shop)['Luc']}"
    page = press(owner, person, f"{person}/pin", name="Luc", role="staff", pin="")
    pin = made_pin(page)
    assert works(shop, till, "2580") is None
    assert works(shop, till, pin) == "Luc"
    refused = press(owner, person, f"{person}/pin", name="Luc", role="staff", pin="1234")
    assert refused.status_code == 422 and "Choose another PIN." in refused.text
    assert works(shop, till, pin) == "Luc"


def test_who_left_can_not_stamp_any_more(shop: Shop, owner: FlaskClient, till: Guard) -> None:
    add(owner, pin="2580")
    person = f"{STAFF}/{ids(shop)['Luc']}"
    press(owner, STAFF, f"{person}/switch", on="0")
    assert works(shop, till, "2580") is None
    page = owner.get(STAFF).text
    assert "Luc can&#39;t use the till any more." in page and "Switched off" in page
    press(owner, STAFF, f"{person}/switch", on="1")
    assert works(shop, till, "2580") == "Luc"


def test_another_length_gives_everyone_a_new_pin(shop: Shop, owner: FlaskClient, till: Guard) -> None:
    add(owner, pin="2580")
    add(owner, name="Mia", pin="1470")
    add(owner, name="Old Joe", pin="3690")
    press(owner, STAFF, f"{STAFF}/{ids(shop)['Old Joe']}/switch", on="0")
    page = press(owner, STAFF, f"{STAFF}/length", pin_length="6")
    assert page.status_code == 200
    shown = dict(re.findall(r'<dt>([^<]+)</dt><dd class="mono">([0-9]{6})</dd>', page.text))
    assert set(shown) == {"Luc", "Mia"}
    assert len(set(shown.values())) == 2
    for name, pin in shown.items():
        assert works(shop, till, pin) == name
        assert pin not in owner.get(STAFF).text
    for pin in ("2580", "1470", "3690"):
        assert works(shop, till, pin) is None
    press(owner, STAFF, f"{STAFF}/{ids(shop)['Old Joe']}/switch", on="1")
    assert works(shop, till, "3690") is None, "a PIN of the old length came back"
    assert add(owner, name="Nora", pin="2581").status_code == 422
    assert re.fullmatch("[0-9]{6}", made_pin(add(owner, name="Nora")))


def test_the_same_length_changes_nothing(shop: Shop, owner: FlaskClient, till: Guard) -> None:
    add(owner, pin="2580")
    assert press(owner, STAFF, f"{STAFF}/length", pin_length="4").status_code == 303
    assert works(shop, till, "2580") == "Luc"
    for length in ("5", "8", "", "four"):
        page = press(owner, STAFF, f"{STAFF}/length", pin_length=length)
        assert page.status_code == 422, length
        assert 'id="pin_length-error"' in page.text
    assert works(shop, till, "2580") == "Luc"
