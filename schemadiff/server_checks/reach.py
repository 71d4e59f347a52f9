"""Whether a server answers at all, and which certificate it shows (before anybody logs in)."""

import socket
import ssl
import struct
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import NameOID

from schemadiff.server_checks.values import Address

_SSL_REQUEST = struct.pack("!ii", 8, 80877103)  # PostgreSQL manual, 54.7: SSLRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """What the server offers: protocol, and the certificate's subject and last day."""

    protocol: str
    subject: str
    valid_until: datetime


def reach(address: Address, timeout: float) -> None:
    """Open and close a socket. Raises OSError with the reason."""
    _open(address, timeout).close()


def offered_tls(address: Address, timeout: float) -> Tls | None:
    """The server's TLS, None where it offers none. Raises OSError or ssl.SSLError.

    The certificate is only read here; whether it can be trusted is checked by libpq as sslmode says.
    """
    with _open(address, timeout) as plain:
        plain.sendall(_SSL_REQUEST)
        if plain.recv(1) != b"S":
            return None
        with _unverified().wrap_socket(plain, server_hostname=address.host) as secured:
            return _read(secured)


def _open(address: Address, timeout: float) -> socket.socket:
    if not address.is_socket:
        return socket.create_connection((address.host, address.port), timeout=timeout)
    plain = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    plain.settimeout(timeout)
    plain.connect(f"{address.host}/.s.PGSQL.{address.port}")
    return plain


def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _read(secured: ssl.SSLSocket) -> Tls:
    der = secured.getpeercert(binary_form=True)
    if der is None:
        raise ssl.SSLError("the server showed no certificate")
    certificate = x509.load_der_x509_certificate(der)
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return Tls(
        protocol=(secured.version() or "TLS").replace("TLSv", "TLS "),
        subject=str(names[0].value) if names else certificate.subject.rfc4514_string(),
        valid_until=certificate.not_valid_after_utc,
    )
