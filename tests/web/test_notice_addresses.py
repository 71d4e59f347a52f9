"""Where notices may be sent: what lies in the own network, and the mail server's address."""

import pytest

from config.email_settings import mail_server
from migration.monitoring import webhooks


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700:4700::1111", True),
        ("64:ff9b::8.8.8.8", True),
        ("2002:808:808::", True),
        ("64:ff9b::127.0.0.1", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("64:ff9b:1::1", False),
        ("2002:7f00:1::", False),
        ("::127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("fec0::1", False),
        ("fe80::1%lo", False),
        ("fd00::1", False),
        ("224.0.0.1", False),
        ("ff02::1", False),
        ("ff0e::1", False),
        ("240.0.0.1", False),
        ("100.64.0.1", False),
        ("192.88.99.1", False),
        ("192.0.0.9", False),
        ("192.31.196.1", False),
        ("192.52.193.1", False),
        ("192.175.48.1", False),
        ("3fff::1", False),
        ("2001::7f00:1", False),
        ("2620:4f:8000::1", False),
        ("5f00::1", False),
        ("192.88.98.1", True),
        ("2001:4860:4860::8888", True),
    ],
)
def test_addresses_that_lead_into_private_networks_are_known_in_every_dress(
    address: str, *, public: bool
) -> None:
    assert webhooks.is_public(address) is public


def test_the_mail_server_is_one_address() -> None:
    found = mail_server("smtp://ana%40x:p%2Fw@mail.example.org:2525?tls=starttls")
    assert (found.host, found.port, found.user, found.password, found.tls) == (
        "mail.example.org",
        2525,
        "ana@x",
        "p/w",
        "starttls",
    )
    assert (mail_server("smtps://mail.example.org").port, mail_server("").host) == (465, "")
    with pytest.raises(ValueError, match="SCHEMADIFF_EMAIL"):
        mail_server("mail.example.org")
