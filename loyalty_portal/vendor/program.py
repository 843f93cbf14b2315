"""The shop's program: made, changed, switched off and on, ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from babel import numbers
from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from pydantic import TypeAdapter, ValidationError
from werkzeug.wrappers import Response as BaseResponse

from loyalty_portal.database import end_read, transaction
from loyalty_portal.drawing.theme import contrast, palette, theme_css
from loyalty_portal.errors import NotFound, PictureRefused, ProgramExists
from loyalty_portal.schemas.programs import ProgramCreate, ProgramView
from loyalty_portal.schemas.text import Colour
from loyalty_portal.vendor import program_changes, program_form
from loyalty_portal.vendor.program_form import ProgramForm
from loyalty_portal.vendor.shop import own_vendor, wanted_on
from loyalty_portal.web import render
from loyalty_portal.web.current import services
from loyalty_portal.web.guards import requires
from loyalty_portal.web.locale import choose
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("program", __name__, url_prefix="/program")
_COLOUR: TypeAdapter[str] = TypeAdapter(Colour)


@dataclass(frozen=True, slots=True)
class Preview:
    """The card as it would be. `contrast` is that of its text, `stamps_swapped`: the stamps' colour can't be used."""

    program: dict[str, Any]
    card: dict[str, Any]
    contrast: float
    stamps_swapped: bool
    weeks: int
    cents_a_stamp: int | None
    changes: list[str]


@blueprint.route("", methods=["GET", "POST"])
@requires(Permission.PROGRAM_EDIT)
def edit() -> Response | BaseResponse:
    """The editor with its preview; publishing makes the program or changes it."""
    program = services.program_service.live(own_vendor().id)
    if request.method == "GET":
        return _page(ProgramForm(formdata=None, data=program_form.shown_values(_values(program))), program, 200)
    form = ProgramForm()
    form.program = program
    if not form.validate_on_submit():
        return _page(form, program, 422)
    changed = _changes(program, form.command)
    if not _published(form, program):
        return _page(form, program, 422)
    flash(" ".join([_("Published. This is what customers see now."), *changed]), "success")
    return render.see_other(url_for("vendor.program.edit"))


@blueprint.get("/preview")
@requires(Permission.PROGRAM_EDIT)
def preview() -> Response:
    """The card with what is typed just now; what doesn't fit yet is shown as it was."""
    program = services.program_service.live(own_vendor().id)
    form = ProgramForm(formdata=request.args)
    form.program = program
    shown = request.args.get("shown", type=int)
    return render.page("vendor/program/preview.html", preview=_preview(form, program, shown))


@blueprint.get("/preview.css")
@requires(Permission.PROGRAM_EDIT)
def preview_css() -> Response:
    """Colours that aren't published yet. Raises `NotFound` for what isn't two colours."""
    try:
        base, stamp = (_COLOUR.validate_python(f"#{request.args.get(name, '')}") for name in ("base", "stamp"))
    except ValidationError as error:
        raise NotFound from error
    response = Response(theme_css(base, stamp), mimetype="text/css")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


@blueprint.post("/switch")
@requires(Permission.PROGRAM_EDIT)
def switch() -> BaseResponse:
    """Off: no stamps, no rewards, nobody joins; on again: as before."""
    on = wanted_on()
    program = services.program_service.need(own_vendor().id)
    with transaction():
        services.program_service.switch(program.id, on=on)
    flash(_("Your program is on.") if on else _("Your program is off. Cards keep their stamps."), "success")
    return render.see_other(url_for("vendor.program.edit"))


@blueprint.route("/archive", methods=["GET", "POST"])
@requires(Permission.PROGRAM_ARCHIVE)
def archive() -> Response | BaseResponse:
    """Asks first, then ends the program and its cards for good."""
    vendor = own_vendor()
    program = services.program_service.need(vendor.id)
    if request.method == "GET":
        _found, cards = services.card_service.page(vendor.id, limit=1)
        return render.page("vendor/program/archive.html", program=program, cards=cards)
    with transaction():
        services.program_service.archive(vendor.id)
    flash(_("The program has ended. You can begin another one here."), "success")
    return render.see_other(url_for("vendor.program.edit"))


def _values(program: ProgramView | None) -> dict[str, Any]:
    return program_form.stored(program) if program else program_form.proposal(own_vendor())


def _published(form: ProgramForm, program: ProgramView | None) -> bool:
    """Writes the program and its pictures together, or puts what was refused into the form."""
    vendor_id = own_vendor().id
    end_read()
    try:
        pictures = form.uploads()
        with transaction():
            if program is None:
                services.program_service.create(vendor_id, form.command)
            else:
                services.program_service.update(vendor_id, form.update())
            for kind in form.removals():
                services.program_service.set_picture(vendor_id, kind, None)
            for picture in pictures:
                picture_id = services.picture_service.store(vendor_id, picture)
                services.program_service.set_picture(vendor_id, picture.kind, picture_id)
    except (PictureRefused, ProgramExists) as error:
        form.add_error(error)
        return False
    return True


def _page(form: ProgramForm, program: ProgramView | None, status: int) -> Response:
    form.program = program
    kept = services.program_service.cards_on_other_terms(program) if program else 0
    return render.page(
        "vendor/program/edit.html",
        status,
        form=form,
        program=program,
        vendor=own_vendor(),
        currency_sign=numbers.get_currency_symbol(own_vendor().currency, locale=choose()),
        preview=_preview(form, program, None),
        kept=ngettext(
            "%(num)s card with stamps on it keeps its earlier terms until its next reward.",
            "%(num)s cards with stamps on them keep their earlier terms until their next reward.",
            kept,
        )
        if kept
        else None,
    )


def _preview(form: ProgramForm, program: ProgramView | None, shown: int | None) -> Preview:
    draft = program_form.draft(form, _values(program))
    colours = palette(draft.card_color, draft.card_secondary_color)
    target = draft.stamps_target or 10
    shown = max(0, min(target, round(target * 0.6) if shown is None else shown))
    return Preview(
        program=draft.model_dump()
        | {"points_rewards": draft.points_rewards, "logo_id": program.logo_id if program else None},
        card=_sample(draft, target, shown),
        contrast=contrast(colours["--card-solid"], colours["--card-fg"]),
        stamps_swapped=colours["--stamp"] != draft.card_secondary_color,
        weeks=-(-target // 2),
        cents_a_stamp=_a_stamp(draft, target),
        changes=_changes(program, draft),
    )


def _changes(program: ProgramView | None, draft: ProgramCreate) -> list[str]:
    if program is None:
        return []
    return program_changes.changes(program, draft, services.program_service.open_cards(program.id))


def _sample(draft: ProgramCreate, target: int, shown: int) -> dict[str, Any]:
    return {
        "stamps_shown": shown,
        "stamps_target": target,
        "rewards_ready": shown // target,
        "points_balance": _sample_points(draft),
        "reward_description": draft.stamps_reward_description,
        "code": "K7Q2M9XW",
    }


def _sample_points(draft: ProgramCreate) -> int:
    """About six tenths of the way to the first reward, as the sample's stamps are."""
    prices = [reward.points_required for reward in draft.points_rewards if reward.is_active]
    return min(prices, default=200) * 6 // 10


def _a_stamp(draft: ProgramCreate, target: int) -> int | None:
    """What one stamp costs the shop, in cents."""
    return round(draft.stamps_reward_cost_cents / target) if draft.stamps_reward_cost_cents else None
