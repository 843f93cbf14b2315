"""The outside world. Gateways know no models and no Flask."""

from __future__ import annotations

from dataclasses import dataclass, field

from loyalty_portal.gateways.google_callback import RootKeys
from loyalty_portal.gateways.google_wallet import GoogleWallet
from loyalty_portal.gateways.mail import MailGateway
from loyalty_portal.gateways.webhooks import WebhookGateway


@dataclass(frozen=True, slots=True)
class Gateways:
    """What `create_app` is given for the world outside. `google` and `google_keys` are None where Google is off."""

    mail: MailGateway
    webhooks: WebhookGateway = field(default_factory=WebhookGateway)
    google: GoogleWallet | None = None
    google_keys: RootKeys | None = None
