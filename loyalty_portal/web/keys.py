"""The form for a new API key, and what its scopes are called: the same for a shop's keys and the platform's."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField, StringField

from loyalty_portal.schemas.keys import KeyCreate, Scope
from loyalty_portal.web.forms import SchemaForm


class KeyForm(SchemaForm):
    schema = KeyCreate
    optional = True
    name = StringField(_l("What it is for"))
    scopes = SelectMultipleField(_l("What it may do"))
    expires_days = StringField(_l("Ends after so many days"))


def key_form(known: Sequence[Scope], *, is_empty: bool = False) -> KeyForm:
    """The form; what can be ticked are the scopes that keys of this kind know."""
    form = KeyForm(formdata=None) if is_empty else KeyForm()
    form.scopes.choices = [(scope.value, scope_words(scope)) for scope in known]
    return form


def scope_words(scope: Scope) -> str:
    return {
        Scope.READ: _("Read"),
        Scope.COUNTER: _("Stamps and points at the counter"),
        Scope.CARDS: _("Enrol customers, switch cards"),
        Scope.PROGRAM: _("Change the program"),
        Scope.STAFF: _("Staff and PINs"),
        Scope.PLATFORM: _("Make vendors, switch programs"),
    }[scope]
