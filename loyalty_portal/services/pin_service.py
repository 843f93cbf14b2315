"""Staff and their PINs. A PIN names the person and confirms the action.

Checking one takes four steps, so that bcrypt never runs inside a transaction: `charge` (committed), `find` (a read
that is ended), `proven` (no transaction), `settle` (committed). `web/pins.py` walks them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import bcrypt
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from loyalty_portal.clock import Clock
from loyalty_portal.enums import Source
from loyalty_portal.errors import NotFound, PinLocked, PinRefused, RateLimited
from loyalty_portal.models import ApiKey, CounterDevice, SecurityEvent, StaffPin
from loyalty_portal.schemas.staff import StaffCreate, StaffUpdate, StaffView
from loyalty_portal.services import rules
from loyalty_portal.services.ledger import AnySession

pins = StaffPin.__table__
_GUARDED = {Source.COUNTER: CounterDevice.__table__, Source.API: ApiKey.__table__}
_VIEW = [pins.c[name] for name in StaffView.model_fields]


@dataclass(frozen=True, slots=True)
class Guard:
    """What a PIN is typed on: a till or an API key, and its id."""

    vendor_id: int
    source: Source
    id: int


@dataclass(frozen=True, slots=True)
class HashedPin:
    """A PIN ready to be stored; `plain` is shown once when it was made here."""

    digest: str
    hash: str
    pepper_id: str
    plain: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who might have typed a PIN, with what bcrypt compares it to."""

    staff: StaffView | None
    hash: bytes
    pepper_id: str


@dataclass(frozen=True, slots=True)
class Settled:
    """The result of a try: the person, or None with the tries that are left and whether this try locked the till."""

    staff: StaffView | None
    tries_left: int = rules.PIN_TRIES
    locked_until: datetime | None = None


class PinService:
    """Knows staff by their PIN, and counts the wrong ones."""

    def __init__(self, session: AnySession, clock: Clock, peppers: list[str], cost: int) -> None:
        """`peppers`: the present one first, older ones after it; `cost`: bcrypt's."""
        self._session = session
        self._clock = clock
        self._peppers = {hashlib.sha256(pepper.encode()).hexdigest()[:8]: pepper.encode() for pepper in peppers}
        self._current = next(iter(self._peppers))
        self._cost = cost
        # Unknown PINs cost the same time as known ones.
        self._nobody = bcrypt.hashpw(secrets.token_bytes(16).hex().encode(), bcrypt.gensalt(cost))

    # The people

    def staff(self, vendor_id: int) -> list[StaffView]:
        """All people of the vendor, those who work here first, by name."""
        query = (
            select(*_VIEW)
            .where(pins.c.vendor_id == vendor_id)
            .order_by(pins.c.is_active.desc(), pins.c.name, pins.c.id)
        )
        return [StaffView.model_validate(row) for row in self._session.execute(query)]

    def get(self, vendor_id: int, staff_id: int) -> StaffView:
        row = self._session.execute(select(*_VIEW).where(pins.c.vendor_id == vendor_id, pins.c.id == staff_id)).first()
        if row is None:
            raise NotFound
        return StaffView.model_validate(row)

    def hash_new(self, vendor_id: int, length: int, pin: str | None) -> HashedPin:
        """Makes a PIN, or takes the one given, and hashes it. Called with no transaction open.

        Raises `PinRefused` for a common or used one, and for another length than the vendor's.
        """
        if pin is None:
            pin = self._unused(vendor_id, length)
        elif len(pin) != length or is_common(pin) or self._is_used(vendor_id, pin):
            raise PinRefused("pin")
        return self._hashed(vendor_id, pin)

    def hash_several(self, vendor_id: int, length: int, count: int) -> list[HashedPin]:
        """Makes so many different PINs and hashes them. Called with no transaction open."""
        made: list[str] = []
        while len(made) < count:
            pin = self._unused(vendor_id, length)
            if pin not in made:
                made.append(pin)
        return [self._hashed(vendor_id, pin) for pin in made]

    def add(self, vendor_id: int, command: StaffCreate, pin: HashedPin) -> StaffView:
        """Adds a person. Raises `PinRefused` when somebody took the PIN meanwhile."""
        self._refuse_used(vendor_id, pin)
        values = {
            "vendor_id": vendor_id,
            "name": command.name,
            "role": command.role.value,
            "pin_digest": pin.digest,
            "pin_hash": pin.hash,
            "pepper_id": pin.pepper_id,
            "is_active": True,
            "created_at": self._clock.now(),
        }
        try:
            row = self._session.execute(insert(pins).values(values).returning(*_VIEW)).one()
        except IntegrityError as error:
            raise PinRefused("pin") from error
        return StaffView.model_validate(row)

    def update(self, vendor_id: int, staff_id: int, command: StaffUpdate, pin: HashedPin | None = None) -> StaffView:
        """Changes what was sent; a new PIN ends the old one at once, and unlocked tills lock."""
        changes = {
            name: value
            for name, value in command.model_dump(exclude_unset=True, exclude={"pin"}, mode="json").items()
            if value is not None
        }
        if pin is not None:
            self._refuse_used(vendor_id, pin)
            changes |= {"pin_digest": pin.digest, "pin_hash": pin.hash, "pepper_id": pin.pepper_id}
        if not changes:
            return self.get(vendor_id, staff_id)
        change = update(pins).where(pins.c.vendor_id == vendor_id, pins.c.id == staff_id).values(changes)
        try:
            row = self._session.execute(change.returning(*_VIEW)).first()
        except IntegrityError as error:
            raise PinRefused("pin") from error
        if row is None:
            raise NotFound
        if pin is not None or not row.is_active:
            self._close_tills(vendor_id, staff_id)
        return StaffView.model_validate(row)

    # Checking a PIN

    def charge(self, guard: Guard) -> None:
        """Charges one try, to be committed before the PIN is looked at. Raises `PinLocked`, `RateLimited`."""
        now = self._clock.now()
        outcome = rules.charge(self._guard_state(guard), now)
        if not isinstance(outcome, rules.No):
            self._write_guard(guard, outcome)
        elif outcome.code == "pin_locked":
            raise PinLocked(**outcome.facts)
        else:
            raise RateLimited(**outcome.facts)

    def find(self, guard: Guard, pin: str) -> Candidate:
        """Who might have this PIN: one look-up by its keyed digest. The read is ended before `proven` is asked."""
        digests = [self._keyed("find", pepper_id, guard.vendor_id, pin).decode() for pepper_id in self._peppers]
        row = self._session.execute(
            select(*_VIEW, pins.c.pin_hash, pins.c.pepper_id).where(
                pins.c.vendor_id == guard.vendor_id, pins.c.pin_digest.in_(digests)
            )
        ).first()
        if row is None or row.pepper_id not in self._peppers:
            return Candidate(None, self._nobody, self._current)
        return Candidate(StaffView.model_validate(row), row.pin_hash.encode(), row.pepper_id)

    def proven(self, guard: Guard, candidate: Candidate, pin: str) -> StaffView | None:
        """The person, if bcrypt agrees and they work here. Called with no transaction open; an unknown PIN costs
        the same time as a known one.
        """
        fits = bcrypt.checkpw(self._keyed("hash", candidate.pepper_id, guard.vendor_id, pin), candidate.hash)
        staff = candidate.staff
        return staff if staff is not None and fits and staff.is_active else None

    def settle(self, guard: Guard, staff: StaffView | None) -> Settled:
        """Gives a right PIN's charge back, counts a wrong one, and locks at the fifth. To be committed."""
        now = self._clock.now()
        state = self._guard_state(guard)
        if staff is not None:
            self._write_guard(guard, rules.refund(state))
            return Settled(staff)
        after = rules.count_wrong(state, now)
        self._write_guard(guard, after)
        if after.locked_until and after.locked_until > now:
            self._note(guard, "pin_locked", {"until": after.locked_until.isoformat()})
            return Settled(None, 0, after.locked_until)
        return Settled(None, rules.PIN_TRIES - after.wrong)

    def unlock(self, vendor_id: int, guard: Guard | None = None) -> None:
        """The owner's lift: all counts to zero, for one till or key, or for all of the vendor's."""
        for source, table in _GUARDED.items():
            if guard is not None and guard.source is not source:
                continue
            query = update(table).where(table.c.vendor_id == vendor_id)
            if guard is not None:
                query = query.where(table.c.id == guard.id)
            self._session.execute(query.values(_columns(rules.GuardState())))

    def used(self, staff_id: int) -> None:
        """Remembers that the person was here, to the hour: no write for each stamp."""
        now = self._clock.now()
        stale = pins.c.last_used_at.is_(None) | (pins.c.last_used_at < now.replace(minute=0, second=0, microsecond=0))
        self._session.execute(update(pins).where(pins.c.id == staff_id, stale).values(last_used_at=now))

    # Inside

    def _keyed(self, use: str, pepper_id: str, vendor_id: int, pin: str) -> bytes:
        text = f"{use}:{vendor_id}:{pin}".encode()
        return hmac.new(self._peppers[pepper_id], text, hashlib.sha256).hexdigest().encode()

    def _hashed(self, vendor_id: int, pin: str) -> HashedPin:
        hashed = bcrypt.hashpw(self._keyed("hash", self._current, vendor_id, pin), bcrypt.gensalt(self._cost))
        return HashedPin(
            digest=self._keyed("find", self._current, vendor_id, pin).decode(),
            hash=hashed.decode(),
            pepper_id=self._current,
            plain=pin,
        )

    def _is_used(self, vendor_id: int, pin: str) -> bool:
        digests = [self._keyed("find", pepper_id, vendor_id, pin).decode() for pepper_id in self._peppers]
        query = select(pins.c.id).where(pins.c.vendor_id == vendor_id, pins.c.pin_digest.in_(digests))
        return self._session.execute(query).first() is not None

    def _unused(self, vendor_id: int, length: int) -> str:
        for _ in range(200):
            pin = "".join(secrets.choice("0123456789") for _ in range(length))
            if not is_common(pin) and not self._is_used(vendor_id, pin):
                return pin
        raise PinRefused("pin")

    def _refuse_used(self, vendor_id: int, pin: HashedPin) -> None:
        query = select(pins.c.id).where(pins.c.vendor_id == vendor_id, pins.c.pin_digest == pin.digest)
        if self._session.execute(query).first():
            raise PinRefused("pin")

    def _close_tills(self, vendor_id: int, staff_id: int) -> None:
        tills = _GUARDED[Source.COUNTER]
        self._session.execute(
            update(tills)
            .where(tills.c.vendor_id == vendor_id, tills.c.unlocked_pin_id == staff_id)
            .values(unlocked_pin_id=None, unlocked_until=None)
        )

    def _guard_state(self, guard: Guard) -> rules.GuardState:
        table = _GUARDED[guard.source]
        row = self._session.execute(
            select(
                table.c.pin_tries,
                table.c.pin_wrong,
                table.c.pin_lock_level,
                table.c.pin_locked_until,
                table.c.pin_charged_at,
                table.c.pin_wrong_at,
            )
            .where(table.c.id == guard.id, table.c.vendor_id == guard.vendor_id)
            .with_for_update()
        ).first()
        if row is None:
            raise NotFound
        return rules.GuardState(*row)

    def _write_guard(self, guard: Guard, state: rules.GuardState) -> None:
        table = _GUARDED[guard.source]
        self._session.execute(update(table).where(table.c.id == guard.id).values(_columns(state)))

    def _note(self, guard: Guard, kind: str, facts: dict[str, object]) -> None:
        values = {
            "vendor_id": guard.vendor_id,
            "kind": kind,
            "facts": json.dumps({"source": guard.source.value, "source_id": guard.id, **facts}),
            "at": self._clock.now(),
        }
        self._session.execute(insert(SecurityEvent.__table__).values(values))


def _columns(state: rules.GuardState) -> dict[str, object]:
    return {
        "pin_tries": state.tries,
        "pin_wrong": state.wrong,
        "pin_lock_level": state.level,
        "pin_locked_until": state.locked_until,
        "pin_charged_at": state.charged_at,
        "pin_wrong_at": state.wrong_at,
    }


def is_common(pin: str) -> bool:
    """PINs that are guessed first: one digit repeated, steps up or down, pairs, a year, the pad's middle column."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if len(steps) == 1 and steps <= {0, 1, 9}:
        return True
    half = len(pin) // 2
    if pin[:half] == pin[half:] or pin == pin[0] * half + pin[-1] * (len(pin) - half):
        return True
    if len(pin) == 4 and 1930 <= int(pin) <= 2035:
        return True
    return pin in {"2468", "1357", "1379", "0852", "4711", "007007", "123321", "112233", "121314", "147258", "159753"}
