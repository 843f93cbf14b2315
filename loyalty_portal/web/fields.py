"""Fields that read what people type in another form than the schemas want it. Schemas judge what they read."""

from __future__ import annotations

import re
from typing import Any

from wtforms import StringField

from loyalty_portal.web.filters import amount
from loyalty_portal.web.messages import field_sentence

# Three digits after a separator would be a thousand to one reader and a fraction to another: never guessed.
_AMOUNT = re.compile(r"([0-9]{1,6})(?:[.,]([0-9]{1,2}))?", re.ASCII)
_BETWEEN_THOUSANDS = str.maketrans("", "", " \u00a0\u202f\u2019'")


class MoneyField(StringField):
    """An amount typed in the currency's main unit, `3.50` or `3,50`; its data is cents. Empty is None."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        text = str(valuelist[0]).translate(_BETWEEN_THOUSANDS) if valuelist else ""
        if not text:
            return
        found = _AMOUNT.fullmatch(text)
        if found is None:
            raise ValueError(field_sentence("money"))
        self.data = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))

    def _value(self) -> str:
        """What was typed, else the amount as the reader writes it, without the currency."""
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        return amount(self.data)
