"""Addresses from outside are followed only when they are pages of this site."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from loyalty_portal.web.addresses import came_from, inside
from tests.shops import PASSWORD
from tests.town import Town

ELSEWHERE = [
    "//evil.example", "///evil.example", "/\\evil.example", "\\/evil.example", "\\\\evil.example",
    "//evil.example/vendor/", "http://evil.example", "https://evil.example/vendor/", "https:evil.example",
    "https:/evil.example", "HTTP://evil.example", "javascript:alert(1)", "data:text/html,x", "/\t/evil.example",
    "/\n/evil.example", "/\r\n/evil.example", "\t//evil.example", " //evil.example", "/ /evil.example",
    "/%0d%0aLocation:%20//evil.example", "/vendor/\r\nSet-Cookie: a=b", "/\x00/evil.example", "/vendor/\x7f",
    "/.\\evil.example", "/vendor\\..\\..\\evil", "@evil.example", "/nowhere", "nowhere", "",
    "?next=//evil.example", "#", "/vendor/" + "x" * 3000, "/%2f%2fevil.example", "/%5cevil.example",
    "//evil.example%2f..", "/;//evil.example", "http://localhost@evil.example/", "//localhost:80@evil.example/", "[",
    "http://[", "//[::1", "/[", "http://\u2100.example",
]  # fmt: skip
INSIDE = [
    "/",
    "/vendor/",
    "/vendor/cards?search=a&skip=25",
    "/counter/",
    "/join/kaffi-haus",
    "/sign-in?next=%2Fvendor%2F",
]


@pytest.mark.parametrize("address", ELSEWHERE)
def test_what_leads_elsewhere_or_nowhere_is_no_address(town: Town, address: str) -> None:
    with town.app.test_request_context():
        assert inside(address) is None


@pytest.mark.parametrize("address", INSIDE)
def test_pages_of_this_site_are(town: Town, address: str) -> None:
    with town.app.test_request_context():
        assert inside(address) == address


def test_an_address_that_only_takes_writes_is_none(town: Town) -> None:
    with town.app.test_request_context():
        assert inside("/sign-out") is None
        assert inside("/language") is None


@pytest.mark.parametrize(
    ("referrer", "path"),
    [
        ("http://localhost/vendor/cards?skip=25", "/vendor/cards?skip=25"),
        ("http://localhost/", "/"),
        ("http://localhost/nowhere", None),
        ("http://evil.example/vendor/", None),
        ("http://localhost.evil.example/vendor/", None),
        ("http://localhost:81/vendor/", None),
        ("http://[", None),
        ("vendor", None),
        ("", None),
    ],
)
def test_where_one_came_from_is_a_page_of_this_site(town: Town, referrer: str, path: str | None) -> None:
    with town.app.test_request_context("/", headers={"Referer": referrer}):
        assert came_from() == path


@pytest.mark.parametrize(
    ("where", "address"),
    [
        *(("language", address) for address in ELSEWHERE),
        *(("sign-in", address) for address in ELSEWHERE),
        *(("form", address) for address in ("//evil.example", "/\\evil.example", "https://evil.example", "http://[")),
    ],
)
def test_nobody_is_sent_elsewhere(town: Town, where: str, address: str) -> None:
    """After the sign-in, after choosing a language, and with the address in the form instead of the query."""
    town.reset()
    client = town.client("anonymous", FlaskClient)
    data = {"csrf_token": town.tokens["anonymous"], "email": "anne@example.com", "password": PASSWORD, "language": "fr"}
    if where == "sign-in":
        answer = client.post("/sign-in", query_string={"next": address}, data=data)
    else:
        answer = client.post("/language" if where == "language" else "/sign-in", data=data | {"next": address})
    if answer.status_code == 404 and "\0" in address:
        return
    assert answer.status_code in {302, 303}
    sent = urlsplit(str(answer.location))
    assert sent.netloc in {"", "localhost"} and sent.scheme in {"", "http"}
    assert sent.path.startswith("/") and not sent.path.startswith(("//", "/\\"))
    assert "\r" not in str(answer.location) and "\n" not in str(answer.location)


def test_a_sign_in_leads_to_where_one_wanted(town: Town) -> None:
    town.reset()
    client = town.client("anonymous", FlaskClient)
    turned_away = client.get("/vendor/cards?skip=0")
    assert turned_away.status_code == 303
    data = {"csrf_token": town.tokens["anonymous"], "email": "anne@example.com", "password": PASSWORD}
    answer = client.post(str(turned_away.location), data=data)
    assert answer.location == "/vendor/cards?skip=0"
