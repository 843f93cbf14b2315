"""API keys: bearer secrets of a vendor's programs, or of the platform. Only their digests are stored."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import and_, insert, or_, select, update

from loyalty_portal.clock import Clock
from loyalty_portal.errors import Invalid, NotFound
from loyalty_portal.models import ApiKey, LoyaltyProgram, Vendor
from loyalty_portal.schemas.keys import (
    PLATFORM_SCOPES,
    VENDOR_SCOPES,
    KeyCreate,
    KeyRow,
    KeyView,
    MadeKey,
    Scope,
)
from loyalty_portal.schemas.programs import ProgramView
from loyalty_portal.schemas.vendors import VendorView
from loyalty_portal.services.codes import digest, new_token
from loyalty_portal.services.ledger import AnySession

keys = ApiKey.__table__
vendors = Vendor.__table__
programs = LoyaltyProgram.__table__
MARK = "lc_live_"
SHOWN = len(MARK) + 4
USED_EVERY = timedelta(hours=1)

_VENDOR = [vendors.c[name].label(f"vendor_{name}") for name in VendorView.model_fields]
_PROGRAM = [programs.c[name].label(f"program_{name}") for name in ProgramView.model_fields]
_KEY = (
    select(keys.c.id, keys.c.name, keys.c.scopes, keys.c.expires_at, keys.c.last_used_at, *_VENDOR, *_PROGRAM)
    .select_from(
        keys.outerjoin(vendors, vendors.c.id == keys.c.vendor_id).outerjoin(
            programs, and_(programs.c.vendor_id == vendors.c.id, programs.c.archived_at.is_(None))
        )
    )
    .where(keys.c.revoked_at.is_(None), or_(keys.c.vendor_id.is_(None), vendors.c.is_active))
)
_ROW = [keys.c[name] for name in KeyRow.model_fields]


class ApiKeyService:
    """Keys of vendors and, where `vendor_id` is None, of the platform."""

    def __init__(self, session: AnySession, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def by_token(self, token: str) -> KeyView | None:
        """The key that was sent, with its vendor and live program: one statement. None when it is unknown, revoked,
        expired, or its vendor is switched off.
        """
        row = self._session.execute(_KEY.where(keys.c.digest == digest(token))).mappings().first()
        if row is None or (row["expires_at"] is not None and row["expires_at"] <= self._clock.now()):
            return None
        return _view(row)

    def create(self, vendor_id: int | None, command: KeyCreate) -> MadeKey:
        """A new key. Raises `Invalid` for a scope that keys of this kind don't have."""
        known = PLATFORM_SCOPES if vendor_id is None else VENDOR_SCOPES
        if not set(command.scopes) <= set(known):
            raise Invalid("scopes", errors=[{"field": "scopes", "type": "enum", "ctx": {}}])
        now = self._clock.now()
        plain = MARK + new_token()
        values = {
            "vendor_id": vendor_id,
            "name": command.name,
            "prefix": plain[:SHOWN],
            "digest": digest(plain),
            "scopes": " ".join(scope.value for scope in known if scope in command.scopes),
            "created_at": now,
            "expires_at": now + timedelta(days=command.expires_days) if command.expires_days else None,
        }
        key_id: int = self._session.execute(insert(keys).values(values).returning(keys.c.id)).scalar_one()
        return MadeKey(id=key_id, name=command.name, plain=plain)

    def keys(self, vendor_id: int | None) -> list[KeyRow]:
        """All keys of the vendor or the platform: those that work first, the newest first."""
        query = select(*_ROW).where(_owned(vendor_id)).order_by(keys.c.revoked_at.is_not(None), keys.c.id.desc())
        return [_row(row) for row in self._session.execute(query).mappings()]

    def revoke(self, vendor_id: int | None, key_id: int) -> KeyRow:
        """Ends a key at once; ending an ended one is fine. Raises `NotFound`."""
        found = select(*_ROW).where(_owned(vendor_id), keys.c.id == key_id)
        row = self._session.execute(found).mappings().first()
        if row is None:
            raise NotFound
        if row["revoked_at"] is None:
            self._session.execute(update(keys).where(keys.c.id == key_id).values(revoked_at=self._clock.now()))
        return _row(row)

    def is_stale(self, key: KeyView) -> bool:
        """Whether it is time to note that the key is in use."""
        return key.last_used_at is None or self._clock.now() - key.last_used_at >= USED_EVERY

    def note_used(self, key_id: int) -> None:
        self._session.execute(update(keys).where(keys.c.id == key_id).values(last_used_at=self._clock.now()))


def _owned(vendor_id: int | None) -> Any:
    return keys.c.vendor_id.is_(None) if vendor_id is None else keys.c.vendor_id == vendor_id


def _view(row: Any) -> KeyView:
    vendor = program = None
    if row["vendor_id"] is not None:
        vendor = VendorView.model_validate({name: row[f"vendor_{name}"] for name in VendorView.model_fields})
    if row["program_id"] is not None:
        program = ProgramView.model_validate({name: row[f"program_{name}"] for name in ProgramView.model_fields})
    return KeyView(
        id=row["id"],
        name=row["name"],
        scopes=frozenset(_scopes(row["scopes"])),
        vendor=vendor,
        program=program,
        last_used_at=row["last_used_at"],
    )


def _row(row: Any) -> KeyRow:
    return KeyRow.model_validate(dict(row) | {"scopes": _scopes(row["scopes"])})


def _scopes(stored: str) -> tuple[Scope, ...]:
    return tuple(Scope(word) for word in stored.split())
