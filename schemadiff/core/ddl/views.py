"""Views and materialized views."""

from collections.abc import Iterator

from schemadiff.core.catalog import Column, ObjectRef, View
from schemadiff.core.ddl.printed import restored
from schemadiff.core.ddl.references import column_ref, part_ref, relation_word, sql_name
from schemadiff.core.locks import Command, lock_of
from schemadiff.core.plan import Section, Statement


def create_view(view: View) -> Statement:
    return _made(view, "CREATE", Command.CREATE)


def replace_view(source: View) -> Statement:
    """Only where `can_replace_view` says so."""
    return _made(source, "CREATE OR REPLACE", Command.REPLACE_VIEW)


def can_replace_view(source: View, target: View) -> bool:
    """CREATE OR REPLACE VIEW may add columns at the end and change nothing about those that are there."""
    if source.materialized or target.materialized or source.options != target.options:
        return False
    present = [_shape(column) for column in target.columns]
    return present == [_shape(column) for column in source.columns[: len(present)]]


def drop_view(view: View) -> Statement:
    return Statement(
        sql=f"DROP {relation_word(view)} {sql_name(view)}",
        ref=view.ref,
        section=Section.PRE_DATA,
        destroys=frozenset({view.ref, *_parts(view)}),
        lock=lock_of(Command.DROP),
    )


def _made(view: View, verb: str, command: Command) -> Statement:
    options = f" WITH ({', '.join(view.options)})" if view.options else ""
    query = restored(view.definition.strip().removesuffix(";"))
    data = " WITH NO DATA" if view.materialized and not view.populated else ""
    return Statement(
        sql=f"{verb} {relation_word(view)} {sql_name(view)}{options} AS\n{query}{data}",
        ref=view.ref,
        section=Section.POST_DATA,
        provides=frozenset({view.ref, *(column_ref(view, column) for column in view.columns)}),
        lock=lock_of(command),
    )


def _parts(view: View) -> Iterator[ObjectRef]:
    yield from (part_ref(view, part) for part in view.parts)


def _shape(column: Column) -> tuple[str, str, str | None]:
    return column.name, column.type, column.collation
