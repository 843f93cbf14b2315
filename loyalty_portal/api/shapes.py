"""What services answer, in the API's shapes. Nothing here reads the database."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from loyalty_portal.enums import EntryKind
from loyalty_portal.schemas.api.cards import Card, CardCustomer, PublicCard, PublicEntry, Wallets
from loyalty_portal.schemas.api.programs import OwnReward, Program, ProgramReward, PublicProgram
from loyalty_portal.schemas.api.staff import StaffPin
from loyalty_portal.schemas.api.transactions import Receipt, Transaction, TransactionStaff
from loyalty_portal.schemas.api.vendors import Vendor
from loyalty_portal.schemas.cards import CardView
from loyalty_portal.schemas.counter import EntryView
from loyalty_portal.schemas.counter import Receipt as ReceiptView
from loyalty_portal.schemas.programs import ProgramView
from loyalty_portal.schemas.staff import StaffView
from loyalty_portal.schemas.vendors import VendorView
from loyalty_portal.web.current import settings

ENTRIES_SHOWN = 10


def program(view: ProgramView) -> Program:
    """A program, for its vendor and the platform."""
    return Program(
        **view.model_dump(include=set(Program.model_fields) - {"points_rewards", "loyalty_type"}),
        loyalty_type=view.loyalty_type.value,
        points_rewards=[OwnReward.model_validate(reward.model_dump()) for reward in view.points_rewards],
        logo_url=_picture(view.logo_id),
        hero_image_url=_picture(view.hero_id),
    )


def public_program(view: ProgramView, of: VendorView) -> PublicProgram:
    """What a stranger may see of it: the rewards on offer, no costs, no rules of the counter."""
    shown = set(PublicProgram.model_fields) - {"points_rewards", "loyalty_type", "locale", "currency"}
    rewards = set(ProgramReward.model_fields)
    return PublicProgram(
        **view.model_dump(include=shown),
        vendor_name=of.name,
        vendor_slug=of.slug,
        locale=of.locale,
        currency=of.currency,
        loyalty_type=view.loyalty_type.value,
        points_rewards=[
            ProgramReward.model_validate(reward.model_dump(include=rewards)) for reward in view.offered_rewards
        ],
        logo_url=_picture(view.logo_id),
        hero_image_url=_picture(view.hero_id),
    )


def card(view: CardView) -> Card:
    """A card with its customer, for its vendor."""
    names = {"first_name", "last_name", "email", "phone"}
    return Card(
        **view.model_dump(include=set(Card.model_fields) - {"last_activity_at"}),
        customer=CardCustomer(id=view.customer_id, **view.model_dump(include=names)),
        # Receipts kept from before the card told it.
        last_activity_at=view.last_activity_at or view.created_at,
        card_url=card_url(view.link_token),
    )


def public_card(view: CardView, of: VendorView, its: ProgramView, entries: list[EntryView]) -> PublicCard:
    """A card as whoever has its link sees it."""
    shown = set(PublicCard.model_fields) - {"program", "entries", "wallets"}
    return PublicCard(
        **view.model_dump(include=shown),
        program=public_program(its, of),
        entries=[
            PublicEntry(
                kind=entry.kind,
                stamps_delta=entry.stamps_delta,
                points_delta=entry.points_delta,
                reward=entry.reward_name,
                at=entry.at,
            )
            for entry in entries[:ENTRIES_SHOWN]
        ],
        wallets=Wallets(apple=None, google=google_url(view.link_token)),
    )


def card_url(link_token: str) -> str:
    """The customer's page."""
    return settings.BASE_URL + url_for("public.card.show", token=link_token)


def google_url(link_token: str) -> str | None:
    """Where the card is saved to Google Wallet; None where the platform has no account there."""
    if not settings.GOOGLE_ISSUER_ID:
        return None
    return settings.BASE_URL + url_for("api.public.cards.google", link_token=link_token)


def transaction(entry: EntryView) -> Transaction:
    """An entry of the ledger, for its vendor."""
    staff = None
    if entry.staff_pin_id is not None:
        staff = TransactionStaff(id=entry.staff_pin_id, name=entry.staff_name or "")
    return Transaction(**entry.model_dump(include=set(Transaction.model_fields)), reward=entry.reward_name, staff=staff)


def receipt(view: ReceiptView) -> Receipt:
    """What a write of the counter answers, with a sentence in the language asked for."""
    return Receipt(
        transaction=transaction(view.transaction),
        card=card(view.card),
        reward_ready=view.reward_ready,
        message=_message(view),
    )


def staff_pin(view: StaffView) -> StaffPin:
    return StaffPin.model_validate(view.model_dump(include=set(StaffPin.model_fields)))


def vendor(view: VendorView) -> Vendor:
    return Vendor.model_validate(view.model_dump(include=set(Vendor.model_fields)))


def _picture(picture_id: int | None) -> str | None:
    if picture_id is None:
        return None
    return settings.BASE_URL + url_for("public.pictures.show", picture_id=picture_id)


def _message(view: ReceiptView) -> str:
    entry, after = view.transaction, view.card
    if entry.kind is EntryKind.STAMP_EARNED:
        given = ngettext("%(num)s stamp given.", "%(num)s stamps given.", entry.stamps_delta)
        if after.rewards_ready:
            return f"{given} {_('A reward is ready.')}"
        return f"{given} {_('%(count)s of %(target)s.', count=after.stamps_shown, target=after.stamps_target)}"
    balance = _("The balance is %(points)s points.", points=after.points_balance)
    if entry.kind is EntryKind.POINTS_EARNED:
        return f"{ngettext('%(num)s point given.', '%(num)s points given.', entry.points_delta)} {balance}"
    if entry.kind in {EntryKind.STAMP_REDEEMED, EntryKind.POINTS_REDEEMED}:
        given = _("%(reward)s given.", reward=entry.reward_name or _("Reward"))
        return f"{given} {balance}" if entry.kind is EntryKind.POINTS_REDEEMED else given
    if entry.kind is EntryKind.POINTS_ADJUSTED:
        return balance
    return _("Taken back.")
