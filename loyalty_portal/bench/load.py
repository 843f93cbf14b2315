"""The load: some connections that ask one after another, each for cards of its own. Bounded in count and time."""

from __future__ import annotations

import http.client
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from loyalty_portal.clock import stopwatch
from loyalty_portal.web.csrf import till_token

TIMEOUT = 30


class Failed(Exception):
    """An answer that wasn't 2xx."""


@dataclass(slots=True)
class Latencies:
    """Seconds each answer took, and how long all of it took."""

    each: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def percentile(self, share: float) -> float:
        """Milliseconds within which this share of the answers came."""
        ordered = sorted(self.each)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: method, path, and form fields if it writes."""

    method: str
    path: str
    form: dict[str, str] | None = None


def run(base: str, token: str, connections: int, count: int, asks: Callable[[int, int], Ask]) -> Latencies:
    """`count` requests on each of the connections; `asks(connection, number)` makes them. Raises `Failed`."""
    host = urlsplit(base).netloc
    headers = {"HX-Request": "true", "X-CSRFToken": till_token(token), "Cookie": f"till={token}"}
    result, problems, lock = Latencies(), [], threading.Lock()

    def work(number: int) -> None:
        connection = http.client.HTTPConnection(host, timeout=TIMEOUT)
        mine = []
        try:
            for turn in range(count):
                ask = asks(number, turn)
                body = urlencode(ask.form) if ask.form is not None else None
                kind = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
                began = stopwatch()
                connection.request(ask.method, ask.path, body, headers | kind)
                answer = connection.getresponse()
                text = answer.read()
                mine.append(stopwatch() - began)
                if not 200 <= answer.status < 300:
                    raise Failed(f"{ask.method} {ask.path}: {answer.status} {text[:300]!r}")
        except Exception as error:
            problems.append(error)
        finally:
            connection.close()
        with lock:
            result.each.extend(mine)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(connections)]
    began = stopwatch()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result.seconds = stopwatch() - began
    if problems:
        raise problems[0]
    return result


def stamps(prefix: str, codes: list[str], connections: int, pin: str | None = None) -> Callable[[int, int], Ask]:
    """Asks for stamps, each connection for its own share of the cards, each with a fresh key."""

    def ask(connection: int, turn: int) -> Ask:
        mine = codes[connection::connections]
        form = {"key": str(uuid.uuid4())} | ({"pin": pin} if pin else {})
        return Ask("POST", f"{prefix}/cards/{mine[turn % len(mine)]}/stamps", form)

    return ask
