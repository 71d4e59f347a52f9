"""Passwords: encrypted where they are kept, taken out of everything that is shown.

Encryption is Fernet (AES-128-CBC with HMAC-SHA256). The first of the keys encrypts, all of them decrypt, so a
key is rotated by putting a new one in front and saving everything again.
"""

import os
import re
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from schemadiff.core.errors import SchemadiffError
from schemadiff.private_files import write_private

SHOWN = "***"

_VARIABLE = "SCHEMADIFF_ENCRYPTION_KEY"
_QUOTED = r"""(?:[Ee]?'(?:\\.|''|[^'\\])*(?:'|\Z)|"(?:\\.|[^"\\])*(?:"|\Z))"""
_WORD = r"[\w-]*(?:password|passwd|passphrase|secret|token|api_?key)"
_PATTERNS = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), replacement)
    for pattern, replacement in (
        # scheme://user:password@host; up to the word's last @, for people forget to encode theirs
        (r"(\b[a-z][a-z0-9+.-]*://[^\s:/@]*):\S*@", rf"\1:{SHOWN}@"),
        # a quoted value within a quoted string: CONNECTION 'password=''a b'''
        (rf"\b({_WORD})(\s*=\s*)''(?=[^\s&']).*?''", rf"\1\2{SHOWN}"),
        (rf"([?&]{_WORD}=)[^\s&]+", rf"\1{SHOWN}"),
        (rf"(?<![?&\w-])({_WORD})(\s*=\s*)(?:{_QUOTED}|(?:\\.|[^\s\\])+)", rf"\1\2{SHOWN}"),
        (rf"\b({_WORD})(['\"]?\s*:\s*){_QUOTED}", rf"\1\2'{SHOWN}'"),
        (rf"\b(password\s+){_QUOTED}", rf"\1'{SHOWN}'"),
        (r"\b(password\s+)(\$\w*\$).*?(?:\2|\Z)", rf"\1'{SHOWN}'"),
        (r"\b(SCRAM-SHA-256)\$\d+:[\w+/=$:]+", rf"\1${SHOWN}"),
    )
)


class UnreadableSecret(SchemadiffError):
    """A saved password cannot be decrypted: the encryption key is not the one it was saved with."""


def encrypt(text: str) -> str:
    """A token that `decrypt` gives the text back for; the same text gives another token each time."""
    return _cipher(_keys()).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """The text of a token. Raises UnreadableSecret for another key's, or a damaged one."""
    try:
        return _cipher(_keys()).decrypt(token.encode()).decode()
    except InvalidToken as exc:
        raise UnreadableSecret from exc


def redact(text: str) -> str:
    """The text without passwords of URIs, keyword strings, JSON, `PASSWORD '...'` clauses and verifiers.

    Takes out too much rather than too little.
    """
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def _keys() -> tuple[str, ...]:
    """Of the environment (separated by commas), else of `secret.key` in the data directory, made once."""
    given = os.environ.get(_VARIABLE)
    if given:
        return tuple(key.strip() for key in given.split(",") if key.strip())
    path = settings.DATA_DIR / "secret.key"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, Fernet.generate_key().decode())
    return tuple(path.read_text().split())


@cache
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as exc:
        raise SchemadiffError(f"{_VARIABLE} holds no Fernet key (32 bytes, URL-safe base64).") from exc
