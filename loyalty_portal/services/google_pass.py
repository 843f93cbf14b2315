"""A program as a LoyaltyClass and a card as a LoyaltyObject: data in, a request's body out.

None in a body clears what an older body may have set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from loyalty_portal.drawing.points import goal
from loyalty_portal.schemas.cards import CardView
from loyalty_portal.schemas.programs import ProgramView
from loyalty_portal.schemas.vendors import VendorView
from loyalty_portal.services import wallet_words as words

LONGEST_LABEL, LONGEST_NAME, LONGEST_TERMS = 9, 20, 4000
Said = Mapping[str, str]
"""One text in every language."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """What a pass points to."""

    logo: str
    hero: str
    card: str
    join: str
    callback: str


def class_body(class_id: str, vendor: VendorView, program: ProgramView, addresses: Addresses) -> dict[str, Any]:
    """The LoyaltyClass. Each change asks for a review again, as Google demands."""
    logo = words.gettext("Logo of %(vendor)s", vendor=vendor.name)
    texts, links = [], []
    if program.terms_text:
        texts.append(_text("terms", words.gettext("Terms"), program.terms_text[:LONGEST_TERMS], vendor.locale))
    if program.privacy_url:
        links.append(_link("privacy", program.privacy_url, words.gettext("Privacy"), vendor.locale))
    return {
        "id": class_id,
        "issuerName": vendor.name,
        "programName": program.card_name,
        "reviewStatus": "UNDER_REVIEW",
        "programLogo": _image(addresses.logo, logo, vendor.locale),
        "hexBackgroundColor": program.card_color.lower(),
        "accountNameLabel": words.gettext("Name")[vendor.locale],
        "localizedAccountNameLabel": _localized(words.gettext("Name"), vendor.locale),
        "accountIdLabel": words.gettext("Card")[vendor.locale],
        "localizedAccountIdLabel": _localized(words.gettext("Card"), vendor.locale),
        "homepageUri": {
            "uri": addresses.join,
            "description": vendor.name,
            "id": "shop",
        },
        "textModulesData": texts or None,
        "linksModuleData": {"uris": links} if links else None,
        "callbackOptions": {"url": addresses.callback},
    }


def object_body(
    object_id: str, class_id: str, vendor: VendorView, program: ProgramView, card: CardView, addresses: Addresses
) -> dict[str, Any]:
    """The LoyaltyObject of a card as it stands."""
    locale = vendor.locale
    seen = words.gettext("%(count)s of %(target)s stamps", count=card.stamps_shown, target=card.stamps_target or 0)
    has_target = program.has_stamps and card.stamps_target is not None
    return {
        "id": object_id,
        "classId": class_id,
        "state": "ACTIVE" if card.is_active and not card.is_closed else "INACTIVE",
        "loyaltyPoints": _stamps(card, locale) if has_target else _points(card, locale),
        "secondaryLoyaltyPoints": _points(card, locale) if has_target and program.has_points else None,
        "barcode": {
            "type": "QR_CODE",
            "renderEncoding": "UTF_8",
            "value": f"LC{card.code}",
            "alternateText": f"{card.code[:4]} {card.code[4:]}",
        },
        "accountId": card.code,
        "accountName": card.first_name[:LONGEST_NAME].strip() if card.first_name else None,
        "heroImage": _image(addresses.hero, seen if has_target else words.gettext("Points card"), locale),
        "textModulesData": list(_modules(program, card, locale)) or None,
        "linksModuleData": {"uris": [_link("card", addresses.card, words.gettext("Your card as a page"), locale)]},
    }


def balance(body: Mapping[str, Any]) -> str:
    """What customers are told of: the balances in an object's body, as one short text."""
    found = []
    for name in ("loyaltyPoints", "secondaryLoyaltyPoints"):
        values = (body.get(name) or {}).get("balance", {})
        found.append(next((str(value) for value in values.values() if value is not None), ""))
    return "|".join(found)


def _stamps(card: CardView, locale: str) -> dict[str, Any]:
    return _counted(words.gettext("Stamps"), locale, string=f"{card.stamps_shown} / {card.stamps_target}")


def _points(card: CardView, locale: str) -> dict[str, Any]:
    return _counted(words.gettext("Points"), locale, int=card.points_balance)


def _counted(label: Said, locale: str, **value: Any) -> dict[str, Any]:
    """A balance has exactly one kind of value; the others are cleared."""
    short = {code: text[:LONGEST_LABEL] for code, text in label.items()}
    kinds: dict[str, Any] = {"int": None, "string": None, "double": None, "money": None}
    return {"label": short[locale], "localizedLabel": _localized(short, locale), "balance": kinds | value}


def _modules(program: ProgramView, card: CardView, locale: str) -> Iterator[dict[str, Any]]:
    if card.rewards_ready:
        ready = words.ngettext("%(num)s reward ready", "%(num)s rewards ready", card.rewards_ready)
        yield _told("ready", words.gettext("Yours"), ready, locale)
    if program.has_stamps and card.reward_description:
        yield _text("reward", words.gettext("Reward"), card.reward_description, locale)
    if program.has_points and (next_goal := goal(card.points_balance, program.points_rewards)):
        if next_goal.missing:
            left = words.ngettext(
                "%(num)s more until: %(reward)s",
                "%(num)s more until: %(reward)s",
                next_goal.missing,
                reward=next_goal.name,
            )
        else:
            left = words.gettext("Enough for: %(reward)s", reward=next_goal.name)
        yield _told("goal", words.gettext("Points"), left, locale)
    if card.expires_on is not None:
        yield _told("expiry", words.gettext("Kept until"), words.day(card.expires_on), locale)


def _localized(said: Said, locale: str) -> dict[str, Any]:
    """A LocalizedString: the shop's language by itself, the others as translations."""
    others = [{"language": code, "value": text} for code, text in said.items() if code != locale]
    return {"defaultValue": {"language": locale, "value": said[locale]}, "translatedValues": others}


def _image(address: str, said: Said, locale: str) -> dict[str, Any]:
    return {"sourceUri": {"uri": address}, "contentDescription": _localized(said, locale)}


def _text(name: str, header: Said, body: str, locale: str) -> dict[str, Any]:
    """A text of the shop's own, under a header in every language."""
    return {"id": name, "header": header[locale], "localizedHeader": _localized(header, locale), "body": body}


def _told(name: str, header: Said, body: Said, locale: str) -> dict[str, Any]:
    return _text(name, header, body[locale], locale) | {"localizedBody": _localized(body, locale)}


def _link(name: str, address: str, said: Said, locale: str) -> dict[str, Any]:
    return {
        "id": name,
        "uri": address,
        "description": said[locale],
        "localizedDescription": _localized(said, locale),
    }
