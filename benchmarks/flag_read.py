"""How long reading a flag takes: through the OpenFeature SDK, from the flag client, and from a bare dict beside it.

    python -m benchmarks.flag_read

Each figure is the median of several runs, in microseconds a read, while the client goes on asking a server (of this
process) in the background. Exits 1 where a read through the SDK takes 100 µs or more.
"""

import json
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from openfeature import api
from openfeature.evaluation_context import EvaluationContext

from migration.access.flag_client import ClientSettings, FlagClient, FlagProvider
from migration.core.flags import Flags, backend_of, keys, to_values
from migration.core.ofrep import Standing, evaluate_all

RUNS = 9
READS = 5_000
MOST = 100.0  # µs through the SDK
_MODULES = ("dataLoader", "syncScripts", "services")


def main() -> int:
    figures = measured()
    for name, figure in figures.items():
        print(f"{name:28} {figure:8.2f} µs")
    return int(max(figures["SDK, a switch"], figures["SDK, backend of a module"]) >= MOST)


def measured() -> dict[str, float]:
    """Microseconds a read, by the way in which it is read."""
    with _served() as address, FlagClient(_settings(address)) as client:
        api.set_provider_and_wait(FlagProvider(client))
        sdk = api.get_client()
        module = EvaluationContext("crm@host1", {"module": "services"})
        bare = to_values(Flags())
        figures = {
            "bare dict": _microseconds(lambda: bare["backend"]),
            "client, all flags": _microseconds(client.current),
            "client, which backend": _microseconds(lambda: backend_of(client.current().flags, "services")),
            "client, permission to write": _microseconds(lambda: _write(client)),
            "SDK, a switch": _microseconds(lambda: sdk.get_boolean_value("USE_REPOSITORY_PATTERN", False)),
            "SDK, backend of a module": _microseconds(
                lambda: sdk.get_string_value("backend", "source", module)
            ),
        }
        api.shutdown()
    return figures


def _write(client: FlagClient) -> None:
    with client.writing("services", within=1):
        pass


def _microseconds(read: Callable[[], object]) -> float:
    return statistics.median(_run(read) for _ in range(RUNS))


def _run(read: Callable[[], object]) -> float:
    started = time.perf_counter()
    for _ in range(READS):
        read()
    return (time.perf_counter() - started) / READS * 1e6


def _settings(address: str) -> ClientSettings:
    return ClientSettings(address=address, token="benchmark", application="benchmark")


@contextmanager
def _served() -> Iterator[str]:
    """A server that gives the default flags, asked as often as the real one is."""
    standing = Standing(revision=1, poll_milliseconds=1000, lease_seconds=10)
    answer = json.dumps(evaluate_all(Flags(), keys(_MODULES), "", standing=standing)).encode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.send_header("ETag", '"r1"')
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the figures are all that is printed."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


if __name__ == "__main__":
    sys.exit(main())
