"""What others wrote lies in `static/vendor/`, pinned and whole, with its licence."""

from __future__ import annotations

import base64
import hashlib
import json
import re

from loyalty_portal.paths import STATIC, TEMPLATES

VENDORED = STATIC / "vendor"
LOCK = json.loads((VENDORED / "vendor.lock.json").read_text())
FREE = {"BSD-0-Clause", "ISC", "MIT", "OFL-1.1", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause"}


def test_each_file_is_the_one_that_was_taken() -> None:
    for package in LOCK:
        for name, pinned in package["files"].items():
            method, _, digest = pinned.partition("-")
            found = hashlib.new(method, (VENDORED / name).read_bytes()).digest()
            assert base64.b64encode(found).decode() == digest, name


def test_nothing_lies_there_that_is_not_in_the_lock() -> None:
    listed = {name for package in LOCK for name in package["files"]}
    there = {str(path.relative_to(VENDORED)) for path in VENDORED.rglob("*") if path.is_file()}
    assert there - {"vendor.lock.json"} == listed


def test_each_package_has_version_source_and_licence() -> None:
    for package in LOCK:
        assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
        assert package["licence"] in FREE
        assert package["tarball"].startswith("sha512-")
        (licence,) = [name for name in package["files"] if "LICENSE" in name]
        assert len((VENDORED / licence).read_text()) > 200


def test_htmx_is_version_4() -> None:
    (htmx,) = [package for package in LOCK if package["name"] == "htmx.org"]
    assert htmx["version"].startswith("4.")
    assert htmx["version"] in (VENDORED / "htmx" / "htmx.min.js").read_text()


def test_every_icon_that_is_drawn_is_on_the_sheet() -> None:
    from loyalty_portal.drawing.icons import STAMP_ICONS

    sheet = set(re.findall(r'id="i-([a-z0-9-]+)"', (VENDORED / "lucide" / "icons.svg").read_text()))
    named = {
        name for path in TEMPLATES.rglob("*.html") for name in re.findall(r'\bicon\("([a-z0-9-]+)"', path.read_text())
    }
    assert named
    assert named | set(STAMP_ICONS) <= sheet


def test_style_sheets_fetch_nothing_from_elsewhere() -> None:
    for path in STATIC.rglob("*.css"):
        for address in re.findall(r"url\(([^)]*)\)|@import\s+([^;]+)", path.read_text()):
            target = "".join(address).strip("\"' ")
            assert target.startswith(("../", "data:")), (path, target)
            if target.startswith("../"):
                assert (path.parent / target.partition("#")[0]).is_file(), target
