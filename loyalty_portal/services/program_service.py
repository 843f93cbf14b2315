"""A vendor's program: made, changed, switched off and on, archived."""

from __future__ import annotations

import json
import secrets
from typing import Any

from sqlalchemy import case, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from loyalty_portal.clock import Clock
from loyalty_portal.enums import PictureKind, ProgramType
from loyalty_portal.errors import Invalid, NotFound, ProgramExists
from loyalty_portal.models import LoyaltyCard, LoyaltyProgram
from loyalty_portal.schemas.programs import OpenCards, ProgramCreate, ProgramUpdate, ProgramView, Reward
from loyalty_portal.services.ledger import AnySession

programs = LoyaltyProgram.__table__
cards = LoyaltyCard.__table__
_VIEW = [programs.c[name] for name in ProgramView.model_fields]
# What an update may set to nothing; everything else must have a value.
_OPTIONAL = {
    "card_tagline",
    "stamps_reward_value_cents",
    "stamps_reward_cost_cents",
    "max_purchase_cents",
    "expiry_months",
    "terms_text",
    "privacy_url",
}
_OF_STAMPS = {"stamps_target", "stamps_reward_description"}
_OF_POINTS = {"points_per_euro"}
"""What only one type of program must have."""
_TERMS = {
    "stamps_target": "stamps_target",
    "stamps_reward_description": "reward_description",
    "stamps_reward_value_cents": "reward_value_cents",
    "stamps_reward_cost_cents": "reward_cost_cents",
}
"""The program's columns that a card freezes, and the card's names for them."""


class ProgramService:
    """One live program a vendor; the database holds that line too."""

    def __init__(self, session: AnySession, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def live(self, vendor_id: int) -> ProgramView | None:
        """The vendor's program that isn't archived, also when it is switched off."""
        row = self._session.execute(
            select(*_VIEW).where(programs.c.vendor_id == vendor_id, programs.c.archived_at.is_(None))
        ).first()
        return ProgramView.model_validate(row) if row else None

    def need(self, vendor_id: int) -> ProgramView:
        """The live program. Raises `NotFound` when there is none."""
        if (program := self.live(vendor_id)) is None:
            raise NotFound
        return program

    def get(self, program_id: int, vendor_id: int | None = None) -> ProgramView:
        """A program by id, archived ones too; of one vendor, unless the platform's admin asks."""
        query = select(*_VIEW).where(programs.c.id == program_id)
        if vendor_id is not None:
            query = query.where(programs.c.vendor_id == vendor_id)
        row = self._session.execute(query).first()
        if row is None:
            raise NotFound
        return ProgramView.model_validate(row)

    def by_ids(self, program_ids: list[int]) -> dict[int, ProgramView]:
        """Programs by their ids, for the platform's admin."""
        rows = self._session.execute(select(*_VIEW).where(programs.c.id.in_(program_ids)))
        return {row.id: ProgramView.model_validate(row) for row in rows}

    def create(self, vendor_id: int, command: ProgramCreate) -> ProgramView:
        """Makes the vendor's program, switched on. Raises `ProgramExists`."""
        if self.live(vendor_id):
            raise ProgramExists
        now = self._clock.now()
        values: dict[str, Any] = command.model_dump(mode="json") | {
            "vendor_id": vendor_id,
            "points_rewards": _catalogue(command.points_rewards),
            "expiry_since": now if command.expiry_months else None,
            "is_active": True,
            "activated_at": now,
            "created_at": now,
            "updated_at": now,
        }
        try:
            row = self._session.execute(insert(programs).values(values).returning(*_VIEW)).one()
        except IntegrityError as error:
            raise ProgramExists from error
        return ProgramView.model_validate(row)

    def update(self, vendor_id: int, command: ProgramUpdate) -> ProgramView:
        """Changes what was sent. New rounds take the new terms, half-full cards keep theirs; its type stays."""
        program = self.need(vendor_id)
        changes = command.model_dump(exclude_unset=True, mode="json")
        may_miss = _OPTIONAL | _not_needed(program.loyalty_type)
        empty = [name for name, value in changes.items() if value is None and name not in may_miss]
        if empty:
            raise Invalid(errors=[{"field": name, "type": "missing", "ctx": {}} for name in empty])
        if command.points_rewards is not None and "points_rewards" in changes:
            changes["points_rewards"] = _catalogue(command.points_rewards)
        if "expiry_months" in changes and changes["expiry_months"] != program.expiry_months:
            # Nobody loses anything by a new rule before they could be warned.
            changes["expiry_since"] = self._clock.now() if changes["expiry_months"] else None
        return self._change(program.id, changes)

    def set_picture(self, vendor_id: int, kind: PictureKind, picture_id: int | None) -> ProgramView:
        column = "logo_id" if kind is PictureKind.LOGO else "hero_id"
        return self._change(self.need(vendor_id).id, {column: picture_id})

    def switch(self, program_id: int, *, on: bool) -> ProgramView:
        """Switches a live program on or off; doing what is done already is fine."""
        changes: dict[str, Any] = {"is_active": on}
        if on:
            changes["activated_at"] = self._clock.now()
        program = self.get(program_id)
        if program.archived_at is not None:
            raise NotFound
        return program if program.is_active == on else self._change(program_id, changes)

    def archive(self, vendor_id: int) -> None:
        """Ends the program: its cards can be read and take no more entries. The ledger stays."""
        now = self._clock.now()
        program = self.need(vendor_id)
        self._change(program.id, {"archived_at": now, "is_active": False})
        self._session.execute(
            update(cards)
            .where(cards.c.program_id == program.id, cards.c.closed_at.is_(None))
            .values(closed_at=now, revision=cards.c.revision + 1)
        )

    def open_cards(self, program_id: int) -> OpenCards:
        """The program's cards that aren't closed, by whether a change of its terms reaches them."""
        empty = func.coalesce(func.sum(case((cards.c.stamp_count == 0, 1), else_=0)), 0)
        row = self._session.execute(
            select(func.count().label("all"), empty.label("empty")).where(
                cards.c.program_id == program_id, cards.c.closed_at.is_(None)
            )
        ).one()
        return OpenCards(begun=row.all - row.empty, empty=row.empty)

    def cards_on_other_terms(self, program: ProgramView) -> int:
        """How many open cards are on terms that differ from the program's."""
        differs = (cards.c.stamps_target != program.stamps_target) | (
            cards.c.reward_description != program.stamps_reward_description
        )
        query = select(func.count()).select_from(cards)
        return self._session.execute(
            query.where(cards.c.program_id == program.id, cards.c.closed_at.is_(None), differs)
        ).scalar_one()

    def _change(self, program_id: int, changes: dict[str, Any]) -> ProgramView:
        changes = changes | {"updated_at": self._clock.now(), "design_revision": programs.c.design_revision + 1}
        row = self._session.execute(
            update(programs).where(programs.c.id == program_id).values(changes).returning(*_VIEW)
        ).one()
        program = ProgramView.model_validate(row)
        if changes.keys() & _TERMS.keys():
            self._renew_empty_cards(program)
        return program

    def _renew_empty_cards(self, program: ProgramView) -> None:
        """Cards without a stamp have begun nothing: they take the new terms at once."""
        terms = {column: getattr(program, name) for name, column in _TERMS.items()}
        self._session.execute(
            update(cards)
            .where(cards.c.program_id == program.id, cards.c.stamp_count == 0, cards.c.closed_at.is_(None))
            .values(terms | {"revision": cards.c.revision + 1})
        )


def _not_needed(kind: ProgramType) -> set[str]:
    if kind is ProgramType.HYBRID:
        return set()
    return _OF_POINTS if kind is ProgramType.STAMPS else _OF_STAMPS


def _catalogue(rewards: list[Reward]) -> str:
    """The catalogue as it is stored; a new reward gets its id here and keeps it."""
    return json.dumps(
        [reward.model_dump() | {"id": reward.id or secrets.token_hex(5)} for reward in rewards],
        separators=(",", ":"),
        ensure_ascii=False,
    )
