"""The command: measures on each database that is there, prints a table, and may write it into the documentation."""

from __future__ import annotations

import itertools
import os
import string
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import click
import psycopg
from flask import Flask

from loyalty_portal.app import create_app
from loyalty_portal.bench import bare, load, shop
from loyalty_portal.bench.database import Bench, postgresql_bench, sqlite_bench
from loyalty_portal.bench.report import Report, Row, ratios
from loyalty_portal.bench.served import Served, served, settings
from loyalty_portal.bench.statements import Caught, catching
from loyalty_portal.clock import stopwatch
from loyalty_portal.database import db
from loyalty_portal.settings import load_settings
from loyalty_portal.web.csrf import till_token
from loyalty_portal.web.current import services

CARDS = 400
CONNECTIONS = 8
PGBENCH_STAMPS = 400
OURS, USUAL = "/counter", "/counter/usual"
ENGINES: dict[str, Callable[[], AbstractContextManager[Bench]]] = {
    "sqlite": sqlite_bench,
    "postgresql": postgresql_bench,
}


@click.command()
@click.option("--engine", type=click.Choice(["both", *ENGINES]), default="both", show_default=True)
@click.option("--repetitions", default=5, show_default=True, type=click.IntRange(1, 50))
@click.option("--stamps", default=60, show_default=True, type=click.IntRange(5, 1000), help="On each of 8 connections.")
@click.option("--customers", default=100_000, show_default=True, type=click.IntRange(0, 1_000_000))
@click.option("--write", type=click.Path(exists=True, path_type=Path), help="A page with the bench's two marks.")
def bench(engine: str, repetitions: int, stamps: int, customers: int, write: Path | None) -> None:
    """Measures what a stamp costs, beside its bare statements and beside the usual way, in one run."""
    report = Report()
    for name in ENGINES if engine == "both" else [engine]:
        try:
            with ENGINES[name]() as place:
                _measure(place, report, repetitions, stamps, customers)
        except psycopg.OperationalError as error:
            if engine != "both":
                raise click.ClickException(f"no PostgreSQL answers: {error}") from error
            click.echo("PostgreSQL: no server answers, left out")
        except (load.Failed, RuntimeError) as error:
            raise click.ClickException(str(error)) from error
    click.echo(report.text())
    if write:
        report.write(write)


def _measure(place: Bench, report: Report, repetitions: int, stamps: int, customers: int) -> None:
    app = create_app(load_settings(**{name.removeprefix("PORTAL_"): value for name, value in settings(place).items()}))
    counter = shop.open_shop(app, CARDS)
    stamp = _caught(app, counter)
    loads = []
    with served(place) as server, click.progressbar(length=repetitions * 4, label=place.kind) as bar:
        for prefix in (OURS, USUAL):
            server.cost(counter.token, CONNECTIONS, 10, load.stamps(prefix, counter.codes, CONNECTIONS))
        costs: dict[str, list[float]] = {}

        def note(name: str, value: float) -> None:
            costs.setdefault(name, []).append(value)

        for _ in range(repetitions):
            loads.append(os.getloadavg()[0])
            shop.rest(app, counter)
            _compare(place, server, counter, stamp, stamps, note, bar.update)
            _with_pin(app, server, counter, stamps, note)
            shop.rest(app, counter)
            _look_up(server, counter, stamps, note)
            bar.update(1)
    _report(place, report, costs, stamp, loads)
    if customers:
        with click.progressbar(length=customers, label="customers") as bar:
            shop.add_customers(app, counter, customers, bar.update)
        _search(app, counter, place, report)
    with app.app_context():
        db.engine.dispose()


def _caught(app: Flask, counter: shop.Shop) -> list[Caught]:
    """The statements of one stamp, in their order."""
    client = app.test_client()
    client.set_cookie("till", counter.token, path="/counter")
    headers = {"HX-Request": "true", "X-CSRFToken": till_token(counter.token)}
    path = f"{OURS}/cards/{counter.codes[0]}/stamps"
    client.post(path, data={"key": str(uuid.uuid4())}, headers=headers)
    with catching(app) as found:
        answer = client.post(path, data={"key": str(uuid.uuid4())}, headers=headers)
    if answer.status_code != 201:
        raise RuntimeError(f"a stamp answered {answer.status_code}")
    return found


def _compare(
    place: Bench,
    server: Served,
    counter: shop.Shop,
    stamp: list[Caught],
    stamps: int,
    note: Callable[[str, float], None],
    step: Callable[[int], None],
) -> None:
    """The bare statements, ours and the usual way, one after another."""
    if place.backends:
        note("bare", bare.pgbench(place.url, stamp, counter.codes, CONNECTIONS, PGBENCH_STAMPS, place.backends))
    else:
        cpu, rate = bare.plain_sqlite(place.path, stamp, counter.codes, stamps * CONNECTIONS)
        note("bare", cpu)
        note("bare rate", rate)
    step(1)
    for name, prefix in (("ours", OURS), ("usual", USUAL)):
        cost = server.cost(counter.token, CONNECTIONS, stamps, load.stamps(prefix, counter.codes, CONNECTIONS))
        note(name, cost.cpu)
        note(f"{name} web", cost.web)
        note(f"{name} rate", cost.rate)
        note(f"{name} p99", cost.p99)
        note(f"{name} middle", cost.middle)
        step(1)


def _with_pin(app: Flask, server: Served, counter: shop.Shop, stamps: int, note: Callable[[str, float], None]) -> None:
    shop.lock_till(app, counter, unlocked=False)
    # One connection: more than five PINs at once on one till are refused.
    cost = server.cost(counter.token, 1, max(5, stamps // 4), load.stamps(OURS, counter.codes, 1, pin=shop.PIN))
    note("pin", cost.cpu)
    note("pin middle", cost.middle)
    shop.lock_till(app, counter, unlocked=True)


def _look_up(server: Served, counter: shop.Shop, count: int, note: Callable[[str, float], None]) -> None:
    codes = counter.codes
    cost = server.cost(
        counter.token,
        CONNECTIONS,
        count,
        lambda connection, turn: load.Ask("GET", f"{OURS}/cards/{codes[(connection * 37 + turn) % len(codes)]}"),
    )
    note("look-up", cost.cpu)
    note("look-up p99", cost.p99)


def _report(
    place: Bench, report: Report, costs: dict[str, list[float]], stamp: list[Caught], loads: list[float]
) -> None:
    def row(name: str, values: tuple[float, ...] | list[float], unit: str = "", goal: str = "") -> None:
        report.add(place.kind, Row(name, tuple(values), unit, goal))

    row("statements of a stamp", [len(stamp)], goal="7")
    row("CPU of a stamp over HTTP, till unlocked", costs["ours"], " ms")
    row("… of it in the web process", costs["ours web"], " ms")
    row("CPU of the bare statements", costs["bare"], " ms")
    row("CPU of the usual way", costs["usual"], " ms")
    row("bare statements / ours, CPU", ratios(costs["bare"], costs["ours"]), goal="≥ 0.17 on PostgreSQL")
    row("usual way / ours, CPU", ratios(costs["usual"], costs["ours"]), goal="≥ 2.5")
    row("ours / usual way, p99 at 8 connections", ratios(costs["ours p99"], costs["usual p99"]), goal="≤ 0.4")
    row("ours / usual way, stamps a second", ratios(costs["ours rate"], costs["usual rate"]))
    row("p99 of a stamp at 8 connections", costs["ours p99"], " ms")
    row("stamps a second at 8 connections", costs["ours rate"])
    row("CPU of a stamp with PIN (bcrypt, cost 10)", costs["pin"], " ms")
    row("CPU of a look-up by code", costs["look-up"], " ms")
    row("load average while measuring", loads)


def _search(app: Flask, counter: shop.Shop, place: Bench, report: Report) -> None:
    """Search as one types: every two letters, the first three letters of names, the ends of phone numbers."""
    pairs = ["".join(pair) for pair in itertools.product(string.ascii_lowercase, repeat=2)]
    typed = [*pairs, "mar", "sop", "mul", "ann sch", "mari mul", "123", "999", "0456", "maria muller", "zzz"]
    took = []
    with app.app_context():
        for text in (typed[0], *typed):
            began = stopwatch()
            services.card_service.find(counter.vendor_id, text)
            took.append((stopwatch() - began) * 1000)
            db.session.rollback()
    times = sorted(took[1:])
    report.add(place.kind, Row("a search as one types, in the middle", (times[len(times) // 2],), " ms"))
    report.add(place.kind, Row("a search as one types, the slowest of all", (times[-1],), " ms", "≤ 10 ms"))
