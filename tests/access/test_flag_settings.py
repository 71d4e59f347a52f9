"""What an application says about its flag client: in code, in the environment, and what is refused."""

import os
from pathlib import Path

import pytest

from migration.access.flag_client.client import FlagClient
from migration.access.flag_client.errors import FlagsUnavailable
from migration.access.flag_client.settings import (
    VARIABLES,
    ClientSettings,
    client_name,
    from_environment,
)

GIVEN = {
    "SCHEMADIFF_FLAGS_ADDRESS": "https://schemadiff.example.org/base/",
    "SCHEMADIFF_FLAGS_TOKEN": "secret",
    "SCHEMADIFF_FLAGS_APPLICATION": "crm",
    "SCHEMADIFF_FLAGS_MODULE": "services",
    "SCHEMADIFF_FLAGS_INTERVAL": "2.5",
    "SCHEMADIFF_FLAGS_TIMEOUT": "1",
    "SCHEMADIFF_FLAGS_KEEP": "/var/lib/crm/flags.json",
    "SCHEMADIFF_FLAGS_CA_FILE": "/etc/ssl/own.pem",
}


def test_the_environment_says_all_of_it() -> None:
    assert set(GIVEN) == set(VARIABLES)
    found = from_environment(GIVEN)
    assert (found.application, found.module, found.interval, found.timeout) == ("crm", "services", 2.5, 1.0)
    assert (found.keep, found.ca_file) == (Path("/var/lib/crm/flags.json"), Path("/etc/ssl/own.pem"))


def test_address_and_token_are_enough() -> None:
    found = from_environment({name: GIVEN[name] for name in VARIABLES[:2]})
    assert (found.application, found.module, found.keep, found.interval) == ("application", "", None, 5.0)


@pytest.mark.parametrize(
    "name, text, sentence",
    [
        ("ADDRESS", "", r"needs the server's address.*SCHEMADIFF_FLAGS_ADDRESS"),
        ("ADDRESS", "schemadiff.example.org", "as in https://"),
        ("ADDRESS", "ftp://schemadiff.example.org", "as in https://"),
        ("ADDRESS", "http://", "as in https://"),
        ("ADDRESS", "http://host:99999", "as in https://"),
        ("ADDRESS", "http://[::1", "as in https://"),
        ("ADDRESS", "https://host/?x=1", "as in https://"),
        ("TOKEN", "", r"needs the application's token.*SCHEMADIFF_FLAGS_TOKEN"),
        ("TOKEN", "two\nlines", "needs the application's token"),
        ("INTERVAL", "often", r"SCHEMADIFF_FLAGS_INTERVAL is a number of seconds.*'often'"),
        ("INTERVAL", "0", "interval is more than 0"),
        ("TIMEOUT", "nan", "timeout is more than 0"),
        ("TIMEOUT", "inf", "timeout is more than 0"),
    ],
)
def test_what_cannot_work_is_refused_by_name(name: str, text: str, sentence: str) -> None:
    with pytest.raises(FlagsUnavailable, match=sentence):
        from_environment({**GIVEN, f"SCHEMADIFF_FLAGS_{name}": text})


def test_neither_token_nor_password_is_ever_shown() -> None:
    assert "secret" not in repr(from_environment(GIVEN))
    with pytest.raises(FlagsUnavailable) as caught:
        ClientSettings(address="https://me:secret@host/", token="t")
    assert "secret" not in str(caught.value)


def test_certificates_that_cannot_be_read_are_refused_when_the_client_is_made(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("nothing")
    for path in (broken, tmp_path / "missing.pem"):
        with pytest.raises(FlagsUnavailable, match=f"{path.name} cannot be used"):
            FlagClient(ClientSettings(address="https://localhost", token="t", ca_file=path))


def test_a_name_is_one_that_the_server_keeps() -> None:
    settings = ClientSettings(address="http://localhost", token="t", application="учёт crm" * 50)
    name = client_name(settings)
    assert name.isascii() and " " not in name and len(name) <= 200
    assert f":{os.getpid()}-" in name
    assert client_name(settings) != name, "two clients of a process are two"
