"""What the present request works with. Doors reach the services through here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from flask import current_app, g
from werkzeug.local import LocalProxy

from loyalty_portal.services import Secrets, Services
from loyalty_portal.settings import Settings

if TYPE_CHECKING:
    from loyalty_portal.web.actors import Actor

EXTENSION = "loyalty_portal"


@dataclass(slots=True)
class Portal:
    """What `create_app` wired. `enqueue(name, *args)` puts a job into the queue and never fails; within
    `sweeping()` passes are swept beside the worker.
    """

    settings: Settings
    services: Services
    secrets: Secrets
    queue: Any
    enqueue: Any
    sweeping: Any


def _portal() -> Portal:
    return cast(Portal, current_app.extensions[EXTENSION])


portal: Portal = cast(Portal, LocalProxy(_portal))
services: Services = cast(Services, LocalProxy(lambda: _portal().services))
settings: Settings = cast(Settings, LocalProxy(lambda: _portal().settings))


def asking() -> Actor:
    """Who asks; nobody in particular when the request failed before that was known."""
    from loyalty_portal.web.actors import ANONYMOUS

    return g.get("actor") or ANONYMOUS


actor: Actor = cast("Actor", LocalProxy(asking))


def enqueue(name: str, *args: Any, **kwargs: Any) -> None:
    """Puts a job into the queue; a dead queue is logged, not raised."""
    _portal().enqueue(name, *args, **kwargs)
