"""Why a database could not be reached, as one sentence that says what to check and holds no password."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

import psycopg
from psycopg.conninfo import conninfo_to_dict

_PATTERNS = (
    (r"password authentication failed|no password supplied|SCRAM authentication requires", "password"),
    (r'database "[^"]*" does not exist', "no database"),
    (r'role "[^"]*" does not exist', "no role"),
    (r"role \"[^\"]*\" is not permitted to log in", "no login"),
    (r"no pg_hba.conf entry|pg_hba.conf rejects", "not admitted"),
    (
        r"could not translate host name|failed to resolve host|Name or service not known",
        "host",
    ),
    (r"Connection refused", "refused"),
    (r"No such file or directory", "no socket"),
    (r"timeout expired|timed out|Connection timed out", "timeout"),
    (r"server does not support SSL", "no TLS"),
    (r"certificate verify failed|root certificate|does not match host name|SSL error", "certificate"),
    (r"too many (clients|connections)|remaining connection slots", "full"),
    (r"the database system is (starting up|shutting down|in recovery mode)", "not ready"),
    (r"permission denied for database", "no right"),
    (r"definition of service|service file", "service"),
    (r"Network is unreachable|No route to host", "unreachable"),
    (r"closed the connection|Connection reset|Broken pipe|connection (not open|lost|is closed)", "ended"),
)

# A word only: what stands there may be a piece of a password with blanks in it, else.
_UNKNOWN_KEYWORD = re.compile(r'invalid (?:connection option|URI query parameter:) "([a-z_]{2,40})"')

_SENTENCES = {
    "password": "The server at {place} does not accept the password of user {user}: check user and password.",
    "no database": "There is no database {name} on the server at {place}: check the name.",
    "no role": "There is no user {user} on the server at {place}: check the name.",
    "no login": "User {user} may not log in on the server at {place}: use another user.",
    "not admitted": "The pg_hba.conf of {place} does not admit user {user} to database {name} from here.",
    "host": "The host {host} is not known: check its name and your network.",
    "refused": "Nothing listens at {place}: check host and port, and that PostgreSQL runs there.",
    "no socket": "There is no PostgreSQL socket at {place}: check the path, or name a host.",
    "timeout": "The server at {place} did not answer in time: check host and port, and the firewall between.",
    "no TLS": "The server at {place} does not offer TLS, which the address asks for: check sslmode.",
    "certificate": "The certificate of {place} was not accepted: check sslmode, sslrootcert and the name.",
    "full": "The server at {place} has no connection free: try again later.",
    "not ready": "The server at {place} is starting up, shutting down or recovering: try again in a moment.",
    "no right": "User {user} has no CONNECT privilege on database {name} on the server at {place}.",
    "service": "The service {service} is not known: check ~/.pg_service.conf, or what PGSERVICEFILE names.",
    "unreachable": "The server at {place} cannot be reached from here: check your network.",
    "ended": "The server at {place}, or the network before it, ended the connection: look whether it runs, and try "
    "again.",
}


@dataclass(frozen=True, slots=True)
class _Parts:
    host: str
    place: str
    user: str
    name: str
    service: str


def explain(error: psycopg.Error, dsn: str) -> str:
    """One sentence about a failed connection. What the server said is quoted only where it is not known."""
    try:
        parts = _parts(conninfo_to_dict(dsn), error)
    except psycopg.ProgrammingError as exc:
        if found := _UNKNOWN_KEYWORD.search(str(exc)):
            return _unknown_keyword(found[1])
        # libpq's message would quote the string, and with it perhaps a password.
        return (
            "The address is no connection URI and no keyword string: expected"
            " postgresql://user:password@host:port/database, special characters in it written as %XX."
        )
    message = str(error)
    for pattern, key in _PATTERNS:
        if re.search(pattern, message):
            return _SENTENCES[key].format_map(_shown(parts))
    return f"The server at {parts.place} could not be reached: {_last_line(message)}"


def is_lost(error: psycopg.Error) -> bool:
    """Is it the connection that failed, not a statement?"""
    code = error.sqlstate or ""
    if code:
        return code.startswith("08") or code in ("57P01", "57P02", "57P03", "25P03")
    return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError | psycopg.DatabaseError)


def _unknown_keyword(word: str) -> str:
    known = sorted(option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults())
    near = get_close_matches(word, known, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return (
        f"The address has the keyword {word}, which PostgreSQL does not know; expected are host, port, dbname,"
        f" user and the like.{hint}"
    )


def _parts(given: Mapping[str, object], error: psycopg.Error) -> _Parts:
    """From the address; from libpq's environment or service file what only it knows."""
    info = error.pgconn
    text = {key: str(value) for key, value in given.items() if value is not None}
    host = text.get("host") or text.get("hostaddr") or (_decoded(info.host) if info else "")
    port = text.get("port") or (_decoded(info.port) if info else "")
    user = text.get("user") or (_decoded(info.user) if info else "")
    name = text.get("dbname") or (_decoded(info.db) if info else "") or user
    place = f"{host or 'the local socket'}{f', port {port}' if port else ''}"
    return _Parts(host, place, user, name, text.get("service", ""))


def _decoded(value: bytes) -> str:
    return value.decode(errors="replace")


def _shown(parts: _Parts) -> dict[str, str]:
    return {field: getattr(parts, field) for field in _Parts.__slots__}


def _last_line(message: str) -> str:
    line = message.strip().splitlines()[-1].strip()
    return line if line.endswith(".") else f"{line}."
