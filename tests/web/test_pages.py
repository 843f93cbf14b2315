"""Every page of every role, in every language, full and as a fragment: looked at as `tests/pages.py` says."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from loyalty_portal.enums import LANGUAGES
from tests.pages import check, read
from tests.shops import PASSWORD
from tests.town import Town
from tests.visits import FRAGMENT, SIGHTS, visit


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", SIGHTS)
def test_every_page_can_be_read_by_everyone(town: Town, role: str, language: str) -> None:
    town.reset()
    seen = 0
    for _, sheet in visit(town, role, language):
        seen += 1
        assert not sheet.is_page or sheet.root.get("lang") == language
    assert seen >= 8


@pytest.mark.parametrize("role", SIGHTS)
def test_every_fragment_can_be_read_by_everyone(town: Town, role: str) -> None:
    town.reset()
    assert sum(1 for _ in visit(town, role, "fr", fragment=True)) >= 8


REFUSED_FORMS = {
    "owner": [
        ("/vendor/program", {"card_name": "", "stamps_target": "x", "stamps_reward_value_cents": "1.234"}),
        ("/vendor/staff", {"name": "", "pin": "1"}),
        ("/vendor/tills", {"name": ""}),
        ("/vendor/account", {"locale": "xx"}),
        ("/vendor/cards/1/switch", {"on": "maybe"}),
        ("/change-password", {"password": "wrong", "new_password": "a", "new_password_confirm": "b"}),
    ],
    "admin": [("/admin/vendors", {"name": "", "owner_email": "x", "slug": "A B", "time_zone": "Moon"})],
    "till": [("/counter/cards", {"key": "k", "contact": "nonsense"}), ("/counter/pair", {"code": "nope"})],
    "anonymous": [
        ("/join/kaffi-haus", {"contact": "nonsense"}),
        ("/sign-in", {"email": "x", "password": ""}),
        ("/reset", {"email": "x"}),
        ("/confirm/1.x", {}),
        ("/counter/pair", {"code": ""}),
    ],
}


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("fragment", [False, True], ids=["page", "fragment"])
@pytest.mark.parametrize("role", REFUSED_FORMS)
def test_a_refused_form_can_be_read_too(town: Town, role: str, fragment: bool, language: str) -> None:
    """Errors stand at their fields, tied to them, and the page stays a page."""
    town.reset()
    for address, data in REFUSED_FORMS[role]:
        client = town.client(role)
        headers = {"Accept-Language": language} | (FRAGMENT if fragment else {})
        page = client.post(address, data=data | {"csrf_token": town.tokens[role]}, headers=headers)
        assert page.status_code in range(400, 500) or (address, page.status_code) == ("/reset", 200), address
        assert data.get("password") != "wrong" or "wrong" not in page.text, "a password came back"


@pytest.mark.parametrize("role", SIGHTS)
def test_errors_are_pages_too(town: Town, role: str) -> None:
    town.reset()
    client = town.client(role)
    for headers in ({}, FRAGMENT):
        for address in ("/nowhere", "/vendor/nowhere", "/counter/nowhere", "/admin/nowhere", "/c/nobody"):
            assert client.get(address, headers=headers).status_code == 404
        assert client.post("/healthz", headers=headers, data={"csrf_token": town.tokens[role]}).status_code in {
            400,
            405,
        }


def test_a_new_owner_sees_pages_that_say_what_to_do(town: Town) -> None:
    """Empty lists, no program, no card."""
    town.reset()
    admin = town.client("admin")
    shop = {"name": "Leer", "owner_email": "leer@example.com", "time_zone": "Europe/Berlin", "locale": "de",
            "currency": "EUR", "csrf_token": town.tokens["admin"]}  # fmt: skip
    made = admin.post("/admin/vendors", data=shop)
    assert made.status_code == 201
    link = made.text.partition('value="http://127.0.0.1:8000/reset/')[2].partition('"')[0]
    owner = town.client("anonymous")
    token = {"csrf_token": town.tokens["anonymous"]}
    owner.post(f"/reset/{link}", data={"password": PASSWORD, "password_confirm": PASSWORD, **token})
    assert owner.post("/sign-in", data={"email": "leer@example.com", "password": PASSWORD, **token}).status_code == 302
    for address in ("/vendor/", "/vendor/cards", "/vendor/staff", "/vendor/tills", "/vendor/poster",
                    "/vendor/program", "/vendor/program/preview", "/vendor/account"):  # fmt: skip
        assert owner.get(address).status_code == 200, address
    assert owner.get("/vendor/program/archive").status_code == 404
    assert owner.get("/join/leer").status_code == 404


# The reader itself finds what it is for.

GOOD = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>Hello · Stempel</title></head><body><main><h1>Hello</h1>{}</main></body></html>"
)
TOKEN = '<input type="hidden" name="csrf_token" value="a-token">'


def look(town: Town, body: str) -> None:
    """Reads a page with `body` in it."""
    response = town.client("anonymous", FlaskClient).get("/")
    response.set_data(GOOD.format(body))
    check(town.app, response)


@pytest.mark.parametrize(
    "body",
    [
        "<h1>Again</h1>",
        '<p id="a"></p><p id="a"></p>',
        "<p><div></p>",
        "<p>&nosuchthing;</p>",
        '<input name="a">',
        '<label for="b">B</label><input id="a" name="a" aria-label="A">',
        "<label></label>",
        "<button></button>",
        '<button><svg aria-hidden="true"></svg></button>',
        "<a>nowhere</a>",
        '<a href="/nowhere">nowhere</a>',
        '<a href="vendor">a relative way</a>',
        '<a href="#nothing">nothing</a>',
        '<a href="https://elsewhere.example/">elsewhere</a>',
        '<a href="/"><button>both</button></a>',
        '<img src="/static/icon.svg">',
        '<img src="https://elsewhere.example/a.png" alt="">',
        '<img src="/static/nowhere.svg" alt="">',
        '<form method="post" action="/language"><button>Go</button></form>',
        f'<form method="post" action="/language">{TOKEN.replace("a-token", "")}<button>Go</button></form>',
        f'<form method="post" action="/healthz">{TOKEN}<button>Go</button></form>',
        f'<form method="get" action="/">{TOKEN}<button>Go</button></form>',
        '<button hx-post="/language">Go</button>',
        '<button hx-get="/nowhere">Go</button>',
        '<p style="color:red">a</p>',
        '<p onclick="a()">a</p>',
        '<p hx-on:click="a()">a</p>',
        "<script>a()</script>",
        "<style>p{}</style>",
        '<p aria-describedby="nothing">a</p>',
        "<fieldset><p>a</p></fieldset>",
        '<svg role="img"></svg>',
    ],
)
def test_the_reader_sees_what_is_wrong(town: Town, body: str) -> None:
    look(town, "<p>All is well.</p>")
    with pytest.raises(AssertionError):
        look(town, body)


@pytest.mark.parametrize(
    "page",
    [
        GOOD.replace(' lang="en"', ""),
        GOOD.replace(' lang="en"', ' lang="ja"'),
        GOOD.replace("<title>Hello · Stempel</title>", ""),
        GOOD.replace("Hello · Stempel", " · Stempel"),
        GOOD.replace("<h1>Hello</h1>", ""),
        GOOD.replace("<h1>Hello</h1>", "<h1> </h1>"),
        GOOD.replace("main>", "div>"),
    ],
)
def test_the_reader_sees_a_page_without_its_frame(town: Town, page: str) -> None:
    response = town.client("anonymous", FlaskClient).get("/")
    response.set_data(page.format(""))
    with pytest.raises(AssertionError):
        check(town.app, response)


def test_the_reader_sees_a_missing_header(town: Town) -> None:
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "X-Request-Id"):
        response = town.client("anonymous", FlaskClient).get("/")
        del response.headers[name]
        with pytest.raises(AssertionError):
            check(town.app, response)


def test_a_fragment_is_read_as_one(town: Town) -> None:
    assert not read(town.app, '<div id="a">a</div>').is_page
    assert read(town.app, GOOD.format("")).is_page
