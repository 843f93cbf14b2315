from __future__ import annotations

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from loyalty_portal.database import db
from loyalty_portal.models.keys import own
from loyalty_portal.models.types import Day, big


class DailyFigure(db.Model):
    """One figure of one program on one closed local day; rebuilt from the ledger at will."""

    __tablename__ = "daily_figures"
    __table_args__ = (own("program_id", "loyalty_programs"),)

    vendor_id: Mapped[int] = mapped_column(big, primary_key=True, autoincrement=False)
    program_id: Mapped[int] = mapped_column(big, primary_key=True, autoincrement=False)
    day: Mapped[Day] = mapped_column(primary_key=True)
    figure: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)
