"""Webhooks: what an owner sets up, and what they are shown of it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from loyalty_portal.enums import DeliveryState, EventType
from loyalty_portal.schemas.base import Command, View
from loyalty_portal.schemas.text import line

_ADDRESS = re.compile(r"https?://[^\s/?#@:]+(:[0-9]{1,5})?([/?#]\S*)?", re.ASCII)
OFFERED = tuple(event for event in EventType if event is not EventType.WEBHOOK_TEST)
"""The events that a webhook can be set to."""


def _address(value: str) -> str:
    # http is for development; whether it is allowed is the gateway's to say.
    if not _ADDRESS.fullmatch(value):
        raise PydanticCustomError("https", "isn't a web address")
    return value


def _some(value: Any) -> Any:
    if not value:
        raise PydanticCustomError("no_events", "names no event")
    return value


def _offered(value: tuple[EventType, ...]) -> tuple[EventType, ...]:
    if EventType.WEBHOOK_TEST in value:
        raise PydanticCustomError("enum", "can't be chosen")
    return tuple(event for event in OFFERED if event in value)


class WebhookCommand(Command):
    """An address and the events it hears of."""

    url: Annotated[line(300), AfterValidator(_address)]
    events: Annotated[tuple[EventType, ...], BeforeValidator(_some), AfterValidator(_offered)]


class WebhookView(View):
    """A webhook as its owner sees it. The secret isn't here: it is shown once, when it is made."""

    id: int
    url: str
    events: tuple[EventType, ...]
    is_active: bool
    previous_until: datetime | None
    failure_count: int
    failing_since: datetime | None
    silenced_at: datetime | None
    created_at: datetime


class WebhookRow(WebhookView):
    """A webhook in the owner's list: how many deliveries wait, and when the last one arrived."""

    waiting: int
    last_delivered_at: datetime | None


class DeliveryView(View):
    """An event on its way: what is sent, and what the other side said last."""

    id: int
    event_id: str
    kind: EventType
    payload: str
    state: DeliveryState
    attempts: int
    next_at: datetime | None
    last_status: int | None
    last_error: str | None
    last_answer: str | None
    created_at: datetime
    delivered_at: datetime | None


class SilencedView(View):
    """A webhook that was switched off because nothing arrived, and whom to tell: (address, language)."""

    vendor_name: str
    url: str
    readers: tuple[tuple[str, str], ...]
