"""The bare statements of a stamp, with nothing around them: pgbench on PostgreSQL, a loop over sqlite3 on SQLite."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import tempfile
import uuid
from pathlib import Path
from typing import Any

from loyalty_portal.bench.processes import Backends, children_seconds, times
from loyalty_portal.bench.statements import Caught, pgbench_script, sqlite_steps, sqlite_values
from loyalty_portal.clock import stopwatch

SCRIPTS = 16
"""Each is for one card. Few, so that preparing them, once for each client, doesn't count for much."""


def pgbench(url: str, stamp: list[Caught], codes: list[str], connections: int, count: int, ended: Backends) -> float:
    """CPU milliseconds a stamp, pgbench's own and its backends'. Raises `RuntimeError` with what it says."""
    with tempfile.TemporaryDirectory() as folder:
        options = []
        # Each client may meet any card: a lock that is waited for costs no CPU.
        for number, code in enumerate(codes[:SCRIPTS]):
            path = Path(folder) / f"{number}.sql"
            path.write_text(pgbench_script(stamp, code))
            options += ["-f", str(path)]
        command = ["pgbench", "-n", "-M", "prepared", "-c", str(connections), "-j", "1", "-t", str(count), *options]
        before, served = children_seconds(), ended.ended()
        done = subprocess.run([*command, url], capture_output=True, text=True, timeout=120, check=False)  # noqa: S603
    if done.returncode or "number of failed transactions: 0 " not in done.stdout:
        raise RuntimeError(f"pgbench: {(done.stderr or done.stdout)[-800:]}")
    spent = children_seconds() - before + ended.ended() - served
    return spent * 1000 / (connections * count)


def plain_sqlite(path: str, stamp: list[Caught], codes: list[str], count: int) -> tuple[float, float]:
    """(CPU milliseconds a stamp, stamps a second) of one connection without anything around it."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.row_factory = sqlite3.Row
    for pragma in ("busy_timeout=10000", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
        connection.execute(f"PRAGMA {pragma}")
    steps = sqlite_steps(stamp)
    # The first two are read before the transaction, as the portal does.
    locked = 2
    began, cpu = stopwatch(), _cpu()
    for number in range(count):
        code, key = codes[number % len(codes)], f"bench-{uuid.uuid4()}"
        row: dict[str, Any] = {}
        for place, (text, values) in enumerate(steps):
            if place == locked:
                connection.execute("BEGIN IMMEDIATE")
            found = connection.execute(text, sqlite_values(values, row, code, key)).fetchone()
            if place == locked:
                row = dict(found)
        connection.execute("COMMIT")
    spent, seconds = _cpu() - cpu, stopwatch() - began
    connection.close()
    return spent * 1000 / count, count / seconds


def _cpu() -> float:
    return times(os.getpid()).own
