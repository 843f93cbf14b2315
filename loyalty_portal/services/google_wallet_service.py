"""Cards in Google Wallet: what Google shall know of a card, telling it, and what Google tells us.

One of the platforms of `wallet_service`: `prepare` reads, `bring` waits for the network, `settle` writes.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from loyalty_portal.clock import Clock
from loyalty_portal.enums import PassPlatform, PassState
from loyalty_portal.errors import CallbackDenied, NotFound, WalletAway
from loyalty_portal.gateways.google_callback import Callback, CallbackRefused, KeysAway, RootKeys, verify
from loyalty_portal.gateways.google_wallet import GoogleError, GoogleWallet
from loyalty_portal.models import GoogleClass, GoogleNonce, GoogleObject, LoyaltyCard, WalletPass
from loyalty_portal.schemas.cards import CardView
from loyalty_portal.schemas.programs import ProgramView
from loyalty_portal.schemas.vendors import VendorView
from loyalty_portal.schemas.wallets import Brought, PassClaim
from loyalty_portal.services import google_pass
from loyalty_portal.services.artwork_service import ArtworkService
from loyalty_portal.services.card_service import CardService
from loyalty_portal.services.google_pass import Addresses
from loyalty_portal.services.ledger import AnySession
from loyalty_portal.services.program_service import ProgramService
from loyalty_portal.services.vendor_service import VendorService
from loyalty_portal.services.wallet_service import WalletService

log = structlog.get_logger(__name__)

classes = GoogleClass.__table__
objects = GoogleObject.__table__
nonces = GoogleNonce.__table__
cards = LoyaltyCard.__table__
passes = WalletPass.__table__
_HERE = passes.c.platform == PassPlatform.GOOGLE.value
MOST_NOTICES, NOTICES_WITHIN = 3, timedelta(hours=24)
"""What Google shows of one pass; a fourth change in a day comes quietly."""
_OBJECT = "card-"


@dataclass(frozen=True, slots=True)
class GoogleTask:
    """What Google shall know of one card, as it stood at `revision`.

    `class_seen` and `object_seen`: whether Google has seen a class and an object of these names before;
    `class_before` is the digest of the class's body that it saw last.
    """

    vendor_id: int
    card_id: int
    program_id: int
    revision: int
    class_body: dict[str, Any]
    class_digest: str
    class_before: str | None
    object_body: dict[str, Any]
    object_seen: bool
    gives_notice: bool
    class_is_due: bool

    @property
    def class_id(self) -> str:
        return str(self.class_body["id"])

    @property
    def object_id(self) -> str:
        return str(self.object_body["id"])


@dataclass(frozen=True, slots=True)
class GoogleBrought(Brought):
    """With what was sent, for `settle`."""

    task: GoogleTask | None = None


class GoogleWalletService:
    """`gateway` is None where the platform has no issuer account: then nothing here is offered."""

    platform = PassPlatform.GOOGLE

    def __init__(
        self,
        session: AnySession,
        clock: Clock,
        gateway: GoogleWallet | None,
        keys: RootKeys | None,
        *,
        wallet_service: WalletService,
        card_service: CardService,
        program_service: ProgramService,
        vendor_service: VendorService,
        artwork_service: ArtworkService,
        base_url: str,
    ) -> None:
        self._session = session
        self._clock = clock
        self._gateway = gateway
        self._keys = keys
        self._wallets = wallet_service
        self._cards = card_service
        self._programs = program_service
        self._vendors = vendor_service
        self._artwork = artwork_service
        self._base_url = base_url

    @property
    def is_on(self) -> bool:
        return self._gateway is not None

    @property
    def gateway(self) -> GoogleWallet:
        """Raises `NotFound` where Google is off."""
        if self._gateway is None:
            raise NotFound
        return self._gateway

    def offer(self, vendor_id: int, card_id: int) -> int:
        """Makes the card a pass of Google's, behind until Google has seen it; its id."""
        card = self._session.execute(select(cards.c.program_id).where(cards.c.id == card_id)).one()
        self._name_class(self._programs.get(card.program_id, vendor_id), self._clock.now())
        return self._wallets.offer(vendor_id, card_id, self.platform)

    def need(self, vendor_id: int, card_id: int) -> None:
        """Forgets the pause of a pass that failed: its customer waits for it."""
        row = self._session.execute(
            select(passes.c.id, passes.c.state, passes.c.last_error).where(_HERE, passes.c.card_id == card_id)
        ).one()
        if row.last_error is not None:
            self._wallets.mark(row.id, PassState(row.state))

    def is_current(self, task: GoogleTask) -> bool:
        """Whether Google has seen all this already."""
        if task.class_is_due or not task.object_seen:
            return False
        seen = self._session.execute(
            select(passes.c.seen_revision).where(_HERE, passes.c.card_id == task.card_id)
        ).scalar_one_or_none()
        return seen is not None and seen >= task.revision

    def prepare(self, claim: PassClaim) -> GoogleTask:
        """What is to be sent for a claimed pass."""
        return self.task(claim.vendor_id, claim.card_id)

    def bring(self, claim: PassClaim, prepared: GoogleTask) -> GoogleBrought:
        """Tells Google; never raises for what Google does. Asks no database."""
        try:
            return GoogleBrought(task=self.send(prepared))
        except GoogleError as error:
            log.warning("google_refused", reason=error.reason, status=error.status, text=error.text)
            return GoogleBrought(error=f"google_{error.reason}")

    def settle(self, claim: PassClaim, brought: Brought) -> None:
        """Notes what Google has seen beyond the pass: the class, the balance, the notice."""
        if isinstance(brought, GoogleBrought) and brought.task is not None:
            self._note_object(brought.task, self._clock.now())
            if brought.task.class_is_due:
                self._note_class(brought.task, self._clock.now())

    def task(self, vendor_id: int, card_id: int) -> GoogleTask:
        """What is to be sent for a card as it stands. It was offered before."""
        vendor = self._vendors.get(vendor_id)
        card = self._cards.get(vendor_id, vendor.time_zone, card_id)
        program = self._programs.get(card.program_id, vendor_id)
        known = self._session.execute(
            select(classes.c.suffix, classes.c.digest).where(classes.c.program_id == program.id)
        ).one()
        serial = self._session.execute(select(cards.c.apple_serial).where(cards.c.id == card_id)).scalar_one()
        seen = self._session.execute(select(objects).where(objects.c.card_id == card_id)).first()
        addresses = self._addresses(vendor, program, card)
        issuer = self.gateway.issuer_id
        class_body = google_pass.class_body(f"{issuer}.{known.suffix}", vendor, program, addresses)
        digest = _digest(class_body)
        body = google_pass.object_body(
            f"{issuer}.{_OBJECT}{serial}", class_body["id"], vendor, program, card, addresses
        )
        return GoogleTask(
            vendor_id=vendor_id,
            card_id=card_id,
            program_id=program.id,
            revision=card.revision,
            class_body=class_body,
            class_digest=digest,
            class_before=known.digest,
            class_is_due=known.digest != digest,
            object_body=body,
            object_seen=seen is not None,
            gives_notice=seen is not None and card.is_active and self._may_notify(seen, body),
        )

    def send(self, task: GoogleTask) -> GoogleTask:
        """Tells Google, the class first. Answers the task as it was done. Raises `GoogleError`; asks no database."""
        if task.class_is_due:
            self._put(self.gateway, "loyaltyClass", task.class_body, seen=task.class_before is not None)
        body = task.object_body | ({"notifyPreference": "NOTIFY_ON_UPDATE"} if task.gives_notice else {})
        try:
            self._put(self.gateway, "loyaltyObject", body, seen=task.object_seen)
        except GoogleError as error:
            if error.reason != "not_found" or task.class_is_due:
                raise
            # Google has lost the class, or never had it: a restored backup, another issuer's key.
            self.gateway.put("loyaltyClass", task.class_body)
            self.gateway.put("loyaltyObject", body)
            return replace(task, class_is_due=True)
        return task

    def save_link(self, task: GoogleTask) -> str:
        """Where the customer saves a pass that Google knows already."""
        return self.gateway.save_link(task.class_id, task.object_id, int(self._clock.now().timestamp()))

    def verified(self, envelope: Any) -> Callback:
        """What a callback says, once it holds. Raises `CallbackDenied`, and `WalletAway` while Google's keys can't
        be had; may ask the network.
        """
        if self._keys is None:
            raise NotFound
        try:
            return verify(envelope, self.gateway.issuer_id, self._keys, self._clock.now())
        except CallbackRefused as error:
            raise CallbackDenied(reason=error.reason) from error
        except KeysAway as error:
            raise WalletAway(retry_after=60) from error

    def hear(self, told: Callback) -> bool:
        """Notes that a pass was saved or removed. False when that was heard before, or something newer was.

        Raises `NotFound` for a card that isn't ours.
        """
        now = self._clock.now()
        found = self._card_of(told)
        self._session.execute(delete(nonces).where(nonces.c.expires_at < now))
        if not self._is_new(told):
            return False
        row = self._session.execute(
            select(objects.c.id, objects.c.told_until).where(objects.c.card_id == found.id).with_for_update()
        ).first()
        if row is not None:
            if row.told_until is not None and row.told_until > told.expires_at:
                return False
            values = {"told_until": told.expires_at, "updated_at": now}
            self._session.execute(update(objects).where(objects.c.id == row.id).values(values))
        pass_id = self._wallets.offer(found.vendor_id, found.id, self.platform)
        self._wallets.mark(pass_id, PassState.SAVED if told.is_saved else PassState.REMOVED)
        return True

    @staticmethod
    def _put(gateway: GoogleWallet, kind: str, body: dict[str, Any], *, seen: bool) -> None:
        (gateway.patch if seen else gateway.put)(kind, body)

    def _note_class(self, task: GoogleTask, now: datetime) -> None:
        """Keeps what Google was told of the class. Where another worker told it something else meanwhile, nobody knows
        whose word came last: another pass of the program is put behind, and takes the class along.
        """
        before = classes.c.digest.is_(None) if task.class_before is None else classes.c.digest == task.class_before
        this = classes.c.program_id == task.program_id
        kept = update(classes).where(this, before).values(digest=task.class_digest, updated_at=now)
        if self._session.execute(kept.returning(classes.c.id)).first() is not None:
            return
        if self._session.execute(select(classes.c.digest).where(this)).scalar_one() == task.class_digest:
            return
        self._session.execute(update(classes).where(this).values(digest=None, updated_at=now))
        other = (
            select(func.min(passes.c.id))
            .join(cards, cards.c.id == passes.c.card_id)
            .where(_HERE, cards.c.program_id == task.program_id, passes.c.card_id != task.card_id)
            .where(passes.c.state != PassState.REMOVED.value)
        )
        self._session.execute(update(passes).where(passes.c.id == other.scalar_subquery()).values(seen_revision=0))

    def _name_class(self, program: ProgramView, now: datetime) -> None:
        """The program's name at Google is made by chance, and never changes."""
        values = {
            "vendor_id": program.vendor_id,
            "program_id": program.id,
            "suffix": f"program-{secrets.token_hex(12)}",
            "digest": None,
            "created_at": now,
            "updated_at": now,
        }
        self._insert_once(classes, values)

    def _note_object(self, task: GoogleTask, now: datetime) -> None:
        row = self._session.execute(
            select(objects.c.id, objects.c.notices).where(objects.c.card_id == task.card_id).with_for_update()
        ).first()
        seen = google_pass.balance(task.object_body)
        notices = _recent(row.notices if row else "[]", now)
        if task.gives_notice:
            notices.append(now)
        kept = json.dumps([at.isoformat() for at in notices])
        if row is not None:
            values = {"balance": seen, "notices": kept, "updated_at": now}
            self._session.execute(update(objects).where(objects.c.id == row.id).values(values))
            return
        values = {"balance": seen, "notices": kept, "told_until": None, "created_at": now, "updated_at": now}
        self._insert_once(objects, values | {"vendor_id": task.vendor_id, "card_id": task.card_id})

    def _insert_once(self, table: Any, values: dict[str, Any]) -> bool:
        """Inserts unless somebody else did; answers whether it was us."""
        bind = self._session.get_bind()
        fresh: Any = postgresql.insert(table) if bind.dialect.name == "postgresql" else sqlite.insert(table)
        done = self._session.execute(fresh.values(values).on_conflict_do_nothing().returning(table.c.id))
        return done.first() is not None

    def _may_notify(self, seen: Any, body: dict[str, Any]) -> bool:
        """Whether the customer's phone says so: what is on the card changed, and it said little of this pass today."""
        if google_pass.balance(body) == seen.balance:
            return False
        return len(_recent(seen.notices, self._clock.now())) < MOST_NOTICES

    def _addresses(self, vendor: VendorView, program: ProgramView, card: CardView) -> Addresses:
        return Addresses(
            logo=self._artwork.logo_url(program),
            hero=self._artwork.hero_url(program, card.stamps_shown, card.stamps_target),
            card=f"{self._base_url}/c/{card.link_token}",
            join=f"{self._base_url}/join/{vendor.slug}",
            callback=f"{self._base_url}/api/v1/loyalty/google/callback",
        )

    def _card_of(self, told: Callback) -> Any:
        prefix = f"{self.gateway.issuer_id}.{_OBJECT}"
        if not told.object_id.startswith(prefix):
            raise NotFound
        row = self._session.execute(
            select(cards.c.id, cards.c.vendor_id).where(cards.c.apple_serial == told.object_id.removeprefix(prefix))
        ).first()
        if row is None:
            raise NotFound
        return row

    def _is_new(self, told: Callback) -> bool:
        return self._insert_once(nonces, {"nonce": told.nonce, "expires_at": told.expires_at})


def _digest(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _recent(notices: str, now: datetime) -> list[datetime]:
    """The notices that still count."""
    found = (datetime.fromisoformat(text) for text in json.loads(notices))
    return [at for at in found if now - at < NOTICES_WITHIN]
