"""House rule 3: one schema validates form and JSON; a form draws, and its fields carry no validators."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from flask import Flask
from wtforms.fields.core import UnboundField

from loyalty_portal.paths import PACKAGE
from loyalty_portal.schemas.base import Command
from loyalty_portal.web.forms import SchemaForm

BESIDE_THE_SCHEMA = {
    # One choice on the page, two columns in the schema.
    "ProgramForm": {"pin_mode", "logo", "remove_logo", "hero", "remove_hero"},
}
"""Fields that are no fields of the form's schema: `typed()` makes values of them, or they are files."""


def subclasses(of: type) -> Iterator[type]:
    for one in of.__subclasses__():
        yield one
        yield from subclasses(one)


@pytest.fixture(scope="module")
def forms(frame: Flask) -> list[type[SchemaForm]]:
    """All forms of all doors; the doors are imported once there is a portal."""
    return [form for form in subclasses(SchemaForm) if form.__module__.startswith("loyalty_portal.")]


def fields(form: type[SchemaForm]) -> dict[str, UnboundField]:
    return {name: getattr(form, name) for name in dir(form) if isinstance(getattr(form, name), UnboundField)}


def test_there_are_forms(forms: list[type[SchemaForm]]) -> None:
    assert {"JoinForm", "ProgramForm", "StaffForm", "VendorForm"} <= {form.__name__ for form in forms}


def test_no_field_carries_a_validator(forms: list[type[SchemaForm]], frame: Flask) -> None:
    with frame.test_request_context():
        for form in forms:
            for name, field in form(formdata=None)._fields.items():
                assert list(field.validators) == [], f"{form.__name__}.{name}"


def test_no_form_of_ours_validates_by_itself(forms: list[type[SchemaForm]]) -> None:
    for form in forms:
        own = [name for name in vars(form) if name.startswith("validate")]
        assert own == [], f"{form.__name__}.{own}"


def test_no_module_knows_validators() -> None:
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            named = [getattr(node, "module", None) or "", *(alias.name for alias in getattr(node, "names", []) if
                     isinstance(alias, ast.alias))]  # fmt: skip
            assert not any(name.startswith("wtforms.validators") or name == "validators" for name in named), path


def test_every_field_is_one_of_the_schema(forms: list[type[SchemaForm]]) -> None:
    for form in forms:
        beside = set(fields(form)) - set(form.schema.model_fields)
        assert beside == BESIDE_THE_SCHEMA.get(form.__name__, set()), form.__name__


def test_schemas_refuse_what_they_do_not_know(forms: list[type[SchemaForm]]) -> None:
    for schema in [*subclasses(Command), *(form.schema for form in forms)]:
        assert schema.model_config.get("extra") == "forbid", schema


def test_every_form_is_drawn_without_flask_wtfs_own_check(forms: list[type[SchemaForm]], frame: Flask) -> None:
    """The token is checked at one place for every write (`web/csrf.py`)."""
    with frame.test_request_context():
        assert all("csrf_token" not in form(formdata=None)._fields for form in forms)
