"""The only place with sentences about what went wrong, by error code and by kind of bad input."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from loyalty_portal.schemas.counter import Facts
from loyalty_portal.web.filters import when

Sentence = Callable[[Mapping[str, Any]], str]


def _retry(facts: Mapping[str, Any]) -> str:
    at = facts.get("retry_at")
    return when(at) if isinstance(at, datetime) else ""


def _tries_left(facts: Mapping[str, Any]) -> str:
    left = int(facts.get("tries_left", 0))
    if left == 0:
        return _("Not that one. PIN entry is locked now.")
    return ngettext("Not that one. %(num)s try left.", "Not that one. %(num)s tries left.", left)


def _daily(facts: Mapping[str, Any]) -> str:
    return ngettext(
        "This card has had its %(num)s stamp for today.",
        "This card has had its %(num)s stamps for today.",
        int(facts.get("limit") or 0),
    )


def _visit(facts: Mapping[str, Any]) -> str:
    return ngettext("One visit allows %(num)s stamp.", "One visit allows %(num)s stamps.", int(facts.get("limit") or 0))


def _missing(facts: Mapping[str, Any]) -> str:
    return _(
        "Not enough stamps yet: %(balance)s of %(needed)s.",
        balance=facts.get("balance", 0),
        needed=facts.get("needed", 0),
    )


def _missing_points(facts: Mapping[str, Any]) -> str:
    return _(
        "Not enough points yet: %(balance)s of %(needed)s.",
        balance=facts.get("balance", 0),
        needed=facts.get("needed", 0),
    )


def _picture(facts: Mapping[str, Any]) -> str:
    reasons = {
        "size": _("This picture is larger than 2 MB. Choose a smaller one."),
        "pixels": _("This picture has too many pixels. Choose a smaller one."),
        "format": _("This is not a PNG, JPEG or WebP picture."),
        "animated": _("Moving pictures don't work here. Choose a still one."),
        "broken": _("This picture is damaged. Try to save it again."),
    }
    return reasons.get(str(facts.get("reason")), reasons["broken"])


SENTENCES: dict[str, Sentence] = {
    "invalid": lambda facts: _("Something in what you entered needs another look."),
    "unauthenticated": lambda facts: _("Please sign in first."),
    "forbidden": lambda facts: _("Your account may not do this."),
    "not_found": lambda facts: _("There is nothing here."),
    "pin_required": lambda facts: _("Enter your PIN."),
    "pin_rejected": _tries_left,
    "manager_required": lambda facts: _("This needs a manager's PIN."),
    "pin_locked": lambda facts: _("Too many tries. PIN entry opens again at %(time)s.", time=_retry(facts)),
    "pin_refused": lambda facts: _("Choose another PIN."),
    "rate_limited": lambda facts: _("That was a bit fast. Wait a moment and try again."),
    "idempotency_conflict": lambda facts: _("That button was already used. Open the card again."),
    "idempotency_in_progress": lambda facts: _("Still working on it. One moment."),
    "wallet_away": lambda facts: _("Google Wallet can't be reached at the moment. Please try again in a little while."),
    "callback_denied": lambda facts: _("This message isn't one of Google's for us."),
    "busy": lambda facts: _("The server is busy. Nothing was changed; try again."),
    "program_exists": lambda facts: _("There is a program already."),
    "slug_taken": lambda facts: _("This address is taken. Choose another."),
    "email_taken": lambda facts: _("There is an account with this e-mail address already."),
    "picture_refused": _picture,
    "pairing_refused": lambda facts: _("This code doesn't work. It may be older than 10 minutes: make a new one."),
    "link_expired": lambda facts: _("This link was used already or is too old."),
    "schema_outdated": lambda facts: _("The portal is being updated. Try again in a minute."),
    "cooling_down": lambda facts: _("Just stamped. Next one from %(time)s.", time=_retry(facts)),
    "daily_limit": _daily,
    "visit_limit": _visit,
    "not_enough_stamps": _missing,
    "not_enough_points": _missing_points,
    "reward_unknown": lambda facts: _("This reward isn't offered any more."),
    "reference_used": lambda facts: _("This purchase was booked already."),
    "card_inactive": lambda facts: _("This card is switched off."),
    "program_inactive": lambda facts: _("The program is switched off at the moment."),
    "wrong_program_type": lambda facts: _("This card doesn't collect that."),
    "not_voidable": lambda facts: _("This can't be undone any more."),
    "already_voided": lambda facts: _("This was undone already."),
    "void_too_late": lambda facts: _("The minute for undoing is over. A manager can still do it, with a reason."),
    "bad_json": lambda facts: _("The body is not a JSON object."),
    "unsupported_media_type": lambda facts: _("The body must be sent as application/json."),
    "csrf": lambda facts: _("This page was open for too long. Go back and try once more."),
    "method_not_allowed": lambda facts: _("This doesn't work that way."),
    "payload_too_large": lambda facts: _("That is too large to send."),
    "bad_request": lambda facts: _("The browser sent something we can't read."),
    "server_error": lambda facts: _("Something broke on our side. We have noted it; nothing was lost."),
}


def sentence(code: str, facts: Mapping[str, Any] | Facts | None = None) -> str:
    """What to tell a person about this error or refusal, in their language."""
    if isinstance(facts, Facts):
        facts = facts.model_dump(exclude_none=True)
    return SENTENCES[code](facts or {})


KEY_SENTENCES: dict[str, Sentence] = {
    "invalid": lambda facts: _("Something in the request needs another look."),
    "unauthenticated": lambda facts: _("This needs an API key that is valid."),
    "forbidden": lambda facts: _("This API key may not do that."),
    "pin_required": lambda facts: _("This program asks for a staff PIN."),
    "rate_limited": lambda facts: _("That was a bit fast. Wait a moment and try again."),
    "idempotency_conflict": lambda facts: _("This idempotency key was used with another request."),
    "idempotency_in_progress": lambda facts: _("The first request with this key has not finished."),
    "method_not_allowed": lambda facts: _("This address doesn't know that method."),
}
"""What programs are told otherwise than people."""


def key_sentence(code: str, facts: Mapping[str, Any]) -> str:
    """The title of a problem, in the language that the program asked for."""
    return KEY_SENTENCES.get(code, SENTENCES[code])(facts)


def _short(ctx: Mapping[str, Any]) -> str:
    least = int(ctx.get("min_length", 1))
    if least <= 1:
        return _("Please fill this in.")
    return ngettext("At least %(num)s character.", "At least %(num)s characters.", least)


def _long(ctx: Mapping[str, Any]) -> str:
    return ngettext("At most %(num)s character.", "At most %(num)s characters.", int(ctx.get("max_length", 0)))


FIELD_SENTENCES: dict[str, Sentence] = {
    "missing": lambda ctx: _("Please fill this in."),
    "missing_for_type": lambda ctx: _("Please fill this in."),
    # The second pair of names is pydantic's for text that was trimmed before it was measured.
    "string_too_short": _short,
    "string_too_long": _long,
    "too_short": _short,
    "too_long": _long,
    "string_type": lambda ctx: _("This should be text."),
    "string_unicode": lambda ctx: _("There are characters in here that can't be shown."),
    "control_characters": lambda ctx: _("There are characters in here that can't be shown."),
    "int_parsing": lambda ctx: _("This should be a whole number."),
    "int_type": lambda ctx: _("This should be a whole number."),
    "int_from_float": lambda ctx: _("This should be a whole number."),
    "finite_number": lambda ctx: _("This should be a whole number."),
    "int_parsing_size": lambda ctx: _("This number is too large."),
    "list_type": lambda ctx: _("This should be a list."),
    "tuple_type": lambda ctx: _("This should be a list."),
    "bool_parsing": lambda ctx: _("Choose one of the answers."),
    "bool_type": lambda ctx: _("Choose one of the answers."),
    "enum": lambda ctx: _("Choose one of the answers."),
    "multiple_of": lambda ctx: _("Choose one of the answers."),
    "greater_than_equal": lambda ctx: _("At least %(number)s.", number=ctx.get("ge", "")),
    "less_than_equal": lambda ctx: _("At most %(number)s.", number=ctx.get("le", "")),
    "one_of_two": lambda ctx: _("Either an amount or points, not both."),
    "no_change": lambda ctx: _("A number other than 0, please."),
    "too_many_rewards": lambda ctx: ngettext(
        "At most %(num)s reward.", "At most %(num)s rewards.", int(ctx.get("limit", 0))
    ),
    "reward_twice": lambda ctx: _("One of the rewards is here twice."),
    "money": lambda ctx: _("An amount like 3.50, please."),
    "email": lambda ctx: _("This doesn't look like an e-mail address."),
    "phone": lambda ctx: _("This doesn't look like a phone number. With a foreign number, begin with +."),
    "contact": lambda ctx: _("This is neither an e-mail address nor a phone number."),
    "time_zone": lambda ctx: _("Choose a time zone from the list."),
    "currency": lambda ctx: _("Choose a currency from the list."),
    "language": lambda ctx: _("Choose a language from the list."),
    "stamp_icon": lambda ctx: _("Choose one of the stamps."),
    "string_pattern_mismatch": lambda ctx: _("This isn't written the way it should be."),
    "colour": lambda ctx: _("A colour like #14453D, please."),
    "no_events": lambda ctx: _("Tick at least one event."),
    "webhook_private": lambda ctx: _("This address leads into a private network. Only public addresses are sent to."),
    "webhook_unresolved": lambda ctx: _("No server can be found under this address."),
    "webhook_limit": lambda ctx: _("At most %(number)s addresses. Delete one first.", number=ctx.get("limit", "")),
    "https": lambda ctx: _("A web address that begins with https://, please."),
    "slug": lambda ctx: _("Small letters, digits and hyphens only."),
    "pin": lambda ctx: _("Only digits, as many as the shop's PINs have."),
    "date_parsing": lambda ctx: _("This isn't a date."),
    "date_type": lambda ctx: _("This isn't a date."),
    "date_from_datetime_inexact": lambda ctx: _("This isn't a date."),
    "date_from_datetime_parsing": lambda ctx: _("This isn't a date."),
    "out_of_bounds": lambda ctx: _("There is no such page."),
    "extra_forbidden": lambda ctx: _("This wasn't asked for."),
    "exactly_one": lambda ctx: _("Exactly one of %(names)s.", names=ctx.get("names", "")),
    "before": lambda ctx: _("The first day comes after the last."),
    "model_type": lambda ctx: _("This isn't written the way it should be."),
    "string_ascii": lambda ctx: _("This isn't written the way it should be."),
}
_BY_PATTERN = {"#[0-9A-Fa-f]": "colour", "https://": "https", "[a-z0-9]+(-": "slug", "[0-9]{4}": "pin"}


def field_sentence(kind: str, ctx: Mapping[str, Any] | None = None) -> str:
    """What to say at a field, from the kind of pydantic's error."""
    ctx = ctx or {}
    if kind == "string_pattern_mismatch":
        pattern = str(ctx.get("pattern", ""))
        kind = next((name for part, name in _BY_PATTERN.items() if part in pattern), kind)
    return FIELD_SENTENCES.get(kind, FIELD_SENTENCES["string_pattern_mismatch"])(ctx)
