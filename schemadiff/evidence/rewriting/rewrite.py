"""A query in the target's names: parsed, never searched and replaced. What it gives keeps the source's names."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from schemadiff.core.identifiers import quote
from schemadiff.core.mapping import ColumnPair, PairStatus
from schemadiff.evidence.rewriting.names import KnownTable, Names

_STATEMENTS = (exp.Select, exp.Insert, exp.Update, exp.Delete, exp.Merge)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """`missing`: what the query names and the target has no counterpart for, so that the rewriting is not whole.

    `lost`: what only a `*` would have given. `converted` and `unconfirmed`: of what it uses, pairs whose values are
    made by an expression, and pairs that are only suggested; all as `table.column`, with an arrow to the target's.
    """

    sql: str
    missing: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    converted: tuple[str, ...] = ()
    unconfirmed: tuple[str, ...] = ()

    @property
    def remarks(self) -> tuple[str, ...]:
        """In sentences: what is left for a person to look at."""
        found = {
            "Named, and without a counterpart: {}.": self.missing,
            "Given by * before, and without a counterpart: {}.": self.lost,
            "Filled by an expression, so the values are others: {}.": self.converted,
            "Suggested, and nobody has confirmed it: {}.": self.unconfirmed,
        }
        return tuple(text.format(", ".join(names)) for text, names in found.items() if names)


def rewritten(sql: str, names: Names) -> Rewrite | None:
    """The query for the target. None where it cannot be parsed, or the mapping changes nothing in it."""
    try:
        tree = sqlglot.parse_one(sql, read="postgres")
        if not isinstance(tree, (*_STATEMENTS, exp.SetOperation, exp.Subquery)):
            return None
        work = _Rewriting(names)
        work.bind(tree)
        work.change(tree)
        text = tree.sql(dialect="postgres")
    except (SqlglotError, RecursionError):
        return None
    if not work.changed:
        return None
    return Rewrite(
        sql=text,
        missing=tuple(work.missing),
        lost=tuple(name for name in work.lost if name not in work.missing),
        converted=tuple(work.converted),
        unconfirmed=tuple(work.unconfirmed),
    )


def tables_of(sql: str) -> tuple[str, ...]:
    """The tables that a query names, sorted; empty where it cannot be parsed."""
    try:
        tree = sqlglot.parse_one(sql, read="postgres")
    except (SqlglotError, RecursionError):
        return ()
    inner = {cte.alias for cte in tree.find_all(exp.CTE)}
    found = {
        _name(table.this) for table in tree.find_all(exp.Table) if isinstance(table.this, exp.Identifier)
    }
    return tuple(sorted(found - inner))


@dataclass(slots=True)
class _Rewriting:
    names: Names
    changed: bool = False
    missing: dict[str, None] = field(default_factory=dict)
    lost: dict[str, None] = field(default_factory=dict)
    converted: dict[str, None] = field(default_factory=dict)
    unconfirmed: dict[str, None] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)  # names of tables that columns are given with
    # What each statement's columns can be of, by the name that it has there; None: something that is not a known table.
    _bound: dict[int, dict[str, KnownTable | None]] = field(default_factory=lambda: defaultdict(dict))

    def bind(self, tree: exp.Expr) -> None:
        inner = {cte.alias for cte in tree.find_all(exp.CTE)}
        for table in tree.find_all(exp.Table):
            known = self._known(table, inner)
            self._bound[id(_owner(table))][_alias(table)] = known
            if isinstance(_owner(table), exp.Insert) and table.parent is not _owner(table):
                self._bound[id(_owner(table))]["excluded"] = known
        for derived in tree.find_all(exp.Subquery, exp.Lateral):
            if isinstance(derived.parent, exp.From | exp.Join | exp.Lateral):
                self._bound[id(_owner(derived))][derived.alias] = None

    def change(self, tree: exp.Expr) -> None:
        """Bindings go by the names as they were, so the tables come last."""
        columns = [(column, self._resolved(column)) for column in tree.find_all(exp.Column)]
        for select in list(tree.find_all(exp.Select, exp.Returning)):
            self._spell_out(select)
        for column, known in columns:
            if known is not None:
                self._rename(column, known)
        for insert in tree.find_all(exp.Insert):
            self._written(insert)
        self._used |= {_name(column.args["table"]) for column, _ in columns if column.args.get("table")}
        for table in list(tree.find_all(exp.Table)):
            self._table(table)

    def _known(self, table: exp.Table, inner: set[str]) -> KnownTable | None:
        if not isinstance(table.this, exp.Identifier) or (not table.db and table.name in inner):
            return None
        schema = table.args.get("db")
        return self.names.find(_name(schema) if schema else "", _name(table.this))

    def _resolved(self, column: exp.Column) -> KnownTable | None:
        if isinstance(column.this, exp.Star) or _is_of_the_result(column):
            return None
        name = _name(column.this)
        table = _name(column.args["table"]) if column.args.get("table") else ""
        level = _owner(column)
        while level is not None:
            bound = self._bound.get(id(level), {})
            if table in bound:
                return bound[table]
            if not table:
                found = next((known for known in bound.values() if known and name in known.columns), None)
                if found is not None or None in bound.values():
                    return found
            level = _owner(level)
        return None

    def _rename(self, column: exp.Column, known: KnownTable) -> None:
        before = _name(column.this)
        pair = self._pair(known, before, self.missing)
        if pair is None or pair.target == before:
            return
        column.set("this", _identifier(pair.target))
        self.changed = True
        if isinstance(column.parent, exp.Select | exp.Returning) and column.arg_key == "expressions":
            column.replace(exp.alias_(column.copy(), _identifier(before)))

    def _pair(self, known: KnownTable, name: str, missing: dict[str, None]) -> ColumnPair | None:
        place = f"{known.source[1]}.{name}"
        pair = known.pairs.get(name)
        if pair is None:
            missing[place if known.target else known.source[1]] = None
            return None
        if pair.expression is not None:
            self.converted[f"{place} → {pair.target}"] = None
        if pair.status is PairStatus.SUGGESTED:
            self.unconfirmed[f"{place} → {pair.target}"] = None
        return pair

    def _spell_out(self, select: exp.Expr) -> None:
        """In the place of `*` what the source's columns became, under their own names."""
        spelled: list[exp.Expr] = []
        bound = self._bound.get(id(select if isinstance(select, exp.Select) else _owner(select)), {})
        for item in select.expressions:
            is_star = isinstance(item, exp.Star)
            of_one = isinstance(item, exp.Column) and isinstance(item.this, exp.Star)
            tables = {_name(item.args["table"])} if of_one else set(bound) - {"excluded"}
            known = [(alias, bound.get(alias)) for alias in bound if alias in tables]
            if not (is_star or of_one) or not known or any(table is None for _, table in known):
                spelled.append(item)
                continue
            for alias, table in known:
                spelled += self._all_of(alias if of_one or len(known) > 1 else "", table)
        if spelled != list(select.expressions):
            select.set("expressions", spelled)

    def _all_of(self, alias: str, known: KnownTable | None) -> Iterable[exp.Expr]:
        for name in known.columns if known else ():
            pair = self._pair(known, name, self.lost) if known else None
            if pair is None:
                continue
            self.changed = True
            self._used |= {alias} - {""}
            column = exp.column(_identifier(pair.target), table=_identifier(alias) if alias else None)
            yield column if pair.target == name else exp.alias_(column, _identifier(name))

    def _written(self, insert: exp.Insert) -> None:
        """The list of columns of an INSERT."""
        schema = insert.this
        if not isinstance(schema, exp.Schema) or not isinstance(schema.this, exp.Table):
            return
        known = self._bound.get(id(insert), {}).get(_alias(schema.this))
        for item in list(schema.expressions) if known else ():
            pair = (
                self._pair(known, _name(item), self.missing)
                if known and isinstance(item, exp.Identifier)
                else None
            )
            if pair is not None and pair.target != _name(item):
                item.replace(_identifier(pair.target))
                self.changed = True

    def _table(self, table: exp.Table) -> None:
        known = self._bound.get(id(_owner(table)), {}).get(_alias(table))
        if known is None:
            return
        if known.target is None:
            self.missing[known.source[1]] = None
            return
        if known.target == known.source:
            return
        before = _alias(table)
        if table.args.get("db") or known.target[0] not in self.names.path:
            table.set("db", _identifier(known.target[0]))
        if known.target[1] != known.source[1]:
            table.set("this", _identifier(known.target[1]))
            if not table.alias and before in self._used:
                table.set("alias", exp.TableAlias(this=_identifier(before)))
        self.changed = True


def _owner(node: exp.Expr) -> exp.Expr | None:
    """The statement that a part belongs to."""
    return node.find_ancestor(*_STATEMENTS)


def _alias(table: exp.Table) -> str:
    alias = table.args.get("alias")
    inner = alias.this if isinstance(alias, exp.TableAlias) and alias.this is not None else table.this
    return _name(inner)


def _name(node: object) -> str:
    """As PostgreSQL reads it: in lower case unless it is quoted."""
    if not isinstance(node, exp.Identifier):
        return str(getattr(node, "name", ""))
    return str(node.this) if node.args.get("quoted") else str(node.this).lower()


def _identifier(name: str) -> exp.Identifier:
    return exp.to_identifier(name, quoted=quote(name) != name)


def _is_of_the_result(column: exp.Column) -> bool:
    """ORDER BY prefers the names of the result."""
    if column.args.get("table") or column.find_ancestor(exp.Order, *_STATEMENTS) is _owner(column):
        return False
    owner = _owner(column)
    return isinstance(owner, exp.Select) and column.name in {
        item.alias for item in owner.expressions if isinstance(item, exp.Alias)
    }
