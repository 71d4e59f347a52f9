"""What a foreign-data wrapper is told about a foreign table or a column of one."""

import json

from schemadiff.core.catalog import FdwOptions


def fdw_options(told: str | None) -> FdwOptions:
    """From a JSON object of names and values."""
    return tuple(sorted(json.loads(told).items())) if told else ()
