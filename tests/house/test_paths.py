"""House rule 1: URL, module, template folder and test share one path.

`POST /counter/cards/<code>/stamps` is endpoint `counter.stamps.add`, the function `add` of
`loyalty_portal/counter/stamps.py`, with templates in `templates/counter/stamps/` and its tests in
`tests/counter/test_stamps.py`.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

from loyalty_portal.app import DOORS
from loyalty_portal.paths import PACKAGE, TEMPLATES
from loyalty_portal.web.guards import LIBRARY_ENDPOINTS

ROOT = Path(__file__).parents[2]

EXCEPTIONAL = {
    # What people scan, type or are mailed is short and says no door.
    "public.landing.show": "/",
    "public.landing.welcome": "/welcome",
    "public.join.show": "/join/<slug>",
    "public.join.add": "/join/<slug>",
    "public.card.show": "/c/<token>",
    "public.card.google": "/c/<token>",
    "public.contact.show": "/confirm/<token>",
    "public.contact.confirm": "/confirm/<token>",
    "public.language.choose": "/language",
    "public.developers.show": "/developers",
    # What machines ask for.
    "public.health.alive": "/healthz",
    "public.health.ready": "/readyz",
    "public.pictures.show": "/pictures/<int:picture_id>",
    "public.artwork.show": "/artwork/<name>.<signature>.png",
    "public.theme.css": "/p/<int:program_id>/theme.<version>.css",
    # The first page of a door is the door itself.
    "admin.home.show": "/admin/",
    "vendor.dashboard.show": "/vendor/",
    "counter.idle.show": "/counter/",
    "api.document.show": "/api/v1/openapi.json",
    # A verb of its own.
    "counter.pairing.show": "/counter/pair",
    "counter.pairing.pair": "/counter/pair",
}
"""The one table of addresses that don't follow from their endpoint's name. (Libraries' are in `LIBRARY_ENDPOINTS`.)"""
API = {"admin": "/api/v1/admin/loyalty", "vendor": "/api/v1/vendor/loyalty", "public": "/api/v1/loyalty"}
"""The JSON API's addresses are its contract's: each of its rooms has a prefix."""
LIBRARY_PREFIXES = (
    "/sign-in",
    "/sign-out",
    "/reset",
    "/change-password",
    "/verify",
    "/static/",
    "/fs-static/",
)
PAGES = tuple(door for door in DOORS if door != "api")
"""The doors that draw."""
SHARED_FOLDERS = ("macros", "layouts", "errors", "email", "security")
"""Templates that belong to no page."""
SHARED_FRAGMENTS = {
    # The refusal of a rule is one screen, whoever asked the rule.
    "counter/rewards": {"counter/stamps/refused.html"},
    "counter/entries": {"counter/stamps/refused.html"},
}
FOLDERS_OF_THE_FRAME = {"counter": {"problems"}}
"""What `web/problems.py` draws at the till."""


@pytest.fixture(scope="module")
def rules(frame: Flask) -> list[Rule]:
    return [rule for rule in frame.url_map.iter_rules() if rule.endpoint not in LIBRARY_ENDPOINTS]


def test_an_endpoint_is_a_function_of_its_module(frame: Flask, rules: list[Rule]) -> None:
    for endpoint in sorted({rule.endpoint for rule in rules}):
        place, _, name = endpoint.rpartition(".")
        assert place.partition(".")[0] in DOORS, endpoint
        view = inspect.unwrap(frame.view_functions[endpoint])
        assert view.__module__ == f"loyalty_portal.{place}", endpoint
        assert name in {view.__name__, f"{view.__name__}_"}, endpoint


def test_an_address_begins_with_its_door_and_names_its_noun(rules: list[Rule]) -> None:
    for rule in rules:
        if (usual := EXCEPTIONAL.get(rule.endpoint)) is not None:
            assert rule.rule == usual or rule.rule.startswith(usual + "/"), rule
            continue
        *rooms, noun, _ = rule.endpoint.split(".")
        begin = API[rooms[1]] if rooms[0] == "api" else f"/{rooms[0]}"
        assert rule.rule.startswith(f"{begin}/"), rule
        assert noun in rule.rule.split("/"), rule


def test_the_table_names_nothing_that_is_gone_or_usual(rules: list[Rule]) -> None:
    known = {rule.endpoint for rule in rules}
    assert set(EXCEPTIONAL) <= known
    for endpoint, address in EXCEPTIONAL.items():
        door, noun, _ = endpoint.split(".")
        assert not re.match(rf"/{door}/{noun}(/|$)", address), f"{endpoint} is where one would look for it"


def test_libraries_addresses_are_the_listed_ones(frame: Flask) -> None:
    for rule in frame.url_map.iter_rules():
        if rule.endpoint in LIBRARY_ENDPOINTS:
            assert rule.rule.startswith(LIBRARY_PREFIXES), rule


def modules() -> list[Path]:
    """The modules that have routes, or words that doors share."""
    return sorted(
        path for door in DOORS for path in (PACKAGE / door).rglob("*.py") if "Blueprint(" in path.read_text()
        and path.name != "__init__.py"
    )  # fmt: skip


def _module_id(path: Path) -> str:
    return str(path.relative_to(PACKAGE).with_suffix(""))


@pytest.mark.parametrize("module", modules(), ids=_module_id)
def test_a_module_draws_its_own_templates(module: Path) -> None:
    own = _module_id(module)
    for template in _drawn(module):
        folder = template.rpartition("/")[0]
        assert folder == own or template in SHARED_FRAGMENTS.get(own, set()) or folder in SHARED_FOLDERS, template


def _drawn(module: Path) -> Iterator[str]:
    """The templates that a module names; a name that is put together counts by its folder."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith((".html", ".txt")):
            if "/" in node.value:
                yield node.value
        elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            start = str(node.values[0].value)
            if str(getattr(node.values[-1], "value", "")).endswith(".html") and "/" in start:
                yield f"{start.rpartition('/')[0]}/*"


@pytest.mark.parametrize("module", modules(), ids=_module_id)
def test_a_module_has_its_tests(module: Path) -> None:
    assert (ROOT / "tests" / module.relative_to(PACKAGE).with_name(f"test_{module.name}")).exists()


def test_every_folder_of_templates_belongs_to_a_module() -> None:
    for door in PAGES:
        folders = {path.name for path in (TEMPLATES / door).iterdir() if path.is_dir()}
        nouns = {path.stem for path in modules() if path.parent.name == door}
        assert folders - FOLDERS_OF_THE_FRAME.get(door, set()) <= nouns, door


def test_every_door_is_a_folder_of_the_package_and_of_the_templates() -> None:
    assert {path.name for path in TEMPLATES.iterdir() if path.is_dir()} == {*PAGES, *SHARED_FOLDERS}
    assert all((PACKAGE / door / "__init__.py").exists() for door in DOORS)
