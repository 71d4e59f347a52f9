"""What is checked and what a check says."""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address


class CheckState(StrEnum):
    OK = "ok"
    WARN = "warn"  # works, with a limit that the message names
    BAD = "bad"  # has to be put right first
    UNKNOWN = "unknown"  # not checked, the message says why


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question about a server, answered in a sentence. `key` is stable."""

    key: str
    label: str
    state: CheckState
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a database is and as whom to go there; `dsn` has the password, nothing else has."""

    host: str
    port: int
    dbname: str
    user: str
    sslmode: str
    dsn: str

    @property
    def place(self) -> str:
        return self.host if self.is_socket else f"{self.host}:{self.port}"

    @property
    def is_socket(self) -> bool:
        return self.host.startswith("/")

    @property
    def is_local(self) -> bool:
        """Whether what is sent stays on this machine."""
        if self.is_socket or self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False
