from __future__ import annotations

from dataclasses import dataclass

from loyalty_portal.enums import PictureKind
from loyalty_portal.schemas.base import View


@dataclass(frozen=True, slots=True)
class PreparedPicture:
    """A picture that was decoded, bounded and encoded anew, ready to be stored."""

    kind: PictureKind
    content_type: str
    data: bytes
    width: int
    height: int
    sha256: str


class PictureView(View):
    id: int
    content_type: str
    data: bytes
    sha256: str
