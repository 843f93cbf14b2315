"""One URL, one view, two renderings: the page, or for htmx the fragment that the page includes."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse


def is_fragment() -> bool:
    """Whether htmx asks for a part of the page it stands in."""
    return (
        request.headers.get("HX-Request") == "true" and request.headers.get("HX-Request-Type", "partial") == "partial"
    )


def fragment_of(template: str) -> str:
    """`counter/cards/show.html` includes `counter/cards/_show.html`."""
    folder, _, name = template.rpartition("/")
    return f"{folder}/_{name}" if folder else f"_{name}"


def page(template: str, status: int = 200, **context: Any) -> Response:
    """The page, or its fragment for htmx."""
    name = fragment_of(template) if is_fragment() else template
    response = make_response(render_template(name, **context), status)
    response.vary.update(["HX-Request", "HX-Request-Type", "Cookie"])
    return response


def see_other(address: str) -> BaseResponse:
    """After a plain POST: the page that shows what became of it."""
    return redirect(address, 303)
