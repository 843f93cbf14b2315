"""Nothing that a client sends gives a 5xx, and nothing is half written: every route, every field, both databases."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from loyalty_portal.clock import FrozenClock
from loyalty_portal.database import db, end_read
from loyalty_portal.errors import NotFound
from tests.roles import address, forms, prepare, table
from tests.shops import NOW, Databases, built
from tests.sockets import REFUSED
from tests.town import Town, build_town
from tests.web.test_csrf import allowed

TEXTS = [
    "", " ", "\0", "a\0b", "\x1b[31m", "\x7f", "\u202e", "\ufeff", "\ud800", "\U0010ffff", "٣٤", "１２", "-1", "0",
    "1e9", "1.5", "0x10", "1_000", " 1 ", "+1", "9" * 30, "9" * 5000, "NaN", "Infinity", "null", "true", "None", "[]",
    "{}", "x" * 300, "x" * 60_000, "é" * 300, "'; DROP TABLE vendors; --", "%", "_", "%s%n", "{{7*7}}", "<script>",
    "..%2f..", "\r\nSet-Cookie: a=b", "=cmd()", "a@b", "@", "https://", "https://[", "http://x", "#gggggg", "#12345",
    "2026-13-01", str(2**31), str(2**63), str(-(2**63) - 1),
]  # fmt: skip
NUMBERS = [
    str(2**31),
    str(2**63 - 1),
    str(2**63),
    str(2**64),
    "9" * 40,
    "0",
    "-1",
    "1.0",
    "01",
    "%D9%A3",
    "x",
    "%00",
    "1%00",
]
WORDS = [
    "%00",
    "%C0%AF",
    "%ED%A0%80",
    "%FF%FE",
    "..",
    "%2e%2e%2f",
    "%0a",
    "%7f",
    "a" * 3000,
    "%F0%9F%8C%B8",
    "%",
    "%zz",
]
HEADERS: list[dict[str, str]] = [
    {"Host": "evil.example"},
    {"Host": ""},
    {"Host": "[::1"},
    {"Host": "a" * 300 + ".example:99999"},
    {"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "not an address", "X-Forwarded-Proto": "gopher"},
    {"Accept-Language": "x" * 5000},
    {"Accept-Language": "*;q=x, \xff;q=0.1"},
    {"HX-Request": "true", "HX-Request-Type": "\xff"},
    {"HX-Request": "maybe", "HX-Target": "<script>", "HX-Current-URL": "http://["},
    {"Cookie": "session=\xff; till=\xff\xfe; language=\xff"},
    {"Cookie": "till=" + "x" * 4000},
    {"Cookie": ";;;=;a"},
    {"Authorization": "Bearer \xff"},
    {"Authorization": "Basic !!!"},
    {"Authorization": "Digest username=x"},
    {"Authentication-Token": "x"},
    {"Referer": "http://["},
    {"Referer": "\xff"},
    {"If-None-Match": 'W/"x", *', "If-Modified-Since": "yesterday", "Range": "bytes=9-1", "If-Range": "x"},
    {"Accept": "application/json"},
    {"Accept": "\xff/\xff;q=\xff"},
    {"X-Requested-With": "XMLHttpRequest", "Accept": "application/json, */*;q=x"},
    {"User-Agent": "x" * 8000},
    {"X-CSRFToken": "\xff"},
    {"Idempotency-Key": "x" * 5000},
    {"Content-Length": "-1"},
    {"Transfer-Encoding": "chunked"},
]
BODIES: list[tuple[str, bytes]] = [
    ("application/json", b'{"a": 1}'),
    ("application/json", b"{"),
    ("application/json", b"\xff"),
    ("application/json", b"[" * 10_000),
    ("text/plain", b"name=x"),
    ("application/xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"),
    ("application/octet-stream", b"\x00\xff" * 100),
    ("multipart/form-data", b"--x\r\n\r\n"),
    ("multipart/form-data; boundary=x", b"--x"),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nvalue'),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="\xff"\r\n\r\n\xff\r\n--x--\r\n'),
    ("multipart/form-data; boundary=x", b"--x\r\n" + b"A: b\r\n" * 5000 + b"\r\n\r\n--x--\r\n"),
    ("multipart/form-data; boundary=" + "x" * 500, b"--x--"),
    ("application/x-www-form-urlencoded", b"%"),
    ("application/x-www-form-urlencoded", b"a=%zz&%00=%00&=&&&\xff=\xff"),
    ("application/x-www-form-urlencoded; charset=utf-7", b"name=+ADw-"),
    ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % number for number in range(5000))),
    ("application/x-www-form-urlencoded", b"name=" + b"x" * 10_000_000),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="logo"; filename="a"\r\n\r\n'
     + b"x" * 10_000_000 + b"\r\n--x--\r\n"),
    ("\xff/\xff", b"x"),
]  # fmt: skip
FILES = [
    ("", b""),
    ("a.png", b""),
    ("a.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 50),
    ("../../etc/passwd", b"x"),
    ("a\0.png", b"GIF89a" + b"\0" * 20),
    ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>"),
    ("a.png", b"x" * 3_000_000),
]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def town(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    clock = FrozenClock(NOW)
    app = built(databases.copy(request.param), clock, INSTANCE_DIR=tmp_path_factory.mktemp("town"))
    made = build_town(app, clock)
    yield made
    with app.app_context():
        db.engine.dispose()


def ready(town: Town, endpoint: str) -> None:
    """What an endpoint needs; what bad input before it ended for good needs nothing."""
    with suppress(NotFound):
        prepare(town, endpoint)


def sound(town: Town) -> None:
    """Every card is the sum of its entries, every key has its entry or its refusal: nothing is half written."""
    with town.app.app_context():
        wrong = db.session.execute(
            text(
                "SELECT c.id FROM loyalty_cards c LEFT JOIN loyalty_transactions t ON t.card_id = c.id"
                " GROUP BY c.id, c.stamp_count, c.points_balance, c.seq"
                " HAVING c.stamp_count <> coalesce(sum(t.stamps_delta), 0)"
                " OR c.points_balance <> coalesce(sum(t.points_delta), 0) OR c.seq <> count(t.id) OR count(t.id) = 0"
            )
        ).all()
        end_read()
    assert wrong == []


def survives(answer: TestResponse, what: object) -> None:
    assert answer.status_code < 500, f"{answer.status_code} for {str(what)[:200]!r}"
    assert b"Traceback" not in answer.data
    assert answer.headers.get("Content-Security-Policy"), what


def client_for(town: Town, endpoint: str) -> tuple[FlaskClient, str]:
    role = allowed(town, endpoint)
    return town.client(role, FlaskClient), town.tokens[role]


ROUTES = [(method, endpoint) for method, endpoint in table() if not endpoint.startswith("security.")]
LIBRARY = ["security.login", "security.forgot_password", "security.reset_password", "security.change_password"]
WRITES = [endpoint for method, endpoint in ROUTES if method == "POST"]
# What ends somebody's session, till or program would leave nothing to try the rest on.
ENDS = {"vendor.tills.revoke", "vendor.program.archive", "vendor.tills.take", "counter.pairing.pair"}
READS_QUERY = {
    "vendor.cards.index": ["search", "is_active", "skip"],
    "vendor.cards.show": ["skip"],
    "vendor.poster.show": ["language"],
    "vendor.program.preview": ["card_name", "card_color", "stamps_target", "stamps_reward_value_cents", "shown"],
    "vendor.program.preview_css": ["base", "stamp"],
    "admin.programs.index": ["state", "skip"],
    "admin.vendors.index": ["skip"],
    "counter.search.index": ["q"],
    "counter.codes.open": ["code", "code_alt"],
    "counter.cards.show": ["stamp", "new"],
    "public.card.show": ["new", "mailed", "confirmed"],
    "security.login": ["next"],
    "security.verify": ["next"],
}


@pytest.mark.parametrize("endpoint", WRITES)
def test_no_value_of_a_field_is_too_bad(town: Town, endpoint: str) -> None:
    """Each field of each form in turn, the others as they should be."""
    ready(town, endpoint)
    client, token = client_for(town, endpoint)
    where = address(town, endpoint)
    fits = forms(town, allowed(town, endpoint)).get(endpoint, {})
    for field in [*fits, "csrf_token"]:
        for bad in TEXTS:
            if endpoint in ENDS and field == "csrf_token":
                continue
            survives(client.post(where, data=_encoded(fits | {"csrf_token": token, field: bad})), (field, bad))
    if endpoint.startswith("vendor.webhooks."):
        # Looking up where an owner wants to be told is what this form does.
        REFUSED.clear()
    sound(town)


@pytest.mark.parametrize("endpoint", ["security.login", "security.forgot_password", "security.reset_password"])
def test_the_library_forms_hold_too(town: Town, endpoint: str) -> None:
    client, token = town.client("anonymous", FlaskClient), town.tokens["anonymous"]
    where = address(town, endpoint)
    fits = forms(town, "anonymous")[endpoint] | {"next": "/"}
    for field in fits:
        for bad in [*TEXTS[:16], "x" * 60_000, "http://[", "é" * 300, "a@b", "a" * 64 + "@example.com"]:
            data = fits | {"csrf_token": token, field: bad}
            # A right password and a right link would end the try.
            data |= {} if field.startswith(("email", "password")) else {"password": "wrong"}
            survives(client.post(where, data=_encoded(data)), (field, bad))


def _encoded(data: dict[str, str]) -> dict[str, bytes]:
    """As a client may send it, lone surrogates too."""
    return {name: value.encode("utf-8", "surrogatepass") for name, value in data.items()}


@pytest.mark.parametrize("endpoint", [*WRITES, *LIBRARY])
def test_no_body_is_too_broken(town: Town, endpoint: str) -> None:
    ready(town, endpoint)
    client, token = client_for(town, endpoint)
    where = address(town, endpoint)
    large = endpoint in {"vendor.program.edit", "public.join.add", "counter.stamps.add", "public.language.choose"}
    for kind, body in BODIES:
        if len(body) < 1_000_000 or large:
            headers = {"X-CSRFToken": token}
            survives(client.post(where, data=body, headers=headers, content_type=kind), (kind, body[:40]))
    fits = forms(town, allowed(town, endpoint)).get(endpoint, {})
    # A password that was really changed would end the session that the next test needs.
    if endpoint not in ENDS and endpoint not in LIBRARY:
        repeated: MultiDict[str, str] = MultiDict([(name, value) for name, value in fits.items() for _ in range(3)])
        repeated.add("csrf_token", token)
        survives(client.post(where, data=repeated), "fields three times")
        survives(client.post(where, data={"csrf_token": token} | {f"{name}[]": "x" for name in fits}), "arrays")
    sound(town)


@pytest.mark.parametrize(("method", "endpoint"), ROUTES, ids="{0}".format)
def test_no_address_is_too_odd(town: Town, method: str, endpoint: str) -> None:
    """Numbers that no column holds, percent-encodings that are none, and characters nobody types."""
    ready(town, endpoint)
    client, token = client_for(town, endpoint)
    for rule in town.app.url_map.iter_rules(endpoint):
        for name in sorted(rule.arguments):
            for bad in NUMBERS if "<int:" in rule.rule else WORDS + NUMBERS:
                where = _filled(rule.rule, name, bad)
                survives(_raw(client, method, where, token), where)
    for query in [f"?{name}={bad}" for name in READS_QUERY.get(endpoint, []) for bad in NUMBERS + WORDS]:
        where = address(town, endpoint).partition("?")[0] + query
        if method == "GET":
            survives(_raw(client, method, where, token), where)
    if endpoint not in ENDS:
        for query in ("?%00", "?a=%00", "?%", "?&&=&", "?" + "a=1&" * 2000, "?a[]=1&a[]=2", "?skip=1&skip=x"):
            where = address(town, endpoint).partition("?")[0] + query
            survives(_raw(client, method, where, token), where)


def _filled(rule: str, name: str, bad: str) -> str:
    """The rule's address with `bad` for one name and something for the others."""
    parts = []
    for part in rule.split("/"):
        if f"{name}>" in part:
            parts.append(bad + part.partition(">")[2] if part.startswith("<") else part.partition("<")[0] + bad)
        else:
            parts.append("1" if part.startswith("<") else part)
    return "/".join(parts)


def _raw(client: FlaskClient, method: str, where: str, token: str) -> TestResponse:
    """A request whose address is sent as it is written."""
    path, _, query = where.partition("?")
    environ: dict[str, Any] = {"RAW_URI": where, "QUERY_STRING": query}
    data = {"csrf_token": token} if method == "POST" else None
    return client.open(path or "/", method=method, query_string=query, data=data, environ_overrides=environ)


@pytest.mark.parametrize("headers", HEADERS, ids=lambda headers: "+".join(headers))
def test_no_header_is_too_strange(town: Town, headers: dict[str, str]) -> None:
    sample = ["/", "/sign-in", "/vendor/", "/vendor/cards", "/counter/", "/join/kaffi-haus", "/static/css/tokens.css",
              f"/pictures/{town.shop.picture_id}", "/nowhere", "/healthz"]  # fmt: skip
    for role in ("anonymous", "owner", "till"):
        client = town.client(role, FlaskClient)
        for path in sample:
            survives(client.get(path, headers=headers), (path, headers))
        data = {"csrf_token": town.tokens[role], "language": "fr", "next": "/"}
        survives(client.post("/language", headers=headers, data=data), headers)


@pytest.mark.parametrize("name,content", FILES, ids=lambda value: repr(value)[:20])
def test_no_file_is_too_strange(town: Town, name: str, content: bytes) -> None:
    client, token = client_for(town, "vendor.program.edit")
    # A test before may have changed the account's language.
    client.set_cookie("language", "en")
    fits = forms(town, "owner")["vendor.program.edit"] | {"csrf_token": token}
    for field in ("logo", "hero", "card_name", "csrf_token"):
        answer = client.post("/vendor/program", data=fits | {field: (io.BytesIO(content), name)})
        survives(answer, (field, name))
    with town.app.app_context():
        unused = db.session.execute(
            text("SELECT count(*) FROM pictures p WHERE p.id NOT IN (SELECT logo_id FROM loyalty_programs)")
        ).scalar_one()
        end_read()
    assert unused == 0


@pytest.mark.parametrize(
    "method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "OPTIONS", "HEAD", "PROPFIND", "X" * 50]
)
def test_no_method_is_too_strange(town: Town, method: str) -> None:
    for role in ("anonymous", "owner", "till"):
        client = town.client(role, FlaskClient)
        for path in ("/", "/vendor/staff", "/counter/lock", "/sign-in", "/static/css/tokens.css", "/join/kaffi-haus"):
            answer = client.open(path, method=method, headers={"X-CSRFToken": town.tokens[role]})
            survives(answer, (method, path))
            assert answer.status_code in {200, 303, 302, 400, 404, 405}, (method, path)


def test_what_is_wrong_is_said_at_its_field_with_422(town: Town) -> None:
    """The sentence, not a stack: one field each, through the page's own form."""
    client, token = client_for(town, "vendor.program.edit")
    # A test before may have changed the account's language.
    client.set_cookie("language", "en")
    fits = forms(town, "owner")["vendor.program.edit"] | {"csrf_token": token}
    for field, bad in (
        ("stamps_target", "١٢٣٤٥"), ("stamps_target", "1e9"), ("stamps_target", "9" * 5000), ("stamps_target", "-1"),
        ("stamps_target", "2.5"), ("card_name", "a\0b"), ("card_name", "x" * 41), ("card_color", "red"),
        ("stamps_reward_value_cents", "1e9"), ("stamps_reward_value_cents", "1,234"), ("privacy_url", "javascript:x"),
        ("cooldown_minutes", "1441"), ("stamp_icon", "skull"), ("pin_mode", "sometimes"), ("terms_text", "x" * 4001),
    ):  # fmt: skip
        page = client.post("/vendor/program", data=fits | {field: bad})
        assert page.status_code == 422, (field, bad[:20], page.location)
        assert "Please look at this again" in page.text, (field, bad[:20])
