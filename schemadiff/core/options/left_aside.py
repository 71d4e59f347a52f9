"""What an option leaves aside of the objects that it makes: their owners and grants in the source."""

from collections.abc import Iterable, Iterator

from schemadiff.core.catalog import Catalog
from schemadiff.core.plan import Notice, Statement


def access_left_aside(source: Catalog, statements: Iterable[Statement]) -> Iterator[Notice]:
    """One notice with counts; none where the source has nothing unusual to say of what is made."""
    made = {ref for statement in statements for ref in statement.provides}
    entries = [access for access in source.access if access.ref in made]
    if not entries:
        return
    owners = sum(1 for access in entries if access.owner)
    grants = sum(len(access.grants) + len(access.sequence) for access in entries)
    labels = sum(len(access.labels) for access in entries)
    counts = [(owners, "owner"), (grants, "grant"), (labels, "security label")]
    counted = [f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts if count]
    yield Notice(
        ref=entries[0].ref,
        message=f"Left aside of what is made: {', '.join(counted)}, for the target has roles of its own. It belongs to "
        "whoever runs this, with the target's default privileges; grant what its users need before they come.",
    )
