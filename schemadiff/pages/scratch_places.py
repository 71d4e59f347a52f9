"""On which servers the scratch databases of a comparison can be made, as choices."""

from dataclasses import dataclass

from django.conf import settings

from schemadiff.databases import label_of
from schemadiff.embedded import nearest_major
from schemadiff.models import Comparison, Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceChoice:
    """`value` is a connection's number; empty: where the settings say."""

    value: str
    label: str
    chosen: bool


def place_choices(comparison: Comparison) -> tuple[PlaceChoice, ...]:
    """One query. Whether a role may make databases is found out when it is chosen."""
    sides = {
        _server(side.connection): words
        for side, words in (
            (comparison.target, "the target’s server"),
            (comparison.source, "the source’s server"),
        )
        if side.connection is not None
    }
    rows = Connection.objects.filter(project_id=comparison.project_id)
    found = [
        PlaceChoice(value=str(row.pk), label=_label(row, sides), chosen=row.pk == comparison.scratch_on_id)
        for row in rows
    ]
    default = PlaceChoice(value="", label=_default(comparison), chosen=comparison.scratch_on_id is None)
    return (default, *found)


def _label(row: Connection, sides: dict[tuple[str, int], str]) -> str:
    words = f"{row.name}: {row.user} on {row.host}:{row.port}"
    side = sides.get(_server(row))
    return f"{words}, {side}" if side else words


def _server(row: Connection) -> tuple[str, int]:
    return row.host, row.port


def _default(comparison: Comparison) -> str:
    if settings.SCRATCH_SERVER:
        return f"the server of the settings: {label_of(settings.SCRATCH_SERVER)}"
    version = comparison.target.server_version
    major, real = nearest_major(version), version // 10_000
    return f"an embedded PostgreSQL {major}" + (f" (the target is on {real})" if real != major else "")
