"""Pictures that a wallet fetches: a card's stamps and a program's logo, at addresses that anyone may read.

An address says what is drawn (colours, icon, count: nothing of a person) and is signed, so that nobody makes the
portal draw what no card shows. What lies at an address never changes; another count has another address.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import OrderedDict
from threading import Lock

from loyalty_portal.drawing import photo
from loyalty_portal.drawing.raster import png
from loyalty_portal.drawing.strip import Design, logo_svg, rings_svg, stamps_svg
from loyalty_portal.errors import NotFound
from loyalty_portal.schemas.programs import ProgramView
from loyalty_portal.services.picture_service import PictureService

HERO = (1032, 336)
LOGO = 660
KEPT = 200
"""Pictures kept in memory, of some 40 KB each."""
_NAME = re.compile(r"(stamps|rings|seal|hero|logo)((?:-[A-Za-z0-9]+)+)")


class ArtworkService:
    """Names pictures and draws them. `secret_keys`: the present one first."""

    def __init__(self, picture_service: PictureService, secret_keys: list[str], base_url: str) -> None:
        self._pictures = picture_service
        self._keys = [hashlib.sha256(f"stempel artwork {secret}".encode()).digest() for secret in secret_keys]
        self._base_url = base_url
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def hero_url(self, program: ProgramView, shown: int, target: int | None) -> str:
        """The wide picture of a card: its stamps, or the shop's own picture where a card has none."""
        if program.has_stamps and target:
            return self._url(f"stamps-{_design(program)}-{min(shown, target)}-{target}")
        if program.hero_id is not None:
            return self._url(f"hero-{program.hero_id}")
        return self._url(f"rings-{_design(program)}")

    def logo_url(self, program: ProgramView) -> str:
        """The shop's logo, or the seal of its stamp."""
        if program.logo_id is not None:
            return self._url(f"logo-{program.card_color[1:].upper()}-{program.logo_id}")
        return self._url(f"seal-{_design(program)}")

    def picture(self, name: str, signature: str) -> bytes:
        """The PNG at an address. Raises `NotFound` for one that we didn't make."""
        made = [self._sign(key, name) for key in self._keys]
        if not signature.isascii() or not any(hmac.compare_digest(signature, one) for one in made):
            raise NotFound
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name]
        drawn = self._draw(name)
        with self._lock:
            self._kept[name] = drawn
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return drawn

    def _draw(self, name: str) -> bytes:
        if (parsed := _NAME.fullmatch(name)) is None:
            raise NotFound
        kind, parts = parsed[1], parsed[2][1:].split("-")
        if kind == "hero":
            return photo.cover(self._pictures.get(int(parts[0])).data, *HERO)
        if kind == "logo":
            return photo.framed(self._pictures.get(int(parts[1])).data, LOGO, f"#{parts[0]}")
        numbers = 2 if kind == "stamps" else 0
        colours, icon = parts[:2], "-".join(parts[2 : len(parts) - numbers])
        design = Design(f"#{colours[0]}", f"#{colours[1]}", icon)
        if kind == "stamps":
            return png(stamps_svg(design, *HERO, int(parts[-2]), int(parts[-1])), *HERO)
        if kind == "rings":
            return png(rings_svg(design, *HERO), *HERO)
        return png(logo_svg(design, LOGO), LOGO, LOGO)

    def _url(self, name: str) -> str:
        return f"{self._base_url}/artwork/{name}.{self._sign(self._keys[0], name)}.png"

    @staticmethod
    def _sign(key: bytes, name: str) -> str:
        return hmac.new(key, name.encode(), hashlib.sha256).hexdigest()[:24]


def _design(program: ProgramView) -> str:
    return f"{program.card_color[1:].upper()}-{program.card_secondary_color[1:].upper()}-{program.stamp_icon}"
