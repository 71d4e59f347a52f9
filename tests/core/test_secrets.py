"""Secrets are unreadable at rest, and absent from what is shown."""

import json
import random
import string
from urllib.parse import quote

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from psycopg.conninfo import make_conninfo

from schemadiff.core.errors import SchemadiffError
from schemadiff.secrets import UnreadableSecret, decrypt, encrypt, redact

SIGNS = string.ascii_letters + string.digits + "!#$%&()*+,-./:;<=>?@[]^_{|}~'\"\\ `äж"


def passwords() -> list[str]:
    """Many passwords of all kinds of signs, the same at every run."""
    rng = random.Random("passwords")
    return ["x" + "".join(rng.choices(SIGNS, k=rng.randrange(10, 30))) + "x" for _ in range(300)]


def sql_literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@pytest.mark.parametrize(
    "wrap",
    [
        lambda p: f"postgresql://bob:{quote(p, safe='')}@db.example.com:5432/crm?sslmode=require",
        lambda p: f"postgres://:{quote(p, safe='')}@h/crm, and more",
        lambda p: f"postgresql://h/crm?user=bob&password={quote(p, safe='')}&sslmode=require",
        lambda p: f"connection failed: {make_conninfo('', host='h', password=p, dbname='crm')}",
        lambda p: f"ALTER ROLE bob PASSWORD {sql_literal(p)} VALID UNTIL 'infinity'",
        lambda p: f"create user bob encrypted password {sql_literal(p)}",
        lambda p: json.dumps({"host": "h", "password": p}, ensure_ascii=False),
        lambda p: repr({"HOST": "h", "PASSWORD": p}),
    ],
    ids=["uri", "uri without user", "uri parameter", "keywords", "alter role", "create user", "json", "repr"],
)
def test_no_password_is_left(wrap: object) -> None:
    assert callable(wrap)
    for password in passwords():
        text = str(wrap(password))
        shown = redact(text)
        for form in (password, quote(password, safe="")):
            assert form not in shown, f"{text!r} was shown as {shown!r}"
        pieces = [piece for piece in password.replace("\\", "'").split("'") if len(piece) > 5]
        assert not any(piece in shown for piece in pieces), f"{text!r} was shown as {shown!r}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://bob:hunter22@h/crm", "postgresql://bob:***@h/crm"),
        ("postgresql://bob:p@ss/w:rd@h/crm", "postgresql://bob:***@h/crm"),
        ("host=h password=hunter22 dbname=crm", "host=h password=*** dbname=crm"),
        ("host=h password = 'two words' dbname=crm", "host=h password = *** dbname=crm"),
        ("CONNECTION 'host=h password=''a b'' user=u'", "CONNECTION 'host=h password=*** user=u'"),
        ("PGPASSWORD=hunter22 psql", "PGPASSWORD=*** psql"),
        ("PASSWORD $x$hunter22$x$ LOGIN", "PASSWORD '***' LOGIN"),
        ("rolpassword SCRAM-SHA-256$4096:c2FsdA==$a2V5:c2Vy", "rolpassword SCRAM-SHA-256$***"),
        ('password authentication failed for user "bob"', 'password authentication failed for user "bob"'),
        ("postgresql://bob@h:5432/crm", "postgresql://bob@h:5432/crm"),
        ("see https://example.com/a:b", "see https://example.com/a:b"),
        ("", ""),
    ],
)
def test_what_is_no_password_stays(text: str, shown: str) -> None:
    assert redact(text) == shown
    assert redact(shown) == shown


def test_what_is_encrypted_can_be_read_with_its_key_only(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    monkeypatch.setenv("SCHEMADIFF_ENCRYPTION_KEY", first)
    token = encrypt("hunter22 ж")
    assert "hunter22" not in token
    assert token != encrypt("hunter22 ж")
    monkeypatch.setenv("SCHEMADIFF_ENCRYPTION_KEY", f"{second}, {first}")
    assert decrypt(token) == "hunter22 ж"
    rotated = encrypt("hunter22 ж")
    monkeypatch.setenv("SCHEMADIFF_ENCRYPTION_KEY", second)
    assert decrypt(rotated) == "hunter22 ж"
    with pytest.raises(UnreadableSecret):
        decrypt(token)


def test_without_a_key_one_is_made_once_and_kept_private(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCHEMADIFF_ENCRYPTION_KEY", raising=False)
    assert decrypt(encrypt("hunter22")) == "hunter22"
    path = settings.DATA_DIR / "secret.key"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHEMADIFF_ENCRYPTION_KEY", "not a key")
    with pytest.raises(SchemadiffError, match="holds no Fernet key"):
        encrypt("x")
