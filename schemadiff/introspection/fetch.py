"""Runs the named catalog queries."""

from dataclasses import dataclass, field, replace
from typing import Any

from schemadiff.introspection.queries import load
from schemadiff.introspection.session import Connection


@dataclass(frozen=True, slots=True)
class Fetch:
    """Call it with a query's name for its rows. `parameters` are OIDs: `schemas` and `relations`."""

    connection: Connection
    parameters: dict[str, list[int]] = field(default_factory=dict)

    def __call__(self, name: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(load(name), self.parameters).fetchall()

    def within(self, **oids: list[int]) -> "Fetch":
        """The same with these parameters as well."""
        return replace(self, parameters=self.parameters | oids)
