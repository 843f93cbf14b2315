"""Many at once: threads of this process and of others, each with its own connections to one database."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from multiprocessing.pool import Pool
from typing import Any

from flask import Flask

from loyalty_portal.clock import FrozenClock
from loyalty_portal.database import db, transaction
from loyalty_portal.enums import Source
from loyalty_portal.errors import DomainError
from loyalty_portal.schemas.cards import Enrolment
from loyalty_portal.schemas.counter import Answer, Origin, Receipt, StampCommand
from loyalty_portal.services import Services
from loyalty_portal.services.pin_service import Guard
from loyalty_portal.web.current import EXTENSION
from loyalty_portal.web.pins import check_pin
from tests.shops import built

TORTURE = bool(os.environ.get("TORTURE"))
PROCESSES = 2

Said = tuple[str, Any]
"""What somebody got: ("receipt", entry) · ("refusal", code) · ("error", code) · ("done", anything)."""
Job = tuple[str, Origin, dict[str, Any]]


def rounds(usual: int, torture: int = 20) -> int:
    """How often a burst is repeated: a single one proves nothing. `TORTURE=1` repeats it `torture` times as often."""
    return usual * torture if TORTURE else usual


def _said(answer: Answer) -> Said:
    return ("receipt", answer.transaction.id) if isinstance(answer, Receipt) else ("refusal", answer.code)


def _earn(services: Services, origin: Origin, code: str, key: str | None = None, quantity: int = 1) -> Said:
    keyed = services.idempotency.keyed(key, "earn", {"code": code, "quantity": quantity}) if key else None
    with transaction():
        return _said(services.stamp_service.earn(origin, code, StampCommand(quantity=quantity), keyed))


def _redeem(services: Services, origin: Origin, code: str, key: str | None = None) -> Said:
    keyed = services.idempotency.keyed(key, "redeem", {"code": code}) if key else None
    with transaction():
        return _said(services.stamp_service.redeem(origin, code, keyed))


def _enrol(services: Services, origin: Origin, key: str, **fields: Any) -> Said:
    keyed = services.idempotency.keyed(key, "enrol", fields)
    with transaction():
        return "done", services.enrolment_service.enrol(origin, Enrolment(**fields), keyed=keyed)[0].id


def _merge(services: Services, origin: Origin, from_id: int, into_id: int) -> Said:
    with transaction():
        return "done", services.enrolment_service.merge(origin, from_id, into_id)


def _open_link(services: Services, origin: Origin, token: str) -> Said:
    with transaction():
        return "done", services.enrolment_service.open_link(token)


def _pin(services: Services, origin: Origin, pin: str) -> Said:
    return "done", check_pin(Guard(origin.vendor_id, Source.COUNTER, origin.source_id or 0), pin).id


_JOBS: dict[str, Callable[..., Said]] = {
    "earn": _earn,
    "redeem": _redeem,
    "enrol": _enrol,
    "merge": _merge,
    "open_link": _open_link,
    "pin": _pin,
}
_here: dict[str, Any] = {}


def _do(app: Flask, job: Job) -> Said:
    name, origin, arguments = job
    with app.app_context():
        try:
            return _JOBS[name](app.extensions[EXTENSION].services, origin, **arguments)
        except DomainError as error:
            return "error", error.code


def _all(app: Flask, jobs: Sequence[Job]) -> list[Said]:
    with ThreadPoolExecutor(max_workers=25) as threads:
        return list(threads.map(lambda job: _do(app, job), jobs))


def _all_there(url: str, folder: str, at: datetime, jobs: Sequence[Job]) -> list[Said]:
    """Does the jobs in this process, whose portal is built once for each database."""
    # A database may come again with another test, whose secrets are others.
    if _here.get("place") != (url, folder):
        if "app" in _here:
            with _here["app"].app_context():
                db.engine.dispose()
        _here["place"], _here["clock"] = (url, folder), FrozenClock(at)
        _here["app"] = built(url, _here["clock"], INSTANCE_DIR=folder)
    _here["clock"].set(at)
    try:
        return _all(_here["app"], jobs)
    finally:
        # The test's database may be emptied and given to another test, and its connections ended.
        with _here["app"].app_context():
            db.engine.dispose()


class Crowd:
    """Does jobs at once, some in this process and most in others."""

    def __init__(self, app: Flask, clock: FrozenClock, others: Pool) -> None:
        self._app = app
        self._clock = clock
        self._others = others

    def __call__(self, jobs: Sequence[Job]) -> list[Said]:
        """What each got, in no order."""
        parts = [jobs[number :: PROCESSES + 1] for number in range(PROCESSES + 1)]
        url = str(self._app.config["SQLALCHEMY_DATABASE_URI"])
        where = (url, str(self._app.extensions[EXTENSION].settings.INSTANCE_DIR), self._clock.now())
        others = [self._others.apply_async(_all_there, (*where, part)) for part in parts[1:]]
        said = _all(self._app, parts[0])
        for other in others:
            said += other.get(timeout=120)
        return said


def processes() -> Pool:
    """Other processes, each with a Python of its own; leaving the block ends them."""
    return multiprocessing.get_context("spawn").Pool(PROCESSES)
