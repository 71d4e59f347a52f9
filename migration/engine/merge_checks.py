"""What has to hold where several source tables go into one of the target; looked at before anything is written."""

from collections import Counter

from migration.core.spec import RunSpec
from migration.engine.carrying import carriages_of, column_types
from migration.engine.keys import find_key
from migration.engine.owners import common_key, lacks_key
from migration.engine.sessions import Session
from schemadiff.core.errors import Refused


def check_merges(source: Session, target: Session, spec: RunSpec) -> None:
    """Raises Refused naming the table: rows could not be told apart, or would be overwritten by one another's."""
    counts = Counter(entry.target for entry in spec.mapping.tables)
    entries = [entry for entry in spec.mapping.tables if counts[entry.target] > 1]
    for entry in entries:
        where = ".".join(entry.target)
        if not column_types(target, entry.target):
            raise Refused(
                f"The target has no table {where} yet, and takes the rows of several tables in it. Make it first, with "
                "its key."
            )
        if find_key(source, entry.source) is None:
            raise Refused(
                f"{'.'.join(entry.source)} has no primary key and no unique key without NULLs. Its rows go into "
                f"{where} together with those of other tables, and could not be told from them. Give it one. "
                "Nothing was written."
            )
    for carriage in carriages_of(target, entries):
        if not common_key(target, carriage):
            raise Refused(f"{lacks_key(carriage)} Nothing was written.")
    if entries and spec.overwrites:
        named = sorted({".".join(entry.target) for entry in entries})
        raise Refused(
            f"{', '.join(named)}: takes the rows of several tables, so a row of one could overwrite that of another. "
            "Run without overwriting. Nothing was written."
        )
