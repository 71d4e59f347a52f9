"""Functions, procedures, window functions and aggregates."""

from schemadiff.core.catalog import Function
from schemadiff.introspection.addresses import PG_PROC, Addresses, reference
from schemadiff.introspection.fetch import Fetch
from schemadiff.introspection.session import SchemaMoved

_KIND = {"f": "function", "p": "procedure", "w": "window"}


def read_functions(fetch: Fetch, known: Addresses) -> tuple[Function, ...]:
    """All of them, sorted by schema, name and argument types."""
    found = []
    for oid, schema, name, arguments, definition, returns, language, kind, comment in fetch("functions"):
        if definition is None:
            raise SchemaMoved
        function = Function(
            schema=schema,
            name=name,
            arguments=arguments,
            definition=definition,
            returns=returns,
            language=language,
            kind=_KIND[kind],
            comment=comment,
        )
        known.add(reference(function.ref), (PG_PROC, oid, 0))
        found.append(function)
    found += _read_aggregates(fetch, known)
    return tuple(sorted(found, key=lambda function: (function.schema, function.signature)))


def _read_aggregates(fetch: Fetch, known: Addresses) -> list[Function]:
    found = []
    for oid, schema, name, arguments, definition, returns, comment in fetch("aggregates"):
        aggregate = Function(
            schema=schema,
            name=name,
            arguments=arguments,
            definition=definition,
            returns=returns,
            language="internal",
            kind="aggregate",
            comment=comment,
        )
        known.add(reference(aggregate.ref), (PG_PROC, oid, 0))
        found.append(aggregate)
    return found
