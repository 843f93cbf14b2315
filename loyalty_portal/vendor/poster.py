"""The poster on the counter: the reward, and the code that gives the card."""

from __future__ import annotations

from flask import Blueprint, Response, get_template_attribute, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from loyalty_portal.drawing.qr import qr_png, qr_svg
from loyalty_portal.enums import language
from loyalty_portal.schemas.programs import ProgramView
from loyalty_portal.vendor.shop import own_vendor
from loyalty_portal.web import render
from loyalty_portal.web.current import services, settings
from loyalty_portal.web.guards import requires
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("poster", __name__, url_prefix="/poster")


@blueprint.get("")
@requires(Permission.VENDOR_READ)
def show() -> Response:
    """The poster to print, in the language asked for, else the shop's; its picture and its link."""
    vendor = own_vendor()
    program = services.program_service.live(vendor.id)
    code = language(request.args.get("language")) or vendor.locale
    return render.page(
        "vendor/poster/show.html",
        program=program,
        vendor=vendor,
        link=_link(),
        code=code,
        sheet=_sheet(program, code) if program else None,
    )


@blueprint.get("/qr.<any(svg, png):kind>")
@requires(Permission.VENDOR_READ)
def qr(kind: str) -> Response:
    """The enrolment link's code alone, for the shop's own print."""
    services.program_service.need(own_vendor().id)
    if kind == "svg":
        response = Response(qr_svg(_link(), _("QR code of the way to join"), error="Q"), mimetype="image/svg+xml")
    else:
        response = Response(qr_png(_link()), mimetype="image/png")
    response.headers["Content-Disposition"] = f'attachment; filename="{own_vendor().slug}-qr.{kind}"'
    return response


def _link() -> str:
    return settings.BASE_URL + url_for("public.join.show", slug=own_vendor().slug)


def _sheet(program: ProgramView, code: str) -> str:
    """The poster drawn in its own language, which needn't be the owner's."""
    draw = get_template_attribute("macros/poster.html", "poster")
    with force_locale(code):
        line = (
            _("A stamp for every visit, on your phone.")
            if program.has_stamps
            else _("Points for what you spend, on your phone.")
        )
        sheet: str = draw(program, own_vendor().name, _headline(program), _link(), line)
    return sheet


def _headline(program: ProgramView) -> str:
    if not program.has_stamps:
        first = min(program.offered_rewards, key=lambda reward: reward.points_required, default=None)
        if first is None:
            return _("Points for every purchase")
        return _("%(points)s points, then: %(reward)s", points=first.points_required, reward=first.name)
    return _(
        "%(target)s stamps, then: %(reward)s",
        target=program.stamps_target,
        reward=program.stamps_reward_description,
    )
