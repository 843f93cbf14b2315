"""The queue on each of its storages: mails go out once, whatever dies, and a dead queue never fails a request."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from flask import Flask
from huey.storage import RedisStorage

from loyalty_portal import jobs
from loyalty_portal.clock import FrozenClock, SystemClock
from loyalty_portal.database import db
from loyalty_portal.web.current import EXTENSION
from tests.public.customers import JOIN, card_of, join
from tests.shops import Databases, Postbox, Shop, built, open_shop

REDIS = os.environ.get("TEST_REDIS", "redis://127.0.0.1:6379/9")
KINDS = ("sqlite", "redis", "postgresql")
MAIL = "sophie@example.com"

# One Redis, and the queue has one name there.
pytestmark = pytest.mark.xdist_group("queue")


@dataclass
class Place:
    """A queue's storage: its URL, and how to do away with it while the portal runs."""

    url: str
    end: Callable[[], None]


@pytest.fixture
def engine() -> str:
    """What is in the database is the same on both; the queues differ."""
    return "sqlite"


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[Place]:
    if request.param == "sqlite":
        path = tmp_path / "queue.db"
        yield Place(f"sqlite:///{path}", lambda: _ruin(path))
    elif request.param == "postgresql":
        url = databases.copy("postgresql")
        yield Place(url, lambda: _close(url))
    else:
        yield from _redis()


def _redis() -> Iterator[Place]:
    server = redis.Redis.from_url(REDIS, socket_connect_timeout=2)
    try:
        server.ping()
    except redis.RedisError:
        if os.environ.get("REQUIRE_REDIS"):
            raise
        pytest.skip("no Redis can be reached")
    storage = RedisStorage(jobs.NAME, url=REDIS)
    storage.flush_all()
    yield Place(REDIS, storage.flush_all)
    storage.flush_all()


def _ruin(path: Path) -> None:
    for file in path.parent.glob(f"{path.name}*"):
        file.write_bytes(b"no database any more" * 400)


def _close(url: str) -> None:
    server, _, name = url.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


@pytest.fixture
def shop(make_app: Callable[..., Flask], place: Place) -> Shop:
    return open_shop(make_app(QUEUE_URL=place.url))


def queue_of(shop: Shop) -> Any:
    return shop.app.extensions[EXTENSION].queue


def work(shop: Shop) -> int:
    """Does what is in the queue, as a worker would; answers how many jobs that were."""
    queue, done = queue_of(shop), 0
    while (task := queue.dequeue()) is not None:
        queue.execute(task)
        done += 1
    return done


def sweep(shop: Shop) -> None:
    queue = queue_of(shop)
    (task,) = [task for task in queue._registry.periodic_tasks if task.name == "sweep_contact_links"]
    queue.execute(task)


def unsent(shop: Shop) -> int:
    return int(shop.rows("SELECT count(*) FROM contact_links WHERE sent_at IS NULL")[0][0])


def test_a_mail_waits_for_the_worker_and_goes_out_once(shop: Shop, postbox: Postbox, clock: FrozenClock) -> None:
    card_of(shop.app.test_client(), contact=MAIL)
    assert postbox.mails == []
    assert work(shop) == 1
    assert [mail["To"] for mail in postbox.mails] == [MAIL]
    assert unsent(shop) == 0
    clock.move(minutes=1)
    sweep(shop)
    assert work(shop) == 0


def test_a_job_that_is_queued_twice_mails_once(shop: Shop, postbox: Postbox, clock: FrozenClock) -> None:
    card_of(shop.app.test_client(), contact=MAIL)
    clock.move(minutes=1)
    sweep(shop)
    assert work(shop) == 2
    assert len(postbox.mails) == 1


def test_what_a_worker_took_with_it_is_found_again(shop: Shop, postbox: Postbox, clock: FrozenClock) -> None:
    card_of(shop.app.test_client(), contact=MAIL)
    assert queue_of(shop).dequeue() is not None
    assert work(shop) == 0
    sweep(shop)
    assert work(shop) == 0, "a mail of this very minute is the first job's"
    clock.move(minutes=1)
    sweep(shop)
    assert work(shop) == 1
    assert len(postbox.mails) == 1


def test_a_dead_queue_fails_no_request(shop: Shop, place: Place, postbox: Postbox, clock: FrozenClock) -> None:
    place.end()
    answer = join(shop.app.test_client(), contact=MAIL)
    assert answer.status_code == 303
    assert shop.app.test_client().get(JOIN).status_code == 200
    assert unsent(shop) == 1


def test_a_mended_queue_sends_what_a_dead_one_lost(
    shop: Shop, place: Place, postbox: Postbox, clock: FrozenClock, tmp_path: Path
) -> None:
    place.end()
    join(shop.app.test_client(), contact=MAIL)
    url = shop.app.config["SQLALCHEMY_DATABASE_URI"]
    mended = Shop(built(url, clock, postbox, INSTANCE_DIR=tmp_path), shop.vendor, shop.program_id)
    clock.move(minutes=1)
    sweep(mended)
    assert [mail["To"] for mail in postbox.mails] == [MAIL]
    with mended.app.app_context():
        db.engine.dispose()


class BrokenPost:
    """A mail server that is away."""

    def __init__(self) -> None:
        self.tries = 0

    def send(self, _message: Any) -> None:
        self.tries += 1
        raise OSError("nobody there")


def test_a_mail_server_that_is_away_is_asked_less_and_less(
    databases: Databases, clock: FrozenClock, tmp_path: Path
) -> None:
    post = BrokenPost()
    url = databases.copy("sqlite")
    shop = open_shop(built(url, clock, post, INSTANCE_DIR=tmp_path, QUEUE_URL=f"sqlite:///{tmp_path}/queue.db"))
    card_of(shop.app.test_client(), contact=MAIL)
    tries = []
    for minutes in (10, 110, 24 * 60):
        before = post.tries
        for _ in range(minutes):
            work(shop)
            clock.move(minutes=1)
            sweep(shop)
        tries.append(post.tries - before)
    assert tries[0] >= 10
    assert tries[1] <= 12
    assert 20 <= tries[2] <= 25
    work(shop)
    clock.move(days=7)
    sweep(shop)
    assert work(shop) == 0
    with shop.app.app_context():
        db.engine.dispose()


def test_a_queue_url_of_no_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="amqp is not one of"):
        jobs.make_queue("amqp://127.0.0.1", "secret")


def test_a_job_that_others_slipped_in_is_not_done(shop: Shop, place: Place, postbox: Postbox) -> None:
    card_of(shop.app.test_client(), contact=MAIL)
    stranger = jobs.make_queue(place.url, "another secret")
    with pytest.raises(ValueError, match="Signature"):
        stranger.dequeue()


# The worker as a process of its own


@pytest.fixture
def worker(
    shop: Shop, place: Place, clock: FrozenClock, tmp_path: Path
) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    # It lives by the machine's clock, so a link must be of today.
    clock.set(SystemClock().now())
    started: list[subprocess.Popen[bytes]] = []
    ours = {
        "PORTAL_DATABASE_URL": shop.app.config["SQLALCHEMY_DATABASE_URI"],
        "PORTAL_QUEUE_URL": place.url,
        # Its secrets lie there too.
        "PORTAL_INSTANCE_DIR": str(tmp_path),
    }

    def start(mail_url: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "flask", "jobs", "run"]
        env = os.environ | ours | {"PORTAL_MAIL_URL": mail_url}
        process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def mail_server() -> socket.socket:
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(60)
    return server


def test_the_worker_mails_onto_the_console_and_stops_when_told(shop: Shop, worker: Callable[..., Any]) -> None:
    card_of(shop.app.test_client(), contact=MAIL)
    process = worker("console:")
    said = b""
    while b"/confirm/" not in said:
        line = process.stdout.readline()
        assert line, said.decode()
        said += line
    assert f"mail to {MAIL}".encode() in said
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert b"Traceback" not in said + rest


def test_a_worker_killed_in_the_middle_of_a_mail_loses_nothing(
    shop: Shop, worker: Callable[..., Any], postbox: Postbox, clock: FrozenClock
) -> None:
    card_of(shop.app.test_client(), contact=MAIL)
    with mail_server() as server:
        process = worker(f"smtp://127.0.0.1:{server.getsockname()[1]}")
        # It has the job and waits for the server's greeting.
        server.accept()
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)
    assert unsent(shop) == 1
    # What its clock had queued at the turn of a minute may still be there.
    work(shop)
    clock.move(minutes=1)
    sweep(shop)
    work(shop)
    assert [mail["To"] for mail in postbox.mails] == [MAIL]
    assert unsent(shop) == 0
