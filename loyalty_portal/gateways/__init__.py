"""The outside world. Gateways know no models and no Flask."""

from __future__ import annotations

from dataclasses import dataclass

from loyalty_portal.gateways.mail import MailGateway


@dataclass(frozen=True, slots=True)
class Gateways:
    """What `create_app` is given for the world outside."""

    mail: MailGateway
