"""The client over HTTPS: certificates that it trusts, and those that it does not."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from migration.access.flag_client import FlagClient
from migration.access.flag_client.errors import FlagsUnavailable
from tests.access.flag_server import FlagServer, until


def certificate(folder: Path, host: str) -> Path:
    """A certificate for that host, signed by itself, with its key; good for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{host}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def serving(path: Path) -> FlagServer:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(path)
    return FlagServer(tls)


def test_a_server_with_a_trusted_certificate_is_asked_over_one_connection(tmp_path: Path) -> None:
    path = certificate(tmp_path, "localhost")
    with serving(path) as server, FlagClient(server.settings(ca_file=path)) as client:
        until(lambda: len(server.asked) > 3, "some questions")
        assert client.current().revision == 1 and client.is_fresh
        assert server.connections == 1


@pytest.mark.parametrize(
    "host, given, sentence",
    [
        ("localhost", False, "its certificate is not trusted"),
        ("elsewhere.example.org", True, "its certificate is not trusted.*localhost"),
    ],
)
def test_a_certificate_that_is_not_trusted_is_told_and_the_token_is_not_sent(
    tmp_path: Path, host: str, given: bool, sentence: str
) -> None:
    path = certificate(tmp_path, host)
    with serving(path) as server:
        client = FlagClient(server.settings(ca_file=path if given else None))
        with pytest.raises(FlagsUnavailable, match=sentence):
            client.start()
        client.close()
        assert server.asked == []
