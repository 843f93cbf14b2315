"""CPU time of processes, as Linux counts it: the web server, PostgreSQL's backends, pgbench."""

from __future__ import annotations

import os
import resource
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of CPU that a process took, and those of its children that have ended."""

    own: float
    children: float
    parent: int


def times(pid: int) -> Times:
    """What `/proc` says. Raises `OSError` for a process that isn't there."""
    text = Path(f"/proc/{pid}/stat").read_text()
    # The name stands in parentheses and may hold spaces.
    values = text.rpartition(")")[2].split()
    own, children = int(values[11]) + int(values[12]), int(values[13]) + int(values[14])
    return Times(own / _TICK, children / _TICK, int(values[1]))


def children_seconds() -> float:
    """CPU seconds of this process's children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Backends:
    """PostgreSQL's processes on this machine: those of one database, and those that have ended."""

    def __init__(self, connection: Any, database: str) -> None:
        """`connection`: psycopg's, in autocommit mode, to the same server."""
        self._connection = connection
        self._database = database
        self._postmaster = times(connection.info.backend_pid).parent

    def living(self) -> dict[int, float]:
        """CPU seconds of the database's backends by process number."""
        rows = self._connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()", [self._database]
        ).fetchall()
        found = {}
        for (pid,) in rows:
            try:
                found[pid] = times(pid).own
            except OSError:
                continue
        return found

    def ended(self) -> float:
        """CPU seconds of all backends that have ended so far."""
        return times(self._postmaster).children
