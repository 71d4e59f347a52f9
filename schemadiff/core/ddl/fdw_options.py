"""OPTIONS (…) of a foreign-data wrapper's objects: given as they are made, and altered one by one.

The value of a secret is None: a script can take it away, but cannot give it.
"""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from schemadiff.core.identifiers import literal, quote

Options: TypeAlias = Mapping[str, str | None]


def options_clause(options: Options) -> str:
    """As CREATE takes them; empty if there are none."""
    given = (f"{quote(name)} {literal(value)}" for name, value in options.items() if value is not None)
    written = ", ".join(given)
    return f" OPTIONS ({written})" if written else ""


def options_action(wanted: Options, present: Options) -> str:
    """`OPTIONS (DROP a, ADD b 'x', SET c 'y')`, as ALTER takes it; empty if they are the same."""
    steps = ", ".join(_steps(wanted, present))
    return f"OPTIONS ({steps})" if steps else ""


def _steps(wanted: Options, present: Options) -> Iterator[str]:
    yield from (f"DROP {quote(name)}" for name in present if name not in wanted)
    for name, value in wanted.items():
        if value is not None and present.get(name) != value:
            yield f"{'SET' if name in present else 'ADD'} {quote(name)} {literal(value)}"


def secrets(options: Options) -> list[str]:
    return [name for name, value in options.items() if value is None]
