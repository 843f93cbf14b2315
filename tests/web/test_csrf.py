"""Writes by cookie need the token of their cookie: people's that of the session, a till's that of the till."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from loyalty_portal.web.guards import LIBRARY_ENDPOINTS, permission_of
from tests.roles import address, forms, prepare, table
from tests.shops import field_in
from tests.town import Town

WRITES = [endpoint for method, endpoint in table() if method == "POST"]


def allowed(town: Town, endpoint: str) -> str:
    """A role that may use the endpoint."""
    if endpoint.startswith("counter.") and "pairing" not in endpoint:
        return "till"
    if endpoint.startswith("vendor.") or endpoint in {"security.change_password", "security.verify"}:
        return "owner"
    return "admin" if endpoint.startswith("admin.") else "anonymous"


def rows(town: Town) -> list[tuple[object, ...]]:
    """Everything that is kept, but for what a refused try may note."""
    from loyalty_portal.database import db, end_read

    with town.app.app_context():
        found: list[tuple[object, ...]] = []
        for name in sorted(db.metadata.tables):
            table_ = db.metadata.tables[name]
            found += [(name, *row) for row in db.session.execute(table_.select())]
        end_read()
    return found


@pytest.mark.parametrize("endpoint", WRITES)
@pytest.mark.parametrize("sent", ["none", "empty", "foreign", "damaged", "in the address"])
def test_a_write_without_its_token_is_refused(town: Town, endpoint: str, sent: str) -> None:
    town.reset()
    prepare(town, endpoint)
    role = allowed(town, endpoint)
    before = rows(town)
    client = town.client(role, FlaskClient)
    foreign = town.tokens["foreign till" if role == "till" else "foreign owner"]
    token = {"none": {}, "empty": {"csrf_token": ""}, "foreign": {"csrf_token": foreign},
             "damaged": {"csrf_token": town.tokens[role][:-1] + "\u00e9"}, "in the address": {}}[sent]  # fmt: skip
    where = address(town, endpoint)
    if sent == "in the address":
        where += f"{'&' if '?' in where else '?'}csrf_token={town.tokens[role]}"
    answer = client.post(where, data=forms(town, role).get(endpoint, {}) | token)
    assert answer.status_code == 400, endpoint
    assert "open for too long" in answer.text
    assert rows(town) == before


def test_every_write_is_among_them(frame_rules: set[str]) -> None:
    assert frame_rules == set(WRITES)


@pytest.fixture
def frame_rules(town: Town) -> set[str]:
    return {
        rule.endpoint
        for rule in town.app.url_map.iter_rules()
        if (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"} and not rule.rule.startswith("/api/")
    }


def test_only_guarded_or_public_routes_are_checked_by_the_token(town: Town) -> None:
    for endpoint in WRITES:
        view = town.app.view_functions[endpoint]
        assert endpoint in LIBRARY_ENDPOINTS or permission_of(view) is not None or endpoint.startswith(
            ("public.", "counter.pairing.")
        )  # fmt: skip


def test_htmx_sends_it_as_a_header(town: Town) -> None:
    town.reset()
    for role, endpoint in (("till", "counter.lock.lock"), ("owner", "vendor.tills.rename")):
        data = forms(town, role).get(endpoint, {})
        headers = {"X-CSRFToken": town.tokens[role]}
        client = town.client(role, FlaskClient)
        assert client.post(address(town, endpoint), data=data, headers=headers).status_code == 303


def test_a_till_and_a_person_in_one_browser_have_a_token_each(town: Town) -> None:
    town.reset()
    client = town.client("owner", FlaskClient)
    client.set_cookie("till", town.shop.till_token, path="/counter")
    at_till = field_in(client.get(f"/counter/cards/{town.shop.codes[0]}"), "csrf_token")
    assert at_till == town.tokens["till"]
    assert client.post("/counter/lock", data={"csrf_token": town.tokens["owner"]}).status_code == 400
    assert client.post("/sign-out", data={"csrf_token": at_till}).status_code == 400
    assert client.post("/sign-out", data={"csrf_token": town.tokens["owner"]}).status_code == 302
    assert client.post("/counter/lock", data={"csrf_token": at_till}).status_code == 303


def test_who_may_not_is_told_that_instead(town: Town) -> None:
    """A revoked till is asked to pair, a person whose session ended to sign in."""
    town.reset()
    client = town.client("anonymous", FlaskClient)
    assert client.post("/vendor/staff", data={}).location.startswith("/sign-in")
    assert client.post("/counter/lock", data={}).location == "/counter/pair"
    part = client.post("/counter/lock", data={}, headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["HX-Redirect"]) == (401, "/counter/pair")


def test_a_session_from_elsewhere_is_refused_over_https(town: Town) -> None:
    """Behind HTTPS the page that posts must be one of ours."""
    town.reset()
    client = town.client("owner", FlaskClient)
    data = {"name": "Bar", "csrf_token": town.tokens["owner"]}
    for referrer, status in (("https://evil.example/", 400), (None, 400), ("https://localhost/vendor/tills", 200)):
        headers = {"Referer": referrer} if referrer else {}
        answer = client.post("/vendor/tills", data=data, headers=headers, base_url="https://localhost")
        assert answer.status_code == status, referrer


def test_reading_needs_no_token_and_changes_nothing(town: Town, app: Flask) -> None:
    town.reset()
    before = rows(town)
    for (method, endpoint), statuses in table().items():
        if method == "GET":
            for role, status in statuses.items():
                if status == 200 and role in {"owner", "admin", "till"}:
                    town.client(role, FlaskClient).get(address(town, endpoint))
    assert rows(town) == before
