"""What publishing will change and for how many cards, in sentences."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from loyalty_portal.schemas.programs import OpenCards, ProgramCreate, ProgramView

LOOK = ("card_name", "card_tagline", "card_color", "card_secondary_color", "stamp_icon")
PROMISE = ("stamps_target", "stamps_reward_description")
"""What customers were promised; prices and costs are the shop's own figures."""
RULES = (
    "max_daily_stamps",
    "cooldown_minutes",
    "max_stamps_per_visit",
    "require_staff_pin",
    "pin_unlock_minutes",
)
POINTS = ("points_per_euro", "max_purchase_cents")


def changes(program: ProgramView, draft: ProgramCreate, cards: OpenCards) -> list[str]:
    """A sentence for each kind of change between the program and what it would be."""

    def differs(names: tuple[str, ...]) -> bool:
        return any(getattr(program, name) != getattr(draft, name) for name in names)

    said = []
    if differs(LOOK):
        said.append(_look(cards.begun + cards.empty))
    if differs(PROMISE):
        said += _reward(cards)
    if differs(RULES):
        said.append(_("The new rules hold from the next stamp on."))
    if differs(POINTS):
        said.append(_("The new rules for points hold from the next purchase on."))
    if differs(("expiry_months",)):
        said.append(
            _("Nothing expires in the next 30 days, so that everyone can be warned.")
            if draft.expiry_months
            else _("Nothing expires any more.")
        )
    return said


def _look(count: int) -> str:
    return ngettext("%(num)s card gets the new look.", "%(num)s cards get the new look.", count)


def _reward(cards: OpenCards) -> list[str]:
    said = [_("New cards get the new reward.")]
    if cards.empty:
        said.append(
            ngettext(
                "%(num)s card without stamps gets it at once.",
                "%(num)s cards without stamps get it at once.",
                cards.empty,
            )
        )
    if cards.begun:
        said.append(
            ngettext(
                "%(num)s card with stamps keeps what it was promised until its next reward.",
                "%(num)s cards with stamps keep what they were promised until their next reward.",
                cards.begun,
            )
        )
    return said
