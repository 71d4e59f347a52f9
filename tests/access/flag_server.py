"""A server of flags for the client's tests: answers as the real one does, or as a test says. No database behind it.

What it answers is made by the same functions as the real server's; `test_flag_client_live.py` has the real one.
"""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from migration.access.flag_client import ClientSettings
from migration.core.flags import Backend, CutOver, Flags, keys
from migration.core.ofrep import Standing, evaluate_all

MODULES = ("dataLoader", "syncScripts", "services")
PATIENCE = 60.0  # seconds until a test gives up
TARGET = Flags(use_repository_pattern=True, backend=Backend.TARGET)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came. `connection`: which of the connections it came over, from 1."""

    context: Mapping[str, Any]
    etag: str
    token: str
    connection: int
    at: float


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class FlagServer:
    """Starts at revision 1 with the defaults, asks to be polled every 20 ms and grants leases of ten seconds."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.flags = Flags()
        self.standing = Standing(revision=1, poll_milliseconds=20, lease_seconds=10)
        self.reply: Callable[[Asked], Reply] | None = None  # instead of the flags
        self.asked: list[Asked] = []
        self.connections = 0
        self._lock = threading.Lock()
        self._server = _Threads(("127.0.0.1", 0), _handler_of(self))
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
            self.address = f"https://localhost:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Nobody listens at the address any more."""
        self._server.shutdown()
        self._server.server_close()

    def settings(self, **others: Any) -> ClientSettings:
        return _settings(self.address, others)

    def change(self, flags: Flags | None = None, **standing: Any) -> int:
        """A new revision; the answer is its number."""
        with self._lock:
            self.flags = self.flags if flags is None else flags
            number = self.standing.revision + 1
            self.standing = replace(self.standing, **{"revision": number, **standing})
        return number

    def hold(self) -> int:
        return self.change(hold_writes=True)

    def release(self, flags: Flags, cut_over: CutOver = CutOver.AFTER) -> int:
        return self.change(flags, hold_writes=False, cut_over=cut_over)

    def answer_to(self, asked: Asked) -> Reply:
        with self._lock:
            self.asked.append(asked)
            reply, flags, standing = self.reply, self.flags, self.standing
        if reply is not None:
            return reply(asked)
        etag = f'"r{standing.revision}"'
        if asked.etag == etag:
            return Reply(304, headers={"ETag": etag})
        body = evaluate_all(flags, keys(MODULES), str(asked.context.get("module", "")), standing=standing)
        return Reply(200, json.dumps(body).encode(), {"ETag": etag, "Content-Type": "application/json"})


class _Threads(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: clients that go away in the middle of an answer are what some tests are about."""


def _handler_of(server: FlagServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            server.connections += 1
            self.connection_number = server.connections
            super().setup()

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            reply = server.answer_to(
                Asked(
                    context=body["context"],
                    etag=self.headers.get("If-None-Match", ""),
                    token=self.headers.get("Authorization", ""),
                    connection=self.connection_number,
                    at=time.monotonic(),
                )
            )
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.status != 304:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the tests look at what was asked."""

    return Handler


def nowhere(**others: Any) -> ClientSettings:
    """An address at which nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    return _settings(f"http://127.0.0.1:{port}", others)


def _settings(address: str, others: dict[str, Any]) -> ClientSettings:
    given: dict[str, Any] = {"address": address, "token": "secret", "application": "crm"}
    return ClientSettings(**{**given, "interval": 0.02, "timeout": 5.0, **others})


def until(condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Wait for a condition; fails the test, saying what was waited for, when it does not come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"After {seconds} s still not: {what}"
        time.sleep(0.002)
