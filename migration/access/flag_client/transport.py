"""One keep-alive connection to the server, and what comes back over it."""

import contextlib
import http.client
import json
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from migration.access.flag_client.errors import FlagsUnavailable
from migration.access.flag_client.settings import ClientSettings

_PATH = "/ofrep/v1/evaluate/flags"
_LONGEST_BODY = 1024 * 1024
_LONGEST_WAIT = 300.0  # seconds that a Retry-After is obeyed for
_SENTENCES = {
    401: "the token is not one of an application. Issue a new one on the application's flags page",
    403: "the token was replaced by a newer one. Give the application that one",
    404: "there are no flags at this address. Check the server's address",
    429: "too many requests for this application",
    503: "it is not available just now",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """All flags. `sent`: when the request was sent, on the client's clock."""

    document: Any
    etag: str
    sent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Same:
    """The revision with the ETag that was given holds still."""

    sent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """No answer for now: the network or the server is down, or has too much to do. `retry_after`: seconds that the
    server asks to be left alone."""

    reason: str
    retry_after: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusing:
    """An answer, but no flags, and asking again will not help: a wrong token, a wrong address."""

    reason: str


Outcome: TypeAlias = Fresh | Same | Silent | Refusing


class Transport:
    """Asks for all flags. Used by one thread; only `interrupt` may be called from another."""

    def __init__(
        self, settings: ClientSettings, tls: ssl.SSLContext | None, clock: Callable[[], float]
    ) -> None:
        parts = urlsplit(settings.address)
        self._settings = settings
        self._clock = clock
        self._host = str(parts.hostname)
        self._port = parts.port
        self._where = f"{parts.scheme}://{parts.netloc}"
        self._path = parts.path.rstrip("/") + _PATH
        self._tls = tls
        self._timeout = settings.timeout
        self._connection: http.client.HTTPConnection | None = None
        self._interrupted = False

    def ask(self, context: Mapping[str, object], etag: str, timeout: float) -> Outcome:
        """Never raises. A connection that the server has closed meanwhile is opened anew, once."""
        self._timeout = timeout
        reused = self._connection is not None
        try:
            try:
                return self._exchange(context, etag)
            except (ConnectionError, http.client.BadStatusLine):
                self.close()
                if not reused or self._interrupted:
                    raise
                return self._exchange(context, etag)
        except (OSError, http.client.HTTPException) as exc:
            self.close()
            return Silent(reason=f"{self._where} does not answer ({_cause(exc)}).")

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def interrupt(self) -> None:
        """Let a request that is under way fail at once; it is the last."""
        self._interrupted = True
        connection = self._connection
        sock = connection.sock if connection is not None else None
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _exchange(self, context: Mapping[str, object], etag: str) -> Outcome:
        sent = self._clock()
        connection = self._connection = self._connection or self._open()
        if connection.sock is not None:
            connection.sock.settimeout(self._timeout)
        headers = {"Authorization": f"Bearer {self._settings.token}", "Content-Type": "application/json"}
        if etag:
            headers["If-None-Match"] = etag
        connection.request("POST", self._path, json.dumps({"context": context}), headers)
        response = connection.getresponse()
        body = response.read(_LONGEST_BODY + 1)
        if len(body) > _LONGEST_BODY:
            self.close()
            return Refusing(reason=f"{self._where} answers with more than {_LONGEST_BODY} bytes.")
        if response.will_close:
            self.close()
        return self._understood(response, body, sent)

    def _open(self) -> http.client.HTTPConnection:
        if self._tls is not None:
            return http.client.HTTPSConnection(
                self._host, self._port, timeout=self._timeout, context=self._tls
            )
        return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)

    def _understood(self, response: http.client.HTTPResponse, body: bytes, sent: float) -> Outcome:
        if response.status == 304:
            return Same(sent=sent)
        if response.status != 200:
            return self._without_flags(response)
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            return Refusing(reason=f"{self._where} answers with something else than JSON.")
        return Fresh(document=document, etag=response.getheader("ETag", ""), sent=sent)

    def _without_flags(self, response: http.client.HTTPResponse) -> Silent | Refusing:
        status = response.status
        reason = f"{self._where} gives no flags: {_SENTENCES.get(status, f'the answer is status {status}')}."
        if status == 429 or status >= 500:
            return Silent(reason=reason, retry_after=_seconds_in(response.getheader("Retry-After", "")))
        return Refusing(reason=reason)


def tls_of(settings: ClientSettings) -> ssl.SSLContext | None:
    """The certificates to trust, None for plain HTTP. FlagsUnavailable where their file cannot be used."""
    if not settings.address.startswith("https:"):
        return None
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except (OSError, ssl.SSLError) as exc:
        raise FlagsUnavailable(
            f"The certificates in {settings.ca_file} cannot be used ({_cause(exc)}). Give a file in PEM format."
        ) from exc


def _cause(exc: Exception) -> str:
    if isinstance(exc, TimeoutError):
        return "it took too long"
    if isinstance(exc, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {exc.verify_message}"
    if isinstance(exc, OSError) and exc.strerror:
        return exc.strerror
    return str(exc) or type(exc).__name__


def _seconds_in(header: str) -> float:
    """Retry-After says seconds or a date; zero for anything else."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), _LONGEST_WAIT)
    try:
        left = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError):
        return 0.0
    return min(max(left, 0.0), _LONGEST_WAIT)
