"""All vendors' programs."""

from __future__ import annotations

from flask import Blueprint

from loyalty_portal.api import shapes
from loyalty_portal.database import transaction
from loyalty_portal.schemas.api.programs import Program, ProgramPage, ProgramQuery, ProgramVendor, ProgramWithCounts
from loyalty_portal.schemas.api.stats import Stats
from loyalty_portal.schemas.programs import ProgramSummary, ProgramView
from loyalty_portal.web.current import services
from loyalty_portal.web.guards import requires
from loyalty_portal.web.openapi import ADMIN, documented
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("programs", __name__, url_prefix="/programs")


@blueprint.get("")
@requires(Permission.PLATFORM_READ)
@documented(ADMIN, {200: ProgramPage}, query=ProgramQuery)
def index(asked: ProgramQuery) -> ProgramPage:
    """The programs with their vendors, cards and activity, the newest first, archived ones too."""
    rows, total = services.vendor_service.program_summaries(
        is_active=asked.is_active, skip=asked.skip, limit=asked.limit
    )
    views = services.program_service.by_ids([row.id for row in rows])
    items = [_with_counts(row, views[row.id]) for row in rows]
    return ProgramPage(items=items, total=total, skip=asked.skip, limit=asked.limit)


@blueprint.get("/<int:program_id>")
@requires(Permission.PLATFORM_READ)
@documented(ADMIN, {200: Program}, problems=["not_found"])
def show(program_id: int) -> Program:
    """One program."""
    return shapes.program(services.program_service.get(program_id))


@blueprint.get("/<int:program_id>/stats")
@requires(Permission.PLATFORM_READ)
@documented(ADMIN, {200: Stats}, problems=["not_found"])
def stats(program_id: int) -> Stats:
    """A program's figures, in its vendor's time zone."""
    program = services.program_service.get(program_id)
    zone = services.vendor_service.get(program.vendor_id).time_zone
    return Stats.model_validate(services.figures_service.program(program, zone).model_dump())


@blueprint.post("/<int:program_id>/activate")
@requires(Permission.PLATFORM_EDIT)
@documented(ADMIN, {200: Program}, problems=["not_found"])
def activate(program_id: int) -> Program:
    """Switches a program on."""
    return _switched(program_id, True)


@blueprint.post("/<int:program_id>/deactivate")
@requires(Permission.PLATFORM_EDIT)
@documented(ADMIN, {200: Program}, problems=["not_found"])
def deactivate(program_id: int) -> Program:
    """Switches a program off."""
    return _switched(program_id, False)


def _switched(program_id: int, on: bool) -> Program:
    with transaction():
        program = services.program_service.switch(program_id, on=on)
    return shapes.program(program)


def _with_counts(row: ProgramSummary, view: ProgramView) -> ProgramWithCounts:
    return ProgramWithCounts(
        **shapes.program(view).model_dump(),
        vendor=ProgramVendor(id=row.vendor_id, name=row.vendor_name, slug=row.vendor_slug),
        is_archived=row.is_archived,
        cards=row.cards,
        stamps_28d=row.stamps_28d,
        last_activity_at=row.last_activity_at,
    )
