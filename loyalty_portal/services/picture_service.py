"""Uploaded pictures: decoded, bounded, encoded anew. Nothing of the uploaded bytes is ever served."""

from __future__ import annotations

import hashlib
import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import insert, select

from loyalty_portal.clock import Clock
from loyalty_portal.enums import PictureKind
from loyalty_portal.errors import NotFound, PictureRefused
from loyalty_portal.models import Picture
from loyalty_portal.schemas.pictures import PictureView, PreparedPicture
from loyalty_portal.services.ledger import AnySession

pictures = Picture.__table__
MOST_BYTES = 2 * 1024 * 1024
MOST_PIXELS = 16_000_000
_FORMATS = ("PNG", "JPEG", "WEBP")
_BOXES = {PictureKind.LOGO: (480, 480), PictureKind.HERO: (1600, 1600)}


class PictureService:
    """Keeps logos and hero pictures in the database."""

    def __init__(self, session: AnySession, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    @staticmethod
    def prepare(kind: PictureKind, uploaded: bytes) -> PreparedPicture:
        """Decodes and encodes anew, smaller when it is large. Called with no transaction open.

        Raises `PictureRefused` with the reason `size`, `pixels`, `format`, `animated` or `broken`.
        """
        if len(uploaded) > MOST_BYTES:
            raise PictureRefused(kind.value, reason="size")
        picture = _decoded(kind, uploaded)
        picture.thumbnail(_BOXES[kind])
        out = io.BytesIO()
        if picture.mode == "RGBA":
            content_type = "image/png"
            picture.save(out, "PNG", optimize=True)
        else:
            content_type = "image/jpeg"
            picture.save(out, "JPEG", quality=88, optimize=True)
        data = out.getvalue()
        width, height = picture.size
        return PreparedPicture(kind, content_type, data, width, height, hashlib.sha256(data).hexdigest())

    def store(self, vendor_id: int, picture: PreparedPicture) -> int:
        values = {
            "vendor_id": vendor_id,
            "kind": picture.kind.value,
            "content_type": picture.content_type,
            "data": picture.data,
            "width": picture.width,
            "height": picture.height,
            "sha256": picture.sha256,
            "created_at": self._clock.now(),
        }
        picture_id: int = self._session.execute(insert(pictures).values(values).returning(pictures.c.id)).scalar_one()
        return picture_id

    def get(self, picture_id: int) -> PictureView:
        """A picture for the public. Logos are no secret, so no vendor is asked for."""
        row = self._session.execute(
            select(pictures.c.id, pictures.c.content_type, pictures.c.data, pictures.c.sha256).where(
                pictures.c.id == picture_id
            )
        ).first()
        if row is None:
            raise NotFound
        return PictureView.model_validate(row)


def _decoded(kind: PictureKind, uploaded: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(uploaded), formats=_FORMATS)
            if opened.width * opened.height > MOST_PIXELS:
                raise PictureRefused(kind.value, reason="pixels")
            if getattr(opened, "n_frames", 1) != 1:
                raise PictureRefused(kind.value, reason="animated")
            opened.load()
    except UnidentifiedImageError as error:
        raise PictureRefused(kind.value, reason="format") from error
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise PictureRefused(kind.value, reason="pixels") from error
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        raise PictureRefused(kind.value, reason="broken") from error
    turned = ImageOps.exif_transpose(opened)
    has_alpha = "A" in turned.getbands() or "transparency" in turned.info
    # A new picture: no metadata, no profile, no comment comes along.
    clean = Image.new("RGBA" if has_alpha else "RGB", turned.size)
    clean.paste(turned.convert(clean.mode))
    return clean
