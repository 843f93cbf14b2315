from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from loyalty_portal.database import db
from loyalty_portal.models.types import Cents, Code


class WalletCounter(db.Model):
    """The last change tag of a platform's passes. Its lock makes tags visible in the order of their numbers."""

    __tablename__ = "wallet_counters"

    platform: Mapped[Code] = mapped_column(primary_key=True)
    last_tag: Mapped[Cents]
