"""The network between a run and a server, which a test may hold up, cut, or let go silent."""

import contextlib
import socket
import struct
import threading
from types import TracebackType
from typing import Self

from psycopg.conninfo import conninfo_to_dict, make_conninfo

_PIECE = 65_536
_RESET = struct.pack(
    "ii", 1, 0
)  # SO_LINGER: closing sends a reset, as a machine does that knows nothing more


class Gate:
    """Counts the pieces that pass through all proxies that share it, and stops them after a number of them."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._left: int | None = None
        self._passed = 0
        self._is_open = True
        self.held = threading.Event()

    def pass_through(self) -> None:
        """Called for each piece; waits while the gate is closed."""
        with self._changed:
            if self._left == 0:
                self._is_open = False
                self.held.set()
            self._changed.wait_for(lambda: self._is_open)
            self._passed += 1
            if self._left:
                self._left -= 1

    def count(self) -> int:
        """Pieces since it was last asked."""
        with self._changed:
            passed, self._passed = self._passed, 0
        return passed

    def close_after(self, pieces: int) -> None:
        with self._changed:
            self._left = pieces

    def close(self) -> None:
        """Nothing passes any more, and nobody is told: what was sent is simply not answered."""
        with self._changed:
            self._is_open = False

    def open(self) -> None:
        with self._changed:
            self._left, self._is_open = None, True
            self._changed.notify_all()


class Proxy:
    """A relay to one server. `dsn` is the server's, by way of this."""

    def __init__(self, dsn: str, gate: Gate | None = None, host: str = "127.0.0.1") -> None:
        known = conninfo_to_dict(dsn)
        self._server = (str(known["host"]), int(str(known["port"])))
        self._listener = socket.create_server((host, 0))
        self.gate = gate or Gate()
        self.port = int(self._listener.getsockname()[1])
        self.dsn = make_conninfo(dsn, host=host, port=self.port)
        self._sockets: set[socket.socket] = set()
        self._forgotten: set[socket.socket] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        self.gate.open()

    def cut(self) -> None:
        """Every connection is reset, on both sides. New ones are taken."""
        with self._lock:
            sockets, self._sockets = self._sockets, set()
        for each in sockets:
            self._close(each)

    def forget(self) -> None:
        """Of the connections that there are nothing comes through any more, and nobody is told. New ones work."""
        with self._lock:
            self._forgotten |= self._sockets

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._connect(client)

    def _connect(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(self._server)
        except OSError:
            self._close(client)
            return
        for each in (client, server):
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._sockets |= {client, server}
        for ends in ((client, server), (server, client)):
            threading.Thread(target=self._relay, args=ends, daemon=True).start()

    def _relay(self, giver: socket.socket, taker: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := giver.recv(_PIECE):
                self.gate.pass_through()
                if taker not in self._forgotten:
                    taker.sendall(data)
            self.gate.pass_through()  # an end is news, too
        with contextlib.suppress(OSError):
            taker.shutdown(socket.SHUT_WR)

    def _close(self, each: socket.socket) -> None:
        with contextlib.suppress(OSError):
            each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            each.shutdown(socket.SHUT_RDWR)
        each.close()
