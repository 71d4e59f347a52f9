"""The statements about types and collations: dropped, or put aside until nothing uses them any more.

A base type and the functions that read and write its values need one another, and so do a range type and its
canonical function: a shell comes first, then the functions, then the type; they go together.
"""

from collections.abc import Iterator
from dataclasses import replace

from schemadiff.core.catalog import (
    Column,
    CompositeType,
    DefinedObject,
    Domain,
    Function,
    Kind,
    ObjectRef,
    Table,
    UserType,
)
from schemadiff.core.ddl import composites, defined, domains, replaced_types, types
from schemadiff.core.ddl.references import replaced_ref, shell_ref, sql_name
from schemadiff.core.decisions import IN_EXPRESSIONS, Decisions
from schemadiff.core.inventory import Inventory, Item, Value
from schemadiff.core.plan import Statement
from schemadiff.core.replaceable import Replaceable, is_replaceable

_IN_CIRCLES = (Kind.BASE_TYPE, Kind.RANGE)


class TypeSteps:
    """For objects of a source and a target about which all is decided."""

    def __init__(self, source: Inventory, target: Inventory, decisions: Decisions) -> None:
        self._source, self._target, self._decisions = source, target, decisions
        self._made_for = _functions_in_circles(source)
        self._gone_with = _functions_in_circles(target)

    def goes_along(self, function: ObjectRef) -> bool:
        """Whether the function is of a type that goes, and takes it along."""
        return any(self._decisions.goes(type_) for type_ in self._gone_with.get(function, ()))

    def needs(self, item: Item) -> frozenset[ObjectRef]:
        """What the item waits for: a function in a circle for the shell only."""
        types_ = self._made_for.get(item.ref, frozenset())
        return frozenset(shell_ref(need) if need in types_ else need for need in item.needs)

    def shell(self, item: Item) -> Iterator[Statement]:
        """The type's name, for the functions that it needs."""
        if any(item.ref in types_ for types_ in self._made_for.values()):
            statement = replaced_types.create_shell(_replaceable(item.value))
            yield replace(statement, requires=self._schema(item))

    def creations(self, item: Item) -> Iterator[Statement]:
        value, put_aside = item.value, self._target.get(item.ref)
        assert isinstance(value, UserType)
        if isinstance(value, Domain) and put_aside and isinstance(put_aside.value, Domain):
            value = domains.beside(value, put_aside.value)
        yield from types.create_type(value)

    def down(self, item: Item) -> Iterator[Statement]:
        """All of a type's own functions go along."""
        value = _replaceable(item.value)
        along = frozenset(ref for ref, types_ in self._gone_with.items() if item.ref in types_)
        needs = item.needs.union(*(self._target[ref].needs for ref in along)) - along - {item.ref}
        if self._decisions.comes(item.ref):
            stripped = self._in_expressions_that_go(value, needs)
            if stripped and isinstance(value, Domain):
                yield from self._stripped(value, stripped)
                needs -= stripped
            functions = [self._target[ref].value for ref in sorted(along)]
            made_aside = replaced_types.put_aside(
                value, tuple(each for each in functions if isinstance(each, Function))
            )
            for statement in made_aside:
                yield replace(
                    statement, destroys=statement.destroys | along, releases=statement.releases | needs
                )
            yield self._drop_replaced(value, needs, bool(along))
            yield from self._holder(item)
            return
        for statement in _drops(value):
            sql = f"{statement.sql} CASCADE" if along else statement.sql
            yield replace(
                statement,
                sql=sql,
                destroys=statement.destroys | along,
                releases=statement.releases | frozenset(map(self._as_it_was, needs)),
            )

    def _as_it_was(self, ref: ObjectRef) -> ObjectRef:
        """A type that is replaced may leave its name to its successor before what is made of it goes."""
        value = self._target[ref].value if ref in self._target else None
        return replaced_ref(value) if is_replaceable(value) and self._decisions.comes(ref) else ref

    def _in_expressions_that_go(
        self, value: Replaceable, needs: frozenset[ObjectRef]
    ) -> frozenset[ObjectRef]:
        """What a domain's default and checks use, where any of it goes or loses an attribute: it may not wait for the
        domain's columns, for a function of the same name may come meanwhile."""
        if not isinstance(value, Domain):
            return frozenset()
        used = frozenset(need for need in needs if need.kind in IN_EXPRESSIONS)
        changed = frozenset(filter(self._decisions.loses_attributes, needs))
        return used | changed if changed or any(map(self._decisions.goes, used)) else frozenset()

    def _stripped(self, domain: Domain, used: frozenset[ObjectRef]) -> Iterator[Statement]:
        for statement in domains.strip(domain):
            yield replace(
                statement,
                provides=frozenset(),
                destroys=frozenset(),
                releases=used | {domain.ref},
            )

    def _holder(self, item: Item) -> Iterator[Statement]:
        """For the arrays of a composite type whose attributes move."""
        wanted, present = self._source[item.ref].value, item.value
        if not isinstance(wanted, CompositeType) or not isinstance(present, CompositeType):
            return
        arrays = frozenset(
            ref
            for ref in self._target.users(item.ref)
            if ref.kind is Kind.COLUMN and self._moves_array(ref, f"{sql_name(wanted)}[]")
        )
        if arrays and composites.needs_holder(wanted, present):
            yield composites.create_holder(wanted)
            yield composites.drop_holder(wanted, arrays)

    def _moves_array(self, column: ObjectRef, type_: str) -> bool:
        wanted, present = self._source.get(column), self._target[column]
        if wanted is None or self._decisions.goes(column) or not isinstance(present.owner, Table):
            return False
        values = (wanted.value, present.value)
        return all(isinstance(value, Column) and value.type == type_ for value in values)

    def _drop_replaced(self, value: Replaceable, needs: frozenset[ObjectRef], cascade: bool) -> Statement:
        old = frozenset(map(self._as_it_was, needs)) - needs
        gone = frozenset(
            need for need in needs if self._decisions.goes(need) and not self._decisions.comes(need)
        )
        statement = replaced_types.drop_replaced(value)
        sql = f"{statement.sql} CASCADE" if cascade else statement.sql
        lost = composites.losses(self._source[value.ref].value, value)
        return replace(statement, sql=sql, releases=old | gone, hazards=(*statement.hazards, *lost))

    def _schema(self, item: Item) -> frozenset[ObjectRef]:
        return frozenset(need for need in item.needs if need.kind is Kind.SCHEMA)


def _drops(value: Replaceable) -> Iterator[Statement]:
    if isinstance(value, DefinedObject):
        yield from defined.drop(value)
    else:
        yield types.drop_type(value)


def _replaceable(value: Value) -> Replaceable:
    assert is_replaceable(value)
    return value


def _functions_in_circles(inventory: Inventory) -> dict[ObjectRef, frozenset[ObjectRef]]:
    """By function: the types that need it and that it needs."""
    found: dict[ObjectRef, frozenset[ObjectRef]] = {}
    for ref in inventory:
        if ref.kind in _IN_CIRCLES:
            for need in inventory[ref].needs:
                function = inventory.get(need)
                if function and need.kind is Kind.FUNCTION and ref in function.needs:
                    found[need] = found.get(need, frozenset()) | {ref}
    return found
