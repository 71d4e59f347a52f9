"""Views and materialized views."""

from collections.abc import Iterator
from dataclasses import replace

from schemadiff.core.catalog import Column, ObjectRef, View
from schemadiff.core.ddl.printed import restored
from schemadiff.core.ddl.references import column_ref, default_ref, part_ref, relation_word, sql_name
from schemadiff.core.ddl.storage import in_order, set_column_storage, set_view_options
from schemadiff.core.identifiers import quote
from schemadiff.core.locks import Command, lock_of
from schemadiff.core.plan import Duration, Section, Statement


def create_view(view: View) -> Statement:
    return _made(view, "CREATE", Command.CREATE)


def alter_view(source: View, target: View) -> Iterator[Statement]:
    """Only where `can_alter_view` says so."""
    if _query(source) != _query(target):
        yield _made(source, "CREATE OR REPLACE", Command.REPLACE_VIEW)
    else:
        yield from set_view_options(source, target)
        if source.access_method != target.access_method:
            yield _set_access_method(source)
    if source.materialized and source.populated and not target.populated:
        yield _refresh(source)


def can_alter_view(source: View, target: View) -> bool:
    """CREATE OR REPLACE VIEW may add columns at the end and change nothing about those that are there."""
    if source.materialized != target.materialized:
        return False
    if _query(source) == _query(target):
        return True
    present = [_shape(column) for column in target.columns]
    return not source.materialized and present == [
        _shape(column) for column in source.columns[: len(present)]
    ]


def is_same_view(source: View, target: View) -> bool:
    """Comments and parts aside. Rows that only the target's materialized view holds may stay."""
    is_filled = target.populated or not source.populated
    same = (source.materialized, source.options, source.access_method) == (
        target.materialized,
        target.options,
        target.access_method,
    )
    return same and _query(source) == _query(target) and (is_filled or not source.materialized)


def alter_column(view: View, source: Column, target: Column) -> Iterator[Statement]:
    """What is said of the column apart from the query."""
    if source.default is not None and source.default != target.default:
        yield set_column_default(view, source)
    elif source.default is None and target.default is not None:
        yield drop_column_default(view, target)
    yield from set_column_storage(view, source, target)


def set_column_default(view: View, source: Column) -> Statement:
    """What INSERT into the view writes where it names no value."""
    return _on_default(view, source, f"SET DEFAULT {restored(source.default or 'NULL')}")


def drop_column_default(view: View, target: Column) -> Statement:
    statement = _on_default(view, target, "DROP DEFAULT")
    ref = column_ref(view, target)
    return replace(
        statement, section=Section.PRE_DATA, provides=frozenset(), destroys=frozenset({default_ref(ref)})
    )


def drop_view(view: View) -> Statement:
    return Statement(
        sql=f"DROP {relation_word(view)} {sql_name(view)}",
        ref=view.ref,
        section=Section.PRE_DATA,
        destroys=frozenset({view.ref, *_parts(view)}),
        lock=lock_of(Command.DROP),
    )


def _made(view: View, verb: str, command: Command) -> Statement:
    options = f" WITH ({', '.join(in_order(view))})" if view.options else ""
    method = f" USING {quote(view.access_method)}" if view.access_method else ""
    query = restored(view.definition.strip().removesuffix(";"))
    place = f" TABLESPACE {quote(view.tablespace)}" if view.tablespace else ""
    data = " WITH NO DATA" if view.materialized and not view.populated else ""
    return Statement(
        sql=f"{verb} {relation_word(view)} {sql_name(view)}{method}{options}{place} AS\n{query}{data}",
        ref=view.ref,
        section=Section.POST_DATA,
        provides=frozenset({view.ref, *(column_ref(view, column) for column in view.columns)}),
        lock=lock_of(command),
        duration=Duration.RUNS_QUERY if view.materialized and view.populated else Duration.INSTANT,
    )


def _refresh(view: View) -> Statement:
    """As the source's, it holds rows."""
    return Statement(
        sql=f"REFRESH MATERIALIZED VIEW {sql_name(view)}",
        ref=view.ref,
        section=Section.POST_DATA,
        requires=frozenset({view.ref}),
        lock=lock_of(Command.REPLACE_VIEW),
        duration=Duration.RUNS_QUERY,
    )


def _set_access_method(view: View) -> Statement:
    return Statement(
        sql=f"ALTER MATERIALIZED VIEW {sql_name(view)} SET ACCESS METHOD {quote(view.access_method or 'heap')}",
        ref=view.ref,
        section=Section.POST_DATA,
        requires=frozenset({view.ref}),
        lock=lock_of(Command.ALTER_TABLE),
        duration=Duration.REWRITES_ROWS,
    )


def _on_default(view: View, column: Column, action: str) -> Statement:
    ref = column_ref(view, column)
    return Statement(
        sql=f"ALTER VIEW {sql_name(view)} ALTER COLUMN {quote(column.name)} {action}",
        ref=ref,
        section=Section.POST_DATA,
        provides=frozenset({default_ref(ref)}),
        requires=frozenset({view.ref}),
        lock=lock_of(Command.REPLACE_VIEW),
    )


def _query(view: View) -> tuple[object, ...]:
    return view.definition, tuple(map(_shape, view.columns))


def _parts(view: View) -> Iterator[ObjectRef]:
    yield from (part_ref(view, part) for part in view.parts)


def _shape(column: Column) -> tuple[str, str, str | None]:
    return column.name, column.type, column.collation
