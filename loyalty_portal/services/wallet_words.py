"""What passes say, in every language at once: a pass is read on phones of all languages, whoever asked for it.

From the same catalogues as the pages; there is no request here whose language it could be.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from babel.dates import format_date
from babel.support import NullTranslations, Translations

from loyalty_portal.enums import LANGUAGES
from loyalty_portal.paths import TRANSLATIONS


def gettext(message: str, **facts: Any) -> dict[str, str]:
    """A text in every language."""
    return {code: _filled(_catalogue(code).gettext(message), facts) for code in LANGUAGES}


def ngettext(one: str, many: str, num: int, **facts: Any) -> dict[str, str]:
    """A text with a number in every language, in the form that the number asks for."""
    return {code: _filled(_catalogue(code).ngettext(one, many, num), facts | {"num": num}) for code in LANGUAGES}


def day(value: date) -> dict[str, str]:
    """A day as each language writes it."""
    return {code: format_date(value, "medium", locale=code) for code in LANGUAGES}


def _filled(text: str, facts: dict[str, Any]) -> str:
    return text % facts if facts else text


@cache
def _catalogue(code: str) -> NullTranslations:
    return Translations.load(str(TRANSLATIONS), [code], "messages")
