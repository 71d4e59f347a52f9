"""The SQL that brings one changed row of the source into the target: the mapping, worked out over the row's values.

A value comes as text and is first made what it is on the source; then the copy's own expressions are worked out over
it, in the target. So a row that was changed becomes what the copy would have made of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from migration.engine.carrying import Carriage, CarriedColumn, TargetType, column_types
from migration.engine.keys import find_key
from migration.engine.row_parking import fixed_columns
from migration.engine.sessions import Session
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import TableMapping
from schemadiff.core.sql_guard import columns_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RowStatements:
    """For one table. `sources` are the source columns that the mapping reads, in the order of the parameters."""

    carriage: Carriage
    sources: tuple[str, ...]
    types: dict[str, str]  # of the source columns, as the target knows them
    needs: dict[str, frozenset[str]]  # source columns of each target column
    key: tuple[str, ...]  # target columns by which the target tells its rows apart
    identity: tuple[str, ...]  # source columns that make those
    fixed: frozenset[str]  # that no UPDATE may set
    kept: Mapping[str, str] = field(default_factory=dict)  # as ways.Way.kept, of this table

    def upsert(self) -> sql.Composed:
        """Parameters: `sources`."""
        names = [column.name for column in self.carriage.columns]
        settable = [name for name in names if name not in self.key and name not in self.fixed]
        doing: sql.Composable = sql.SQL("NOTHING")
        if settable:
            doing = sql.SQL("UPDATE SET {}").format(
                _listed(self._setting(name, "excluded") for name in settable)
            )
        return sql.SQL(
            "INSERT INTO {table} AS t ({columns}) OVERRIDING SYSTEM VALUE {rows} ON CONFLICT ({key}) DO {doing}"
        ).format(
            table=self._table,
            columns=_listed(map(sql.Identifier, names)),
            rows=self._landed(names, self.sources, 1),
            key=_listed(map(sql.Identifier, self.key)),
            doing=doing,
        )

    def update(self, unchanged: frozenset[str], former_key: bool = False) -> sql.Composed | None:
        """Of what depends on no column that is `unchanged`. Parameters: the other `sources`, and then `identity`
        as it was, where the key was another before. None where nothing is left to be set.
        """
        given = [name for name in self.sources if name not in unchanged]
        wanted = [
            column.name
            for column in self.carriage.columns
            if not self.needs[column.name] & unchanged
            and column.name not in self.fixed
            and (former_key or column.name not in self.key)
        ]
        if not wanted:
            return None
        landed = sorted({*wanted, *self.key}, key=self._place)
        named = "o" if former_key else "n"
        rows = sql.SQL("({}) AS n").format(self._landed(landed, given, 1))
        if former_key:
            former = self._landed(self.key, self.identity, len(given) + 1)
            rows = sql.SQL("{}, ({}) AS o").format(rows, former)
        return sql.SQL("UPDATE {table} AS t SET {set} FROM {rows} WHERE {same}").format(
            table=self._table,
            set=_listed(self._setting(name, "n") for name in wanted),
            rows=rows,
            same=self._same(named),
        )

    def delete(self) -> sql.Composed:
        """Parameters: `identity`."""
        return sql.SQL("DELETE FROM {table} AS t USING ({rows}) AS n WHERE {same}").format(
            table=self._table, rows=self._landed(self.key, self.identity, 1), same=self._same("n")
        )

    def is_whole_without(self, unchanged: frozenset[str]) -> bool:
        """Can every target column be set, or left as it is, where these source columns are not known?"""
        return all(not need & unchanged or need <= unchanged for need in self.needs.values())

    @property
    def _table(self) -> sql.Identifier:
        return sql.Identifier(*self.carriage.target)

    def _setting(self, name: str, given: str) -> sql.Composed:
        """To the new value, out of `given`; or as it is, where that says no more than what is there."""
        value: sql.Composable = sql.Identifier(given, name)
        if name in self.kept:
            value = sql.SQL(
                "CASE WHEN {there} IS NOT DISTINCT FROM {here} THEN {former} ELSE {value} END"
            ).format(
                there=self._made_of("t", name),
                here=self._made_of(given, name),
                former=sql.Identifier("t", name),
                value=value,
            )
        return sql.SQL("{} = {}").format(sql.Identifier(name), value)

    def _made_of(self, given: str, name: str) -> sql.Composed:
        return sql.SQL("(SELECT ({made}\n)::text FROM (SELECT {value} AS {name}) AS {table})").format(
            made=sql.SQL(self.kept[name]),
            value=sql.Identifier(given, name),
            name=sql.Identifier(name),
            table=sql.Identifier(self.carriage.target[1]),
        )

    def _place(self, name: str) -> int:
        return next(n for n, column in enumerate(self.carriage.columns) if column.name == name)

    def _same(self, alias: str) -> sql.Composable:
        return sql.SQL(" AND ").join(
            sql.SQL("t.{} = {}").format(sql.Identifier(name), sql.Identifier(alias, name))
            for name in self.key
        )

    def _landed(self, names: Sequence[str], given: Sequence[str], first: int) -> sql.Composed:
        """A query of one row: these target columns, out of the given source columns' values."""
        values = (
            sql.SQL("{} AS {}").format(landed(column), sql.Identifier(column.name))
            for column in self.carriage.columns
            if column.name in names
        )
        row = (
            sql.SQL("CAST({} AS {}) AS {}").format(
                sql.SQL(f"${place}"), sql.SQL(self.types[name]), sql.Identifier(name)
            )
            for place, name in enumerate(given, first)
        )
        return sql.SQL("SELECT {} FROM (SELECT {}) AS {}").format(
            _listed(values), _listed(row), sql.Identifier(self.carriage.source[1])
        )


def statements_of(
    source: Session,
    target: Session,
    carriage: Carriage,
    entry: TableMapping,
    identity: Sequence[str],
    kept: Mapping[str, str] | None = None,
) -> RowStatements:
    """Raises Refused naming the table or column that cannot be followed."""
    needs = {
        pair.target: frozenset(
            {pair.source or ""} if pair.expression is None else columns_of(pair.expression)
        )
        for pair in entry.accepted()
    }
    carried = {column.name: needs[column.name] for column in carriage.columns}
    types = {each.column: each for each in column_types(source, carriage.source)}
    # Where nothing is said by the identity alone, all columns are in the log.
    known = frozenset(identity) if identity else frozenset(types)
    key = _key(target, carriage, carried, known)
    used = frozenset().union(*carried.values()) & types.keys()
    statements = RowStatements(
        carriage=carriage,
        sources=tuple(name for name in types if name in used),
        types={name: _type_name(target, types[name]) for name in used},
        needs=carried,
        key=key,
        identity=tuple(name for name in types if any(name in carried[column] for column in key)),
        fixed=frozenset(fixed_columns(target, carriage.target)),
        kept={name: each for name, each in (kept or {}).items() if name in carried},
    )
    _refuse_what_stays(statements)
    _check(target, statements)
    return statements


def landed(column: CarriedColumn) -> sql.Composable:
    """The value as the target's column takes it: what the copy makes of it, and then what COPY would do."""
    if column.type.kind == "e" or not column.type.in_both:
        return sql.SQL("(({})::text)::{}").format(column.copied, sql.SQL(column.type.full))
    return column.copied


def _key(
    target: Session, carriage: Carriage, needs: dict[str, frozenset[str]], known: frozenset[str]
) -> tuple[str, ...]:
    """The target columns that the changes of the log can name."""
    named = [name for name, need in needs.items() if need <= known]
    key = find_key(target, carriage.target, named)
    if key is None:
        raise Refused(
            f"{'.'.join(carriage.target)} has no unique key among the columns that are made of the key of "
            f"{'.'.join(carriage.source)}, so a changed row cannot be found in it. Give it one, or leave the "
            "table out with --tables."
        )
    return key.columns


def _type_name(target: Session, own: TargetType) -> str:
    """By which the target reads a value that the source wrote as text."""
    if own.in_both and own.kind != "e":
        return own.full
    row = target.execute("SELECT to_regtype(%s) IS NOT NULL", [own.full]).fetchone()
    return own.full if own.kind != "e" and row and row[0] else "text"


def _refuse_what_stays(statements: RowStatements) -> None:
    stays = statements.fixed & statements.needs.keys() - set(statements.key)
    if stays:
        raise Refused(
            f"{'.'.join(statements.carriage.target)}: {', '.join(sorted(stays))} is GENERATED ALWAYS AS IDENTITY and "
            "no key, so no change of it could be followed. Leave it out of the mapping, or ALTER it to GENERATED BY "
            "DEFAULT."
        )


def _check(target: Session, statements: RowStatements) -> None:
    """Does the target understand it all? Raises Refused naming the column that it does not."""
    if _understands(target, statements.upsert()) is None:
        return
    where = ".".join(statements.carriage.target)
    for column in statements.carriage.columns:
        alone = statements._landed([column.name], statements.sources, 1)
        if said := _understands(target, alone):
            raise Refused(
                f"{where}: what fills the column {column.name} is not understood by the target ({said}). While the "
                "source is followed the target works it out. Give the target what is missing, write the expression "
                "with what both sides have, or run without following."
            )
    raise Refused(f"{where} cannot be followed: {_understands(target, statements.upsert())}.")


def _understands(target: Session, statement: sql.Composed) -> str | None:
    """None, or what the server said against it. Nothing is carried out."""
    try:
        with target.transaction():
            target.execute("SET LOCAL search_path = pg_catalog")
            result = target.pgconn.prepare(b"", statement.as_bytes(target))
            if result.error_message:
                raise psycopg.errors.error_from_result(result)
    except psycopg.errors.Error as exc:
        if exc.sqlstate is None or not exc.sqlstate.startswith("42"):
            raise
        return exc.diag.message_primary or exc.sqlstate
    return None


def _listed(parts: Iterable[sql.Composable]) -> sql.Composed:
    return sql.SQL(", ").join(parts)
