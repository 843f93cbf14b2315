"""The count of PIN tries, carried by whatever can type a PIN: a till or an API key."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from loyalty_portal.models.types import At


class PinGuard:
    """`pin_tries` are charged tries (wrong ones and those still being checked), `pin_wrong` the wrong ones."""

    pin_tries: Mapped[int] = mapped_column(server_default="0")
    pin_wrong: Mapped[int] = mapped_column(server_default="0")
    pin_lock_level: Mapped[int] = mapped_column(server_default="0")
    pin_locked_until: Mapped[At | None]
    pin_charged_at: Mapped[At | None]
    pin_wrong_at: Mapped[At | None]
