from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from loyalty_portal.database import db
from loyalty_portal.models.keys import check
from loyalty_portal.models.types import At, Flag, Id, Name


class Vendor(db.Model):
    """A shop. Every row that belongs to it carries its id."""

    __tablename__ = "vendors"
    __table_args__ = (
        check("slug_length", "length(slug) BETWEEN 2 AND 60"),
        check("pin_length_known", "pin_length IN (4, 6)"),
        check("currency_length", "length(currency) = 3"),
    )

    id: Mapped[Id]
    name: Mapped[Name]
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    time_zone: Mapped[str] = mapped_column(String(64))
    locale: Mapped[str] = mapped_column(String(2))
    currency: Mapped[str] = mapped_column(String(3))
    pin_length: Mapped[int]
    is_active: Mapped[Flag]
    created_at: Mapped[At]
