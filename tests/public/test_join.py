"""Joining: what is offered, what is made of what people type, and that nobody learns who is a customer."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.public.customers import JOIN, card_of, code_on, join
from tests.shops import Postbox, Shop, field_in, open_shop, press

MAIL = "sophie@example.com"


def fields(page: TestResponse) -> dict[str, str]:
    found = html5lib.parse(page.text, namespaceHTMLElements=False).iter("input")
    return {item.get("name"): item.get("value") or "" for item in found if item.get("type") == "text"}


def nameless(page: TestResponse, *secrets: str) -> str:
    """The page without what is by chance in every page."""
    text = page.text
    for secret in secrets:
        text = text.replace(secret, "…")
    text = re.sub(r'name="csrf_token" value="[^"]+"', "…", text)
    # The QR code draws the code.
    return re.sub(r'fill="#000" d="[^"]+"', "…", text)


def test_the_page_says_what_one_gets(shop: Shop, client: FlaskClient) -> None:
    page = client.get(JOIN)
    assert page.status_code == 200
    assert "Free coffee after 10 stamps" in page.text
    assert fields(page) == {"first_name": "", "contact": ""}
    assert page.text.count('type="checkbox"') == 1
    assert "checked" not in page.text
    assert "<script" not in page.text
    assert "X-Robots-Tag" not in page.headers


def test_nothing_needs_to_be_given(shop: Shop, client: FlaskClient, postbox: Postbox) -> None:
    address, code = card_of(client)
    assert re.fullmatch(r"/c/[\w-]{22}", address)
    assert len(code) == 8
    assert postbox.mails == []
    (customer,) = shop.rows("SELECT first_name, email, phone, marketing_consent_at FROM customers")
    assert list(customer) == [None, None, None, None]


def test_a_name_and_an_address_are_kept(shop: Shop, client: FlaskClient, postbox: Postbox) -> None:
    answer = join(client, first_name=" Sophie ", contact="Sophie@Example.com")
    page = client.get(str(answer.location))
    assert "Welcome, Sophie! This is your card." in page.text
    assert "sent you a mail" in page.text
    (customer,) = shop.rows("SELECT first_name, email, email_verified_at FROM customers")
    assert list(customer) == ["Sophie", MAIL, None]
    assert [mail["To"] for mail in postbox.mails] == [MAIL]


def test_a_phone_number_gets_no_mail(shop: Shop, client: FlaskClient, postbox: Postbox) -> None:
    answer = join(client, contact="621 123 456")
    assert "mailed" not in str(answer.location)
    assert [row.phone for row in shop.rows("SELECT phone FROM customers")] == ["+352621123456"]
    assert postbox.mails == []


def test_the_consent_is_kept_word_for_word(shop: Shop, client: FlaskClient) -> None:
    page = client.get(JOIN)
    (words,) = re.findall(r'type="checkbox".*?<span>(.*?)</span>', page.text)
    join(client, marketing_consent="y")
    (kept,) = shop.rows("SELECT marketing_consent_text, marketing_consent_at FROM customers")
    assert kept.marketing_consent_text == words
    assert "Kaffi Haus" in words
    assert kept.marketing_consent_at is not None


def test_a_form_sent_twice_makes_one_card(shop: Shop, client: FlaskClient, postbox: Postbox) -> None:
    page = client.get(JOIN)
    data = {"csrf_token": field_in(page, "csrf_token"), "key": field_in(page, "key"), "contact": MAIL}
    first, second = client.post(JOIN, data=data), client.post(JOIN, data=data)
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert shop.rows("SELECT count(*) FROM loyalty_cards")[0][0] == 1
    assert len(postbox.mails) == 1


def test_a_form_changed_after_going_back_asks_again(shop: Shop, client: FlaskClient) -> None:
    page = client.get(JOIN)
    data = {"csrf_token": field_in(page, "csrf_token"), "key": field_in(page, "key"), "first_name": "Sophie"}
    client.post(JOIN, data=data)
    again = client.post(JOIN, data=data | {"first_name": "Tom"})
    assert again.status_code == 409
    assert fields(again)["first_name"] == "Tom"
    made = client.post(JOIN, data=data | {"first_name": "Tom", "key": field_in(again, "key")})
    assert made.status_code == 303
    assert shop.rows("SELECT count(*) FROM loyalty_cards")[0][0] == 2


@pytest.mark.parametrize("key", ["", "not a key", "x" * 5000, "é" * 40])
def test_a_bad_key_is_no_key(shop: Shop, client: FlaskClient, key: str) -> None:
    assert join(client, key=key).status_code == 303


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("contact", "not an address", "neither an e-mail address nor a phone number"),
        ("contact", "a@b", "neither an e-mail address nor a phone number"),
        ("contact", "@", "neither an e-mail address nor a phone number"),
        ("contact", "123", "neither an e-mail address nor a phone number"),
        ("contact", "a" * 300 + "@example.com", "At most 254 characters"),
        ("contact", "sophie\0@example.com", "can&#39;t be shown"),
        ("contact", "9" * 100_000, "At most 254 characters"),
        ("first_name", "x" * 81, "At most 80 characters"),
        ("first_name", "So\0phie", "can&#39;t be shown"),
        ("first_name", "So\x1bphie", "can&#39;t be shown"),
        ("first_name", "x" * 100_000, "At most 80 characters"),
    ],
)
def test_bad_input_is_said_at_its_field(shop: Shop, client: FlaskClient, field: str, typed: str, said: str) -> None:
    page = join(client, **{"first_name": "Sophie", field: typed})
    assert page.status_code == 422
    assert f'aria-describedby="{field}-error"' in page.text or f"{field}-hint {field}-error" in page.text
    (sentence,) = re.findall(rf'id="{field}-error">.*?<span>(.*?)</span>', page.text)
    assert said in sentence
    assert "<title>Error:" in page.text
    assert shop.rows("SELECT count(*) FROM customers")[0][0] == 0


def test_what_was_typed_stays(shop: Shop, client: FlaskClient) -> None:
    page = join(client, first_name="Sophie", contact="nonsense", marketing_consent="y")
    assert fields(page) == {"first_name": "Sophie", "contact": "nonsense"}
    assert " checked" in page.text


@pytest.mark.parametrize(
    "name", ["Zoë", "Łukasz", "Ольга", "さくら", "محمد", "Nguyễn", "O’Brien", "Ana 🌸", "null", "0"]
)
def test_names_come_in_any_script(shop: Shop, client: FlaskClient, name: str) -> None:
    page = client.get(str(join(client, first_name=name).location))
    assert f"Welcome, {name}!" in page.text


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x onerror=y>', "{{ 7*7 }}", "%(x)s", "%s"])
def test_a_name_is_never_markup(shop: Shop, client: FlaskClient, name: str) -> None:
    page = client.get(str(join(client, first_name=name).location))
    assert page.status_code == 200
    assert name in "".join(html5lib.parse(page.text, namespaceHTMLElements=False).itertext())
    assert "<script" not in page.text
    assert "<img" not in page.text


def test_who_is_known_sees_what_a_newcomer_sees(shop: Shop, app: Flask, postbox: Postbox) -> None:
    first = app.test_client()
    card_of(first, first_name="Sophie", contact=MAIL)
    press(first, postbox.link(), postbox.link())

    seen = []
    for contact in (MAIL, "nobody@example.com"):
        client = app.test_client()
        answer = join(client, first_name="Sophie", contact=contact)
        page = client.get(str(answer.location))
        token = str(answer.location).partition("?")[0].removeprefix("/c/")
        code = code_on(page)
        headers = sorted((name, value) for name, value in page.headers if name not in {"X-Request-Id", "Set-Cookie"})
        headers = [item for item in headers if item[0] != "Content-Length"]
        said = nameless(page, token, code, f"{code[:4]} {code[4:]}")
        seen.append((answer.status_code, str(answer.location).replace(token, "…"), headers, said))
    assert seen[0] == seen[1]
    assert len(postbox.mails) == 3


@pytest.mark.parametrize("slug", ["nowhere", "KAFFI-HAUS", "kaffi-haus ", "%00", "x" * 3000, "é", "..", "kaffi-haus'"])
def test_an_unknown_shop_is_not_found(shop: Shop, client: FlaskClient, slug: str) -> None:
    page = client.get(f"/join/{slug}")
    assert page.status_code == 404
    assert "Traceback" not in page.text


def test_a_shop_without_a_program_says_so_calmly(shop: Shop, client: FlaskClient) -> None:
    page = client.get(JOIN)
    keys = {"csrf_token": field_in(page, "csrf_token"), "key": field_in(page, "key")}
    shop.do(lambda services: services.program_service.switch(shop.program_id, on=False))
    for answer in (client.get(JOIN), client.post(JOIN, data=keys)):
        assert answer.status_code == 404
        assert "No new cards at the moment" in answer.text
        assert "Kaffi Haus" in answer.text
    shop.do(lambda services: services.program_service.switch(shop.program_id, on=True))
    assert client.get(JOIN).status_code == 200
    shop.do(lambda services: services.program_service.archive(shop.vendor.id))
    assert client.get(JOIN).status_code == 404
    assert shop.rows("SELECT count(*) FROM loyalty_cards")[0][0] == 0


def test_a_forged_form_is_refused(shop: Shop, client: FlaskClient) -> None:
    assert client.post(JOIN, data={"key": str(uuid.uuid4())}).status_code == 400
    assert shop.rows("SELECT count(*) FROM loyalty_cards")[0][0] == 0


def test_unasked_fields_are_ignored(shop: Shop, client: FlaskClient) -> None:
    assert join(client, stamp_count="10", vendor_id="2", email="x@example.com").status_code == 303
    assert shop.rows("SELECT stamp_count FROM loyalty_cards")[0][0] == 0


def test_joining_too_often_is_slowed_down(make_app: Callable[..., Flask]) -> None:
    app = make_app(RATE_LIMITS=True)
    open_shop(app)
    answers = [join(app.test_client()).status_code for _ in range(21)]
    assert answers == [303] * 20 + [429]


def test_the_page_speaks_the_visitors_language(shop: Shop, client: FlaskClient) -> None:
    assert '<html lang="fr">' in client.get(JOIN, headers={"Accept-Language": "fr-LU, en;q=0.5"}).text
    assert '<html lang="lb">' in client.get(JOIN, headers={"Accept-Language": "lu"}).text
    assert '<html lang="en">' in client.get(JOIN, headers={"Accept-Language": "ja"}).text
    answer = press(client, JOIN, "/language", language="de", next=JOIN)
    assert (answer.status_code, answer.location) == (303, JOIN)
    assert '<html lang="de">' in client.get(JOIN, headers={"Accept-Language": "fr"}).text
    join(client)
    assert shop.rows("SELECT locale FROM customers")[0][0] == "de"


def test_the_shops_language_is_for_who_wants_none_of_ours(app: Flask) -> None:
    shop = open_shop(app, locale="fr")
    client = app.test_client()
    page = f"/join/{shop.vendor.slug}"
    assert '<html lang="fr">' in client.get(page).text
    assert '<html lang="de">' in client.get(page, headers={"Accept-Language": "de"}).text


def test_terms_and_privacy_are_shown_as_text(app: Flask) -> None:
    open_shop(app, terms_text="First line <b>\n\nSecond line", privacy_url="https://kaffihaus.example/privacy")
    page = app.test_client().get(JOIN).text
    assert "<p>First line &lt;b&gt;</p>" in page
    assert "<p>Second line</p>" in page
    assert 'href="https://kaffihaus.example/privacy"' in page


def test_the_first_view_is_light(shop: Shop, client: FlaskClient) -> None:
    page = client.get(JOIN)
    files = set(re.findall(r'(?:href|src)="(/(?:static|p)/[^"#]+)', page.text))
    sizes = {name: len(client.get(name).data) for name in files}
    shown = len(page.data) + sum(size for name, size in sizes.items() if "icon-180" not in name)
    assert not any("font" in name for name in files)
    assert shown <= 60 * 1024, sizes


def test_htmx_gets_the_part_that_the_page_has(shop: Shop, client: FlaskClient) -> None:
    part = client.get(JOIN, headers={"HX-Request": "true"}).text
    assert part.startswith('<div id="show"')
    assert "<html" not in part
