"""One file a table. Importing the package knows them all; every table is STRICT in SQLite."""

from loyalty_portal.database import db
from loyalty_portal.models.api_keys import ApiKey
from loyalty_portal.models.apple_device_registrations import AppleDeviceRegistration
from loyalty_portal.models.counter_devices import CounterDevice, PairingCode
from loyalty_portal.models.customers import ContactLink, Customer, SearchTerm
from loyalty_portal.models.daily_figures import DailyFigure
from loyalty_portal.models.google_passes import GoogleClass, GoogleNonce, GoogleObject
from loyalty_portal.models.idempotency_keys import IdempotencyKey
from loyalty_portal.models.loyalty_cards import LoyaltyCard
from loyalty_portal.models.loyalty_programs import LoyaltyProgram
from loyalty_portal.models.loyalty_transactions import EntryNote, LoyaltyTransaction
from loyalty_portal.models.pictures import Picture
from loyalty_portal.models.purchase_references import PurchaseReference
from loyalty_portal.models.security_events import SecurityEvent
from loyalty_portal.models.staff_pins import StaffPin
from loyalty_portal.models.users import Role, User, WebAuthn
from loyalty_portal.models.vendor_members import VendorMember
from loyalty_portal.models.vendors import Vendor
from loyalty_portal.models.wallet_counters import WalletCounter
from loyalty_portal.models.wallet_logs import WalletLog
from loyalty_portal.models.wallet_passes import WalletPass
from loyalty_portal.models.webhooks import Webhook, WebhookDelivery

for _table in db.metadata.tables.values():
    _table.dialect_options["sqlite"]["strict"] = True

__all__ = [
    "ApiKey",
    "AppleDeviceRegistration",
    "ContactLink",
    "CounterDevice",
    "Customer",
    "DailyFigure",
    "EntryNote",
    "GoogleClass",
    "GoogleNonce",
    "GoogleObject",
    "IdempotencyKey",
    "LoyaltyCard",
    "LoyaltyProgram",
    "LoyaltyTransaction",
    "PairingCode",
    "Picture",
    "PurchaseReference",
    "Role",
    "SearchTerm",
    "SecurityEvent",
    "StaffPin",
    "User",
    "Vendor",
    "VendorMember",
    "WalletCounter",
    "WalletLog",
    "WalletPass",
    "WebAuthn",
    "Webhook",
    "WebhookDelivery",
]
