"""Text that people type: one line or several, in any script, without characters that no one can see."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError


def _clean(value: Any, *, allowed: str) -> Any:
    if not isinstance(value, str):
        return value
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    for character in value:
        if unicodedata.category(character) in {"Cc", "Cs", "Co", "Cn"} and character not in allowed:
            raise PydanticCustomError("control_characters", "holds characters that can't be shown")
    return unicodedata.normalize("NFC", value).strip()


def _line(value: Any) -> Any:
    return _clean(value, allowed="")


def _lines(value: Any) -> Any:
    return _clean(value, allowed="\n\t")


def _email(value: str) -> str:
    try:
        return validate_email(value, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        raise PydanticCustomError("email", "isn't an e-mail address") from error


def line(most: int, *, least: int = 1) -> Any:
    """One line of `least` to `most` code points, trimmed, in NFC."""
    return Annotated[str, BeforeValidator(_line), StringConstraints(min_length=least, max_length=most)]


def lines(most: int) -> Any:
    """Several lines of at most `most` code points together."""
    return Annotated[str, BeforeValidator(_lines), StringConstraints(min_length=1, max_length=most)]


Email = Annotated[str, BeforeValidator(_line), StringConstraints(max_length=254), AfterValidator(_email)]
Colour = Annotated[
    str, BeforeValidator(_line), StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$", to_upper=True, ascii_only=True)
]
HttpsLink = Annotated[
    str,
    BeforeValidator(_line),
    StringConstraints(pattern=r"^https://[^\s/?#@:]+(:[0-9]{1,5})?([/?#]\S*)?$", max_length=300),
]
Slug = Annotated[
    str, BeforeValidator(_line), StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", min_length=2, max_length=60)
]
