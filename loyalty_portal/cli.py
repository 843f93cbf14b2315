"""The portal's commands."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.app import Flask
from flask.cli import AppGroup, with_appcontext
from flask_security.utils import hash_password
from pydantic import ValidationError
from waitress import create_server

from loyalty_portal import demo as demo_shop
from loyalty_portal import translate as catalogues
from loyalty_portal.clock import FrozenClock, SystemClock
from loyalty_portal.database import db, end_read, transaction
from loyalty_portal.enums import LANGUAGES, MemberRole
from loyalty_portal.errors import DomainError
from loyalty_portal.schemas.keys import KeyCreate, Scope
from loyalty_portal.schemas.vendors import VendorCreate
from loyalty_portal.services import build_services, ledger_export
from loyalty_portal.services.ledger_audit import MOST_NAMED
from loyalty_portal.web import openapi, readiness
from loyalty_portal.web.accounts import set_password_link
from loyalty_portal.web.current import portal, services, settings

vendor_group = AppGroup("vendor", help="Shops.")
user_group = AppGroup("user", help="Owners, managers and admins.")
jobs_group = AppGroup("jobs", help="The worker.")
translate_group = AppGroup("translate", help="The four languages' catalogues.")
api_group = AppGroup("api", help="The JSON API's document.")
api_key_group = AppGroup("api-key", help="Keys of the JSON API.")
ledger_group = AppGroup("ledger", help="The proof that the ledger is as it was written.")


def register(app: Flask) -> None:
    """Hangs the commands on the application."""
    groups = (vendor_group, user_group, jobs_group, translate_group, ledger_group, api_group, api_key_group)
    for command in (*groups, demo, serve):
        app.cli.add_command(command)


def start_problems(app: Flask) -> list[str]:
    """Why the portal must not start: an outdated schema, missing guards, the demo's accounts in production."""
    with app.app_context():
        problems = readiness.schema()
        if problems or settings.ENV != "production":
            return problems
        for email in (demo_shop.OWNER_EMAIL, demo_shop.ADMIN_EMAIL):
            if services.vendor_service.user_by_email(email):
                return ["the demo's accounts are in this database: production needs one of its own"]
    return []


@contextmanager
def _readable() -> Iterator[None]:
    """Turns an error of ours into one line and exit status 1."""
    try:
        yield
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, item['loc'])) or 'input'}: {item['msg']}" for item in error.errors()]
        raise click.ClickException("; ".join(lines)) from error
    except DomainError as error:
        raise click.ClickException(f"{error.field or 'refused'}: {error.code}") from error


@vendor_group.command("create")
@click.option("--name", required=True)
@click.option("--slug", help="The word in the shop's addresses; made from the name when absent.")
@click.option("--time-zone", default="Europe/Luxembourg", show_default=True)
@click.option("--locale", default="en", show_default=True, help=f"One of {', '.join(LANGUAGES)}.")
@click.option("--currency", default="EUR", show_default=True)
@with_appcontext
def create_vendor(**options: Any) -> None:
    """Makes a shop."""
    with _readable(), transaction():
        vendor, _ = services.vendor_service.create(VendorCreate.model_validate(options))
    click.echo(f"{vendor.name} is made. Its customers join at {settings.BASE_URL}/join/{vendor.slug}")


@user_group.command("create")
@click.option("--email", required=True)
@click.option("--name")
@click.option("--vendor", "slug", help="The shop's slug.")
@click.option("--role", type=click.Choice([role.value for role in MemberRole]), default="owner", show_default=True)
@click.option("--admin", "is_admin", is_flag=True, help="An admin of the whole platform.")
@with_appcontext
def create_user(email: str, name: str | None, slug: str | None, role: str, is_admin: bool) -> None:
    """Makes a user and prints the link at which they choose their password."""
    if bool(slug) == is_admin:
        raise click.UsageError("either --vendor SLUG or --admin")
    with _readable():
        # The same check of the address as in every other place.
        checked = VendorCreate(name="-", owner_email=email, owner_name=name)
        with transaction():
            user = services.vendor_service.add_user(checked.owner_email or "", checked.owner_name, is_admin=is_admin)
            if slug:
                vendor = services.vendor_service.by_slug(slug)
                services.vendor_service.add_member(vendor.id, user.id, MemberRole(role))
    click.echo(f"{user.email} chooses a password at")
    click.echo(set_password_link(user.id))


@api_key_group.command("create")
@click.option("--vendor", "slug", help="The shop's slug.")
@click.option("--admin", "is_admin", is_flag=True, help="A key of the whole platform.")
@click.option("--name", required=True, help="What it is for.")
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice([scope.value for scope in Scope]), help="May do this only."
)
@click.option("--expires", "expires_days", type=int, metavar="DAYS", help="Ends after so many days.")
@with_appcontext
def create_api_key(slug: str | None, is_admin: bool, **options: Any) -> None:
    """Makes a key and prints it this once, alone on the last line."""
    with _readable():
        vendor_id = _key_owner(slug, is_admin)
        command = KeyCreate.model_validate(options)
        with transaction():
            made = services.api_key_service.create(vendor_id, command)
    click.echo(f"Key {made.id}, {made.name}: it is shown this once.", err=True)
    click.echo(made.plain)


@api_key_group.command("list")
@click.option("--vendor", "slug", help="The shop's slug.")
@click.option("--admin", "is_admin", is_flag=True, help="Keys of the whole platform.")
@with_appcontext
def list_api_keys(slug: str | None, is_admin: bool) -> None:
    """Lists keys with their last use."""
    with _readable():
        vendor_id = _key_owner(slug, is_admin)
    now = services.clock.now()
    for key in services.api_key_service.keys(vendor_id):
        state = "revoked" if key.revoked_at else "expired" if key.is_expired(now) else "works"
        used = f"used {key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "not used"
        click.echo(f"{key.id}  {key.prefix}…  {state}  {used}  {' '.join(key.scopes) or 'everything'}  {key.name}")


@api_key_group.command("revoke")
@click.argument("key_id", type=int)
@click.option("--vendor", "slug", help="The shop's slug.")
@click.option("--admin", "is_admin", is_flag=True, help="A key of the whole platform.")
@with_appcontext
def revoke_api_key(key_id: int, slug: str | None, is_admin: bool) -> None:
    """Ends a key at once."""
    with _readable():
        vendor_id = _key_owner(slug, is_admin)
        with transaction():
            key = services.api_key_service.revoke(vendor_id, key_id)
    click.echo(f"{key.name} is ended.")


def _key_owner(slug: str | None, is_admin: bool) -> int | None:
    """The vendor whose keys are meant; None for the platform's."""
    if bool(slug) == is_admin:
        raise click.UsageError("either --vendor SLUG or --admin")
    found = services.vendor_service.by_slug(slug).id if slug else None
    end_read()
    return found


@api_group.command("document")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path), default=Path("docs/openapi.json"))
@with_appcontext
def write_document(path: Path) -> None:
    """Writes the OpenAPI document, from the routes and schemas, to docs/openapi.json."""
    path.write_text(openapi.as_text())
    click.echo(f"{path} is written")


@jobs_group.command("run")
@click.option("--workers", default=2, show_default=True)
@with_appcontext
def run_jobs(workers: int) -> None:
    """Runs the worker until it is told to stop."""
    with portal.sweeping():
        portal.queue.create_consumer(workers=workers, worker_type="thread", graceful_signal="TERM").run()


@ledger_group.command("verify")
@click.option("--vendor", "slug", help="One shop's, by its slug; all shops' when absent.")
@with_appcontext
def verify_ledger(slug: str | None) -> None:
    """Recomputes every chain and balance; exit status 1 when something is wrong, with the rows."""
    with _readable():
        vendor_id = services.vendor_service.by_slug(slug).id if slug else None
    total = services.ledger_audit.count(vendor_id)
    end_read()
    # The bar is for people: what a script reads are the lines after it.
    with click.progressbar(length=total, label="Verifying", file=sys.stderr) as bar:
        report = services.ledger_audit.verify(vendor_id, bar.update)
    end_read()
    click.echo(f"{report.cards} cards, {report.transactions} entries: {'all is well' if report.ok else 'BROKEN'}")
    for row in report.broken:
        entry = f"entry {row.transaction_id} (seq {row.seq})" if row.transaction_id is not None else "the card itself"
        click.echo(f"card {row.code or row.card_id}: {entry}: {row.problem}")
    if len(report.broken) == MOST_NAMED:
        click.echo("… only the first hundred are named")
    if not report.ok:
        raise SystemExit(1)


@ledger_group.command("export")
@click.option("--vendor", "slug", required=True, help="The shop's slug.")
@click.option("--format", "kind", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
@click.option("--output", type=click.File("w", encoding="utf-8", lazy=False, atomic=True), default="-")
@with_appcontext
def export_ledger(slug: str, kind: str, output: Any) -> None:
    """Writes a shop's entries for docs/verify_ledger.py and for other programs."""
    with _readable():
        vendor_id = services.vendor_service.by_slug(slug).id
    end_read()
    writer = None
    for row in services.ledger_audit.rows(vendor_id):
        if kind == "jsonl":
            output.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
            continue
        shown = ledger_export.csv_row(row)
        if writer is None:
            writer = csv.DictWriter(output, list(shown), lineterminator="\r\n")
            writer.writeheader()
        writer.writerow(shown)
    end_read()


@ledger_group.command("expire")
@with_appcontext
def expire_ledger() -> None:
    """Expires now what the worker expires at night."""
    programs = services.expiry_service.programs()
    end_read()
    written = 0
    with click.progressbar(programs, label="Programs whose cards expire") as bar:
        for program in bar:
            after: int | None = 0
            while after is not None:
                with transaction():
                    batch = services.expiry_service.expire(program, after)
                written, after = written + batch.entries, batch.last_card_id
    click.echo(f"{written} entries written")


@translate_group.command("extract")
def extract_messages() -> None:
    """Prints how much the code and the templates say."""
    click.echo(f"{sum(1 for message in catalogues.extracted() if message.id)} messages")


@translate_group.command("update")
def update_catalogues() -> None:
    """Brings each language's catalogue to what is said now."""
    for code, missing in catalogues.update().items():
        click.echo(f"{code}: {missing} to translate" if missing else f"{code}: complete")


@translate_group.command("compile")
def compile_catalogues() -> None:
    """Writes what the portal reads."""
    catalogues.compile_all()


@click.command()
@click.option("--if-empty", is_flag=True, help="Do nothing when there is a shop already.")
@with_appcontext
def demo(if_empty: bool) -> None:
    """Fills an empty database with a shop to play with."""
    if settings.ENV == "production":
        raise click.ClickException("the demo's passwords are public: it doesn't run in production")
    count = services.vendor_service.count()
    end_read()
    if count:
        if if_empty:
            return
        raise click.ClickException("there are shops in this database already: the demo wants an empty one")
    now = SystemClock().now()
    clock = FrozenClock(now)
    played = build_services(db.session, clock, portal.secrets)
    passwords = {
        demo_shop.OWNER_EMAIL: hash_password(demo_shop.OWNER_PASSWORD),
        demo_shop.ADMIN_EMAIL: hash_password(demo_shop.ADMIN_PASSWORD),
    }
    with click.progressbar(length=demo_shop.visits_planned(now), label="Seven weeks at Kaffi Haus") as bar:
        demo_shop.build_demo(played, clock, now, passwords, lambda done: bar.update(done - bar.pos))


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--threads", default=8, show_default=True)
@click.option("--jobs/--no-jobs", default=True, show_default=True, help="Run a worker beside the web server.")
@with_appcontext
def serve(host: str, port: int, threads: int, jobs: bool) -> None:
    """Serves the portal, with a worker beside it, on one machine. Ctrl-C and TERM end both."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    if problems := start_problems(app):
        raise click.ClickException("; ".join(problems))
    try:
        server = create_server(app, host=host, port=port, threads=threads, ident=None)
    except OSError as error:
        raise click.ClickException(f"port {port} can't be used: {error.strerror}. Try another, PORT=8001") from error
    # Both leave by the way below, which takes the worker along; TERM alone would leave it behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    worker = subprocess.Popen([sys.executable, "-m", "flask", "jobs", "run"]) if jobs else None
    click.echo("\n".join(_what_to_open()))
    end_read()
    db.session.remove()
    try:
        server.run()
    finally:
        if worker is not None:
            worker.terminate()
            worker.wait(timeout=20)


def _what_to_open() -> list[str]:
    base = settings.BASE_URL
    (luc, _, pin), (_, _, manager_pin) = demo_shop.STAFF[0], demo_shop.STAFF[-1]
    lines = ["", f"{settings.PLATFORM_NAME} is open at {base}", f"  Sign in                  {base}/sign-in"]
    if settings.ENV == "production" or not services.vendor_service.user_by_email(demo_shop.OWNER_EMAIL):
        return [*lines, ""]
    return [
        *lines,
        f"    as the owner           {demo_shop.OWNER_EMAIL}   password: {demo_shop.OWNER_PASSWORD}",
        f"    as the admin           {demo_shop.ADMIN_EMAIL}   password: {demo_shop.ADMIN_PASSWORD}",
        f"  Make this browser a till {base}/counter/pair/{demo_shop.PAIRING_CODE}",
        f"    and give stamps        PIN {pin} ({luc}), manager PIN {manager_pin}",
        f"  Join as a customer       {base}/join/{demo_shop.SLUG}",
        "",
    ]
