"""The outside world. Gateways know no models and no Flask."""

from __future__ import annotations

from dataclasses import dataclass, field

from loyalty_portal.gateways.mail import MailGateway
from loyalty_portal.gateways.webhooks import WebhookGateway


@dataclass(frozen=True, slots=True)
class Gateways:
    """What `create_app` is given for the world outside."""

    mail: MailGateway
    webhooks: WebhookGateway = field(default_factory=WebhookGateway)
