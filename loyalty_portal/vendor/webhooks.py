"""Webhooks: addresses that hear of what happens, their secrets, and what became of each delivery."""

from __future__ import annotations

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse
from wtforms import SelectMultipleField, StringField

from loyalty_portal.database import after_commit, end_read, transaction
from loyalty_portal.enums import EventType
from loyalty_portal.errors import Invalid
from loyalty_portal.schemas.webhooks import OFFERED, WebhookCommand, WebhookView
from loyalty_portal.services.webhook_service import MOST
from loyalty_portal.vendor.shop import own_vendor, wanted_on
from loyalty_portal.web import render
from loyalty_portal.web.current import enqueue, services
from loyalty_portal.web.forms import SchemaForm
from loyalty_portal.web.guards import requires
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")
PAGE = 25

EVENTS = {
    EventType.CARD_ENROLLED: _l("Someone joined"),
    EventType.STAMP_EARNED: _l("Stamps were given"),
    EventType.POINTS_EARNED: _l("Points were given"),
    EventType.REWARD_REDEEMED: _l("A reward was enjoyed"),
    EventType.ENTRY_VOIDED: _l("Something was taken back"),
    EventType.WEBHOOK_TEST: _l("Test event"),
}
FAILURES = {
    "url": _l("The address can't be used."),
    "unresolved": _l("No server was found under this name."),
    "private": _l("The address leads into a private network."),
    "unreachable": _l("The server couldn't be reached."),
    "tls": _l("The certificate isn't valid for this address."),
    "timeout": _l("No answer in time."),
    "broken": _l("The line was cut."),
    "secret_lost": _l("The secret can't be read any more. Make a new one."),
}
"""Why there was no answer, for people."""


class WebhookForm(SchemaForm):
    schema = WebhookCommand
    url = StringField(_l("Address"))
    events = SelectMultipleField(_l("Events"))


@blueprint.get("")
@requires(Permission.WEBHOOKS_EDIT)
def index() -> Response:
    """All webhooks with how they stand."""
    hooks = services.webhook_service.webhooks(own_vendor().id)
    is_full = len(hooks) >= MOST
    return render.page("vendor/webhooks/index.html", webhooks=hooks, offered=OFFERED, words=EVENTS, is_full=is_full)


@blueprint.get("/new")
@requires(Permission.WEBHOOKS_EDIT)
def new() -> Response:
    return _new_page(WebhookForm(formdata=None, data={"events": [event.value for event in OFFERED]}), 200)


@blueprint.post("")
@requires(Permission.WEBHOOKS_EDIT)
def create() -> Response:
    """A new webhook, with its secret, which is shown on the answer and never again."""
    form = WebhookForm()
    if not form.validate_on_submit():
        return _new_page(form, 422)
    try:
        services.webhook_service.check(form.command)
        with transaction():
            webhook, secret = services.webhook_service.create(own_vendor().id, form.command)
    except Invalid as error:
        form.add_error(error)
        return _new_page(form, error.status)
    return render.page("vendor/webhooks/made.html", webhook=webhook, secret=secret)


@blueprint.get("/<int:webhook_id>")
@requires(Permission.WEBHOOKS_EDIT)
def show(webhook_id: int) -> Response:
    """One webhook: its settings, its secret's state, and its deliveries with their answers."""
    webhook = services.webhook_service.get(own_vendor().id, webhook_id)
    return _show_page(webhook, WebhookForm(formdata=None, data=_values(webhook)), 200)


@blueprint.post("/<int:webhook_id>")
@requires(Permission.WEBHOOKS_EDIT)
def update(webhook_id: int) -> Response | BaseResponse:
    """Changes address and events."""
    webhook = services.webhook_service.get(own_vendor().id, webhook_id)
    end_read()
    form = WebhookForm()
    if not form.validate_on_submit():
        return _show_page(webhook, form, 422)
    try:
        if form.command.url != webhook.url:
            services.webhook_service.check(form.command)
    except Invalid as error:
        form.add_error(error)
        return _show_page(webhook, form, error.status)
    with transaction():
        services.webhook_service.update(own_vendor().id, webhook_id, form.command)
    flash(_("Saved."), "success")
    return _back(webhook_id)


@blueprint.post("/<int:webhook_id>/secret")
@requires(Permission.WEBHOOKS_EDIT)
def rotate(webhook_id: int) -> Response:
    """A new secret, shown once; the one before it signs too for a day."""
    vendor = own_vendor()
    with transaction():
        secret = services.webhook_service.rotate(vendor.id, webhook_id)
    webhook = services.webhook_service.get(vendor.id, webhook_id)
    return render.page("vendor/webhooks/made.html", webhook=webhook, secret=secret)


@blueprint.post("/<int:webhook_id>/secret/end")
@requires(Permission.WEBHOOKS_EDIT)
def end_secret(webhook_id: int) -> BaseResponse:
    """The secret before the present one signs no more."""
    with transaction():
        services.webhook_service.end_previous(own_vendor().id, webhook_id)
    flash(_("Only the new secret signs from now on."), "success")
    return _back(webhook_id)


@blueprint.post("/<int:webhook_id>/switch")
@requires(Permission.WEBHOOKS_EDIT)
def switch(webhook_id: int) -> BaseResponse:
    on = wanted_on()
    with transaction():
        services.webhook_service.switch(own_vendor().id, webhook_id, on=on)
    flash(_("The webhook is on. It hears of what happens from now on.") if on else _("The webhook is off."), "success")
    return _back(webhook_id)


@blueprint.post("/<int:webhook_id>/test")
@requires(Permission.WEBHOOKS_EDIT)
def try_out(webhook_id: int) -> BaseResponse:
    """Sends an event that nothing happened for."""
    vendor_id = own_vendor().id
    with transaction():
        services.webhook_service.try_out(vendor_id, webhook_id)
        after_commit(lambda: enqueue("deliver_webhooks", vendor_id))
    flash(_("A test event is on its way."), "success")
    return _back(webhook_id)


@blueprint.post("/<int:webhook_id>/deliveries/<int:delivery_id>")
@requires(Permission.WEBHOOKS_EDIT)
def send_again(webhook_id: int, delivery_id: int) -> BaseResponse:
    """The same event, with the same id, once more."""
    vendor_id = own_vendor().id
    with transaction():
        services.webhook_service.send_again(vendor_id, webhook_id, delivery_id)
        after_commit(lambda: enqueue("deliver_webhooks", vendor_id))
    flash(_("It is on its way again."), "success")
    return _back(webhook_id)


@blueprint.post("/<int:webhook_id>/archive")
@requires(Permission.WEBHOOKS_EDIT)
def archive(webhook_id: int) -> BaseResponse:
    """Ends a webhook for good."""
    with transaction():
        services.webhook_service.archive(own_vendor().id, webhook_id)
    flash(_("The webhook is deleted. Nothing is sent to it any more."), "success")
    return render.see_other(url_for("vendor.webhooks.index"))


def _values(webhook: WebhookView) -> dict[str, str | list[str]]:
    return {"url": webhook.url, "events": [event.value for event in webhook.events]}


def _back(webhook_id: int) -> BaseResponse:
    return render.see_other(url_for("vendor.webhooks.show", webhook_id=webhook_id))


def _new_page(form: WebhookForm, status: int) -> Response:
    return render.page("vendor/webhooks/new.html", status, form=form, offered=OFFERED, words=EVENTS)


def _show_page(webhook: WebhookView, form: WebhookForm, status: int) -> Response:
    skip = max(0, min(request.args.get("skip", 0, type=int), 1_000_000))
    deliveries = services.webhook_service.deliveries(own_vendor().id, webhook.id, skip=skip, limit=PAGE + 1)
    now = services.clock.now()
    return render.page(
        "vendor/webhooks/show.html",
        status,
        webhook=webhook,
        form=form,
        deliveries=deliveries[:PAGE],
        has_more=len(deliveries) > PAGE,
        skip=skip,
        limit=PAGE,
        offered=OFFERED,
        words=EVENTS,
        failures=FAILURES,
        is_rotating=webhook.previous_until is not None and webhook.previous_until > now,
    )
