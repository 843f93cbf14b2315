"""What the portal's mails say: plain text, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator

from flask import render_template
from flask_babel import force_locale
from flask_babel import gettext as _

from loyalty_portal.schemas.cards import ContactLinkView
from loyalty_portal.schemas.webhooks import SilencedView
from loyalty_portal.web.current import settings


def contact_link(view: ContactLinkView, token: str) -> tuple[str, str]:
    """The mail that proves an address: (subject, body)."""
    link = f"{settings.BASE_URL}/confirm/{token}"
    with force_locale(view.locale):
        subject = _("Your card at %(vendor)s", vendor=view.vendor_name)
        return subject, render_template("email/contact_link.txt", view=view, link=link)


def set_password(name: str, link: str, locale: str) -> tuple[str, str]:
    """The mail that invites an owner: (subject, body)."""
    with force_locale(locale):
        subject = _("Welcome to %(platform)s", platform=settings.PLATFORM_NAME)
        return subject, render_template("email/set_password.txt", name=name, link=link)


def webhook_silenced(view: SilencedView) -> Iterator[tuple[str, str, str]]:
    """The mails that say that a webhook was switched off: (address, subject, body)."""
    link = f"{settings.BASE_URL}/vendor/webhooks"
    for address, locale in view.readers:
        with force_locale(locale):
            subject = _("A webhook of %(vendor)s was switched off", vendor=view.vendor_name)
            yield address, subject, render_template("email/webhook_silenced.txt", view=view, link=link)
