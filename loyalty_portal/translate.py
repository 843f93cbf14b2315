"""The catalogues: what the code says is gathered, each language is brought to the present, and compiled.

`messages.pot` is not kept: it follows from the code. A catalogue's lines carry no line numbers, so that moving code
changes no translation file.
"""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from loyalty_portal.enums import LANGUAGES
from loyalty_portal.paths import PACKAGE, TEMPLATES, TRANSLATIONS

SOURCE = "en"
"""The language that the code speaks. Its catalogue holds plurals' forms and nothing else."""
_METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
_OPTIONS = {"**.html": {"trimmed": "true"}, "**.txt": {"trimmed": "true"}}
_KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "_l": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
}


def extracted() -> Catalog:
    """All that the code and the templates say."""
    found = Catalog(project="Stempel", charset="utf-8")
    for folder in (PACKAGE, TEMPLATES):
        rows = extract_from_dir(
            str(folder), _METHODS, _OPTIONS, keywords=_KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
        )
        for name, _line, message, comments, context in rows:
            place = f"{folder.name}/{name}"
            # Babel writes no line number where it is 0.
            found.add(message, None, [(place, 0)], auto_comments=comments, context=context)
    return found


def catalogue(code: str) -> Path:
    return TRANSLATIONS / code / "LC_MESSAGES" / "messages.po"


def read(code: str) -> Catalog:
    """A language's catalogue; an empty one when there is none yet."""
    path = catalogue(code)
    if path.exists():
        return read_po(io.BytesIO(path.read_bytes()), locale=code)
    return Catalog(locale=code, header_comment=f"# {LANGUAGES[code]}", fuzzy=False)


def update() -> dict[str, int]:
    """Brings each language's catalogue to what is said now; answers how many messages each still lacks."""
    template = extracted()
    missing = {}
    for code in LANGUAGES:
        kept = read(code)
        kept.update(template, no_fuzzy_matching=True, update_creation_date=False)
        kept.obsolete.clear()
        kept.project, kept.version, kept.copyright_holder = "Stempel", "1", "the Stempel authors"
        kept.msgid_bugs_address = kept.last_translator = kept.language_team = ""
        path = catalogue(code)
        path.parent.mkdir(parents=True, exist_ok=True)
        out = io.BytesIO()
        write_po(out, kept, width=120, include_lineno=False, sort_output=True)
        path.write_bytes(out.getvalue())
        missing[code] = (
            0 if code == SOURCE else sum(1 for message in kept if message.id and not is_said(message.string))
        )
    return missing


def is_said(said: object) -> bool:
    """Whether a message has its words, in every plural form."""
    return all(said) if isinstance(said, list | tuple) else bool(said)


def compile_all() -> None:
    """Writes what the portal reads, beside each catalogue."""
    for code in LANGUAGES:
        if catalogue(code).exists():
            out = io.BytesIO()
            write_mo(out, read(code))
            catalogue(code).with_suffix(".mo").write_bytes(out.getvalue())
