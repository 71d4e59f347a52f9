"""What a server's certificate says, read in a real TLS handshake behind PostgreSQL's SSLRequest."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from schemadiff.server_checks import Address, Check, CheckState, check_server
from schemadiff.server_checks.reach import offered_tls

SSL_REQUEST = bytes.fromhex("0000000804d2162f")


def make_certificate(folder: Path, days: int) -> Path:
    """A key and a certificate for `db.test` that is valid for so many days from now, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "db.test")])
    end = datetime.now(UTC) + timedelta(days=days, hours=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - timedelta(days=400))
        .not_valid_after(end)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


@contextmanager
def listening(certificate: Path | None) -> Iterator[int]:
    """A server that answers SSLRequest as PostgreSQL does, and knows no more; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_serve, args=(server, certificate), daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    thread.join(60)


def _serve(server: socket.socket, certificate: Path | None) -> None:
    while True:
        try:
            client, _ = server.accept()
        except OSError:
            return
        with client:
            if client.recv(8) == SSL_REQUEST:
                _answer(client, certificate)


def _answer(client: socket.socket, certificate: Path | None) -> None:
    if certificate is None:
        client.sendall(b"N")
        return
    client.sendall(b"S")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    try:
        with context.wrap_socket(client, server_side=True) as secured:
            secured.recv(1)
    except OSError:
        return


def address(port: int, sslmode: str = "require") -> Address:
    dsn = f"host=127.0.0.1 port={port} dbname=crm user=app sslmode={sslmode} connect_timeout=2"
    return Address(host="127.0.0.1", port=port, dbname="crm", user="app", sslmode=sslmode, dsn=dsn)


def tls_check(port: int) -> Check:
    return next(check for check in check_server(address(port)) if check.key == "tls")


def test_protocol_subject_and_last_day_are_read(tmp_path: Path) -> None:
    with listening(make_certificate(tmp_path, days=100)) as port:
        offered = offered_tls(address(port), timeout=5)
    assert offered is not None
    assert offered.protocol.startswith("TLS 1.")
    assert offered.subject == "db.test"
    assert (offered.valid_until - datetime.now(UTC)).days == 100


def test_a_server_without_tls_offers_none() -> None:
    with listening(None) as port:
        assert offered_tls(address(port), timeout=5) is None


@pytest.mark.parametrize(
    ("days", "state", "words"),
    [
        (100, CheckState.OK, "is valid until"),
        (10, CheckState.WARN, "10 days from now"),
        (-10, CheckState.BAD, "expired on"),
    ],
)
def test_the_certificate_is_judged_by_its_last_day(
    tmp_path: Path, days: int, state: CheckState, words: str
) -> None:
    with listening(make_certificate(tmp_path, days)) as port:
        check = tls_check(port)
    assert check.state is state
    assert words in check.message
    assert "db.test" in check.message


def test_without_tls_on_this_machine_nothing_is_wrong() -> None:
    with listening(None) as port:
        check = tls_check(port)
    assert check.state is CheckState.OK
    assert "no TLS" in check.message
