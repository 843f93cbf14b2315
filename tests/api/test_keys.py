"""Keys: which are let in, what they may do, how often, and the shapes of what every route refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from loyalty_portal.clock import FrozenClock
from loyalty_portal.schemas.keys import Scope
from loyalty_portal.web.openapi import document
from tests.api.programs import ADMIN, PUBLIC, STAFF, VENDOR, Platform, Program, Register, problem
from tests.people import owner_of
from tests.shops import Shop


def test_without_a_valid_key_nothing_opens(shop: Shop, register: Register, clock: FrozenClock) -> None:
    good = register.key
    headers = [
        None, "", "Bearer", "Bearer ", f"Bearer {good}x", f"Bearer {(good or '')[:-1]}", f"Basic {good}", str(good),
        "Bearer \xe9", "Bearer " + "A" * 5000, f"Bearer {good}, Bearer {good}", "Bearer null",
    ]  # fmt: skip
    for header in headers:
        sent = {} if header is None else {"Authorization": header}
        nobody = Program(shop)
        answer = nobody.call("GET", f"{VENDOR}/program", headers=sent)
        problem(answer, 401, "unauthenticated")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    # The key is checked before the body and before the state.
    problem(Program(shop).call("POST", f"{VENDOR}/stamp", data=b"{"), 401, "unauthenticated")
    assert register.call("GET", "/program", headers={"Authorization": f"bearer  {good}"}).status_code == 200


def test_revoked_and_expired_keys_are_unknown(shop: Shop, register: Register, clock: FrozenClock) -> None:
    short = register.with_key(shop.vendor.id, expires_days=1)
    assert short.get("/program").status_code == 200
    clock.move(days=1)
    problem(short.get("/program"), 401, "unauthenticated")
    key_id = shop.rows("SELECT max(id) FROM api_keys WHERE expires_at IS NULL")[0][0]
    shop.do(lambda services: services.api_key_service.revoke(shop.vendor.id, key_id))
    problem(register.get("/program"), 401, "unauthenticated")


def test_only_a_digest_is_stored_and_the_last_use_is_noted_hourly(
    shop: Shop, register: Register, clock: FrozenClock
) -> None:
    row = shop.rows("SELECT * FROM api_keys")[0]._mapping
    assert register.key not in str(dict(row)) and row["prefix"] == (register.key or "")[:12]

    def used() -> str:
        return str(shop.rows("SELECT last_used_at FROM api_keys")[0][0])

    register.get("/program")
    first = used()
    clock.move(minutes=59)
    register.get("/program")
    assert used() == first
    clock.move(minutes=1)
    register.get("/program")
    assert used() > first


def test_cookies_open_nothing(shop: Shop) -> None:
    owner = owner_of(shop)
    answer = owner.get(f"{VENDOR}/program")
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")


def test_a_key_of_one_kind_is_forbidden_the_others_routes(register: Register, platform: Platform) -> None:
    problem(Program(register.shop, register.key).call("GET", f"{ADMIN}/stats"), 403, "forbidden")
    problem(Program(register.shop, register.key).call("POST", f"{ADMIN}/vendors", data=b"{"), 403, "forbidden")
    problem(Program(platform.shop, platform.key).call("GET", f"{VENDOR}/program"), 403, "forbidden")


def test_scopes_narrow_a_key(register: Register, platform: Platform) -> None:
    vendor_id = register.shop.vendor.id
    card = register.card()
    asked: dict[str, Callable[[Register], Any]] = {
        "program": lambda key: key.get("/program"),
        "cards": lambda key: key.get("/cards"),
        "stamp": lambda key: key.post("/stamp", {"card_id": card["id"], "staff_pin": STAFF, "quantity": 1}),
        "enrol": lambda key: key.post("/cards", {}),
        "change": lambda key: key.patch("/program", {}),
        "pins": lambda key: key.get("/pins"),
    }
    may = {
        Scope.READ: {"program", "cards"},
        Scope.COUNTER: {"cards", "stamp"},
        Scope.CARDS: {"cards", "enrol"},
        Scope.PROGRAM: {"program", "change"},
        Scope.STAFF: {"pins"},
    }
    for scope, allowed in may.items():
        key = register.with_key(vendor_id, scopes=(scope,))
        answers = {name: ask(key).status_code for name, ask in asked.items()}
        assert {name for name, status in answers.items() if status != 403} == allowed, scope
    both = register.with_key(vendor_id, scopes=(Scope.READ, Scope.STAFF))
    assert both.get("/program").status_code == both.get("/pins").status_code == 200
    reader = platform.with_key(None, scopes=(Scope.READ,))
    assert reader.get("/stats").status_code == 200
    problem(reader.post("/vendors", {}), 403, "forbidden")


def test_the_rate_is_limited_per_key(with_settings: Callable[..., Register]) -> None:
    register = with_settings(RATE_LIMITS=True, API_RATE_LIMIT=3)
    first = register.get("/program")
    assert first.headers["RateLimit-Limit"] == first.headers["X-RateLimit-Limit"] == "3"
    assert first.headers["RateLimit-Remaining"] == first.headers["X-RateLimit-Remaining"] == "2"
    assert 0 < int(first.headers["RateLimit-Reset"]) <= 60
    assert [register.get("/program").status_code for _ in range(3)] == [200, 200, 429]
    refused = register.get("/program")
    assert problem(refused, 429, "rate_limited")["retry_after"] == int(refused.headers["Retry-After"]) > 0
    assert refused.headers["RateLimit-Remaining"] == "0"
    other = register.with_key(register.shop.vendor.id)
    assert other.get("/program").status_code == 200
    # Who has no key is counted by address.
    nobody = Program(register.shop)
    statuses = [nobody.call("GET", f"{PUBLIC}/programs/kaffi-haus").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]


def test_without_the_shared_count_each_process_counts(with_settings: Callable[..., Register]) -> None:
    register = with_settings(RATE_LIMITS=True, API_RATE_LIMIT=2, RATE_LIMIT_URL="redis://127.0.0.1:9/0")
    assert [register.get("/program").status_code for _ in range(3)] == [200, 200, 429]


def test_bodies_that_are_no_json_object(register: Register) -> None:
    written = register.entries()
    as_json = {"Content-Type": "application/json"}
    for data in (
        b"", b"{", b"[]", b'"x"', b"1", b"null", b"{}{}", b"\xff\xfe{}", b'{"a": "\xff"}', b"{'a': 1}", b'{"a": 1,}',
        b'{"card_id": NaN}', b'{"card_id": Infinity}', b'{"card_id": 1, "card_id": 2}', b'{"a": {"b": 1, "b": 2}}',
        b'\xef\xbb\xbf{"card_id": 1}', b'{"note": "\\ud800"}', b'{"note": "a\x00"}', b"[" * 30_000, b'{"a":' * 5_000,
        b'{"a": ' + b"[" * 20 + b"]" * 20 + b"}",
    ):  # fmt: skip
        problem(register.post("/stamp", data=data, headers=as_json), 400, "bad_json")
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/html", ""):
        answer = register.post("/stamp", data=b'{"card_id": 1}', headers={"Content-Type": kind})
        problem(answer, 415, "unsupported_media_type")
    utf8 = {"Content-Type": "application/json; charset=utf-8"}
    problem(register.post("/stamp", data=b'{"card_id": 1}', headers=utf8), 422, "pin_required")
    for size in (65 * 1024, 10 * 1024 * 1024):
        huge = b'{"note": "' + b"x" * size + b'"}'
        problem(register.post("/stamp", data=huge, headers=as_json), 413, "payload_too_large")
    assert register.entries() == written


def test_unknown_addresses_and_methods_are_problems(register: Register) -> None:
    for path in ("/nothing", "/cards/x", "/cards/-1", f"/cards/{2**63}", "/cards/1.5", "/program/", "/a%00b"):
        problem(register.get(path), 404, "not_found")
    wrong = register.call("PUT", "/program")
    problem(wrong, 405, "method_not_allowed")
    assert {"GET", "POST", "PATCH", "DELETE"} <= set(wrong.headers["Allow"].split(", "))
    answer = Program(register.shop).call("GET", "/api/v2/x")
    problem(answer, 404, "not_found")


def test_every_route_at_every_kind_of_key(register: Register, foreign: Register, platform: Platform) -> None:
    """Nobody without a key, no key of the other kind, nothing of another shop: for each documented route."""
    theirs = foreign.card()
    entry: Any = foreign.get("/transactions").json
    person: Any = foreign.get("/pins").json
    foreign_ids = {
        "card_id": theirs["id"],
        "transaction_id": entry["items"][0]["id"],
        "pin_id": person["items"][0]["id"],
    }
    before = register.entries(), foreign.get("/pins").json, foreign.get("/program").json
    with register.shop.app.app_context():
        paths = document()["paths"]
    seen = 0
    for path, methods in paths.items():
        for method, operation in methods.items():
            room = operation["tags"][0]
            if room == "Public":
                continue
            where = path.format(**(foreign_ids | {"program_id": 10**9}))
            key, other = (register, platform) if room == "Vendor" else (platform, register)
            nobody, wrong = Program(register.shop), Program(register.shop, other.key)
            problem(nobody.call(method.upper(), where, json={}), 401, "unauthenticated")
            problem(wrong.call(method.upper(), where, json={}), 403, "forbidden")
            if "{" in path:
                problem(Program(register.shop, key.key).call(method.upper(), where, json={}), 404, "not_found")
            seen += 1
    assert seen == 35
    assert before == (register.entries(), foreign.get("/pins").json, foreign.get("/program").json)
