"""The mail server, from one address of the environment: smtp://user:password@host:587?tls=starttls."""

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from config import environment


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """`host` is empty where none is set; `tls` is starttls, on or off."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    tls: str = "off"


def mail_server(address: str | None = None) -> MailServer:
    """As SCHEMADIFF_EMAIL says. ValueError where that is no such address."""
    text = environment.text("SCHEMADIFF_EMAIL") if address is None else address
    if not text:
        return MailServer()
    parts = urlsplit(text)
    tls = parse_qs(parts.query).get("tls", ["on" if parts.scheme == "smtps" else "starttls"])[0]
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or tls not in ("off", "on", "starttls"):
        raise ValueError("SCHEMADIFF_EMAIL is smtp://user:password@host:587?tls=starttls, or on, or off.")
    return MailServer(
        host=parts.hostname,
        port=parts.port or (465 if tls == "on" else 587),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=tls,
    )
