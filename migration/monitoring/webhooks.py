"""EDGE: a message posted to a webhook, as Slack and what is compatible with it take it.

Who may add a webhook could make this server knock at doors inside its own network. So only http and https are
taken, no redirect is followed, and addresses that are not public are refused unless the settings name the host.
"""

import http.client
import ipaddress
import json
import socket
import ssl
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from schemadiff.core.errors import Refused

TIMEOUT = 5.0
_NO_HOSTS = tuple(
    ipaddress.ip_network(each)
    for each in (
        "192.0.0.0/24",  # protocol assignments
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # relays into 6to4
        "192.175.48.0/24",  # AS112
        "2001::/23",  # protocol assignments, Teredo with an IPv4 address within
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
"""What IANA's registries of special addresses list and `is_global` lets pass, in one version of Python or another."""
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_FINE = range(200, 300)
_NOT_WORTH_REPEATING = frozenset({400, 401, 403, 404, 405, 410})


class CannotSend(Refused):
    """The message did not arrive."""

    def __init__(self, message: str, *, worth_repeating: bool) -> None:
        super().__init__(message)
        self.worth_repeating = worth_repeating


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    scheme: str
    host: str
    port: int
    path: str  # with its query


def checked(address: str) -> _Place:
    """The parts of a webhook's address. Raises Refused with what is wrong about it."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as exc:
        raise Refused("This is no address: expected https://host/path.") from exc
    if parts.scheme not in ("http", "https"):
        raise Refused(
            f"A webhook's address begins with https:// or http://, not “{parts.scheme or address[:20]}”."
        )
    if not parts.hostname:
        raise Refused("The address names no host: expected https://host/path.")
    if parts.username is not None or parts.password is not None:
        raise Refused("The address has a user or a password before its host, which a webhook does not take.")
    if not _path(parts).isascii():
        raise Refused(
            "The address has letters after its host that an address cannot have: write them as %XX."
        )
    return _Place(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port or (443 if parts.scheme == "https" else 80),
        path=_path(parts),
    )


def shown_address(address: str) -> str:
    """The address as people may see it: its path holds the secret."""
    place = checked(address)
    return f"{place.scheme}://{place.host}/…"


def is_public(address: str) -> bool:
    """Whether an IP address leads out of every private network. An IPv6 address that a gateway turns into one of
    IPv4 is judged as that one."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
        if found.sixtofour is not None:
            return is_public(str(found.sixtofour))
        if found.is_site_local:
            return False
    if any(found in network for network in _NO_HOSTS if network.version == found.version):
        return False
    return found.is_global and not (found.is_multicast or found.is_reserved)


def post(address: str, text: str) -> None:
    """Post {"text": …}. Raises CannotSend with a sentence that does not hold the address."""
    place = checked(address)
    connection = _connection(place, _resolved(place))
    try:
        connection.request(
            "POST", place.path, json.dumps({"text": text}), {"Content-Type": "application/json"}
        )
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as failure:
        raise CannotSend(
            f"{place.host} could not be reached ({type(failure).__name__}).", worth_repeating=True
        ) from failure
    finally:
        connection.close()
    if status not in _FINE:
        raise CannotSend(
            f"{place.host} answered {status}.", worth_repeating=status not in _NOT_WORTH_REPEATING
        )


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _resolved(place: _Place) -> str:
    """The one address that is then connected to: asking twice could bring two answers."""
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:
        raise CannotSend(f"There is no host {place.host}.", worth_repeating=True) from exc
    addresses = [str(entry[4][0]) for entry in found]
    if place.host not in settings.WEBHOOK_HOSTS:
        for address in addresses:
            if not is_public(address):
                raise CannotSend(
                    f"{place.host} is an address inside this network, and nothing is sent there. An operator can "
                    "allow the host in SCHEMADIFF_WEBHOOK_HOSTS.",
                    worth_repeating=False,
                )
    return addresses[0]


def _connection(place: _Place, address: str) -> http.client.HTTPConnection:
    if place.scheme == "http":
        return _Plain(place.host, place.port, address)
    return _Secured(place.host, place.port, address)


class _Plain(http.client.HTTPConnection):
    """To an address that was looked up and judged before."""

    def __init__(self, host: str, port: int, address: str) -> None:
        super().__init__(host, port, timeout=TIMEOUT)
        self._address = address

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), TIMEOUT)


class _Secured(_Plain):
    """The certificate is checked for the name, not for the address."""

    default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        super().connect()
        context = ssl.create_default_context()
        self.sock = context.wrap_socket(self.sock, server_hostname=self.host)
