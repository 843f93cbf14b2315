from __future__ import annotations

from loyalty_portal.schemas.base import Command


class Switch(Command):
    """Off or on."""

    on: bool
