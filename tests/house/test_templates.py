"""House rule 12: templates hold no inline script or style and do not query; lists cost the same however long."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, before_render_template, render_template_string, template_rendered
from flask.testing import FlaskClient
from sqlalchemy import event

from loyalty_portal.clock import FrozenClock
from loyalty_portal.database import db
from loyalty_portal.paths import TEMPLATES
from tests.shops import NOW, Databases, built
from tests.town import Town, build_town
from tests.visits import FRAGMENT, SIGHTS, places, visit

INLINE = {
    "script": r"<script\b(?![^>]*\bsrc=)",
    "script's text": r"<script\b[^>]*>\s*[^<\s]",
    "style": r"<style\b|\bstyle\s*=",
    "an event": r"(?<![-\w])on[a-z]+\s*=\s*[\"']",
    "hx-on": r"\bhx-on\b|\bhx-on:",
    "js:": r"[\"'](js|javascript):",
    "hx-vals as script": r"\bhx-(vals|headers)\S*=[\"']js:",
    "unescaped": r"\|\s*safe\b|\bautoescape\s+false",
}
LISTS = {
    "owner": [
        "/vendor/",
        "/vendor/cards",
        "/vendor/cards?search=so",
        "/vendor/staff",
        "/vendor/tills",
        "/vendor/cards/{card_id}",
        "/vendor/program",
        "/vendor/keys",
        "/vendor/webhooks",
        "/vendor/webhooks/{webhook_id}",
    ],
    "admin": ["/admin/vendors", "/admin/programs", "/admin/keys", "/admin/vendors/{vendor_id}"],
    "till": ["/counter/", "/counter/search?q=so", "/counter/history", "/counter/cards/{code}"],
    "anonymous": ["/c/{token}", "/join/{slug}"],
}


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_nothing_is_inline(path: Path) -> None:
    markup = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    for what, pattern in INLINE.items():
        found = re.search(pattern, markup, re.IGNORECASE)
        assert not found, f"{what}: {found[0] if found else ''}"


@pytest.mark.parametrize(
    "bad",
    [
        "<script>x()</script>", "<script src='a'>x()</script>", "<p style='color:red'>", "<style>p{}</style>",
        "<p onclick='x()'>", "<p ONCLICK=\"x()\">", "<p hx-on:click='x()'>", "<a href='javascript:x()'>",
        "<p hx-vals='js:{a:1}'>", "{{ name | safe }}",
    ],
)  # fmt: skip
def test_the_patterns_find_what_they_are_for(bad: str) -> None:
    assert any(re.search(pattern, bad, re.IGNORECASE) for pattern in INLINE.values())


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The statements that the database is sent meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


@contextmanager
def statements_of_templates(app: Flask) -> Iterator[list[tuple[str, str]]]:
    """(template, statement) for each statement that is sent while a template is drawn."""
    found: list[tuple[str, str]] = []
    drawing: list[tuple[str, int]] = []
    with statements(app) as sent:

        def begins(_app: Flask, template: Any, **_: Any) -> None:
            drawing.append((template.name, len(sent)))

        def ends(_app: Flask, template: Any, **_: Any) -> None:
            name, before = drawing.pop()
            found.extend((name, statement) for statement in sent[before:])
            found.append((name, ""))

        with before_render_template.connected_to(begins, app), template_rendered.connected_to(ends, app):
            yield found


@pytest.mark.parametrize("role", SIGHTS)
def test_templates_do_not_query(town: Town, role: str) -> None:
    """The actor's proxies, the language and the filters included: a page is drawn from what its view loaded."""
    town.reset()
    with statements_of_templates(town.app) as found:
        for fragment in (False, True):
            for _ in visit(town, role, fragment=fragment):
                pass
    assert len({name for name, _ in found}) > 4
    assert [item for item in found if item[1]] == []


def test_a_template_that_queries_would_be_found(town: Town) -> None:
    town.reset()
    with statements_of_templates(town.app) as found, town.app.test_request_context("/"):
        render_template_string("{{ services.vendor_service.count() }}", services=town.services)
    assert [statement for _, statement in found if "FROM vendors" in statement]


@pytest.fixture(scope="module")
def sizes(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Town]]:
    """The same town with two rows in each list, and with twenty."""
    made = []
    for rows in (2, 20):
        clock = FrozenClock(NOW)
        app = built(databases.copy("sqlite"), clock, INSTANCE_DIR=tmp_path_factory.mktemp(f"rows{rows}"))
        made.append(build_town(app, clock, rows, more_shops=rows))
    yield made
    for town in made:
        with town.app.app_context():
            db.engine.dispose()


@pytest.mark.parametrize("fragment", [False, True], ids=["page", "fragment"])
@pytest.mark.parametrize(("role", "path"), [(role, path) for role, paths in LISTS.items() for path in paths])
def test_a_list_costs_the_same_with_2_rows_and_with_20(sizes: list[Town], role: str, path: str, fragment: bool) -> None:
    costs, lengths = [], []
    for town in sizes:
        here = town.shop
        where = path.format(
            card_id=here.card_ids[-1],
            code=here.codes[-1],
            token=here.tokens[-1],
            slug=here.slug,
            vendor_id=here.vendor_id,
            webhook_id=here.webhook_id,
        )
        client = town.client(role, FlaskClient)
        headers = FRAGMENT if fragment else {}
        client.get(where, headers=headers)
        with statements(town.app) as sent:
            page = client.get(where, headers=headers)
        assert page.status_code == 200
        costs.append(len(sent))
        lengths.append(len(page.data))
    assert costs[0] == costs[1], sent
    assert costs[0] <= 16


def test_the_long_lists_are_longer(sizes: list[Town]) -> None:
    """What makes the comparison worth something."""
    for role, path in (("owner", "/vendor/cards"), ("owner", "/vendor/staff"), ("owner", "/vendor/tills"),
                       ("admin", "/admin/vendors"), ("admin", "/admin/programs"), ("till", "/counter/history"),
                       ("till", "/counter/search?q=kaffi")):  # fmt: skip
        short, long = (len(re.findall("<tr|<li", town.client(role).get(path).text)) for town in sizes)
        assert long >= short + 5, path


def test_every_page_with_a_list_is_compared(town: Town) -> None:
    """A page that a role sees and that has a loop in its own template is in `LISTS`, or its loop is short for good."""
    short_for_good = {
        "vendor.account.show": "languages",
        "vendor.poster.show": "languages",
        "vendor.program.preview": "one card",
        "vendor.staff.new": "roles",
        "vendor.staff.edit": "roles",
        "counter.entries.show": "one entry",
        "counter.points.confirm": "the fields of a form",
        "counter.settings.show": "the options of a choice",
        "admin.programs.show": "one program",
        "public.developers.show": "the routes",
    }
    nothing = dict.fromkeys(("card_id", "code", "token", "slug", "vendor_id", "webhook_id"), "")
    compared = {path.partition("?")[0].format(**nothing).rstrip("/")
                for paths in LISTS.values() for path in paths}  # fmt: skip
    for role in SIGHTS:
        for endpoint, where in places(town, role):
            door, noun, *name = endpoint.split(".")
            own = TEMPLATES / door / noun / f"_{name[0] if name else ''}.html"
            if own.exists() and "{% for " in own.read_text() and endpoint not in short_for_good:
                base = where.partition("?")[0].rstrip("/")
                assert base in compared or base.rpartition("/")[0] in compared, endpoint
