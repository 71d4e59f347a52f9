"""Runs the named catalog queries."""

from dataclasses import dataclass, field, replace
from typing import Any

from schemadiff.introspection.queries import load
from schemadiff.introspection.session import Connection

# What foreign-data wrappers are told may be anything: these look like secrets, a few too many among them.
_SECRETS = {
    "secret_names": "pass|pwd|secret|token|credential|private",
    "secret_values": r"pass(word|wd|file)?\s*=|://[^/@\s]*:[^/@\s]*@",
}


@dataclass(frozen=True, slots=True)
class Fetch:
    """Call it with a query's name for its rows. `parameters` are OIDs: `schemas` and `relations`."""

    connection: Connection
    parameters: dict[str, str] = field(default_factory=dict)

    def __call__(self, name: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(load(name), {**self.parameters, **_SECRETS}).fetchall()

    def within(self, **oids: list[int]) -> "Fetch":
        """The same with these parameters as well."""
        # As PostgreSQL writes arrays: every query gets them, and there may be ten thousands.
        written = {name: f"{{{','.join(map(str, numbers))}}}" for name, numbers in oids.items()}
        return replace(self, parameters=self.parameters | written)
