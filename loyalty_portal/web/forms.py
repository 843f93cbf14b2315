"""Pydantic decides, WTForms draws: a form has a schema, its fields have no validators."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import request
from flask_wtf import FlaskForm
from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import FileStorage
from wtforms import Field

from loyalty_portal.errors import DomainError, Invalid
from loyalty_portal.web.messages import field_sentence, sentence

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class SchemaForm(FlaskForm):
    """A form that yields `command`, an instance of its `schema`, once what was typed fits.

    An empty field is None. Errors stand at their fields in the reader's language, others in `form_errors`.
    """

    schema: ClassVar[type[BaseModel]]
    optional: ClassVar[bool] = False
    """Whether empty fields are left out instead of sent as None (a schema with defaults)."""

    class Meta(FlaskForm.Meta):
        # Checked for every write at one place: `web/csrf.py`.
        csrf = False

        def get_translations(self, form: Any) -> None:
            """No catalogue of WTForms' own is read: all sentences are ours."""

    command: Any = None
    form_errors: list[str]

    def validate_on_submit(self, extra_validators: Any = None) -> bool:
        return request.method in WRITES and self.validate()

    def validate(self, extra_validators: Any = None) -> bool:
        """Asks the schema. Problems that a field of ours found by itself (an amount that is none) count too."""
        broken = [name for name, field in self._fields.items() if field.process_errors and not _is_stock(field)]
        for field in self._fields.values():
            field.errors = []
        for name in broken:
            self._fields[name].errors = list(self._fields[name].process_errors)
        try:
            self.command = self.schema.model_validate(self.typed())
        except ValidationError as error:
            self._place(error, broken)
        return not broken and self.command is not None

    def typed(self) -> dict[str, Any]:
        """What was typed, by the schema's names."""
        names = self.schema.model_fields
        values = {
            name: _emptied(_raw(field))
            for name, field in self._fields.items()
            if name in names and not isinstance(field.data, FileStorage)
        }
        return {name: value for name, value in values.items() if value is not None} if self.optional else values

    def add_error(self, error: DomainError) -> None:
        """Puts a service's refusal at its field, or above the form."""
        if isinstance(error, Invalid):
            for item in error.facts.get("errors", []):
                self._say(item["field"], field_sentence(item["type"], item.get("ctx")))
            return
        self._say(error.field, sentence(error.code, error.facts))

    def _place(self, error: ValidationError, broken: list[str]) -> None:
        for item in error.errors(include_url=False, include_input=False):
            ctx = item.get("ctx") or {}
            name = str(ctx.get("field") or (item["loc"][0] if item["loc"] else ""))
            if name not in broken:
                kind = item["type"]
                if kind in {"string_type", "int_type", "bool_type", "enum"} and self._is_empty(name):
                    kind = "missing"
                self._say(name, field_sentence(kind, ctx))

    def _is_empty(self, name: str) -> bool:
        return name in self._fields and _emptied(self._fields[name].data) is None

    def _say(self, name: str | None, text: str) -> None:
        field = self._fields.get(name or "")
        if field is None:
            self.form_errors = [*self.form_errors, text]
        elif text not in field.errors:
            field.errors = [*field.errors, text]


def _is_stock(field: Field) -> bool:
    """Whether the field is WTForms' own, whose words aren't in our catalogues."""
    return type(field).__module__.split(".")[0] == "wtforms"


def _raw(field: Field) -> Any:
    """What the schema judges: a number that WTForms couldn't read goes to it as it was typed."""
    if field.process_errors and _is_stock(field) and field.raw_data:
        return field.raw_data[0]
    return field.data


def _emptied(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value
