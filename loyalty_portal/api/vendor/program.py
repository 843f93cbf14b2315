"""The vendor's program."""

from __future__ import annotations

from flask import Blueprint

from loyalty_portal.api import caller, shapes
from loyalty_portal.database import transaction
from loyalty_portal.errors import NotFound
from loyalty_portal.schemas.api.programs import Program, ProgramBody, ProgramChange
from loyalty_portal.schemas.programs import ProgramView
from loyalty_portal.web.current import services
from loyalty_portal.web.guards import requires
from loyalty_portal.web.openapi import VENDOR, documented
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("program", __name__, url_prefix="/program")


@blueprint.get("")
@requires(Permission.VENDOR_READ)
@documented(VENDOR, {200: Program}, problems=["not_found"])
def show() -> Program:
    """The program, also while it is switched off."""
    return shapes.program(live())


@blueprint.post("")
@requires(Permission.PROGRAM_EDIT)
@documented(VENDOR, {201: Program}, body=ProgramBody, problems=["program_exists"])
def create(body: ProgramBody) -> tuple[Program, int]:
    """Makes the vendor's program, switched on.

    A vendor has one live program at a time.
    """
    with transaction():
        made = services.program_service.create(caller.vendor().id, body)
    return shapes.program(made), 201


@blueprint.patch("")
@requires(Permission.PROGRAM_EDIT)
@documented(VENDOR, {200: Program}, body=ProgramChange, problems=["not_found"])
def update(body: ProgramChange) -> Program:
    """Changes the program: only the keys that are sent."""
    with transaction():
        changed = services.program_service.update(caller.vendor().id, body)
    return shapes.program(changed)


@blueprint.post("/activate")
@requires(Permission.PROGRAM_EDIT)
@documented(VENDOR, {200: Program}, problems=["not_found"])
def activate() -> Program:
    """Switches the program on."""
    return _switched(True)


@blueprint.post("/deactivate")
@requires(Permission.PROGRAM_EDIT)
@documented(VENDOR, {200: Program}, problems=["not_found"])
def deactivate() -> Program:
    """Switches the program off: its cards can be read and take no entries meanwhile."""
    return _switched(False)


@blueprint.delete("")
@requires(Permission.PROGRAM_ARCHIVE)
@documented(VENDOR, {204: None}, problems=["not_found"])
def archive() -> tuple[str, int]:
    """Ends the program for good. Its cards close, the ledger stays."""
    with transaction():
        services.program_service.archive(caller.vendor().id)
    return "", 204


def live() -> ProgramView:
    """The vendor's program, as it came with the key. Raises `NotFound`."""
    found = caller.key().program
    if found is None:
        raise NotFound
    return found


def _switched(on: bool) -> Program:
    with transaction():
        program = services.program_service.switch(live().id, on=on)
    return shapes.program(program)
