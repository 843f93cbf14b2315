"""The portal's commands."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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
from loyalty_portal.schemas.vendors import VendorCreate
from loyalty_portal.services import build_services
from loyalty_portal.web import readiness
from loyalty_portal.web.accounts import set_password_link
from loyalty_portal.web.current import portal, services, settings

vendor_group = AppGroup("vendor", help="Shops.")
user_group = AppGroup("user", help="Owners, managers and admins.")
jobs_group = AppGroup("jobs", help="The worker.")
translate_group = AppGroup("translate", help="The four languages' catalogues.")


def register(app: Flask) -> None:
    """Hangs the commands on the application."""
    for command in (vendor_group, user_group, jobs_group, translate_group, demo, serve):
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


@jobs_group.command("run")
@click.option("--workers", default=2, show_default=True)
@with_appcontext
def run_jobs(workers: int) -> None:
    """Runs the worker until it is told to stop."""
    portal.queue.create_consumer(workers=workers, worker_type="thread", graceful_signal="TERM").run()


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
