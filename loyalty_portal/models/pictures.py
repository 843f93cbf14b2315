from __future__ import annotations

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from loyalty_portal.database import db
from loyalty_portal.enums import PictureKind
from loyalty_portal.models.keys import check, one_of, ownable, reference
from loyalty_portal.models.types import At, Code, Digest, Id


class Picture(db.Model):
    """An uploaded picture, decoded and encoded anew. In the database, so that backups and several machines have it."""

    __tablename__ = "pictures"
    __table_args__ = (
        ownable(),
        one_of("kind", PictureKind),
        check("size", "width BETWEEN 1 AND 4096 AND height BETWEEN 1 AND 4096"),
    )

    id: Mapped[Id]
    vendor_id: Mapped[int] = reference("vendors.id", index=True)
    kind: Mapped[Code]
    content_type: Mapped[str] = mapped_column(String(40))
    data: Mapped[bytes] = mapped_column(LargeBinary)
    width: Mapped[int]
    height: Mapped[int]
    sha256: Mapped[Digest]
    created_at: Mapped[At]
