"""The program's form: what the owner chooses, what is drawn of it while they do, and the pictures."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from pydantic import ValidationError
from wtforms import BooleanField, IntegerField, RadioField, StringField, TextAreaField

from loyalty_portal.drawing.icons import STAMP_ICONS
from loyalty_portal.enums import PictureKind, ProgramType
from loyalty_portal.schemas.pictures import PreparedPicture
from loyalty_portal.schemas.programs import ProgramCreate, ProgramUpdate, ProgramView
from loyalty_portal.schemas.vendors import VendorView
from loyalty_portal.services.picture_service import MOST_BYTES
from loyalty_portal.web.current import services
from loyalty_portal.web.fields import MoneyField
from loyalty_portal.web.forms import SchemaForm

_UNLOCK_MINUTES = 10
_MAY_BE_EMPTY = {
    "card_tagline",
    "expiry_months",
    "max_purchase_cents",
    "stamps_reward_value_cents",
    "stamps_reward_cost_cents",
}
_OF_STAMPS = {
    "max_daily_stamps",
    "max_stamps_per_visit",
    "stamps_target",
    "stamps_reward_description",
    "stamps_reward_value_cents",
    "stamps_reward_cost_cents",
}
_OF_POINTS = {"max_purchase_cents", "points_per_euro"}
"""Fields that only one type of program asks for."""


class ProgramForm(SchemaForm):
    """All of a program but its catalogue. The PIN's two columns are one choice here."""

    schema = ProgramCreate
    program: ProgramView | None = None

    loyalty_type = RadioField(_l("What customers collect"))
    card_name = StringField(_l("Card name"))
    card_tagline = StringField(_l("Line below"))
    card_color = StringField(_l("Card colour"))
    card_secondary_color = StringField(_l("Stamp colour"))
    stamp_icon = RadioField(_l("Stamp"))
    stamps_target = IntegerField(_l("Stamps for a reward"))
    stamps_reward_description = StringField(_l("What they get"))
    stamps_reward_value_cents = MoneyField(_l("Its price"))
    stamps_reward_cost_cents = MoneyField(_l("It costs you about"))
    points_per_euro = IntegerField(_l("Points for each unit spent"))
    max_purchase_cents = MoneyField(_l("Largest purchase without a manager"))
    expiry_months = IntegerField(_l("Months until it expires"))
    max_daily_stamps = IntegerField(_l("Most stamps in a day"))
    cooldown_minutes = IntegerField(_l("Minutes between visits"))
    max_stamps_per_visit = IntegerField(_l("Most stamps in a visit"))
    pin_mode = RadioField(_l("Staff PIN"))
    pin_unlock_minutes = IntegerField(_l("Minutes until it locks by itself"))
    terms_text = TextAreaField(_l("The small print"))
    privacy_url = StringField(_l("Link to your privacy page"))
    logo = FileField(_l("Logo"))
    remove_logo = BooleanField(_l("Take the logo away"))
    hero = FileField(_l("Large picture"))
    remove_hero = BooleanField(_l("Take the large picture away"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.loyalty_type.choices = [
            (ProgramType.STAMPS.value, _("Stamps")),
            (ProgramType.POINTS.value, _("Points")),
            (ProgramType.HYBRID.value, _("Both")),
        ]
        self.stamp_icon.choices = [(name, _(words)) for name, words in STAMP_ICONS.items()]
        self.pin_mode.choices = [
            ("each", _("For every stamp")),
            ("unlocked", _("Once, then the till stays open")),
            ("none", _("Never")),
        ]

    def typed(self) -> dict[str, Any]:
        values = super().typed()
        mode = self.pin_mode.data
        values["require_staff_pin"] = {"each": True, "unlocked": True, "none": False}.get(mode, mode)
        if mode != "unlocked":
            values["pin_unlock_minutes"] = 0
        if self.program is not None:
            # A live program keeps its type.
            values["loyalty_type"] = self.program.loyalty_type
        kind = values.get("loyalty_type") or ProgramType.STAMPS
        values["loyalty_type"] = kind
        # What the other type would ask stands in the form unseen: it is left at the schema's defaults.
        left_out = {ProgramType.STAMPS: _OF_POINTS, ProgramType.POINTS: _OF_STAMPS}.get(kind, set())
        return {name: value for name, value in values.items() if name not in left_out}

    def update(self) -> ProgramUpdate:
        """The same as a change of the program there is."""
        asked = self.typed().keys() & ProgramUpdate.model_fields.keys()
        return ProgramUpdate(**self.command.model_dump(include=asked))

    def uploads(self) -> list[PreparedPicture]:
        """The pictures that were sent, encoded anew. Called with no transaction open. Raises `PictureRefused`."""
        sent = [(kind, self[kind.value].data) for kind in PictureKind]
        return [services.picture_service.prepare(kind, upload.read(MOST_BYTES + 1)) for kind, upload in sent if upload]

    def removals(self) -> list[PictureKind]:
        return [kind for kind in PictureKind if self[f"remove_{kind.value}"].data]


def proposal(vendor: VendorView) -> dict[str, Any]:
    """A new program's values: a card that works as it is."""
    return {
        "loyalty_type": ProgramType.STAMPS,
        "points_per_euro": 1,
        "card_name": vendor.name[:40].strip(),
        "stamps_target": 10,
        "stamps_reward_description": _("Free coffee"),
    }


def stored(program: ProgramView) -> dict[str, Any]:
    """The program's values by the schema's names."""
    return program.model_dump(include=set(ProgramCreate.model_fields))


def shown_values(values: dict[str, Any]) -> dict[str, Any]:
    """The schema's values as the form's fields show them."""
    command = ProgramCreate.model_validate(values)
    shown = command.model_dump()
    asks = "unlocked" if command.pin_unlock_minutes else "each"
    shown["loyalty_type"] = command.loyalty_type.value
    shown["points_per_euro"] = command.points_per_euro or 1
    shown["pin_mode"] = asks if command.require_staff_pin else "none"
    shown["pin_unlock_minutes"] = command.pin_unlock_minutes or _UNLOCK_MINUTES
    return shown


def draft(form: ProgramForm, values: dict[str, Any]) -> ProgramCreate:
    """The program as it would be: what was typed where it fits, else `values`."""
    typed = {
        name: value
        for name, value in form.typed().items()
        if value is not None or (name in _MAY_BE_EMPTY and form[name].raw_data)
    }
    if typed.get("require_staff_pin") is None:
        # A preview that doesn't send the choice.
        typed.pop("pin_unlock_minutes", None)
    try:
        return ProgramCreate.model_validate(values | typed)
    except ValidationError as error:
        wrong = {item["loc"][0] for item in error.errors() if item["loc"]}
        fitting = {name: value for name, value in typed.items() if name not in wrong}
        return ProgramCreate.model_validate(values | fitting)
