"""Tills: made by the owner, paired by a short code or its link, known by a cookie whose digest alone is stored."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, bindparam, func, insert, select, update

from loyalty_portal.clock import Clock
from loyalty_portal.enums import Source
from loyalty_portal.errors import NotFound, PairingRefused
from loyalty_portal.models import CounterDevice, LoyaltyProgram, PairingCode, SecurityEvent, StaffPin, Vendor
from loyalty_portal.schemas.programs import ProgramView
from loyalty_portal.schemas.staff import StaffMember, StaffView
from loyalty_portal.schemas.tills import PairingView, TillCreate, TillRow, TillView
from loyalty_portal.schemas.vendors import VendorView
from loyalty_portal.services.codes import digest, new_code, new_token, read_code
from loyalty_portal.services.ledger import AnySession
from loyalty_portal.services.pin_service import Guard, PinService

devices = CounterDevice.__table__
pairings = PairingCode.__table__
vendors = Vendor.__table__
programs = LoyaltyProgram.__table__
pins = StaffPin.__table__
PAIRING_LASTS = timedelta(minutes=10)
SEEN_EVERY = timedelta(minutes=5)

_VENDOR = [vendors.c[name].label(f"vendor_{name}") for name in VendorView.model_fields]
_STAFF = [pins.c[name].label(f"staff_{name}") for name in StaffMember.model_fields]
_PROGRAM = [programs.c[name].label(f"program_{name}") for name in ProgramView.model_fields]
_TILL = (
    select(
        devices.c.id,
        devices.c.name,
        devices.c.unlocked_until,
        devices.c.pin_locked_until,
        devices.c.last_seen_at,
        *_STAFF,
        *_VENDOR,
        *_PROGRAM,
    )
    .select_from(
        devices.join(vendors, vendors.c.id == devices.c.vendor_id)
        .outerjoin(programs, and_(programs.c.vendor_id == vendors.c.id, programs.c.archived_at.is_(None)))
        .outerjoin(pins, and_(pins.c.id == devices.c.unlocked_pin_id, pins.c.is_active))
    )
    .where(devices.c.revoked_at.is_(None), vendors.c.is_active)
)
_TILL_OF_TOKEN = _TILL.where(devices.c.token_digest == bindparam("token"))


class DeviceService:
    """The vendor's tills."""

    def __init__(self, session: AnySession, clock: Clock, pin_service: PinService) -> None:
        self._session = session
        self._clock = clock
        self._pin_service = pin_service

    def till_by_token(self, token: str) -> TillView | None:
        """The till whose cookie this is, with its vendor and live program: one statement."""
        row = self._session.execute(_TILL_OF_TOKEN, {"token": digest(token)}).mappings().first()
        return _till(row) if row else None

    def tills(self, vendor_id: int) -> list[TillRow]:
        """The owner's list: tills in use first."""
        rows = self._session.execute(
            select(devices)
            .where(devices.c.vendor_id == vendor_id)
            .order_by(devices.c.revoked_at.is_not(None), devices.c.name, devices.c.id)
        ).mappings()
        return [_row(row) for row in rows]

    def till(self, vendor_id: int, till_id: int) -> TillRow:
        query = select(devices).where(devices.c.vendor_id == vendor_id, devices.c.id == till_id)
        if (row := self._session.execute(query).mappings().first()) is None:
            raise NotFound
        return _row(row)

    def create(self, vendor_id: int, command: TillCreate) -> PairingView:
        """A new till, waiting for its browser, with a code to pair it."""
        till_id: int = self._session.execute(
            insert(devices)
            .values(vendor_id=vendor_id, name=command.name, created_at=self._clock.now())
            .returning(devices.c.id)
        ).scalar_one()
        return self.new_pairing(vendor_id, till_id)

    def new_pairing(
        self, vendor_id: int, till_id: int, *, reusable: bool = False, code: str | None = None
    ) -> PairingView:
        """A fresh code for a till; codes given before end. A reusable one lasts and makes a new till each time."""
        till = self.till(vendor_id, till_id)
        if till.is_revoked:
            raise NotFound
        now = self._clock.now()
        self._end_pairings(till_id)
        plain = code or new_code()
        expires_at = None if reusable else now + PAIRING_LASTS
        self._session.execute(
            insert(pairings).values(
                vendor_id=vendor_id,
                device_id=till_id,
                digest=digest(plain),
                is_reusable=reusable,
                created_at=now,
                expires_at=expires_at,
            )
        )
        return PairingView(till_id=till_id, till_name=till.name, code=plain, expires_at=expires_at)

    def pairing(self, typed: str) -> tuple[int, str, str]:
        """(till, its name, its vendor's name) that a code would pair. Raises `PairingRefused`."""
        row = self._pairing(typed)
        return row.device_id, row.name, row.vendor_name

    def pair(self, typed: str) -> str:
        """Makes the asking browser the till and answers the cookie's token; a browser that was it before is not any
        more. Raises `PairingRefused` for a code that is unknown, used or too old.
        """
        row = self._pairing(typed)
        now = self._clock.now()
        till_id = row.device_id
        if row.is_reusable and row.token_digest is not None:
            till_id = self._another(row)
        elif not row.is_reusable:
            spent = self._session.execute(
                update(pairings)
                .where(pairings.c.id == row.id, pairings.c.used_at.is_(None))
                .values(used_at=now)
                .returning(pairings.c.id)
            ).first()
            if spent is None:
                raise PairingRefused("code")
        token = new_token()
        self._session.execute(
            update(devices)
            .where(devices.c.id == till_id)
            .values(
                token_digest=digest(token), paired_at=now, last_seen_at=now, unlocked_pin_id=None, unlocked_until=None
            )
        )
        return token

    def rename(self, vendor_id: int, till_id: int, command: TillCreate) -> TillRow:
        self._change(vendor_id, till_id, {"name": command.name})
        return self.till(vendor_id, till_id)

    def revoke(self, vendor_id: int, till_id: int) -> None:
        """Ends a till at once: its cookie opens nothing any more."""
        now = self._clock.now()
        closed = {"revoked_at": now, "token_digest": None, "unlocked_pin_id": None, "unlocked_until": None}
        self._change(vendor_id, till_id, closed)
        self._end_pairings(till_id)

    def unlock_tries(self, vendor_id: int, till_id: int) -> None:
        """The owner's lift of a till that wrong PINs locked."""
        self.till(vendor_id, till_id)
        self._pin_service.unlock(vendor_id, Guard(vendor_id, Source.COUNTER, till_id))
        event = SecurityEvent.__table__
        facts = json.dumps({"source": "counter", "source_id": till_id})
        values = {"vendor_id": vendor_id, "kind": "pin_lock_lifted", "facts": facts, "at": self._clock.now()}
        self._session.execute(insert(event).values(values))

    def open_for(self, till: TillView, staff: StaffView, minutes: int) -> None:
        """Unlocks a till for a person, for `minutes` of idling."""
        until = self._clock.now() + timedelta(minutes=minutes)
        self._change(till.vendor.id, till.id, {"unlocked_pin_id": staff.id, "unlocked_until": until})

    def keep_open(self, till: TillView, minutes: int) -> None:
        """Starts the idle minutes anew."""
        until = self._clock.now() + timedelta(minutes=minutes)
        self._change(till.vendor.id, till.id, {"unlocked_until": until})

    def close(self, till: TillView) -> None:
        """Locks an unlocked till."""
        self._change(till.vendor.id, till.id, {"unlocked_pin_id": None, "unlocked_until": None})

    def seen(self, till: TillView) -> bool:
        """Whether it is time to note that the till is in use."""
        return till.last_seen_at is None or self._clock.now() - till.last_seen_at >= SEEN_EVERY

    def note_seen(self, till: TillView) -> None:
        self._change(till.vendor.id, till.id, {"last_seen_at": self._clock.now()})

    # Inside

    def _change(self, vendor_id: int, till_id: int, changes: dict[str, Any]) -> None:
        row = self._session.execute(
            update(devices)
            .where(devices.c.vendor_id == vendor_id, devices.c.id == till_id, devices.c.revoked_at.is_(None))
            .values(changes)
            .returning(devices.c.id)
        ).first()
        if row is None:
            raise NotFound

    def _pairing(self, typed: str) -> Any:
        code = read_code(typed)
        row = self._session.execute(
            select(pairings, devices.c.name, devices.c.token_digest, vendors.c.name.label("vendor_name"))
            .join(devices, devices.c.id == pairings.c.device_id)
            .join(vendors, vendors.c.id == pairings.c.vendor_id)
            .where(
                pairings.c.digest == digest(code or ""),
                pairings.c.used_at.is_(None),
                devices.c.revoked_at.is_(None),
                vendors.c.is_active,
            )
        ).first()
        if row is None or (row.expires_at is not None and row.expires_at <= self._clock.now()):
            raise PairingRefused("code")
        return row

    def _another(self, row: Any) -> int:
        """A further till for a reusable code."""
        count = self._session.execute(
            select(func.count()).select_from(devices).where(devices.c.vendor_id == row.vendor_id)
        ).scalar_one()
        till_id: int = self._session.execute(
            insert(devices)
            .values(vendor_id=row.vendor_id, name=f"{row.name} ({count + 1})", created_at=self._clock.now())
            .returning(devices.c.id)
        ).scalar_one()
        return till_id

    def _end_pairings(self, till_id: int) -> None:
        self._session.execute(
            update(pairings)
            .where(pairings.c.device_id == till_id, pairings.c.used_at.is_(None), ~pairings.c.is_reusable)
            .values(used_at=self._clock.now())
        )


def _till(row: Any) -> TillView:
    vendor = VendorView.model_validate({name: row[f"vendor_{name}"] for name in VendorView.model_fields})
    program = None
    if row["program_id"] is not None:
        program = ProgramView.model_validate({name: row[f"program_{name}"] for name in ProgramView.model_fields})
    staff = None
    if row["staff_id"] is not None:
        staff = StaffMember.model_validate({name: row[f"staff_{name}"] for name in StaffMember.model_fields})
    return TillView(
        id=row["id"],
        name=row["name"],
        vendor=vendor,
        program=program,
        unlocked_by=staff,
        unlocked_until=row["unlocked_until"],
        pin_locked_until=row["pin_locked_until"],
        last_seen_at=row["last_seen_at"],
    )


def _row(row: Any) -> TillRow:
    return TillRow(
        id=row["id"],
        name=row["name"],
        is_paired=row["token_digest"] is not None,
        is_revoked=row["revoked_at"] is not None,
        pin_wrong=row["pin_wrong"],
        pin_locked_until=row["pin_locked_until"],
        last_seen_at=row["last_seen_at"],
        created_at=row["created_at"],
    )
