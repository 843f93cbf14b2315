"""The decisions. Services are built once with what they need, take the vendor first, flush and never commit."""

from __future__ import annotations

from dataclasses import dataclass

from loyalty_portal.clock import Clock
from loyalty_portal.gateways.google_callback import RootKeys
from loyalty_portal.gateways.google_wallet import GoogleWallet
from loyalty_portal.gateways.webhooks import WebhookGateway
from loyalty_portal.services.answers import Answers
from loyalty_portal.services.api_key_service import ApiKeyService
from loyalty_portal.services.artwork_service import ArtworkService
from loyalty_portal.services.card_service import CardService
from loyalty_portal.services.device_service import DeviceService
from loyalty_portal.services.enrolment_service import EnrolmentService
from loyalty_portal.services.entry_service import EntryService
from loyalty_portal.services.expiry_service import ExpiryService
from loyalty_portal.services.figures_service import FiguresService
from loyalty_portal.services.google_wallet_service import GoogleWalletService
from loyalty_portal.services.idempotency import Idempotency
from loyalty_portal.services.ledger import AnySession, Enqueue, Ledger, no_queue
from loyalty_portal.services.ledger_audit import LedgerAudit
from loyalty_portal.services.picture_service import PictureService
from loyalty_portal.services.pin_service import PinService
from loyalty_portal.services.points_service import PointsService
from loyalty_portal.services.program_service import ProgramService
from loyalty_portal.services.reward_service import RewardService
from loyalty_portal.services.stamp_service import StampService
from loyalty_portal.services.statistics_service import StatisticsService
from loyalty_portal.services.vault import Vault
from loyalty_portal.services.vendor_service import VendorService
from loyalty_portal.services.wallet_service import WalletService
from loyalty_portal.services.webhook_outbox import WebhookOutbox
from loyalty_portal.services.webhook_service import WebhookService


@dataclass(frozen=True, slots=True)
class Secrets:
    """What services need of the settings. `peppers`: the present one first."""

    secret_key: str
    peppers: list[str]
    bcrypt_cost: int
    older_secret_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Services:
    clock: Clock
    api_key_service: ApiKeyService
    artwork_service: ArtworkService
    card_service: CardService
    device_service: DeviceService
    enrolment_service: EnrolmentService
    entry_service: EntryService
    expiry_service: ExpiryService
    figures_service: FiguresService
    google_wallet_service: GoogleWalletService
    idempotency: Idempotency
    ledger_audit: LedgerAudit
    picture_service: PictureService
    pin_service: PinService
    points_service: PointsService
    program_service: ProgramService
    reward_service: RewardService
    stamp_service: StampService
    statistics_service: StatisticsService
    vendor_service: VendorService
    wallet_service: WalletService
    webhook_outbox: WebhookOutbox
    webhook_service: WebhookService


def build_services(
    session: AnySession,
    clock: Clock,
    secrets: Secrets,
    *,
    base_url: str = "",
    webhooks: WebhookGateway | None = None,
    google: GoogleWallet | None = None,
    google_keys: RootKeys | None = None,
    enqueue: Enqueue = no_queue,
) -> Services:
    """Builds every service once. `session` is the scoped session of the application; `base_url` is the portal's own
    address, for what is read elsewhere.
    """
    ledger = Ledger(session, enqueue)
    vault = Vault([secrets.secret_key, *secrets.older_secret_keys], "stempel webhook secrets")
    idempotency = Idempotency(session, secrets.secret_key)
    answers = Answers(idempotency)
    picture_service = PictureService(session, clock)
    program_service = ProgramService(session, clock)
    artwork_service = ArtworkService(picture_service, [secrets.secret_key, *secrets.older_secret_keys], base_url)
    card_service = CardService(session, clock, ledger)
    vendor_service = VendorService(session, clock)
    wallet_service = WalletService(session, clock)
    google_wallet_service = GoogleWalletService(
        session,
        clock,
        google,
        google_keys,
        wallet_service=wallet_service,
        card_service=card_service,
        program_service=program_service,
        vendor_service=vendor_service,
        artwork_service=artwork_service,
        base_url=base_url,
    )
    wallet_service.register(google_wallet_service)
    pin_service = PinService(session, clock, secrets.peppers, secrets.bcrypt_cost)
    return Services(
        clock=clock,
        api_key_service=ApiKeyService(session, clock),
        artwork_service=artwork_service,
        card_service=card_service,
        device_service=DeviceService(session, clock, pin_service),
        enrolment_service=EnrolmentService(session, clock, ledger, idempotency, secrets.secret_key),
        entry_service=EntryService(session, clock, ledger, answers),
        expiry_service=ExpiryService(session, clock, ledger),
        figures_service=FiguresService(session, clock),
        google_wallet_service=google_wallet_service,
        idempotency=idempotency,
        ledger_audit=LedgerAudit(session, clock),
        picture_service=picture_service,
        pin_service=pin_service,
        points_service=PointsService(session, clock, ledger, answers),
        program_service=program_service,
        reward_service=RewardService(session, program_service),
        stamp_service=StampService(clock, ledger, answers),
        statistics_service=StatisticsService(session, clock),
        vendor_service=vendor_service,
        wallet_service=wallet_service,
        webhook_outbox=WebhookOutbox(session, clock, vault),
        webhook_service=WebhookService(session, clock, vault, webhooks or WebhookGateway()),
    )
