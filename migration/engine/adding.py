"""Rows into a table that is in use: none is overwritten, and none comes whose foreign keys are not met.

They come through a table of the session's own, for the session fires no triggers where it may do without.
"""

from dataclasses import dataclass, replace

from psycopg import sql

from migration.engine.carrying import Carriage, column_types
from migration.engine.keys import Key
from migration.engine.overwriting import own_key, refused_orphans
from migration.engine.row_parking import ROWS, ROWS_TABLE, Patient, listed, patient_of
from migration.engine.rows_written import check_written
from migration.engine.sessions import Session
from migration.engine.table_copy import Copied


@dataclass(frozen=True, slots=True, kw_only=True)
class Adding:
    """How rows are added to a table. `own_key` are the target columns that name a row of the source."""

    patient: Patient
    own_key: tuple[str, ...]

    def incoming(self, carriage: Carriage) -> Carriage:
        """The same rows on their way into the session's own table."""
        return replace(carriage, target=ROWS_TABLE)


def adding_to(target: Session, carriage: Carriage, source_key: Key) -> Adding | None:
    """Get ready. None where rows with foreign keys could not be told from one another by the source's key."""
    own = own_key(carriage, source_key)
    columns = [column.name for column in carriage.columns]
    types = column_types(target, carriage.target)
    patient = patient_of(target, carriage.target, columns, own or columns[:1], types)
    return Adding(patient=patient, own_key=own) if own or not patient.references else None


def add_rows(target: Session, adding: Adding, copied: Copied) -> Copied:
    """Take the rows that have come into the table; those whose foreign keys are not met come back as refusals.

    A psycopg.Error is about one of them.
    """
    refusals = refused_orphans(target, adding.patient, adding.own_key)
    columns = listed(adding.patient.columns)
    target.execute(
        sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {}").format(
            adding.patient.name, columns, columns, ROWS
        )
    )
    if adding.own_key:
        check_written(target, adding.patient)
    return replace(copied, refusals=tuple(refusals))
