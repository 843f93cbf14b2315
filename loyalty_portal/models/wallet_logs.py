from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from loyalty_portal.database import db
from loyalty_portal.models.types import At, Id


class WalletLog(db.Model):
    """What a phone said about a pass that it couldn't fetch. The latest few hundred are kept."""

    __tablename__ = "wallet_logs"

    id: Mapped[Id]
    text: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[At]
