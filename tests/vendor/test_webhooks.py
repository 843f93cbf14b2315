"""The owner's webhooks: added with a secret shown once, tried out, looked at, given new secrets, switched, deleted."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from loyalty_portal.clock import FrozenClock
from loyalty_portal.schemas.cards import Enrolment
from tests.people import manager_of, owner_of
from tests.receivers import Receiver, answers, make_app, receiver
from tests.shops import Databases, Shop, built, open_shop, press

__all__ = ["make_app", "receiver"]
HOOKS = "/vendor/webhooks"
ALL = ["card.enrolled", "stamp.earned", "points.earned", "reward.redeemed", "entry.voided"]


def address(receiver: Receiver) -> str:
    return f"http://127.0.0.1:{receiver.port}/in"


def add(owner: FlaskClient, url: str, *events: str) -> TestResponse:
    return press(owner, f"{HOOKS}/new", HOOKS, url=url, events=list(events or ALL))


def secret_on(page: TestResponse) -> str:
    found = re.search(r">(whsec_[\w-]{43})<", page.text)
    assert found, page.text
    return found[1]


def page_of(shop: Shop) -> str:
    return f"{HOOKS}/{shop.rows('SELECT max(id) AS id FROM webhooks')[0].id}"


def delivery(shop: Shop) -> int:
    return int(shop.rows("SELECT max(id) AS id FROM webhook_deliveries")[0].id)


def join(shop: Shop) -> str:
    made = []
    shop.do(lambda services: made.append(services.enrolment_service.enrol(shop.origin, Enrolment())[0]))
    return str(made[0].code)


def test_an_empty_list_teaches(owner: FlaskClient) -> None:
    page = owner.get(HOOKS).text
    assert "No webhook yet" in page
    assert f'href="{HOOKS}/new"' in page


def test_it_is_added_and_its_secret_is_shown_once(shop: Shop, owner: FlaskClient, receiver: Receiver) -> None:
    made = add(owner, address(receiver), "stamp.earned", "entry.voided")
    assert made.status_code == 200
    secret = secret_on(made)
    for page in (HOOKS, page_of(shop)):
        text = owner.get(page).text
        assert address(receiver) in text
        assert secret not in text
    assert "Stamps were given · Something was taken back" in owner.get(HOOKS).text
    assert re.findall(r'value="([a-z.]+)" checked', owner.get(page_of(shop)).text) == ["stamp.earned", "entry.voided"]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "Please fill this in."),
        ("hooks.example.com", "A web address that begins with https://, please."),
        ("ftp://hooks.example.com/", "A web address that begins with https://, please."),
        ("https://me@hooks.example.com/", "A web address that begins with https://, please."),
        ("https://" + "x" * 300, "At most 300 characters."),
        ("https://hooks.example.com/\x00", "There are characters in here that can&#39;t be shown."),
    ],
)
def test_an_address_that_is_none(shop: Shop, owner: FlaskClient, url: str, words: str) -> None:
    page = add(owner, url)
    assert page.status_code == 422
    assert words in page.text
    assert 'id="url-error"' in page.text
    assert shop.rows("SELECT id FROM webhooks") == []


@pytest.mark.parametrize(
    "url",
    ["https://[", "https://[]", "https://]", "https://a]b/", "https://%5b/", "https://[v1.x]", "https://x:99999/"],
)
def test_an_odd_address_is_refused_at_its_field(shop: Shop, owner: FlaskClient, url: str) -> None:
    page = add(owner, url)
    assert page.status_code == 422
    assert 'id="url-error"' in page.text
    assert shop.rows("SELECT id FROM webhooks") == []


@pytest.mark.parametrize("events", [[], ["webhook.test"], ["card.sold"]])
def test_events_are_ticked(shop: Shop, owner: FlaskClient, receiver: Receiver, events: list[str]) -> None:
    page = press(owner, f"{HOOKS}/new", HOOKS, url=address(receiver), events=events)
    assert page.status_code == 422
    assert 'id="events-error"' in page.text
    assert ("Tick at least one event." in page.text) == (events == [])
    assert shop.rows("SELECT id FROM webhooks") == []


def test_private_addresses_are_refused(databases: Databases, engine: str, clock: FrozenClock) -> None:
    portal = built(databases.copy(engine), clock)
    shop = open_shop(portal)
    owner = owner_of(shop)
    for url in ("https://127.0.0.1/", "https://[::1]/", "https://localhost/", "http://127.0.0.1/"):
        page = add(owner, url)
        assert page.status_code == 422, url
    assert "This address leads into a private network." in add(owner, "https://127.0.0.1:8000/").text
    assert shop.rows("SELECT id FROM webhooks") == []


def test_a_test_event_and_what_was_answered(shop: Shop, owner: FlaskClient, receiver: Receiver) -> None:
    add(owner, address(receiver))
    page = page_of(shop)
    assert "Nothing sent yet" in owner.get(page).text
    receiver.plan = [answers(500, b"<script>alert(1)</script> oops")]
    assert press(owner, page, f"{page}/test").status_code == 303
    assert [seen.headers["Stempel-Event"] for seen in receiver.seen] == ["webhook.test"]
    text = owner.get(page).text
    assert "Test event" in text
    assert "Answer 500" in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; oops" in text
    assert "1 try has failed since" in text
    assert "Failing" in owner.get(HOOKS).text


def test_a_delivery_is_sent_again(shop: Shop, owner: FlaskClient, receiver: Receiver) -> None:
    add(owner, address(receiver), "card.enrolled")
    join(shop)
    page = page_of(shop)
    assert "Someone joined" in owner.get(page).text
    assert press(owner, page, f"{page}/deliveries/{delivery(shop)}").status_code == 303
    assert len(receiver.seen) == 2
    assert receiver.seen[0].headers["Stempel-Event-Id"] == receiver.seen[1].headers["Stempel-Event-Id"]
    assert press(owner, page, f"{page}/deliveries/{delivery(shop) + 1}").status_code == 404


def test_a_new_secret_and_the_end_of_the_old_one(shop: Shop, owner: FlaskClient, receiver: Receiver) -> None:
    first = secret_on(add(owner, address(receiver)))
    page = page_of(shop)
    made = press(owner, page, f"{page}/secret")
    assert secret_on(made) != first
    assert "The old secret signs too until Tue, Nov 17, 08:12." in made.text
    assert "Both the new and the old secret sign until" in owner.get(page).text
    press(owner, page, f"{page}/test")
    assert receiver.seen[-1].headers["Stempel-Signature"].count("v1=") == 2
    assert press(owner, page, f"{page}/secret/end").status_code == 303
    press(owner, page, f"{page}/test")
    assert receiver.seen[-1].headers["Stempel-Signature"].count("v1=") == 1
    assert f'action="{page}/secret"' in owner.get(page).text


def test_address_and_events_change(shop: Shop, owner: FlaskClient, receiver: Receiver) -> None:
    add(owner, address(receiver))
    page = page_of(shop)
    assert press(owner, page, page, url=address(receiver) + "2", events=["stamp.earned"]).status_code == 303
    shop.stamp(join(shop))
    assert [(seen.path, seen.headers["Stempel-Event"]) for seen in receiver.seen] == [("/in2", "stamp.earned")]
    assert press(owner, page, page, url="", events=["stamp.earned"]).status_code == 422


def test_switched_off_on_and_deleted(shop: Shop, owner: FlaskClient, receiver: Receiver) -> None:
    add(owner, address(receiver))
    page = page_of(shop)
    assert press(owner, page, f"{page}/switch", on="0").status_code == 303
    assert "Switched off" in owner.get(HOOKS).text
    assert "Send a test event" not in owner.get(page).text
    assert press(owner, page, f"{page}/test").status_code == 404
    join(shop)
    assert press(owner, page, f"{page}/switch", on="1").status_code == 303
    assert press(owner, page, f"{page}/switch", on="maybe").status_code == 422
    assert receiver.seen == []
    join(shop)
    assert len(receiver.seen) == 1
    assert press(owner, page, f"{page}/archive").status_code == 303
    assert "No webhook yet" in owner.get(HOOKS).text
    assert owner.get(page).status_code == 404
    join(shop)
    assert len(receiver.seen) == 1


def test_one_that_was_silenced_says_so(shop: Shop, owner: FlaskClient, receiver: Receiver, clock: FrozenClock) -> None:
    add(owner, address(receiver))
    receiver.otherwise = answers(500)
    join(shop)
    clock.move(days=3)
    join(shop)
    owner = owner_of(shop)
    for page in (HOOKS, "/vendor/"):
        assert "was switched off, because nothing arrived there for three days." in owner.get(page).text
    assert "so we stopped sending on Thu, Nov 19, 08:12" in owner.get(page_of(shop)).text
    press(owner, HOOKS, f"{page_of(shop)}/switch", on="1")
    assert "was switched off" not in owner.get("/vendor/").text


def test_pages_of_deliveries(shop: Shop, owner: FlaskClient, receiver: Receiver) -> None:
    add(owner, address(receiver))
    page = page_of(shop)
    for _ in range(27):
        shop.do(lambda services: services.webhook_service.try_out(shop.vendor.id, int(page.rpartition("/")[2])))
    first, second = owner.get(page).text, owner.get(f"{page}?skip=25").text
    assert first.count("Test event</b>") == 25
    assert second.count("Test event</b>") == 2
    assert f'href="{page}?skip=25"' in first
    assert owner.get(f"{page}?skip=-5").status_code == 200


def test_a_manager_may_and_another_shop_sees_nothing(shop: Shop, owner: FlaskClient, receiver: Receiver) -> None:
    add(owner, address(receiver))
    page = page_of(shop)
    assert manager_of(shop).get(page).status_code == 200
    other = open_shop(shop.app, "Salon Léa", "lea@example.com")
    lea = owner_of(other, "lea@example.com")
    assert "No webhook yet" in lea.get(HOOKS).text
    assert lea.get(page).status_code == 404
    for action in ("", "/secret", "/secret/end", "/switch", "/test", "/archive", "/deliveries/1"):
        data = {"url": address(receiver), "events": ALL, "on": "0"}
        assert press(lea, HOOKS, page + action, **data).status_code == 404, action
    assert "On</span>" in owner.get(HOOKS).text
